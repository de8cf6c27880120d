"""The rating law (等级评定规则): schemes as data, computed exactly, with reasons and hashes. Pure.

scheme = load(text)                 read, compile and lint one edition; SchemeRejected names every fault
result = evaluate(scheme, case)     level, value, unmet demands, trace, hashes
ways_up(scheme, result)             the cheapest items for each higher level
with_cuts(scheme, cases, group_of)  cut points for ratings by rank within a group
publication(scheme)                 whether results under it may be published, and what is in the way
"""

from app.ratings.rules.case import (
    Answer,
    Case,
    InputFault,
    Overruling,
    Sheet,
    inputs_sha,
    read_answer,
    read_fact,
    read_facts,
    read_records,
)
from app.ratings.rules.evaluate import Result, State, TraceLine, Unmet, evaluate
from app.ratings.rules.expressions import Value
from app.ratings.rules.faults import Fault, SchemeRejected, Stops
from app.ratings.rules.groups import cut_points, with_cuts
from app.ratings.rules.library import pick, shelf, shipped
from app.ratings.rules.numbers import exact, round_half_up, shown, written
from app.ratings.rules.panel import Scored
from app.ratings.rules.scheme import Publication, Scheme, examine, load, placeholders, publication
from app.ratings.rules.shape import Confidence, Item, SchemeShape, Status
from app.ratings.rules.ways import Change, Way, ways_up

__all__ = [
    "Answer",
    "Case",
    "Change",
    "Confidence",
    "Fault",
    "InputFault",
    "Item",
    "Overruling",
    "Publication",
    "Result",
    "Scheme",
    "SchemeRejected",
    "SchemeShape",
    "Scored",
    "Sheet",
    "State",
    "Status",
    "Stops",
    "TraceLine",
    "Unmet",
    "Value",
    "Way",
    "cut_points",
    "evaluate",
    "exact",
    "examine",
    "inputs_sha",
    "load",
    "pick",
    "placeholders",
    "publication",
    "read_answer",
    "read_fact",
    "read_facts",
    "read_records",
    "round_half_up",
    "shelf",
    "shipped",
    "shown",
    "ways_up",
    "with_cuts",
    "written",
]  # fmt: skip

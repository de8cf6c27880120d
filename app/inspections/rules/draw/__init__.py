"""The verifiable double-random draw (双随机抽取), format YLDRAW1: pure, standard library only.

Read in this order: values (what there is), codec and writing (the files), tickets, select (which homes), flow and assign
(who goes), recompute (all of it), events (afterwards), sources (public values). Specification for the public:
docs/draw-yldraw1.md; a second, independent program: app/static/draw/checker.html.
"""

from app.inspections.rules.draw.codec import decode
from app.inspections.rules.draw.events import (
    Ground,
    InspectorReason,
    Standing,
    SubjectReason,
    begin,
    replace_inspector,
    replace_subject,
    replay,
    top_up,
)
from app.inspections.rules.draw.recompute import compute
from app.inspections.rules.draw.select import strata_counts
from app.inspections.rules.draw.sources import GAMES, Entry, agree, canonical, secret_commitment
from app.inspections.rules.draw.tickets import commitment
from app.inspections.rules.draw.values import (
    EVENTS_FILE,
    INPUT_FILES,
    RESULT_FILE,
    DrawInputError,
    Infeasible,
    InputRule,
    Inspector,
    Mode,
    Place,
    Plan,
    Recusal,
    Result,
    Seat,
    SeedInput,
    Status,
    Stratum,
    StratumCount,
    Subject,
    Task,
)
from app.inspections.rules.draw.writing import (
    freeze_text,
    inspectors_text,
    plan_text,
    recusals_text,
    seed_text,
    subjects_text,
)

__all__ = [
    "EVENTS_FILE",
    "GAMES",
    "INPUT_FILES",
    "RESULT_FILE",
    "DrawInputError",
    "Entry",
    "Ground",
    "Infeasible",
    "InputRule",
    "Inspector",
    "InspectorReason",
    "Mode",
    "Place",
    "Plan",
    "Recusal",
    "Result",
    "Seat",
    "SeedInput",
    "Standing",
    "Status",
    "Stratum",
    "StratumCount",
    "Subject",
    "SubjectReason",
    "Task",
    "agree",
    "begin",
    "canonical",
    "commitment",
    "compute",
    "decode",
    "freeze_text",
    "inspectors_text",
    "plan_text",
    "recusals_text",
    "replace_inspector",
    "replace_subject",
    "replay",
    "secret_commitment",
    "seed_text",
    "strata_counts",
    "subjects_text",
    "top_up",
]

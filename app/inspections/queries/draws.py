"""Questions about lists, plans and draws (名录库、抽查计划查询)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import Select, exists, or_, select
from sqlalchemy.orm import contains_eager, joinedload

from app.accounts.models import Account
from app.core.actor import SYSTEM, Actor
from app.core.db import db
from app.core.refusal import Refused
from app.core.scope import find, reach, subtree, visible
from app.inspections.models import (
    DrawEscrow,
    DrawEvent,
    DrawMark,
    DrawPlan,
    DrawRequest,
    DrawSeedEntry,
    InspectionObject,
    InspectorEntry,
    InspectorRecusal,
)
from app.inspections.rules import draw
from app.inspections.rules.draw import Entry, InputRule, Seat, SeedInput
from app.inspections.rules.draw.codec import parse_plan, parse_subjects
from app.inspections.rules.plan import (
    BEFORE_FREEZE,
    MarkReason,
    PlanReach,
    PlanState,
    RequestKind,
    RequestState,
    StratumRule,
    rule_values,
    source_name,
)
from app.providers.models import Site
from app.providers.rules import SiteState, Tier
from app.regions import queries as regions
from app.regions.models import Authority

PUBLIC_AT_FREEZE = ("plan.txt", "freeze.txt")
FROZEN_FILES = ("plan.txt", "subjects.txt", "inspectors.txt", "recusals.txt", "freeze.txt")


# --- lists ------------------------------------------------------------------------------------------------------------


def objects(*, seen_by: Actor) -> Select[InspectionObject]:
    """The list of sites that the actor reaches (检查对象名录库)."""
    return visible(InspectionObject, to=seen_by)


def inspectors(*, seen_by: Actor) -> Select[InspectorEntry]:
    """The list of inspectors that the actor reaches (检查人员名录库), with their accounts."""
    return visible(InspectorEntry, to=seen_by).options(joinedload(InspectorEntry.account))


def inspectors_on_duty(*, seen_by: Actor) -> Sequence[InspectorEntry]:
    """The active entries that the actor reaches (在岗检查人员), by their numbers."""
    query = inspectors(seen_by=seen_by).where(InspectorEntry.active)
    return db.session.scalars(query.order_by(InspectorEntry.code)).all()


def inspector(inspector_id: UUID, *, seen_by: Actor, lock: bool = False) -> InspectorEntry:
    """One inspector on the list."""
    return find(InspectorEntry, inspector_id, seen_by=seen_by, lock=lock)


def own_entries(*, seen_by: Actor) -> Sequence[InspectorEntry]:
    """The actor's own entries (本人的名录登记), on whichever authority's list."""
    query = select(InspectorEntry).where(InspectorEntry.account_id == seen_by.id, InspectorEntry.active)
    return db.session.scalars(query.order_by(InspectorEntry.code)).all()


def object_near(draw_id: str, entry: InspectorEntry) -> InspectionObject | None:
    """A listed site of an inspector's area by its draw id (按抽取编号查对象)."""
    query = select(InspectionObject).where(
        InspectionObject.draw_id == draw_id.strip(), subtree(InspectionObject.scope_path, entry.scope_path)
    )
    return db.session.scalars(query).one_or_none()


def objects_near(entry: InspectorEntry, words: str, limit: int = 20) -> Sequence[InspectionObject]:
    """Listed sites of an inspector's area whose name holds `words` (按名称查对象): what he may need to recuse himself from."""
    query = select(InspectionObject).where(
        InspectionObject.name.contains(words, autoescape=True),
        InspectionObject.struck_on.is_(None),
        subtree(InspectionObject.scope_path, entry.scope_path),
    )
    return db.session.scalars(query.order_by(InspectionObject.name).limit(limit)).all()


def recusals(*, seen_by: Actor) -> Select[InspectorRecusal]:
    """Recusals that the actor reaches (回避登记), ended ones too."""
    return visible(InspectorRecusal, to=seen_by).options(
        joinedload(InspectorRecusal.inspector).joinedload(InspectorEntry.account), joinedload(InspectorRecusal.object)
    )


def own_recusals(*, seen_by: Actor) -> Sequence[InspectorRecusal]:
    """The actor's own recusals (本人的回避申明), newest first."""
    query = select(InspectorRecusal).where(InspectorRecusal.account_id == seen_by.id)
    return db.session.scalars(
        query.options(joinedload(InspectorRecusal.object)).order_by(InspectorRecusal.declared_at.desc())
    ).all()


# --- plans ------------------------------------------------------------------------------------------------------------


def plans(*, seen_by: Actor) -> Select[DrawPlan]:
    """The plans that the actor reaches (抽查计划), with their authorities."""
    return visible(DrawPlan, to=seen_by).options(joinedload(DrawPlan.authority))


def plan(plan_id: UUID, *, seen_by: Actor, lock: bool = False) -> DrawPlan:
    """One plan."""
    return find(DrawPlan, plan_id, seen_by=seen_by, lock=lock)


def strata_of(row: DrawPlan) -> tuple[StratumRule, ...]:
    """The strata of a plan (分层规则)."""
    return tuple(StratumRule(**stored) for stored in row.strata)


def seats_of(row: DrawPlan) -> tuple[Seat, ...]:
    """The seats of a plan's teams (小组席位)."""
    return tuple(Seat(stored["team"], stored["number"], tuple(stored["need"])) for stored in row.seats)


def inputs_of(row: DrawPlan) -> tuple[InputRule, ...]:
    """The public values that a plan names (公开值规则)."""
    return tuple(InputRule(stored["number"], stored["source"], stored["rule"]) for stored in row.inputs)


def strata_from_pack(path: str, on: date) -> tuple[StratumRule, ...]:
    """The four tiers with the rates set for a place (分层比例), each with its source; a missing rate is refused by name."""
    found = [(tier.value, regions.setting(path, f"sampling.rate_{tier.value.lower()}", on)) for tier in Tier]
    return tuple(
        StratumRule(token, claim.value if isinstance(claim.value, int) else 0, source=claim.source) for token, claim in found
    )


def marks_of(row: DrawPlan) -> Sequence[DrawMark]:
    """Sites marked must or out in a plan (必查、剔除), in order of their names."""
    query = (
        select(DrawMark)
        .join(DrawMark.object)
        .where(DrawMark.plan_id == row.id, DrawMark.removed_at.is_(None))
        .options(contains_eager(DrawMark.object))
        .order_by(InspectionObject.name)
    )
    return db.session.scalars(query).all()


def objects_of(row: DrawPlan) -> Sequence[InspectionObject]:
    """The listed sites that a plan would freeze now (拟封存对象): by range and kind; a supplementary plan takes the new ones."""
    query = (
        select(InspectionObject)
        .join(InspectionObject.site)
        .where(
            InspectionObject.struck_on.is_(None),
            subtree(InspectionObject.scope_path, row.scope_path),
            Site.kind.in_(row.kinds),
        )
        .options(contains_eager(InspectionObject.site))
        .order_by(InspectionObject.draw_id)
    )
    if row.reach is PlanReach.OWN:
        query = query.where(Site.authority_id == row.authority_id)
    taken = _taken_before(row)
    return [found for found in db.session.scalars(query) if found.draw_id not in taken]


def _taken_before(row: DrawPlan) -> frozenset[str]:
    """Ids on the frozen lists of the plan that a supplementary one adds to, and of its other supplementary plans."""
    if row.parent_id is None:
        return frozenset()
    family = select(DrawPlan.subjects_text).where(
        or_(DrawPlan.id == row.parent_id, DrawPlan.parent_id == row.parent_id),
        DrawPlan.id != row.id,
        DrawPlan.subjects_text.is_not(None),
        DrawPlan.state != PlanState.VOIDED,
    )
    return frozenset(
        line.partition("|")[0] for listed in db.session.scalars(family) if listed for line in listed.splitlines()[1:]
    )


def subjects_of(row: DrawPlan) -> tuple[draw.Subject, ...]:
    """The sites of a plan as the engine knows them (抽查对象). A suspended site is out by itself, a mark decides first."""
    marked = {mark.object_id: mark for mark in marks_of(row)}
    team = {rule.token: rule.team for rule in strata_of(row)}
    found = []
    for listed in objects_of(row):
        site, mark = listed.site, marked.get(listed.id)
        status, reason = draw.Status.DRAW, ""
        if mark is not None:
            status, reason = draw.Status(mark.standing.value), mark.reason.value
        elif site.state in {SiteState.SUSPENDED, SiteState.CLOSING}:
            status, reason = draw.Status.OUT, MarkReason.SUSPENDED.value
        tier = site.tier.value
        found.append(draw.Subject(listed.draw_id, tier, team[tier], site.name.replace("|", " "), 1, status, reason))
    return tuple(found)


def pool_of(row: DrawPlan) -> Sequence[InspectorEntry]:
    """The inspectors who may be drawn for a plan (拟封存人员): active, certificate valid for the whole time of inspecting."""
    query = (
        select(InspectorEntry)
        .where(
            InspectorEntry.authority_id == row.authority_id,
            InspectorEntry.active,
            InspectorEntry.certificate_from <= row.inspect_from,
            InspectorEntry.certificate_until >= row.inspect_until,
        )
        .options(joinedload(InspectorEntry.account))
        .order_by(InspectorEntry.code)
    )
    return db.session.scalars(query).all()


def engine_plan(row: DrawPlan, code: str) -> draw.Plan:
    """A plan as the engine knows it (抽查方案)."""
    return rule_values(code, row.authority.name, row.title, row.mode, strata_of(row), seats_of(row), inputs_of(row))


def files_to_freeze(row: DrawPlan, code: str) -> dict[str, str]:
    """The four lists as they would be frozen now (拟封存文件). Names of inspectors are not written, only their department."""
    subjects, pool = subjects_of(row), pool_of(row)
    return {
        "plan.txt": draw.plan_text(engine_plan(row, code)),
        "subjects.txt": draw.subjects_text(subjects),
        "inspectors.txt": draw.inspectors_text(
            draw.Inspector(entry.code, entry.cap, tuple(sorted(entry.tags)), entry.department) for entry in pool
        ),
        "recusals.txt": draw.recusals_text(_recusals_between(pool, subjects)),
    }


def _recusals_between(pool: Sequence[InspectorEntry], subjects: Sequence[draw.Subject]) -> list[draw.Recusal]:
    codes, listed = {entry.id: entry.code for entry in pool}, {subject.id for subject in subjects}
    found = db.session.scalars(
        select(InspectorRecusal)
        .where(InspectorRecusal.inspector_id.in_(codes), InspectorRecusal.ended_at.is_(None))
        .options(joinedload(InspectorRecusal.object))
    )
    return [
        draw.Recusal(codes[row.inspector_id], row.object.draw_id, row.reason.value)
        for row in found
        if row.object.draw_id in listed
    ]


# --- numbers to show --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ListedNumbers:
    """What may be told about the lists at any time (名录数): per stratum, and how many inspectors, recusals."""

    strata: tuple[draw.StratumCount, ...]
    inspectors: int
    recusals: int


def numbers(row: DrawPlan) -> ListedNumbers:
    """Counts of a plan (名录数): from the frozen files, before the freeze from the lists as they stand."""
    if row.state in BEFORE_FREEZE:
        subjects = subjects_of(row)
        pool = pool_of(row)
        return ListedNumbers(
            draw.strata_counts(engine_plan(row, "draft"), subjects), len(pool), len(_recusals_between(pool, subjects))
        )
    files = frozen_files(row)
    counts = draw.strata_counts(parse_plan(files["plan.txt"]), parse_subjects(files["subjects.txt"]))
    return ListedNumbers(counts, *(files[name].count("\n") - 1 for name in ("inspectors.txt", "recusals.txt")))


def person_names(ids: Sequence[UUID | None]) -> Mapping[UUID, str]:
    """Names of accounts (姓名), for lines such as 拟定 某某，批准 某某."""
    wanted = {found for found in ids if found is not None}
    names: dict[UUID, str] = {
        row.id: row.name for row in db.session.execute(select(Account.id, Account.name).where(Account.id.in_(wanted)))
    }
    return names | {SYSTEM.id: SYSTEM.name}


# --- public values ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Entered:
    """That somebody has entered a value (已录入), without the value."""

    by: UUID
    name: str
    entry: DrawSeedEntry


@dataclass(frozen=True, slots=True)
class ValueStand:
    """How a public value stands (公开值进度): agreed, or who has entered in the running turn. `differed` counts lost turns."""

    rule: InputRule
    agreed: SeedInput | None
    entered: tuple[Entered, ...]
    turn: int

    def waits_for(self, actor: Actor) -> bool:
        """Whether the actor may enter now (待本人录入)."""
        return self.agreed is None and all(done.by != actor.id for done in self.entered)

    @property
    def name(self) -> str:
        """The value in words (公开值名称)."""
        return source_name(self.rule.source)

    @property
    def differed(self) -> int:
        """How many times two entries did not agree (不一致次数)."""
        return self.turn - 1


def values_of(row: DrawPlan) -> tuple[ValueStand, ...]:
    """How each public value of a plan stands (公开值进度), computed from the entries alone."""
    query = select(DrawSeedEntry).where(DrawSeedEntry.plan_id == row.id)
    entries = db.session.scalars(query.order_by(DrawSeedEntry.turn, DrawSeedEntry.place)).all()
    names = person_names([entry.entered_by for entry in entries])
    return tuple(
        _stand(rule, [entry for entry in entries if entry.input_number == rule.number], names) for rule in inputs_of(row)
    )


def _stand(rule: InputRule, entries: Sequence[DrawSeedEntry], names: Mapping[UUID, str]) -> ValueStand:
    turn = max((entry.turn for entry in entries), default=1)
    running = [entry for entry in entries if entry.turn == turn]
    entered = tuple(Entered(entry.entered_by, names.get(entry.entered_by, ""), entry) for entry in running)
    if len(running) < 2:
        return ValueStand(rule, None, entered, turn)
    try:
        return ValueStand(rule, draw.agree(*(_typed(entry) for entry in running)), entered, turn)
    except Refused:
        return ValueStand(rule, None, (), turn + 1)


def _typed(entry: DrawSeedEntry) -> Entry:
    return Entry(str(entry.entered_by), entry.input_number, entry.source, entry.event, entry.typed)


# --- results ----------------------------------------------------------------------------------------------------------


def frozen_files(row: DrawPlan) -> dict[str, str]:
    """The five files of the freeze (封存文件); empty before it."""
    lists = (row.plan_text, row.subjects_text, row.inspectors_text, row.recusals_text, row.freeze_text)
    return {name: text for name, text in zip(FROZEN_FILES, lists, strict=True) if text is not None}


def result_of(row: DrawPlan) -> draw.Result:
    """The result as drawn (抽取结果), recomputed from the stored files and compared with the stored one. For the authority's own use."""
    if row.sealed_seed is None or row.sealed_result is None:
        raise Refused("draw.not_drawn_yet", "这个计划还没有抽取。")
    return draw.compute({**frozen_files(row), "seed.txt": row.sealed_seed, "result.txt": row.sealed_result})


def events_of(row: DrawPlan) -> Sequence[DrawEvent]:
    """What happened after the freeze (事后记录), in order."""
    return db.session.scalars(select(DrawEvent).where(DrawEvent.plan_id == row.id).order_by(DrawEvent.number)).all()


def standing_of(row: DrawPlan) -> draw.Standing:
    """How a draw stands after its events (抽查现状). Refused for a draw that could not be staffed."""
    result = result_of(row)
    begun = draw.begin(result)
    added = "".join(event.text for event in events_of(row))
    return draw.replay(result, begun.text + added) if added else begun


def published_files(row: DrawPlan) -> dict[str, str]:
    """The files that are public now (公开文件): all after the reveal, two after the freeze, none before."""
    if row.state is PlanState.REVEALED:
        files = {**frozen_files(row), "seed.txt": row.seed_text or "", "result.txt": row.result_text or ""}
        if not row.infeasible and any(event.text for event in events_of(row)):
            files[draw.EVENTS_FILE] = standing_of(row).text
        return files
    return {name: text for name, text in frozen_files(row).items() if name in PUBLIC_AT_FREEZE}


def files_for(row: DrawPlan) -> dict[str, str]:
    """The files that officers of the plan's line may take along now (可下载文件): the frozen lists; all after the reveal."""
    return published_files(row) if row.state is PlanState.REVEALED else frozen_files(row)


@dataclass(frozen=True, slots=True)
class TeamMember:
    """One drawn inspector (抽中人员)."""

    seat: int
    need: tuple[str, ...]
    code: str
    account_id: UUID
    name: str


@dataclass(frozen=True, slots=True)
class DrawnTeam:
    """A drawn site with its team (抽中机构与检查组). The member of seat 1 leads. `team` is basic or joint."""

    site_id: UUID
    draw_id: str
    site_name: str
    stratum: str
    must: bool
    team: str
    members: tuple[TeamMember, ...]


def drawn_teams(plan_id: UUID, *, seen_by: Actor) -> tuple[DrawnTeam, ...]:
    """Who goes where by a plan, as it stands after replacements (抽中名单与派组). Empty while nothing is drawn or nobody could be.

    It holds sealed names: for the task module's listener and the pages that record who looked.
    """
    row = plan(plan_id, seen_by=seen_by)
    if row.state not in {PlanState.DRAWN, PlanState.REVEALED} or row.infeasible:
        return ()
    return teams_in(row)


def teams_in(row: DrawPlan) -> tuple[DrawnTeam, ...]:
    """The teams of a plan already at hand (派组); see `drawn_teams`."""
    standing = standing_of(row)
    homes = [place.subject for place in standing.taking_part]
    listed = db.session.execute(
        select(InspectionObject.draw_id, InspectionObject.site_id, InspectionObject.name).where(
            InspectionObject.draw_id.in_(homes)
        )
    )
    sites: dict[str, tuple[UUID, str]] = {id_: (site_id, name) for id_, site_id, name in listed}
    people = {
        entry.code: entry
        for entry in db.session.scalars(
            select(InspectorEntry)
            .where(InspectorEntry.code.in_({task.inspector for task in standing.tasks}))
            .options(joinedload(InspectorEntry.account))
        )
    }
    must = {place.subject for place in standing.result.must}
    subjects = {subject.id: subject for subject in standing.result.inputs.subjects}
    needs = {(seat.team, seat.number): seat.need for seat in standing.result.inputs.plan.seats}
    teams = []
    for place in standing.taking_part:
        subject = subjects[place.subject]
        members = tuple(
            TeamMember(
                task.number,
                needs[subject.team, task.number],
                task.inspector,
                people[task.inspector].account_id,
                people[task.inspector].account.name,
            )
            for task in standing.tasks
            if task.subject == place.subject
        )
        site_id, name = sites[place.subject]
        teams.append(DrawnTeam(site_id, place.subject, name, place.stratum, place.subject in must, subject.team, members))
    return tuple(teams)


# --- afterwards -------------------------------------------------------------------------------------------------------


def requests_of(row: DrawPlan) -> Sequence[DrawRequest]:
    """Requests on a plan (事后申请), newest first."""
    query = select(DrawRequest).where(DrawRequest.plan_id == row.id)
    return db.session.scalars(query.order_by(DrawRequest.asked_at.desc())).all()


def request(request_id: UUID, *, seen_by: Actor, lock: bool = False) -> DrawRequest:
    """One request."""
    return find(DrawRequest, request_id, seen_by=seen_by, lock=lock)


def supplements_of(row: DrawPlan) -> Sequence[DrawPlan]:
    """The supplementary plans of a plan (补充计划)."""
    return db.session.scalars(select(DrawPlan).where(DrawPlan.parent_id == row.id).order_by(DrawPlan.made_at)).all()


def escrow_of(plan_id: UUID, *, seen_by: Actor, lock: bool = False) -> DrawEscrow | None:
    """The sealed copy of a plan's blind, if it lies within the actor's reach (盲值备份)."""
    query = select(DrawEscrow).where(DrawEscrow.plan_id == plan_id, reach(DrawEscrow, seen_by))
    return db.session.scalars(query.with_for_update() if lock else query).one_or_none()


def escrow_holder(authority: Authority) -> Authority:
    """Who keeps the sealed blind (盲值备份保管机关): the authority one level up. Refused where none is registered."""
    above = regions.superior(authority)
    if above is None:
        raise Refused("draw.no_superior", "上级主管机关还没有登记，不能用密封方式。请改用当场公开方式，或先登记上级机关。")
    return above


def due_for_reveal(on: date) -> Sequence[UUID]:
    """Drawn plans whose day of reveal has come (到期待公开)."""
    query = select(DrawPlan.id).where(DrawPlan.state == PlanState.DRAWN, DrawPlan.reveal_on <= on)
    return db.session.scalars(query.order_by(DrawPlan.reveal_on)).all()


def overdue(*, seen_by: Actor, on: date) -> Sequence[DrawPlan]:
    """Frozen plans past their day of reveal that are neither revealed nor voided (逾期未公开): what a superior asks about."""
    states = (PlanState.FROZEN, PlanState.SEEDED, PlanState.DRAWN)
    query = plans(seen_by=seen_by).where(DrawPlan.state.in_(states), DrawPlan.reveal_on < on)
    return db.session.scalars(query.order_by(DrawPlan.reveal_on)).all()


def has_open_void(row: DrawPlan) -> bool:
    """Whether a void is asked for and not decided (作废待上级批准)."""
    asked = exists().where(
        DrawRequest.plan_id == row.id, DrawRequest.kind == RequestKind.VOID, DrawRequest.state == RequestState.ASKED
    )
    return bool(db.session.scalar(select(asked)))

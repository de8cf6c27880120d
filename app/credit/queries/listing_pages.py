"""What the pages of the list show (名单页面数据): the board, an entry with its timetable and its next step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from flask import url_for
from sqlalchemy import select

from app.archive.models import Document
from app.archive.queries import documents_about
from app.core import calendar
from app.core.actor import Actor
from app.core.calendar import Deadline, Unit
from app.core.db import db
from app.core.listing import Column, Filter, FilterKind, ListSpec, Sort
from app.core.scope import visible
from app.credit.models.listing import ListEntry, ListMeasure, ListObjection, ListStatement, RepairApplication
from app.credit.queries import listing as queries
from app.credit.rules import dates
from app.credit.rules import listing as law
from app.credit.rules.listing import (
    ENDED,
    IN_FORCE,
    EntryState,
    EntryVerb,
    ListKind,
    ObjectionState,
    ObjectionVerb,
    RepairState,
    RepairVerb,
    SubjectKind,
)
from app.credit.rules.redaction import marks, redact
from app.providers.models import Site
from app.regions import queries as regions

S, V = EntryState, EntryVerb
TONES: Final[Mapping[EntryState, str]] = {
    S.CLUE: "info", S.PROPOSED: "info", S.NOTICED: "wait", S.IN_REVIEW: "wait", S.REVIEWED: "wait", S.DECIDED: "wait",
    S.SERVED: "veto", S.PUBLISHED: "veto", S.DISMISSED: "na", S.NOT_LISTED: "na", S.REMOVED: "ok", S.ANNULLED: "na", S.EXPIRED: "na",
}  # fmt: skip
# What a post waits for: the states in which the next step is its own.
WAITS: Final[Mapping[str, frozenset[EntryState]]] = {
    "handler": frozenset({S.CLUE, S.PROPOSED, S.NOTICED, S.DECIDED, S.SERVED}),
    "reviewer": frozenset({S.IN_REVIEW}),
    "head": frozenset({S.REVIEWED}),
}
# What stands on the line of progress, in order; a state that is none of them ended the procedure.
PROGRESS: Final = (
    (S.CLUE, "线索"), (S.PROPOSED, "告知"), (S.NOTICED, "陈述申辩"), (S.IN_REVIEW, "复核"), (S.REVIEWED, "决定"),
    (S.DECIDED, "两书送达"), (S.SERVED, "公布"), (S.PUBLISHED, "公布中"),
)  # fmt: skip
NEXT_WORDS: Final[Mapping[EntryState, str]] = {
    S.CLUE: "由经办人提出列入并出具事先告知书，或者由另一人认定线索不成立。",
    S.PROPOSED: "由经办人送达事先告知书并登记；陈述申辩期从送达之日的次日起算。",
    S.NOTICED: "等陈述申辩期满。期满后的次日起，由经办人写明核实情况，提交复核。",
    S.IN_REVIEW: "由另一名审核人员复核，或者退回重新告知。",
    S.REVIEWED: "由负责人决定列入或者不予列入；提出人和复核人不能决定。",
    S.DECIDED: "由经办人把决定书和信用修复告知书一并送达并登记。送达后措施生效。",
    S.SERVED: "拟写公示文字，由另一人核定，再公布。公布到最后公示日自动停止。",
    S.PUBLISHED: "公布到最后公示日自动停止，不需要任何人操作。满最短期限可以申请移出，不会自动移出。",
    S.DISMISSED: "线索不成立，已经办结。",
    S.NOT_LISTED: "决定不予列入，已经办结。",
    S.REMOVED: "已经移出：停止公布，措施解除，评分、等级、补贴同时恢复。",
    S.ANNULLED: "列入自始无效：已经撤下并公开说明理由，措施解除。",
    S.EXPIRED: "公示期满退出，措施解除。",
}


# --- the board --------------------------------------------------------------------------------------------------------


def board_spec(by: Actor) -> ListSpec[ListEntry]:
    """The list of entries (名单办理台账)."""
    return ListSpec(
        columns=[
            Column(
                "name",
                "名称",
                lambda e: queries.name_shown(e, by),
                href=lambda e: url_for("listing.show_entry", list_entry_id=e.id),
                export=False,
            ),
            Column("subject", "对象", lambda e: queries.name_in_export(e), screen=False),
            Column("kind", "名单", lambda e: e.kind.label, screen=False),
            Column("ground", "列入情形", lambda e: e.ground_text),
            Column("state", "状态", lambda e: e.state.label, tone=lambda e: TONES[e.state]),
            Column("clue_on", "线索日期", lambda e: e.clue_on, sort="clue_on"),
            Column("decided_on", "决定日期", lambda e: e.decided_on, screen=False),
            Column("max_end", "最后公示日", lambda e: e.max_end, sort="max_end"),
            Column("authority", "办理机关", lambda e: e.authority.short_name, screen=False),
            Column("code", "统一社会信用代码", lambda e: e.subject_code or None, screen=False),
            Column("number", "决定书文号", lambda e: e.decision_number, screen=False),
        ],
        filters=[
            Filter("q", "名称", lambda s, v: s.where(_named(v, by)), hint="机构名称"),
            Filter(
                "state",
                "状态",
                lambda s, v: s.where(ListEntry.state.in_([S(word) for word in v])),
                FilterKind.MANY,
                [(s.value, s.label) for s in S],
                primary=False,
            ),
            Filter(
                "kind",
                "名单",
                lambda s, v: s.where(ListEntry.kind == ListKind(v)),
                FilterKind.CHOICE,
                [(k.value, k.label) for k in ListKind],
            ),
            Filter("open", "只看未办结", lambda s, _: s.where(ListEntry.state.not_in(ENDED)), FilterKind.YES),
        ],
        sorts=[
            Sort("clue_on", "线索日期", ListEntry.clue_on, up="从早到晚", down="从晚到早"),
            Sort("max_end", "最后公示日", ListEntry.max_end, nullable=True, up="先到期在前", down="后到期在前"),
        ],
        default_sort="-clue_on",
        tie=ListEntry.id,
    )


def _named(part: str, by: Actor) -> Any:
    """Entries by a part of the name; a person's name is searched only by those who may read it."""
    found = ListEntry.subject_name.contains(part, autoescape=True)
    return found if by.posts & queries.NAMES_SEEN_BY else found & (ListEntry.subject_kind == SubjectKind.ORGANISATION)


@dataclass(frozen=True, slots=True)
class Board:
    """The head of the board (待办与在册): clocks of what is running, and how many stand where."""

    work: Sequence[Mapping[str, Any]]
    running: int
    in_force: int
    mine: int
    ending: int


def board(*, seen_by: Actor, on: date) -> Board:
    """What waits, the nearest first, each with its clock and its article (待办)."""
    rows = db.session.scalars(queries.entries(seen_by=seen_by).where(ListEntry.state.not_in(ENDED))).unique().all()
    by_id = {row.id: row for row in rows}
    owner: dict[UUID, UUID] = {row.id: row.id for row in rows}
    for model in (ListObjection, RepairApplication):
        made = db.session.execute(select(model.id, model.entry_id).where(model.entry_id.in_(by_id)))
        owner |= {row.id: row.entry_id for row in made}
    clocks = queries.clocks(list(owner), seen_by=seen_by)
    mine = [row for row in rows if any(post.value in WAITS and row.state in WAITS[post.value] for post in seen_by.posts)]
    ending = [row for row in rows if row.state in IN_FORCE and row.max_end and 0 <= (row.max_end - on).days <= 30]
    return Board(
        work=[_work(clock, by_id[owner[clock.subject]], seen_by, on) for clock in clocks[:20]],
        running=sum(row.state not in IN_FORCE for row in rows),
        in_force=sum(row.state in IN_FORCE and row.max_end is not None and row.max_end >= on for row in rows),
        mine=len(mine),
        ending=len(ending),
    )


def _work(clock: Deadline, row: ListEntry, seen_by: Actor, on: date) -> dict[str, Any]:
    left = calendar.calendar().working_days_between(on, clock.due_on) if clock.unit is Unit.WORKING else (clock.due_on - on).days
    late = clock.due_on < on
    waits = clock.kind == "listing.defence"
    tone = ("info" if waits else "veto") if late else "wait" if left <= 3 else "info"
    return {
        "number": abs(left),
        "unit": f"{clock.unit.label}{'已满' if waits and late else '逾期' if late else '后满' if waits else ''}",
        "tone": tone,
        "kind": clock.label.split("：")[-1],
        "title": queries.name_shown(row, seen_by),
        "href": url_for("listing.show_entry", list_entry_id=row.id),
        "line": f"{row.ground_text}。{clock.due_on.isoformat()}{'（暂定）' if clock.provisional else ''}",
        "basis": clock.basis,
    }


# --- one entry --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Date:
    """One line of the timetable (时间表一行): the day, what it is, how it was counted, whether it has passed."""

    label: str
    day: date
    how: str
    passed: bool
    provisional: bool = False


@dataclass(frozen=True, slots=True)
class EntryPage:
    """Everything that an entry's page shows (条目页)."""

    entry: ListEntry
    name: str
    site: Site
    table: law.GroundsTable
    ground: law.Ground
    confirmed: bool
    progress: Sequence[Mapping[str, str]]
    next_words: str
    timetable: Sequence[Date]
    ends_words: str
    clocks: Sequence[Mapping[str, Any]]
    statements: Sequence[ListStatement]
    objections: Sequence[ListObjection]
    applications: Sequence[RepairApplication]
    measures: Sequence[ListMeasure]
    documents: Sequence[Document]
    events: Sequence[Mapping[str, Any]]
    people: Mapping[UUID, str]
    acts: Sequence[str]
    others: Sequence[ListEntry]
    suggestion: str
    left_marks: Sequence[Any]
    proposed_class: str

    @property
    def objection(self) -> ListObjection | None:
        """The objection that is being handled, if any."""
        return next((o for o in self.objections if o.state in law.OBJECTION_OPEN), None)

    @property
    def application(self) -> RepairApplication | None:
        """The application that is being handled, if any."""
        return next((a for a in self.applications if a.state in law.REPAIR_OPEN), None)


def entry_page(list_entry_id: UUID, *, seen_by: Actor, on: date) -> EntryPage:
    """An entry with its clocks, its timetable, what may be done and what was done (名单条目页)."""
    row = queries.entry(list_entry_id, seen_by=seen_by)
    table = queries.table_of(row)
    made = queries.objections(row.id, seen_by=seen_by)
    asked = queries.applications(row.id, seen_by=seen_by)
    steps = queries.steps(row.id, seen_by=seen_by)
    subjects = [row.id, *(o.id for o in made), *(a.id for a in asked)]
    allowed = (row.subject_name, row.legal_representative)
    found = marks(row.facts, others=row.other_names, allowed=allowed)
    people = {s.by for s in steps} | {i for i in (row.clue_by, row.proposed_by, row.reviewed_by, row.decided_by) if i}
    home = queries.is_home(seen_by)
    return EntryPage(
        entry=row,
        name=queries.name_shown(row, seen_by),
        site=queries.site_of(row),
        table=table,
        ground=table.ground(row.ground_code),
        confirmed=queries.is_confirmed(row.authority_id, row.table_sha, row.ground_code),
        progress=_progress(row),
        next_words=NEXT_WORDS[row.state],
        timetable=timetable(row, on),
        ends_words=ends_words(row, on),
        clocks=[_work(c, row, seen_by, on) for c in queries.clocks(subjects, seen_by=seen_by)],
        statements=queries.statements(row.id, seen_by=seen_by),
        objections=made,
        applications=asked,
        measures=queries.measures(row.id, seen_by=seen_by),
        documents=documents_about(row.id, seen_by=seen_by),
        events=[_event(s.verb, s.words, s.on, home) for s in reversed(steps)],
        people=queries.names(people),
        acts=acts(row, made, asked, seen_by=seen_by, on=on),
        others=[o for o in _of_case(row, seen_by) if o.id != row.id],
        suggestion=row.public_draft or row.public_text or redact(row.facts, found),
        left_marks=found,
        proposed_class=law.proposed_class(row.penalty).value,
    )


def _of_case(row: ListEntry, seen_by: Actor) -> Sequence[ListEntry]:
    query = queries.entries(seen_by=seen_by).where(ListEntry.case_id == row.case_id).order_by(ListEntry.subject_kind)
    return db.session.scalars(query).unique().all()


def _event(verb: EntryVerb, words: str, on: date, home: bool) -> dict[str, Any]:
    tone = {"decide_list": "veto", "publish": "veto", "remove": "ok", "annul": "na", "expire": "na"}.get(verb.value, "info")
    inside = home and verb in (V.REVIEW, V.RETURN, V.WRITE_PUBLIC, V.CLEAR_PUBLIC, V.PROPOSE, V.DISMISS)
    return {"when": on, "title": verb.label, "text": "" if inside else words, "tone": tone}


def _progress(row: ListEntry) -> list[dict[str, str]]:
    states = [state for state, _ in PROGRESS]
    if row.state in states:
        at = states.index(row.state)
    else:
        at = len(
            [d for d in (row.proposed_on, row.notice_served_on, row.defence_closed_on, row.reviewed_on, row.decided_on) if d]
        )
        if row.state in (S.REMOVED, S.EXPIRED) or (row.state is S.ANNULLED and row.published_on):
            at = len(PROGRESS) - 1
    last = row.state in ENDED
    shown = [
        {"label": label, "state": "done" if n < at else "now" if n == at and not last else "stopped" if n == at else "next"}
        for n, (_, label) in enumerate(PROGRESS)
    ]
    if last and row.state in (S.REMOVED, S.EXPIRED):
        shown[at]["state"] = "done"
    if row.kind is ListKind.WATCH:
        shown = shown[:-1]
    return shown


def ends_words(row: ListEntry, on: date) -> str:
    """When does this end, in one sentence (何时结束)."""
    if row.state in ENDED:
        return f"已于 {row.ended_on.isoformat() if row.ended_on else ''} 结束：{row.state.label}。"
    if row.max_end is None or row.earliest_repair_on is None:
        return "还没有作出决定。决定作出后，从决定之日起计算期限。"
    if row.max_end < on:
        return f"最后公示日 {row.max_end.isoformat()} 已过，公众已经看不到；状态由夜间任务登记。"
    opens = "现在就可以申请移出" if row.earliest_repair_on <= on else f"{row.earliest_repair_on.isoformat()} 起可以申请移出"
    return f"{opens}；不申请的，{row.max_end.isoformat()} 是最后一日，次日起自动停止。"


def timetable(row: ListEntry, on: date) -> list[Date]:
    """The dates of an entry with how each was counted (名单时间表)."""
    found: list[Date] = []

    def add(label: str, day: date | None, how: str, *, provisional: bool = False) -> None:
        if day is not None:
            found.append(Date(label, day, how, day < on, provisional))

    add("告知书送达", row.notice_served_on, "陈述申辩期从次日起算")
    add("陈述申辩期末日", row.defence_until, "送达之日不计入，按工作日", provisional=row.defence_provisional)
    add("决定日期", row.decided_on, "一切期限从这一天起算，不是上网之日")
    if row.decided_on is None:
        return found
    days = calendar.calendar()
    if row.publish_due is not None:
        term = regions.setting(row.scope_path, "penalty.publish", row.decided_on)
        assert isinstance(term.value, int)
        due = dates.publish_due(row.decided_on, term.value, days)
        add("应当公布", due.on, f"决定后{term.value}个工作日（{term.source}）", provisional=due.provisional)
    add("两书送达", row.decision_served_on, "决定书与信用修复告知书一并送达，措施从这一天生效")
    add("公布", row.published_on, "")
    if row.min_months:
        add("最短公示期末日", row.min_end, f"决定之日起{row.min_months}个月（{row.terms_source}）")
    add("最早可申请移出", row.earliest_repair_on, "最短公示期满的次日；只是可以申请" if row.min_months else "履行完毕即可申请")
    add("最后公示日", row.max_end, f"决定之日起{row.max_months}个月，《民法典》第二百零二条")
    if row.max_end is not None:
        add("自动停止公示", row.max_end + dates.ONE_DAY, "按日期判断，不依赖任何任务")
    if row.decision_served_on is not None:
        served = row.decision_served_on
        review = regions.number_set(row.scope_path, "credit.review", served)
        lawsuit = regions.number_set(row.scope_path, "credit.lawsuit", served)
        asked, sued = dates.review_until(served, review, days), dates.lawsuit_until(served, lawsuit, days)
        add("申请行政复议截止", asked.on, f"收到之日起{review}日；不停止公布（待核）", provisional=asked.provisional)
        add("提起行政诉讼截止", sued.on, f"收到之日起{lawsuit}个月（待核）；不停止公布（待核）", provisional=sued.provisional)
    add("结束", row.ended_on, row.state.label)
    return sorted(found, key=lambda d: d.day)


_BY_VERB: Final = {
    V.PROPOSE: "propose", V.DISMISS: "dismiss", V.SERVE_NOTICE: "serve_notice", V.DEFEND: "statement", V.CLOSE_DEFENCE: "close_defence",
    V.REVIEW: "review", V.RETURN: "return", V.DECIDE_LIST: "decide_list", V.DECIDE_NOT: "decide_not",
    V.SERVE_DECISION: "serve_decision", V.WRITE_PUBLIC: "write_public", V.CLEAR_PUBLIC: "clear_public", V.PUBLISH: "publish",
    V.OBJECT: "object", V.APPLY_REPAIR: "apply_repair", V.ANNUL: "annul",
}  # fmt: skip


def acts(
    row: ListEntry, made: Sequence[ListObjection], asked: Sequence[RepairApplication], *, seen_by: Actor, on: date
) -> list[str]:
    """What somebody may do to an entry now (可办事项), by the table and by who did what before."""
    home = queries.is_home(seen_by)
    own = home or seen_by.authority_id == row.authority_id
    if home and row.subject_kind is SubjectKind.PERSON:
        return []
    found = [
        _BY_VERB[v]
        for v in law.possible(row.state, seen_by.posts)
        if own and v in _BY_VERB and _fits(row, v, made, asked, seen_by, on)
    ]
    objection = next((o for o in made if o.state in law.OBJECTION_OPEN), None)
    if objection is not None and own:
        found += [
            f"objection_{v.value}"
            for v in ObjectionVerb
            if (s := law.OBJECTION_STEPS.get((objection.state, v))) is not None
            and not s.posts.isdisjoint(seen_by.posts)
            and (
                objection.state is ObjectionState.RECEIVED
                or seen_by.id not in (objection.listed_by, objection.proposed_by, objection.marked_by)
            )
            and (v is not ObjectionVerb.CORRECT or row.public_draft is not None)
        ]
    application = next((a for a in asked if a.state in law.REPAIR_OPEN), None)
    if application is not None and (own or seen_by.authority_id):
        found += [
            f"repair_{v.value}"
            for v in RepairVerb
            if (r := law.REPAIR_STEPS.get((application.state, v))) is not None
            and not r.posts.isdisjoint(seen_by.posts)
            and (
                application.state is not RepairState.ACCEPTED
                or seen_by.id not in (application.listed_by, application.proposed_by)
                or v is RepairVerb.ASK_MORE
            )
        ]
    return found


def _fits(
    row: ListEntry,
    verb: EntryVerb,
    made: Sequence[ListObjection],
    asked: Sequence[RepairApplication],
    seen_by: Actor,
    on: date,
) -> bool:
    """Whether a step of the table makes sense today; the rules decide when it is done."""
    until = row.defence_until
    match verb:
        case V.CLOSE_DEFENCE:
            return until is not None and on > until
        case V.DEFEND:
            return until is not None and on <= until
        case V.REVIEW | V.RETURN:
            return seen_by.id != row.proposed_by
        case V.DECIDE_LIST | V.DECIDE_NOT:
            return seen_by.id not in (row.proposed_by, row.reviewed_by)
        case V.WRITE_PUBLIC:
            return row.kind is ListKind.LIST
        case V.CLEAR_PUBLIC:
            return row.public_draft is not None and seen_by.id != row.public_draft_by
        case V.PUBLISH:
            return row.kind is ListKind.LIST and row.public_text is not None
        case V.OBJECT:
            return all(o.state not in law.OBJECTION_OPEN for o in made)
        case V.APPLY_REPAIR:
            open_ones = any(a.state in law.REPAIR_OPEN for a in asked)
            return not open_ones and row.earliest_repair_on is not None and row.earliest_repair_on <= on
        case V.ANNUL:
            return seen_by.id != row.decided_by
    return True


# --- grounds and choices ----------------------------------------------------------------------------------------------


def sites_to_choose(*, seen_by: Actor) -> Sequence[Site]:
    """The sites that a clue may be about (可选机构), by name; at most five hundred."""
    return db.session.scalars(visible(Site, to=seen_by).order_by(Site.name).limit(500)).all()

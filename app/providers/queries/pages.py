"""What stands on the registry's pages (机构页面内容), put together from the registry and from who contributes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from app.core import calendar
from app.core.actor import PROVIDER_POSTS, Actor
from app.core.calendar import Deadline, Unit
from app.core.clock import legal_day
from app.providers import queries
from app.providers.models import Filing, Site, SiteChange, SiteFact, SitePaper
from app.providers.panels import Answer, Happening, Tab, askers, contributors
from app.providers.queries.lists import FILING_TONES, STATE_TONES, TIER_TONES
from app.providers.rules import FilingKind, FilingState, FireTrack, OperatorModel, PaperState, SiteState, Tier
from app.providers.rules.asked import ASKED
from app.providers.rules.facts import FACTS, FactGroup, shown_fact
from app.providers.rules.filings import AS_FACTS, VERB_OF, Entry, may_say, missing_papers, shown, unsaid
from app.providers.rules.papers import PAPERS, Standing, standing
from app.providers.rules.sites import SITE_NEXT, looks_like_care_home
from app.regions import queries as regions
from app.regions.rules import Level

STANDING_TONES = {
    Standing.LASTING: "info",
    Standing.VALID: "ok",
    Standing.SOON: "wait",
    Standing.EXPIRED: "veto",
    Standing.REPLACED: "na",
}


# --- terms ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Term:
    """A day by which something is due, as it stands on a page (期限)."""

    due_on: date
    days: int
    unit: str
    basis: str = ""
    total: int = 0
    provisional: bool = False

    @property
    def overdue(self) -> bool:
        """Whether the day has passed."""
        return self.days < 0

    @property
    def tone(self) -> str:
        """Red when overdue, amber in the last three days, else plain."""
        return "veto" if self.overdue else "wait" if self.days <= 3 else "info"

    @property
    def number(self) -> int:
        """The number that stands big."""
        return abs(self.days)

    @property
    def words(self) -> str:
        """The words under the number."""
        return f"{self.unit}逾期" if self.overdue else f"{self.unit}后到期"


def term(clock: Deadline, on: date) -> Term:
    """How a clock stands on a day (期限情况). Overdue days are natural days, whatever the unit."""
    if clock.unit is Unit.WORKING and on <= clock.due_on:
        left = calendar.calendar().working_days_between(on, clock.due_on)
        return Term(clock.due_on, left, "个工作日", clock.basis, clock.count, clock.provisional)
    return Term(clock.due_on, (clock.due_on - on).days, "天", clock.basis, 0, clock.provisional)


# --- what is asked of a provider --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Todo:
    """One thing that a provider has to do, or waits for (要办事项)."""

    title: str
    line: str
    href: str
    act: str = ""
    term: Term | None = None
    tone: str = "info"
    site_name: str = ""


def asked(*, seen_by: Actor, on: date) -> list[Todo]:
    """What is asked of a provider, the nearest first (要办的事)."""
    names = {site.id: site.name for site in queries.my_sites(seen_by=seen_by)}
    found = [
        *_asked_by_clocks(names, seen_by=seen_by, on=on),
        *_asked_by_papers(names, seen_by=seen_by, on=on),
        *_asked_by_filings(seen_by=seen_by),
        *(todo for asker in askers() for todo in asker(seen_by=seen_by, on=on)),
    ]
    return sorted(found, key=_urgency)


def _urgency(todo: Todo) -> tuple[bool, bool, date]:
    """Returned filings first, since the authority waits; then by day; drafts last."""
    return todo.tone != "bad", todo.term is None, todo.term.due_on if todo.term else date.max


def _asked_by_clocks(names: Mapping[UUID, str], *, seen_by: Actor, on: date) -> Iterator[Todo]:
    for clock in queries.clocks(seen_by=seen_by):
        kind = ASKED.get(clock.kind)
        if kind is not None:
            due = term(clock, on)
            site_name = names.get(clock.site_id, "") if clock.site_id else ""
            href = kind.href(clock.subject, clock.site_id)
            yield Todo(kind.label, kind.line, href, kind.act, due, due.tone if kind.act else "na", site_name)


def _asked_by_papers(names: Mapping[UUID, str], *, seen_by: Actor, on: date) -> Iterator[Todo]:
    for paper in queries.papers_expiring(on, seen_by=seen_by):
        assert paper.valid_until is not None
        due = Term(paper.valid_until, (paper.valid_until - on).days, "天")
        issuer = PAPERS[paper.kind].issuer
        line = f"续办在{issuer}，拿到新的后上传" if issuer else "到期前换新的上传"
        title = f"{paper.kind.label}{'已过期' if due.overdue else '到期'}"
        href = f"/my/sites/{paper.site_id}/papers/new?replaces={paper.id}"
        yield Todo(title, line, href, "上传新的", due, due.tone, names.get(paper.site_id, ""))


def _asked_by_filings(*, seen_by: Actor) -> Iterator[Todo]:
    for filing in queries.open_filings(seen_by=seen_by):
        href = f"/my/filings/{filing.id}"
        if filing.state is FilingState.RETURNED:
            yield Todo(
                f"{filing.kind.label}：退回补正", filing.return_reason or "", href, "去补正", None, "bad", filing.site.name
            )
        elif filing.state is FilingState.DRAFT:
            yield Todo(f"{filing.kind.label}：还没有提交", "填到一半的已替您存着", href, "接着填", None, "info", filing.site.name)


# --- a site's page ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FactRow:
    """A fact as it stands on a page (基本情况一行): never bare, always with its day and source."""

    key: str
    label: str
    value: str
    unit: str
    as_of: date | None
    source: str


@dataclass(frozen=True, slots=True)
class PaperRow:
    """A paper as it stands on a page (证照一行)."""

    paper: SitePaper
    standing: Standing
    days: int | None

    @property
    def tone(self) -> str:
        """The tone of its standing."""
        return STANDING_TONES[self.standing]


@dataclass(frozen=True, slots=True)
class SitePage:
    """Everything on a site's page (机构页)."""

    site: Site
    place: str
    answers: Sequence[Answer]
    tabs: Sequence[Tab]
    terms: Sequence[tuple[str, Term]]
    timeline: Sequence[Happening]
    facts: Mapping[FactGroup, Sequence[FactRow]]
    papers: Sequence[PaperRow]
    filings: Sequence[Filing]
    doubt: str


def site_page(site_id: UUID, *, seen_by: Actor, on: date) -> SitePage:
    """A site's page (机构页)."""
    site = queries.site(site_id, seen_by=seen_by)
    facts = queries.facts_of(site.id, seen_by=seen_by)
    papers = paper_rows(queries.papers_of(site.id, seen_by=seen_by), on)
    filings = queries.filings_of(site.id, seen_by=seen_by)
    terms = _terms(site.id, seen_by=seen_by, on=on)
    added = [(c.answers(site.id, seen_by=seen_by, on=on), c.tabs(site.id, seen_by=seen_by)) for c in contributors()]
    above = [answer for answers, _ in added for answer in answers]
    own = [_filing_answer(site), *above, _tier_answer(site), _beds_answer(facts), _papers_answer(papers), _term_answer(terms)]
    beds, full_day = (facts[key].value if key in facts else None for key in ("beds", "full_day"))
    return SitePage(
        site=site,
        place=regions.full_name(site.region.path),
        answers=own[:5],
        tabs=[tab for _, tabs in added for tab in tabs],
        terms=terms,
        timeline=_timeline(site, filings, seen_by=seen_by),
        facts=fact_rows(facts),
        papers=papers,
        filings=[filing for filing in filings if filing.submitted_at],
        doubt="床位在 10 张以上且提供全日照料，疑似应按养老机构备案" if looks_like_care_home(site.kind, beds, full_day) else "",
    )


def _terms(site_id: UUID, *, seen_by: Actor, on: date) -> list[tuple[str, Term]]:
    """The running clocks of a site. A provider sees those that are asked of it, never what an authority still prepares."""
    clocks = queries.clocks(seen_by=seen_by, site_id=site_id)
    if seen_by.posts & PROVIDER_POSTS:
        clocks = [clock for clock in clocks if clock.kind in ASKED]
    return [(clock.label, term(clock, on)) for clock in clocks]


def _filing_answer(site: Site) -> Answer:
    note = f"{site.filed_on.isoformat()} 回执，长期有效" if site.filed_on else "备案不是许可，未备案也须接受监督"
    icon = "ok" if site.state is SiteState.FILED else ""
    return Answer("备案", site.state.label, note, STATE_TONES[site.state], icon)


def _tier_answer(site: Site) -> Answer:
    return Answer("监管等级", site.tier.label, site.tier_reason or "按政策包定抽查比例", TIER_TONES[site.tier], "shield")


def _beds_answer(facts: Mapping[str, SiteFact]) -> Answer:
    beds, people = facts.get("beds"), facts.get("occupied_beds")
    if beds is None:
        return Answer("床位", "未登记", "", "na")
    return Answer("床位", f"{beds.value} 张", f"在住 {people.value} 人，{people.as_of.isoformat()}" if people else "在住未填报")


def _papers_answer(papers: Sequence[PaperRow]) -> Answer:
    expired = sum(row.standing is Standing.EXPIRED for row in papers)
    soon = sum(row.standing is Standing.SOON for row in papers)
    if not papers:
        return Answer("证照", "未上传", "", "na")
    if expired:
        return Answer("证照", f"{expired} 份已过期", f"另有 {soon} 份临期" if soon else "", "veto", "alert", "#papers")
    return Answer("证照", f"{soon} 份临期" if soon else "都在有效期", "", "wait" if soon else "ok", "", "#papers")


def _term_answer(terms: Sequence[tuple[str, Term]]) -> Answer:
    if not terms:
        return Answer("最近期限", "没有", "", "na")
    label, due = terms[0]
    return Answer(
        "最近期限", f"{due.number} {due.unit}{'逾期' if due.overdue else ''}", f"{label}，{due.due_on.isoformat()}", due.tone
    )


def fact_rows(facts: Mapping[str, SiteFact]) -> dict[FactGroup, list[FactRow]]:
    """The facts by group, in the order of the table (基本情况分组)."""
    found: dict[FactGroup, list[FactRow]] = {}
    for key, kind in FACTS.items():
        row = facts.get(key)
        if row is None:
            continue
        value, label = shown_fact(key, row.value), kind.label
        least = facts.get(key.removesuffix("_max") + "_min") if key.endswith("_max") else None
        if least is not None:  # a range stands on one line: 1,200–1,800
            found[kind.group].pop()
            value, label = f"{shown_fact(least.key, least.value)}–{value}", label.removesuffix("最高")
        found.setdefault(kind.group, []).append(FactRow(key, label, value, kind.unit, row.as_of, row.source))
    return found


def fact_history(site_id: UUID, *, seen_by: Actor) -> list[FactRow]:
    """Every value of every fact, newest first (历史值)."""
    rows = queries.fact_history(site_id, seen_by=seen_by)
    return [
        FactRow(row.key, FACTS[row.key].label, shown_fact(row.key, row.value), FACTS[row.key].unit, row.as_of, row.source)
        for row in rows
        if row.key in FACTS
    ]


def paper_rows(papers: Sequence[SitePaper], on: date) -> list[PaperRow]:
    """Papers with their standing on a day (证照情况)."""
    return [
        PaperRow(p, standing(p.state, p.valid_until, on), (p.valid_until - on).days if p.valid_until else None)
        for p in papers
        if p.state is PaperState.CURRENT
    ]


def _timeline(site: Site, filings: Sequence[Filing], *, seen_by: Actor) -> list[Happening]:
    told = [line for change in queries.history(site.id, seen_by=seen_by) if (line := _changed(change))]
    told += [_filed(filing) for filing in filings if filing.submitted_at]
    for contributor in contributors():
        told += contributor.happenings(site.id, seen_by=seen_by)
    return sorted(told, key=lambda line: _day(line.when), reverse=True)


def _day(when: date | datetime) -> date:
    return legal_day(when) if isinstance(when, datetime) else when


def _filed(filing: Filing) -> Happening:
    assert filing.submitted_at is not None
    when = filing.decided_at or filing.submitted_at
    said = {
        FilingState.ACCEPTED: f"回执 {filing.number}",
        FilingState.RETURNED: filing.return_reason or "",
        FilingState.SUBMITTED: "已提交，待核对",
    }
    title = f"{filing.kind.label}：{filing.state.label}"
    return Happening(legal_day(when), title, said.get(filing.state, ""), FILING_TONES[filing.state], "file")


_WORDS: Mapping[str, tuple[str, Any]] = {
    "state": ("状态", SiteState),
    "tier": ("监管等级", Tier),
    "fire_track": ("消防手续", FireTrack),
    "operator_model": ("运营方式", OperatorModel),
}


def _changed(change: SiteChange) -> Happening | None:
    """A change in words (变更说明); what a first filing merely writes down is not told again."""
    if change.before is None and change.filing_id is not None:
        return None
    if change.what in ("region", "state") and change.filing_id is not None:
        return None
    label, before, after = _in_words(change)
    text = change.reason or ("随备案变更" if change.filing_id else "")
    return Happening(change.on, f"{label}：{before} → {after}", text, "info", "edit")


def _in_words(change: SiteChange) -> tuple[str, str, str]:
    if change.what in _WORDS:
        label, enum = _WORDS[change.what]
        before, after = ("—" if value is None else str(enum(value).label) for value in (change.before, change.after))
        return label, before, after
    try:
        entry = Entry(change.what)
    except ValueError:
        return change.what, str(change.before), str(change.after)
    return entry.label, shown(entry, change.before), shown(entry, change.after)


# --- a filing's page --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FilingPage:
    """Everything on a filing's page (备案页): what it says beside what is known, its papers, what is missing."""

    filing: Filing
    authority: str
    said: Sequence[tuple[str, str, str]]
    papers: Sequence[SitePaper]
    missing: Sequence[str]
    steps: Sequence[Mapping[str, str]]
    document_id: UUID | None


def filing_page(filing_id: UUID, *, seen_by: Actor) -> FilingPage:
    """A filing's page (备案页). `said`: (entry, filed value, what the register says now, when that differs)."""
    filing = queries.filing(filing_id, seen_by=seen_by)
    papers = queries.papers_of_filing(filing.id, seen_by=seen_by)
    lacking = [entry.label for entry in unsaid(filing.kind, filing.content)]
    lacking += [kind.label for kind in missing_papers(filing.kind, {paper.kind for paper in papers})]
    return FilingPage(
        filing=filing,
        authority=regions.authority(filing.authority_id).name,
        said=_said(filing, seen_by=seen_by),
        papers=papers,
        missing=lacking,
        steps=_steps(filing),
        document_id=filing.document_id,
    )


def _said(filing: Filing, *, seen_by: Actor) -> list[tuple[str, str, str]]:
    known = _known(filing.site, seen_by=seen_by)
    found = []
    for entry in may_say(filing.kind):
        if entry not in filing.content:
            continue
        value = filing.content[entry]
        now = shown(entry, known.get(entry)) if entry in known and known[entry] != value else ""
        words = regions.full_name(regions.region(UUID(value)).path) if entry is Entry.REGION else shown(entry, value)
        found.append((entry.label, words, now if filing.kind in (FilingKind.CHANGE, FilingKind.MOVE) else ""))
    return found


def _known(site: Site, *, seen_by: Actor) -> dict[Entry, Any]:
    """What the register says now of what may be filed (登记现状), as a filing would say it."""
    facts = queries.facts_of(site.id, seen_by=seen_by)
    known: dict[Entry, Any] = {entry: facts[key].value for entry, key in AS_FACTS.items() if key in facts}
    plain: dict[Entry, Any] = {
        Entry.NAME: site.name,
        Entry.ADDRESS: site.address,
        Entry.LEGAL_REPRESENTATIVE: site.organisation.legal_representative,
        Entry.MANAGER_NAME: site.manager_name,
        Entry.SERVICE_PHONE: site.service_phone,
        Entry.FIRE_TRACK: site.fire_track and site.fire_track.value,
        Entry.OPERATOR_MODEL: site.operator_model and site.operator_model.value,
        Entry.FIRST_RESIDENT_ON: site.first_resident_on and site.first_resident_on.isoformat(),
    }
    return known | {entry: value for entry, value in plain.items() if value is not None}


def draft_of(site_id: UUID, kind: FilingKind, *, seen_by: Actor) -> dict[str, Any]:
    """What a new draft begins with (草稿初值): a first filing is filled in from the register, a change starts empty."""
    site = queries.site(site_id, seen_by=seen_by)
    known = _known(site, seen_by=seen_by) if kind is FilingKind.FIRST else {}
    return {str(entry): known[entry] for entry in may_say(kind) if entry in known}


_ORDER = (FilingState.DRAFT, FilingState.SUBMITTED, FilingState.ACCEPTED)


def _steps(filing: Filing) -> list[Mapping[str, str]]:
    labels = {FilingState.DRAFT: "填写", FilingState.SUBMITTED: "核对材料", FilingState.ACCEPTED: "出具回执"}
    state = FilingState.DRAFT if filing.state is FilingState.RETURNED else filing.state
    if state is FilingState.WITHDRAWN:
        return [{"label": "已撤回", "state": "stopped"}]
    at = _ORDER.index(state)
    done = state is FilingState.ACCEPTED
    marks = ["done" if i < at or done else "now" if i == at else "next" for i in range(len(_ORDER))]
    return [{"label": labels[s], "state": mark} for s, mark in zip(_ORDER, marks, strict=True)]


# --- what a provider's pages need -------------------------------------------------------------------------------------


def can_file(site: Site) -> list[FilingKind]:
    """The kinds of filings that a site's state allows (可办备案)."""
    return [kind for kind in FilingKind if (site.state, VERB_OF[kind]) in SITE_NEXT]


def places_for(filing: Filing) -> list[tuple[str, str]]:
    """Where a site may move to without filing anew elsewhere (可迁入地): divisions of its authority's area, by id and name."""
    if filing.kind is not FilingKind.MOVE:
        return []
    path = filing.site.authority.path
    rows = [*regions.below(path, Level.COUNTY), *regions.below(path, Level.STREET)]
    return [(str(row.id), row.name if row.level is Level.COUNTY else f"　{row.name}") for row in rows]


def filed_keys(site: Site) -> tuple[str, ...]:
    """The facts that a filed site changes by a change filing alone (备案事项)."""
    return tuple(AS_FACTS.values()) if site.filed_on is not None else ()


def expiry_calendar(*, seen_by: Actor, on: date) -> list[tuple[str, list[tuple[str, PaperRow]]]]:
    """Papers of all one's sites by month of expiry (证照日历): (month or 长期, [(site, paper)]), what has run out in front."""
    months: dict[str, list[tuple[str, PaperRow]]] = {}
    for site in queries.my_sites(seen_by=seen_by):
        for row in paper_rows(queries.papers_of(site.id, seen_by=seen_by), on):
            until = row.paper.valid_until
            if until is None and not PAPERS[row.paper.kind].expires:
                continue
            month = "长期" if until is None else "已过期" if until < on else f"{until.year}年{until.month:02d}月"
            months.setdefault(month, []).append((site.name, row))
    order = sorted(months, key=lambda month: (month == "长期", month != "已过期", month))
    return [(month, sorted(months[month], key=lambda pair: pair[1].paper.valid_until or date.max)) for month in order]

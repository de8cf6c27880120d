"""Verbs of assessors and panels (评定员与评定组办理): list, ties, freeze, public value by two, draw, replacement after recusal.

The draw is the public one of inspections (YLDRAW1): the homes are all taken, the seats are filled by lot, recusals and caps
are honoured; whoever has the kept files recomputes it.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Final
from uuid import UUID

from sqlalchemy import select

from app.accounts import actions as accounts
from app.accounts import queries as people
from app.core import audit, numbers
from app.core.actor import Actor, Post
from app.core.db import db
from app.core.refusal import Refused
from app.core.scope import find
from app.inspections.rules import draw
from app.providers.models import Site
from app.ratings.actions.applications import move
from app.ratings.events import work as events
from app.ratings.models import AssessorEntry, PanelDraw, PanelMember, RatingApplication, RatingCampaign, RatingTie
from app.ratings.queries import applications, panels, sheets
from app.ratings.rules.process import State, TieKind, Verb, check_apart, check_firm, next_state
from app.regions import queries as regions

TEAM: Final = "panel"
STRATUM: Final = "all"
TAG: Final = "assessor"
SOURCES: Final = {"cwl.kl8": "快乐8", "cwl.ssq": "双色球", "demo.dice": "演示骰子"}


def enter_assessor(account_id: UUID, firm: str, cap: int, *, by: Actor, at: datetime, on: date) -> AssessorEntry:
    """Put a person with the post of assessor on the list (评定员入库)."""
    assert by.authority_id is not None
    if not 1 <= cap <= 99:
        raise Refused("assessor.cap", "每次最多评定的家数应在 1 至 99 之间。")
    if Post.ASSESSOR not in {held.post for held in people.posts_held(account_id, on)}:
        raise Refused("assessor.post", "这个账号没有“评估员”岗位，请先由安全管理员授予。")
    known = next((e for e in panels.assessors(seen_by=by, active=False) if e.account_id == account_id), None)
    if known is not None and known.active:
        raise Refused("assessor.known", "这位评定员已在名录中。")
    if known is not None:
        known.active, known.firm, known.cap = True, firm.strip(), cap
        row = known
    else:
        authority = regions.authority(by.authority_id)
        nth = numbers.take(authority.id, "assessor", 0)
        row = AssessorEntry(
            scope_path=authority.path, authority_id=authority.id, account_id=account_id, code=f"{authority.region.code}-P{nth:04d}",
            firm=firm.strip(), cap=cap, entered_by=by.id, entered_at=at,
        )  # fmt: skip
        db.session.add(row)
    db.session.flush()
    audit.record(events.AssessorEntered(subject=row.id, by=by.id, on=on, account_id=account_id, active=True))
    return row


def strike_assessor(entry_id: UUID, *, by: Actor, on: date) -> None:
    """Take a person off the list (评定员出库). Panels already drawn stay."""
    row = find(AssessorEntry, entry_id, seen_by=by, lock=True)
    if not row.active:
        raise Refused("assessor.gone", "这位评定员已经出库。")
    row.active = False
    db.session.flush()
    audit.record(events.AssessorEntered(subject=row.id, by=by.id, on=on, account_id=row.account_id, active=False))


def declare_tie(
    site: Site, account_id: UUID, kind: TieKind, note: str, *, until: date | None = None, by: Actor, at: datetime, on: date
) -> RatingTie:
    """Declare a tie to a home (申明回避): by the person, or entered by the office."""
    row = RatingTie(
        scope_path=site.scope_path, about_id=site.id, account_id=account_id, kind=kind, note=note.strip(), since=on, until=until,
        declared_by=by.id, declared_at=at,
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    audit.record(events.TieDeclared(subject=row.id, by=by.id, on=on, account_id=account_id, kind=kind))
    return row


# --- the draw ---------------------------------------------------------------------------------------------------------


def freeze_panels(campaign_id: UUID, source: str, rule: str, *, by: Actor, at: datetime, on: date) -> PanelDraw:
    """Freeze homes, assessors and recusals (封存名单), and name the public value that will decide (事先指定)."""
    campaign = applications.campaign(campaign_id, seen_by=by, lock=True)
    waiting = panels.waiting(campaign_id, seen_by=by)
    if not waiting:
        raise Refused("panel.nobody", "没有待抽取评定组的申请。")
    if source not in SOURCES or not rule.strip():
        raise Refused("panel.source", "请选择公开值来源，并写明用哪一期，例如“封存后第一次开奖”。")
    if any(d.drawn_at is None and not d.infeasible for d in panels.draws(campaign_id, seen_by=by)):
        raise Refused("panel.pending", "已有一批名单封存待抽取，请先录入公开值完成抽取。")
    nth = len(panels.draws(campaign_id, seen_by=by)) + 1
    code = f"panel-{campaign.id.hex[:12]}-{nth:02d}"
    files = _files(campaign, waiting, code, source, rule.strip(), by=by, on=on)
    row = PanelDraw(
        scope_path=campaign.scope_path, campaign_id=campaign.id, nth=nth, code=code, files=files, source=source,
        rule=rule.strip(), freeze_hash=_sha(files["freeze.txt"]), frozen_by=by.id, frozen_at=at,
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    audit.record(events.PanelsFrozen(subject=row.id, by=by.id, on=on, campaign_id=campaign.id, freeze_hash=row.freeze_hash))
    return row


def _sha(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def _files(
    campaign: RatingCampaign, waiting: object, code: str, source: str, rule: str, *, by: Actor, on: date
) -> dict[str, str]:
    rows: list[RatingApplication] = list(waiting)  # type: ignore[call-overload]  # a sequence of applications
    pool = panels.of_authority(campaign.authority_id, seen_by=by)
    if not pool:
        raise Refused("panel.no_assessors", "评定员名录是空的，请先登记评定员。")
    seats = tuple(draw.Seat(TEAM, number + 1, (TAG,)) for number in range(campaign.panel_size))
    plan = draw.Plan(
        code, campaign.number.replace("|", ""), "评定组抽取", draw.Mode.OPEN, (draw.Stratum(STRATUM, 10000),), seats,
        (draw.InputRule(1, source, rule),), must_counts=True, balance=1,
    )  # fmt: skip
    homes, recusals = [], []
    by_account = {entry.account_id: entry for entry in pool}
    for row in rows:
        key = _home(row)
        homes.append(draw.Subject(key, STRATUM, TEAM, row.site.name, status=draw.Status.MUST, reason="applied"))
        away = dict.fromkeys(panels.panel_accounts(row.id), TieKind.ASSESSED) | panels.tied(row.site, on)
        away |= {e.account_id: TieKind.ADVISED for e in pool if e.firm and e.firm == row.adviser_firm}
        recusals += [
            draw.Recusal(by_account[account].code, key, kind.value) for account, kind in away.items() if account in by_account
        ]
    inspectors = [draw.Inspector(entry.code, entry.cap, (TAG,), entry.account.name) for entry in pool]
    files = {
        "plan.txt": draw.plan_text(plan),
        "subjects.txt": draw.subjects_text(homes),
        "inspectors.txt": draw.inspectors_text(inspectors),
        "recusals.txt": draw.recusals_text(recusals),
    }
    return files | {"freeze.txt": draw.freeze_text(files, commitment=None)}


def _home(row: RatingApplication) -> str:
    return f"{row.id.hex[:16]}-{row.round}"


def enter_public_value(draw_id: UUID, event: str, typed: str, *, by: Actor, at: datetime, on: date) -> PanelDraw:
    """Enter the public value (录入公开值): the first entry waits; an equal second one by another person draws the panels.

    A differing second entry clears both, and both type again.
    """
    row = panels.panel_draw(draw_id, seen_by=by, lock=True)
    if row.drawn_at is not None:
        raise Refused("panel.drawn", "这一批已经抽取。")
    if row.typed_by is None:
        draw.canonical(row.source, typed)
        if not event.strip() or "|" in event:
            raise Refused("draw.event", "请填写期号（或掷骰子的日期时间），不含竖线。")
        row.typed, row.event, row.typed_by = typed.strip(), event.strip(), by.id
        db.session.flush()
        audit.record(
            events.PanelsFrozen(subject=row.id, by=by.id, on=on, campaign_id=row.campaign_id, freeze_hash=row.freeze_hash)
        )
        return row
    first = draw.Entry(str(row.typed_by), 1, row.source, row.event, row.typed)
    second = draw.Entry(str(by.id), 1, row.source, event.strip(), typed)
    try:
        agreed = draw.agree(first, second)
    except Refused as refusal:
        if refusal.code != "draw.entries_differ":
            raise
        row.typed, row.event, row.typed_by = "", "", None
        db.session.flush()
        return row
    return _draw(row, agreed, by=by, at=at, on=on)


def _draw(row: PanelDraw, agreed: draw.SeedInput, *, by: Actor, at: datetime, on: date) -> PanelDraw:
    files = dict(row.files)
    files["seed.txt"] = draw.seed_text(files["freeze.txt"], [agreed], blind=None)
    result = draw.compute(files)
    files["result.txt"] = result.text
    row.files, row.result_hash = files, _sha(result.text)
    row.drawn_by, row.drawn_at = by.id, at
    row.infeasible = result.infeasible.sentence if result.infeasible else ""
    db.session.flush()
    if result.infeasible is None:
        waiting = {_home(a): a for a in panels.waiting(row.campaign_id, seen_by=by)}
        for task in result.teams:
            if task.subject in waiting:
                _seat(waiting[task.subject], row, task.number, task.inspector, None, on=on)
        for home, application in waiting.items():
            if home in {task.subject for task in result.teams}:
                move(application, Verb.SCHEDULE, by=by, on=on)
    audit.record(
        events.PanelsDrawn(
            subject=row.id, by=by.id, on=on, campaign_id=row.campaign_id, result_hash=row.result_hash or "",
            infeasible=result.infeasible is not None,
        )
    )  # fmt: skip
    return row


def _seat(
    application: RatingApplication, row: PanelDraw, seat: int, code: str, replaces: UUID | None, *, on: date
) -> PanelMember:
    entry = db.session.scalars(select(AssessorEntry).where(AssessorEntry.code == code)).one()
    check_firm(entry.firm, application.adviser_firm)
    member = PanelMember(
        scope_path=application.scope_path, provider_id=application.provider_id, site_id=application.site_id,
        application_id=application.id, round=application.round, draw_id=row.id, account_id=entry.account_id, seat=seat,
        name=entry.account.name, firm=entry.firm, adviser_firm=application.adviser_firm, replaces_id=replaces,
    )  # fmt: skip
    db.session.add(member)
    db.session.flush()
    accounts.assign_site(entry.account_id, application.site_id, task=application.id, on=on)
    return member


def recuse_member(
    application_id: UUID, account_id: UUID, kind: TieKind, note: str, *, by: Actor, at: datetime, on: date
) -> PanelMember:
    """Take an assessor off a panel (评定员回避): the reason is kept, the successor is drawn by the same rule in a new round.

    Asked by the assessor or the home, decided by the office: nobody else chooses who comes instead.
    """
    row = applications.application(application_id, seen_by=by, lock=True)
    if row.state not in (State.SCHEDULED, State.ON_SITE):
        raise Refused("panel.late", f"申请“{row.state.label}”，评定组已不能更换。")
    member = next((m for m in sheets.active(row, seen_by=by) if m.account_id == account_id), None)
    if member is None:
        raise Refused("panel.not_member", "这位评定员不在本组。")
    check_apart(by.id, account_id, words="回避由民政部门经办决定，请联系经办办理。")
    member.recused_on, member.recusal = on, f"{kind.label}。{note.strip()}".strip("。") + "。"
    declare_tie(row.site, account_id, kind, note, by=by, at=at, on=on)
    drawn = panels.panel_draw(member.draw_id, seen_by=by, lock=True)
    code = db.session.scalars(select(AssessorEntry.code).where(AssessorEntry.account_id == account_id)).first() or ""
    ground = draw.Ground(draw.InspectorReason.RECUSAL.value, _sha(member.recusal), "asked", "office")
    before = panels.standing(drawn)
    standing = draw.replace_inspector(before, code, _home(row), ground)
    kept = {(t.subject, t.number, t.inspector) for t in before.tasks if t.inspector != code or t.subject != _home(row)}
    if not kept <= {(t.subject, t.number, t.inspector) for t in standing.tasks}:
        raise Refused("panel.short", "人手不足，补抽会打乱其他评定组。请先增补评定员，另行抽取。")
    drawn.files = {**drawn.files, draw.EVENTS_FILE: standing.text}
    db.session.flush()
    accounts.end_assignments(row.id, until=on - timedelta(days=1), account_id=account_id)
    successor = _follow(row, drawn, standing, member, by=by, on=on)
    audit.record(
        events.PanelMemberReplaced(
            subject=row.id, by=by.id, on=on, site_id=row.site_id, out=account_id, into=successor.account_id
        )
    )
    return successor


def _follow(
    row: RatingApplication, drawn: PanelDraw, standing: draw.Standing, out: PanelMember, *, by: Actor, on: date
) -> PanelMember:
    """Seat whoever the new round names for this home; nobody else of the panel moves."""
    seated = {m.seat: m for m in sheets.active(row, seen_by=by)}
    named = next(t for t in standing.tasks if t.subject == _home(row) and t.number == out.seat)
    if out.seat in seated:
        raise Refused("panel.seat", "这个席位已经有人。")
    return _seat(row, drawn, out.seat, named.inspector, out.id, on=on)


def declare_free(application_id: UUID, *, by: Actor, at: datetime, on: date) -> None:
    """A panel member declares that nothing ties him to the home (无利害关系声明), before the first score."""
    row = applications.application(application_id, seen_by=by)
    member = next((m for m in sheets.active(row, seen_by=by) if m.account_id == by.id), None)
    if member is None:
        raise Refused("panel.not_member", "您不在这家机构的评定组。")
    if member.declared_free_at is None:
        member.declared_free_at = at
        db.session.flush()
        audit.record(
            events.ApplicationMoved(subject=row.id, by=by.id, on=on, site_id=row.site_id, verb=Verb.BEGIN, target="free")
        )


def begin_visit(application_id: UUID, *, by: Actor, at: datetime, on: date) -> RatingApplication:
    """Begin the assessment on site (开始现场评定): by a panel member, once he declared himself free."""
    row = applications.application(application_id, seen_by=by, lock=True)
    next_state(row.state, Verb.BEGIN)
    declare_free(application_id, by=by, at=at, on=on)
    row.visit_on = on
    move(row, Verb.BEGIN, by=by, on=on)
    return row

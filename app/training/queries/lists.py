"""The lists of staff and training (人员、证书、培训列表): what they show, filter and sort by."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, Final

from flask import url_for
from sqlalchemy import Select, or_

from app.core.labels import Labelled
from app.core.listing import Column, Filter, FilterKind, ListSpec, Sort
from app.core.scope import subtree
from app.providers.queries.lists import districts
from app.training.models import Certificate, Course, Employment, Person, TrainingSession
from app.training.rules import CertificateState, CourseKind, Finding, SessionState, Shift, StaffPost
from app.training.rules.certificates import SOON_DAYS, TONES, kinds_on, shown_number, standing

FINDING_TONES: Final = {
    Finding.UNVERIFIED: "na",
    Finding.VERIFIED: "ok",
    Finding.DOUBTFUL: "wait",
    Finding.FALSE: "veto",
}
SESSION_TONES: Final = {SessionState.PLANNED: "wait", SessionState.CLOSED: "ok", SessionState.CANCELLED: "na"}


def choices(enum: type[Labelled]) -> Sequence[tuple[str, str]]:
    """The members of an enum to choose from (选项)."""
    return [(member.value, member.label) for member in enum]


def _named(statement: Select[Any], words: str) -> Select[Any]:
    low = words.lower().replace(" ", "")
    return statement.where(
        or_(
            Person.name.contains(words, autoescape=True),
            Person.pinyin.startswith(low, autoescape=True),
            Person.initials.startswith(low, autoescape=True),
        )
    )


def _whether_there(statement: Select[Any], value: str) -> Select[Any]:
    return statement.where(Employment.ended_on.is_(None) if value == "in" else Employment.ended_on.is_not(None))


def staff_list(sites: Sequence[tuple[str, str]], page: str) -> ListSpec[Employment]:
    """The staff of one's sites (人员名册); `page` is the endpoint of a person's page."""
    place = (
        [Filter("site", "网点", lambda q, v: q.where(Employment.site_id == v), FilterKind.CHOICE, sites)]
        if len(sites) > 1
        else []
    )
    return ListSpec(
        columns=[
            Column("name", "姓名", lambda e: e.person.name, sort="name", href=lambda e: url_for(page, employment_id=e.id)),
            Column("post", "岗位", lambda e: e.post.label),
            Column("papers", "证书", lambda _: ""),
            Column("shift", "班次", lambda e: e.shift.label if e.shift else None),
            Column("started", "到岗", lambda e: e.started_on, sort="started"),
        ],
        filters=[
            Filter("q", "姓名", _named, hint="姓名或拼音首字母"),
            Filter("post", "岗位", lambda q, v: q.where(Employment.post == v), FilterKind.CHOICE, choices(StaffPost)),
            *place,
            Filter(
                "shift", "班次", lambda q, v: q.where(Employment.shift == v), FilterKind.CHOICE, choices(Shift), primary=False
            ),
            Filter("there", "在岗", _whether_there, FilterKind.CHOICE, [("in", "在岗"), ("out", "已离岗")], primary=False),
        ],
        sorts=[
            Sort("name", "姓名", Person.pinyin, up="按拼音", down="按拼音倒序"),
            Sort("started", "到岗", Employment.started_on, up="先到岗的在前", down="新到岗的在前"),
        ],
        default_sort="name",
        tie=Employment.id,
    )


def _standing(on: date) -> Filter:
    def narrow(statement: Select[Any], value: str) -> Select[Any]:
        day = Certificate.runs_out_on
        if value == "expired":
            return statement.where(day < on)
        if value == "soon":
            return statement.where(day.between(on, on + timedelta(days=SOON_DAYS)))
        return statement.where(or_(day.is_(None), day >= on))

    options = [("expired", "已过期"), ("soon", f"{SOON_DAYS} 天内到期"), ("valid", "有效")]
    return Filter("standing", "情况", narrow, FilterKind.CHOICE, options)


def certificate_list(path: str | None, on: date) -> ListSpec[Certificate]:
    """The certificates of an area on a day (证书名册)."""
    table = kinds_on(on)
    places = districts(path)
    place = (
        [Filter("district", "区县街道", lambda q, v: q.where(subtree(Certificate.scope_path, v)), FilterKind.CHOICE, places)]
        if places
        else []
    )
    kinds = [(kind.code, kind.label) for kind in table.kinds]
    return ListSpec(
        columns=[
            Column(
                "holder",
                "持有人",
                lambda c: c.person.name,
                href=lambda c: url_for("office_staff.show_certificate", certificate_id=c.id),
            ),
            Column("kind", "证书", lambda c: table.named(c.kind).label),
            Column("level", "等级", lambda c: table.level_label(c.kind, c.level)),
            Column(
                "standing",
                "情况",
                lambda c: standing(c.state, c.finding, c.runs_out_on, on).label,
                tone=lambda c: TONES[standing(c.state, c.finding, c.runs_out_on, on)],
            ),
            Column("runs_out", "止期", lambda c: c.runs_out_on, sort="runs_out"),
            Column("finding", "核验", lambda c: c.finding.label, tone=lambda c: FINDING_TONES[c.finding]),
            Column(
                "number", "编号", lambda c: shown_number(table.named(c.kind), c.number.reveal()) if c.number else "", screen=False
            ),
            Column("issuer", "发证机构", lambda c: c.issuer, screen=False),
            Column("issued", "发证日期", lambda c: c.issued_on, screen=False),
        ],
        filters=[
            Filter("q", "持有人", _named, hint="姓名或拼音首字母"),
            Filter("kind", "证书种类", lambda q, v: q.where(Certificate.kind == v), FilterKind.CHOICE, kinds),
            _standing(on),
            *place,
            Filter(
                "finding",
                "核验",
                lambda q, v: q.where(Certificate.finding == v),
                FilterKind.CHOICE,
                choices(Finding),
                primary=False,
            ),
        ],
        sorts=[Sort("runs_out", "止期", Certificate.runs_out_on, nullable=True, up="先到期的在前", down="后到期的在前")],
        default_sort="runs_out",
        tie=Certificate.id,
    )


def current(statement: Select[Certificate]) -> Select[Certificate]:
    """Only entries in use (现行证书)."""
    return statement.where(Certificate.state == CertificateState.CURRENT)


def session_list(page: str) -> ListSpec[TrainingSession]:
    """Training sessions (培训班次); `page` is the endpoint of a session's page."""
    return ListSpec(
        columns=[
            Column("title", "课程", lambda s: s.course.title, href=lambda s: url_for(page, session_id=s.id)),
            Column("kind", "类别", lambda s: s.course.kind.label),
            Column("held", "日期", lambda s: s.held_on, sort="held"),
            Column("state", "状态", lambda s: s.state.label, tone=lambda s: SESSION_TONES[s.state]),
            Column("people", "参训", lambda _: ""),
            Column("holder", "组织", lambda s: "主管部门" if s.authority_id else "本机构"),
        ],
        filters=[
            Filter("q", "课程", lambda q, v: q.where(Course.title.contains(v, autoescape=True))),
            Filter("kind", "类别", lambda q, v: q.where(Course.kind == v), FilterKind.CHOICE, choices(CourseKind)),
            Filter("state", "状态", lambda q, v: q.where(TrainingSession.state == v), FilterKind.CHOICE, choices(SessionState)),
        ],
        sorts=[Sort("held", "日期", TrainingSession.held_on, up="早的在前", down="近的在前")],
        default_sort="-held",
        tie=TrainingSession.id,
    )

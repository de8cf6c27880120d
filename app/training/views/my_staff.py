"""A home's staff (机构人员): the list, a person, certificates with their renewal by photo, the calendar, staffing, share codes."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from flask import Blueprint, Response, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.core import listing
from app.core.access import me, requires
from app.core.clock import now, today
from app.core.db import db
from app.core.identifiers import IdType
from app.core.refusal import Refused
from app.core.uploads import CleanUpload, clean
from app.core.xlsx.write import write_table
from app.providers import queries as providers
from app.training import forms
from app.training.actions import certificates, people, staffing
from app.training.queries import certificates as papers
from app.training.queries import importing, pages
from app.training.queries import people as staff
from app.training.queries import staffing as needs
from app.training.queries.lists import staff_list
from app.training.rules import EndReason, Shift, StaffPost
from app.training.rules.certificates import alert_words, kinds_on
from app.training.rules.staffing import Ability

bp = Blueprint("my_staff", __name__)
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ALPHABET: Final = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
CODE_LENGTH: Final = 12


def _sites() -> list[tuple[str, str]]:
    return [(str(site.id), site.name) for site in providers.my_sites(seen_by=me())]


@bp.get("/my/staff")
@requires("my.staff")
def list_staff() -> ResponseReturnValue:
    """Who works here, what is missing, what runs out (人员)."""
    spec = staff_list(_sites(), "my_staff.show_person")
    query = listing.read(spec, request.args)
    statement = staff.employments(seen_by=me())
    if "there" not in query.values:
        statement = staff.still_there(statement)
    page = listing.fetch(db.session, statement, spec, query)
    notes = pages.staff_notes(page.rows, seen_by=me(), on=today())
    sites = [pages.site_staff(site, seen_by=me(), on=today()) for site in providers.my_sites(seen_by=me())]
    return render_template("training/my_staff.html", spec=spec, query=query, page=page, notes=notes, sites=sites), query.status


@bp.get("/my/staff.xlsx")
@requires("my.staff")
def export_staff() -> ResponseReturnValue:
    """The filtered list with certificates (导出人员名册): identity numbers masked."""
    spec = staff_list(_sites(), "my_staff.show_person")
    statement = listing.narrow(staff.employments(seen_by=me()), spec, listing.read(spec, request.args))
    data = write_table(importing.tables(statement, seen_by=me(), on=today()))
    name = f"attachment; filename=staff-{today().isoformat()}.xlsx"
    return Response(data, mimetype=XLSX, headers={"Content-Disposition": name})


# --- people -----------------------------------------------------------------------------------------------------------


def _new_page(site_id: UUID, form: Any, status: int = 200) -> ResponseReturnValue:
    site = providers.site(site_id, seen_by=me())
    return render_template("training/my_person_new.html", site=site, form=form), status


@bp.get("/my/sites/<uuid:site_id>/staff/new")
@requires("my.staff.keep")
def show_employ_form(site_id: UUID) -> ResponseReturnValue:
    """The form of a new person (登记到岗)."""
    return _new_page(site_id, forms.Employ(data={"started_on": today(), "id_type": IdType.RESIDENT.value}))


@bp.post("/my/sites/<uuid:site_id>/staff")
@requires("my.staff.keep")
def create_employment(site_id: UUID) -> ResponseReturnValue:
    """Enter somebody who took up a post (登记到岗)."""
    form = forms.Employ.sent()
    if not form.validate():
        return _new_page(site_id, form, 422)
    try:
        job = people.employ(
            site_id,
            name=form.name.data,
            id_type=IdType(form.id_type.data),
            identity=form.identity.data,
            post=StaffPost(form.post.data),
            shift=Shift(form.shift.data) if form.shift.data else None,
            started_on=form.started_on.data,
            by=me(),
            at=now(),
            on=today(),
        )
    except Refused as refusal:
        form.form_errors = [refusal.sentence]
        return _new_page(site_id, form, 422)
    flash("已登记到岗。接着登记证书，到期前会提醒。")
    return redirect(url_for(".show_person", employment_id=job.id))


def _person_page(employment_id: UUID, status: int = 200, **more: Any) -> ResponseReturnValue:
    page = pages.person_page(employment_id, seen_by=me(), on=today())
    job = page.job
    context: dict[str, Any] = {
        "page": page,
        "shift": forms.ShiftChange(data={"shift": job.shift.value if job.shift else ""}),
        "post": forms.PostChange(data={"from_day": today()}),
        "leave": forms.Leave(data={"ended_on": today(), "reason": EndReason.LEFT.value}),
        "rename": forms.Rename(data={"name": job.person.name}),
        "share": forms.Share(),
        "code": "",
    }
    return render_template("training/my_person.html", **(context | more)), status


@bp.get("/my/staff/<uuid:employment_id>")
@requires("my.staff")
def show_person(employment_id: UUID) -> ResponseReturnValue:
    """A person: what is missing, certificates, training, posts (人员页)."""
    return _person_page(employment_id)


@bp.post("/my/staff/<uuid:employment_id>/shift")
@requires("my.staff.keep")
def update_shift(employment_id: UUID) -> ResponseReturnValue:
    """Put somebody on another shift (调整班次)."""
    form = forms.ShiftChange.sent()
    if not form.validate():
        return _person_page(employment_id, 422, shift=form)
    people.set_shift(employment_id, Shift(form.shift.data) if form.shift.data else None, by=me(), on=today())
    site = staff.employment(employment_id, seen_by=me()).site_id
    gaps = needs.staffing_of(site, seen_by=me(), on=today()).gaps
    flash(
        "班次已调整。" + ("；".join(line.words for line in gaps) + "。" if gaps else "各班人员已够。"), "info" if gaps else "ok"
    )
    return redirect(url_for(".show_person", employment_id=employment_id))


@bp.post("/my/staff/<uuid:employment_id>/post")
@requires("my.staff.keep")
def update_post(employment_id: UUID) -> ResponseReturnValue:
    """Move somebody to another post (转岗)."""
    form = forms.PostChange.sent()
    if not form.validate():
        return _person_page(employment_id, 422, post=form)
    try:
        job = people.change_post(
            employment_id, StaffPost(form.post.data), from_day=form.from_day.data, by=me(), at=now(), on=today()
        )
    except Refused as refusal:
        form.form_errors = [refusal.sentence]
        return _person_page(employment_id, 422, post=form)
    flash("已转岗。转岗前要接受安全教育（GB 38600-2019，条文待核）。")
    return redirect(url_for(".show_person", employment_id=job.id))


@bp.post("/my/staff/<uuid:employment_id>/name")
@requires("my.staff.keep")
def update_name(employment_id: UUID) -> ResponseReturnValue:
    """Correct a mistyped name (更正姓名)."""
    form = forms.Rename.sent()
    if not form.validate():
        return _person_page(employment_id, 422, rename=form)
    try:
        people.correct_name(employment_id, form.name.data, by=me(), on=today())
    except Refused as refusal:
        form.form_errors = [refusal.sentence]
        return _person_page(employment_id, 422, rename=form)
    flash("姓名已更正。")
    return redirect(url_for(".show_person", employment_id=employment_id))


@bp.post("/my/staff/<uuid:employment_id>/end")
@requires("my.staff.keep")
def create_end(employment_id: UUID) -> ResponseReturnValue:
    """Somebody left (登记离岗)."""
    form = forms.Leave.sent()
    if not form.validate():
        return _person_page(employment_id, 422, leave=form)
    try:
        people.end_employment(employment_id, form.ended_on.data, EndReason(form.reason.data), by=me(), on=today())
    except Refused as refusal:
        form.form_errors = [refusal.sentence]
        return _person_page(employment_id, 422, leave=form)
    flash("已登记离岗。")
    return redirect(url_for(".list_staff"))


# --- share codes ------------------------------------------------------------------------------------------------------


@bp.post("/my/staff/<uuid:employment_id>/share-codes")
@requires("my.staff.keep")
def create_share_code(employment_id: UUID) -> ResponseReturnValue:
    """Make a share code; it is shown this once (生成共享码)."""
    form = forms.Share.sent()
    if not form.validate():
        return _person_page(employment_id, 422, share=form)
    code = "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))
    until = today() + timedelta(days=int(form.days.data))
    people.make_share_code(employment_id, code, valid_to=until, by=me(), at=now(), on=today())
    return _person_page(employment_id, code=code)


@bp.post("/my/share-codes/<uuid:share_code_id>/revocation")
@requires("my.staff.keep")
def create_revocation(share_code_id: UUID) -> ResponseReturnValue:
    """Take a share code back (收回共享码)."""
    row = people.revoke_share_code(share_code_id, by=me(), on=today())
    flash("共享码已收回，立即失效。")
    return redirect(url_for(".show_person", employment_id=row.employment_id))


# --- certificates -----------------------------------------------------------------------------------------------------


@bp.get("/my/certificates")
@requires("my.staff")
def list_certificates() -> ResponseReturnValue:
    """The calendar of expiries with what was told lately (到期日历)."""
    months = pages.expiry_calendar(seen_by=me(), on=today())
    told = papers.alerts(seen_by=me(), since=today() - timedelta(days=30))
    table = kinds_on(today())
    lines = [
        (alert.told_on, f"{person.name}：{alert_words(table.named(paper.kind).label, alert.runs_out_on, alert.told_on)}")
        for alert, paper, person in told[:12]
    ]
    return render_template("training/my_certificates.html", months=months, told=lines, sites=providers.my_sites(seen_by=me()))


def _certificate_page(employment_id: UUID, form: Any, status: int = 200) -> ResponseReturnValue:
    job = staff.employment(employment_id, seen_by=me())
    table = kinds_on(today())
    old = papers.certificate(UUID(form.replaces.data), seen_by=me()) if _is_id(form.replaces.data) else None
    row = pages.paper_rows([old], table, seen_by=me(), on=today())[0] if old else None
    return render_template("training/my_certificate_new.html", job=job, form=form, table=table, old=row), status


def _is_id(text: str | None) -> bool:
    try:
        return bool(text) and UUID(text) is not None
    except ValueError:
        return False


@bp.get("/my/staff/<uuid:employment_id>/certificates/new")
@requires("my.certificate")
def show_certificate_form(employment_id: UUID) -> ResponseReturnValue:
    """The form of a certificate, filled in from the one it replaces (登记证书、换新)."""
    replaces = request.args.get("replaces", "")
    data: dict[str, Any] = {"replaces": replaces, "kind": request.args.get("kind", "")}
    if _is_id(replaces):
        old = papers.certificate(UUID(replaces), seen_by=me())
        holds = kinds_on(today()).named(old.kind).holds_identity
        number = old.number.reveal() if old.number and not holds else ""
        data |= {"kind": old.kind, "level": old.level or "", "number": number, "issuer": old.issuer}
    return _certificate_page(employment_id, forms.certificate_form(kinds_on(today()), data=data))


@bp.post("/my/staff/<uuid:employment_id>/certificates")
@requires("my.certificate")
def create_certificate(employment_id: UUID) -> ResponseReturnValue:
    """Enter a certificate, new or in place of an older one (登记证书、换新)."""
    form = forms.certificate_form(kinds_on(today()), sent=True)
    if not form.validate():
        return _certificate_page(employment_id, form, 422)
    try:
        upload = _uploaded(form)
        replaces = UUID(form.replaces.data) if _is_id(form.replaces.data) else None
        if replaces is not None and upload is None:
            raise Refused("upload.none", "换新要传新证书的照片。")
        row = certificates.enter_certificate(
            employment_id,
            form.kind.data,
            level=form.level.data or None,
            number=form.number.data or _same_number(replaces, form.kind.data),
            issuer=form.issuer.data,
            issued_on=form.issued_on.data,
            valid_to=form.valid_to.data,
            review_due=form.review_due.data,
            upload=upload,
            replaces=replaces,
            by=me(),
            at=now(),
            on=today(),
        )
    except Refused as refusal:
        form.form_errors = [refusal.sentence]
        return _certificate_page(employment_id, form, 422)
    doubts = papers.doubt_words(row, papers.twins([row]).get(row.id, 0))
    words = "已换新。" if form.replaces.data else "证书已登记。"
    flash(
        words + (f"请再核对：{'；'.join(doubts)}。没有录错的不用改。" if doubts else "民政部门核验后会显示“已核验”。"),
        "info" if doubts else "ok",
    )
    if form.replaces.data:
        return redirect(url_for(".list_certificates"))
    return redirect(url_for(".show_person", employment_id=employment_id))


def _same_number(replaces: UUID | None, kind: str) -> str:
    """A number that is an identity number is not typed again: the renewed certificate has the same."""
    if replaces is None or not kinds_on(today()).named(kind).holds_identity:
        return ""
    old = papers.certificate(replaces, seen_by=me())
    return old.number.reveal() if old.number else ""


def _uploaded(form: Any) -> CleanUpload | None:
    sent = form.file.data
    if not sent or not getattr(sent, "filename", ""):
        return None
    return clean(sent.read(), sent.filename, clamd=current_app.extensions["settings"].clamd_address or None)


@bp.post("/my/certificates/<uuid:certificate_id>/withdrawal")
@requires("my.certificate")
def create_withdrawal(certificate_id: UUID) -> ResponseReturnValue:
    """Take back an entry made by mistake (撤下证书)."""
    certificates.withdraw_certificate(certificate_id, by=me(), on=today())
    flash("已撤下这份登记。")
    return redirect(url_for(".list_certificates"))


# --- staffing ---------------------------------------------------------------------------------------------------------


def _staffing_page(site_id: UUID, form: Any = None, status: int = 200) -> ResponseReturnValue:
    found = needs.staffing_of(site_id, seen_by=me(), on=today())
    if form is None:
        known = {ability.value: found.residents[ability] for ability in Ability}
        load = found.load
        rooms = {"has_control_room": load.has_control_room, "has_linked_control": load.has_linked_control} if load else {}
        form = forms.CareLoad(data={"as_of": today(), **known, **rooms})
    return render_template("training/my_staffing.html", found=found, form=form), status


@bp.get("/my/sites/<uuid:site_id>/staffing")
@requires("my.staff")
def show_staffing(site_id: UUID) -> ResponseReturnValue:
    """How the site is staffed and what is missing, shift by shift (人员配备)."""
    return _staffing_page(site_id)


@bp.post("/my/sites/<uuid:site_id>/staffing")
@requires("my.staff.keep")
def create_care_load(site_id: UUID) -> ResponseReturnValue:
    """Record residents by ability (填报在住老人能力等级)."""
    form = forms.CareLoad.sent()
    if not form.validate():
        return _staffing_page(site_id, form, 422)
    try:
        staffing.record_care_load(
            site_id,
            form.residents,
            as_of=form.as_of.data,
            has_control_room=bool(form.has_control_room.data),
            has_linked_control=bool(form.has_linked_control.data),
            by=me(),
            at=now(),
            on=today(),
        )
    except Refused as refusal:
        form.form_errors = [refusal.sentence]
        return _staffing_page(site_id, form, 422)
    flash("已存好，下面按新的人数算。")
    return redirect(url_for(".show_staffing", site_id=site_id))

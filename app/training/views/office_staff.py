"""Staff and certificates for the office (辖区人员与证书): rates by district, what runs out, suspicious numbers, verification."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.core import listing
from app.core.access import me, requires
from app.core.clock import now, today
from app.core.db import db
from app.core.refusal import Refused
from app.core.xlsx.write import Table, write_table
from app.providers import queries as providers
from app.training import forms
from app.training.actions import certificates, people
from app.training.queries import certificates as papers
from app.training.queries import pages
from app.training.queries import people as staff
from app.training.queries import staffing as needs
from app.training.queries.lists import certificate_list, current
from app.training.rules import Finding
from app.training.rules.certificates import CheckWay
from app.training.views.my_staff import XLSX

bp = Blueprint("office_staff", __name__)


@bp.get("/office/staff")
@requires("staff.read")
def show_area() -> ResponseReturnValue:
    """Staff of the area in figures: certified, trained, running out, targets (人员与持证)."""
    path = me().scope.path or "/"
    return render_template("training/office_area.html", page=pages.area_page(path, seen_by=me(), on=today()))


@bp.get("/office/certificates")
@requires("staff.read")
def list_certificates() -> ResponseReturnValue:
    """The certificates of the area (证书名册)."""
    spec = certificate_list(me().scope.path, today())
    query = listing.read(spec, request.args)
    page = listing.fetch(db.session, current(papers.certificates(seen_by=me())), spec, query)
    return render_template("training/office_certificates.html", spec=spec, query=query, page=page), query.status


@bp.get("/office/certificates.xlsx")
@requires("staff.export")
def export_certificates() -> ResponseReturnValue:
    """The filtered certificates (导出证书名册): numbers that are identity numbers masked."""
    spec = certificate_list(me().scope.path, today())
    query = listing.read(spec, request.args)
    head, *rows = listing.export_rows(db.session, current(papers.certificates(seen_by=me())), spec, query)
    data = write_table([Table("证书", [str(cell) for cell in head], rows)])
    name = f"attachment; filename=certificates-{today().isoformat()}.xlsx"
    return Response(data, mimetype=XLSX, headers={"Content-Disposition": name})


@bp.get("/office/certificates/suspicious")
@requires("staff.read")
def list_suspicious() -> ResponseReturnValue:
    """Certificates whose number is doubtful, or stands under two names (可疑证书)."""
    spec = certificate_list(me().scope.path, today())
    query = listing.read(spec, request.args)
    page = listing.fetch(db.session, papers.suspicious(seen_by=me()), spec, query)
    twins = papers.twins(page.rows)
    doubts = {row.id: papers.doubt_words(row, twins.get(row.id, 0)) for row in page.rows}
    return render_template("training/office_suspicious.html", spec=spec, query=query, page=page, doubts=doubts), query.status


def _certificate_page(certificate_id: UUID, status: int = 200, **more: Any) -> ResponseReturnValue:
    page = pages.certificate_page(certificate_id, seen_by=me(), on=today())
    context = {"page": page, "check": forms.Check(), "refute": forms.Refute(), "reason": forms.Reason(), "identity": ""}
    return render_template("training/office_certificate.html", **(context | more)), status


@bp.get("/office/certificates/<uuid:certificate_id>")
@requires("staff.read")
def show_certificate(certificate_id: UUID) -> ResponseReturnValue:
    """A certificate: how it stands, how it was verified, what is doubtful (证书)."""
    return _certificate_page(certificate_id)


def _decided(certificate_id: UUID, name: str, form: Any, act: Callable[[], object], words: str) -> ResponseReturnValue:
    if not form.validate():
        return _certificate_page(certificate_id, 422, **{name: form})
    try:
        act()
    except Refused as refusal:
        form.form_errors = [refusal.sentence]
        return _certificate_page(certificate_id, 422, **{name: form})
    flash(words)
    return redirect(url_for(".show_certificate", certificate_id=certificate_id))


@bp.post("/office/certificates/<uuid:certificate_id>/checks")
@requires("certificate.verify")
def create_check(certificate_id: UUID) -> ResponseReturnValue:
    """Note what verification came to (核验证书)."""
    form = forms.Check.sent()

    def act() -> None:
        certificates.verify_certificate(
            certificate_id,
            Finding(form.finding.data),
            way=CheckWay(form.way.data),
            note=form.note.data or "",
            by=me(),
            at=now(),
            on=today(),
        )

    return _decided(certificate_id, "check", form, act, "核验结果已记下。")


@bp.post("/office/certificates/<uuid:certificate_id>/refutation")
@requires("certificate.refute")
def create_refutation(certificate_id: UUID) -> ResponseReturnValue:
    """Find a certificate false (认定虚假)."""
    form = forms.Refute.sent()

    def act() -> None:
        certificates.refute_certificate(
            certificate_id, way=CheckWay(form.way.data), note=form.note.data, by=me(), at=now(), on=today()
        )

    return _decided(certificate_id, "refute", form, act, "已认定为虚假，即时不再计入持证人数。")


@bp.post("/office/certificates/<uuid:certificate_id>/identity/<uuid:employment_id>")
@requires("site.unmask")
def create_reveal(certificate_id: UUID, employment_id: UUID) -> ResponseReturnValue:
    """See the holder's identity number, for a reason that is kept (查看证件号码)."""
    form = forms.Reason.sent()
    job = staff.employment(employment_id, seen_by=me())
    if not form.validate() or job.person_id != papers.certificate(certificate_id, seen_by=me()).person_id:
        return _certificate_page(certificate_id, 422, reason=form)
    number = people.reveal_identity(employment_id, form.reason.data, by=me(), at=now(), on=today())
    return _certificate_page(certificate_id, identity=number)


@bp.get("/office/sites/<uuid:site_id>/staff")
@requires("staff.read")
def show_site(site_id: UUID) -> ResponseReturnValue:
    """Staff of a site: who is there, what is missing, shift by shift (机构人员)."""
    site = providers.site(site_id, seen_by=me())
    rows = staff.staff_of(site.id, seen_by=me(), on=today())
    notes = pages.staff_notes(rows, seen_by=me(), on=today())
    found = needs.staffing(site, seen_by=me(), on=today())
    half = pages.site_staff(site, seen_by=me(), on=today()).education
    return render_template("training/office_site.html", site=site, rows=rows, notes=notes, found=found, half=half)

"""The evidence vault (材料库): by item and as a list, for the provider; to read for officers and assessors."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.archive import queries as files
from app.archive.views import sent, sent_file
from app.core import listing
from app.core.access import me, requires
from app.core.clock import now, today
from app.core.db import db
from app.core.refusal import Refused
from app.core.uploads import clean
from app.core.xlsx.write import Table, write_table
from app.providers import queries as providers
from app.ratings.actions import evidence as actions
from app.ratings.forms.evidence import EvidenceForm, WithdrawForm
from app.ratings.queries import editor
from app.ratings.queries import evidence as queries
from app.ratings.rules.evidence import standing, table

bp = Blueprint("evidence", __name__)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WHOLE = 20 << 20


# --- the list ---------------------------------------------------------------------------------------------------------


@bp.get("/my/evidence")
@requires("my.evidence")
def list_evidence() -> ResponseReturnValue:
    """Everything in one's vault (材料清单)."""
    spec = queries.vault_list(today(), ".show_evidence")
    query = listing.read(spec, request.args)
    page = listing.fetch(db.session, queries.vault(seen_by=me()), spec, query)
    sites = queries.sites_with_vault(seen_by=me())
    return render_template("ratings/evidence_list.html", spec=spec, query=query, page=page, sites=sites), query.status


@bp.get("/my/evidence.xlsx")
@requires("my.evidence")
def export_evidence() -> ResponseReturnValue:
    """The list as a workbook (导出材料清单)."""
    spec = queries.vault_list(today(), ".show_evidence")
    head, *rows = listing.export_rows(db.session, queries.vault(seen_by=me()), spec, listing.read(spec, request.args))
    body = write_table([Table("材料清单", [str(cell) for cell in head], rows)])
    name = f"attachment; filename=evidence-{today().isoformat()}.xlsx"
    return Response(body, mimetype=XLSX, headers={"Content-Disposition": name})


# --- by item ----------------------------------------------------------------------------------------------------------


@bp.get("/my/sites/<uuid:site_id>/evidence")
@requires("my.evidence")
def show_vault(site_id: UUID) -> ResponseReturnValue:
    """Evidence beside the items of a scheme (材料库)."""
    return _vault(site_id, "ratings/evidence_vault.html")


@bp.get("/office/sites/<uuid:site_id>/evidence")
@requires("evidence.read")
def show_site_vault(site_id: UUID) -> ResponseReturnValue:
    """A site's evidence beside the items of a scheme, to read (机构材料)."""
    return _vault(site_id, "ratings/evidence_office.html")


def _vault(site_id: UUID, template: str, *, form: Any = None, status: int = 200) -> ResponseReturnValue:
    site = providers.site(site_id, seen_by=me())
    schemes = editor.domestic(path=site.scope_path, on=today())
    code = request.args.get("scheme", "")
    code = code if code in schemes else _suited(site.kind.label, schemes)
    sheet = queries.sheet(site_id, code, today(), seen_by=me())
    chosen = sheet.one(request.args.get("item", "")) or (sheet.rows[0] if sheet.rows else None)
    if form is None:
        form = EvidenceForm(items=f"{code}/{chosen.item.id}" if chosen else "")
    used, quota = queries.space(site_id, seen_by=me())
    page: dict[str, Any] = {
        "site": site,
        "scheme_choices": [(each, scheme.shape.name) for each, scheme in schemes.items()],
        "scheme": code,
        "sheet": sheet,
        "chosen": chosen,
        "only_short": request.args.get("only") == "short",
        "uploads": queries.recent_uploads(site_id, seen_by=me(), since=now() - timedelta(days=table().keep_days)),
        "form": form,
        "table": table(),
        "used": used,
        "quota": quota,
        "size_shown": queries.size_shown,
        "progress": queries.progress,
        "kind": _lacking(chosen) if chosen else "",
        "others": _others(site_id, chosen) if chosen else [],
    }
    return render_template(template, **page), status


def _suited(kind: str, schemes: Any) -> str:
    """The first scheme made for this kind of site, else the first (适用方案)."""
    fitting = [str(code) for code, scheme in schemes.items() if kind in scheme.shape.applies_to]
    return (fitting or list(schemes))[0]


def _lacking(chosen: Any) -> str:
    """The kind of evidence that an item still asks for, to be chosen already (预选种类)."""
    there = [piece.counts_as for piece in chosen.pieces]
    short = [need for need, count in chosen.item.evidence.items() if there.count(need) < count]
    return next((kind.code for need in short for kind in table().kinds if kind.counts_as == need), "")


def _others(site_id: UUID, chosen: Any) -> list[Any]:
    """Pieces in use that do not stand for the item yet (可选用的已有材料)."""
    there = {piece.evidence_id for piece in chosen.pieces}
    rows = db.session.scalars(queries.vault(seen_by=me(), site_id=site_id)).unique().all()
    return [
        row for row in rows if row.id not in there and standing(row.state, row.valid_until, today()).value in ("valid", "soon")
    ]


@bp.post("/my/sites/<uuid:site_id>/evidence")
@requires("my.evidence")
def create_evidence(site_id: UUID) -> ResponseReturnValue:
    """Send a small file in one go, without a script (上传材料)."""
    providers.site(site_id, seen_by=me())
    form = EvidenceForm.sent()
    try:
        if not form.validate():
            return _vault(site_id, "ratings/evidence_vault.html", form=form, status=422)
        data = form.file.data.read()
        upload = clean(data, form.file.data.filename, clamd=current_app.extensions["settings"].clamd_address or None)
        replaces = UUID(form.evidence_id.data) if form.evidence_id.data else None
        row = actions.add_evidence(site_id, form.wanted(len(data)), upload, evidence_id=replaces, by=me(), at=now(), on=today())
    except (Refused, ValueError) as refusal:
        db.session.rollback()
        form.form_errors = [getattr(refusal, "sentence", "请从页面上选择材料")]
        return _vault(site_id, "ratings/evidence_vault.html", form=form, status=422)
    flash(f"“{row.title}”第 {row.versions} 版已收入材料库。", "ok")
    return redirect(_back(site_id, form.items.data))


def _back(site_id: UUID, link: str) -> str:
    scheme, _, item = link.split(" ")[0].partition("/")
    return url_for(".show_vault", site_id=site_id, scheme=scheme or None, item=item or None)


# --- one piece --------------------------------------------------------------------------------------------------------


@bp.get("/my/evidence/<uuid:evidence_id>")
@requires("my.evidence")
def show_evidence(evidence_id: UUID) -> ResponseReturnValue:
    """One piece: versions, where it is used, a new version, withdrawing it (材料)."""
    return _one(evidence_id)


def _one(evidence_id: UUID, status: int = 200, *, form: Any = None, leaving: Any = None) -> ResponseReturnValue:
    row = queries.evidence(evidence_id, seen_by=me())
    page = {
        "row": row,
        "kind": table().one(row.kind),
        "standing": standing(row.state, row.valid_until, today()),
        "form": form or EvidenceForm(kind=row.kind, title=row.title, evidence_id=str(row.id)),
        "leaving": leaving or WithdrawForm(),
        "used": queries.used_for(row, on=today()),
        "size_shown": queries.size_shown,
        "table": table(),
    }
    return render_template("ratings/evidence_one.html", **page), status


@bp.post("/my/evidence/<uuid:evidence_id>/links")
@requires("my.evidence")
def create_link(evidence_id: UUID) -> ResponseReturnValue:
    """Let a piece stand for an item, or no longer (对应评分项)."""
    row = queries.evidence(evidence_id, seen_by=me())
    scheme, _, item = request.form.get("item", "").partition("/")
    act = actions.unlink_evidence if request.form.get("act") == "remove" else actions.link_evidence
    act(evidence_id, scheme, item, by=me(), at=now(), on=today())
    flash("已取消对应。" if request.form.get("act") == "remove" else f"“{row.title}”已对应到这一项。", "ok")
    if row.site_id is not None and request.form.get("from") == "vault":
        return redirect(url_for(".show_vault", site_id=row.site_id, scheme=scheme, item=item))
    return redirect(url_for(".show_evidence", evidence_id=row.id))


@bp.post("/my/evidence/<uuid:evidence_id>/withdrawal")
@requires("my.evidence")
def create_withdrawal(evidence_id: UUID) -> ResponseReturnValue:
    """Use a piece no longer (撤下材料)."""
    form = WithdrawForm.sent()
    queries.evidence(evidence_id, seen_by=me())
    try:
        if not form.validate():
            return _one(evidence_id, 422, leaving=form)
        actions.withdraw_evidence(evidence_id, form.reason.data, by=me(), at=now(), on=today())
    except Refused as refusal:
        db.session.rollback()
        form.form_errors = [refusal.sentence]
        return _one(evidence_id, 422, leaving=form)
    flash("已撤下。已经提交的申请仍保留这份材料。", "ok")
    return redirect(url_for(".list_evidence"))


@bp.get("/evidence/<uuid:evidence_version_id>")
@requires("evidence.open")
def show_version(evidence_version_id: UUID) -> ResponseReturnValue:
    """The bytes of a version (打开材料): a photo in the page, anything else as a download; never run as a page of ours."""
    row = queries.version(evidence_version_id, seen_by=me())
    if row.size > WHOLE:
        return sent_file(row.blob_id, seen_by=me())
    data = files.blob_bytes(row.blob_id, seen_by=me())
    return sent(data, row.content_type, row.file_name, inline=row.content_type == "image/jpeg")

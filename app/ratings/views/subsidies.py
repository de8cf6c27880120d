"""Subsidies (补贴): rules with their sources, lists to compute and approve, workbooks; what a provider was granted."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.core import listing
from app.core.access import me, requires
from app.core.clock import now, today
from app.core.db import db
from app.core.refusal import Refused
from app.ratings.actions import subsidies as actions
from app.ratings.forms.subsidies import ClaimForm, ReasonForm, ReversalForm, month_of
from app.ratings.queries import subsidies as queries
from app.ratings.rules.claims import ClaimKind, ClaimState
from app.ratings.rules.subsidies import Outcome, yuan

bp = Blueprint("subsidies", __name__)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@bp.get("/office/subsidies")
@requires("subsidy.read")
def list_claims() -> ResponseReturnValue:
    """The lists of one's region, what waits for approval first (补贴清单)."""
    return _claims()


def _claims(status: int = 200, *, form: Any = None) -> ResponseReturnValue:
    spec = queries.CLAIM_LIST
    query = listing.read(spec, request.args)
    page = listing.fetch(db.session, queries.claims(seen_by=me()), spec, query)
    known = queries.rules(path=me().scope.path or "/", on=today())
    context = {"spec": spec, "query": query, "page": page, "rules": known, "form": form or ClaimForm(rules=known)}
    return render_template("ratings/subsidies_list.html", **context), max(status, query.status)


@bp.post("/office/subsidies")
@requires("subsidy.compute")
def create_claim() -> ResponseReturnValue:
    """Compute a list (计算补贴清单)."""
    form = ClaimForm.sent(rules=queries.rules(path=me().scope.path or "/", on=today()))
    first, last = month_of(form.first.data or ""), month_of(form.last.data or "")
    if not form.validate() or first is None or last is None:
        return _claims(422, form=form)
    try:
        row = actions.compute_claim(form.rule.data, first, last, by=me(), at=now(), on=today())
    except Refused as refusal:
        db.session.rollback()
        form.form_errors = [refusal.sentence]
        return _claims(422, form=form)
    flash(f"清单 {row.number} 已计算，由另一名人员审批。", "ok")
    return redirect(url_for(".show_claim", subsidy_claim_id=row.id))


@bp.get("/office/subsidies/rules")
@requires("subsidy.read")
def show_rules() -> ResponseReturnValue:
    """The rules that hold here with source, confidence and local amounts (补贴规则)."""
    path = me().scope.path or "/"
    rows = [(rule, queries.rates(rule, path=path, on=today())) for rule in queries.rules(path=path, on=today())]
    return render_template("ratings/subsidies_rules.html", rows=rows, yuan=yuan, schemes=queries.scheme_names(path, today()))


@bp.get("/office/subsidies/<uuid:subsidy_claim_id>")
@requires("subsidy.read")
def show_claim(subsidy_claim_id: UUID) -> ResponseReturnValue:
    """One list: sums, every row with its reasons, approval (补贴清单)."""
    return _one(subsidy_claim_id)


def _one(claim_id: UUID, status: int = 200, *, form: Any = None, taking: Any = None) -> ResponseReturnValue:
    row = queries.claim(claim_id, seen_by=me())
    lines = queries.lines(claim_id, seen_by=me())
    sites = {line.site_id: line.site.name for line in lines}
    wanted = request.args.get("site", "")
    by_site: dict[UUID, list[Any]] = {}
    for line in lines:
        by_site.setdefault(line.site_id, []).append(line)
    return render_template(
        "ratings/subsidies_claim.html",
        row=row,
        by_site=[(sites[key], found, _sum(found)) for key, found in by_site.items() if not wanted or str(key) == wanted],
        own=me().authority_id == row.authority_id,
        mine=me().id == row.made_by,
        form=form or ReasonForm(),
        taking=taking or ReversalForm(sites=sites.items()),
        may_take=row.state is ClaimState.APPROVED and row.kind is ClaimKind.CLAIM,
        yuan=yuan,
    ), status


def _sum(lines: Any) -> tuple[int, int, int]:
    """Money, paid months, open months of a site (机构合计)."""
    paid = [line for line in lines if line.outcome is Outcome.PAID]
    return sum(line.fen or 0 for line in paid), len(paid), sum(1 for line in lines if line.outcome is Outcome.OPEN)


@bp.get("/office/subsidies/<uuid:subsidy_claim_id>.xlsx")
@requires("subsidy.export")
def export_claim(subsidy_claim_id: UUID) -> ResponseReturnValue:
    """A list as a workbook, no formula in it (导出清单)."""
    row = queries.claim(subsidy_claim_id, seen_by=me())
    name = f"attachment; filename=subsidy-{row.first_month:%Y%m}-{row.last_month:%Y%m}.xlsx"
    return Response(queries.workbook(row, seen_by=me()), mimetype=XLSX, headers={"Content-Disposition": name})


@bp.post("/office/subsidies/<uuid:subsidy_claim_id>/approval")
@requires("subsidy.approve")
def create_approval(subsidy_claim_id: UUID) -> ResponseReturnValue:
    """Approve a list (审批清单)."""
    row = actions.approve_claim(subsidy_claim_id, by=me(), on=today())
    flash(f"清单 {row.number} 已审批，合计 {yuan(row.total_fen)}。", "ok")
    return redirect(url_for(".show_claim", subsidy_claim_id=subsidy_claim_id))


@bp.post("/office/subsidies/<uuid:subsidy_claim_id>/cancellation")
@requires("subsidy.compute")
def create_cancellation(subsidy_claim_id: UUID) -> ResponseReturnValue:
    """Cancel a list (作废清单)."""
    queries.claim(subsidy_claim_id, seen_by=me())
    form = ReasonForm.sent()
    try:
        if not form.validate():
            return _one(subsidy_claim_id, 422, form=form)
        actions.cancel_claim(subsidy_claim_id, form.reason.data, by=me(), on=today())
    except Refused as refusal:
        db.session.rollback()
        form.form_errors = [refusal.sentence]
        return _one(subsidy_claim_id, 422, form=form)
    flash("清单已作废，其中的月份可以重新计算。", "ok")
    return redirect(url_for(".list_claims"))


@bp.post("/office/subsidies/<uuid:subsidy_claim_id>/reversals")
@requires("subsidy.compute")
def create_reversal(subsidy_claim_id: UUID) -> ResponseReturnValue:
    """Draw up what is to be taken back (拟追回)."""
    row = queries.claim(subsidy_claim_id, seen_by=me())
    sites = {line.site_id: line.site.name for line in queries.lines(row.id, seen_by=me())}
    form = ReversalForm.sent(sites=sites.items())
    since = month_of(form.since.data or "")
    if not form.validate() or since is None:
        return _one(subsidy_claim_id, 422, taking=form)
    made = actions.reverse_months(UUID(form.site.data), since, form.reason.data, by=me(), at=now(), on=today())
    if not made:
        form.form_errors = ["这家机构自这个月起没有已审批、未追回的补贴"]
        return _one(subsidy_claim_id, 422, taking=form)
    flash(f"追回清单 {made[0].number} 已拟定，由另一名人员审批。", "ok")
    return redirect(url_for(".show_claim", subsidy_claim_id=made[0].id))


@bp.get("/my/subsidies")
@requires("my.subsidy")
def list_my_subsidies() -> ResponseReturnValue:
    """What one's own sites were granted, with the reasons (本机构补贴)."""
    spec = queries.MY_LINES
    query = listing.read(spec, request.args)
    page = listing.fetch(db.session, queries.lines_of_provider(seen_by=me()), spec, query)
    return render_template("ratings/subsidies_my.html", spec=spec, query=query, page=page), query.status

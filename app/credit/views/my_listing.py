"""The list for a home (本机构的名单事项): what is held against it, its defence, its objection, its application for removal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.core.access import me, requires
from app.core.clock import now, today
from app.core.db import db
from app.core.refusal import Refused
from app.credit.actions import listing, listing_ends
from app.credit.forms import listing as forms
from app.credit.queries import listing as queries
from app.credit.queries import listing_pages as pages
from app.inspections.views.orders import cleaned

bp = Blueprint("my_listing", __name__)
# key → title, button, form; in the order in which they stand on the page.
ACTS: Final[dict[str, tuple[str, str, Any]]] = {
    "statement": ("陈述、申辩", "提交陈述申辩", forms.OwnStatementForm),
    "object": ("提出异议", "提交异议", forms.ObjectionForm),
    "apply_repair": ("申请移出（信用修复）", "提交申请", forms.RepairForm),
    "repair_more_came": ("补正材料", "提交补正", forms.MoreCameForm),
    "repair_withdraw": ("撤回移出申请", "撤回", forms.AgreeForm),
}


@bp.get("/my/listings")
@requires("my.listing")
def list_entries() -> ResponseReturnValue:
    """What is held against the home (名单事项)."""
    rows = queries.held_against(seen_by=me())
    shown = [
        (row, queries.name_shown(row, me()), pages.TONES[row.state], pages.ends_words(row, today()), pages.NEXT_WORDS[row.state])
        for row in rows
    ]
    return render_template("credit/my_listings.html", rows=shown)


def _page(list_entry_id: UUID, status: int = 200, *, key: str = "", form: Any = None) -> ResponseReturnValue:
    page = pages.entry_page(list_entry_id, seen_by=me(), on=today())
    acts = {k: v for k, v in ACTS.items() if k in page.acts}
    wanted = key or request.args.get("act", "") or next(iter(k for k in acts if k in ("statement", "repair_more_came")), "")
    chosen = wanted if wanted in acts else ""
    return render_template(
        "credit/my_listing.html",
        page=page,
        acts=acts,
        chosen=chosen,
        form=form if form is not None else (acts[chosen][2]() if chosen else None),
        tone=pages.TONES[page.entry.state],
    ), status


@bp.get("/my/listings/<uuid:list_entry_id>")
@requires("my.listing")
def show_entry(list_entry_id: UUID) -> ResponseReturnValue:
    """One matter: what is said, what one may do until when, when it ends (一件名单事项)."""
    return _page(list_entry_id)


def _do(list_entry_id: UUID, key: str, do: Callable[[Any], object], told: str) -> ResponseReturnValue:
    form = ACTS[key][2].sent()
    if not form.validate():
        return _page(list_entry_id, 422, key=key, form=form)
    try:
        do(form)
    except Refused as refusal:
        db.session.rollback()
        form.form_errors = [refusal.sentence]
        return _page(list_entry_id, 422, key=key, form=form)
    flash(told)
    return redirect(url_for(".show_entry", list_entry_id=list_entry_id))


@bp.post("/my/listings/<uuid:list_entry_id>/statement")
@requires("my.listing")
def create_statement(list_entry_id: UUID) -> ResponseReturnValue:
    """State and defend (陈述申辩)."""

    def do(form: Any) -> object:
        files = cleaned([form.file.data] if form.file.data else [])
        return listing.make_statement(
            list_entry_id, words=form.words.data or "", upload=files[0] if files else None, by=me(), at=now(), on=today()
        )

    return _do(list_entry_id, "statement", do, "陈述申辩已提交。民政部门会逐条核实，并在决定书里答复。")


@bp.post("/my/listings/<uuid:list_entry_id>/objection")
@requires("my.listing")
def create_objection(list_entry_id: UUID) -> ResponseReturnValue:
    """Object to an entry (提出异议)."""

    def do(form: Any) -> object:
        return listing_ends.object_to(list_entry_id, words=form.words.data or "", by=me(), on=today())

    return _do(list_entry_id, "object", do, "异议已提交。处理期间名单照常公布，但会标注“异议处理中”。")


@bp.post("/my/listings/<uuid:list_entry_id>/repair")
@requires("my.listing")
def create_repair(list_entry_id: UUID) -> ResponseReturnValue:
    """Apply for removal (申请移出)."""

    def do(form: Any) -> object:
        return listing_ends.apply_for_repair(
            list_entry_id,
            corrected=form.corrected.data or "",
            promise=bool(form.promise.data),
            uploads=cleaned(form.files.data),
            by=me(),
            at=now(),
            on=today(),
        )

    return _do(list_entry_id, "apply_repair", do, "移出申请已提交，等待民政部门决定是否受理。")


@bp.post("/my/listings/<uuid:list_entry_id>/repair/more")
@requires("my.listing")
def create_more(list_entry_id: UUID) -> ResponseReturnValue:
    """Hand in what was missing (补正)."""

    def do(form: Any) -> object:
        asked = _asked(list_entry_id)
        return listing_ends.receive_more(
            asked, uploads=cleaned(form.files.data), words=form.words.data or "", by=me(), at=now(), on=today()
        )

    return _do(list_entry_id, "repair_more_came", do, "补正材料已提交，审查期限继续计算。")


@bp.post("/my/listings/<uuid:list_entry_id>/repair/withdrawal")
@requires("my.listing")
def create_withdrawal(list_entry_id: UUID) -> ResponseReturnValue:
    """Withdraw an application (撤回移出申请)."""

    def do(_: Any) -> object:
        return listing_ends.withdraw_application(_asked(list_entry_id), by=me(), on=today())

    return _do(list_entry_id, "repair_withdraw", do, "移出申请已撤回，可以再次申请。")


def _asked(list_entry_id: UUID) -> UUID:
    asked = queries.open_application(list_entry_id, seen_by=me())
    if asked is None:
        raise Refused("repair.none", "没有正在办理的移出申请")
    return asked.id

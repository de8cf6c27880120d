"""The scheme editor (评定标准): editions with gaps and faults, entering values from a text, comparing, trying out, confirming."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.core.access import me, requires
from app.core.clock import now, today
from app.core.db import db
from app.core.refusal import Refused
from app.ratings.actions import editor as actions
from app.ratings.forms.editor import FORMS, ConfirmSchemeForm, SchemeWorkbookForm, StartForm, kept
from app.ratings.queries import editor as queries
from app.ratings.queries.results import level_words
from app.ratings.rules import editor as rules
from app.ratings.rules import shown, ways_up

bp = Blueprint("schemes", __name__)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DEMO_TEXT = "演示，未与正式文本核对"


@bp.get("/office/schemes")
@requires("scheme.read")
def list_schemes() -> ResponseReturnValue:
    """Shipped editions, confirmed ones that hold here, one's own drafts (评定标准)."""
    rows = queries.editions(seen_by=me())
    findings = {row.sha: rules.check(row.content) for row in rows}
    counts = {row.sha: len(rules.items(row.content)) for row in rows}
    return render_template("ratings/editor_list.html", rows=rows, findings=findings, counts=counts)


@bp.get("/office/schemes/<scheme_sha>")
@requires("scheme.read")
def show_scheme(scheme_sha: str) -> ResponseReturnValue:
    """One edition: areas, items, levels, gaps and faults (评定标准版本)."""
    return _scheme(scheme_sha)


def _scheme(sha: str, status: int = 200, *, form: Any = None) -> ResponseReturnValue:
    known = queries.known(sha, seen_by=me())
    others = [
        each for each in queries.editions(seen_by=me()) if each.sha != sha and each.content["scheme"] == known.content["scheme"]
    ]
    return render_template(
        "ratings/editor_scheme.html",
        known=known,
        found=rules.check(known.content),
        rules=rules,
        others=others,
        form=form or StartForm(),
    ), status


@bp.get("/office/schemes/<scheme_sha>/comparison")
@requires("scheme.read")
def show_comparison(scheme_sha: str) -> ResponseReturnValue:
    """What differs between two editions (版本对比)."""
    old = queries.known(request.args.get("with") or scheme_sha, seen_by=me())
    new = queries.known(scheme_sha, seen_by=me())
    rows = [
        (rules.place_words(each.place, new.content), *rules.value_words(each)) for each in rules.changes(old.content, new.content)
    ]
    return render_template("ratings/editor_compare.html", old=old, new=new, rows=rows)


@bp.get("/office/schemes/<scheme_sha>/workbook")
@requires("scheme.read")
def export_scheme(scheme_sha: str) -> Response:
    """The items of an edition as a workbook (导出评分项)."""
    return _workbook(queries.known(scheme_sha, seen_by=me()).content)


def _workbook(content: rules.Content) -> Response:
    name = f"attachment; filename={content['scheme']}.{content['edition']}.xlsx"
    return Response(queries.workbook_of(content), mimetype=XLSX, headers={"Content-Disposition": name})


@bp.post("/office/schemes/<scheme_sha>/editions")
@requires("scheme.edit")
def create_scheme_edition(scheme_sha: str) -> ResponseReturnValue:
    """Begin an edition for one's own place (另起新版)."""
    form = StartForm.sent()
    if not form.validate():
        return _scheme(scheme_sha, 422, form=form)
    try:
        row = actions.draft_edition(scheme_sha, start=form.start.data, by=me(), at=now(), on=today())
    except Refused as refusal:
        db.session.rollback()
        form.form_errors = [refusal.sentence]
        return _scheme(scheme_sha, 422, form=form)
    flash("新版已建立。逐项录入分值和分数线，每一处都写明录自哪份文件、哪一条款。", "ok")
    return redirect(url_for(".show_scheme_draft", scheme_edition_id=row.id))


# --- trying out -------------------------------------------------------------------------------------------------------


@bp.get("/office/schemes/<scheme_sha>/trial")
@requires("scheme.read")
def show_trial(scheme_sha: str) -> ResponseReturnValue:
    """A form to try a case out (试算)."""
    return _trial(scheme_sha, {}, {})


@bp.post("/office/schemes/<scheme_sha>/trial")
@requires("scheme.read")
def create_trial(scheme_sha: str) -> ResponseReturnValue:
    """The case computed for a look; nothing is kept (试算)."""
    return _trial(scheme_sha, kept(request.form, "f-"), kept(request.form, "i-"), run=True)


def _trial(sha: str, facts: dict[str, str], answers: dict[str, str], *, run: bool = False) -> ResponseReturnValue:
    known = queries.known(sha, seen_by=me())
    found = rules.check(known.content)
    result, ways, error = None, [], ""
    if run and found.scheme is not None:
        try:
            result = queries.tried(found.scheme, facts, answers)
            ways = list(ways_up(found.scheme, result))[:3]
        except Refused as refusal:
            error = refusal.sentence
    page = {
        "known": known,
        "found": found,
        "facts": facts,
        "answers": answers,
        "result": result,
        "ways": ways,
        "error": error,
        "shown": shown,
        "level_words": level_words,
    }
    return render_template("ratings/editor_trial.html", **page), 422 if error else 200


# --- an own edition ---------------------------------------------------------------------------------------------------


@bp.get("/office/scheme-drafts/<uuid:scheme_edition_id>")
@requires("scheme.read")
def show_scheme_draft(scheme_edition_id: UUID) -> ResponseReturnValue:
    """An edition of one's own authority, part by part (编制评定标准)."""
    return _draft(scheme_edition_id)


def _shape(part: str) -> Any:
    return FORMS.get(part.partition(":")[0])


def _filled(part: str, content: rules.Content) -> Any:
    """The form of a part with what stands there now (现有内容)."""
    kind, _, name = part.partition(":")
    if kind == "item":
        item = rules.find_item(content, name)
        entry, basis = rules.entry_of(item), item.get("basis") or {}
        now_ = {f: getattr(entry, f) for f in ("title", "most", "options", "deductions", "step", "gap")}
    elif kind == "area":
        area = rules.find_area(content, name)
        basis = area.get("basis") or {}
        now_ = {"most": str(area["max"]), "shares": "\n".join(f"{k}|{v}" for k, v in area.get("min_share", {}).items())}
    elif kind == "level":
        level = rules.level_of(content, name)
        basis = level.get("basis") or {}
        now_ = {"demands": "\n".join(rules.requirement_lines(level))}
    else:
        basis = content.get("basis") or {}
        now_ = {
            "name": content["name"],
            "total": str(content.get("total", "")),
            "validity_months": str(content.get("validity_months", "")),
            "renew_before_months": str(content.get("renew_before_months", "")),
            "notice_days": rules.notice_days(content),
            "gaps": "\n".join(content.get("gaps", [])),
        }
    demo = DEMO_TEXT if current_app.extensions["settings"].is_demo else ""
    return _shape(part)(part=part, doc=demo or basis.get("doc", ""), clause=basis.get("clause", ""), **now_)


def _draft(
    edition_id: UUID,
    status: int = 200,
    *,
    part: str = "",
    form: Any = None,
    tried: Any = None,
    confirm: Any = None,
    book: Any = None,
) -> ResponseReturnValue:
    row = queries.draft(edition_id, seen_by=me())
    part = part or request.args.get("part", "")
    if form is None and _shape(part) is not None:
        form = _filled(part, row.content)
    content = tried if tried is not None else row.content
    return render_template(
        "ratings/editor_draft.html",
        row=row,
        content=row.content,
        found=rules.check(content),
        tried=tried is not None,
        rules=rules,
        part=part if form is not None else "",
        form=form,
        confirm=confirm or ConfirmSchemeForm(compared_with=DEMO_TEXT if current_app.extensions["settings"].is_demo else ""),
        book=book or SchemeWorkbookForm(),
        entries=queries.entries(row.id),
        writer=me().id == row.made_by,
    ), status


def _change(form: Any) -> Any:
    """What a form does to a content (录入动作)."""
    kind, _, name = str(form.part.data).partition(":")
    source = form.source
    if kind == "item":
        return lambda content: rules.with_item(content, name, form.entry, source)
    if kind == "area":
        return lambda content: rules.with_area(content, name, form.most.data, form.shares.data or "", source)
    if kind == "level":
        return lambda content: rules.with_level(content, name, (form.demands.data or "").splitlines(), source)
    return lambda content: rules.with_terms(content, form.entry, source)


@bp.post("/office/scheme-drafts/<uuid:scheme_edition_id>/entries")
@requires("scheme.edit")
def create_scheme_entry(scheme_edition_id: UUID) -> ResponseReturnValue:
    """Enter a part from a text, or only check what would come of it (录入、检查)."""
    row = queries.draft(scheme_edition_id, seen_by=me())
    part = request.form.get("part", "")
    shape = _shape(part)
    if shape is None:
        raise Refused("scheme.part", "请从页面上选择要录入的部分")
    form = shape.sent()
    checking = request.form.get("act") == "check"
    try:
        if checking:
            tried = _change(form)(row.content)
            if request.headers.get("X-Fragment"):
                return render_template("ratings/_editor_findings.html", found=rules.check(tried), tried=True)
            return _draft(scheme_edition_id, part=part, form=form, tried=tried)
        if not form.validate():
            return _draft(scheme_edition_id, 422, part=part, form=form)
        made = actions.enter(scheme_edition_id, _change(form), form.source, by=me(), at=now(), on=today())
    except Refused as refusal:
        db.session.rollback()
        if request.headers.get("X-Fragment"):
            return render_template("ratings/_editor_findings.html", found=None, sentence=refusal.sentence, tried=True)
        form.form_errors = [refusal.sentence]
        return _draft(scheme_edition_id, 422, part=part, form=form)
    flash(f"已录入 {len(made)} 处，记下了录自《{form.doc.data}》{form.clause.data}。", "ok")
    return redirect(url_for(".show_scheme_draft", scheme_edition_id=scheme_edition_id))


@bp.get("/office/scheme-drafts/<uuid:scheme_edition_id>/workbook")
@requires("scheme.read")
def export_scheme_draft(scheme_edition_id: UUID) -> Response:
    """The items of a draft as a workbook (导出评分项)."""
    return _workbook(queries.draft(scheme_edition_id, seen_by=me()).content)


@bp.post("/office/scheme-drafts/<uuid:scheme_edition_id>/workbook")
@requires("scheme.edit")
def import_scheme_draft(scheme_edition_id: UUID) -> ResponseReturnValue:
    """Take a filled workbook in: all of it or nothing (导入评分项)."""
    form = SchemeWorkbookForm.sent()
    queries.draft(scheme_edition_id, seen_by=me())
    try:
        data = form.workbook.data.read() if form.workbook.data else b""
        if not data:
            raise Refused("import.none", "请选择填好的工作簿")
        parsed, rows = queries.read_workbook(data)
        if parsed.errors:
            first = parsed.errors[0]
            raise Refused("import.faults", f"工作簿有 {len(parsed.errors)} 处看不懂：{first}")
        done = actions.enter_workbook(scheme_edition_id, rows, by=me(), at=now(), on=today())
    except Refused as refusal:
        db.session.rollback()
        form.form_errors = [refusal.sentence]
        return _draft(scheme_edition_id, 422, book=form)
    flash(f"已导入 {done} 项改动。", "ok")
    return redirect(url_for(".show_scheme_draft", scheme_edition_id=scheme_edition_id))


@bp.post("/office/scheme-drafts/<uuid:scheme_edition_id>/confirmation")
@requires("scheme.confirm")
def create_scheme_confirmation(scheme_edition_id: UUID) -> ResponseReturnValue:
    """Confirm an edition against the text (确认方案)."""
    form = ConfirmSchemeForm.sent()
    queries.draft(scheme_edition_id, seen_by=me())
    try:
        if not form.validate():
            return _draft(scheme_edition_id, 422, confirm=form)
        row = actions.confirm_edition(scheme_edition_id, form.compared_with.data, by=me(), on=today())
    except Refused as refusal:
        db.session.rollback()
        form.form_errors = [refusal.sentence]
        return _draft(scheme_edition_id, 422, confirm=form)
    flash(f"已确认，自 {row.edition} 起可用于评定，此后不能改动。", "ok")
    return redirect(url_for(".show_scheme_draft", scheme_edition_id=scheme_edition_id))

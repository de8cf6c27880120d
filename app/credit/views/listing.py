"""The list for the office (名单办理): the board with its clocks, a clue, an entry with its timetable and its next step, grounds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple
from uuid import UUID

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms.fields.choices import SelectChoice

from app.core import listing as lists
from app.core.access import may, me, requires
from app.core.clock import now, today
from app.core.db import db
from app.core.identifiers import IdType
from app.core.refusal import Refused
from app.credit.actions import listing, listing_ends
from app.credit.actions.listing import Clue, PersonDraft, Service
from app.credit.forms import listing as forms
from app.credit.queries import listing as queries
from app.credit.queries import listing_pages as pages
from app.credit.rules.dates import PublicationClass
from app.credit.rules.listing import ClueSource, ListKind, ObjectionVerb, PenaltyKind, PublicationBar
from app.inspections.rules.papers import ServiceWay
from app.inspections.views.orders import cleaned

bp = Blueprint("listing", __name__)


class Act(NamedTuple):
    """What may be done to an entry (可办事项): its group of posts, its words, its form."""

    key: str
    verb: str
    title: str
    button: str
    form: Any
    primary: bool = False


HANDLE, REVIEW, DECIDE, SECOND = "listing.handle", "listing.review", "listing.decide", "listing.second"
ROUTES: Final = {HANDLE: "handling", REVIEW: "review", DECIDE: "decision", SECOND: "second"}
ACTS: Final = (
    Act("propose", HANDLE, "提出列入", "提出列入并出具事先告知书", forms.ProposeForm, primary=True),
    Act("serve_notice", HANDLE, "登记告知书送达", "登记送达", forms.ServiceForm, primary=True),
    Act("statement", HANDLE, "记录口头陈述申辩", "记入", forms.StatementForm),
    Act("close_defence", HANDLE, "申辩期满，提交复核", "提交复核", forms.DefenceAnswerForm, primary=True),
    Act("review", REVIEW, "复核", "复核通过", forms.OpinionForm, primary=True),
    Act("return", REVIEW, "退回重新告知", "退回", forms.ReasonForm),
    Act("decide_list", DECIDE, "决定列入", "决定列入，出具两书", forms.OpinionForm, primary=True),
    Act("decide_not", DECIDE, "决定不予列入", "决定不予列入", forms.ReasonForm),
    Act("serve_decision", HANDLE, "登记两书送达", "登记送达", forms.ServiceForm, primary=True),
    Act("write_public", HANDLE, "拟公示文字", "提交核定", forms.PublicTextForm),
    Act("clear_public", SECOND, "核定公示文字", "核定", forms.AgreeForm, primary=True),
    Act("publish", HANDLE, "公布", "公布", forms.PublishForm, primary=True),
    Act("objection_mark", HANDLE, "标注异议", "标注", forms.AgreeForm, primary=True),
    Act("objection_reject", SECOND, "异议不成立", "答复", forms.AnswerForm, primary=True),
    Act("objection_correct", SECOND, "异议部分成立，更正公示文字", "答复并更正", forms.AnswerForm),
    Act("objection_uphold", SECOND, "异议成立，撤销列入", "答复并撤销", forms.UpholdForm),
    Act("repair_accept", HANDLE, "受理移出申请", "受理", forms.AgreeForm, primary=True),
    Act("repair_not_accept", HANDLE, "不予受理", "不予受理", forms.ReasonForm),
    Act("repair_ask_more", HANDLE, "通知补正", "通知补正，期限中止", forms.MoreForm),
    Act("repair_more_came", HANDLE, "补正材料收到", "收到，期限继续", forms.MoreCameForm, primary=True),
    Act("repair_approve", SECOND, "决定移出", "决定移出", forms.RepairAnswerForm, primary=True),
    Act("repair_refuse", SECOND, "决定不移出", "决定不移出", forms.RepairAnswerForm),
    Act("dismiss", SECOND, "认定线索不成立", "认定不成立", forms.ReasonForm),
    Act("object", HANDLE, "代收书面异议", "登记异议", forms.ObjectionForm),
    Act("apply_repair", HANDLE, "代收书面移出申请", "登记申请", forms.RepairForm),
    Act("annul", SECOND, "撤销列入", "撤销列入", forms.AnnulForm),
)
BY_KEY: Final = {act.key: act for act in ACTS}


# --- the board --------------------------------------------------------------------------------------------------------


@bp.get("/office/listings")
@requires("listing.read")
def list_entries() -> ResponseReturnValue:
    """The board of the list: clocks, what waits, all entries (名单办理)."""
    spec = pages.board_spec(me())
    query = lists.read(spec, request.args)
    page = lists.fetch(db.session, queries.entries(seen_by=me()), spec, query)
    waiting = [state.value for post in me().posts for state in sorted(pages.WAITS.get(post.value, ()))]
    return render_template(
        "credit/listing_board.html",
        spec=spec,
        query=query,
        page=page,
        board=pages.board(seen_by=me(), on=today()),
        waiting=waiting,
    ), query.status


@bp.get("/office/listings.csv")
@requires("listing.export")
def export_entries() -> ResponseReturnValue:
    """The filtered board as CSV (导出名单台账): no identity numbers."""
    spec = pages.board_spec(me())
    rows = lists.export_rows(db.session, queries.entries(seen_by=me()), spec, lists.read(spec, request.args))
    name = f"attachment; filename=listings-{today().isoformat()}.csv"
    return Response("".join(lists.csv_lines(rows)), mimetype="text/csv", headers={"Content-Disposition": name})


# --- a clue -----------------------------------------------------------------------------------------------------------


def _fill(form: Any) -> None:
    """The choices, against which the form is checked."""
    path = me().scope.path or "/"
    form.site.choices = [SelectChoice("", "请选择")] + [
        SelectChoice(str(s.id), s.name) for s in pages.sites_to_choose(seen_by=me())
    ]
    form.ground.choices = [SelectChoice("", "请选择"), *forms.ground_choices(queries.tables_at(path, today()))]


def _clue_form(form: Any, status: int = 200) -> ResponseReturnValue:
    _fill(form)
    return render_template("credit/listing_new.html", form=form), status


@bp.get("/office/listings/new")
@requires("listing.handle")
def new_entry() -> ResponseReturnValue:
    """The form of a clue (登记线索)."""
    return _clue_form(forms.ClueForm(data={"found_on": today(), "organisation": True, "site": request.args.get("site", "")}))


@bp.post("/office/listings")
@requires("listing.handle")
def create_entry() -> ResponseReturnValue:
    """Register a clue (登记线索)."""
    form = forms.ClueForm.sent()
    _fill(form)
    if not form.validate():
        return _clue_form(form, 422)
    try:
        rows = listing.register_clue(UUID(form.site.data), _clue(form), by=me(), at=now(), on=today())
    except Refused as refusal:
        db.session.rollback()
        form.form_errors = [refusal.sentence]
        return _clue_form(form, 422)
    flash("线索已登记。" if len(rows) == 1 else f"线索已登记，{len(rows)} 个对象分别办理。")
    return redirect(url_for(".show_entry", list_entry_id=rows[0].id))


def _clue(form: Any) -> Clue:
    table_code, ground_code = form.ground.data.split("|")
    table = next(t for t in queries.tables_at(me().scope.path or "/", today()) if t.code == table_code)
    person = [PersonDraft(form.person.data, IdType(form.id_type.data or "resident"), form.id_number.data or "")]
    return Clue(
        kind=ListKind(table.list),
        table_code=table_code,
        ground_code=ground_code,
        source=ClueSource(form.source.data),
        source_words=form.source_words.data or "",
        facts=form.facts.data or "",
        found_on=form.found_on.data,
        organisation=bool(form.organisation.data),
        persons=person if form.person.data else (),
        other_names=(form.other_names.data or "").replace("，", "、").replace(",", "、").split("、"),
        penalty=PenaltyKind(form.penalty.data),
        evidence=cleaned(form.evidence.data),
    )


# --- one entry --------------------------------------------------------------------------------------------------------


def _page(list_entry_id: UUID, status: int = 200, *, key: str = "", form: Any = None) -> ResponseReturnValue:
    page = pages.entry_page(list_entry_id, seen_by=me(), on=today())
    acts = [act for act in ACTS if act.key in page.acts and may(me(), act.verb)]
    wanted = key or request.args.get("act", "")
    chosen = next((act for act in acts if act.key == wanted), None)
    if chosen is not None and form is None:
        form = _fresh(chosen, page)
    return render_template(
        "credit/listing_entry.html",
        page=page,
        acts=acts,
        chosen=chosen,
        form=form,
        action=ROUTES[chosen.verb] if chosen else "",
        tone=pages.TONES[page.entry.state],
        full_names=bool(me().posts & queries.NAMES_SEEN_BY),
    ), status


def _fresh(act: Act, page: pages.EntryPage) -> Any:
    first: dict[str, dict[str, Any]] = {
        "propose": {"publication_class": page.proposed_class},
        "serve_notice": {"way": "direct", "served_on": today()},
        "serve_decision": {"way": "direct", "served_on": today()},
        "write_public": {"words": page.suggestion, "bar": page.entry.publication_bar.value},
        "annul": {"decided_on": today()},
        "close_defence": {"answer": "" if page.statements else "期满未提出陈述、申辩。"},
    }
    return act.form(data=first.get(act.key, {}))


@bp.get("/office/listings/<uuid:list_entry_id>")
@requires("listing.read")
def show_entry(list_entry_id: UUID) -> ResponseReturnValue:
    """An entry: where it stands, when it ends, what is next, what was done (名单条目)."""
    return _page(list_entry_id)


def _take(list_entry_id: UUID, verb: str) -> ResponseReturnValue:
    """Validate, do, tell; what was typed stays when it is refused."""
    queries.entry(list_entry_id, seen_by=me())  # what is out of reach is not there, whatever was sent
    act = BY_KEY.get(request.form.get("act", ""))
    if act is None or act.verb != verb:
        raise Refused("listing.act", "没有这一步，请返回名单页重新选择。")
    form = act.form.sent()
    if not form.validate():
        return _page(list_entry_id, 422, key=act.key, form=form)
    try:
        DO[act.key](list_entry_id, form)
    except Refused as refusal:
        db.session.rollback()
        form.form_errors = [refusal.sentence]
        return _page(list_entry_id, 422, key=act.key, form=form)
    flash(f"已办：{act.title}。")
    return redirect(url_for(".show_entry", list_entry_id=list_entry_id))


@bp.post("/office/listings/<uuid:list_entry_id>/handling")
@requires("listing.handle")
def create_handling(list_entry_id: UUID) -> ResponseReturnValue:
    """A step of the handler (经办)."""
    return _take(list_entry_id, HANDLE)


@bp.post("/office/listings/<uuid:list_entry_id>/review")
@requires("listing.review")
def create_review(list_entry_id: UUID) -> ResponseReturnValue:
    """A step of the reviewer (复核)."""
    return _take(list_entry_id, REVIEW)


@bp.post("/office/listings/<uuid:list_entry_id>/decision")
@requires("listing.decide")
def create_decision(list_entry_id: UUID) -> ResponseReturnValue:
    """A step of the head (决定)."""
    return _take(list_entry_id, DECIDE)


@bp.post("/office/listings/<uuid:list_entry_id>/second")
@requires("listing.second")
def create_second(list_entry_id: UUID) -> ResponseReturnValue:
    """A step of another person than those before (另一人办理): text, objection, removal, annulment."""
    return _take(list_entry_id, SECOND)


def _service(form: Any) -> Service:
    return Service(ServiceWay(form.way.data), form.receiver.data or "", form.served_on.data, form.note.data or "")


def _one(files: Any) -> Any:
    found = cleaned([files] if files else [])
    return found[0] if found else None


def _objection_id(list_entry_id: UUID) -> UUID:
    made = queries.open_objection(list_entry_id, seen_by=me())
    if made is None:
        raise Refused("objection.none", "没有正在处理的异议")
    return made.id


def _application_id(list_entry_id: UUID) -> UUID:
    asked = queries.open_application(list_entry_id, seen_by=me())
    if asked is None:
        raise Refused("repair.none", "没有正在办理的移出申请")
    return asked.id


def _answer(verb: ObjectionVerb) -> Callable[[UUID, Any], object]:
    def do(entry_id: UUID, form: Any) -> object:
        return listing_ends.answer_objection(
            _objection_id(entry_id),
            verb,
            answer=form.answer.data or "",
            public_reason=form.public_reason.data or "" if verb is ObjectionVerb.UPHOLD else "",
            by=me(),
            at=now(),
            on=today(),
        )

    return do


def _decide_repair(approve: bool) -> Callable[[UUID, Any], object]:
    def do(entry_id: UUID, form: Any) -> object:
        return listing_ends.decide_repair(
            _application_id(entry_id), approve=approve, answer=form.answer.data or "", by=me(), at=now(), on=today()
        )

    return do


DO: Final[Mapping[str, Callable[[UUID, Any], object]]] = {
    "propose": lambda i, f: listing.propose(
        i,
        publication_class=PublicationClass(f.publication_class.data),
        proposal=f.proposal.data or "",
        by=me(),
        at=now(),
        on=today(),
    ),
    "dismiss": lambda i, f: listing.dismiss(i, reason=f.reason.data or "", by=me(), on=today()),
    "serve_notice": lambda i, f: listing.serve_notice(i, _service(f), by=me(), on=today()),
    "statement": lambda i, f: listing.make_statement(
        i, words=f.words.data or "", said_by=f.said_by.data or "", upload=_one(f.file.data), by=me(), at=now(), on=today()
    ),
    "close_defence": lambda i, f: listing.close_defence(i, answer=f.answer.data or "", by=me(), on=today()),
    "review": lambda i, f: listing.review(i, words=f.words.data or "", by=me(), on=today()),
    "return": lambda i, f: listing.send_back(i, reason=f.reason.data or "", by=me(), on=today()),
    "decide_list": lambda i, f: listing.decide_list(i, words=f.words.data or "", by=me(), at=now(), on=today()),
    "decide_not": lambda i, f: listing.decide_not(i, reason=f.reason.data or "", by=me(), at=now(), on=today()),
    "serve_decision": lambda i, f: listing.serve_decision(i, _service(f), by=me(), on=today()),
    "write_public": lambda i, f: listing.write_public_text(
        i, words=f.words.data or "", bar=PublicationBar(f.bar.data), by=me(), on=today()
    ),
    "clear_public": lambda i, _: listing.clear_public_text(i, by=me(), on=today()),
    "publish": lambda i, f: listing.publish(i, needed_because=f.needed_because.data or "", by=me(), on=today()),
    "object": lambda i, f: listing_ends.object_to(i, words=f.words.data or "", by=me(), on=today()),
    "objection_mark": lambda i, _: listing_ends.mark_objection(_objection_id(i), by=me(), on=today()),
    "objection_reject": _answer(ObjectionVerb.REJECT),
    "objection_correct": _answer(ObjectionVerb.CORRECT),
    "objection_uphold": _answer(ObjectionVerb.UPHOLD),
    "apply_repair": lambda i, f: listing_ends.apply_for_repair(
        i,
        corrected=f.corrected.data or "",
        promise=bool(f.promise.data),
        uploads=cleaned(f.files.data),
        by=me(),
        at=now(),
        on=today(),
    ),
    "repair_accept": lambda i, _: listing_ends.accept_application(_application_id(i), by=me(), on=today()),
    "repair_not_accept": lambda i, f: listing_ends.refuse_acceptance(
        _application_id(i), reason=f.reason.data or "", by=me(), on=today()
    ),
    "repair_ask_more": lambda i, f: listing_ends.ask_for_more(_application_id(i), what=f.what.data or "", by=me(), on=today()),
    "repair_more_came": lambda i, f: listing_ends.receive_more(
        _application_id(i), uploads=cleaned(f.files.data), words=f.words.data or "", by=me(), at=now(), on=today()
    ),
    "repair_approve": _decide_repair(True),
    "repair_refuse": _decide_repair(False),
    "annul": lambda i, f: listing_ends.annul(
        i,
        reason=f.reason.data or "",
        public_reason=f.public_reason.data or "",
        decided_on=f.decided_on.data,
        by=me(),
        at=now(),
        on=today(),
    ),
}


# --- grounds ----------------------------------------------------------------------------------------------------------


def _grounds(status: int = 200, form: Any = None) -> ResponseReturnValue:
    authority_id = me().authority_id
    confirmed = queries.confirmations(authority_id) if authority_id else ()
    return render_template(
        "credit/listing_grounds.html",
        tables=queries.tables_at(me().scope.path or "/", today()),
        rules=queries.rules_of_publication().editions,
        confirmed={(row.table_sha, row.ground_code): row for row in confirmed},
        form=form,
        wanted=request.args.get("confirm", "") or (f"{form.table_code.data}|{form.code.data}" if form else ""),
    ), status


@bp.get("/office/listing-grounds")
@requires("listing.read")
def show_grounds() -> ResponseReturnValue:
    """Grounds, measures and versions of the rule, each with its standing (列入情形与期限规则)."""
    return _grounds()


@bp.post("/office/listing-grounds")
@requires("ground.confirm")
def confirm_ground() -> ResponseReturnValue:
    """Confirm the text of a ground for one's own authority (确认条文)."""
    form = forms.ConfirmForm.sent()
    if not form.validate():
        return _grounds(422, form)
    try:
        listing.confirm_ground(form.table_code.data, form.code.data, against=form.against.data, by=me(), on=today())
    except Refused as refusal:
        db.session.rollback()
        form.form_errors = [refusal.sentence]
        return _grounds(422, form)
    flash("已确认，本机关可以据此办理。")
    return redirect(url_for(".show_grounds"))

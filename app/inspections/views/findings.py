"""The ledger of problems, one problem, the hazards board, for the office (整改台账、问题页、督办)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NamedTuple
from uuid import UUID

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.core import listing
from app.core.access import may, me, requires
from app.core.clock import now, today
from app.core.db import db
from app.core.refusal import Refused
from app.inspections.actions import findings as actions
from app.inspections.actions import hazards
from app.inspections.forms import findings as forms
from app.inspections.queries import finding_pages as pages
from app.inspections.queries import findings as ledger
from app.inspections.rules.checklist import Department, Severity
from app.inspections.rules.hazards import Judgement, Stop

bp = Blueprint("findings", __name__)


class Act(NamedTuple):
    """Something an officer may do to a problem (操作): its verb, its words, its form."""

    key: str
    verb: str
    title: str
    button: str
    form: Any
    primary: bool = False


ACTS: Final = (
    Act("measures", "hazard.decide", "立即措施", "决定立即措施", forms.Measures, primary=True),
    Act("plan_decision", "hazard.decide", "审批整改方案", "审批方案", forms.PlanDecision, primary=True),
    Act("review", "hazard.review", "审查是否解除", "审查", forms.Review, primary=True),
    Act("lifting", "hazard.lift", "解除措施", "解除措施", forms.Agree, primary=True),
    Act("downgrade_approval", "hazard.downgrade", "批准降级", "批准降级", forms.Agree),
    Act("judgement", "finding.judge", "研判", "登记研判结论", forms.Judge, primary=True),
    Act("extension_decision", "extension.decide", "审批延期", "审批延期", forms.ExtensionDecision, primary=True),
    Act("transfer_answer", "transfer.answer", "登记移送处理结果", "登记处理结果", forms.TransferAnswerForm, primary=True),
    Act("escalation", "finding.escalate", "升级督办", "升级督办", forms.Escalation, primary=True),
    Act("reply_check", "finding.words", "核对机构陈述", "核对机构陈述", forms.ReplyCheck),
    Act("public_text", "finding.words", "核定公示文字", "核定公示文字", forms.PublicText),
    Act("case", "case.propose", "提请立案", "提请立案", forms.CaseProposal),
    Act("transfer", "finding.transfer", "移送其他部门", "移送", forms.TransferForm),
    Act("downgrade", "hazard.propose", "提请降级", "提请降级", forms.Downgrade),
)
BY_KEY: Final = {act.key: act for act in ACTS}


# --- lists ------------------------------------------------------------------------------------------------------------


@bp.get("/office/rectification")
@requires("finding.read")
def list_findings() -> ResponseReturnValue:
    """The ledger of problems (整改台账)."""
    spec = pages.ledger_list(me().scope.path, today())
    query = listing.read(spec, request.args)
    page = listing.fetch(db.session, ledger.ledger(seen_by=me()), spec, query)
    balance = ledger.balance(seen_by=me(), on=today())
    return render_template(
        "inspections/findings/ledger.html",
        spec=spec,
        query=query,
        page=page,
        balance=balance,
        rechecks=ledger.my_rechecks(seen_by=me()),
    ), query.status


@bp.get("/office/rectification.csv")
@requires("finding.export")
def export_findings() -> ResponseReturnValue:
    """The filtered ledger as CSV (导出台账): no persons."""
    spec = pages.ledger_list(me().scope.path, today())
    rows = listing.export_rows(db.session, ledger.ledger(seen_by=me()), spec, listing.read(spec, request.args))
    name = f"attachment; filename=rectification-{today().isoformat()}.csv"
    return Response("".join(listing.csv_lines(rows)), mimetype="text/csv", headers={"Content-Disposition": name})


@bp.get("/office/hazards")
@requires("finding.read")
def list_hazards() -> ResponseReturnValue:
    """The board of supervised major hazards and what waits for judgement (重大事故隐患督办)."""
    running = ledger.hazards(seen_by=me())
    return render_template(
        "inspections/findings/hazards.html",
        running=running,
        ended=ledger.hazards_ended(seen_by=me()),
        to_judge=ledger.to_judge(seen_by=me()),
        names=pages.with_names(running),
        tones=pages.HAZARD_TONES,
        stops={s.value: s.label for s in Stop},
    )


# --- one problem ------------------------------------------------------------------------------------------------------


def _page(finding_id: UUID, status: int = 200, *, open_act: str = "", form: Any = None) -> ResponseReturnValue:
    page = pages.finding_page(finding_id, seen_by=me(), on=today())
    acts = [act for act in ACTS if act.key in page.acts and may(me(), act.verb)]
    wanted = open_act or request.args.get("act", "")
    chosen = next((act for act in acts if act.key == wanted), None)
    if chosen is not None and form is None:
        form = _fresh(chosen, page)
    return render_template(
        "inspections/findings/finding.html",
        page=page,
        acts=acts,
        chosen=chosen,
        form=form,
        state_tone=pages.STATE_TONES[page.finding.state],
        severity_tone=pages.SEVERITY_TONES[page.finding.severity],
        hazard_tone=pages.HAZARD_TONES[page.supervision.state] if page.supervision else "",
        stops={s.value: s.label for s in Stop},
    ), status


def _fresh(act: Act, page: pages.FindingPage) -> Any:
    if act.key == "public_text":
        return act.form(text=page.finding.public_text or f"不符合检查要求：{page.finding.requirement}")
    return act.form()


@bp.get("/office/findings/<uuid:finding_id>")
@requires("finding.read")
def show_finding(finding_id: UUID) -> ResponseReturnValue:
    """One problem: before and after, deadline with its basis, what happened, what may be done (问题页)."""
    return _page(finding_id)


def _do(finding_id: UUID, key: str, do: Callable[[Any], None], told: str) -> ResponseReturnValue:
    """Validate, do, tell; what was typed stays when it is refused."""
    form = BY_KEY[key].form.sent()
    if not form.validate():
        return _page(finding_id, 422, open_act=key, form=form)
    try:
        do(form)
    except Refused as refusal:
        db.session.rollback()
        form.form_errors = [refusal.sentence]
        return _page(finding_id, 422, open_act=key, form=form)
    flash(told)
    return redirect(url_for("findings.show_finding", finding_id=finding_id))


@bp.post("/office/findings/<uuid:finding_id>/judgement")
@requires("finding.judge")
def create_judgement(finding_id: UUID) -> ResponseReturnValue:
    """Judge a suspected hazard (研判)."""

    def do(form: Any) -> None:
        actions.judge_finding(
            finding_id,
            Judgement(form.judgement.data),
            reason=form.reason.data,
            rule=form.rule.data or "",
            by=me(),
            at=now(),
            on=today(),
        )

    return _do(finding_id, "judgement", do, "研判结论已登记。")


@bp.post("/office/findings/<uuid:finding_id>/escalation")
@requires("finding.escalate")
def create_escalation(finding_id: UUID) -> ResponseReturnValue:
    """Escalate an overdue problem (升级督办)."""

    def do(form: Any) -> None:
        actions.escalate_finding(finding_id, reason=form.reason.data or "", by=me(), at=now(), on=today())

    return _do(finding_id, "escalation", do, "已升级督办；一项问题只升级一次。")


@bp.post("/office/findings/<uuid:finding_id>/case")
@requires("case.propose")
def create_case(finding_id: UUID) -> ResponseReturnValue:
    """Propose a penalty case (提请立案)."""

    def do(form: Any) -> None:
        actions.propose_case(finding_id, reason=form.reason.data, by=me(), at=now(), on=today())

    return _do(finding_id, "case", do, "已提请立案，请在执法办案系统继续办理。")


@bp.post("/office/findings/<uuid:finding_id>/transfer")
@requires("finding.transfer")
def create_transfer(finding_id: UUID) -> ResponseReturnValue:
    """Pass a problem to another department (移送)."""

    def do(form: Any) -> None:
        actions.transfer_finding(
            finding_id,
            to=Department(form.to.data),
            to_name=form.to_name.data or "",
            reason=form.reason.data,
            evidence=form.evidence.data,
            by=me(),
            at=now(),
            on=today(),
        )

    return _do(finding_id, "transfer", do, "已移送；收到处理结果后请登记。")


@bp.post("/office/findings/<uuid:finding_id>/transfer-answer")
@requires("transfer.answer")
def create_transfer_answer(finding_id: UUID) -> ResponseReturnValue:
    """Enter what the other department did (登记移送处理结果)."""

    def do(form: Any) -> None:
        sent = pages.finding_page(finding_id, seen_by=me(), on=today()).transfer
        if sent is None:
            raise Refused("transfer.none", "没有等待结果的移送")
        actions.answer_transfer(sent.id, answer=form.answer.data, by=me(), at=now(), on=today())

    return _do(finding_id, "transfer_answer", do, "处理结果已登记，该问题销号。")


@bp.post("/office/findings/<uuid:finding_id>/extension-decision")
@requires("extension.decide")
def create_extension_decision(finding_id: UUID) -> ResponseReturnValue:
    """Decide a request for more time (审批延期)."""

    def do(form: Any) -> None:
        asked = pages.finding_page(finding_id, seen_by=me(), on=today()).extension
        if asked is None:
            raise Refused("extension.none", "没有待审批的延期申请")
        actions.decide_extension(
            asked.id, granted=form.granted.data == "yes", reason=form.reason.data or "", by=me(), at=now(), on=today()
        )

    return _do(finding_id, "extension_decision", do, "延期申请已审批，结果已告知机构。")


@bp.post("/office/findings/<uuid:finding_id>/public-text")
@requires("finding.words")
def create_public_text(finding_id: UUID) -> ResponseReturnValue:
    """Confirm the words for the public (核定公示文字)."""

    def do(form: Any) -> None:
        actions.confirm_public_text(finding_id, text=form.text.data, by=me(), at=now(), on=today())

    return _do(finding_id, "public_text", do, "公示文字已核定。")


@bp.post("/office/findings/<uuid:finding_id>/reply-check")
@requires("finding.words")
def create_reply_check(finding_id: UUID) -> ResponseReturnValue:
    """Check the home's view for personal data (核对机构陈述)."""

    def do(form: Any) -> None:
        actions.clear_reply(
            finding_id, cleared=form.cleared.data == "yes", note=form.note.data or "", by=me(), at=now(), on=today()
        )

    return _do(finding_id, "reply_check", do, "机构陈述已核对。")


# --- hazards ----------------------------------------------------------------------------------------------------------


@bp.post("/office/findings/<uuid:finding_id>/measures")
@requires("hazard.decide")
def create_measures(finding_id: UUID) -> ResponseReturnValue:
    """Decide what happens at once (决定立即措施)."""

    def do(form: Any) -> None:
        chosen = [Stop(word) for word in form.measures.data or []]
        hazards.decide_measures(finding_id, chosen, reason=form.reason.data, by=me(), at=now(), on=today())

    return _do(finding_id, "measures", do, "立即措施已决定。")


@bp.post("/office/findings/<uuid:finding_id>/plan-decision")
@requires("hazard.decide")
def create_plan_decision(finding_id: UUID) -> ResponseReturnValue:
    """Approve the home's plan or send it back (审批整改方案)."""

    def do(form: Any) -> None:
        hazards.decide_plan(
            finding_id, approved=form.approved.data == "yes", note=form.note.data or "", by=me(), at=now(), on=today()
        )

    return _do(finding_id, "plan_decision", do, "整改方案已审批。")


@bp.post("/office/findings/<uuid:finding_id>/review")
@requires("hazard.review")
def create_review(finding_id: UUID) -> ResponseReturnValue:
    """Review whether the measures may be lifted (审查)."""

    def do(form: Any) -> None:
        hazards.review_hazard(
            finding_id, agreed=form.agreed.data == "yes", opinion=form.opinion.data, by=me(), at=now(), on=today()
        )

    return _do(finding_id, "review", do, "审查意见已登记。")


@bp.post("/office/findings/<uuid:finding_id>/lifting")
@requires("hazard.lift")
def create_lifting(finding_id: UUID) -> ResponseReturnValue:
    """Lift the measures (解除措施)."""
    return _do(finding_id, "lifting", lambda _: hazards.lift_measures(finding_id, by=me(), at=now(), on=today()), "措施已解除。")


@bp.post("/office/findings/<uuid:finding_id>/downgrade")
@requires("hazard.propose")
def create_downgrade(finding_id: UUID) -> ResponseReturnValue:
    """Propose a downgrade (提请降级)."""

    def do(form: Any) -> None:
        hazards.propose_downgrade(finding_id, to=Severity(form.to.data), reason=form.reason.data, by=me(), at=now(), on=today())

    return _do(finding_id, "downgrade", do, "已提请降级，由另一名有权人员署名批准后生效。")


@bp.post("/office/findings/<uuid:finding_id>/downgrade-approval")
@requires("hazard.downgrade")
def create_downgrade_approval(finding_id: UUID) -> ResponseReturnValue:
    """Approve a downgrade by name (批准降级)."""

    def do(_: Any) -> None:
        hazards.approve_downgrade(finding_id, by=me(), at=now(), on=today())

    return _do(finding_id, "downgrade_approval", do, "已批准降级。")

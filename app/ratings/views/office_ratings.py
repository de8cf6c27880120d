"""Ratings in the office (等级评定工作): campaigns with clocks, applications and what is done to them, panels, published grades."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.core import listing
from app.core.access import me, requires
from app.core.actor import Post
from app.core.clock import now, today
from app.core.db import db
from app.core.refusal import Refused
from app.core.xlsx.write import Table, write_table
from app.providers.rules import SiteKind
from app.ratings.actions import applications as actions
from app.ratings.actions import campaigns, decisions, panels
from app.ratings.actions import ratings as grades
from app.ratings.actions.campaigns import CampaignDraft
from app.ratings.forms import reading
from app.ratings.queries import applications as queries
from app.ratings.queries import boards, pages, results, schemes
from app.ratings.queries import decisions as committee
from app.ratings.queries import panels as people
from app.ratings.queries import ratings as published
from app.ratings.rules.process import CampaignKind, CampaignState, Cause, CheckResult, Measure, State, TieKind
from app.regions import queries as regions

bp = Blueprint("office_ratings", __name__, url_prefix="/office")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _workbook(spec: Any, statement: Any, title: str, name: str) -> Response:
    head, *rows = listing.export_rows(db.session, statement, spec, listing.read(spec, request.args))
    body = write_table([Table(title, [str(cell) for cell in head], rows)])
    return Response(
        body, mimetype=XLSX, headers={"Content-Disposition": f"attachment; filename={name}-{today().isoformat()}.xlsx"}
    )


# --- campaigns --------------------------------------------------------------------------------------------------------


@bp.get("/rating-campaigns")
@requires("rating.read")
def list_campaigns() -> ResponseReturnValue:
    """What waits in rating, and the campaigns (等级评定)."""
    spec = boards.campaign_list()
    query = listing.read(spec, request.args)
    page = listing.fetch(db.session, queries.campaigns(seen_by=me()), spec, query)
    waiting = boards.waiting(seen_by=me(), on=today())
    return render_template("ratings/campaigns.html", spec=spec, query=query, page=page, waiting=waiting), query.status


@bp.route("/rating-campaigns/new", methods=["GET", "POST"])
@requires("rating.plan")
def new_campaign() -> ResponseReturnValue:
    """Draft a campaign (拟定评定工作)."""
    error = ""
    if request.method == "POST":
        try:
            row = campaigns.draft_campaign(_draft(), by=me(), at=now(), on=today())
        except Refused as refusal:
            db.session.rollback()
            error = refusal.sentence
        else:
            flash("评定工作已拟定，请审核人或负责人批准发布。", "ok")
            return redirect(url_for(".show_campaign", rating_campaign_id=row.id))
    path = regions.authority(me().authority_id).path if me().authority_id else "/"  # type: ignore[arg-type]  # just asked
    page = render_template(
        "ratings/campaign_new.html", choices=schemes.choices(path), kinds=reading.options(CampaignKind),
        site_kinds=reading.options(SiteKind), typed=request.form, error=error,
    )  # fmt: skip
    return page, 422 if error else 200


def _draft() -> CampaignDraft:
    return CampaignDraft(
        title=reading.text("title", "名称", most=80, needed=True),
        kind=reading.choice("kind", "类别", CampaignKind),
        scheme_key=reading.text("scheme", "评定方案", most=80, needed=True),
        site_kinds=reading.choices("site_kinds", "机构类型", SiteKind),
        opens_on=reading.day("opens_on", "申请开始日"),
        closes_on=reading.day("closes_on", "申请截止日"),
        basis=reading.text("basis", "依据文件", most=300, needed=True),
        firm=reading.text("firm", "第三方机构", most=100),
        panel_size=reading.number_or_none("panel_size", "评定组人数", least=2, most=15),
        notice_days=reading.number_or_none("notice_days", "公示工作日", least=1, most=60),
        wait_months=reading.number_or_none("wait_months", "撤销后等待月数", least=0, most=60),
        validity_months=reading.number_or_none("validity_months", "有效月数", least=1, most=120),
        terms_basis=reading.text("terms_basis", "期限依据", most=300),
    )


@bp.get("/rating-campaigns/<uuid:rating_campaign_id>")
@requires("rating.read")
def show_campaign(rating_campaign_id: UUID) -> ResponseReturnValue:
    """One campaign: its applications by step, its draws, its terms (评定工作)."""
    return _campaign(rating_campaign_id)


def _campaign(campaign_id: UUID, error: str = "") -> ResponseReturnValue:
    row = queries.campaign(campaign_id, seen_by=me())
    scheme = queries.scheme(row)
    page = render_template(
        "ratings/campaign.html",
        row=row,
        scheme=scheme,
        board=boards.board(row, seen_by=me(), on=today()),
        draws=people.draws(row.id, seen_by=me()),
        waiting=people.waiting(row.id, seen_by=me()),
        pool=people.of_authority(row.authority_id, seen_by=me()),
        sources=list(panels.SOURCES.items()),
        enrollable=boards.enrollable(row, seen_by=me()) if row.kind is CampaignKind.QUALITY else (),
        error=error,
        typed=request.form,
        CampaignState=CampaignState,
        kinds={k.value: k.label for k in SiteKind},
    )
    return page, 422 if error else 200


def _on_campaign(campaign_id: UUID, act: Callable[[], Any], done: str) -> ResponseReturnValue:
    try:
        act()
    except Refused as refusal:
        db.session.rollback()
        return _campaign(campaign_id, refusal.sentence)
    flash(done, "ok")
    return redirect(url_for(".show_campaign", rating_campaign_id=campaign_id))


@bp.post("/rating-campaigns/<uuid:rating_campaign_id>/opening")
@requires("rating.open")
def open_campaign(rating_campaign_id: UUID) -> ResponseReturnValue:
    """Announce (发布)."""
    return _on_campaign(
        rating_campaign_id,
        lambda: campaigns.open_campaign(rating_campaign_id, by=me(), on=today()),
        "已发布，符合条件的机构现在可以申请。",
    )


@bp.post("/rating-campaigns/<uuid:rating_campaign_id>/ending")
@requires("rating.open")
def end_campaign(rating_campaign_id: UUID) -> ResponseReturnValue:
    """Finish or call off (结束)."""
    return _on_campaign(
        rating_campaign_id,
        lambda: campaigns.end_campaign(rating_campaign_id, reading.text("reason", "原因", most=300), by=me(), on=today()),
        "已结束。",
    )


@bp.post("/rating-campaigns/<uuid:rating_campaign_id>/enrolments")
@requires("rating.accept")
def enrol_sites(rating_campaign_id: UUID) -> ResponseReturnValue:
    """Take homes into the yearly assessment (列入年度评估)."""

    def act() -> None:
        chosen = reading.row_ids("site")
        if not chosen:
            raise Refused("form.choice", "请勾选要列入的机构。")
        for site_id in chosen:
            actions.enrol(rating_campaign_id, site_id, by=me(), at=now(), on=today())

    return _on_campaign(rating_campaign_id, act, "已列入，待抽取评定组。")


@bp.post("/rating-campaigns/<uuid:rating_campaign_id>/draws")
@requires("rating.draw")
def freeze_panels(rating_campaign_id: UUID) -> ResponseReturnValue:
    """Freeze the lists for a draw of panels (封存名单)."""
    return _on_campaign(
        rating_campaign_id,
        lambda: panels.freeze_panels(
            rating_campaign_id, reading.text("source", "公开值来源", most=20), reading.text("rule", "用哪一期", most=100),
            by=me(), at=now(), on=today(),
        ),
        "名单已封存。开奖后由两人分别录入公开值，即完成抽取。",
    )  # fmt: skip


@bp.post("/panel-draws/<uuid:panel_draw_id>/values")
@requires("rating.draw")
def enter_value(panel_draw_id: UUID) -> ResponseReturnValue:
    """Enter the public value (录入公开值)."""
    row = people.panel_draw(panel_draw_id, seen_by=me())
    campaign_id = row.campaign_id
    before = row.typed_by

    def act() -> None:
        after = panels.enter_public_value(
            panel_draw_id,
            reading.text("event", "期号", most=60),
            reading.text("value", "号码", most=200),
            by=me(),
            at=now(),
            on=today(),
        )
        if after.drawn_at is None and before is not None:
            flash("两人录入的不一致，都已清除，请对照开奖公告重新录入。", "error")

    return _on_campaign(campaign_id, act, "已录入。")


@bp.get("/panel-draws/<uuid:panel_draw_id>/files/<name>")
@requires("rating.read")
def draw_file(panel_draw_id: UUID, name: str) -> Response:
    """One file of a draw, to recompute it with the public checker (抽取文件)."""
    row = people.panel_draw(panel_draw_id, seen_by=me())
    if name not in row.files:
        raise Refused("panel.file", "没有这个文件。")
    head = {"Content-Disposition": f"attachment; filename={name}"}
    return Response(row.files[name], mimetype="text/plain; charset=utf-8", headers=head)


# --- applications -----------------------------------------------------------------------------------------------------


@bp.get("/rating-applications")
@requires("rating.read")
def list_applications() -> ResponseReturnValue:
    """All applications (评定申请)."""
    spec = boards.application_list()
    query = listing.read(spec, request.args)
    page = listing.fetch(db.session, queries.applications(seen_by=me()), spec, query)
    return render_template("ratings/applications.html", spec=spec, query=query, page=page), query.status


@bp.get("/rating-applications.xlsx")
@requires("rating.read")
def export_applications() -> Response:
    """The filtered list as a workbook (导出申请)."""
    return _workbook(boards.application_list(), queries.applications(seen_by=me()), "评定申请", "rating-applications")


@bp.get("/rating-applications/<uuid:rating_application_id>")
@requires("rating.read")
def show_application(rating_application_id: UUID) -> ResponseReturnValue:
    """One application: where it stands, on what it rests, what may be done now (评定申请)."""
    return _page(rating_application_id)


def _page(application_id: UUID, error: str = "", at: str = "") -> ResponseReturnValue:
    row = queries.application(application_id, seen_by=me())
    other = request.args.get("trial", "")
    offered = {c.key: c for c in schemes.choices(row.scope_path)}
    trial = None
    if other in offered and row.opened_at is not None:
        chosen = schemes.wanted(other, row.scope_path)
        trial = pages.what_if(row, schemes.loaded(other, chosen.text), seen_by=me())
    page = render_template(
        "ratings/application.html",
        page=pages.office_page(row, seen_by=me(), on=today()),
        row=row,
        steps=pages.steps(row),
        history=pages.history(row, seen_by=me()),
        drawing=pages.drawing_of((row.result or {}).get("areas", ())),
        trial=trial,
        trials=[c for c in offered.values() if c.key != row.campaign.scheme_key],
        ties=reading.options(TieKind),
        error=error,
        at=at,
        typed=request.form,
        State=State,
    )
    return page, 422 if error else 200


def _act(application_id: UUID, act: Callable[[], Any], done: str, at: str = "") -> ResponseReturnValue:
    try:
        act()
    except Refused as refusal:
        db.session.rollback()
        return _page(application_id, refusal.sentence, at)
    flash(done, "ok")
    return redirect(url_for(".show_application", rating_application_id=application_id))


@bp.post("/rating-applications/<uuid:rating_application_id>/acceptance")
@requires("rating.accept")
def accept_application(rating_application_id: UUID) -> ResponseReturnValue:
    """Accept (受理)."""
    return _act(
        rating_application_id,
        lambda: actions.accept_application(rating_application_id, by=me(), on=today()),
        "已受理，请核实事实。",
    )


@bp.post("/rating-applications/<uuid:rating_application_id>/return")
@requires("rating.accept")
def return_application(rating_application_id: UUID) -> ResponseReturnValue:
    """Send back (退回补正)."""
    return _act(
        rating_application_id,
        lambda: actions.return_application(rating_application_id, reading.text("reason", "原因"), by=me(), on=today()),
        "已退回，机构会看到要补正的内容。",
        "return",
    )


@bp.post("/rating-applications/<uuid:rating_application_id>/facts")
@requires("rating.accept")
def confirm_facts(rating_application_id: UUID) -> ResponseReturnValue:
    """Confirm facts with their source (核实事实)."""
    return _act(
        rating_application_id,
        lambda: actions.confirm_facts(
            rating_application_id, reading.prefixed("f-"), reading.text("source", "核实来源", most=300),
            as_of=reading.day("as_of", "数据日期"), by=me(), on=today(),
        ),
        "已登记。",
        "facts",
    )  # fmt: skip


@bp.post("/rating-applications/<uuid:rating_application_id>/admission")
@requires("rating.accept")
def admit_application(rating_application_id: UUID) -> ResponseReturnValue:
    """Find eligible (认定符合条件)."""
    return _act(
        rating_application_id,
        lambda: actions.admit_application(rating_application_id, by=me(), on=today()),
        "已认定符合条件，待抽取评定组。",
        "conditions",
    )


@bp.post("/rating-applications/<uuid:rating_application_id>/refusal")
@requires("rating.accept")
def refuse_application(rating_application_id: UUID) -> ResponseReturnValue:
    """Refuse (不予评定)."""
    return _act(
        rating_application_id,
        lambda: actions.refuse_application(rating_application_id, reading.text("reason", "原因"), by=me(), on=today()),
        "已决定不予评定。",
        "refusal",
    )


@bp.post("/rating-applications/<uuid:rating_application_id>/recusals")
@requires("rating.draw")
def recuse_member(rating_application_id: UUID) -> ResponseReturnValue:
    """Take an assessor off the panel; the next comes by lot (评定员回避)."""
    return _act(
        rating_application_id,
        lambda: panels.recuse_member(
            rating_application_id, reading.row_id("member", "评定员"), reading.choice("kind", "回避事由", TieKind),
            reading.text("note", "说明", most=300), by=me(), at=now(), on=today(),
        ),
        "已更换，后补的人由同一规则抽出。",
        "panel",
    )  # fmt: skip


@bp.post("/rating-applications/<uuid:rating_application_id>/notice")
@requires("rating.publish")
def open_notice(rating_application_id: UUID) -> ResponseReturnValue:
    """Give notice (公示)."""
    return _act(rating_application_id, lambda: decisions.open_notice(rating_application_id, by=me(), on=today()), "已公示。")


@bp.post("/rating-applications/<uuid:rating_application_id>/trial-end")
@requires("rating.publish")
def end_trial(rating_application_id: UUID) -> ResponseReturnValue:
    """End a trial (结束试评)."""
    return _act(rating_application_id, lambda: decisions.end_trial(rating_application_id, by=me(), on=today()), "试评已结束。")


@bp.post("/rating-applications/<uuid:rating_application_id>/objections")
@requires("rating.publish")
def register_objection(rating_application_id: UUID) -> ResponseReturnValue:
    """Register somebody's objection (登记异议)."""
    return _act(
        rating_application_id,
        lambda: decisions.raise_objection(
            rating_application_id, reading.text("words", "异议内容"), objector=reading.text("objector", "提出人", most=60),
            by=me(), on=today(),
        ),
        "异议已登记，处理完才能公布。",
        "objections",
    )  # fmt: skip


@bp.post("/rating-objections/<uuid:rating_objection_id>/decision")
@requires("rating.objection")
def decide_objection(rating_objection_id: UUID) -> ResponseReturnValue:
    """Decide an objection (处理异议)."""
    application_id = committee.objection(rating_objection_id, seen_by=me()).application_id
    return _act(
        application_id,
        lambda: decisions.decide_objection(
            rating_objection_id, uphold=request.form.get("uphold") == "1", reason=reading.text("reason", "处理理由"),
            by=me(), on=today(),
        ),
        "异议已处理。",
        "objections",
    )  # fmt: skip


@bp.post("/rating-applications/<uuid:rating_application_id>/publication")
@requires("rating.publish")
def publish_rating(rating_application_id: UUID) -> ResponseReturnValue:
    """Publish and issue (公布发证)."""
    return _act(
        rating_application_id,
        lambda: decisions.publish_rating(rating_application_id, by=me(), on=today()),
        "已公布，证书在后台生成。",
    )


# --- assessors, ties, the committee -----------------------------------------------------------------------------------


@bp.get("/assessors")
@requires("rating.read")
def list_people() -> ResponseReturnValue:
    """Assessors, ties, members of the committee (评定人员)."""
    return _people()


def _people(error: str = "") -> ResponseReturnValue:
    mine = me().authority_id
    page = render_template(
        "ratings/people.html",
        assessors=people.assessors(seen_by=me()),
        ties=people.ties(seen_by=me()),
        members=committee.members(mine, seen_by=me()) if mine else (),
        candidates=boards.candidates(mine, Post.ASSESSOR, on=today()) if mine else (),
        officers=boards.candidates(mine, Post.ASSESSOR, Post.REVIEWER, Post.HEAD, Post.HANDLER, on=today()) if mine else (),
        kinds=reading.options(TieKind),
        error=error,
        typed=request.form,
    )
    return page, 422 if error else 200


def _on_people(act: Callable[[], Any], done: str) -> ResponseReturnValue:
    try:
        act()
    except Refused as refusal:
        db.session.rollback()
        return _people(refusal.sentence)
    flash(done, "ok")
    return redirect(url_for(".list_people"))


@bp.post("/assessors")
@requires("rating.people")
def enter_assessor() -> ResponseReturnValue:
    """Put on the list (评定员入库)."""
    return _on_people(
        lambda: panels.enter_assessor(
            reading.row_id("account", "评定员"), reading.text("firm", "所在机构", most=100),
            reading.number("cap", "每次最多家数", least=1, most=99), by=me(), at=now(), on=today(),
        ),
        "已入库。",
    )  # fmt: skip


@bp.post("/assessors/<uuid:assessor_entry_id>/striking")
@requires("rating.people")
def strike_assessor(assessor_entry_id: UUID) -> ResponseReturnValue:
    """Take off the list (出库)."""
    return _on_people(lambda: panels.strike_assessor(assessor_entry_id, by=me(), on=today()), "已出库。")


@bp.post("/rating-ties")
@requires("rating.people")
def enter_tie() -> ResponseReturnValue:
    """Enter a tie (登记回避)."""

    def act() -> None:
        site = boards.site_named(reading.text("site", "机构名称", most=100, needed=True), seen_by=me())
        account_id = reading.row_id("account", "人员")
        if account_id not in {c.id for c in boards.candidates(me().authority_id, *Post, on=today())}:
            raise Refused("form.choice", "请从名单中选择人员。")
        kind = reading.choice("kind", "事由", TieKind)
        panels.declare_tie(site, account_id, kind, reading.text("note", "说明", most=300), by=me(), at=now(), on=today())

    return _on_people(act, "已登记，抽取和表决时会自动回避。")


@bp.post("/committee-members")
@requires("rating.people")
def appoint_member() -> ResponseReturnValue:
    """Appoint (聘任委员)."""
    return _on_people(
        lambda: decisions.appoint_member(
            reading.row_id("account", "委员"), reading.text("of_body", "所在单位", most=100, needed=True),
            chair=request.form.get("chair") == "1", by=me(), on=today(),
        ),
        "已聘任。",
    )  # fmt: skip


@bp.post("/committee-members/<uuid:committee_member_id>/ending")
@requires("rating.people")
def dismiss_member(committee_member_id: UUID) -> ResponseReturnValue:
    """End a membership (解聘)."""
    return _on_people(lambda: decisions.dismiss_member(committee_member_id, by=me(), on=today()), "已解聘。")


# --- published grades -------------------------------------------------------------------------------------------------


@bp.get("/ratings")
@requires("rating.read")
def list_ratings() -> ResponseReturnValue:
    """Published grades (等级台账)."""
    spec = boards.rating_list(today())
    query = listing.read(spec, request.args)
    page = listing.fetch(db.session, published.ratings(seen_by=me()), spec, query)
    alerts = boards.alert_rows(seen_by=me())
    replies = boards.reply_rows(seen_by=me())
    body = render_template("ratings/ratings.html", spec=spec, query=query, page=page, alerts=alerts, replies=replies)
    return body, query.status


@bp.get("/ratings.xlsx")
@requires("rating.read")
def export_ratings() -> Response:
    """The filtered list as a workbook (导出等级台账)."""
    return _workbook(boards.rating_list(today()), published.ratings(seen_by=me()), "等级台账", "ratings")


@bp.get("/ratings/<uuid:rating_id>")
@requires("rating.read")
def show_rating(rating_id: UUID) -> ResponseReturnValue:
    """One grade and what may be done about it (等级)."""
    return _rating(rating_id)


def _rating(rating_id: UUID, error: str = "") -> ResponseReturnValue:
    row = published.rating(rating_id, seen_by=me())
    scheme = queries.scheme(row.campaign)
    lower = [(lv, results.level_words(scheme, lv)) for lv in scheme.shape.order[1 : row.rank]]
    page = render_template(
        "ratings/rating.html",
        row=row,
        level=results.level_name(row.scheme, row.level),
        level_name=results.level_name,
        standing=published.standing_of(row, today()),
        changes=published.changes(row.id, seen_by=me()),
        open=published.open_change(row.id, seen_by=me()),
        alerts=published.alerts(seen_by=me(), rating_id=row.id),
        checks=published.checks(row.id, seen_by=me()),
        replies=published.replies(row.id, seen_by=me()),
        beside=[r for r in published.of_site(row.site_id, seen_by=me()) if r.id != row.id],
        renewal=published.renewal_opens(row),
        drawing=pages.drawing_of(row.areas),
        lower=lower,
        measures=[(m.value, m.label) for m in Measure],
        causes=reading.options(Cause),
        outcomes=reading.options(CheckResult),
        error=error,
        typed=request.form,
        standing_of=published.standing_of,
    )
    return page, 422 if error else 200


def _on_rating(rating_id: UUID, act: Callable[[], Any], done: str) -> ResponseReturnValue:
    try:
        act()
    except Refused as refusal:
        db.session.rollback()
        return _rating(rating_id, refusal.sentence)
    flash(done, "ok")
    return redirect(url_for(".show_rating", rating_id=rating_id))


@bp.post("/ratings/<uuid:rating_id>/changes")
@requires("rating.propose")
def propose_change(rating_id: UUID) -> ResponseReturnValue:
    """Propose a measure (提请处理)."""
    return _on_rating(
        rating_id,
        lambda: grades.propose_change(
            rating_id, reading.choice("measure", "措施", Measure), reading.choice("cause", "原因", Cause),
            reading.text("reason", "事实和依据"), to_level=reading.text("to_level", "降为", most=40), by=me(), on=today(),
        ),
        "已提请，由负责人决定。",
    )  # fmt: skip


@bp.post("/rating-changes/<uuid:rating_change_id>/decision")
@requires("rating.change")
def decide_change(rating_change_id: UUID) -> ResponseReturnValue:
    """Decide a measure (决定处理)."""
    rating_id = boards.rating_of_change(rating_change_id, seen_by=me())
    agreed = request.form.get("agreed") == "1"
    return _on_rating(rating_id, lambda: grades.decide_change(rating_change_id, agreed=agreed, by=me(), on=today()), "已决定。")


@bp.post("/rating-changes/<uuid:rating_change_id>/plaque")
@requires("rating.publish")
def note_plaque(rating_change_id: UUID) -> ResponseReturnValue:
    """Plaque and certificate came back (收回牌证)."""
    rating_id = boards.rating_of_change(rating_change_id, seen_by=me())
    return _on_rating(rating_id, lambda: grades.note_plaque_back(rating_change_id, by=me(), on=today()), "已登记收回。")


@bp.post("/ratings/<uuid:rating_id>/checks")
@requires("rating.propose")
def record_check(rating_id: UUID) -> ResponseReturnValue:
    """Record a mid-term check (期中检查)."""
    return _on_rating(
        rating_id,
        lambda: grades.record_check(
            rating_id, reading.choice("result", "结果", CheckResult), reading.text("words", "检查情况"), by=me(), on=today()
        ),
        "已登记。",
    )


@bp.post("/rating-alerts/<uuid:rating_alert_id>/settlement")
@requires("rating.propose")
def settle_alert(rating_alert_id: UUID) -> ResponseReturnValue:
    """Settle news without a measure (提示处理完毕)."""
    rating_id = boards.rating_of_alert(rating_alert_id, seen_by=me())
    return _on_rating(
        rating_id,
        lambda: grades.settle_alert(rating_alert_id, reading.text("how", "理由"), by=me(), on=today()),
        "已处理。",
    )


@bp.post("/rating-replies/<uuid:rating_reply_id>/clearing")
@requires("rating.propose")
def clear_reply(rating_reply_id: UUID) -> ResponseReturnValue:
    """Let a reply be shown, or say why not (核定回应)."""
    rating_id = boards.rating_of_reply(rating_reply_id, seen_by=me())

    def act() -> None:
        refused = reading.text("refused", "原因", most=300)
        if request.form.get("show") != "1" and not refused:
            raise Refused("form.empty", "不予显示的，请写明原因。")
        grades.clear_reply(
            rating_reply_id, refused="" if request.form.get("show") == "1" else refused, by=me(), at=now(), on=today()
        )

    return _on_rating(rating_id, act, "已核定。")

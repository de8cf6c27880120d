"""A provider's workspace (机构工作台): what is asked, sites, filings, facts, papers."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.core.access import me, requires
from app.core.clock import now, today
from app.core.refusal import NotVisible, Refused
from app.core.uploads import CleanUpload, clean
from app.providers import actions, forms, queries
from app.providers.queries import pages
from app.providers.queries.lists import STATE_TONES
from app.providers.rules import FilingKind, FilingState, Nature, OperatorModel, PaperKind, SiteKind
from app.providers.rules.filings import EDITABLE, PROMISE
from app.providers.rules.papers import PAPERS
from app.providers.rules.sites import FIRE_PAPERS
from app.regions import queries as regions

bp = Blueprint("my", __name__)


@bp.get("/my/")
@requires("workspace.provider")
def show_home() -> ResponseReturnValue:
    """What is asked of us, by the clock (今天要办)."""
    sites = queries.my_sites(seen_by=me())
    todos = pages.asked(seen_by=me(), on=today())
    return render_template("providers/my_home.html", sites=sites, todos=todos, tones=STATE_TONES)


# --- organisation and sites -------------------------------------------------------------------------------------------


def _has_body() -> bool:
    provider = me().scope.provider_id
    try:
        return provider is not None and bool(queries.organisation(provider))
    except NotVisible:
        return False


@bp.get("/my/organisation/new")
@requires("my.organisation")
def show_organisation_form() -> ResponseReturnValue:
    """The form of the own body (登记机构主体)."""
    return render_template("providers/my_organisation.html", form=forms.Organisation())


@bp.post("/my/organisation")
@requires("my.organisation")
def create_organisation() -> ResponseReturnValue:
    """Register the own body (登记机构主体)."""
    form = forms.Organisation.sent()
    valid = form.validate()
    region = regions.region_coded(form.registrar_region.data or "", today())
    if valid and region is None:
        form.registrar_region.errors = ["没有这个区划代码，请核对"]
        valid = False
    if not valid or region is None:
        return render_template("providers/my_organisation.html", form=form), 422
    try:
        actions.register_organisation(
            form.uscc.data,
            form.name.data,
            Nature(form.nature.data),
            legal_representative=form.legal_representative.data,
            registrar=form.registrar.data,
            registrar_region_id=region.id,
            registered_on=form.registered_on.data,
            phone=form.phone.data,
            by=me(),
            at=now(),
            on=today(),
        )
    except Refused as refusal:
        form.form_errors = [refusal.sentence]
        return render_template("providers/my_organisation.html", form=form), 422
    flash("机构主体已登记，接着登记服务网点。")
    return redirect(url_for(".show_site_form"))


@bp.get("/my/sites/new")
@requires("my.organisation")
def show_site_form() -> ResponseReturnValue:
    """The form of a new site (登记网点)."""
    if not _has_body():
        flash("请先登记机构主体，再登记网点。", "info")
        return redirect(url_for(".show_organisation_form"))
    return render_template("providers/my_site_new.html", form=forms.Site())


@bp.post("/my/sites")
@requires("my.organisation")
def create_site() -> ResponseReturnValue:
    """Register a site (登记网点)."""
    form = forms.Site.sent()
    valid = form.validate()
    region = regions.region_coded(form.region.data or "", today())
    if valid and region is None:
        form.region.errors = ["没有这个区划代码，请核对"]
    provider = me().scope.provider_id
    if not valid or region is None or provider is None:
        return render_template("providers/my_site_new.html", form=form), 422
    try:
        site = actions.register_site(
            provider,
            form.name.data,
            SiteKind(form.kind.data),
            region_id=region.id,
            address=form.address.data,
            service_phone=form.service_phone.data or None,
            manager_name=form.manager_name.data or None,
            operator_model=OperatorModel(form.operator_model.data) if form.operator_model.data else None,
            first_resident_on=form.first_resident_on.data,
            by=me(),
            at=now(),
            on=today(),
        )
    except Refused as refusal:
        form.form_errors = [refusal.sentence]
        return render_template("providers/my_site_new.html", form=form), 422
    flash(f"已登记，主管机关是{site.authority.name}。收住第一位老年人后请办理备案。")
    return redirect(url_for(".show_site", site_id=site.id))


@bp.get("/my/sites/<uuid:site_id>")
@requires("my.site")
def show_site(site_id: UUID) -> ResponseReturnValue:
    """One own site: where it stands, what can be filed, facts, papers (本网点)."""
    page = pages.site_page(site_id, seen_by=me(), on=today())
    return render_template("providers/my_site.html", page=page, kinds=pages.can_file(page.site))


@bp.post("/my/sites/<uuid:site_id>/service")
@requires("my.filing")
def create_resumption(site_id: UUID) -> ResponseReturnValue:
    """Service goes on (恢复服务)."""
    actions.resume_service(site_id, by=me(), on=today())
    flash("已恢复服务。")
    return redirect(url_for(".show_site", site_id=site_id))


# --- filings ----------------------------------------------------------------------------------------------------------


@bp.post("/my/sites/<uuid:site_id>/filings")
@requires("my.filing")
def create_filing(site_id: UUID) -> ResponseReturnValue:
    """Begin a filing (开始填备案), with what the register knows already."""
    queries.site(site_id, seen_by=me())
    try:
        kind = FilingKind(request.form.get("kind", ""))
    except ValueError:
        raise Refused("filing.kind", "请选择备案类型。") from None
    content = pages.draft_of(site_id, kind, seen_by=me())
    filing = actions.save_filing_draft(site_id, kind, content, by=me(), at=now(), on=today())
    return redirect(url_for(".show_filing", filing_id=filing.id))


def _filing_page(filing_id: UUID, *, form: Any = None, paper: Any = None, status: int = 200) -> ResponseReturnValue:
    page = pages.filing_page(filing_id, seen_by=me())
    filing = page.filing
    if filing.state not in EDITABLE:
        return render_template("providers/my_filing_sent.html", page=page), status
    if form is None:
        shape = forms.filing_form(filing.kind, pages.places_for(filing))
        form = shape(data=forms.kept_content(filing.kind, filing.content))
    if paper is None:
        paper = forms.FilingPaper()
    paper.kind.choices = forms.needed_first(filing.kind)
    fire = FIRE_PAPERS if filing.kind in (FilingKind.FIRST, FilingKind.CHANGE) else {}
    context: dict[str, Any] = {"page": page, "form": form, "paper": paper, "promise": PROMISE, "fire": fire}
    return render_template("providers/my_filing.html", **context), status


@bp.get("/my/filings/<uuid:filing_id>")
@requires("my.site")
def show_filing(filing_id: UUID) -> ResponseReturnValue:
    """A filing to write on, or as it was sent (填写备案)."""
    return _filing_page(filing_id)


@bp.post("/my/filings/<uuid:filing_id>")
@requires("my.filing")
def update_filing(filing_id: UUID) -> ResponseReturnValue:
    """Save what was typed, and submit it with its promise when asked to (保存、提交备案)."""
    filing = queries.filing(filing_id, seen_by=me())
    form = forms.filing_form(filing.kind, pages.places_for(filing)).sent()
    if not form.validate():
        return _filing_page(filing_id, form=form, status=422)
    try:
        actions.save_filing_draft(filing.site_id, filing.kind, form.content, by=me(), at=now(), on=today())
        if form.act.data != "submit":
            flash("已存好，可以随时接着填。")
            return redirect(url_for(".show_filing", filing_id=filing_id))
        again = filing.state is FilingState.RETURNED
        send = actions.resubmit if again else actions.submit_filing
        send(filing_id, promise=bool(form.promise.data), by=me(), at=now(), on=today())
    except Refused as refusal:
        form.form_errors = [refusal.sentence]
        return _filing_page(filing_id, form=form, status=422)
    flash("已提交。材料齐全的，民政部门会出具备案回执；要补正的，会在这里告诉您。")
    return redirect(url_for(".show_filing", filing_id=filing_id))


@bp.post("/my/filings/<uuid:filing_id>/withdrawal")
@requires("my.filing")
def create_withdrawal(filing_id: UUID) -> ResponseReturnValue:
    """Withdraw a filing (撤回备案)."""
    filing = actions.withdraw(filing_id, by=me(), on=today())
    flash("已撤回。")
    return redirect(url_for(".show_site", site_id=filing.site_id))


# --- papers -----------------------------------------------------------------------------------------------------------


def _uploaded(form: Any) -> CleanUpload | None:
    """The file of a form, cleaned; None when nothing was chosen."""
    sent = form.file.data
    if not sent or not getattr(sent, "filename", ""):
        return None
    return clean(sent.read(), sent.filename, clamd=current_app.extensions["settings"].clamd_address or None)


@bp.post("/my/filings/<uuid:filing_id>/papers")
@requires("my.paper")
def create_filing_paper(filing_id: UUID) -> ResponseReturnValue:
    """Attach a paper to a filing (上传备案材料)."""
    filing = queries.filing(filing_id, seen_by=me())
    form = forms.FilingPaper.sent()
    form.kind.choices = forms.needed_first(filing.kind)
    if not form.validate():
        return _filing_page(filing_id, paper=form, status=422)
    try:
        upload = _uploaded(form)
        if upload is None:
            raise Refused("upload.none", "请选择要上传的文件。")
        _attach(filing.site_id, form, upload, filing_id=filing_id)
    except Refused as refusal:
        form.form_errors = [refusal.sentence]
        return _filing_page(filing_id, paper=form, status=422)
    flash(f"“{PaperKind(form.kind.data).label}”已上传。")
    return redirect(url_for(".show_filing", filing_id=filing_id))


def _attach(
    site_id: UUID, form: Any, upload: CleanUpload | None, *, filing_id: UUID | None = None, replaces: UUID | None = None
) -> None:
    actions.attach_paper(
        site_id,
        PaperKind(form.kind.data),
        upload=upload,
        number=form.number.data or None,
        issued_on=form.issued_on.data,
        valid_until=form.valid_until.data,
        filing_id=filing_id,
        replaces=replaces,
        by=me(),
        at=now(),
        on=today(),
    )


@bp.post("/my/papers/<uuid:site_paper_id>/withdrawal")
@requires("my.paper")
def create_paper_withdrawal(site_paper_id: UUID) -> ResponseReturnValue:
    """Take a paper back from a draft (撤下材料)."""
    filing_id = queries.paper(site_paper_id, seen_by=me()).filing_id
    actions.withdraw_paper(site_paper_id, by=me(), on=today())
    flash("已撤下。")
    return redirect(url_for(".show_filing", filing_id=filing_id))


@bp.get("/my/papers")
@requires("my.site")
def list_papers() -> ResponseReturnValue:
    """The expiry calendar of all sites (证照日历)."""
    months = pages.expiry_calendar(seen_by=me(), on=today())
    return render_template("providers/my_papers.html", months=months, sites=queries.my_sites(seen_by=me()))


def _paper_page(site_id: UUID, form: Any, status: int = 200) -> ResponseReturnValue:
    site = queries.site(site_id, seen_by=me())
    return render_template("providers/my_paper_new.html", site=site, form=form, rules=PAPERS), status


@bp.get("/my/sites/<uuid:site_id>/papers/new")
@requires("my.paper")
def show_paper_form(site_id: UUID) -> ResponseReturnValue:
    """The form of a paper, new or in place of an older one (上传证照)."""
    form = forms.SitePaper(replaces=request.args.get("replaces", ""))
    old = _replaced(form.replaces.data)
    if old is not None:
        paper = queries.paper(old, seen_by=me())
        form.kind.data, form.number.data = paper.kind.value, paper.number
    return _paper_page(site_id, form)


def _replaced(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None


@bp.post("/my/sites/<uuid:site_id>/papers")
@requires("my.paper")
def create_paper(site_id: UUID) -> ResponseReturnValue:
    """Keep a paper with its expiry (上传证照)."""
    form = forms.SitePaper.sent()
    if not form.validate():
        return _paper_page(site_id, form, 422)
    try:
        _attach(site_id, form, _uploaded(form), replaces=_replaced(form.replaces.data))
    except Refused as refusal:
        form.form_errors = [refusal.sentence]
        return _paper_page(site_id, form, 422)
    flash("证照已保存，到期前会提醒您。")
    return redirect(url_for(".show_site", site_id=site_id))


# --- facts ------------------------------------------------------------------------------------------------------------


def _facts_page(site_id: UUID, form: Any, status: int = 200) -> ResponseReturnValue:
    site = queries.site(site_id, seen_by=me())
    known = queries.facts_of(site_id, seen_by=me())
    groups = forms.fact_groups(form)
    return render_template("providers/my_facts.html", site=site, form=form, groups=groups, known=known), status


def _facts_form(site_id: UUID, *, sent: bool = False) -> Any:
    """The form of facts; what has been filed is changed by a change filing and does not stand on it."""
    site = queries.site(site_id, seen_by=me())
    known = {key: row.value for key, row in queries.facts_of(site_id, seen_by=me()).items()}
    form = forms.FactsForm.sent() if sent else forms.FactsForm(data={"as_of": today()} | forms.fact_data(known))
    for key in pages.filed_keys(site):
        del form[key]
    return form


@bp.get("/my/sites/<uuid:site_id>/facts")
@requires("my.fact")
def show_facts(site_id: UUID) -> ResponseReturnValue:
    """The form of facts, filled in with what is known (填报基本情况)."""
    return _facts_page(site_id, _facts_form(site_id))


@bp.post("/my/sites/<uuid:site_id>/facts")
@requires("my.fact")
def update_facts(site_id: UUID) -> ResponseReturnValue:
    """Record facts as of a day (填报基本情况)."""
    form = _facts_form(site_id, sent=True)
    if not form.validate():
        return _facts_page(site_id, form, 422)
    as_of: date = form.as_of.data
    try:
        if not form.values:
            raise Refused("facts.none", "还没有填写任何一项。")
        actions.record_facts(site_id, form.values, as_of=as_of, source="机构申报", by=me(), at=now(), on=today())
    except Refused as refusal:
        form.form_errors = [refusal.sentence]
        return _facts_page(site_id, form, 422)
    flash("基本情况已更新。")
    return redirect(url_for(".show_site", site_id=site_id))

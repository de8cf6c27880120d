"""Calendar, divisions, policy settings, authorities (工作日历、行政区划、政策参数、机关)."""

from __future__ import annotations

import calendar as months
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.core import calendar, listing
from app.core.access import may, me, requires
from app.core.clock import now, today
from app.core.db import db
from app.core.refusal import Forbidden, Refused
from app.core.working_days import Notice, notice_rows, parse_notice
from app.regions import actions, forms, packs, queries
from app.regions.rules import FACTS, within

bp = Blueprint("regions", __name__)


def _tabs(current: str) -> list[dict[str, object]]:
    """The pages of the basic data that the actor may open (基础数据分栏)."""
    pages = [
        ("政策参数", ".list_settings", "pack.read"),
        ("政策目标", ".list_targets", "pack.read"),
        ("工作日历", ".show_calendar", "calendar.read"),
        ("地区数据", ".show_own_region", "region.read"),
        ("机关", ".list_authorities", "region.read"),
    ]
    return [
        {"label": label, "href": url_for(page), "current": label == current} for label, page, verb in pages if may(me(), verb)
    ]


def _own_path() -> str:
    """The path of the region whose figures the actor keeps (本级区划)."""
    path = me().scope.path
    if path is None:
        raise Forbidden("这一页属于在机关任职的人员")
    return path


# --- the calendar -----------------------------------------------------------------------------------------------------


@bp.get("/office/calendar")
@requires("calendar.read")
def show_calendar() -> ResponseReturnValue:
    """A year of the working calendar (工作日历)."""
    text = request.args.get("year", "")
    year = int(text) if text.isdecimal() and 2004 <= int(text) <= 2100 else today().year
    return render_template(
        "regions/calendar.html",
        tabs=_tabs("工作日历"),
        year=year,
        months=_year(year),
        provisional=calendar.calendar().is_provisional(date(year, 7, 1)),
        source=calendar.calendar().day(date(year, 7, 1)).source_doc,
        working_days=calendar.calendar().working_days_between(date(year - 1, 12, 31), date(year, 12, 31)),
        year_to_enter=queries.year_to_enter(today()),
    )


def _year(year: int) -> list[dict[str, object]]:
    """Twelve months of weeks from Monday on; days of other months are None (年历)."""
    in_force = calendar.calendar()
    weeks = months.Calendar(firstweekday=0)
    return [
        {
            "month": month,
            "weeks": [
                [in_force.day(date(year, month, day)) if day else None for day in week]
                for week in weeks.monthdayscalendar(year, month)
            ],
        }
        for month in range(1, 13)
    ]


def _notice_page(form: Any, notice: Notice | None = None, status: int = 200) -> ResponseReturnValue:
    days = notice_rows(notice, form.source.data) if notice else ()
    return (
        render_template(
            "regions/notice.html",
            form=form,
            notice=notice,
            days=[row for row in days if row.name],
            moves=queries.moves(days, seen_by=me()) if notice else [],
            one_day=timedelta(days=1),
        ),
        status,
    )


@bp.get("/office/calendar/notice")
@requires("calendar.import")
def show_notice() -> ResponseReturnValue:
    """The form for a notice (录入放假通知)."""
    form = forms.Notice()
    form.year.data = queries.year_to_enter(today()) or today().year + 1
    return _notice_page(form)


@bp.post("/office/calendar/notice/preview")
@requires("calendar.import")
def show_notice_preview() -> ResponseReturnValue:
    """What was read in the notice, and which deadlines it would move (核对放假通知). Nothing is written yet."""
    form = forms.Notice.sent()
    if not form.validate():
        return _notice_page(form, status=422)
    try:
        return _notice_page(form, parse_notice(form.text.data, form.year.data))
    except Refused as refusal:
        form.text.errors = [refusal.sentence]
        return _notice_page(form, status=422)


@bp.post("/office/calendar/notice")
@requires("calendar.import")
def create_notice() -> ResponseReturnValue:
    """Enter the notice (录入放假通知)."""
    form = forms.Notice.sent()
    if not form.validate():
        return _notice_page(form, status=422)
    try:
        actions.import_notice(form.text.data, form.year.data, source_doc=form.source.data, by=me(), on=today())
    except Refused as refusal:
        form.text.errors = [refusal.sentence]
        return _notice_page(form, status=422)
    flash(f"{form.year.data} 年的放假安排已录入，暂定的期限正在重算。", "ok")
    return redirect(url_for(".show_calendar", year=form.year.data))


# --- divisions --------------------------------------------------------------------------------------------------------


@bp.get("/office/regions")
@requires("region.read")
def show_own_region() -> ResponseReturnValue:
    """To the own division (本级区划)."""
    return redirect(url_for(".show_region", region_id=queries.region_at(_own_path()).id))


def _region_page(region_id: UUID, form: Any, status: int = 200) -> ResponseReturnValue:
    row = queries.region(region_id)
    return (
        render_template(
            "regions/region.html",
            tabs=_tabs("地区数据"),
            region=row,
            trail=list(reversed(queries.upwards(row.path))),
            children=queries.children(region_id),
            successor=queries.successor(row),
            predecessors=queries.predecessors(region_id),
            facts=queries.facts_of(region_id),
            fact_names=FACTS,
            form=form if may(me(), "region.fact") and within(row.path, _own_path()) else None,
        ),
        status,
    )


@bp.get("/office/regions/<uuid:region_id>")
@requires("region.read")
def show_region(region_id: UUID) -> ResponseReturnValue:
    """One division with its figures (行政区划)."""
    return _region_page(region_id, forms.Fact())


@bp.post("/office/regions/<uuid:region_id>/facts")
@requires("region.fact")
def create_fact(region_id: UUID) -> ResponseReturnValue:
    """Enter a figure (录入地区数据)."""
    form = forms.Fact.sent()
    if not form.validate():
        return _region_page(region_id, form, 422)
    try:
        actions.enter_fact(
            region_id,
            form.key.data,
            form.value.data,
            as_of=form.as_of.data,
            source=form.source.data,
            by=me(),
            at=now(),
            on=today(),
        )
    except Refused as refusal:
        if refusal.code == "region.foreign":
            raise  # there is no form on that page
        form.form_errors = [refusal.sentence]
        return _region_page(region_id, form, 422)
    flash(f"“{FACTS[form.key.data][0]}”已录入。", "ok")
    return redirect(url_for(".show_region", region_id=region_id))


# --- policy settings --------------------------------------------------------------------------------------------------


@bp.get("/office/packs")
@requires("pack.read")
def list_settings() -> ResponseReturnValue:
    """The settings in force for the own region, each with its source (政策参数)."""
    path = _own_path()
    return render_template(
        "regions/settings.html",
        tabs=_tabs("政策参数"),
        region=queries.region_at(path),
        groups=queries.settings_shown(path, today()),
        unset=queries.settings_open(path, today()),
    )


@bp.get("/office/packs/targets")
@requires("pack.read")
def list_targets() -> ResponseReturnValue:
    """The targets that bind the own region (政策目标)."""
    path = _own_path()
    return render_template(
        "regions/targets.html",
        tabs=_tabs("政策目标"),
        region=queries.region_at(path),
        targets=queries.targets_at(path, today()),
        show=packs.show,
    )


def _setting_page(key: str, form: Any, status: int = 200) -> ResponseReturnValue:
    item, path = packs.SETTINGS.get(key), _own_path()
    if item is None:
        abort(404)
    history = queries.setting_history(path, key)
    in_force = queries.settings_at(path, today()).get(key)
    return (
        render_template(
            "regions/setting.html",
            setting=item,
            region=queries.region_at(path),
            history=history,
            in_force=next((shown for shown in history if shown.claim == in_force), None),
            form=form if may(me(), "pack.edit") else None,
        ),
        status,
    )


@bp.get("/office/packs/setting")
@requires("pack.read")
def show_setting() -> ResponseReturnValue:
    """One setting with everything that was ever said about it (参数沿革). `?key=` names it."""
    key = request.args.get("key", "")
    form = forms.SettingChange()
    form.key.data, form.in_force_from.data = key, today()
    return _setting_page(key, form)


@bp.post("/office/packs/setting")
@requires("pack.edit")
def create_setting() -> ResponseReturnValue:
    """Set a value for the own region (调整政策参数)."""
    form = forms.SettingChange.sent()
    key = str(form.key.data or "")
    if not form.validate() or key not in packs.SETTINGS:
        return _setting_page(key, form, 422)
    item = packs.SETTINGS[key]
    value = packs.read_value(form.value.data, item.unit)
    if value is None:
        form.value.errors = [f"读不出“{form.value.data}”，请按单位“{item.unit.label or '文字'}”填写"]
        return _setting_page(key, form, 422)
    try:
        actions.change_setting(
            queries.region_at(_own_path()).id,
            key,
            value,
            source=form.source.data,
            in_force_from=form.in_force_from.data,
            by=me(),
            at=now(),
            on=today(),
        )
    except Refused as refusal:
        form.value.errors = [refusal.sentence]
        return _setting_page(key, form, 422)
    flash(f"“{item.label}”已设为 {packs.show(value, item.unit)}。", "ok")
    return redirect(url_for(".show_setting", key=key))


# --- authorities ------------------------------------------------------------------------------------------------------


@bp.get("/office/authorities")
@requires("region.read")
def list_authorities() -> ResponseReturnValue:
    """The authorities in the own region and below (机关)."""
    spec = queries.AUTHORITY_LIST
    query = listing.read(spec, request.args)
    page = listing.fetch(db.session, queries.authorities_within(_own_path()), spec, query)
    return render_template("regions/authorities.html", tabs=_tabs("机关"), spec=spec, query=query, page=page), query.status

"""Components (界面部件): the specimen draws every one; forms keep what was typed; no page breaks a rule of axe."""

from __future__ import annotations

import os
import re
import threading
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from flask import Flask, Response, render_template, render_template_string, request
from sqlalchemy import Integer, Text, Uuid, column
from werkzeug.datastructures import MultiDict
from wtforms import (
    BooleanField,
    DateField,
    FileField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    ValidationError,
    validators,
)
from wtforms.fields.choices import SelectChoice

from app.core import listing, ui
from app.core.forms import Form
from app.core.listing import Column, Filter, FilterKind, ListSpec, Sort

ROOT = Path(__file__).parents[2]
DAY = date(2026, 11, 24)
ERRORS = (403, 404, 409, 413, 422, 429, 500, 503)
POLICY = "default-src 'self'; script-src 'self'; style-src 'self'; object-src 'none'; base-uri 'none'"
LAYOUTS = ("office", "my", "public", "plain")


@dataclass(frozen=True)
class Home:
    name: str
    district: str
    beds: int
    state: str
    visited: date | None


HOMES = [
    Home("示例·松鹤养老院", "示例一区", 120, "已备案", DAY),
    Home("示例·乐龄养老服务中心", "示例二区", 1260, "限期整改", date(2026, 3, 12)),
    Home("示例·望溪养老院", "示例二区", 48, "待首次检查", None),
]
TONES = {"已备案": "ok", "限期整改": "bad", "待首次检查": "wait"}
SPEC: ListSpec[Home] = ListSpec(
    columns=[
        Column("name", "名称", lambda h: h.name, sort="name", href=lambda h: "#home"),
        Column("district", "区县", lambda h: h.district),
        Column("beds", "床位", lambda h: h.beds, sort="beds", number=True),
        Column("state", "状态", lambda h: h.state, tone=lambda h: TONES[h.state]),
        Column("visited", "最近检查", lambda h: h.visited),
    ],
    sorts=[
        Sort("name", "名称", column("name", Text())),
        Sort("beds", "床位", column("beds", Integer()), up="少的在前", down="多的在前"),
    ],
    default_sort="-beds",
    tie=column("id", Uuid()),
    filters=[
        Filter("q", "名称或拼音", lambda s, _: s),
        Filter("district", "区县", lambda s, _: s, FilterKind.CHOICE, [("1", "示例一区"), ("2", "示例二区")]),
        Filter("since", "检查不早于", lambda s, _: s, FilterKind.DATE),
        Filter("beds", "床位不少于", lambda s, _: s, FilterKind.INTEGER, primary=False),
        Filter("kind", "类型", lambda s, _: s, FilterKind.MANY, [("a", "养老机构"), ("b", "社区站")], primary=False),
        Filter("open", "只看有未整改问题的", lambda s, _: s, FilterKind.YES, primary=False),
    ],
)
PLAIN = replace(SPEC, filters=())
WRONG = replace(SPEC, filters=[Filter("floor", "楼层", lambda s, _: s, FilterKind.INTEGER)], sorts=SPEC.sorts[1:])
PAGE = listing.Page(HOMES, 20, 1000, total_capped=True, next="bmV4dA", prev="cHJldg")
EVENTS = [
    {"when": datetime(2026, 11, 24, 8, 1, tzinfo=UTC), "title": "日常检查，不符合 7 项", "text": "较重 2、一般 5，无重大隐患。", "tone": "bad", "href": "#score", "link": "看符合率怎么来"},
    {"when": date(2026, 11, 19), "title": "检查通知书送达", "text": "提前 3 个工作日。", "tone": "wait"},
    {"when": date(2021, 6, 16), "title": "备案", "text": "第 6 个工作日备案。", "tone": "ok", "icon": "file"},
]  # fmt: skip


class Filing(Form):
    name = StringField(
        "机构名称", [validators.InputRequired("请填机构名称"), validators.Length(max=60)], description="与登记证书一致"
    )
    beds = IntegerField("床位数", [validators.InputRequired("请填床位数")])
    opened = DateField("首位老人入住日期", [validators.Optional()])
    kind = RadioField(
        "机构类型",
        [validators.InputRequired("请选机构类型")],
        choices=[SelectChoice("a", "养老机构"), SelectChoice("b", "社区站")],
    )
    services = SelectMultipleField("服务内容", choices=[SelectChoice("1", "全日照料"), SelectChoice("2", "日间照料")])
    street = SelectField("所在街道", choices=[SelectChoice("x", "示例街道"), SelectChoice("y", "示例二街道")])
    about = TextAreaField("说明", [validators.Optional()])
    papers = FileField("备案材料", [validators.Optional()], description="PDF 或照片，每份不超过 20 MB")
    promise = BooleanField("承诺所填属实", [validators.InputRequired("请勾选承诺")])

    def validate_about(self, field: Any) -> None:
        if "<" in (field.data or ""):
            raise ValidationError("说明里不要写尖括号")


def typed(**texts: str | list[str]) -> Filing:
    form = Filing(MultiDict([(k, v) for k, vs in texts.items() for v in (vs if isinstance(vs, list) else [vs])]))
    form.validate()
    return form


@dataclass(frozen=True)
class Me:
    name: str = "刘示例"
    authority_name: str = "示例县民政局"
    posts_label: str = "经办、执法"


NAV = [
    {"label": label, "href": f"#{n}", "current": n == 0, "count": 6 if n == 4 else 0}
    for n, label in enumerate(["工作台", "机构", "双随机", "检查", "整改", "评定", "信用", "公示"])
]


@pytest.fixture(scope="module")
def app() -> Flask:
    app = Flask("app", root_path=str(ROOT / "app"), template_folder=str(ROOT / "templates"))
    app.secret_key = "specimen"
    ui.install(app)

    @app.context_processor
    def around() -> dict[str, Any]:
        return {
            "me": Me(),
            "nav": NAV,
            "large": "large" in request.args,
            "demo": True,
            "csrf_token": lambda: "token",
            "authority_label": "示例市民政局",
            "search_href": "#search",
            "footer_nav": [{"label": "投诉举报", "href": "#complain"}],
        }

    @app.after_request
    def strict(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = POLICY
        return response

    @app.get("/specimen")
    def specimen() -> str:
        asked = listing.read(SPEC, MultiDict({"district": "1", "q": "松鹤"}))
        return render_template(
            "components/_specimen.html",
            spec=SPEC,
            query=asked,
            wrong_spec=WRONG,
            wrong=listing.read(WRONG, MultiDict({"floor": "很多"})),
            plain_spec=PLAIN,
            plain=listing.read(PLAIN, MultiDict()),
            page=PAGE,
            nothing=listing.Page([], 20, 0, total_capped=False),
            form=typed(name="示例·<b>", beds="很多", kind="b", services=["2"], street="y", about="<"),
            events=EVENTS,
            day=DAY,
        )

    @app.get("/errors/<int:code>")
    def error(code: int) -> str:
        return render_template(
            f"errors/{code}.html", code="filing.not_now", sentence="备案处于“已办结”状态，不能再退回。", request_id="3f2a"
        )

    @app.get("/layouts/<name>")
    def layout(name: str) -> str:
        block = "card" if name == "plain" else "main"
        return render_template_string(
            f"{{% extends 'layouts/{name}.html' %}}{{% block {block} %}}<h1>标题</h1><p>正文</p>{{% endblock %}}"
        )

    return app


@pytest.fixture(scope="module")
def pages(app: Flask) -> dict[str, str]:
    client = app.test_client()
    paths = ["/specimen?sort=-beds", *(f"/errors/{code}" for code in ERRORS), *(f"/layouts/{name}" for name in LAYOUTS)]
    got = {path: client.get(path) for path in paths}
    assert {path: r.status_code for path, r in got.items() if r.status_code != 200} == {}
    return {path: r.get_data(as_text=True) for path, r in got.items()}


def test_no_page_needs_an_inline_script_or_style(pages: dict[str, str]) -> None:
    bad = {
        path: re.findall(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)|javascript:|src=\"data:", html)
        for path, html in pages.items()
    }
    assert {path: found for path, found in bad.items() if found} == {}


def test_every_page_says_its_language_has_one_heading_a_main_and_a_way_past_the_head(pages: dict[str, str]) -> None:
    for path, html in pages.items():
        assert 'lang="zh-CN"' in html, path
        assert html.count("<h1") == 1, path
        assert html.count("<main") == 1, path
        assert 'href="#main"' in html, path


def test_ids_are_unique(pages: dict[str, str]) -> None:
    for path, html in pages.items():
        ids = re.findall(r'\sid="([^"]+)"', html)
        assert [i for i in ids if ids.count(i) > 1] == [], path


def test_a_form_keeps_what_was_typed_and_escapes_it(pages: dict[str, str]) -> None:
    html = pages["/specimen?sort=-beds"]
    assert 'name="name" type="text" value="示例·&lt;b&gt;"' in html
    assert 'name="beds" type="text" value="很多"' in html
    assert re.search(r'name="kind" value="b" checked', html)
    assert re.search(r'name="services" value="2" checked', html)
    assert re.search(r'<option value="y" selected>', html)
    assert "<b>\n" not in html


def test_every_error_of_the_summary_leads_to_a_field(pages: dict[str, str]) -> None:
    html = pages["/specimen?sort=-beds"]
    boxes = re.findall(r'role="alert".*?</ul>', html, re.S)
    targets = [target for box in boxes for target in re.findall(r'href="#([^"]+)"', box)]
    assert set(targets) == {"beds", "about", "promise", "f-floor"}
    assert [target for target in targets if f'id="{target}"' not in html] == []


def test_a_form_inside_a_form_tells_its_errors() -> None:
    from wtforms import FieldList, FormField

    class Site(Form):
        beds = IntegerField("床位", [validators.InputRequired("请填床位")])

    class Whole(Form):
        site = FormField(Site)
        phones = FieldList(StringField("电话", [validators.Length(max=3, message="号码太长")]), min_entries=1)

    form = Whole(MultiDict({"phones-0": "12345"}))
    form.validate()
    assert ui.sj_errors(form) == [
        {"href": "#site-beds", "text": "请填床位"},
        {"href": "#phones-0", "text": "电话：号码太长"},
    ]


def test_the_list_keeps_filters_when_it_is_sorted_and_drops_the_cursor(app: Flask) -> None:
    with app.test_request_context("/homes?q=松&kind=a&kind=b&after=xx&size=50"):
        assert ui.url_with(sort="-name") == "/homes?q=%E6%9D%BE&kind=a&kind=b&size=50&sort=-name"
        assert ui.url_with(after="yy", q=None) == "/homes?kind=a&kind=b&size=50&after=yy"
        query = listing.read(SPEC, request.args)
        assert [(c["label"], c["word"]) for c in ui.listed(SPEC, query)] == [
            ("名称或拼音", "松"),
            ("类型", "养老机构"),
            ("类型", "社区站"),
        ]
        assert ui.listed(SPEC, query)[1]["href"] == "/homes?q=%E6%9D%BE&kind=b&size=50"
        assert ui.cleared(SPEC) == "/homes?size=50"


def test_money_dates_and_masks_read_as_people_write_them() -> None:
    assert [ui.yuan(v) for v in (123456, 100000, -5, 0, None)] == ["1,234.56 元", "1,000 元", "−0.05 元", "0 元", ""]
    late = datetime(2026, 11, 23, 16, 30, tzinfo=UTC)
    assert (ui.sj_date(late), ui.sj_datetime(late), ui.sj_datetime(late, "time")) == ("2026-11-24", "2026-11-24 00:30", "00:30")
    assert [ui.sj_date(DAY, s) for s in ("iso", "cn", "short", "weekday")] == [
        "2026-11-24",
        "2026年11月24日",
        "11月24日",
        "11月24日 星期二",
    ]
    assert [ui.mask(v) for v in ("210102195001011234", "13800001234", "王示例", "", "王")] == [
        "210*************34",
        "138****1234",
        "王**",
        "",
        "*",
    ]
    assert [ui.sj_cell(v) for v in (None, True, 1260, DAY, "文")] == ["—", "是", "1,260", "2026-11-24", "文"]
    with pytest.raises(ValueError, match="time zone"):
        ui.sj_datetime(datetime(2026, 11, 24))


def test_texts_and_tints_keep_a_contrast_of_four_and_a_half() -> None:
    css = (ROOT / "app/static/css/songjian.css").read_text()
    named = dict(re.findall(r"--sj-(\w+): (#\w+)", css))
    tones = re.findall(r"\.sj-\w+ \{ --c: (#\w+); --t: (#\w+)", css)
    pairs = [(c, ground) for c, t in tones for ground in (t, named["card"], named["paper"], named["sunk"])]
    pairs += [
        (named[ink], named[ground]) for ink in ("ink", "ink2", "ink3", "accent") for ground in ("card", "paper", "sunk", "tint")
    ]
    assert len(tones) == 5
    assert {pair: contrast(*pair) for pair in pairs if contrast(*pair) < 4.5} == {}


def contrast(one: str, other: str) -> float:
    def luminance(text: str) -> float:
        text = text[1:] if len(text) == 7 else "".join(c * 2 for c in text[1:])
        parts = [int(text[i : i + 2], 16) / 255 for i in (0, 2, 4)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


# ------------------------------------------------------------------------------------------------- in a real browser

CHROMIUM = Path("/usr/bin/chromium")
ARGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
        "--disable-component-update", "--disable-sync"]  # fmt: skip


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture(scope="module")
def address(app: Flask) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, app, handler_class=_Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    if not CHROMIUM.exists() and os.environ.get("CI") != "true":
        pytest.skip("no browser here; with CI=true this is a failure")
    with warnings.catch_warnings(), sync_playwright() as play:
        running = play.chromium.launch(executable_path=str(CHROMIUM), args=ARGS)
        yield running
        running.close()


@pytest.mark.browser
@pytest.mark.parametrize("width", [390, 820, 1280])
def test_axe_finds_nothing_and_nothing_scrolls_sideways(browser: Any, address: str, width: int) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page = browser.new_page(viewport={"width": width, "height": 900})
    complaints: list[str] = []
    page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
    found = {}
    for path in ("/specimen", "/specimen?large=1", "/errors/409", "/layouts/my", "/layouts/public"):
        page.goto(address + path)
        found[path] = [f"{v['id']}: {n['html'][:120]}" for v in Axe().run(page).response["violations"] for n in v["nodes"]]
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            found[path].append("scrolls sideways")
    page.close()
    assert {path: bad for path, bad in found.items() if bad} == {}
    assert complaints == []


@pytest.mark.browser
def test_buttons_and_controls_are_48_px_high(browser: Any, address: str) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 844})
    page.goto(address + "/specimen")
    small = page.evaluate(
        """[...document.querySelectorAll('.btn, .form-control, .form-select, .sj-hit, .sj-tool, .sj-tabs a, .sj-chosen-item, summary')]
        .filter(e => e.offsetParent && e.getBoundingClientRect().height < 47.5).map(e => e.outerHTML.slice(0, 100))"""
    )
    page.close()
    assert small == []


@pytest.mark.browser
def test_a_confirmed_form_asks_first_and_large_type_needs_no_reload(browser: Any, address: str) -> None:
    page = browser.new_page(viewport={"width": 820, "height": 900})
    sent: list[str] = []
    page.route("**/y", lambda route: (sent.append(route.request.method), route.fulfill(body="好"))[-1])
    page.goto(address + "/specimen")
    page.click("a[data-large]")
    assert page.evaluate("document.documentElement.className + document.cookie") == "sj-largesj_large=1"
    page.click("button:has-text('派复查')")
    page.click("dialog button:has-text('先不办')")
    assert sent == []
    page.click("form[action='/y'] button")
    page.click("dialog button:has-text('派复查')")
    page.wait_for_url("**/y")
    assert sent == ["POST"]
    page.close()


@pytest.mark.browser
def test_unsaved_words_are_guarded(browser: Any, address: str) -> None:
    page = browser.new_page(viewport={"width": 820, "height": 900})
    page.goto(address + "/specimen")
    asked: list[str] = []
    page.on("dialog", lambda d: (asked.append(d.type), d.accept())[-1])
    page.goto(address + "/errors/404")
    assert asked == []
    page.goto(address + "/specimen")
    page.fill("#name", "示例·新院")
    page.goto(address + "/errors/404")
    assert asked == ["beforeunload"]
    page.close()

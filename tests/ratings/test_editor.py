"""The scheme editor: numbers come from a named text, the check names every fault, another person confirms."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from app.core.actor import Actor, Post
from app.core.db import acting, db
from app.core.refusal import NotVisible, Refused
from app.ratings.actions import editor as actions
from app.ratings.models.editor import SchemeEdition
from app.ratings.queries import editor as queries
from app.ratings.queries import schemes
from app.ratings.rules import editor as rules
from app.ratings.rules.library import SHELF
from app.ratings.rules.source import parse
from tests.providers.builders import AT, ON
from tests.worlds import actor, an_authority, signed_in

TEXT = rules.Source("示例·正式文本〔2026〕1号", "第一条")
SKELETON: Any = {
    "scheme": "cn.example.small", "edition": "2026", "name": "示例·小标准", "jurisdiction": "示例县", "status": "draft", "confidence": "draft",
    "basis": {"doc": "示例·文本", "clause": "全文"}, "order": ["none", "A", "AA"], "total": 10,
    "areas": [{"id": "safety", "title": "安全", "max": 10, "basis": {"doc": "示例·文本", "clause": "一"}, "items": [
        {"id": "exits", "title": "疏散通道", "kind": "achieve", "max": 4, "gap": "分值没有取得", "evidence": {"photo": 1}},
        {"id": "drills", "title": "演练", "kind": "options", "max": 6, "evidence": {"document": 1},
         "options": [{"id": "plan", "title": "有预案", "points": 2}, {"id": "held", "title": "有演练", "points": 3}]}]}],
}  # fmt: skip


def test_an_entry_is_pure_and_names_its_text() -> None:
    entry = rules.ItemEntry("演练", "6", options="plan|有预案|2\nheld|有演练|4")
    made = rules.with_item(SKELETON, "drills", entry, TEXT)
    assert rules.find_item(SKELETON, "drills")["options"][1]["points"] == 3
    assert {(c.place, c.before, c.after) for c in rules.changes(SKELETON, made)} == {
        ("areas/safety/items/drills/options/held/points", "3", "4"),
        ("areas/safety/items/drills/basis/doc", "", TEXT.doc),
        ("areas/safety/items/drills/basis/clause", "", "第一条"),
    }
    assert rules.place_words("areas/safety/items/drills/max", made) == "安全 › 演练 › 满分"
    for source in (rules.Source("", "第一条"), rules.Source("示例", "")):
        with pytest.raises(Refused):
            rules.with_item(SKELETON, "drills", entry, source)


@pytest.mark.parametrize("typed", ["", "十分", "1e3", "0x10", "1/0", "--1", "1.5.2"])
def test_what_is_no_number_is_refused(typed: str) -> None:
    with pytest.raises(Refused):
        rules.with_item(SKELETON, "exits", rules.ItemEntry("疏散通道", typed), TEXT)


def test_numbers_stay_exact() -> None:
    assert [rules.number(text) for text in ("12", "0.85", "1/3", "-2")] == [12, "0.85", "1/3", -2]


def test_the_check_names_faults_and_gaps_until_all_is_there() -> None:
    found = rules.check(SKELETON)
    sentences = " ".join(f.sentence for f in found.faults)
    assert "等级没有要求" in sentences
    assert not found.clean
    made = rules.with_item(SKELETON, "exits", rules.ItemEntry("疏散通道", "4"), TEXT)
    made = rules.with_item(made, "drills", rules.ItemEntry("演练", "6", options="plan|有预案|2\nheld|有演练|4"), TEXT)
    made = rules.with_level(made, "A", ["total >= 6"], TEXT)
    assert not rules.check(made).clean
    made = rules.with_level(made, "AA", ["缺口：没有取得"], TEXT)
    assert not rules.check(made).clean
    made = rules.with_level(made, "AA", ["total >= 5"], TEXT)
    assert any("更低" in f.sentence for f in rules.check(made).faults)
    made = rules.with_level(made, "AA", ["total >= 9", "safety.share >= 0.9"], TEXT)
    found = rules.check(made)
    assert found.clean, (found.faults, found.obstacles)


def test_every_shipped_domestic_edition_can_be_taken_up_and_stays_as_it_is() -> None:
    for path in SHELF.glob("cn.*.yaml"):
        content = parse(path.read_text("utf-8"))
        made = rules.begin(content, start=date(2026, 12, 1), jurisdiction="示例县")
        places = {each.place for each in rules.changes(content, made)}
        assert places <= {"edition", "jurisdiction", "status", "confidence", "in_force/from", "in_force/to"}
        assert rules.check(made).scheme is not None
        for _, item in rules.items(content):
            assert rules.entry_of(rules.find_item(made, item["id"])) == rules.entry_of(item)


# --- the work ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def office(db_session: object) -> tuple[Actor, Actor]:
    authority = an_authority("140105")
    maker = actor(Post.HANDLER, path=authority.path, authority_id=authority.id, name="示例·经办")
    head = actor(Post.HEAD, path=authority.path, authority_id=authority.id, name="示例·负责人")
    return maker, head


def a_draft(maker: Actor, code: str = "cn.shanxi.3a", start: date = ON) -> SchemeEdition:
    base = next(each for each in queries.editions(seen_by=maker) if each.content["scheme"] == code)
    return actions.draft_edition(base.sha, start=start, by=maker, at=AT, on=ON)


def raise_aaa(content: rules.Content) -> rules.Content:
    return rules.with_level(content, "AAA", ["total >= 92"], TEXT)


def test_drafted_entered_confirmed_and_offered_below(office: tuple[Actor, Actor]) -> None:
    maker, head = office
    with acting(maker):
        row = a_draft(maker)
        with pytest.raises(Refused) as twice:
            a_draft(maker)
        assert twice.value.code == "scheme.same_day"
        entries = actions.enter(row.id, raise_aaa, TEXT, by=maker, at=AT, on=ON)
        assert {(e.place, e.before, e.after, e.doc) for e in entries} >= {
            ("levels/AAA/require/0", "total >= 90", "total >= 92", TEXT.doc)
        }
        with pytest.raises(Refused) as same:
            actions.enter(row.id, raise_aaa, TEXT, by=maker, at=AT, on=ON)
        assert same.value.code == "scheme.same"
        with pytest.raises(Refused) as own:
            actions.confirm_edition(row.id, "示例·正式文本", by=maker, on=ON)
        assert own.value.code == "scheme.own"
    key = f"cn.shanxi.3a@{ON.isoformat()}"
    assert key not in schemes.offered(maker.scope.path or "")
    with acting(head):
        with pytest.raises(Refused):
            actions.confirm_edition(row.id, "", by=head, on=ON)
        actions.confirm_edition(row.id, "演示，未与正式文本核对", by=head, on=ON)
        with pytest.raises(Refused) as fixed:
            actions.enter(row.id, raise_aaa, TEXT, by=maker, at=AT, on=ON)
        assert fixed.value.code == "scheme.confirmed"
    offered = schemes.offered(maker.scope.path or "")[key]
    assert offered.confirmed
    assert queries.newest("cn.shanxi.3a", path=maker.scope.path or "", on=ON).key == key
    elsewhere = an_authority("210102")
    assert key not in schemes.offered(elsewhere.path)


def test_an_edition_with_gaps_is_not_confirmed(office: tuple[Actor, Actor]) -> None:
    maker, head = office
    with acting(maker):
        row = a_draft(maker, "cn.shenyang.station")
    with acting(head), pytest.raises(Refused) as open_:
        actions.confirm_edition(row.id, "示例·正式文本", by=head, on=ON)
    assert open_.value.code in {"scheme.faults", "scheme.obstacles"}


def test_the_table_refuses_what_the_rule_forgot(office: tuple[Actor, Actor]) -> None:
    maker, _ = office
    with acting(maker):
        row = a_draft(maker)
        with pytest.raises(IntegrityError, match="not_confirmed_by_maker"), db.session.begin_nested():  # noqa: PT012
            row.confirmed_by, row.confirmed_on, row.compared_with, row.state = maker.id, ON, "示例", rules.EditionState.CONFIRMED
            db.session.flush()


def test_another_authority_does_not_write(office: tuple[Actor, Actor]) -> None:
    maker, _ = office
    with acting(maker):
        row = a_draft(maker)
    other = an_authority("210102")
    stranger = actor(Post.HANDLER, path=other.path, authority_id=other.id)
    with acting(stranger):
        with pytest.raises(NotVisible):
            actions.enter(row.id, raise_aaa, TEXT, by=stranger, at=AT, on=ON)
        with pytest.raises(NotVisible):
            queries.known(row.sha256, seen_by=stranger)


def test_a_workbook_there_and_back(office: tuple[Actor, Actor]) -> None:
    maker, _ = office
    with acting(maker):
        row = a_draft(maker)
        parsed, rows = queries.read_workbook(queries.workbook_of(row.content))
        assert not parsed.errors
        with pytest.raises(Refused) as same:
            actions.enter_workbook(row.id, rows, by=maker, at=AT, on=ON)
        assert same.value.code == "scheme.same"
        rows[0] |= {"most": "5", "doc": TEXT.doc, "clause": TEXT.clause}
        assert actions.enter_workbook(row.id, rows, by=maker, at=AT, on=ON) == 1
        assert rules.find_item(row.content, rows[0]["id"])["max"] == 5


def test_a_case_is_tried_out(office: tuple[Actor, Actor]) -> None:
    maker, _ = office
    scheme = queries.newest("cn.shanxi.3a", path=maker.scope.path or "", on=ON)
    assert queries.tried(scheme, {}, {}).level is None
    with pytest.raises(Refused):
        queries.tried(scheme, {"floor_area": "很大"}, {})


def test_pages(client: Any, db_session: object) -> None:
    visit = signed_in(client, Post.HANDLER)
    assert "评定标准" in visit.get("/office/schemes").get_data(as_text=True)
    with acting(visit.actor):
        sha = next(e.sha for e in queries.editions(seen_by=visit.actor) if e.content["scheme"] == "cn.shenyang.station")
    page = visit.get(f"/office/schemes/{sha}").get_data(as_text=True)
    assert "缺口" in page
    assert visit.get(f"/office/schemes/{sha}/workbook").status_code == 200
    assert visit.get(f"/office/schemes/{sha}/trial").status_code == 200
    assert visit.post(f"/office/schemes/{sha}/trial", **{"i-safety_1": "也许"}).status_code == 422
    tried = visit.post(f"/office/schemes/{sha}/trial", **{"i-safety_1": "是", "f-catering": "否"})
    assert "试算结果" in tried.get_data(as_text=True)
    assert visit.post(f"/office/schemes/{sha}/editions", start="2020-01-01").status_code == 422
    where = visit.post(f"/office/schemes/{sha}/editions", start="2099-12-01").headers["Location"]
    for part in ("item:safety_1", "area:safety", "level:3", "terms"):
        assert "保存录入" in visit.get(f"{where}?part={part}").get_data(as_text=True)
    typed = {"part": "level:5", "demands": "total >= 450\nsafety.share >= 0.8", "doc": TEXT.doc, "clause": TEXT.clause}
    checked = visit.post(where + "/entries", act="check", **typed)
    assert "还没有保存" in checked.get_data(as_text=True)
    wrong = visit.post(where + "/entries", **(typed | {"doc": ""}))
    assert wrong.status_code == 422
    assert "total &gt;= 450" in wrong.get_data(as_text=True), "what was typed is kept"
    assert visit.post(where + "/entries", **typed).status_code == 302
    assert TEXT.doc in visit.get(where).get_data(as_text=True)
    assert visit.post(where + "/entries", part="none:1").status_code == 409
    assert visit.post(where + "/workbook", workbook=(io.BytesIO(b"x"), "a.xlsx")).status_code == 422
    assert visit.post(where + "/confirmation", compared_with="示例").status_code == 403
    with acting(visit.actor):
        own = next(e.sha for e in queries.editions(seen_by=visit.actor) if e.row is not None)
    assert "处不同" in visit.get(f"/office/schemes/{own}/comparison?with={sha}").get_data(as_text=True)
    head = signed_in(client, Post.HEAD)
    assert head.post(where + "/confirmation", compared_with="示例·正式文本").status_code == 422

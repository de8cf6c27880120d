"""The checklist editor (检查表编辑): confirmations, new editions, Excel there and back, and its pages."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date
from typing import Any

import openpyxl
import pytest
from flask.testing import FlaskClient

from app.core.actor import SYSTEM, Post
from app.core.db import acting
from app.core.refusal import NotVisible, Refused
from app.core.standards import digest
from app.inspections.actions import checklists as actions
from app.inspections.actions import tasks as task_actions
from app.inspections.queries import checklist_sheets as sheets
from app.inspections.queries import checklists as queries
from app.inspections.rules import revision
from app.inspections.rules.checklist import ChecklistEdition, Standing
from app.inspections.rules.task import TaskKind
from tests import worlds
from tests.inspections import field
from tests.inspections.field import AT, ON, Field

LATER = date(2026, 12, 1)


@pytest.fixture
def place(db_session: object) -> Iterator[Field]:
    with acting(SYSTEM):
        yield field.a_field()


def shipped(code: str) -> ChecklistEdition:
    return queries.shipped().in_force(code, on=ON)


def a_draft_item(edition: ChecklistEdition) -> str:
    return next(i.code for i in edition.items if i.confidence.value == "draft")


@pytest.mark.parametrize("edition", queries.shipped().editions, ids=lambda e: f"{e.code}-{e.edition}")
def test_a_workbook_comes_back_as_it_went_out(edition: ChecklistEdition) -> None:
    parsed, items, areas = sheets.read_workbook(sheets.workbook_of(edition))
    assert parsed.errors == []
    data = revision.next_edition(edition, in_force_from=date(2030, 1, 1), jurisdiction="/x/", place="示例·机关")
    again = revision.checked(revision.rewritten(data, items, areas, base=edition))
    assert again.items == edition.items
    assert again.areas == edition.areas
    assert digest(revision.data_of(again)["items"]) == digest(revision.data_of(edition)["items"])


def test_confirmation_lifts_an_item_for_one_authority_and_one_edition(place: Field) -> None:
    edition = shipped("gb38600")
    code = a_draft_item(edition)
    far = worlds.an_authority("330203")
    before = field.checklist_of(field.a_planned_task(place)).by_code[code]
    assert before.standing is Standing.PENDING
    actions.confirm_item(
        edition.sha256,
        code,
        compared_with="演示，未与正式文本核对",
        text="示例·改过的检查要点",
        by=place.who(place.head),
        at=AT,
        on=ON,
    )
    after = field.checklist_of(field.a_planned_task(place)).by_code[code]
    assert (after.standing, after.item.text) == (Standing.CONFIRMED, "示例·改过的检查要点")
    assert after.confirmed_by is not None
    assert (after.confirmed_by.by, after.confirmed_by.on) == ("示例·负责人", ON)
    assert [c.item for c in queries.confirmations(far.id)] == []
    with pytest.raises(Refused, match="哪一份正式文本"):
        actions.confirm_item(edition.sha256, code, compared_with=" ", by=place.who(place.head), at=AT, on=ON)


def test_a_changed_item_is_pending_whatever_the_workbook_says(place: Field) -> None:
    edition = shipped("gb38600")
    row = actions.draft_edition(edition.sha256, in_force_from=LATER, by=place.who(place.handler), at=AT, on=ON)
    _, items, areas = sheets.read_workbook(sheets.workbook_of(edition))
    changed = [i | {"text": "示例·另一种说法"} if i["code"] == "G-4.2" else i for i in items[:5]]
    made = actions.rewrite_edition(row.id, changed, areas, by=place.who(place.handler), at=AT, on=ON)
    by_code = {i.code: i for i in made.items}
    assert by_code["G-4.1"].confidence.scores
    assert not by_code["G-4.2"].confidence.scores
    with pytest.raises(Refused, match="有误"):
        actions.rewrite_edition(row.id, [items[0] | {"area": "nowhere"}], areas, by=place.who(place.handler), at=AT, on=ON)


def test_a_published_edition_is_used_from_its_day_and_never_changed(place: Field) -> None:
    edition = shipped("gb38600")
    code = a_draft_item(edition)
    handler, head = place.who(place.handler), place.who(place.head)
    actions.confirm_item(edition.sha256, code, compared_with="演示，未与正式文本核对", by=head, at=AT, on=ON)
    row = actions.draft_edition(edition.sha256, in_force_from=LATER, by=handler, at=AT, on=ON)
    with pytest.raises(Refused, match="施行的这份检查表"):
        actions.draft_edition(edition.sha256, in_force_from=LATER, by=handler, at=AT, on=ON)
    with pytest.raises(Refused, match="编制人不能发布"):
        actions.publish_edition(row.id, by=handler, at=AT, on=ON)
    actions.publish_edition(row.id, by=head, at=AT, on=ON)
    assert queries.library().in_force("gb38600", on=ON, region_path=place.authority.path).sha256 == edition.sha256
    assert queries.library().in_force("gb38600", on=LATER, region_path=place.authority.path).sha256 == row.sha256
    used = field.checklist_of(field.a_planned_task(place, planned_on=LATER))
    assert used.by_code[code].standing is Standing.CONFIRMED  # carried along, since its words did not change
    with pytest.raises(Refused, match="不能改动"):
        actions.rewrite_edition(row.id, [], [], by=handler, at=AT, on=ON)
    late = actions.draft_edition(row.sha256, in_force_from=date(2026, 12, 2), by=handler, at=AT, on=ON)
    with pytest.raises(Refused, match="不溯及既往"):
        actions.publish_edition(late.id, by=head, at=AT, on=date(2026, 12, 3))
    stranger = field.as_actor(field.an_account("示例·外地", Post.HANDLER, far := worlds.an_authority("330203")), far)
    with pytest.raises(NotVisible):
        queries.edition_page(row.sha256, seen_by=stranger)
    with pytest.raises(NotVisible):
        queries.edition_row(late.id, seen_by=stranger)


def test_a_recheck_asks_only_what_was_found(place: Field) -> None:
    row = field.a_planned_task(place, kind=TaskKind.RECHECK, only=("G-4.2", "G-4.3"))
    assert [i.code for i in field.checklist_of(row).items] == ["G-4.2", "G-4.3"]
    with pytest.raises(Refused, match="不在现行检查表中"):
        field.a_planned_task(place, kind=TaskKind.RECHECK, only=("X-1",))


# --- pages ------------------------------------------------------------------------------------------------------------


def test_the_editor_from_confirmation_to_publication(client: FlaskClient) -> None:
    with acting(SYSTEM):
        authority = worlds.an_authority()
    head = worlds.signed_in(client, Post.HEAD, authority=authority, name="示例·负责人")
    edition = shipped("gb38600")
    code, base = a_draft_item(edition), f"/office/checklists/{edition.sha256}"
    assert "待核" in head.get("/office/checklists").text
    assert "核对条文" in head.get(base).text
    asked = head.get(f"{base}?item={code}").text
    assert "对照的正式文本" in asked
    refused = head.post(f"{base}/confirmations", item=code, clause="9.9", text="示例要点", compared_with="")
    assert refused.status_code == 422
    assert "示例要点" in refused.text
    done = head.post(f"{base}/confirmations", item=code, clause="9.9", text="示例要点", compared_with="示例·正式文本")
    assert done.status_code == 302
    assert "对照“示例·正式文本”核对" in head.get(base).text
    assert head.post(f"{base}/editions", in_force_from="2027-03-01").status_code == 403

    handler = worlds.signed_in(client, Post.HANDLER, authority=authority)
    made = handler.post(f"{base}/editions", in_force_from="2027-03-01")
    draft = made.headers["Location"]
    book = openpyxl.load_workbook(io.BytesIO(handler.get(f"{draft}/workbook").data))
    sheet = book["检查项"]
    sheet.cell(3, 4).value = "示例·改过的要点"
    sheet.cell(4, 6).value = "听"
    assert "没有“听”" in _upload(handler, draft, book).text
    sheet.cell(4, 6).value = "询问"
    assert _upload(handler, draft, book).status_code == 302
    assert "改动 1 条" in handler.get(draft).text
    assert handler.post(f"{draft}/publication").status_code == 403
    head = worlds.signed_in(client, Post.HEAD, authority=authority)
    published = head.post(f"{draft}/publication")
    assert published.status_code == 302
    assert "示例·改过的要点" in head.get(published.headers["Location"]).text
    assert "不能改动" in head.post(f"{draft}/publication").text


def _upload(visit: worlds.Visit, draft: str, book: Any) -> Any:
    file = io.BytesIO()
    book.save(file)
    file.seek(0)
    return visit.post(f"{draft}/workbook", workbook=(file, "检查表.xlsx"))


def test_office_pages_of_a_task(client: FlaskClient) -> None:
    with acting(SYSTEM):
        place = field.a_field()
        authority, site_id = place.authority, place.site.id
        site_page = f"/office/sites/{site_id}"
    handler = worlds.signed_in(client, Post.HANDLER, authority=authority)
    assert "已列入 0 次，公布的上限 4 次" in handler.get(f"{site_page}/tasks/new").text
    form = {"kind": "daily", "source": "own", "planned_on": "2026-12-10", "lists": "gb38600"}
    assert handler.post(f"{site_page}/tasks/new", **(form | {"planned_on": ""})).status_code == 422
    task = handler.post(f"{site_page}/tasks/new", **form).headers["Location"]
    team = handler.post(f"{task}/team", lead=str(place.lead), others=str(place.second))
    assert team.status_code == 302
    assert handler.post(f"{task}/approval", item_published="y").status_code == 403
    head = worlds.signed_in(client, Post.HEAD, authority=authority)
    unpublished = head.post(f"{task}/approval")
    assert unpublished.status_code == 422
    assert "尚未列入公布的清单" in unpublished.text
    assert head.post(f"{task}/approval", item_published="y").status_code == 302
    handler = worlds.signed_in(client, Post.HANDLER, authority=authority)
    assert "示例·周宁" in handler.get("/office/tasks?q=松鹤").text
    assert handler.get(f"{site_page}/door-code.svg").mimetype == "image/svg+xml"
    assert "得分怎么来" in handler.get(f"{task}/score").text
    assert handler.get(f"{task}/score?trial={'0' * 64}").status_code == 409
    assert handler.post(f"{task}/cancellation", reason="示例·计划调整").status_code == 302
    assert "示例·计划调整" in handler.get(task).text


def test_the_door_opens_only_with_our_code(client: FlaskClient) -> None:
    from app.inspections.rules.door import door_token

    key = str(client.application.config["SECRET_KEY"])
    with acting(SYSTEM):
        place = field.a_field()
        row = field.a_planned_task(place)
        task_actions.approve_task(row.id, item_published=True, by=place.who(place.head), on=field.BEFORE)
        token, site_id = door_token(place.site.id, key), place.site.id
        other = door_token(site_id, "another key")
    visit = worlds.signed_in(client, Post.INSPECTOR, authority=place.authority)
    assert "没有待检查的任务" in visit.get(f"/tablet/check-in/{token}").text
    for wrong in (other, token[:-4] + "AAAA", "x", "%00"):
        assert visit.get(f"/tablet/check-in/{wrong}").status_code == 409

"""Operations of tablets over the wire (答题同步): kept whatever comes, once, in any order, from any number at once."""

from __future__ import annotations

import copy
import io
import json
import random
import threading
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from app.core import clock
from app.core.actor import SYSTEM, Post
from app.core.db import acting, db
from app.core.web import Songjian
from app.inspections import api
from app.inspections.models import KeptInvalid, OperationRow
from app.inspections.rules.answers import Operation, fold, operation_hash
from tests import worlds
from tests.inspections import field
from tests.inspections.field import Field, Tablet

HEADERS = {"X-Songjian": "1"}


def _sign_in(client: FlaskClient, place: Field, account: Any = None) -> None:
    """Sign an officer of the field in at this browser."""
    from app.accounts import sessions, views

    db.session.commit()
    secret = sessions.begin(account or place.lead, body_id=place.authority_id, second_factor=True, at=clock.now())
    client.set_cookie(views.cookie_name(), secret)


def _send(client: FlaskClient, ops: list[Any]) -> TestResponse:
    return client.post("/api/v1/sync/ops", json={"ops": ops}, headers=HEADERS)


def _statuses(answer: TestResponse) -> list[str]:
    assert answer.status_code == 200
    return [fate["invalid"] or fate["status"] for fate in answer.get_json()["results"]]


@pytest.fixture
def at_work(client: FlaskClient) -> tuple[Field, Tablet]:
    """A team at work, its lead signed in at `client`."""
    with acting(SYSTEM):
        place = field.a_field()
        row = field.a_task_at_work(place)
        pad = field.a_tablet(row, place.lead)
    _sign_in(client, place)
    return place, pad


def _count(table: type[Any]) -> int:
    with acting(SYSTEM):
        return int(db.session.scalar(select(func.count()).select_from(table)) or 0)


def test_stored_once_however_often_sent(client: FlaskClient, at_work: tuple[Field, Tablet]) -> None:
    _, pad = at_work
    task_id = pad.task_id
    batch = [pad.write("G-4.1", "met"), pad.write("G-4.2", "not_met"), pad.write("G-4.2", "示例·标志破损", "remark")]
    assert _statuses(_send(client, batch)) == ["stored"] * 3
    assert _statuses(_send(client, batch)) == ["duplicate"] * 3
    assert _statuses(_send(client, [*batch[:2], batch[1]])) == ["duplicate"] * 3
    pack = client.get(f"/api/v1/tasks/{task_id}").get_json()
    heads = {(s["item"], s["kind"]): [h["value"] for h in s["heads"]] for s in pack["slots"]}
    assert heads == {("G-4.1", "answer"): ["met"], ("G-4.2", "answer"): ["not_met"], ("G-4.2", "remark"): ["示例·标志破损"]}
    receipt = client.get(f"/api/v1/tasks/{task_id}/receipt").get_json()
    assert receipt["operations"] == [[op["op_id"], op["hash"]] for op in batch]
    assert receipt["state_sha"] == pack["state_sha"]


def test_any_order_and_repetition_gives_the_same_state(client: FlaskClient, at_work: tuple[Field, Tablet]) -> None:
    _, pad = at_work
    task_id, shuffle = pad.task_id, random.Random(7)
    first = pad.write("G-4.1", "met")
    batch = [
        first,
        pad.write("G-4.1", "not_met", replaces=[first["op_id"]]),
        *(pad.write(f"G-4.{n}", "met") for n in (2, 3, 5, 6)),
    ]
    pieces = [*batch, *batch[:3]]
    shuffle.shuffle(pieces)
    for cut in range(0, len(pieces), 2):
        _statuses(_send(client, pieces[cut : cut + 2]))
    wanted = fold(Operation(**op) for op in batch)
    assert client.get(f"/api/v1/tasks/{task_id}").get_json()["state_sha"] == wanted.sha256
    assert wanted.answer("G-4.1") == "not_met"


def _broken(pad: Tablet) -> list[tuple[Any, str]]:
    good = pad.write("G-4.1", "met")
    rehashed: Any = lambda **change: _hashed(pad.write("G-4.2", "met"), **change)  # noqa: E731
    return [
        (good, "stored"),
        ({**good, "value": "not_met"}, "hash_mismatch"),
        (_hashed(good, value="not_met"), "same_id_other_bytes"),
        (_hashed(pad.write("G-4.2", "met"), seq=good["seq"]), "seq_taken"),
        (rehashed(item="G-99.9"), "unknown_item"),
        (rehashed(value="perfect"), "value_not_allowed"),
        (rehashed(task_id="6f8d9a34-0d5c-4a51-9d0e-2f6d1a0c7b11"), "other_task"),
        (rehashed(author_id="somebody-else"), "other_task"),
        (rehashed(edition_sha="ab" * 32), "other_edition"),
        (rehashed(value="a\x00b", kind="remark"), "malformed"),
        ({**good, "seq": 2**53}, "malformed"),
        ({"op_id": good["op_id"]}, "malformed"),
        (None, "malformed"),
        ("文字", "malformed"),
        (["\ud800", {"deep": [[[1.5]]]}], "malformed"),
    ]


def _hashed(op: dict[str, Any], **change: Any) -> dict[str, Any]:
    changed = copy.deepcopy(op) | change
    return changed | {"hash": operation_hash(changed)}


def test_what_cannot_be_stored_is_kept(client: FlaskClient, at_work: tuple[Field, Tablet]) -> None:
    _, pad = at_work
    cases = _broken(pad)
    answer = _send(client, [op for op, _ in cases])
    assert _statuses(answer) == [wanted for _, wanted in cases]
    assert all(fate["reason"] for fate in answer.get_json()["results"][1:])
    kept = _count(KeptInvalid)
    assert kept == len(cases) - 1
    _send(client, [op for op, _ in cases])
    assert _count(KeptInvalid) == kept


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"ops": []}', b"\xff\xfe\x00", b"[" * 100_000, b'{"ops": 1, "more": 2}'])
def test_a_body_that_is_no_batch_is_kept(client: FlaskClient, at_work: tuple[Field, Tablet], body: bytes) -> None:
    assert at_work
    answer = client.post("/api/v1/sync/ops", data=body, headers=HEADERS | {"Content-Type": "application/json"})
    assert _statuses(answer) == ["malformed"]
    assert _count(KeptInvalid) == 1


def test_too_much_at_once_loses_nothing(client: FlaskClient, at_work: tuple[Field, Tablet]) -> None:
    _, pad = at_work
    answer = _send(client, [pad.write("G-4.1", "met")] * 501)
    assert (answer.status_code, answer.mimetype) == (413, "application/problem+json")
    assert answer.get_json()["code"] == "sync.too_much"
    assert (_count(OperationRow), _count(KeptInvalid)) == (0, 0)
    alone = _send(client, [_hashed(pad.write("G-4.1", "met"), reason="长" * 200_000)])
    assert _statuses(alone) == ["malformed"]


def test_calls_need_an_inspector(client: FlaskClient, at_work: tuple[Field, Tablet]) -> None:
    place, pad = at_work
    task_id, op = pad.task_id, pad.write("G-4.1", "met")
    stranger = client.application.test_client()
    answer = _send(stranger, [op])
    assert (answer.status_code, answer.mimetype) == (401, "application/problem+json")
    assert client.post("/api/v1/sync/ops", json={"ops": [op]}).status_code == 403  # without the header
    with acting(SYSTEM):
        other = field.an_account("示例·外人", Post.INSPECTOR, place.authority, certificate="示9")
    _sign_in(stranger, place, other)
    assert stranger.get(f"/api/v1/tasks/{task_id}").status_code == 404
    assert _statuses(_send(stranger, [op])) == ["other_task"]
    assert _count(OperationRow) == 0
    assert _statuses(_send(client, [op])) == ["stored"]
    desk = client.application.test_client()
    _sign_in(desk, place, place.handler)
    assert desk.get("/api/v1/tasks").status_code == 403


def test_a_photo_is_named_by_what_was_taken(client: FlaskClient, at_work: tuple[Field, Tablet]) -> None:
    _, pad = at_work
    task_id, taken = pad.task_id, io.BytesIO()
    Image.new("RGB", (640, 480), "gray").save(taken, "JPEG")
    sha = __import__("hashlib").sha256(taken.getvalue()).hexdigest()
    _statuses(_send(client, [pad.write("G-4.2", sha, "photo")]))
    assert client.get(f"/api/v1/tasks/{task_id}").get_json()["photos"] == []

    def send(promised: str) -> TestResponse:
        form = {"task_id": str(task_id), "sha256": promised, "photo": (io.BytesIO(taken.getvalue()), "现场.jpg")}
        return client.post("/api/v1/photos", data=form, headers=HEADERS)

    assert send("00" * 32).get_json()["code"] == "photo.changed"
    first, second = send(sha).get_json(), send(sha).get_json()
    assert first == second
    assert first["sha256"] == sha
    assert client.get(f"/api/v1/tasks/{task_id}").get_json()["photos"] == [sha]
    assert client.get(f"/api/v1/tasks/{task_id}/receipt").get_json()["photos"] == [sha]


def test_the_same_batch_from_eight_threads_is_stored_once(own_app: Songjian) -> None:
    with own_app.app_context(), acting(SYSTEM):
        place = field.a_field()
        row = field.a_task_at_work(place)
        checklist = field.checklist_of(row)
        pad, second = field.a_tablet(row, place.lead), field.a_tablet(row, place.second)
        batch = [*pad.everything(checklist), *(second.write(i.code, "met") for i in checklist.items)]
        client = own_app.test_client()
        _sign_in(client, place)
        cookie = client.get_cookie(__import__("app.accounts.views", fromlist=["x"]).cookie_name())
        assert cookie is not None
    answers: list[TestResponse] = []
    start = threading.Barrier(8)

    def send(number: int) -> None:
        mine = own_app.test_client()
        mine.set_cookie(cookie.key, cookie.value)
        ops = list(batch)
        random.Random(number).shuffle(ops)
        start.wait()
        for cut in range(0, len(ops), 50):
            answers.append(_send(mine, ops[cut : cut + 50]))

    threads = [threading.Thread(target=send, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    fates = [status for answer in answers for status in _statuses(answer)]
    assert (fates.count("stored"), fates.count("duplicate")) == (len(batch), 7 * len(batch))
    with own_app.app_context():
        assert (_count(OperationRow), _count(KeptInvalid)) == (len(batch), 0)


def test_the_log_of_operations_cannot_be_changed(client: FlaskClient, at_work: tuple[Field, Tablet]) -> None:
    _, pad = at_work
    _statuses(_send(client, [pad.write("G-4.1", "met")]))
    from sqlalchemy import text
    from sqlalchemy.exc import ProgrammingError

    for statement in ("update operation set value = 'not_met'", "delete from operation", "delete from kept_invalid"):
        with pytest.raises(ProgrammingError, match="permission denied"), db.session.begin_nested():
            db.session.execute(text(statement))


def test_the_published_description_is_what_the_code_says(app: Songjian, root: Path) -> None:
    """docs/openapi.json is written by `flask openapi`."""
    assert json.loads((root / "docs" / "openapi.json").read_text("utf-8")) == api.description(app)


def test_worlds_are_told_apart(client: FlaskClient) -> None:
    visit = worlds.signed_in(client, Post.INSPECTOR, on=field.BEFORE)
    assert visit.get("/api/v1/tasks").get_json()["tasks"] == []

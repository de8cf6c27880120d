"""The pages of complaints, without JavaScript (投诉页面), and canaries: what nobody but the desk may ever see."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, text

from app.complaints.models import Complaint, Inquiry
from app.complaints.rules import gate
from app.complaints.rules.kinds import State, Verb
from app.core import clock
from app.core.actor import SYSTEM, Post
from app.core.audit import AuditLine
from app.core.db import acting, db
from tests.complaints import builders
from tests.complaints.builders import ANSWER, FACTS, HOME_WORDS, NAME, PHONE, REASONS, STATEMENT, Desk, a_desk, brought, settled
from tests.providers.builders import a_pdf
from tests.worlds import Visit, signed_in

CANARIES = (NAME, PHONE, "金丝雀", "从床上摔下来", PHONE[-4:], "139****7788")


@pytest.fixture
def town(db_session: object) -> Desk:
    made = a_desk()
    settled(made)
    return made


def today_desk(client: FlaskClient, town: Desk, *posts: Post) -> Visit:
    return signed_in(client, *posts, authority=town.office, on=clock.today() - timedelta(days=30))


def token_of(page: str) -> str:
    found = re.search(r'name="csrf_token" value="(\w+)"', page)
    assert found
    return found[1]


def sent_form(client: FlaskClient, town: Desk, *, wait: bool = True, **change: Any) -> dict[str, Any]:
    """The public form as a person fills it in, given some time ago."""
    page = client.get(f"/complain?site={town.site.id}").get_data(as_text=True)
    ticket = gate.Ticket(uuid4().hex, int(clock.now().timestamp()) - (30 if wait else 0))
    key = str(client.application.config["SECRET_KEY"])
    said = {
        "csrf_token": token_of(page), "ticket": gate.seal(key, ticket), "site_id": str(town.site.id), "authority": str(town.office.id),
        "about_words": town.site.name, "matter": "care", "statement": STATEMENT, "danger": "no", "relation": "family",
        "anonymous": "no", "name": NAME, "phone": PHONE, "website": "", "answer": min(ticket.question.answers),
    }  # fmt: skip
    return said | change


def complained(client: FlaskClient, town: Desk, **change: Any) -> str:
    """Leave a complaint; gives the code from the receipt."""
    answer = client.post("/complain", data=sent_form(client, town, **change))
    page = answer.get_data(as_text=True)
    assert answer.status_code == 200, re.findall(r'class="sj-error.*?</p>', page)
    found = re.search(r'id="code">([0-9A-Z-]{14})<', page)
    assert found
    return found[1]


# --- the public -------------------------------------------------------------------------------------------------------


def test_from_the_form_to_the_status_page_by_code(client: FlaskClient, town: Desk) -> None:
    code = complained(client, town)
    page = client.get("/complain/status").get_data(as_text=True)
    shown = client.post("/complain/status", data={"csrf_token": token_of(page), "code": code.lower()})
    words = shown.get_data(as_text=True)
    assert shown.status_code == 200
    assert "已收到，正在分类" in words
    assert shown.headers["Cache-Control"] == "no-store"
    for canary in (NAME, PHONE, STATEMENT):
        assert canary not in words


@pytest.mark.parametrize(
    ("change", "status", "words"),
    [
        ({"answer": "不知道"}, 422, "小问题没有答对"),
        ({"website": "http://spam"}, 422, "请留空"),
        ({"wait": False}, 422, "提交得太快"),
        ({"ticket": "forged"}, 422, "打开得太久"),
        ({"statement": "短"}, 422, "请写 8 到 5000 个字"),
        ({"phone": ""}, 422, "匿名反映"),
        ({"phone": "123"}, 422, "电话号码应为"),
        ({"matter": "nothing"}, 422, "反映的是哪方面"),
        ({"site_id": "", "authority": ""}, 422, "机构在哪里"),
        ({"site_id": "", "authority": str(UUID(int=7))}, 422, "机构在哪里"),
    ],
)
def test_nothing_typed_is_lost_on_refusal(
    client: FlaskClient, town: Desk, change: dict[str, Any], status: int, words: str
) -> None:
    typed = sent_form(client, town, **change)
    answer = client.post("/complain", data=typed)
    page = answer.get_data(as_text=True)
    assert answer.status_code == status
    assert words in page
    for field in ("statement", "name", "phone"):
        assert typed[field] in page
    assert re.search(r'name="website"[^>]*value=""', page)
    with acting(SYSTEM):
        assert db.session.scalars(select(Complaint)).all() == []


def test_a_refused_form_goes_through_once_it_is_right(client: FlaskClient, town: Desk) -> None:
    typed = sent_form(client, town, answer="不知道")
    page = client.post("/complain", data=typed).get_data(as_text=True)
    ticket = re.search(r'name="ticket" value="([^"]+)"', page)
    assert ticket
    key = str(client.application.config["SECRET_KEY"])
    again = gate.read(key, ticket[1])
    assert again is not None
    right = typed | {"ticket": ticket[1], "answer": min(again.question.answers)}
    assert client.post("/complain", data=right).status_code == 200
    assert client.post("/complain", data=right).status_code == 200  # reloaded: the same receipt
    with acting(SYSTEM):
        assert len(db.session.scalars(select(Complaint)).all()) == 1


def test_too_many_from_one_connection_keep_their_words(client: FlaskClient, town: Desk) -> None:
    for _ in range(gate.PER_HOUR):
        complained(client, town)
    answer = client.post("/complain", data=sent_form(client, town))
    assert answer.status_code == 429
    assert STATEMENT in answer.get_data(as_text=True)
    assert town.office.supervision_phone in answer.get_data(as_text=True)


def test_the_form_needs_no_script_and_no_third_party(client: FlaskClient, town: Desk) -> None:
    page = client.get("/complain").get_data(as_text=True)
    sources = re.findall(r'(?:src|href|action)="([^"]+)"', page)
    assert [source for source in sources if source.startswith(("http", "//"))] == []
    trap = re.search(r'<input id="website"[^>]*>', page)
    assert trap
    assert 'tabindex="-1"' in trap[0]


@pytest.mark.parametrize("code", ["AAAA-BBBB-CCCC", "短", "", "2" * 40])
def test_a_code_of_nobody_tells_nothing(client: FlaskClient, town: Desk, code: str) -> None:
    page = client.get("/complain/status").get_data(as_text=True)
    answer = client.post("/complain/status", data={"csrf_token": token_of(page), "code": code})
    assert answer.status_code == 422
    for path in ("materials", "rating"):
        said = {"csrf_token": token_of(page), "code": code, "words": "补充说明", "satisfaction": "fair"}
        assert client.post(f"/complain/status/{path}", data=said).status_code == 422


def test_a_hostile_file_is_refused_and_the_words_are_kept(client: FlaskClient, town: Desk) -> None:
    code = complained(client, town)
    token = token_of(client.get("/complain/status").get_data(as_text=True))
    bad = {"csrf_token": token, "code": code, "words": "补充的话", "files": (io.BytesIO(b"MZ evil"), "照片.jpg")}
    answer = client.post("/complain/status/materials", data=bad)
    assert answer.status_code == 422
    assert "补充的话" in answer.get_data(as_text=True)
    assert "这是程序，不能接收" in answer.get_data(as_text=True)
    good = {"csrf_token": token, "code": code, "words": "", "files": (io.BytesIO(a_pdf()), "../../材料.pdf")}
    answer = client.post("/complain/status/materials", data=good)
    assert answer.status_code == 200
    assert "1 个" in answer.get_data(as_text=True)
    with acting(SYSTEM):
        kept = db.session.execute(
            text("select provider_id, site_id from blob where file_name like '%材料.pdf' and site_id is null")
        ).one()
    assert tuple(kept) == (None, None)


@pytest.mark.parametrize("state", list(State))
def test_the_status_page_of_every_state(client: FlaskClient, town: Desk, state: State) -> None:
    row = brought(town, state)
    code = town.codes.get(row.id)
    if code is None:
        return  # a transfer's code went to the other department
    settled(town, row)
    token = token_of(client.get("/complain/status").get_data(as_text=True))
    answer = client.post("/complain/status", data={"csrf_token": token, "code": code})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 200
    for secret in (NAME, PHONE, REASONS, HOME_WORDS, town.handler.name):
        assert secret not in page


# --- the desk ---------------------------------------------------------------------------------------------------------


def test_an_officer_takes_down_a_call_and_reads_out_the_code(client: FlaskClient, town: Desk) -> None:
    visit = today_desk(client, town, Post.HANDLER)
    said = {
        "channel": "phone", "about_site_id": str(town.site.id), "about_words": town.site.name, "matter": "fees",
        "statement": "示例：押金三个月不退，打电话没人接", "name": NAME, "phone": PHONE, "source_words": "",
    }  # fmt: skip
    answer = visit.post("/office/complaints", **said)
    assert answer.status_code == 200
    assert re.search(r"[2-9A-Z]{4}-[2-9A-Z]{4}-[2-9A-Z]{4}", answer.get_data(as_text=True))
    refused = visit.post("/office/complaints", **(said | {"channel": "transfer"}))
    assert refused.status_code == 422
    assert "押金三个月不退" in refused.get_data(as_text=True)


@pytest.mark.parametrize("state", list(State))
def test_every_state_opens_with_its_next_step(client: FlaskClient, town: Desk, state: State) -> None:
    row = brought(town, state, on=clock.today())
    settled(town, row)
    visit = today_desk(client, town, Post.HANDLER, Post.REVIEWER, Post.HEAD)
    answer = visit.get(f"/office/complaints/{row.id}")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert "下一步" in page
    for canary in (NAME, PHONE):
        assert canary not in page
    for act in re.findall(rf"/office/complaints/{row.id}\?act=(\w+)#act", page):
        opened = visit.get(f"/office/complaints/{row.id}?act={act}")
        assert f'action="/office/complaints/{row.id}/{act}"' in opened.get_data(as_text=True) or act == "merge"


def test_a_refusal_at_the_desk_keeps_what_was_typed(client: FlaskClient, town: Desk) -> None:
    row = brought(town, State.INVESTIGATING, on=clock.today())
    settled(town, row)
    visit = today_desk(client, town, Post.HANDLER)
    leaky = f"{FACTS}联系电话 {PHONE}"
    answer = visit.post(f"/office/complaints/{row.id}/ask", facts=leaky, confirmed="y")
    assert answer.status_code == 422
    assert leaky in answer.get_data(as_text=True)
    assert "机构会认出投诉人" in answer.get_data(as_text=True)


def test_what_is_not_the_time_answers_409(client: FlaskClient, town: Desk) -> None:
    row = brought(town, State.REGISTERED)
    settled(town, row)
    visit = today_desk(client, town, Post.HANDLER, Post.REVIEWER)
    assert visit.post(f"/office/complaints/{row.id}/close", words="").status_code == 409
    assert visit.post(f"/office/complaints/{row.id}/review", words="").status_code == 409


def test_the_contact_is_shown_once_for_a_reason(client: FlaskClient, town: Desk) -> None:
    row = brought(town, State.ANSWERED)
    settled(town, row)
    visit = today_desk(client, town, Post.HANDLER)
    assert visit.post(f"/office/complaints/{row.id}/contact", seen_for="").status_code == 422
    page = visit.post(f"/office/complaints/{row.id}/contact", seen_for="回访核对").get_data(as_text=True)
    assert NAME in page
    assert PHONE in page
    again = visit.get(f"/office/complaints/{row.id}").get_data(as_text=True)
    assert PHONE not in again
    assert "回访核对" in again


def test_ledger_filters_and_figures(client: FlaskClient, town: Desk) -> None:
    rows = [brought(town, state) for state in (State.REGISTERED, State.ANSWERED, State.ARCHIVED)]
    urgent = brought(town, State.REGISTERED, urgent=True)
    settled(town, urgent, *rows)
    visit = today_desk(client, town, Post.HANDLER)
    page = visit.get("/office/complaints").get_data(as_text=True)
    for row in (*rows, urgent):
        assert row.number in page
    only = visit.get("/office/complaints?standing=urgent").get_data(as_text=True)
    assert urgent.number in only
    assert rows[0].number not in only
    assert visit.get("/office/complaints?standing=nothing").status_code == 422
    for query in (
        "standing=overdue",
        "standing=call",
        "standing=open",
        "state=answered",
        "track=hotline&sort=-due",
        "since=2026-01-01",
    ):
        assert visit.get(f"/office/complaints?{query}").status_code == 200
    figures = visit.get("/office/complaints/statistics?first=2026-11-01&last=2026-11-30").get_data(as_text=True)
    assert "12345 工单（投诉）" in figures
    assert "2/2" in figures
    assert visit.get("/office/complaints/statistics?first=abc").status_code == 200


# --- the home, and canaries -------------------------------------------------------------------------------------------


def an_inquiry(town: Desk) -> tuple[Complaint, Inquiry]:
    from app.complaints.actions import verifying

    today = clock.today()
    row = brought(town, State.INVESTIGATING, on=today)
    with acting(town.handler):
        asked = verifying.ask_home(row.id, FACTS, confirmed=True, by=town.handler, at=clock.now(), on=today)
    return row, asked


def test_the_home_sees_facts_answers_and_learns_the_outcome(client: FlaskClient, town: Desk) -> None:
    row, asked = an_inquiry(town)
    settled(town, row, asked)
    owner = signed_in(client, Post.PROVIDER_OWNER, provider_id=town.site.provider_id)
    page = owner.get(f"/my/inquiries/{asked.id}").get_data(as_text=True)
    assert FACTS in page
    assert "说明情况" in owner.get("/my/").get_data(as_text=True)
    short = owner.post(f"/my/inquiries/{asked.id}/reply", text="不清楚")
    assert short.status_code == 422
    data = {
        "csrf_token": owner.token,
        "text": "当夜值班人员请假，未及时补位，已整改。",
        "files": (io.BytesIO(a_pdf()), "排班表.pdf"),
    }
    assert owner.client.post(f"/my/inquiries/{asked.id}/reply", data=data).status_code == 302
    assert 'href="/files/' in owner.get(f"/my/inquiries/{asked.id}").get_data(as_text=True)
    assert owner.post(f"/my/inquiries/{asked.id}/reply", text="再补充一次说明，请收下。").status_code == 422
    assert owner.get(f"/office/complaints/{row.id}").status_code == 403


def readable(data: bytes) -> str:
    """What an answer says, a workbook unpacked."""
    if data.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(data)) as files:
            return "".join(files.read(name).decode(errors="replace") for name in files.namelist())
    return data.decode(errors="replace")


def test_canaries_nothing_of_the_complainant_reaches_the_home(client: FlaskClient, town: Desk) -> None:
    """Every page, file and export that the home may open, before and after the finding, holds nothing of the complainant."""
    from app.complaints.actions import intake, verifying
    from tests.providers.builders import an_upload

    row, asked = an_inquiry(town)
    intake.supplement(town.codes[row.id], "金丝雀补充", [an_upload()], at=clock.now(), on=clock.today())
    with acting(town.owner):
        verifying.reply(asked.id, "当夜值班人员请假，已整改完毕。", [], by=town.owner, at=clock.now(), on=clock.today())
    with acting(town.handler):
        verifying.find(
            row.id, builders.Finding.TRUE, f"{REASONS}金丝雀内部理由", home_words=HOME_WORDS, confirmed=True,
            by=town.handler, at=clock.now(), on=clock.today(),
        )  # fmt: skip
        verifying.review(row.id, by=town.reviewer, at=clock.now(), on=clock.today())
        verifying.answer(row.id, f"{ANSWER}金丝雀", "电话", by=town.handler, at=clock.now(), on=clock.today())
        blob = db.session.execute(text("select id from blob where site_id is null")).scalars().all()
    settled(town, row, asked)
    secrets = (*CANARIES, row.number, town.codes[row.id], gate.shown_code(town.codes[row.id]))
    for post, more in ((Post.PROVIDER_OWNER, {}), (Post.SITE_MANAGER, {"site_id": town.site.id})):
        home = signed_in(client, post, provider_id=town.site.provider_id, **more)  # type: ignore[arg-type]
        opened = 0
        for rule in client.application.url_map.iter_rules():
            if "GET" not in (rule.methods or ()) or not rule.rule.startswith(("/my", "/facilities", "/api", "/open", "/account")):
                continue
            path = re.sub(r"<[^>]*site_id>", str(town.site.id), rule.rule)
            path = re.sub(r"<[^>]*inquiry_id>", str(asked.id), path)
            if "<" in path:
                continue
            answer = home.get(path)
            opened += answer.status_code == 200
            said = readable(answer.get_data())
            for secret in secrets:
                assert secret not in said, (path, secret)
        assert opened >= 6
        shown = home.get(f"/my/inquiries/{asked.id}").get_data(as_text=True)
        assert HOME_WORDS in shown
        assert "部分属实的会进入信用记录" in shown
        for file in blob:
            assert home.get(f"/files/{file}").status_code == 404
        for path in ("", "?act=find", "/contact"):
            assert home.get(f"/office/complaints/{row.id}{path}").status_code in {403, 404, 405}


def test_canaries_rows_stay_behind_the_wall_for_the_home(client: FlaskClient, town: Desk) -> None:
    """Even a forgotten filter shows a home none of these rows (row-level security)."""
    an_inquiry(town)
    settled(town)
    for actor in (town.owner, builders.builders.a_manager(town.site)):
        with acting(actor):
            for table in ("complaint", "complaint_step", "complaint_file", "complaint_pause", "contact_reveal"):
                assert db.session.execute(text(f"select count(*) from {table}")).scalar() == 0, table
            assert db.session.execute(text("select count(*) from inquiry")).scalar() == 1
            kinds = set(db.session.execute(text("select kind from deadline where kind like 'complaint%'")).scalars())
            assert kinds == set()
            labels = " ".join(db.session.execute(text("select label from deadline")).scalars())
            assert "诉〔" not in labels


def test_canaries_exports_hold_no_contact_no_statement_no_code(client: FlaskClient, town: Desk) -> None:
    row = brought(town, State.ARCHIVED)
    settled(town, row)
    visit = today_desk(client, town, Post.HANDLER)
    answer = visit.get("/office/complaints.xlsx")
    assert answer.status_code == 200
    with zipfile.ZipFile(io.BytesIO(answer.get_data())) as book:
        everything = "".join(book.read(name).decode("utf-8", "replace") for name in book.namelist())
    assert row.number in everything
    for canary in (*CANARIES, town.codes[row.id], REASONS, ANSWER):
        assert canary not in everything


def test_canaries_logs_and_audit_lines_hold_nothing_of_anybody(
    client: FlaskClient, town: Desk, capfd: pytest.CaptureFixture[str]
) -> None:
    code = complained(client, town)
    client.post("/complain", data=sent_form(client, town, statement="短"))
    client.post("/complain", data=sent_form(client, town, ticket="forged"))
    brought(town, State.ARCHIVED)
    settled(town)
    said = "".join(capfd.readouterr())
    with acting(SYSTEM):
        lines = " ".join(str(facts) for facts in db.session.scalars(select(AuditLine.facts)))
    for canary in (*CANARIES[:4], code, code.replace("-", "")):
        assert canary not in said
        assert canary not in lines


def test_canaries_the_case_inspection_and_its_notice_name_nobody(client: FlaskClient, town: Desk) -> None:
    from app.complaints.actions import desk

    row = brought(town, State.REVIEWED)
    with acting(town.handler):
        task_id = desk.open_case(row.id, by=town.handler, at=clock.now(), on=clock.today())
        stored = db.session.execute(text("select * from inspection_task where id = :id"), {"id": task_id}).mappings().one()
    whole = " ".join(str(value) for value in stored.values())
    for canary in (*CANARIES[:4], row.number):
        assert canary not in whole


def test_street_officers_register_and_nothing_else(client: FlaskClient, town: Desk) -> None:
    row = brought(town, State.REGISTERED)
    settled(town, row)
    visit = today_desk(client, town, Post.STREET_OFFICER)
    assert visit.get("/office/complaints/new").status_code == 200
    assert visit.get(f"/office/complaints/{row.id}").status_code == 403
    assert {Verb.REGISTER} == {verb for verb, posts in builders_who().items() if Post.STREET_OFFICER in posts}


def builders_who() -> Any:
    from app.complaints.rules.machine import WHO

    return WHO


def test_the_office_keeps_evidence_that_was_cleaned(client: FlaskClient, town: Desk) -> None:
    row = brought(town, State.INVESTIGATING, on=clock.today())
    settled(town, row)
    visit = today_desk(client, town, Post.HANDLER)
    address = f"/office/complaints/{row.id}/keep"
    for files, status in (((io.BytesIO(b"PK\x03\x04"), "a.zip"), 422), ((io.BytesIO(a_pdf()), "来信.pdf"), 302)):
        assert visit.client.post(address, data={"csrf_token": visit.token, "files": files}).status_code == status
    assert visit.post(address).status_code == 422
    assert "存证据" in visit.get(f"/office/complaints/{row.id}").get_data(as_text=True)


def test_a_streets_officer_takes_it_down_at_the_countys_counter(client: FlaskClient, town: Desk) -> None:
    from app.regions import queries as regions
    from app.regions.rules import Level
    from tests.worlds import an_authority

    street = an_authority(regions.below(town.office.path, Level.STREET)[0].code)
    visit = signed_in(client, Post.STREET_OFFICER, authority=street)
    said = {"channel": "visit", "about_words": "示例·某养老院", "matter": "food", "statement": "示例：饭菜连续几天是凉的"}
    answer = visit.post("/office/complaints", **said)
    assert answer.status_code == 200
    assert "已送区县民政部门" in answer.get_data(as_text=True)
    with acting(SYSTEM):
        [row] = db.session.scalars(select(Complaint)).all()
        assert (row.authority_id, row.scope_path) == (town.office.id, town.office.path)


def test_the_job_forgets_connections_and_may_miss_a_night(client: FlaskClient, town: Desk) -> None:
    from app.complaints import jobs

    brought(town, State.REGISTERED)
    settled(town)
    day = builders.ON
    with acting(SYSTEM):
        assert [jobs.forget_origins(day + timedelta(days=n)).done for n in (0, 2, 5, 6)] == [0, 0, 1, 0]


def test_the_facilitys_page_leads_to_the_form_with_its_name_filled_in(client: FlaskClient, town: Desk) -> None:
    site = builders.builders.a_filed_site(on=clock.today() - timedelta(days=60))
    site_id, name = site.id, site.name
    settled(town, site)
    assert f'href="/complain?site={site_id}"' in client.get(f"/facilities/{site_id}").get_data(as_text=True)
    assert name in client.get(f"/complain?site={site_id}").get_data(as_text=True)
    for nobody in ("nonsense", uuid4()):
        assert client.get(f"/complain?site={nobody}").status_code == 200


def test_danger_comes_before_everything_else_on_the_page(client: FlaskClient, town: Desk) -> None:
    row = brought(town, State.REGISTERED, urgent=True, on=clock.today())
    settled(town, row)
    visit = today_desk(client, town, Post.HANDLER)
    assert f'action="/office/complaints/{row.id}/settle_urgent"' in visit.get(f"/office/complaints/{row.id}").get_data(
        as_text=True
    )
    assert "立即" in visit.get("/office/").get_data(as_text=True)

"""The desk and the record as people meet them."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID, uuid4

from flask.testing import FlaskClient
from sqlalchemy import text
from werkzeug.exceptions import NotFound

from app.core import audit, calendar
from app.core.actor import SYSTEM, Post
from app.core.calendar import Deadline, Unit
from app.core.clock import today
from app.core.db import acting, db
from app.regions.events import DeadlineMoved
from app.supervision.rules import DUTIES
from tests.providers.builders import a_filed_site
from tests.worlds import Visit, an_authority, signed_in


def a_clock(kind: str, label: str, *, path: str | None = None, days: int = 5, start: date | None = None) -> Deadline:
    """A running clock, loaded and let go of, since another actor may not see it again."""
    of = Deadline(scope_path=path or an_authority().path, provider_id=None, site_id=None)
    with acting(SYSTEM):
        row = calendar.start_clock(
            kind, of=of, subject=uuid4(), label=label, start=start or today(), count=days, unit=Unit.WORKING, basis="测试依据"
        )
        db.session.expunge(row)
        return row


def test_an_officer_sees_what_waits_on_three_shelves(client: FlaskClient) -> None:
    a_clock("filing.handle", "示例·望溪养老院备案")
    a_clock("recheck", "示例·和园养老院复查")
    a_clock("rectification", "示例·桃源养老院整改")
    a_clock("nobody.entered.this", "示例·别样期限")
    visit = signed_in(client, Post.REVIEWER)
    mine, department, waiting = (visit.get(page).text for page in ("/office/", "/office/department", "/office/waiting"))
    assert "等您办的 2 件事，都有期限" in mine
    assert "示例·和园养老院复查" in mine
    assert "示例·别样期限" in mine
    assert "示例·望溪养老院备案" not in mine, "a handler's"
    assert "全科室在办 3 件" in department
    assert "示例·桃源养老院整改" in waiting
    assert "测试依据" in waiting


def test_what_waits_elsewhere_is_not_shown(client: FlaskClient) -> None:
    a_clock("filing.handle", "示例·别县之事", path=an_authority("330203").path)
    assert "示例·别县之事" not in signed_in(client, Post.HANDLER).get("/office/department").text


def test_the_most_urgent_stands_first_and_overdue_ones_are_said(client: FlaskClient) -> None:
    a_clock("filing.handle", "示例·晚到期", days=9)
    a_clock("filing.handle", "示例·早已逾期", start=today() - timedelta(days=30))
    page = signed_in(client, Post.HANDLER).get("/office/").text
    assert page.index("示例·早已逾期") < page.index("示例·晚到期")
    assert "1 件已逾期" in page
    assert "日逾期" in page


def test_met_clocks_leave_the_list(client: FlaskClient) -> None:
    row = a_clock("filing.handle", "示例·办完")
    with acting(SYSTEM):
        calendar.meet_clock("filing.handle", row.subject, today())
        db.session.flush()
    assert "现在没有等您办的事" in signed_in(client, Post.HANDLER).get("/office/").text


def moved(subject: UUID) -> None:
    audit.record(DeadlineMoved(subject=subject, by=SYSTEM.id, on=today()))
    db.session.commit()


def test_what_just_happened_keeps_to_the_scope(client: FlaskClient) -> None:
    here, there = a_clock("notice", "示例·甲"), a_clock("notice", "示例·乙", path=an_authority("330203").path)
    visit = signed_in(client, Post.HANDLER)
    moved(there.subject)
    assert "暂定期限调整" not in visit.get("/office/").text
    moved(there.id)
    assert "暂定期限调整" not in visit.get("/office/").text
    moved(here.id)
    assert "暂定期限调整" in visit.get("/office/").text


def observer(client: FlaskClient) -> Visit:
    return signed_in(client, Post.OBSERVER)


def test_the_record_is_filtered_by_event_subject_and_day(client: FlaskClient) -> None:
    visit = observer(client)
    subject = uuid4()
    moved(subject)
    assert "暂定期限调整" in visit.get("/office/record").text
    by_event = visit.get("/office/record?event=PostGranted").text
    assert by_event.count("授予岗位</td>") == 1
    assert str(subject)[:8] in visit.get(f"/office/record?subject={subject}").text
    assert "没有符合条件的" in visit.get("/office/record?subject=nothing").text
    assert "没有符合条件的" in visit.get("/office/record?day=2004-01-01").text
    assert visit.get("/office/record?event=Nonsense").status_code == 422


def test_the_record_is_exported_with_its_hashes(client: FlaskClient) -> None:
    visit = observer(client)
    moved(uuid4())
    sent = visit.get("/office/record.csv?event=DeadlineMoved")
    newest = db.session.execute(text("select hash from audit_line order by seq desc limit 1")).scalar_one()
    assert sent.headers["Content-Type"].startswith("text/csv")
    assert newest in sent.text
    assert sent.text.count("\n") == 2


def test_a_verification_says_its_verdict_and_is_recorded(client: FlaskClient) -> None:
    visit = observer(client)
    assert visit.post("/office/record/verification").status_code == 302
    page = visit.get("/office/record").text
    assert "核验通过：" in page
    assert "最近一次核验：通过" in page


def test_a_broken_chain_is_named(client: FlaskClient) -> None:
    visit = observer(client)
    db.session.execute(text("update audit_head set hash = 'nothing'"))
    visit.post("/office/record/verification")
    assert "核验不通过" in visit.get("/office/record").text


def test_an_officer_may_not_read_the_record(client: FlaskClient) -> None:
    assert signed_in(client, Post.HEAD).get("/office/record").status_code == 403


def test_the_desk_counts_the_coverage_of_the_own_homes_only(client: FlaskClient) -> None:
    with acting(SYSTEM):
        a_filed_site(county="210102"), a_filed_site(county="330203")
    page = signed_in(client, Post.HANDLER).get("/office/").text
    assert "年全覆盖" in page
    assert "/ 1 家已到场" in page
    assert "年全覆盖" not in signed_in(client, Post.INSPECTOR).get("/office/").text


def test_every_button_of_the_desk_leads_to_a_page(client: FlaskClient) -> None:
    """A duty's path is a page of ours; what another hand is still building stands here until it does."""
    rows = [a_clock(kind, f"示例·{kind}") for kind in DUTIES]
    pages = client.application.url_map.bind("")
    missing = set()
    for row in rows:
        path = DUTIES[row.kind].href(row.subject, uuid4())
        assert path
        try:
            pages.match(path)
        except NotFound:
            missing.add(path.split("/")[2])
    assert missing <= {"tasks", "findings", "sites", "filings"}

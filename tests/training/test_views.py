"""Pages of staff and training through a browser without scripts: what is shown, to whom, and that no identity number is."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.core import clock
from app.core.actor import SYSTEM, Post
from app.core.db import act_as, acting, db
from app.providers.models import Site
from app.training.actions import people
from app.training.models import Employment
from app.training.queries import certificates as papers
from app.training.queries import courses as course_queries
from app.training.queries import people as who
from app.training.rules import CertificateState, CourseKind, Finding, Outcome, SessionState, Shift, StaffPost
from tests.providers.builders import a_filed_site
from tests.training.builders import a_carer, a_certificate, a_level_number, a_number, a_session, photo_bytes
from tests.worlds import Visit, an_authority, signed_in

TODAY = clock.today()


@pytest.fixture(autouse=True)
def built_by_the_platform(db_session: object) -> Iterator[None]:
    with acting(SYSTEM):
        yield


@pytest.fixture
def site() -> Site:
    return a_filed_site()


class Desk:
    """Somebody's browser; after each answer the test itself is the platform again and sees everything."""

    def __init__(self, visit: Visit) -> None:
        self.visit = visit

    def get(self, path: str) -> TestResponse:
        db.session.commit()
        return self.then(self.visit.get(path))

    def post(self, path: str, **data: object) -> TestResponse:
        db.session.commit()
        return self.then(self.visit.post(path, **data))

    def then(self, answer: TestResponse) -> TestResponse:
        act_as(SYSTEM)
        return answer


def at_desk(*args: Any, **kw: Any) -> Desk:
    made = Desk(signed_in(*args, **kw))
    act_as(SYSTEM)
    return made


def manager(client: FlaskClient, site: Site, post: Post = Post.SITE_MANAGER) -> Desk:
    return at_desk(client, post, provider_id=site.provider_id, site_id=site.id, on=TODAY)


def officer(client: FlaskClient, *posts: Post) -> Desk:
    return at_desk(client, *(posts or (Post.HANDLER,)), authority=an_authority("210102"), on=TODAY)


def carer(site: Site, **more: object) -> Employment:
    return a_carer(site, on=TODAY, **more)  # type: ignore[arg-type]


def text(answer: object) -> str:
    return answer.get_data(as_text=True)  # type: ignore[attr-defined, no-any-return]


def test_hiring_keeps_what_was_typed_and_tells_what_is_wrong(client: FlaskClient, site: Site) -> None:
    visit = manager(client, site)
    number = a_number()
    typed = {"name": "示例·新人", "id_type": "resident", "identity": number[:-1], "post": "caregiver", "started_on": str(TODAY)}
    answer = visit.post(f"/my/sites/{site.id}/staff", **typed)
    assert answer.status_code == 422
    assert "应为18位" in text(answer)
    assert 'value="示例·新人"' in text(answer)
    answer = visit.post(f"/my/sites/{site.id}/staff", **(typed | {"identity": number}))
    assert answer.status_code == 302
    page = text(visit.get(answer.headers["Location"]))
    assert "缺有效的护理员等级证书" in page
    assert number not in page
    assert number[:3] + "***********" + number[-4:] in page


def test_renewing_by_photo(client: FlaskClient, site: Site) -> None:
    job = carer(site)
    old = a_certificate(
        job, valid_to=TODAY + timedelta(days=3), issued_on=TODAY - timedelta(days=362), issuer="示例·体检中心", on=TODAY
    )
    visit = manager(client, site)
    calendar = text(visit.get("/my/certificates"))
    way = re.search(rf"/my/staff/{job.id}/certificates/new\?replaces={old.id}", calendar)
    assert way
    form = text(visit.get(way[0]))
    assert 'value="示例·体检中心"' in form
    new = {
        "replaces": str(old.id),
        "kind": "health",
        "issued_on": str(TODAY),
        "valid_to": str(TODAY + timedelta(days=364)),
        "issuer": "示例·体检中心",
    }
    answer = visit.post(f"/my/staff/{job.id}/certificates", **new)
    assert (answer.status_code, "换新要传新证书的照片" in text(answer)) == (422, True)
    answer = visit.post(f"/my/staff/{job.id}/certificates", **new, file=(io.BytesIO(photo_bytes("新证")), "新证.jpg"))
    assert answer.status_code == 302
    (row,) = papers.of_people([job.person_id], seen_by=SYSTEM)[job.person_id]
    assert (row.replaces_id, row.valid_to, row.blob_id is not None) == (old.id, TODAY + timedelta(days=364), True)
    assert visit.get(f"/files/{row.blob_id}").status_code == 200


def test_a_renewed_electrician_keeps_the_number_that_is_an_identity_number(client: FlaskClient, site: Site) -> None:
    number = a_number()
    job = carer(site, identity=number, post=StaffPost.ELECTRICIAN)
    old = a_certificate(
        job,
        "special_work",
        number=f"T{number}",
        issued_on=TODAY - timedelta(days=2000),
        valid_to=TODAY + timedelta(days=9),
        on=TODAY,
    )
    visit = manager(client, site)
    form = text(visit.get(f"/my/staff/{job.id}/certificates/new?replaces={old.id}"))
    assert number not in form
    new = {
        "replaces": str(old.id),
        "kind": "special_work",
        "issued_on": str(TODAY),
        "valid_to": str(TODAY + timedelta(days=2000)),
    }
    answer = visit.post(f"/my/staff/{job.id}/certificates", **new, file=(io.BytesIO(photo_bytes("电工")), f"{number}.jpg"))
    assert answer.status_code == 302
    (row,) = papers.of_people([job.person_id], seen_by=SYSTEM)[job.person_id]
    assert row.number is not None
    assert row.number.reveal() == f"T{number}"
    assert row.doubts == []


def test_no_page_and_no_export_holds_a_number(client: FlaskClient, site: Site) -> None:
    number = a_number()
    job = carer(site, identity=number, post=StaffPost.ELECTRICIAN)
    paper = a_certificate(job, "special_work", number=f"T{number}", issued_on=TODAY, valid_to=TODAY + timedelta(days=9), on=TODAY)
    a_certificate(job, "other", number=number, issued_on=TODAY, on=TODAY)
    mine = ["/my/staff", f"/my/staff/{job.id}", "/my/certificates", "/my/staff.xlsx", f"/my/sites/{site.id}/staffing"]
    theirs = ["/office/staff", "/office/certificates", "/office/certificates.xlsx", "/office/certificates/suspicious"]
    theirs += [f"/office/certificates/{paper.id}", f"/office/sites/{site.id}/staff"]
    for sign_in, addresses in ((lambda: manager(client, site), mine), (lambda: officer(client), theirs)):
        visit = sign_in()
        for address in addresses:
            answer = visit.get(address)
            assert answer.status_code == 200, address
            assert number not in _read(answer), address


def _read(answer: object) -> str:
    import zipfile

    data: bytes = answer.get_data()  # type: ignore[attr-defined]
    if not data.startswith(b"PK"):
        return data.decode("utf-8")
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        return "".join(book.read(name).decode("utf-8", "replace") for name in book.namelist())


def test_a_night_gap_shows_at_once(client: FlaskClient, site: Site) -> None:
    visit = manager(client, site)
    load = {
        "as_of": str(TODAY),
        "intact": 0,
        "mild": 0,
        "moderate": 0,
        "severe": 10,
        "total": 10,
        "has_control_room": "y",
        "has_linked_control": "y",
    }
    assert visit.post(f"/my/sites/{site.id}/staffing", **load).status_code == 302
    assert "夜班还差 2 名四级（中级工）以上消防控制室值班员" in text(visit.get(f"/my/sites/{site.id}/staffing"))
    for n in range(2):
        job = carer(site, post=StaffPost.FIRE_DUTY, shift=Shift.NIGHT)
        a_certificate(job, "fire_operator", level="4", number="", issued_on=TODAY - timedelta(days=n), on=TODAY)
    assert "夜班还差" not in text(visit.get("/my/staff"))
    answer = visit.post(f"/my/staff/{job.id}/shift", shift="day")
    assert answer.status_code == 302
    assert "夜班还差 1 名四级（中级工）以上消防控制室值班员" in text(visit.get(answer.headers["Location"]))


def test_a_session_from_planning_to_closing(client: FlaskClient, site: Site) -> None:
    jobs = [carer(site) for _ in range(3)]
    visit = manager(client, site)
    asked = {
        "title": "示例·下半年安全教育",
        "kind": "safety",
        "hours": 2,
        "has_exam": "y",
        "pass_mark": 60,
        "held_on": str(TODAY),
        "place": "示例·会议室",
        "trainer": "示例·院长",
    }
    assert visit.post(f"/my/sites/{site.id}/training", **(asked | {"hours": 0})).status_code == 422
    where = visit.post(f"/my/sites/{site.id}/training", **asked).headers["Location"]
    session_id = UUID(where.rsplit("/", 1)[1])
    assert visit.post(f"{where}/people", people=[str(job.id) for job in jobs]).status_code == 302
    assert visit.post(f"{where}/closing").status_code == 409
    seats = {seat.person_id: seat.id for seat in course_queries.attendances(session_id, seen_by=SYSTEM)}
    results = {
        f"s-{seats[jobs[0].person_id]}": "85",
        f"r-{seats[jobs[1].person_id]}": "failed",
        f"r-{seats[jobs[2].person_id]}": "absent",
    }
    assert visit.post(f"{where}/results", **{f"s-{seats[jobs[0].person_id]}": "abc"}).status_code == 422
    assert visit.post(f"{where}/results", **results).status_code == 302
    assert visit.post(f"{where}/closing").status_code == 302
    assert course_queries.session(session_id, seen_by=SYSTEM).state is SessionState.CLOSED
    page = text(visit.get("/my/training"))
    assert "考核合格率 50.0%，低于 80%" in page
    assert re.search(r"没有参加</dt><dd>1 人", page)


def test_an_office_holds_a_session_and_the_home_enrols(client: FlaskClient, site: Site) -> None:
    job = carer(site)
    asked = {
        "title": "示例·千人培训",
        "kind": "skill",
        "hours": 8,
        "held_on": str(TODAY),
        "place": "示例·实训基地",
        "trainer": "示例·讲师",
    }
    where = officer(client).post("/office/training", **asked).headers["Location"]
    session_id = where.rsplit("/", 1)[1]
    visit = manager(client, site)
    assert visit.post(f"/my/training/{session_id}/people", people=[str(job.id)]).status_code == 302
    assert visit.post(f"/my/training/{session_id}/closing").status_code == 409
    (seat,) = course_queries.attendances(UUID(session_id), seen_by=SYSTEM)
    visit = officer(client)
    assert visit.post(f"{where}/results", **{f"r-{seat.id}": "present"}).status_code == 302
    assert visit.post(f"{where}/closing").status_code == 302
    page = text(visit.get("/office/staff"))
    assert "每年培训养老服务人员" in page
    assert "完成培训 1 人（1 人次" in page


def test_verification_by_one_and_refutation_by_another(client: FlaskClient, site: Site) -> None:
    number = a_level_number()
    job = carer(site)
    job_id = job.id
    paper = a_certificate(job, "caregiver_level", number=number, on=TODAY)
    a_certificate(carer(site), "caregiver_level", number=number, on=TODAY)
    visit = officer(client)
    assert "另有 1 人" in text(visit.get("/office/certificates/suspicious"))
    where = f"/office/certificates/{paper.id}"
    assert visit.post(f"{where}/checks", finding="doubtful", way="online", note="").status_code == 422
    assert visit.post(f"{where}/checks", finding="doubtful", way="online", note="示例：联网查不到").status_code == 302
    assert visit.post(f"{where}/refutation", way="issuer", note="示例：发证机构书面答复没有发过").status_code == 403
    visit = officer(client, Post.REVIEWER)
    assert visit.post(f"{where}/refutation", way="issuer", note="示例：发证机构书面答复没有发过").status_code == 302
    assert papers.certificate(paper.id, seen_by=SYSTEM).finding is Finding.FALSE
    page = text(manager(client, site).get(f"/my/staff/{job_id}"))
    assert "虚假" in page
    assert "缺有效的护理员等级证书" in page


def test_a_number_in_the_clear_is_shown_once_for_a_reason(client: FlaskClient, site: Site) -> None:
    number = a_number()
    job = carer(site, identity=number)
    paper = a_certificate(job, on=TODAY)
    visit = officer(client)
    where = f"/office/certificates/{paper.id}"
    assert visit.post(f"{where}/identity/{job.id}", reason="看").status_code == 422
    assert number in text(visit.post(f"{where}/identity/{job.id}", reason="联网查询真伪"))
    assert number not in text(visit.get(where))


def test_a_share_code_shows_a_masked_record_to_anybody(client: FlaskClient, site: Site) -> None:
    number, level = a_number(), a_level_number()
    job = carer(site, name="示例·张护理", identity=number)
    a_certificate(job, "caregiver_level", number=level, on=TODAY)
    a_certificate(job, "health", number="示例健字 123456", issued_on=TODAY, valid_to=TODAY + timedelta(days=300), on=TODAY)
    a_session(site, [job], kind=CourseKind.PRE_JOB, held_on=TODAY, on=TODAY)
    visit = manager(client, site)
    made = text(visit.post(f"/my/staff/{job.id}/share-codes", days="7"))
    code = "".join(re.search(r"共享码 ([A-Z2-9]{4})-([A-Z2-9]{4})-([A-Z2-9]{4})", made).groups())  # type: ignore[union-attr]
    assert code not in text(visit.get(f"/my/staff/{job.id}")), "it is shown once"
    stranger = client.application.test_client()
    page = stranger.get(f"/caregivers/{code}")
    act_as(SYSTEM)
    body = text(page)
    assert page.status_code == 200
    assert "张*" in body
    assert level[-4:] in body
    for hidden in ("张护理", number, level, "健康证明", "123456"):
        assert hidden not in body
    assert page.headers["Cache-Control"] == "no-store"
    (row,) = who.share_codes(job.person_id, seen_by=SYSTEM, on=TODAY)
    people.revoke_share_code(row.id, by=SYSTEM, on=TODAY)
    db.session.commit()
    assert stranger.get(f"/caregivers/{code}").status_code == 404


def test_searching_by_code_tells_nothing_about_wrong_ones(client: FlaskClient, site: Site) -> None:
    job = carer(site)
    people.make_share_code(job.id, "ABCDEFGHJKLM", valid_to=TODAY, by=SYSTEM, at=clock.now(), on=TODAY)
    db.session.commit()
    token = re.search(r'name="csrf_token" value="([^"]+)"', text(client.get("/caregivers")))
    assert token
    for code, status in (("ABCDEFGHJKLN", 422), ("abcd-efgh-jklm", 302), ("", 422)):
        assert client.post("/caregivers", data={"csrf_token": token[1], "code": code}).status_code == status


def test_staff_see_but_do_not_keep(client: FlaskClient, site: Site) -> None:
    job = carer(site)
    visit = manager(client, site, Post.PROVIDER_STAFF)
    assert visit.get(f"/my/staff/{job.id}").status_code == 200
    assert visit.post(f"/my/staff/{job.id}/end", ended_on=str(TODAY), reason="left").status_code == 403
    other = carer(a_filed_site())
    assert visit.get(f"/my/staff/{other.id}").status_code == 404


def test_leaving_and_moving(client: FlaskClient, site: Site) -> None:
    job = carer(site)
    visit = manager(client, site)
    moved = visit.post(f"/my/staff/{job.id}/post", post="cook", from_day=str(TODAY))
    new = UUID(moved.headers["Location"].rsplit("/", 1)[1])
    assert visit.post(f"/my/staff/{new}/end", ended_on=str(TODAY + timedelta(days=1)), reason="left").status_code == 422
    assert visit.post(f"/my/staff/{new}/end", ended_on=str(TODAY), reason="left").status_code == 302
    assert "还没有登记人员" in text(visit.get("/my/staff"))
    assert "转岗" in text(visit.get(f"/my/staff/{job.id}"))


def test_withdrawing_a_mistake(client: FlaskClient, site: Site) -> None:
    paper = a_certificate(carer(site), on=TODAY)
    visit = manager(client, site)
    assert visit.post(f"/my/certificates/{paper.id}/withdrawal").status_code == 302
    assert papers.certificate(paper.id, seen_by=SYSTEM).state is CertificateState.WITHDRAWN
    assert visit.post(f"/my/certificates/{paper.id}/withdrawal").status_code == 409


def test_the_area_counts_a_person_once(client: FlaskClient, site: Site) -> None:
    number = a_number()
    for place in (site, a_filed_site()):
        job = carer(place, name="示例·两处", identity=number)
    a_certificate(job, "caregiver_level", on=TODAY)
    a_session(place, [job], outcomes=[Outcome.PASSED], held_on=TODAY, on=TODAY)
    page = text(officer(client).get("/office/staff"))
    assert "1 人" in page
    assert "100.0%" in page


def test_the_desk_tells_what_staff_asks_and_the_sites_page_leads_there(client: FlaskClient, site: Site) -> None:
    job = carer(site, name="示例·到期")
    a_certificate(job, valid_to=TODAY + timedelta(days=3), issued_on=TODAY - timedelta(days=300), on=TODAY)
    a_certificate(job, "other", valid_to=TODAY + timedelta(days=300), issued_on=TODAY, on=TODAY)
    desk = text(manager(client, site).get("/my/"))
    assert "示例·到期的健康证明到期" in desk
    assert "其他证书" not in desk
    assert f"/office/sites/{site.id}/staff" in text(officer(client).get(f"/office/sites/{site.id}"))


def test_a_mistyped_name_is_corrected_by_the_only_employer(client: FlaskClient, site: Site) -> None:
    number = a_number()
    job = carer(site, name="示例·王五", identity=number)
    visit = manager(client, site)
    assert visit.post(f"/my/staff/{job.id}/name", name="示例·王武").status_code == 302
    assert "示例·王武" in text(visit.get(f"/my/staff/{job.id}"))
    carer(a_filed_site(), name="示例·王武", identity=number)
    answer = visit.post(f"/my/staff/{job.id}/name", name="示例·王六")
    assert (answer.status_code, "在别的单位也有登记" in text(answer)) == (422, True)


def test_targets_are_counted_as_their_documents_say(client: FlaskClient, site: Site) -> None:
    """Ningbo speaks of home-care staff: a care home's carers do not count there, and Shanxi gives no figure."""
    from app.providers.rules import SiteKind
    from tests.providers.builders import a_site

    station = a_site(county="330203", kind=SiteKind.COMMUNITY_STATION)
    home = a_filed_site(county="330203")
    a_certificate(carer(station), "caregiver_level", on=TODAY)
    carer(station)
    carer(home)
    ningbo = at_desk(client, Post.HANDLER, authority=an_authority("330203"), on=TODAY)
    assert "居家养老服务网点直接护理人员中持有效等级证书 1 / 2 人" in text(ningbo.get("/office/staff"))
    carer(a_filed_site(county="140105"))
    shanxi = at_desk(client, Post.HANDLER, authority=an_authority("140105"), on=TODAY)
    page = text(shanxi.get("/office/staff"))
    assert "养老护理员中持有效等级证书 0 / 1 人" in page
    assert "没有数值" in page

"""Settings and the calendar as authorities use them: nearest value wins with its source; a notice moves provisional deadlines."""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import uuid4

import pytest
from sqlalchemy import select

from app.core import calendar
from app.core.actor import SYSTEM, Post
from app.core.calendar import Unit
from app.core.db import acting, db
from app.core.outbox import Outbox, work_one
from app.core.refusal import Refused
from app.regions import actions, queries
from app.wiring import ERRANDS
from tests.worlds import actor, an_authority

AT = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
ON = date(2026, 11, 22)
NOTICE_2027 = (
    "一、元旦：1月1日（周五）至3日（周日）放假，共3天。\n"
    "二、春节：2月5日（周五）至11日（周四）放假调休，共7天。2月13日（周六）上班。\n"
    "三、清明节：4月3日（周六）至5日（周一）放假，共3天。\n"
    "四、劳动节：5月1日（周六）至5日（周三）放假调休，共5天。5月8日（周六）上班。\n"
    "五、端午节：6月9日（周三）放假，共1天。\n"
    "六、中秋节：9月15日（周三）放假，共1天。\n"
    "七、国庆节：10月1日（周五）至7日（周四）放假调休，共7天。10月9日（周六）上班。\n"
)


def test_the_nearest_setting_wins_and_says_where_it_comes_from(db_session: object) -> None:
    county = an_authority("210102")
    keys = [key for key, claim in queries.settings_at(county.path, ON).items() if isinstance(claim.value, int)]
    key = next(k for k in sorted(keys) if k.startswith("rectification."))
    before = queries.setting(county.path, key, ON)
    officer = actor(Post.REVIEWER, path=county.path)
    actions.change_setting(county.region_id, key, 10, source="示例文件〔2026〕1号", in_force_from=ON, by=officer, at=AT, on=ON)
    after = queries.setting(county.path, key, ON)
    assert (after.value, after.source) == (10, "示例文件〔2026〕1号")
    assert queries.setting(an_authority("210103").path, key, ON).value == before.value, "the neighbour keeps its own"


def test_another_region_cannot_be_set(db_session: object) -> None:
    county, other = an_authority("210102"), an_authority("330203")
    with pytest.raises(Refused, match="管辖范围"):
        actions.change_setting(
            other.region_id,
            "rectification.ordinary_days",
            1,
            source="x",
            in_force_from=ON,
            by=actor(Post.HEAD, path=county.path),
            at=AT,
            on=ON,
        )


def test_a_provisional_deadline_moves_when_the_year_becomes_official(db_session: object) -> None:
    county = an_authority("210102")
    with acting(SYSTEM):
        of = calendar.Deadline(scope_path=county.path, provider_id=None, site_id=None)
        row = calendar.start_clock(
            "test", of=of, subject=uuid4(), label="试", start=date(2027, 2, 3), count=5, unit=Unit.WORKING, basis="测试"
        )
        assert row.provisional
        before = row.due_on
        actions.import_notice(NOTICE_2027, 2027, source_doc="示例通知（测试用，非国务院办公厅文件）", by=SYSTEM, on=ON)
        db.session.commit()
        while work_one(ERRANDS):
            pass
        db.session.refresh(row)
        assert db.session.scalars(select(Outbox.trouble)).all() == [None]
        assert not row.provisional
        assert row.due_on == date(2027, 2, 16), f"was {before}: 2-04, 2-12, the made-up Saturday 2-13, 2-15, 2-16"

"""The demo world (演示世界): built once, through the house's own verbs, printed as it grows. Safe to call again."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Final

from sqlalchemy import func, select

from app.archive.models import Document
from app.archive.rules import DocumentKind
from app.core import clock, outbox
from app.core.actor import SYSTEM
from app.core.db import acting, db
from app.regions import seeding
from app.regions.models import Authority
from app.seeds import (
    complaints,
    credit,
    draws,
    evidence,
    inspections,
    listing,
    people,
    ratings,
    schemes,
    sites,
    subsidies,
    training,
)
from app.settings import ROOT

FIRST_REPORTS: Final = 36
"""Reports that are in the archive before the demo opens; the other papers follow while it runs."""
PATIENCE: Final = timedelta(minutes=4)
Say = Callable[[str], None]


def build(say: Say) -> bool:
    """Build the demo world unless it is there. True when it was built now."""
    now, on = clock.now(), clock.today()
    with acting(SYSTEM):
        if db.session.scalar(select(func.count()).select_from(Authority)):
            return False
        began = time.monotonic()

        def done(what: str) -> None:
            say(f"{time.monotonic() - began:5.1f} 秒  {what}")

        seeding.load_calendar(db.session(), at=now)
        count = seeding.load_divisions(db.session())
        db.session.commit()
        done(f"行政区划 {count} 条、工作日历")
        opened = on - timedelta(days=318)
        cast = people.open_offices(now, opened)
        done(f"机关 {len(cast.offices)} 个、账号 {cast.count} 个")
        register = sites.fill(cast, on)
        done(f"机构 {sum(len(found) for found in register.by_county.values())} 家")
        done(f"检查 {inspections.visit_all(cast, register, on)} 次")
        done(f"双随机计划 {draws.draw_all(cast, now, on)} 个")
        schemes.fill(cast, on)
        evidence.fill(register, on)
        done("评定标准与评定材料")
        done(f"等级评定申请 {ratings.fill(cast, register, on)} 份，补贴测算 {subsidies.fill(cast, register, on)} 份")
        done(f"信用记录 {credit.fill(cast, register, on)} 条")
        done(f"名单事项 {listing.fill(cast, register, on)} 件")
        done(f"从业人员 {training.fill(cast, register, on)} 人")
        done(f"投诉 {complaints.fill(cast, register, on)} 件")
        reports = db.session.scalars(select(Document.id).where(Document.kind == DocumentKind.REPORT).limit(FIRST_REPORTS)).all()
        outbox.defer(clock.now() + PATIENCE, but=reports)
        db.session.commit()
        done(f"检查报告 {len(reports)} 份先归档，其余文书在后台陆续生成")
        (ROOT / "var").mkdir(exist_ok=True)
        (ROOT / "var" / "demo-accounts.txt").write_text(_accounts(cast.lines), "utf-8")
    return True


def _accounts(lines: list[str]) -> str:
    head = [f"演示账号（口令均为“{people.PASSWORD}”；监管岗位的动态口令在登录页显示）："]
    return "\n".join([*head, *(f"  {line}" for line in lines)]) + "\n"

"""People and their posts (人员与岗位规则): what a post is, when an employment may begin and end."""

from __future__ import annotations

from datetime import date
from typing import Final

from app.core.labels import Labelled
from app.core.refusal import Refused


class StaffPost(Labelled):
    """A post at a site (岗位). Whether it gives direct care and what it needs stands in the table of kinds."""

    CAREGIVER = "caregiver", "养老护理员"
    NURSE = "nurse", "护士"
    DOCTOR = "doctor", "医师"
    REHABILITATION = "rehabilitation", "康复人员"
    SOCIAL_WORKER = "social_worker", "社会工作者"
    COOK = "cook", "炊事、送餐人员"
    FIRE_DUTY = "fire_duty", "消防控制室值班员"
    ELECTRICIAN = "electrician", "电工"
    LIFT_MANAGER = "lift_manager", "电梯安全管理员"
    SAFETY_OFFICER = "safety_officer", "安全员"
    MANAGER = "manager", "院长、管理人员"
    SUPPORT = "support", "后勤、其他"


class Shift(Labelled):
    """The shift on which somebody works (班次). Rotating staff count over 24 hours, never for one shift."""

    DAY = "day", "白班"
    NIGHT = "night", "夜班"
    ROTATING = "rotating", "轮班"


class EndReason(Labelled):
    """Why an employment ended (离岗原因)."""

    LEFT = "left", "离职"
    MOVED = "moved", "转岗"
    RETIRED = "retired", "退休"
    DISMISSED = "dismissed", "辞退"
    MISTAKE = "mistake", "登记有误"


YOUNGEST: Final = 16  # 劳动法 art. 15 forbids younger workers


def check_start(started_on: date, *, on: date, birth: date | None) -> None:
    """Refuse a start that lies in the future or before the sixteenth birthday (到岗日期). Source: 《劳动法》第十五条 (from memory)."""
    if started_on > on:
        raise Refused("employment.future", "到岗日期不能晚于今天；还没有到岗的，到岗当天再登记。")
    if birth is not None and (started_on.year - birth.year, started_on.month, started_on.day) < (
        YOUNGEST,
        birth.month,
        birth.day,
    ):
        raise Refused("employment.young", "到岗时未满 16 周岁，不能登记为工作人员，请核对证件和到岗日期。")


def check_end(started_on: date, ended_on: date | None, *, on: date, already: date | None) -> None:
    """Refuse an end before the start, in the future, or of what has ended (离岗日期)."""
    if already is not None:
        raise Refused("employment.ended", f"这段任职已于 {already.isoformat()} 结束。")
    if ended_on is None or ended_on > on:
        raise Refused("employment.end_future", "请填写离岗日期，不能晚于今天。")
    if ended_on < started_on:
        raise Refused("employment.end_before", f"离岗日期不能早于到岗日期 {started_on.isoformat()}。")


def in_post(started_on: date, ended_on: date | None, on: date) -> bool:
    """Whether somebody is in post on a day (是否在岗); the last day counts."""
    return started_on <= on and (ended_on is None or on <= ended_on)

"""What follows from an inspection's steps (检查各步之后): its papers are issued, its problems entered in the ledger."""

from __future__ import annotations

from app.core import clock
from app.core.actor import SYSTEM, Actor
from app.core.db import current_actor
from app.core.events import Event
from app.inspections.actions import findings, papers
from app.inspections.events import tasks as events


def _who(done: Event) -> Actor:
    """Whoever did it, if that person is at work here; the platform otherwise."""
    actor = current_actor()
    return actor if actor.id == done.by else SYSTEM


def issue_notice(done: events.NoticeServed) -> None:
    """The notice was served: its paper is issued (出具检查通知书)."""
    papers.issue_notice(done.subject, by=_who(done), at=clock.now(), on=done.on)


def issue_onsite_record(done: events.RecordConcluded) -> None:
    """The record is concluded: its paper is issued with the signatures (出具现场检查笔录)."""
    papers.issue_onsite_record(done.subject, by=_who(done), at=clock.now(), on=done.on)


def open_findings(done: events.InspectionClosed) -> None:
    """The inspection is closed: its problems go into the ledger (登记问题台账)."""
    findings.open_findings(done.subject, by=_who(done), at=clock.now(), on=done.on)


def issue_public_report(done: events.InspectionPublished) -> None:
    """The result is published: the version without persons is issued (出具检查结果公示)."""
    papers.issue_public_report(done.subject, by=_who(done), at=clock.now(), on=done.on)

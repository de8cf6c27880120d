"""A published rating gets its certificate (公布即发证)."""

from __future__ import annotations

from app.core import clock
from app.core.actor import SYSTEM, Actor
from app.core.db import current_actor
from app.core.events import Event
from app.ratings.actions import certificate


def _who(done: Event) -> Actor:
    """Whoever did it, if that person is at work here; the platform otherwise."""
    actor = current_actor()
    return actor if actor.id == done.by else SYSTEM


def issue_certificate(done: Event) -> None:
    """A rating was published: its certificate is issued (发放等级证书). The subject is the rating."""
    certificate.issue(done.subject, by=_who(done), at=clock.now(), on=done.on)

"""Tickets (号码): SHA-256 of one readable line, so anybody can check one with any tool."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256

from app.inspections.rules.draw.values import MAGIC, Subject


def sha256_hex(data: bytes) -> str:
    """Fingerprint (指纹): SHA-256, 64 lowercase hex."""
    return sha256(data).hexdigest()


def commitment(blind: str) -> str:
    """The published hash of the blind (盲数承诺). `blind` = 64 lowercase hex."""
    return sha256_hex(f"{MAGIC}|blind|{blind}".encode("ascii"))


def subject_line(seed: str, subject: str, j: int) -> str:
    """The line whose SHA-256 is ticket j of a home (对象号码原文)."""
    return f"{MAGIC}|subject|{seed}|{subject}|{j}"


def _digests(beginning: str, endings: Iterable[bytes]) -> list[bytes]:
    """SHA-256 of lines that begin alike: the beginning is hashed once and its state copied."""
    fresh = sha256(beginning.encode("ascii")).copy
    # `update` returns None; a comprehension is a third faster here than a loop with `append`
    return [state.digest() for ending in endings if not (state := fresh()).update(ending)]  # type: ignore[func-returns-value]


def subject_tickets(seed: str, subjects: Sequence[Subject]) -> list[bytes]:
    """The lowest of each home's tickets (对象号码), in the order given, raw 32 bytes."""
    beginning = f"{MAGIC}|subject|{seed}|"
    tickets = _digests(beginning, [(subject.id + "|1").encode() for subject in subjects])
    if {subject.weight for subject in subjects} <= {1}:
        return tickets
    for at, subject in enumerate(subjects):
        if subject.weight > 1:
            more = [b"%d" % j for j in range(2, subject.weight + 1)]
            tickets[at] = min(tickets[at], *_digests(f"{beginning}{subject.id}|", more))
    return tickets


def task_tickets(seed: str, round_: int, subject: str, number: int, inspectors: Iterable[bytes]) -> list[bytes]:
    """The tickets of inspectors for one place of a team (派组号码), in the order given, raw 32 bytes."""
    return _digests(f"{MAGIC}|assign|{seed}|{round_}|{subject}|{number}|", inspectors)

"""Refusals (拒绝办理): what a rule says when something may not be done, in words a person can act on."""

from __future__ import annotations


class Refused(Exception):
    """A rule refuses the act (拒绝办理). `code` is stable for programs, `sentence` tells a person what to do.

    The web answers 409 with the sentence, the API with a problem document; nothing is written.
    """

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence


class NotVisible(Exception):
    """The row is not there for this actor (查无此项): either it does not exist or it lies outside the scope; both answer 404."""


class Forbidden(Exception):
    """The row may be seen but the act needs another post (无此权限); answers 403."""


class Unavailable(Exception):
    """A part we depend on is away for now (暂时不可用); answers 503 with Retry-After."""

    def __init__(self, sentence: str, retry_after: int = 30) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.retry_after = retry_after

"""The gate of the public form (防灌水检查), without script and without third parties.

Four checks, each of which a person passes by reading: a signed ticket that knows when the form was given (nobody types in
three seconds), a field that people do not see, a question in plain words, a limit of complaints per connection. Whoever
is refused gets the form back with every word, and the telephone number of the office.
"""

from __future__ import annotations

import hashlib
import hmac
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from app.core.refusal import Refused

AT_LEAST: Final = timedelta(seconds=3)
AT_MOST: Final = timedelta(hours=12)
PER_HOUR: Final = 6
"""Complaints from one connection within an hour: a shared telephone of a home must still do."""

_ALPHABET: Final = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # no 0 O 1 I L
CODE_LENGTH: Final = 12


@dataclass(frozen=True, slots=True)
class Question:
    """A question in plain words (验证问题) with the answers that count."""

    words: str
    answers: frozenset[str]


QUESTIONS: Final = (
    Question("一个星期有几天？", frozenset({"7", "七"})),
    Question("三加四等于几？", frozenset({"7", "七"})),
    Question("一只手有几个手指？", frozenset({"5", "五"})),
    Question("一年有几个月？", frozenset({"12", "十二"})),
    Question("二加六等于几？", frozenset({"8", "八"})),
    Question("十减一等于几？", frozenset({"9", "九"})),
    Question("春夏秋冬一共几个季节？", frozenset({"4", "四"})),
    Question("五加五等于几？", frozenset({"10", "十"})),
)


@dataclass(frozen=True, slots=True)
class Ticket:
    """What a form carries (表单凭据): a random word and the second at which it was given."""

    nonce: str
    given: int

    @property
    def question(self) -> Question:
        """The question of this form; the same when the form comes back."""
        return QUESTIONS[hashlib.sha256(self.nonce.encode()).digest()[0] % len(QUESTIONS)]


def seal(key: str, ticket: Ticket) -> str:
    """The ticket as it stands in the form (签发)."""
    return f"{ticket.given}.{ticket.nonce}.{_mark(key, ticket)}"


def _mark(key: str, ticket: Ticket) -> str:
    return hmac.new(key.encode(), f"complaint form|{ticket.given}|{ticket.nonce}".encode(), hashlib.sha256).hexdigest()


def read(key: str, text: str) -> Ticket | None:
    """The ticket in a form that came back (验签), or None when it is not one of ours."""
    given, _, rest = text.partition(".")
    nonce, _, mark = rest.partition(".")
    if not (given.isascii() and given.isdigit() and len(given) <= 12 and nonce.isascii() and nonce and mark.isascii()):
        return None
    ticket = Ticket(nonce, int(given))
    return ticket if hmac.compare_digest(_mark(key, ticket), mark) else None


def check(ticket: Ticket | None, *, answer: str, trap: str, at: datetime) -> None:
    """Refuse what no person sends (核验). The refusal's code says whether a new ticket is needed: `gate.stale`."""
    if ticket is None or at - _moment(ticket, at) > AT_MOST or _moment(ticket, at) > at + timedelta(minutes=1):
        raise Refused("gate.stale", "这张表打开得太久了。您填的都还在，请再回答一次下面的小问题，然后提交。")
    if trap.strip():
        raise Refused("gate.trap", "“请留空”那一栏里有字。可能是浏览器自动填的，已替您清空，请再提交一次。")
    if at - _moment(ticket, at) < AT_LEAST:
        raise Refused("gate.fast", "提交得太快了。您填的都还在，请核对一遍再提交。")
    if plain(answer) not in ticket.question.answers:
        raise Refused("gate.answer", f"小问题没有答对：{ticket.question.words}请只写数字，例如 3。")


def _moment(ticket: Ticket, at: datetime) -> datetime:
    return datetime.fromtimestamp(ticket.given, tz=at.tzinfo)


def plain(answer: str) -> str:
    """An answer as it is compared (整理答案): half-width, without spaces, full stop or a counting word."""
    text = "".join(unicodedata.normalize("NFKC", answer).split()).strip("。.,，!！")
    return text.rstrip("天个根只季月") or text


def check_rate(lately: int) -> None:
    """Refuse the complaint after the last that one connection may send within the hour (限次)."""
    if lately >= PER_HOUR:
        raise Refused("gate.many", "一小时内从这个网络提交的次数太多。您填的都还在，请过一会儿再提交，或直接打下面的电话。")


# --- the code by which a complainant asks -----------------------------------------------------------------------------


def code_for(key: str, nonce: str) -> str:
    """The complainant's code (查询码) of a form: 12 characters, 59 bits. The same form sent twice gets the same code."""
    number = int.from_bytes(hmac.new(key.encode(), f"complaint code|{nonce}".encode(), hashlib.sha256).digest()[:12])
    letters = ""
    for _ in range(CODE_LENGTH):
        number, rest = divmod(number, len(_ALPHABET))
        letters += _ALPHABET[rest]
    return letters


def shown_code(code: str) -> str:
    """The code in groups of four (查询码写法)."""
    return "-".join(code[n : n + 4] for n in range(0, len(code), 4))


def read_code(text: str) -> str:
    """A code as somebody typed it (录入查询码), or Refused."""
    code = "".join(c for c in unicodedata.normalize("NFKC", text).upper() if c.isalnum())
    if len(code) != CODE_LENGTH or any(c not in _ALPHABET for c in code):
        raise Refused("code.shape", f"查询码是 {CODE_LENGTH} 位字母和数字，没有 0、1、字母 O、I、L。请对照回执再填一次。")
    return code

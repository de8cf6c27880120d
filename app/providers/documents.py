"""The filing receipt (备案回执): what is printed, and the same as data inside the PDF.

66号令 asks for a receipt when the papers are complete and sets no form; title and sentences are the platform's own.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from typing import ClassVar, Final

from app.core.standards import canonical

FORMAT: Final = "songjian.filing_receipt.1"
STATEMENT: Final = "本回执表明备案材料齐全，不是行政许可，不设有效期，也不表示对材料真实性或服务质量的认定。备案事项变更的，应当及时办理变更备案。"


@dataclass(frozen=True, slots=True)
class Issuer:
    """The authority that gives the receipt (出具机关)."""

    authority: str
    seal_text: str
    complaint_phone: str


@dataclass(frozen=True, slots=True)
class ReceiptFacts:
    """What a receipt says (备案回执事实). `said` are the filed entries in officials' words; no personal phone is among them."""

    number: str
    issuer: Issuer
    issued_on: date
    kind: str
    filed_on: date
    organisation: str
    credit_code: str
    nature: str
    draw_id: str
    site: str
    site_kind: str
    said: tuple[tuple[str, str], ...]
    papers: tuple[str, ...]
    mark: str = ""

    template: ClassVar[str] = "filing_receipt.html"
    title: ClassVar[str] = "养老机构备案回执"
    copies: ClassVar[str] = "一式两份，备案机关、备案单位各一份"
    signatures: ClassVar[tuple[str, ...]] = ()
    statement: ClassVar[str] = STATEMENT

    def to_json_bytes(self) -> bytes:
        """The facts as canonical JSON (规范数据)."""
        days = {"issued_on": self.issued_on.isoformat(), "filed_on": self.filed_on.isoformat()}
        return canonical({"format": FORMAT, "title": self.title, **asdict(self), **days})

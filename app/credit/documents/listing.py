"""Papers of the list (名单文书): notice, decision, repair notice, removal, annulment; what is printed, and the same as data.

No form of the department was seen: titles and sentences are the platform's own. A clause whose text was not verified is not
printed as law; a number of days that is the platform's default says so.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from typing import ClassVar, Final

from app.archive.rules import DocumentKind
from app.core.standards import canonical

FORMAT: Final = "songjian.listing.{kind}.1"
TEMPLATE: Final = "listing_paper.html"
# The platform's own number patterns; {word} is the authority's 发文字号用字.
PATTERNS: Final = {
    DocumentKind.LIST_NOTICE: "{word}信告〔{year}〕第{n}号",
    DocumentKind.LIST_DECISION: "{word}信列〔{year}〕第{n}号",
    DocumentKind.LIST_NOT_DECISION: "{word}信不列〔{year}〕第{n}号",
    DocumentKind.REPAIR_NOTICE: "{word}信修告〔{year}〕第{n}号",
    DocumentKind.REPAIR_DECISION: "{word}信修〔{year}〕第{n}号",
    DocumentKind.LIST_ANNULMENT: "{word}信撤〔{year}〕第{n}号",
}


@dataclass(frozen=True, slots=True)
class Issuer:
    """The authority that issues (出具机关)."""

    authority: str
    seal_text: str
    contact: str
    phone: str
    address: str
    complaint_phone: str


@dataclass(frozen=True, slots=True)
class Section:
    """A numbered part of a paper (文书段落)."""

    heading: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ListingPaper:
    """A paper of the list (名单文书事实). `rows` are label and value; a person's number stands masked."""

    kind: DocumentKind
    number: str
    issuer: Issuer
    issued_on: date
    addressee: str
    rows: tuple[tuple[str, str], ...]
    opening: str
    sections: tuple[Section, ...]
    mark: str = ""
    heading: str = ""

    template: ClassVar[str] = TEMPLATE
    copies: ClassVar[str] = "一式两份，作出机关、当事人各一份"
    signatures: ClassVar[tuple[str, ...]] = ()

    @property
    def title(self) -> str:
        """The title as printed (文书名称)."""
        return self.heading or self.kind.label

    def to_json_bytes(self) -> bytes:
        """The facts as canonical JSON (规范数据)."""
        facts = asdict(self) | {"kind": self.kind.value, "issued_on": self.issued_on.isoformat()}
        return canonical({"format": FORMAT.format(kind=self.kind.value), "title": self.title, **facts})

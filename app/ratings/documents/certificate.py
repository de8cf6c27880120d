"""The rating certificate (等级证书): what is printed, and the same as data inside the PDF.

The national design of plaque and certificate was not to be had; title, order and sentences are the platform's own. Name,
level, number, issuer, date and term are on it, as such certificates carry them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated, ClassVar, Final

from app.core.standards import canonical
from app.inspections.documents.sheets import Issuer, Row, Sheet, plain

FORMAT: Final = "songjian.rating.certificate.1"
STARS: Final = ("1", "2", "3", "4", "5")


@dataclass(frozen=True, kw_only=True)
class AreaScore(Row):
    """Points in one area (分项得分), as they are published; empty when nobody scored it."""

    area: Annotated[str, "领域"]
    points: Annotated[str, "得分"]
    most: Annotated[str, "满分"]


@dataclass(frozen=True, kw_only=True)
class CertificateFacts(Sheet):
    """等级证书: who holds which level under which edition, from when to when, and how anybody checks it."""

    kind: ClassVar[str] = "rating_certificate"
    template: ClassVar[str] = "rating_certificate.html"
    usual_title: ClassVar[str] = "养老服务等级证书"

    plaque: Annotated[str, "牌匾编号"]
    name: Annotated[str, "机构名称"]
    organisation: Annotated[str, "机构主体"]
    credit_code: Annotated[str, "统一社会信用代码"]
    address: Annotated[str, "服务场所"]
    level: Annotated[str, "等级代码"]
    level_words: Annotated[str, "等级"]
    stars: Annotated[int, "星数"]
    scheme: Annotated[str, "评定标准"]
    edition: Annotated[str, "标准版本"]
    scheme_mark: Annotated[str, "标准效力"]
    scheme_sha256: Annotated[str, "标准指纹"]
    result_sha256: Annotated[str, "评定结果指纹"]
    points: Annotated[str, "总分"]
    most: Annotated[str, "满分"]
    areas: Annotated[tuple[AreaScore, ...], "分项得分"]
    decided_on: Annotated[date, "公布日期"]
    valid_from: Annotated[date, "有效期自"]
    valid_to: Annotated[date, "有效期至"]
    copies: Annotated[str, "份数说明"] = "证书一份交机构悬挂，电子原件存档"

    @property
    def star_row(self) -> str:
        """Five-pointed stars, as many as the level (五角星); empty for levels that are no stars."""
        return "★" * self.stars

    def to_json_bytes(self) -> bytes:
        """The facts as canonical JSON (规范数据)."""
        return canonical({"format": FORMAT, **plain(self)})


def stars_of(level: str, order: tuple[str, ...]) -> int:
    """How many stars a level shows (星数): its number where the levels are one to five, else none."""
    return STARS.index(level) + 1 if order[1:] == STARS and level in STARS else 0


__all__ = ["FORMAT", "AreaScore", "CertificateFacts", "Issuer", "stars_of"]

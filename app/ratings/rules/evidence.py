"""The evidence vault (证据库规则): kinds with sizes as data, terms, pieces of an upload, and what an item still lacks."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from app.core.labels import Labelled
from app.core.refusal import Refused
from app.core.standards import Edition, load

FOLDER: Final = Path(__file__).parent.parent / "standards" / "vault"
MB: Final = 1 << 20

# What a scheme calls for in `evidence`, in officials' words. A fact comes from the register and needs no file.
NEEDS: Final[Mapping[str, str]] = {
    "document": "文件",
    "photo": "照片",
    "record_sample": "记录样本",
    "interview": "访谈",
    "measurement": "检测",
    "fact": "系统取数",
}
FROM_REGISTER: Final = "fact"


class UploadState(Labelled):
    """How far an upload is (上传进度)."""

    OPEN = "open", "传送中"
    WAITING = "waiting", "待查验"
    KEPT = "kept", "可用"
    REFUSED = "refused", "被拦下"
    EXPIRED = "expired", "逾期清理"
    ABANDONED = "abandoned", "已放弃"


class EvidenceState(Labelled):
    """Whether a piece of evidence is in use (材料状态)."""

    CURRENT = "current", "在用"
    WITHDRAWN = "withdrawn", "已撤下"


class Standing(Labelled):
    """How a piece of evidence stands on a day (有效情况)."""

    VALID = "valid", "有效"
    SOON = "soon", "快到期"
    EXPIRED = "expired", "已过期"
    WITHDRAWN = "withdrawn", "已撤下"

    @property
    def tone(self) -> str:
        """The colour on a screen (颜色)."""
        return {"valid": "ok", "soon": "wait", "expired": "bad", "withdrawn": "na"}[self.value]


class EvidenceKind(BaseModel):
    """One kind of evidence (材料种类). `counts_as` is the word that schemes use; `most_mb` bounds one file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: str = Field(pattern=r"^[a-z_]+$")
    label: str
    counts_as: Literal["document", "photo", "record_sample", "interview", "measurement"]
    formats: tuple[Literal["pdf", "photo"], ...]
    most_mb: int = Field(gt=0, le=500)
    expires: Literal["yes", "no", "optional"]
    hint: str = ""

    @property
    def accepts(self) -> str:
        """Which files it takes, in words (接收格式)."""
        words = {"pdf": f"PDF（不超过 {self.most_mb} MB）", "photo": "JPG、PNG、WebP 照片（不超过 5 MB）"}
        return "、".join(words[each] for each in self.formats)


class EvidenceKinds(Edition):
    """The table of kinds with the limits of uploads (材料种类表)."""

    kind: Literal["evidence_kinds"] = "evidence_kinds"
    piece_mb: int = Field(gt=0, le=15)
    quota_mb: int
    open_uploads: int
    keep_days: int
    alert_days: tuple[int, ...]
    kinds: tuple[EvidenceKind, ...]

    def one(self, code: str) -> EvidenceKind:
        """The kind with this code, or Refused (材料种类)."""
        for each in self.kinds:
            if each.code == code:
                return each
        raise Refused("evidence.kind", "请选择材料种类")


@cache
def table() -> EvidenceKinds:
    """The table in force (现行材料种类表)."""
    library = load(FOLDER, EvidenceKinds)
    return max(library.editions, key=lambda e: e.in_force_from)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody wants to put into the vault (拟上传材料). `items` are "scheme/item" links; `evidence_id` a new version of it."""

    kind: str
    title: str
    file_name: str
    size: int
    valid_until: date | None = None
    items: tuple[str, ...] = ()


_LINK: Final = re.compile(r"^[a-z0-9]+(?:\.[a-z0-9_]+)+/[a-z][a-z0-9_]*$")
LONGEST_TITLE: Final = 80


def check_wanted(wanted: Wanted, on: date) -> EvidenceKind:
    """Refuse what can never be taken (上传前核对): kind, title, size, term."""
    kind = table().one(wanted.kind)
    if not wanted.title.strip() or len(wanted.title) > LONGEST_TITLE:
        raise Refused("evidence.title", f"请写材料名称，不超过 {LONGEST_TITLE} 字")
    if wanted.size <= 0:
        raise Refused("upload.empty", "文件是空的，请重新选择")
    most = kind.most_mb if "pdf" in kind.formats else 5
    if wanted.size > most * MB:
        raise Refused("upload.too_large", f"“{kind.label}”单个文件不超过 {most} MB，请压缩或分成几个文件")
    if kind.expires == "yes" and wanted.valid_until is None:
        raise Refused("evidence.term", f"“{kind.label}”会到期，请填写有效期至")
    if kind.expires == "no" and wanted.valid_until is not None:
        raise Refused("evidence.term", f"“{kind.label}”没有有效期，请不要填写")
    if wanted.valid_until is not None and wanted.valid_until < on:
        raise Refused("evidence.expired", "这份材料已经过期，请上传现行有效的")
    for link in wanted.items:
        if not _LINK.fullmatch(link):
            raise Refused("evidence.item", "没有这个评分项，请从页面上选择")
    return kind


def check_format(kind: EvidenceKind, *, is_photo: bool) -> None:
    """Refuse a file of a kind that is not asked for (格式核对)."""
    if ("photo" if is_photo else "pdf") not in kind.formats:
        raise Refused("evidence.format", f"“{kind.label}”只接收 {kind.accepts}，请换一个文件或换一个种类")


# --- pieces of an upload ----------------------------------------------------------------------------------------------


def pieces(size: int, piece: int) -> int:
    """How many pieces a file has (分块数)."""
    return -(-size // piece)


def piece_at(offset: int, length: int, *, size: int, piece: int) -> int:
    """The number of the piece that begins at `offset` (分块序号), from 0. Refused when it is none, or not whole."""
    if offset < 0 or offset >= size or offset % piece:
        raise Refused("upload.offset", "分块的起点不对，请先查询已收到的位置再接着传")
    expected = min(piece, size - offset)
    if length != expected:
        raise Refused("upload.length", f"这一块应为 {expected} 字节，收到 {length} 字节，请重传这一块")
    return offset // piece


def check_piece(data: bytes, checksum: str) -> str:
    """The SHA-256 of a piece, in hex (分块校验); Refused when it is not what the sender said."""
    found = hashlib.sha256(data).hexdigest()
    said = checksum.strip().lower().removeprefix("sha256 ")
    if not re.fullmatch(r"[0-9a-f]{64}", said):
        raise Refused("upload.no_checksum", "请求里没有这一块的 SHA-256 校验值")
    if found != said:
        raise Refused("upload.checksum", "这一块在路上损坏了（校验值不符），没有保存，请重传这一块")
    return found


def missing(numbers: Iterable[int], count: int) -> list[int]:
    """The pieces not yet received (未收到的分块)."""
    there = set(numbers)
    return [number for number in range(count) if number not in there]


# --- standing ---------------------------------------------------------------------------------------------------------


def standing(state: EvidenceState, valid_until: date | None, on: date) -> Standing:
    """How a piece of evidence stands on a day (有效情况); it is valid on its last day."""
    if state is EvidenceState.WITHDRAWN:
        return Standing.WITHDRAWN
    if valid_until is None:
        return Standing.VALID
    if valid_until < on:
        return Standing.EXPIRED
    return Standing.SOON if valid_until <= on + timedelta(days=table().alert_days[0]) else Standing.VALID


@dataclass(frozen=True, slots=True)
class Lack:
    """What one scheme item asks for and has (材料齐缺): (word, wanted, there) for each kind of need."""

    rows: tuple[tuple[str, int, int], ...]
    register: bool

    @property
    def short(self) -> int:
        """How many pieces are lacking (缺几份)."""
        return sum(max(0, wanted - there) for _, wanted, there in self.rows)

    @property
    def word(self) -> str:
        """In one word (一句话)."""
        if not self.rows:
            return "系统取数" if self.register else "未写明"
        if not self.short:
            return "齐"
        return "没传" if all(there == 0 for _, _, there in self.rows) else f"缺 {self.short}"

    @property
    def tone(self) -> str:
        """The colour on a screen (颜色)."""
        if not self.rows:
            return "info" if self.register else "na"
        return "ok" if not self.short else "bad" if self.word == "没传" else "wait"


def lack(needs: Mapping[str, int], there: Iterable[str]) -> Lack:
    """Compare what an item asks for with the valid evidence linked to it (核对齐缺). `there` are `counts_as` words.

    The scheme's number of interviews or records is of people or records, which one file may hold together: one file
    of that kind is enough here, the assessor counts inside it.
    """
    have = list(there)
    rows = []
    for word, wanted in needs.items():
        if word == FROM_REGISTER:
            continue
        enough = 1 if word in ("interview", "record_sample") else wanted
        rows.append((NEEDS.get(word, word), enough, min(enough, have.count(word))))
    return Lack(tuple(rows), FROM_REGISTER in needs)

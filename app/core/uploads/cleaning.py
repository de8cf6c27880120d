"""Make an upload clean (上传清洗): kind by content, size, virus rule, then decoding in a child with limits."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, Final

from app.core.child import ChildFailed, Limits, run, run_file
from app.core.refusal import Refused
from app.core.uploads.kinds import MB, Kind, shown_name, sniff
from app.core.uploads.virus import ask_clamd, ask_clamd_about_file, check_rule, check_rule_file, pieces

LIMITS: Final = Limits(memory_mb=512, cpu_seconds=4, wall_seconds=15, answer_mb=16)
FILE_LIMITS: Final = Limits(memory_mb=512, cpu_seconds=30, wall_seconds=60, answer_mb=1)
_UNREADABLE: Final = "这个文件读不出来。照片请重新拍一张，文档请用浏览器打印另存成 PDF，再传"


@dataclass(frozen=True, slots=True)
class CleanUpload:
    """A file fit to be kept (清洗后的文件).

    `data` and `sha256` are of what is kept: a photo is a new JPEG, a PDF the bytes that came.
    `original_sha256` is of what came, for evidence. `taken_at` and `gps` (latitude, longitude in degrees,
    WGS 84) are what the camera wrote, no longer in the picture. `thumbnail` is a JPEG; a PDF has none.
    `pages` is 0 for a photo, `width` and `height` (pixels) are 0 for a PDF.
    """

    kind: Kind
    data: bytes
    sha256: str
    thumbnail: bytes | None
    taken_at: datetime | None
    gps: tuple[float, float] | None
    original_name_shown: str
    original_sha256: str
    width: int = 0
    height: int = 0
    pages: int = 0

    @property
    def media_type(self) -> str:
        """The type to serve it as (媒体类型)."""
        return "image/jpeg" if self.kind.is_photo else "application/pdf"


def clean(data: bytes, declared_name: str, *, clamd: str | None = None, limits: Limits = LIMITS) -> CleanUpload:
    """Clean one upload (清洗上传文件). `clamd` is "host:port" or None.

    Raises Refused("upload.…") with a way out, `Unavailable` when the virus check or the children are busy.
    """
    check_rule(data)
    kind = sniff(data)
    if len(data) > kind.most_bytes:
        what = "照片" if kind.is_photo else "PDF"
        way = "请在相机设置里选小一些的尺寸，或压缩后再传" if kind.is_photo else "请压缩，或分成几个文件再传"
        raise Refused("upload.too_large", f"{what}不能超过 {kind.most_bytes // MB} MB，{way}")
    if clamd:
        ask_clamd(data, clamd)
    try:
        return _photo(data, kind, declared_name, limits) if kind.is_photo else _document(data, declared_name, limits)
    except ChildFailed as failure:
        raise Refused("upload.unreadable", _UNREADABLE) from failure


@dataclass(frozen=True, slots=True)
class CleanFile:
    """A large document fit to be kept as it came (查验合格的大文件): its bytes stay where they are, in the file."""

    kind: Kind
    sha256: str
    size: int
    original_name_shown: str
    pages: int

    @property
    def media_type(self) -> str:
        """The type to serve it as (媒体类型)."""
        return "application/pdf"


def clean_file(
    file: BinaryIO, declared_name: str, *, most_bytes: int, clamd: str | None = None, limits: Limits = FILE_LIMITS
) -> CleanUpload | CleanFile:
    """Clean a file of any size that lies on the disk (清洗大文件), in bounded memory.

    A photo is small by its own limit and is re-encoded as by `clean`; a PDF may have up to `most_bytes` and keeps its bytes.
    Raises as `clean` does.
    """
    check_rule_file(file)
    file.seek(0)
    kind = sniff(file.read(4096))
    if kind.is_photo:
        file.seek(0)
        return clean(file.read(kind.most_bytes + 1), declared_name, clamd=clamd)
    digest, size = hashlib.sha256(), 0
    for piece in pieces(file):
        digest.update(piece)
        size += len(piece)
    if size > most_bytes:
        raise Refused("upload.too_large", f"PDF 不能超过 {most_bytes // MB} MB，请压缩，或分成几个文件再传")
    if clamd:
        ask_clamd_about_file(file, clamd)
    try:
        about = json.loads(run_file("app.core.uploads.pdfs", file, limits=limits))
    except ChildFailed as failure:
        raise Refused("upload.unreadable", _UNREADABLE) from failure
    return CleanFile(kind, digest.hexdigest(), size, shown_name(declared_name, kind), about["pages"])


def _photo(data: bytes, kind: Kind, declared_name: str, limits: Limits) -> CleanUpload:
    answer = run("app.core.uploads.images", data, limits=limits, options={"format": kind.value.upper()})
    line, _, pictures = answer.partition(b"\n")
    about = json.loads(line)
    full, small = pictures[: about["full"]], pictures[about["full"] :]
    return CleanUpload(
        kind=kind,
        data=full,
        sha256=hashlib.sha256(full).hexdigest(),
        thumbnail=small,
        taken_at=datetime.fromisoformat(about["taken_at"]) if about["taken_at"] else None,
        gps=(about["gps"][0], about["gps"][1]) if about["gps"] else None,
        original_name_shown=shown_name(declared_name, kind),
        original_sha256=hashlib.sha256(data).hexdigest(),
        width=about["width"],
        height=about["height"],
    )


def _document(data: bytes, declared_name: str, limits: Limits) -> CleanUpload:
    about = json.loads(run("app.core.uploads.pdfs", data, limits=limits))
    digest = hashlib.sha256(data).hexdigest()
    return CleanUpload(
        kind=Kind.PDF,
        data=data,
        sha256=digest,
        thumbnail=None,
        taken_at=None,
        gps=None,
        original_name_shown=shown_name(declared_name, Kind.PDF),
        original_sha256=digest,
        pages=about["pages"],
    )

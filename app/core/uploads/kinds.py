"""What a file is (文件类型): told by its first bytes, never by its name; what is refused gets a way out."""

from __future__ import annotations

import unicodedata
from enum import StrEnum
from typing import Final

from app.core.refusal import Refused

MB: Final = 1 << 20
LONGEST_NAME: Final = 80


class Kind(StrEnum):
    """A kind of file that is accepted (接收的类型)."""

    JPEG = "jpeg"
    PNG = "png"
    WEBP = "webp"
    PDF = "pdf"

    @property
    def is_photo(self) -> bool:
        """A picture, which is re-encoded; the other kind is a document, which is kept as it is."""
        return self is not Kind.PDF

    @property
    def most_bytes(self) -> int:
        """The size limit in bytes (大小上限): photos 5 MB, documents 20 MB (D27)."""
        return 5 * MB if self.is_photo else 20 * MB


_REFUSED: Final = (
    ((b"GIF8",), "这是 GIF 动图，请另存成 JPG 或 PNG 再传"),
    ((b"BM",), "这是 BMP 图片，请另存成 JPG 或 PNG 再传"),
    ((b"II*\0", b"MM\0*"), "这是 TIFF 图片，请另存成 JPG 或 PDF 再传"),
    ((b"PK\x03\x04", b"PK\x05\x06"), "这是 Word、Excel 或压缩包，请打开后另存成 PDF 再传"),
    ((b"\xd0\xcf\x11\xe0",), "这是旧版 Word 或 Excel 文件，请打开后另存成 PDF 再传"),
    ((b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b"), "这是压缩包，请解压后逐个上传照片或 PDF"),
    ((b"MZ", b"\x7fELF", b"\xca\xfe\xba\xbe", b"#!"), "这是程序，不能接收；请上传照片或 PDF"),
    ((b"%!PS", b"{\\rtf"), "这种文档不能接收，请另存成 PDF 再传"),
)
_MARKUP: Final = (b"<svg", b"<html", b"<!doctype", b"<script", b"<?xml", b"<?php", b"<body", b"<head")
_WAYS: Final = "只接收 JPG、PNG、WebP 照片和 PDF。照片请另存成 JPG，文档请另存成 PDF 再传"


def sniff(data: bytes) -> Kind:
    """The kind by the first bytes (识别类型), or Refused("upload.…") with what to do instead."""
    if not data:
        raise Refused("upload.empty", "文件是空的，请重新选择")
    if data.startswith(b"\xff\xd8\xff"):
        return Kind.JPEG
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return Kind.PNG
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return Kind.WEBP
    if data.startswith(b"%PDF-"):
        return Kind.PDF
    raise Refused("upload.kind", _way_out(data))


def _way_out(data: bytes) -> str:
    for beginnings, sentence in _REFUSED:
        if data.startswith(beginnings):
            return sentence
    if data[4:8] == b"ftyp":
        if data[8:12] in (b"heic", b"heix", b"mif1", b"msf1", b"hevc", b"avif"):
            return "这是 HEIC 照片。请在手机相机设置里选“兼容性最佳”，或把照片另存成 JPG 再传"
        return "这是视频，不能接收；请上传照片或 PDF"
    if any(mark in data[:1024].lower() for mark in _MARKUP):
        return "这是网页或矢量图文件，不能接收。请用浏览器打开，“打印—另存为 PDF”后再传"
    return _WAYS


_OWN_ENDINGS: Final = (".jpg", ".jpeg", ".jpe", ".png", ".webp", ".pdf")


def shown_name(declared: str, kind: Kind) -> str:
    """A file name fit to be shown (显示用文件名): no path, no invisible or direction-changing signs, the true ending.

    For screens only; nothing is ever stored or served under it. At most 80 characters.
    """
    name = declared.replace("\\", "/").rpartition("/")[2]
    name = "".join(c for c in unicodedata.normalize("NFC", name) if unicodedata.category(c)[0] not in "CZ" or c == " ")
    stem, dot, ending = name.rpartition(".")
    stem = stem if dot and ending.isascii() and ending.isalnum() and len(ending) <= 5 else name
    while stem.lower().endswith(_OWN_ENDINGS):
        stem = stem.rpartition(".")[0]
    return (stem.strip(" .")[:LONGEST_NAME] or "未命名") + (".jpg" if kind.is_photo else ".pdf")

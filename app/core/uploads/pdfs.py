"""PDF documents in the child (PDF 结构检查): every object is looked at; the bytes stay as they are.

A document is not rewritten, because that would break the signatures it may carry. So whatever could act
by itself is refused, as is a file that is at the same time something else.
"""

from __future__ import annotations

import io
import json
import re
from typing import Any, BinaryIO, Final

import pikepdf

from app.core.child import Options
from app.core.refusal import Refused

MOST_PAGES: Final = 500
MOST_OBJECTS: Final = 100_000
_TAIL: Final = 65_600
"""The last bytes in which a reader of zip archives looks for its directory."""
_END: Final = re.compile(rb"%%EOF[\s\0]*\Z")
_MARKUP: Final = re.compile(rb"<(?:!doctype|html|script|svg|body|iframe|\?php)", re.IGNORECASE)

_ACTIVE_KEYS: Final = frozenset({"/JS", "/JavaScript", "/XFA"})
_ATTACHED_KEYS: Final = frozenset({"/EF", "/EmbeddedFiles", "/RichMediaContent", "/RichMediaSettings"})
_ACTIVE_VALUES: Final = frozenset(
    {"/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/GoToE", "/Rendition", "/RichMediaExecute"}
)
_ATTACHED_VALUES: Final = frozenset({"/EmbeddedFile", "/FileAttachment", "/RichMedia", "/3D", "/Screen", "/Movie"})
_PRINT: Final = "请用浏览器或 WPS 打开，选“打印—另存为 PDF”，再传新文件"


def work(payload: bytes, options: Options) -> bytes:
    """Check one document (结构检查) and answer `{"pages": n}`."""
    return work_file(io.BytesIO(payload), options)


def work_file(file: BinaryIO, options: Options) -> bytes:  # noqa: ARG001 - every child room has this shape
    """Check one document of any size (大文件结构检查): its objects are read where they lie, its pictures are not."""
    _check_shell(file)
    try:
        with pikepdf.open(file, access_mode=pikepdf.AccessMode.stream) as document:
            return json.dumps({"pages": _check(document)}).encode()
    except pikepdf.PasswordError:
        raise Refused("upload.encrypted", f"PDF 设了密码。请去掉密码；{_PRINT}") from None
    except (pikepdf.PdfError, ValueError, TypeError, KeyError, IndexError, RecursionError):
        raise Refused("upload.damaged", f"PDF 打不开，可能没有传完整。{_PRINT}") from None


def _check_shell(file: BinaryIO) -> None:
    """One file, one kind (单一格式): nothing after the end, no archive at the tail, no web page at the head."""
    size = file.seek(0, io.SEEK_END)
    file.seek(max(0, size - _TAIL))
    tail = file.read(_TAIL)
    file.seek(0)
    head = file.read(1024)
    file.seek(0)
    if _END.search(tail, max(0, len(tail) - 1024)) is None:
        raise Refused("upload.damaged", f"PDF 不完整，或者末尾附了别的内容。{_PRINT}")
    if b"PK\x05\x06" in tail or _MARKUP.search(head):
        raise Refused("upload.polyglot", f"这个文件既是 PDF 又是别的格式，不能接收。{_PRINT}")


def _check(document: pikepdf.Pdf) -> int:
    if document.is_encrypted:
        raise Refused("upload.encrypted", f"PDF 设了密码或权限限制。{_PRINT}")
    if len(document.objects) > MOST_OBJECTS:
        raise Refused("upload.too_complex", f"PDF 内部过于复杂。{_PRINT}")
    for thing in document.objects:
        _check_object(thing)
    _check_object(document.trailer)
    pages = len(document.pages)
    if pages == 0:
        raise Refused("upload.damaged", f"PDF 里没有页面。{_PRINT}")
    if pages > MOST_PAGES:
        raise Refused("upload.pages", f"PDF 有 {pages} 页，最多 {MOST_PAGES} 页，请分成几个文件再传")
    return pages


def _check_object(thing: Any) -> None:
    """One indirect object with everything written inside it; references are objects of their own."""
    waiting = [thing]
    while waiting:
        current = waiting.pop()
        if isinstance(current, (pikepdf.Dictionary, pikepdf.Stream)):
            _check_entries(current)
            waiting += [value for _, value in _inside(current)]
        elif isinstance(current, pikepdf.Array):
            waiting += [value for value in current if _is_inside(value)]


def _inside(thing: Any) -> list[tuple[str, Any]]:
    return [(key, value) for key, value in thing.items() if _is_inside(value)]


def _is_inside(value: Any) -> bool:
    return isinstance(value, pikepdf.Object) and not value.is_indirect


def _check_entries(thing: Any) -> None:
    keys = set(thing.keys())
    if keys & _ACTIVE_KEYS:
        _refuse_active()
    if keys & _ATTACHED_KEYS:
        _refuse_attached()
    for key in keys & {"/S", "/Subtype", "/Type"}:
        value = thing[key]
        if isinstance(value, pikepdf.Name):
            if str(value) in _ACTIVE_VALUES:
                _refuse_active()
            if str(value) in _ATTACHED_VALUES:
                _refuse_attached()


def _refuse_active() -> None:
    raise Refused("upload.active", f"PDF 里有脚本、可执行的动作或动态表单，不能接收。{_PRINT}")


def _refuse_attached() -> None:
    raise Refused("upload.attached", f"PDF 里夹带了附件或多媒体，不能接收。{_PRINT}；附件请单独上传")

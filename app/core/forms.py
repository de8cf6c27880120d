"""Forms (表单): WTForms with Chinese messages; the shape of input, never saving, never asking the database."""

from __future__ import annotations

from typing import Any, Final

from flask import request
from werkzeug.datastructures import CombinedMultiDict, FileStorage
from wtforms import FileField, MultipleFileField
from wtforms import Form as WTForm

LARGEST: Final = 10**15


class Form(WTForm):  # type: ignore[misc]  # WTForms ships no types
    """A form filled from the request (表单). Rejected forms are shown again with 422 and everything that was typed."""

    class Meta:
        """Messages in Chinese (中文提示)."""

        locales = ("zh",)

    @classmethod
    def sent(cls, **kw: Any) -> Any:
        """The form as sent with the running request, files included."""
        form = cls(CombinedMultiDict([request.files, request.form]), **kw)
        for field in form:
            if isinstance(field, MultipleFileField):
                field.data = [file for file in field.data or () if isinstance(file, FileStorage)]
            elif isinstance(field, FileField) and not isinstance(field.data, FileStorage):
                field.data = None  # a text under a file's name is no file
        return form

    def validate(self, *args: Any, **kw: Any) -> bool:
        """Check the form (校验). A number that no column holds is refused before any rule compares it."""
        for field in self:
            if isinstance(field.data, int) and abs(field.data) > LARGEST:
                field.data, field.process_errors = None, ["数字太大，请核对"]
        return bool(super().validate(*args, **kw))


def clean_text(value: str | None) -> str | None:
    """Trim, and drop characters that cannot be shown (去空白与控制字符); lines are kept."""
    if value is None:
        return None
    kept = "".join(
        c for c in value if c in "\n\t" or (ord(c) >= 32 and not 0x7F <= ord(c) < 0xA0 and not 0xD800 <= ord(c) < 0xE000)
    )
    return kept.replace("\r", "").strip()

"""Forms of subsidies (补贴表单)."""

from __future__ import annotations

from datetime import date
from typing import Any

from wtforms import SelectField, StringField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from app.core.forms import Form, clean_text

REQUIRED = InputRequired("请填写")


def month_of(text: str) -> date | None:
    """The month that was typed (月份), 2026-10; None when it is none."""
    try:
        return date.fromisoformat(f"{text.strip()}-01")
    except ValueError:
        return None


class _Month(StringField):  # type: ignore[misc]  # WTForms ships no types
    """A month (月份): 2026-10."""

    def pre_validate(self, form: Any) -> None:  # noqa: ARG002 — WTForms calls with both
        if self.data and month_of(self.data) is None:
            raise ValidationError("月份请写成 2026-10 这样")


class ClaimForm(Form):
    """What to compute (计算补贴清单)."""

    rule = SelectField("补贴", [InputRequired("请选择补贴")])
    first = _Month("起始月份", [REQUIRED])
    last = _Month("截止月份", [REQUIRED])

    def __init__(self, *args: Any, rules: Any = (), **kw: Any) -> None:
        super().__init__(*args, **kw)
        self.rule.choices = [SelectChoice("", "请选择"), *(SelectChoice(each.code, each.name) for each in rules)]


class ReasonForm(Form):
    """A reason (原因)."""

    reason = StringField("原因", [REQUIRED, Length(max=200, message="不超过 200 字")], filters=[clean_text])


class ReversalForm(Form):
    """What to take back (追回)."""

    site = SelectField("机构", [InputRequired("请选择机构")])
    since = _Month("自哪个月起", [REQUIRED])
    reason = StringField("追回原因", [REQUIRED, Length(max=200, message="不超过 200 字")], filters=[clean_text])

    def __init__(self, *args: Any, sites: Any = (), **kw: Any) -> None:
        super().__init__(*args, **kw)
        self.site.choices = [SelectChoice("", "请选择"), *(SelectChoice(str(key), name) for key, name in sites)]

"""Forms of checklists (检查表表单): shape of input only."""

from __future__ import annotations

from wtforms import DateField, FileField, HiddenField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from app.core.forms import Form, clean_text


class ConfirmForm(Form):
    """An item compared with the official text (条文核对)."""

    item = HiddenField("条目", [InputRequired("请从列表中选择条目")])
    clause = StringField("正式文本的条款", [Length(max=60)], filters=[clean_text])
    text = TextAreaField("检查要点", [Length(max=60, message="检查要点在 60 字以内")], filters=[clean_text])
    compared_with = StringField(
        "对照的正式文本", [InputRequired("请写明对照的是哪一份正式文本"), Length(min=2, max=200)], filters=[clean_text]
    )


class EditionForm(Form):
    """A new edition (另起新版)."""

    in_force_from = DateField("施行日", [InputRequired("请选择施行日")])


class WorkbookForm(Form):
    """A filled workbook (检查表工作簿)."""

    workbook = FileField("填好的工作簿")

"""Forms of the scheme editor (评定标准编制表单). Every entry names its document and clause."""

from __future__ import annotations

from typing import Any

from wtforms import DateField, FileField, HiddenField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from app.core.forms import Form, clean_text
from app.ratings.rules.editor import LONGEST, ItemEntry, Source, TermsEntry

REQUIRED = InputRequired("请填写")
SHORT = Length(max=LONGEST, message=f"不超过 {LONGEST} 字")
LONG = Length(max=8000, message="不超过 8000 字")


class _Entered(Form):
    """What every entry carries (录入共有)."""

    part = HiddenField()
    doc = StringField("录自哪份文件", [REQUIRED, SHORT], filters=[clean_text])
    clause = StringField("条款", [REQUIRED, SHORT], filters=[clean_text])

    @property
    def source(self) -> Source:
        """The text it was taken from (依据)."""
        return Source(self.doc.data or "", self.clause.data or "")


class ItemForm(_Entered):
    """An item (评分项)."""

    title = StringField("评分项", [REQUIRED, SHORT], filters=[clean_text])
    most = StringField("满分", [REQUIRED], filters=[clean_text])
    options = TextAreaField("选项", [LONG], filters=[clean_text])
    deductions = TextAreaField("扣分", [LONG], filters=[clean_text])
    step = StringField("步长", [SHORT], filters=[clean_text])
    gap = StringField("缺口", [SHORT], filters=[clean_text])

    @property
    def entry(self) -> ItemEntry:
        """What was entered (录入内容)."""
        return ItemEntry(
            self.title.data,
            self.most.data,
            self.options.data or "",
            self.deductions.data or "",
            self.step.data or "",
            self.gap.data or "",
        )


class AreaForm(_Entered):
    """An area (评分领域)."""

    most = StringField("满分", [REQUIRED], filters=[clean_text])
    shares = TextAreaField("各等级最低得分率", [LONG], filters=[clean_text])


class LevelForm(_Entered):
    """A level's demands (等级要求)."""

    demands = TextAreaField("要求", [REQUIRED, LONG], filters=[clean_text])


class TermsForm(_Entered):
    """The whole scheme (总则)."""

    name = StringField("标准名称", [REQUIRED, SHORT], filters=[clean_text])
    total = StringField("总分", [SHORT], filters=[clean_text])
    validity_months = StringField("有效月数", [SHORT], filters=[clean_text])
    renew_before_months = StringField("期满前几个月可续评", [SHORT], filters=[clean_text])
    notice_days = StringField("公示工作日", [SHORT], filters=[clean_text])
    gaps = TextAreaField("还缺什么", [LONG], filters=[clean_text])

    @property
    def entry(self) -> TermsEntry:
        """What was entered (录入内容)."""
        return TermsEntry(
            self.name.data,
            self.total.data or "",
            self.validity_months.data or "",
            self.renew_before_months.data or "",
            self.notice_days.data or "",
            self.gaps.data or "",
        )


FORMS: dict[str, type[_Entered]] = {"item": ItemForm, "area": AreaForm, "level": LevelForm, "terms": TermsForm}


class StartForm(Form):
    """From when a new edition is in force (另起新版)."""

    start = DateField("施行日", [InputRequired("请填写施行日")])


class ConfirmSchemeForm(Form):
    """Against which text an edition was compared (确认方案)."""

    compared_with = StringField("对照的正式文本", [REQUIRED, SHORT], filters=[clean_text])


class SchemeWorkbookForm(Form):
    """A filled workbook (导入)."""

    workbook = FileField("填好的工作簿")


def kept(sent: Any, prefix: str) -> dict[str, str]:
    """The texts of a trial whose names begin with a prefix (试算填写), cut to a sane length."""
    return {key[len(prefix) :]: str(value)[:2000] for key, value in sent.items() if key.startswith(prefix)}

"""Forms of the evidence vault (证据库表单)."""

from __future__ import annotations

from typing import Any

from wtforms import DateField, FileField, HiddenField, SelectField, StringField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from app.core.forms import Form, clean_text
from app.ratings.rules.evidence import LONGEST_TITLE, Wanted, table

REQUIRED = InputRequired("请填写")


class EvidenceForm(Form):
    """A small file sent in one go (上传材料)."""

    kind = SelectField("材料种类", [InputRequired("请选择材料种类")])
    title = StringField(
        "材料名称", [REQUIRED, Length(max=LONGEST_TITLE, message=f"不超过 {LONGEST_TITLE} 字")], filters=[clean_text]
    )
    valid_until = DateField("有效期至", [Optional()])
    file = FileField("文件")
    items = HiddenField(default="")
    evidence_id = HiddenField(default="")

    def __init__(self, *args: Any, **kw: Any) -> None:
        super().__init__(*args, **kw)
        self.kind.choices = [SelectChoice("", "请选择"), *(SelectChoice(k.code, k.label) for k in table().kinds)]

    def validate_file(self, field: Any) -> None:
        """A file must be chosen (选择文件)."""
        if field.data is None or not field.data.filename:
            raise ValidationError("请选择文件")

    def wanted(self, size: int) -> Wanted:
        """What is asked for (拟上传材料)."""
        return Wanted(
            kind=self.kind.data,
            title=self.title.data,
            file_name=self.file.data.filename,
            size=size,
            valid_until=self.valid_until.data,
            items=tuple(part for part in self.items.data.split(" ") if part),
        )


class WithdrawForm(Form):
    """Why a piece of evidence is withdrawn (撤下材料)."""

    reason = StringField("撤下原因", [REQUIRED, Length(max=200, message="不超过 200 字")], filters=[clean_text])

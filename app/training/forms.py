"""Forms of staff and training (人员与培训表单): shape of input only. Choices come from the tables of kinds."""

from __future__ import annotations

from typing import Any, Final

from wtforms import (
    BooleanField,
    DateField,
    FileField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from app.core.forms import Form, clean_text
from app.core.identifiers import IdType
from app.core.labels import Labelled
from app.training.rules import CourseKind, EndReason, Finding, Outcome, Shift, StaffPost
from app.training.rules.certificates import CheckWay, KindTable
from app.training.rules.staffing import Ability

REQUIRED: Final = InputRequired("请填写")
PHOTO: Final = "拍证书正面，四角都要拍到；JPG、PNG、WebP 不超过 5 MB，PDF 不超过 20 MB"


def choices(enum: type[Labelled], blank: str = "") -> list[SelectChoice]:
    """The members of an enum to choose from (选项)."""
    first = [SelectChoice("", blank)] if blank else []
    return first + [SelectChoice(member.value, member.label) for member in enum]


class Employ(Form):
    """Somebody takes up a post (登记到岗)."""

    name = StringField("姓名", [REQUIRED, Length(max=50, message="最多 50 个字")], filters=[clean_text], description="与证件一致")
    id_type = SelectField("证件类型", [REQUIRED], choices=choices(IdType))
    identity = StringField(
        "证件号码",
        [REQUIRED, Length(max=30, message="最多 30 个字")],
        filters=[clean_text],
        description="加密保存，存好后只显示前 3 位和后 4 位",
    )
    post = SelectField("岗位", [REQUIRED], choices=choices(StaffPost, "请选择"))
    shift = SelectField("班次", [Optional()], choices=choices(Shift, "不分班"))
    started_on = DateField("到岗日期", [REQUIRED])


class ShiftChange(Form):
    """Another shift (调整班次)."""

    shift = RadioField("班次", [Optional()], choices=[*choices(Shift), SelectChoice("", "不分班")])


class PostChange(Form):
    """Another post (转岗)."""

    post = SelectField("转到", [REQUIRED], choices=choices(StaffPost, "请选择"))
    from_day = DateField("从哪天起", [REQUIRED])


class Rename(Form):
    """A name that was mistyped (更正姓名)."""

    name = StringField("正确的姓名", [REQUIRED, Length(max=50, message="最多 50 个字")], filters=[clean_text])


class Leave(Form):
    """Somebody leaves (登记离岗)."""

    ended_on = DateField("最后在岗日期", [REQUIRED])
    reason = RadioField("原因", [REQUIRED], choices=[c for c in choices(EndReason) if c.value != EndReason.MOVED])


class Certificate(Form):
    """A certificate, new or in place of an older one (证书)."""

    file = FileField("证书照片", description=PHOTO)
    kind = SelectField("证书种类", [REQUIRED])
    level = SelectField("等级", [Optional()])
    number = StringField(
        "证书编号",
        [Optional(), Length(max=60, message="最多 60 个字")],
        filters=[clean_text],
        description="照证书填；没有编号的不填",
    )
    issuer = StringField("发证机构", [Optional(), Length(max=100, message="最多 100 个字")], filters=[clean_text])
    issued_on = DateField("发证日期", [Optional()])
    valid_to = DateField("有效期至", [Optional()], description="证书上没写有效期的不填，即为长期")
    review_due = DateField("下次复审日期", [Optional()], description="要复审的证书才填")
    replaces = HiddenField()


def certificate_form(table: KindTable, *, sent: bool = False, data: dict[str, Any] | None = None) -> Any:
    """The form with the kinds and levels of a table (证书表单)."""
    form = Certificate.sent() if sent else Certificate(data=data)
    form.kind.choices = [SelectChoice("", "请选择"), *(SelectChoice(kind.code, kind.label) for kind in table.kinds)]
    levels = table.schemes["eight"].levels
    form.level.choices = [SelectChoice("", "不分等级"), *(SelectChoice(level.code, level.label) for level in levels)]
    if not sent:
        form.process(data=data)
    return form


class Share(Form):
    """How long a share code is to open (共享码)."""

    days = RadioField(
        "有效期",
        [REQUIRED],
        choices=[SelectChoice("7", "7 天"), SelectChoice("30", "30 天"), SelectChoice("180", "180 天")],
        default="30",
    )


class CareLoad(Form):
    """Residents by ability (在住老人能力等级)."""

    as_of = DateField("数据日期", [REQUIRED])
    intact = IntegerField(Ability.INTACT.label, [REQUIRED])
    mild = IntegerField(Ability.MILD.label, [REQUIRED])
    moderate = IntegerField(Ability.MODERATE.label, [REQUIRED])
    severe = IntegerField(Ability.SEVERE.label, [REQUIRED])
    total = IntegerField(Ability.TOTAL.label, [REQUIRED])
    has_control_room = BooleanField("设有消防控制室")
    has_linked_control = BooleanField("消防控制室能联动控制（联动柜、水泵、排烟等）")

    @property
    def residents(self) -> dict[Ability, int]:
        """What was typed, by ability."""
        return {ability: int(self[ability.value].data or 0) for ability in Ability}


class Session(Form):
    """A training session (培训班次)."""

    title = StringField("课程名称", [REQUIRED, Length(max=100, message="最多 100 个字")], filters=[clean_text])
    kind = RadioField("类别", [REQUIRED], choices=choices(CourseKind))
    hours = IntegerField("学时", [REQUIRED])
    has_exam = BooleanField("要考核")
    pass_mark = IntegerField("合格分数", [Optional()], default=60, description="满分 100，不填为 60")
    held_on = DateField("开班日期", [REQUIRED])
    until = DateField("结束日期", [Optional()], description="当天结束的不填")
    place = StringField("地点", [REQUIRED, Length(max=100, message="最多 100 个字")], filters=[clean_text])
    trainer = StringField("授课（主考）人", [REQUIRED, Length(max=50, message="最多 50 个字")], filters=[clean_text])


class Enrol(Form):
    """Who is to take part (报名)."""

    people = SelectMultipleField("报名的人", [InputRequired("请至少选一人")])


def result_of(text: str) -> tuple[bool, Outcome] | None:
    """What was chosen for somebody (出勤与考核): absent, present, passed, failed; None when nothing was chosen."""
    known = {
        "absent": (False, Outcome.NOT_EXAMINED),
        "present": (True, Outcome.NOT_EXAMINED),
        "passed": (True, Outcome.PASSED),
        "failed": (True, Outcome.FAILED),
    }
    return known.get(text)


class Check(Form):
    """What verification came to (核验)."""

    finding = RadioField(
        "结论", [REQUIRED], choices=[c for c in choices(Finding) if c.value in (Finding.VERIFIED, Finding.DOUBTFUL)]
    )
    way = SelectField("核验方式", [REQUIRED], choices=choices(CheckWay))
    note = TextAreaField(
        "查询经过", [Optional(), Length(max=500, message="最多 500 个字")], filters=[clean_text], description="存疑的必填"
    )


class Refute(Form):
    """Finding a certificate false (认定虚假)."""

    way = SelectField("核实方式", [REQUIRED], choices=choices(CheckWay))
    note = TextAreaField("依据", [REQUIRED, Length(max=1000, message="最多 1000 个字")], filters=[clean_text])


class Reason(Form):
    """Why a number is to be seen (查看证件号码)."""

    reason = StringField("查看的原因", [REQUIRED, Length(min=4, max=200, message="请写 4～200 个字")], filters=[clean_text])


class Upload(Form):
    """A workbook to import (导入名册)."""

    file = FileField("Excel 文件", [REQUIRED], description="用本页的模板填写，.xlsx，不超过 5 MB")


class Code(Form):
    """A share code, as somebody types it (共享码)."""

    code = StringField("共享码", [REQUIRED, Length(max=30, message="共享码是 12 位")], filters=[clean_text])

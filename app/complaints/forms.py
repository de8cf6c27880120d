"""Forms of complaints (投诉举报表单): shape of input only."""

from __future__ import annotations

from typing import Any, Final

from wtforms import (
    BooleanField,
    HiddenField,
    IntegerField,
    MultipleFileField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from app.complaints.rules.kinds import Channel, Finding, Matter, PauseReason, Relation, Satisfaction, Track
from app.core.forms import Form, clean_text
from app.core.identifiers import Phone
from app.core.labels import Labelled
from app.core.refusal import Refused

REQUIRED: Final = InputRequired("请填写")
CHOSEN: Final = InputRequired("请选择")
LONG: Final = Length(max=5000, message="最多 5000 个字")
SHORT: Final = Length(max=200, message="最多 200 个字")
CONFIRM_WORDS: Final = "我已通读，确认不含投诉人的姓名、电话、身份，也不能从措辞认出是谁"


def choices(enum: type[Labelled], *but: Labelled) -> list[SelectChoice]:
    """The members of an enum to choose from (选项), without some."""
    return [SelectChoice(member.value, member.label) for member in enum if member not in but]


def _phone(form: Any, field: Any) -> None:  # noqa: ARG001 — WTForms calls validators with both
    if field.data:
        try:
            Phone.parse(field.data)
        except Refused as refusal:
            raise ValidationError(refusal.sentence) from None


class _Told(Form):
    """What is complained of, whoever writes it down (投诉内容)."""

    about_words = StringField("机构名称", [REQUIRED, SHORT], filters=[clean_text])
    matter = RadioField("反映的是哪方面", [CHOSEN], choices=choices(Matter))
    statement = TextAreaField(
        "发生了什么", [REQUIRED, Length(min=8, max=5000, message="请写 8 到 5000 个字")], filters=[clean_text]
    )
    happened_words = StringField("大约什么时候、在哪里", [Optional(), SHORT], filters=[clean_text])
    relation = RadioField("您和机构的关系", [Optional()], choices=choices(Relation))
    name = StringField("姓名", [Optional(), Length(max=50, message="最多 50 个字")], filters=[clean_text])
    phone = StringField("电话", [Optional(), _phone], filters=[clean_text])


class PublicComplaint(_Told):
    """The public form (网上投诉). `website` is the field that people do not see."""

    site_id = HiddenField()
    authority = SelectField("机构在哪里", [CHOSEN])
    danger = RadioField(
        "现在有人有生命危险吗",
        [CHOSEN],
        choices=[SelectChoice("no", "没有"), SelectChoice("yes", "有，需要马上处理")],
        default="no",
    )
    anonymous = RadioField(
        "要不要留姓名和电话",
        [CHOSEN],
        choices=[SelectChoice("no", "留下，方便告诉我结果"), SelectChoice("yes", "不留，匿名反映")],
        default="no",
    )
    ticket = HiddenField()
    website = StringField("请留空", [Optional()])
    answer = StringField("小问题", [REQUIRED, Length(max=20, message="只写数字")])

    def validate(self, *args: Any, **kw: Any) -> bool:
        """Whoever does not stay anonymous leaves a telephone, or nobody can tell the result."""
        fine = super().validate(*args, **kw)
        if self.anonymous.data == "no" and not self.phone.data:
            self.phone.errors = ["请填电话，或在上面选“不留，匿名反映”"]
            return False
        return fine


class OfficeComplaint(_Told):
    """A call, a visit or a transfer, taken down by an officer (登记投诉)."""

    relation = RadioField("对方和机构的关系", [Optional()], choices=choices(Relation))
    channel = RadioField("来源", [CHOSEN], choices=choices(Channel, Channel.WEB), default=Channel.PHONE.value)
    source_words = StringField("转来部门和来件编号", [Optional(), SHORT], filters=[clean_text], description="其他部门转来的必填")
    about_site_id = SelectField("辖区内机构", [Optional()], validate_choice=True)
    anonymous = BooleanField("来人不愿留姓名电话（匿名）")
    urgent = BooleanField("有人正处于危险中（紧急）")
    urgent_words = StringField(
        "危险情况", [Optional(), SHORT], filters=[clean_text], description="紧急的必填：谁、在哪里、怎么了"
    )


class CodeForm(Form):
    """The complainant's code (查询码)."""

    code = StringField(
        "查询码",
        [REQUIRED, Length(max=40, message="查询码是 12 位")],
        filters=[clean_text],
        description="回执上的 12 位，不分大小写",
    )


class Supplement(Form):
    """More by the complainant (补充)."""

    code = HiddenField(validators=[REQUIRED])
    words = TextAreaField("补充说明", [Optional(), LONG], filters=[clean_text])
    files = MultipleFileField("照片或文件", [Optional()])


class Rating(Form):
    """What the complainant says of the handling (评价)."""

    code = HiddenField(validators=[REQUIRED])
    satisfaction = RadioField(
        "您对办理满意吗", [CHOSEN], choices=choices(Satisfaction, Satisfaction.NO_ANSWER, Satisfaction.DECLINED)
    )


# --- the desk ---------------------------------------------------------------------------------------------------------


class Classification(Form):
    """Track and home (分类)."""

    track = RadioField("办理途径", [CHOSEN], choices=choices(Track))
    matter = RadioField("反映事项", [CHOSEN], choices=choices(Matter))
    about_site_id = SelectField("被反映的机构", [Optional()])
    note = StringField("说明", [Optional(), SHORT], filters=[clean_text])


class Note(Form):
    """A remark, not required (备注)."""

    words = StringField("备注", [Optional(), SHORT], filters=[clean_text])


class Words(Form):
    """A reason that the complainant will read (理由)."""

    words = TextAreaField("理由", [REQUIRED, LONG], filters=[clean_text])


class Danger(Words):
    """Where the danger lies (危险情况)."""

    words = TextAreaField("危险在哪里", [REQUIRED, LONG], filters=[clean_text])


class Measures(Words):
    """What was done about it (已采取的措施)."""

    words = TextAreaField(
        "已采取的措施", [REQUIRED, LONG], filters=[clean_text], description="是否报警、送医、到场，人现在怎样，向谁报告"
    )


class Forwarding(Form):
    """To which department (转办)."""

    to = StringField("转给哪个部门", [REQUIRED, SHORT], filters=[clean_text], description="如：市场监督管理局、医疗保障局")
    words = TextAreaField("对投诉人说的话", [Optional(), LONG], filters=[clean_text], description="投诉人凭查询码会看到")


class Merging(Form):
    """Into which complaint (并案)."""

    lead_id = SelectField("并入哪一件", [CHOSEN])


class Facts(Form):
    """What the home may read (告知机构的事实)."""

    facts = TextAreaField(
        "要机构说明的事实",
        [REQUIRED, LONG],
        filters=[clean_text],
        description="只写何时、何地、何事，不写谁反映的、怎么得知的；不要照抄投诉原文",
    )
    confirmed = BooleanField(CONFIRM_WORDS)


class Evidence(Form):
    """Files of the office (证据)."""

    files = MultipleFileField(
        "照片或文件", [Optional()], description="照片每张不超过 5 MB，PDF 不超过 20 MB。机构和投诉人都看不到"
    )


class Pausing(Form):
    """Why the clock stops (中止)."""

    reason = RadioField("事由", [CHOSEN], choices=choices(PauseReason))
    words = TextAreaField("说明", [REQUIRED, LONG], filters=[clean_text])


class ExtensionRequest(Form):
    """More time (申请延期)."""

    days = IntegerField("延长几天", [REQUIRED])
    reason = TextAreaField("理由", [REQUIRED, LONG], filters=[clean_text])


class ExtensionDecision(Form):
    """Yes or no (审批延期)."""

    granted = RadioField("决定", [CHOSEN], choices=[SelectChoice("yes", "同意延期"), SelectChoice("no", "不同意")])
    words = StringField("意见", [Optional(), SHORT], filters=[clean_text])


class FindingForm(Form):
    """What the verification found (处理意见)."""

    finding = RadioField("结论", [CHOSEN], choices=choices(Finding))
    reasons = TextAreaField("核实经过和理由", [REQUIRED, LONG], filters=[clean_text], description="机关内部使用，可以写全")
    home_words = TextAreaField(
        "告诉机构的结论", [Optional(), LONG], filters=[clean_text], description="问过机构的必填；同样不能出现投诉人"
    )
    confirmed = BooleanField(CONFIRM_WORDS)


class Answer(Form):
    """The answer (答复)."""

    answer = TextAreaField(
        "答复内容", [REQUIRED, LONG], filters=[clean_text], description="核实结果、处理情况、对结果有异议可以怎么办"
    )
    way = RadioField(
        "答复方式",
        [CHOSEN],
        choices=[SelectChoice(word, word) for word in ("电话", "书面", "当面", "网上查询", "12345 平台")],
    )


class CallBack(Form):
    """How it went (回访)."""

    satisfaction = RadioField("投诉人的评价", [CHOSEN], choices=choices(Satisfaction))
    words = TextAreaField("要点", [Optional(), LONG], filters=[clean_text], description="不满意的必填")


class Reason(Form):
    """Why the contact is looked at (查看原因)."""

    seen_for = StringField("查看原因", [REQUIRED, SHORT], filters=[clean_text], description="会留痕，如：回访、核对事发时间")


class HomeReply(Form):
    """What a home says (情况说明)."""

    text = TextAreaField("情况说明", [REQUIRED, LONG], filters=[clean_text], description="事情经过、已采取的措施、今后怎么做")
    files = MultipleFileField("照片或文件", [Optional()])

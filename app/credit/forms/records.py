"""Forms of credit records, tiers, phoenix matches, imports (信用表单): shape of input only."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from wtforms import DateField, FileField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from app.core.forms import Form, clean_text
from app.core.labels import Labelled
from app.credit.rules.records import BY_HAND, EndWay
from app.providers.rules import Tier

NEEDED: Final = InputRequired("请填写")
CHOSEN: Final = InputRequired("请选择")


def _choices(members: Iterable[Labelled], blank: str = "") -> list[SelectChoice]:
    first = [SelectChoice("", blank)] if blank else []
    return first + [SelectChoice(m.value, m.label) for m in members]


def _words(label: str, hint: str = "", most: int = 1000) -> Any:
    return TextAreaField(label, [NEEDED, Length(max=most, message=f"请在 {most} 字以内")], filters=[clean_text], description=hint)


def _line(label: str, hint: str = "", most: int = 120) -> Any:
    return StringField(label, [NEEDED, Length(max=most, message=f"请在 {most} 字以内")], filters=[clean_text], description=hint)


class NewRecord(Form):
    """A record by hand (记入信用记录)."""

    kind = SelectField("种类", [CHOSEN], choices=_choices(BY_HAND, "请选择"), description="检查、整改、投诉查实的由系统自动记入")
    facts = _words("事实", "何时、何事、由谁认定。会给机构看，不写老年人和其他人的个人信息")
    clause = StringField("依据的条款或文件", [Length(max=200)], filters=[clean_text], description="表彰奖励、试点示范可以不填")
    source = _line("来源单位", "作出决定或提供数据的单位")
    number = _line("文书号或数据批次号")
    decided_on = DateField("认定（决定）日期", [NEEDED], description="从这一天起计入")


class Ending(Form):
    """Annul or repair a record (撤销、修复)."""

    way = RadioField(
        "办理方式",
        [CHOSEN],
        choices=[
            SelectChoice(EndWay.ANNULLED.value, "撤销：原来认定有误，自始不计"),
            SelectChoice(EndWay.REPAIRED.value, "修复：已经改正并履行完毕，从今天起不计"),
        ],
    )
    reason = _words("理由", "会给机构看")


class Objection(Form):
    """Object to a record (提出异议)."""

    reason = _words(
        "哪里不对，有什么材料", "例如：文书已被撤销、不是本机构、已在期限内改正。材料可以交到主管民政部门，或写明文书号"
    )


class Decision(Form):
    """Decide an objection (处理异议)."""

    upheld = RadioField(
        "处理结果",
        [CHOSEN],
        choices=[SelectChoice("yes", "异议成立，撤销这条记录"), SelectChoice("no", "异议不成立，记录保留")],
    )
    reason = _words("理由", "会告知机构")


class Override(Form):
    """Set the tier by hand (人工调整风险等级)."""

    tier = SelectField("调整为", [CHOSEN], choices=_choices(Tier, "请选择"))
    until = DateField("截止日期", [NEEDED], description="到期后自动按表重新计算")
    reason = _words("理由和依据", "会显示在等级旁边")


class MatchDecision(Form):
    """Decide a match (认定或排除换壳)."""

    confirmed = RadioField(
        "认定",
        [CHOSEN],
        choices=[
            SelectChoice("yes", "是换壳：按原主体的不良记录加强监管"),
            SelectChoice("no", "不是换壳：排除"),
        ],
    )
    reason = _words("核查情况和理由", "查了哪些登记、现场看到什么、问了谁")


class Upload(Form):
    """A workbook (工作簿)."""

    file = FileField("Excel 文件", description="用本页的模板填写，.xlsx")

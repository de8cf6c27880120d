"""Forms of lists and draws (名录库与抽查表单)."""

from __future__ import annotations

from decimal import Decimal

from wtforms import (
    BooleanField,
    DateField,
    DecimalField,
    FileField,
    FormField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from app.core.forms import Form, clean_text
from app.inspections.rules.draw import GAMES, Mode
from app.inspections.rules.plan import (
    DEPARTMENT_TAGS,
    REASONS,
    TAGS,
    TEAMS,
    PlanReach,
    RecusalReason,
    RequestKind,
    source_name,
)
from app.providers.rules import SiteKind, Tier

NEEDED = "请填写"
MODES = (SelectChoice(Mode.OPEN.value, "当场公开"), SelectChoice(Mode.SEALED.value, "密封，到公开日自动公开"))
SOURCES = tuple(SelectChoice(game, source_name(game)) for game in GAMES)
DEMO_SOURCE = SelectChoice("demo.dice", "演示骰子（仅演示环境）")
JOINT = tuple(SelectChoice(tag, TAGS[tag]) for name, tag in DEPARTMENT_TAGS.items() if name != "civil_affairs")
QUALIFICATIONS = tuple(SelectChoice(tag, word) for tag, word in TAGS.items() if tag.startswith("qual."))
MARKS = tuple(
    SelectChoice(f"{standing.value}:{reason.value}", f"{standing.label}：{reason.label}")
    for standing, reasons in REASONS.items()
    for reason in reasons
)
FILE_TYPES = ".jpg,.jpeg,.png,.webp,.pdf"


class Stratum(Form):
    """One row of the table of strata (分层). The rate is typed in percent, with at most two places."""

    rate = DecimalField(
        "比例（%）", [InputRequired(NEEDED), NumberRange(Decimal(0), Decimal(100), "应在 0 至 100 之间")], places=2
    )
    minimum = IntegerField("最少（家）", [InputRequired(NEEDED), NumberRange(0, 9999, "应为 0 至 9999")], default=1)
    maximum = IntegerField("最多（家，0 为不限）", [InputRequired(NEEDED), NumberRange(0, 9999, "应为 0 至 9999")], default=0)
    team = SelectField("检查组", choices=[SelectChoice(key, word) for key, word in TEAMS.items()], default="basic")


class NewPlan(Form):
    """A plan as its maker writes it (拟定计划)."""

    title = StringField("计划名称", [DataRequired(NEEDED), Length(max=80)], [clean_text])
    mode = RadioField("公开方式", [InputRequired("请选择")], choices=MODES, default=Mode.SEALED.value)
    reach = RadioField(
        "抽查范围", [InputRequired("请选择")], choices=[SelectChoice(r.value, r.label) for r in PlanReach], default="own"
    )
    kinds = SelectMultipleField(
        "网点类型",
        [InputRequired("请至少选择一种")],
        choices=[SelectChoice(k.value, k.label) for k in SiteKind],
        default=["care_home"],
    )
    inspect_from = DateField("检查起始日", [InputRequired(NEEDED)])
    inspect_until = DateField("检查截止日", [InputRequired(NEEDED)])
    reveal_on = DateField("公开日", [InputRequired(NEEDED)])
    source = SelectField("种子所用的公开值", [InputRequired("请选择")], choices=SOURCES, default="cwl.kl8")
    first_day = DateField("最早开奖日", [InputRequired(NEEDED)])
    dice = BooleanField("封存后、开奖前，另请几位代表掷骰子")
    joint = SelectMultipleField("联合组参加部门", [Optional()], choices=JOINT)
    A = FormField(Stratum, Tier.A.label)
    B = FormField(Stratum, Tier.B.label)
    C = FormField(Stratum, Tier.C.label)
    D = FormField(Stratum, Tier.D.label)


class Mark(Form):
    """A site to be marked must or out (必查、剔除)."""

    draw_id = SelectField("机构", [DataRequired("请选择机构")], validate_choice=False)
    why = SelectField("登记为", [InputRequired("请选择")], choices=MARKS)
    note = StringField("说明", [Optional(), Length(max=200)], [clean_text], description="例如工单号、检查日期")


class Value(Form):
    """A public value as one official types it (录入公开值)."""

    number = HiddenField(validators=[InputRequired()])
    event = StringField("期号", [DataRequired("请填写期号，例如 2026321"), Length(max=60)], [clean_text])
    typed = TextAreaField("号码", [DataRequired("请填写号码"), Length(max=400)], [clean_text])
    page = FileField("官网公告截图", [Optional()])


class Reason(Form):
    """One sentence why (事由)."""

    reason = StringField("事由", [DataRequired("请写明事由"), Length(max=200)], [clean_text])


class Change(Form):
    """A change after the draw (加抽、递补、更换)."""

    kind = SelectField(
        "申请事项",
        [InputRequired("请选择")],
        choices=[SelectChoice(k.value, k.label) for k in RequestKind if k is not RequestKind.VOID],
    )
    what = StringField("对象", [DataRequired(NEEDED), Length(max=64)], [clean_text])
    detail = StringField("家数或机构", [Optional(), Length(max=64)], [clean_text])
    reason = StringField("事由", [DataRequired("请写明事由"), Length(max=100)], [clean_text])
    note = TextAreaField("补充说明", [Optional(), Length(max=500)], [clean_text])
    proof = FileField("证明材料", [Optional()])


class Supplement(Form):
    """A supplementary plan (补充计划)."""

    first_day = DateField("最早开奖日", [InputRequired(NEEDED)])


class Inspector(Form):
    """An entry of the list of inspectors (检查人员)."""

    username = StringField("账号", [DataRequired("请填写账号名"), Length(max=60)], [clean_text])
    certificate_no = StringField("行政执法证件号码", [DataRequired(NEEDED), Length(max=60)], [clean_text])
    certificate_from = DateField("发证日期", [InputRequired(NEEDED)])
    certificate_until = DateField("有效期至", [InputRequired(NEEDED)])
    qualifications = SelectMultipleField("专长", [Optional()], choices=QUALIFICATIONS)
    cap = IntegerField("每次抽查最多承担", [InputRequired(NEEDED), NumberRange(1, 999, "应为 1 至 999 家")], default=8)


class ChangedInspector(Inspector):
    """An entry that is changed (修改检查人员)."""

    username = None
    active = BooleanField("在岗，可以参加抽取")


class Declaration(Form):
    """A recusal (回避申明)."""

    draw_id = StringField(
        "机构抽取编号",
        [DataRequired("请填写抽取编号，可先按名称查找"), Length(max=64)],
        [clean_text],
        description="统一社会信用代码-两位序号",
    )
    reason = SelectField("回避事由", [InputRequired("请选择")], choices=[SelectChoice(r.value, r.label) for r in RecusalReason])
    note = TextAreaField("具体情况", [Optional(), Length(max=300)], [clean_text], description="机构看不到这里写的内容")


class OfficeDeclaration(Declaration):
    """A recusal entered by the office (登记回避)."""

    inspector_id = SelectField("检查人员", [InputRequired("请选择")], validate_choice=False)

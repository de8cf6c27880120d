"""Forms of problems, orders, re-checks, hazards, reports (问题与整改表单): shape of input only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from wtforms import (
    BooleanField,
    DateField,
    DateTimeLocalField,
    FileField,
    IntegerField,
    MultipleFileField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from app.core.forms import Form, clean_text
from app.core.labels import Labelled
from app.inspections.rules.checklist import Department, Severity
from app.inspections.rules.hazards import Judgement, Stop
from app.inspections.rules.papers import PATTERNS, Paper, ServiceWay
from app.inspections.rules.recheck import Handling, RecheckResult

NEEDED: Final = InputRequired("请填写")
CHOSEN: Final = InputRequired("请选择")


class Marked:
    """Marks a field as needed on the page without refusing it (必填标记): what is missing is told when it is submitted."""

    field_flags: Final = {"required": True}

    def __call__(self, form: Any, field: Any) -> None:
        """Let everything pass."""


def choices(members: Sequence[Labelled]) -> list[SelectChoice]:
    """Members of an enum to choose from (选项)."""
    return [SelectChoice(m.value, m.label) for m in members]


def words(label: str, hint: str = "", *, needed: bool = True, most: int = 2000) -> Any:
    """Several lines of text (多行文字)."""
    checks = [NEEDED if needed else Optional(), Length(max=most, message=f"请在 {most} 字以内")]
    return TextAreaField(label, checks, filters=[clean_text], description=hint)


def line(label: str, hint: str = "", *, needed: bool = False, most: int = 120) -> Any:
    """One line of text (单行文字)."""
    checks = [NEEDED if needed else Optional(), Length(max=most, message=f"请在 {most} 字以内")]
    return StringField(label, checks, filters=[clean_text], description=hint)


def yes_no(label: str, yes: str, no: str) -> Any:
    """Two ways to decide (是否)."""
    return RadioField(label, [CHOSEN], choices=[SelectChoice("yes", yes), SelectChoice("no", no)])


class Agree(Form):
    """A decision that needs no words (确认)."""


class Judge(Form):
    """Judging a suspected hazard (研判)."""

    judgement = RadioField("研判结论", [CHOSEN], choices=choices(list(Judgement)))
    rule = line("依据", "责令改正时填写法律、法规或标准的名称；条号核对后才引用。", most=80)
    reason = words("理由和参加研判的部门、专家")


class Escalation(Form):
    """Escalating by hand (升级督办)."""

    reason = words("说明", "催办情况、机构答复等", needed=False, most=500)


class CaseProposal(Form):
    """Proposing a case (提请立案)."""

    reason = words("事实、证据和逾期情况", "平台到此为止：立案、处罚在执法办案系统办理。")


class TransferForm(Form):
    """Passing a problem on (移送)."""

    to = SelectField("移送部门", [CHOSEN], choices=choices([d for d in Department if d is not Department.CIVIL_AFFAIRS]))
    to_name = line("受移送机关名称", "如：示例县市场监督管理局")
    reason = words("事实和移送理由")
    evidence = words("证据清单", "如：现场照片 2 张、现场检查笔录 1 份", most=1000)


class TransferAnswerForm(Form):
    """What the other department did (处理结果)."""

    answer = words("处理结果、文号和日期")


class ExtensionDecision(Form):
    """Deciding a request for more time (审批延期)."""

    granted = yes_no("审批意见", "同意延期", "不同意")
    reason = words("理由", "不同意时必填", needed=False, most=500)


class PublicText(Form):
    """Words for the public (公示文字)."""

    text = words("公示文字", "只写情形，不写人名、房间号和健康情况，200 字以内。", most=200)


class ReplyCheck(Form):
    """Checking the home's view (核对机构陈述)."""

    cleared = yes_no("核对结果", "不含个人信息，可以公示", "含个人信息，退回修改")
    note = words("需要删去的内容", "退回时必填。平台不改写机构的话。", needed=False, most=500)


class Measures(Form):
    """What is done at once about a major hazard (立即措施)."""

    measures = SelectMultipleField("立即措施", choices=choices(list(Stop)))
    reason = words("危险所在、停用或撤离的范围和理由")


class PlanDecision(Form):
    """Deciding the home's plan (审批整改方案)."""

    approved = yes_no("审批意见", "批准，完成日期作为整改期限", "退回补充")
    note = words("意见", "退回时写明要补充什么", needed=False, most=1000)


class Review(Form):
    """Reviewing before lifting (审查)."""

    agreed = yes_no("审查意见", "隐患已排除，同意解除", "未排除，不同意解除")
    opinion = words("由谁审查、依据什么认定")


class Downgrade(Form):
    """Proposing a downgrade (提请降级)."""

    to = RadioField("改为", [CHOSEN], choices=choices([Severity.SERIOUS, Severity.MINOR]))
    reason = words("理由", "须由另一名有权人员署名批准")


class Service(Form):
    """How an order reached the home (送达)."""

    way = RadioField("送达方式", [CHOSEN], choices=choices(list(ServiceWay)))
    receiver = line("签收人姓名、职务", "留置送达可不填")
    served_at = DateTimeLocalField("送达时间", [NEEDED], format=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"])
    note = words("说明", "留置送达写明拒收情况和见证人；电子送达写明同意书和地址", needed=False, most=500)
    receipt = FileField("送达回证", description="照片或 PDF")


class Revocation(Form):
    """Revoking an order (撤销责令)."""

    reason = words("撤销理由")


class DemandLine(Form):
    """One problem in an order (责令事项)."""

    chosen = BooleanField("写入通知书")
    words = TextAreaField("整改要求", [Marked(), Length(max=500, message="请在 500 字以内")], filters=[clean_text])
    days = IntegerField("期限", [InputRequired("请填天数"), NumberRange(min=0, max=3660, message="请填天数")])


class Assign(Form):
    """Arranging a re-check (安排复查)."""

    findings = SelectMultipleField("复查的问题")
    officers = SelectMultipleField("复查人员", description="两名以上，参加过原检查的人员不在其中。")
    planned_on = DateField("复查日期", [NEEDED])


class LookedLine(Form):
    """One problem at a re-check (逐项复查)."""

    result = RadioField("复查结果", [CHOSEN], choices=choices(list(RecheckResult)))
    handling = RadioField("后续处理", [CHOSEN], choices=choices(list(Handling)))
    new_due = DateField("新期限", [Optional()], description="继续整改时填写")
    note = words("查见情况", needed=False, most=500)
    photos = MultipleFileField("复查照片")


class RecheckEnd(Form):
    """The end of a re-check (复查结论)."""

    conclusion = words("复查结论", "不填则按各项结果自动写成", needed=False, most=1000)
    statement = words("被复查单位意见", needed=False, most=1000)


class Report(Form):
    """Issuing the report (出具检查报告)."""

    advice = words("建议", "一行一条；没有可不填", needed=False)
    correction_reason = words("更正理由", "更正已出具的报告时必填", needed=False, most=500)


class PaperWordsForm(Form):
    """An authority's own words (文书用语)."""

    seal_text = line("印章文字")
    contact = line("联系人或科室")
    phone = line("联系电话", most=40)
    address = line("机关地址")
    report_back = words("整改报告方式", needed=False, most=500)
    consequence = words("逾期后果", needed=False, most=500)
    remedies = words("救济途径", "由法制机构核定；不填时只写陈述、申辩", needed=False, most=500)


for _paper in Paper:
    setattr(PaperWordsForm, f"title_{_paper.value}", line(f"{_paper.label}：名称", "不填即用平台名称", most=40))
    setattr(PaperWordsForm, f"pattern_{_paper.value}", line(f"{_paper.label}：文书号格式", f"如 {PATTERNS[_paper]}", most=60))


# --- the home's own ---------------------------------------------------------------------------------------------------


class RectificationReport(Form):
    """The home's report (整改报告); nothing is required here, since half of it may be kept as a draft."""

    measure = TextAreaField(
        "采取了什么措施",
        [Marked(), Length(max=2000)],
        filters=[clean_text],
        description="做了什么、谁负责、今后怎样不再发生",
    )
    photos = MultipleFileField(
        "整改后的照片或材料", [Marked()], description="照片每张不超过 5 MB，PDF 不超过 20 MB，可以一次选几张"
    )


class ExtensionRequest(Form):
    """Asking for more time (申请延期)."""

    wanted = DateField("希望延到哪一天", [NEEDED])
    reason = words("原因和已采取的临时措施")


class ReplyForm(Form):
    """The home's own view (陈述)."""

    text = words("本机构的说明", "核对不含个人信息后，与问题一起公示。请不要写老人和员工的姓名。", most=500)


class PlanForm(Form):
    """The home's plan against a major hazard (整改方案)."""

    plan = words("整改方案", "措施、责任人、资金、时限，整改期间怎样保障老年人安全")
    plan_due = DateField("计划完成日期", [NEEDED])

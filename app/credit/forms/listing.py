"""Forms of the list (名单表单): shape of input only; one form an act."""

from __future__ import annotations

from typing import Any, Final

from wtforms import BooleanField, DateField, FileField, HiddenField, MultipleFileField, RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from app.core.forms import Form, clean_text
from app.core.identifiers import IdType
from app.credit.rules.dates import PublicationClass
from app.credit.rules.listing import ClueSource, PenaltyKind, PublicationBar
from app.inspections.forms.findings import CHOSEN, NEEDED, choices, line, words
from app.inspections.rules.papers import ServiceWay

DAY: Final = InputRequired("请填写日期")


class ClueForm(Form):
    """A clue about a home (登记线索)."""

    site = SelectField("涉及机构", [CHOSEN])
    ground = SelectField("列入情形", [CHOSEN], description="条文待核的，要先由负责人确认才能送达告知书。")
    source = RadioField("线索来源", [CHOSEN], choices=choices(list(ClueSource)))
    source_words = line("来源编号", "如检查编号、处罚决定书文号、工单号。", needed=True)
    found_on = DateField("发现日期", [DAY])
    facts = words("事实", "时间、地点、行为、后果；只写查明的事实。这段文字不会直接公开。")
    penalty = SelectField(
        "相关处罚", [CHOSEN], choices=choices(list(PenaltyKind)), description="据此建议公示分类，由经办人确定。"
    )
    organisation = BooleanField("列入对象包括机构", default=True)
    person = line("从业人员姓名", "同时列入本人时填写；机构和个人分别决定、分别计算期限。", most=40)
    id_type = SelectField("证件类型", [Optional()], choices=choices(list(IdType)))
    id_number = StringField(
        "证件号码", [Optional(), Length(max=40)], filters=[clean_text], description="加密保存，页面只显示部分。"
    )
    other_names = line("文中出现的其他人姓名", "用顿号分开。公示前会检查这些姓名都已去掉。", most=200)
    evidence = MultipleFileField("证据材料")


class ServiceForm(Form):
    """How papers reached the party (登记送达)."""

    way = RadioField("送达方式", [CHOSEN], choices=choices(list(ServiceWay)))
    receiver = line("签收人", "姓名和职务；留置送达可以不填。", most=60)
    served_on = DateField("送达日期", [DAY])
    note = line("说明", "留置送达写明拒收情况和见证人；电子送达写明同意书。", most=200)


class ProposeForm(Form):
    """Propose to list (提出列入)."""

    publication_class = RadioField("公示分类", [CHOSEN], choices=choices(list(PublicationClass)))
    proposal = words("处理建议", "写进告知书的“拟作出的决定”。", needed=False, most=500)


class ReasonForm(Form):
    """A reason (理由)."""

    reason = words("理由")


class StatementForm(Form):
    """What the party said (陈述申辩)."""

    words = words("陈述、申辩意见")
    said_by = line("陈述人", "当事人口头提出的，由经办人记下并请本人签字。", most=40)
    file = FileField("材料")


class OwnStatementForm(Form):
    """What the home says (陈述申辩)."""

    words = words("陈述、申辩意见", "写明哪些事实不对、有什么证据。")
    file = FileField("证据材料")


class DefenceAnswerForm(Form):
    """What became of the statements (核实情况)."""

    answer = words("核实和采纳情况", "逐条写明；没有提出陈述申辩的可以留空。", needed=False)


class OpinionForm(Form):
    """An opinion or decision in words (意见)."""

    words = words("意见", "事实、证据、依据、程序。")


class PublicTextForm(Form):
    """What the public shall read (公示文字)."""

    words = words("公示文字", "不写他人姓名、证件、电话、住址、健康信息；已按规则给出脱敏建议，请逐字核对。", most=800)
    bar = RadioField("不予公示的情形", [CHOSEN], choices=choices(list(PublicationBar)), default=PublicationBar.NONE.value)


class AgreeForm(Form):
    """Nothing to fill in (确认)."""

    agreed = HiddenField(default="yes")


class PublishForm(Form):
    """Publish (公布)."""

    needed_because = words("确有必要公示的理由", "只有轻微失信信息需要填写。", needed=False, most=300)


class ObjectionForm(Form):
    """Object (提出异议)."""

    words = words("异议", "哪一点不对、依据是什么。")


class AnswerForm(Form):
    """Answer an objection (答复异议)."""

    answer = words("核实情况和答复")


class UpholdForm(Form):
    """Uphold an objection, or annul (撤销列入)."""

    answer = words("核实情况和理由")
    public_reason = words("公开的撤销理由", "撤销须公开说明理由；不写当事人和他人姓名。", most=300)


class AnnulForm(Form):
    """Annul an entry (撤销列入)."""

    reason = words("撤销的理由")
    decided_on = DateField("撤销日期", [DAY], description="自行发现的当日，或者复议决定、判决生效之日；此后 3 个工作日内须撤下。")
    public_reason = words("公开的撤销理由", "不写当事人和他人姓名。", most=300)


class RepairForm(Form):
    """Apply for removal (申请移出)."""

    corrected = words("已经怎样纠正、履行了哪些义务")
    files = MultipleFileField("证明材料")
    promise = BooleanField("信用承诺：以上材料真实，如有虚假愿承担责任", [InputRequired("请作出信用承诺")])


class RepairAnswerForm(Form):
    """Decide on an application (决定移出申请)."""

    answer = words("审查情况和理由")


class MoreForm(Form):
    """Ask for what is missing (通知补正)."""

    what = words("需要补正的材料", most=500)


class MoreCameForm(Form):
    """What was missing has come (补正)."""

    words = words("补正说明", needed=False, most=500)
    files = MultipleFileField("补正材料")


class ConfirmForm(Form):
    """Confirm the text of a ground (确认条文)."""

    table_code = HiddenField(validators=[NEEDED])
    code = HiddenField(validators=[NEEDED])
    against = line("对照的正式文本", "文件名、版本、来源。", needed=True, most=200)


def ground_choices(tables: Any) -> list[SelectChoice]:
    """The grounds to choose from, by table (列入情形选项)."""
    return [
        SelectChoice(
            f"{t.code}|{g.code}",
            f"{t.list.label} {g.code} {g.text}" + ("" if g.confidence.publishable_as_law else f"（{g.confidence.label}）"),
        )
        for t in tables
        for g in t.grounds
    ]

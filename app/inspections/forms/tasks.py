"""Forms of inspection tasks (检查任务表单): shape of input only."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from wtforms import BooleanField, DateField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from app.core.forms import Form, clean_text
from app.inspections.rules.task import TaskKind, TaskSource

NEEDED = InputRequired("请填写")

KINDS = (TaskKind.DAILY, TaskKind.SPECIAL, TaskKind.CASE, TaskKind.FIRST_VISIT)
SOURCES = (TaskSource.OWN, TaskSource.COMPLAINT, TaskSource.ABOVE, TaskSource.FILING)


class PlanForm(Form):
    """A task to plan (拟定检查任务)."""

    kind = SelectField("检查类型", choices=[SelectChoice(k.value, k.label) for k in KINDS])
    source = SelectField("任务来源", choices=[SelectChoice(s.value, s.label) for s in SOURCES])
    source_words = StringField("来源说明", [Length(max=200)], filters=[clean_text])
    planned_on = DateField("检查日期", [InputRequired("请选择检查日期")])
    lists = SelectMultipleField("检查表", [InputRequired("请至少选一份检查表")])
    joint = BooleanField("部门联合检查")
    cap_reason = TextAreaField("超出年度频次的理由", [Length(max=500)], filters=[clean_text])

    def offer(self, lists: Sequence[tuple[str, str]]) -> None:
        """Offer the checklists that exist (可选检查表)."""
        self.lists.choices = [SelectChoice(code, name) for code, name in lists]


class TeamForm(Form):
    """Who inspects (检查组), the lead named apart."""

    lead = SelectField("主检人员", [InputRequired("请选择主检人员")])
    others = SelectMultipleField("其他检查人员", [InputRequired("请再选至少一名检查人员")])

    def offer(self, officers: Sequence[tuple[UUID, str]]) -> None:
        """Offer the officers (可派人员)."""
        self.lead.choices = [SelectChoice(str(i), name) for i, name in officers]
        self.others.choices = list(self.lead.choices)


class ApprovalForm(Form):
    """The head's approval (批准检查)."""

    item_published = BooleanField("检查事项已列入公布的抽查事项清单")
    on_arrival_reason = TextAreaField("到场送达通知书的理由", [Length(max=300)], filters=[clean_text])


class NoticeForm(Form):
    """How the notice was served (送达通知书)."""

    way = SelectField("送达方式", choices=[SelectChoice(w, w) for w in ("直接送达", "邮寄送达", "留置送达", "经同意电子送达")])


class ReasonForm(Form):
    """A reason that must be given (理由)."""

    reason = TextAreaField("理由", [NEEDED, Length(max=500)], filters=[clean_text])


class ReviewForm(Form):
    """The reviewer's words (审核意见)."""

    note = TextAreaField("审核意见", [Optional(), Length(max=1000)], filters=[clean_text])


class RecusalForm(ReasonForm):
    """Who must stay away and why (登记回避)."""

    account = SelectField("须回避的人员", [InputRequired("请选择人员")])

    def offer(self, officers: Sequence[tuple[UUID, str]]) -> None:
        """Offer the team (检查组)."""
        self.account.choices = [SelectChoice(str(i), name) for i, name in officers]


class NoWords(Form):
    """A decision that needs no words (确认)."""

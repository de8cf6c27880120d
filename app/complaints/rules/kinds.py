"""The words of complaints (投诉举报用语): channels, tracks, matters, states, findings."""

from __future__ import annotations

from typing import Final

from app.core.labels import Labelled


class Channel(Labelled):
    """How a complaint came in (来源)."""

    WEB = "web", "网上填写"
    PHONE = "phone", "来电"
    VISIT = "visit", "来访、来信"
    TRANSFER = "transfer", "其他部门转来"


class Track(Labelled):
    """The legal track that a complaint takes (办理途径): each has clocks of its own.

    Sources: 国办发〔2020〕53号 (12345); 信访工作条例; 行政处罚法; rules of market regulation for consumer disputes.
    """

    HOTLINE_ENQUIRY = "hotline_enquiry", "12345 工单（咨询、求助）"
    HOTLINE = "hotline", "12345 工单（投诉）"
    PETITION = "petition", "信访"
    REPORT = "report", "举报"
    CONSUMER = "consumer", "消费纠纷"


class Matter(Labelled):
    """What a complaint is about (反映事项)."""

    CARE = "care", "照护服务"
    ABUSE = "abuse", "欺老虐老"
    SAFETY = "safety", "消防与安全"
    FOOD = "food", "膳食"
    FEES = "fees", "收费、押金、退费"
    CONTRACT = "contract", "合同与承诺"
    STAFF = "staff", "人员资质与态度"
    ILLEGAL = "illegal", "未备案、违规经营"
    OTHER = "other", "其他"


class Relation(Labelled):
    """Who complains, as seen from the home (与机构的关系). Never told to the home."""

    RESIDENT = "resident", "住在机构的老年人"
    FAMILY = "family", "老年人的家属"
    STAFF = "staff", "机构的工作人员"
    CITIZEN = "citizen", "其他人"


class State(Labelled):
    """State of a complaint (办理状态)."""

    REGISTERED = "registered", "已登记，待分类"
    CLASSIFIED = "classified", "已分类，待受理"
    ACCEPTED = "accepted", "已受理，待派单"
    INVESTIGATING = "investigating", "调查核实中"
    SUSPENDED = "suspended", "中止"
    MERGED = "merged", "已并案，待答复"
    FOUND = "found", "处理意见待审核"
    REVIEWED = "reviewed", "已审核，待答复"
    ANSWERED = "answered", "已答复，待回访"
    CALLED_BACK = "called_back", "已回访，待办结"
    CLOSED = "closed", "已办结，待归档"
    DECLINED = "declined", "不予受理"
    FORWARDED = "forwarded", "已转其他部门"
    RETURNED = "returned", "已退回来源"
    ARCHIVED = "archived", "已归档"


class Verb(Labelled):
    """What may be done to a complaint (办理操作)."""

    REGISTER = "register", "登记"
    SUPPLEMENT = "supplement", "补充材料"
    RATE = "rate", "评价"
    CLASSIFY = "classify", "分类"
    DECLINE = "decline", "不予受理"
    FORWARD = "forward", "转其他部门"
    RETURN = "return", "退回来源"
    ACCEPT = "accept", "受理"
    ASSIGN = "assign", "派单"
    MERGE = "merge", "并案"
    ASK = "ask", "向机构核实"
    REPLY = "reply", "机构说明情况"
    PAUSE = "pause", "中止"
    RESUME = "resume", "恢复办理"
    ASK_EXTENSION = "ask_extension", "申请延期"
    DECIDE_EXTENSION = "decide_extension", "审批延期"
    FIND = "find", "提出处理意见"
    REVIEW = "review", "审核通过"
    SEND_BACK = "send_back", "退回重查"
    ANSWER = "answer", "答复"
    CALL_BACK = "call_back", "回访"
    CLOSE = "close", "办结"
    ARCHIVE = "archive", "归档"
    KEEP = "keep", "存证据"
    OPEN_CASE = "open_case", "转个案检查"
    MARK_URGENT = "mark_urgent", "标为紧急"
    SETTLE_URGENT = "settle_urgent", "紧急处置"


class Finding(Labelled):
    """What the verification found (核实结论)."""

    TRUE = "true", "属实"
    PARTLY = "partly", "部分属实"
    UNTRUE = "untrue", "不属实"
    UNVERIFIABLE = "unverifiable", "无法核实"

    @property
    def confirmed(self) -> bool:
        """Whether it may weigh on the home (可计入信用): only what was found true, wholly or in part."""
        return self in CONFIRMED


CONFIRMED: Final = frozenset({Finding.TRUE, Finding.PARTLY})


class PauseReason(Labelled):
    """Why the clock stands still (中止事由)."""

    SUPPLEMENT = "supplement", "等投诉人补充材料"
    EXPERT = "expert", "等检验、鉴定、评估结果"
    COURT = "court", "同一事项正在诉讼、仲裁或复议"
    OTHER = "other", "不可抗力等其他原因"


class Satisfaction(Labelled):
    """What the complainant says of the handling (满意度)."""

    SATISFIED = "satisfied", "满意"
    FAIR = "fair", "基本满意"
    UNSATISFIED = "unsatisfied", "不满意"
    NO_ANSWER = "no_answer", "三次联系不上"
    DECLINED = "declined", "不愿评价"


class InquiryState(Labelled):
    """State of the questions put to a home (核实函状态)."""

    SENT = "sent", "待说明"
    REPLIED = "replied", "已说明"
    LATE = "late", "未说明，已结束"


class Duty(Labelled):
    """The kinds of clocks of a complaint (期限种类), as `Deadline.kind`."""

    CLASSIFY = "complaint.classify", "分类或转办"
    NOTICE = "complaint.notice", "受理与告知"
    HANDLE = "complaint.handle", "办结答复"
    URGENT = "complaint.urgent", "紧急处置"
    CALLBACK = "complaint.callback", "回访"
    REPLY = "inquiry.reply", "机构说明情况"

"""The life of an entry on the list of dishonesty (失信惩戒对象名单): states, who may do what, what must have happened before.

One table says everything: (state, verb) → (next state, posts). What is not in it is refused here, and by constraints and a
trigger of the database (app/credit/models/listing.py). Sources: 国办发〔2020〕49号 (tell before deciding, answer objections),
国办发〔2025〕22号 (decision and repair notice served together; 谁认定、谁修复), 行政处罚法 arts. 42, 57, 58 (two officers, review,
the head decides), 国家发展改革委令第36号 (terms and repair). Numbers of days are settings, not law.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from app.core.actor import Post
from app.core.labels import Labelled
from app.core.refusal import Refused
from app.core.standards import Confidence, Edition
from app.credit.rules.dates import PublicationClass

# --- who and why ------------------------------------------------------------------------------------------------------


class ListKind(Labelled):
    """Which list (名单种类). The watch list is the lighter tier; it stays inside and is never published."""

    LIST = "list", "失信惩戒对象名单"
    WATCH = "watch", "重点关注对象名单"


class SubjectKind(Labelled):
    """Who is listed (列入对象). 103号 names organisations and their practitioners."""

    ORGANISATION = "organisation", "机构"
    PERSON = "person", "从业人员"


class ClueSource(Labelled):
    """Where a clue comes from (线索来源)."""

    INSPECTION = "inspection", "监督检查"
    COMPLAINT = "complaint", "投诉举报"
    PENALTY = "penalty", "行政处罚"
    COURT = "court", "法院失信被执行人信息"
    AUDIT = "audit", "审计、财政监督"
    OTHER = "other", "其他部门移送"


class Ground(BaseModel):
    """One act for which one is listed (列入情形). `article` stays empty where the text was not seen."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: str = Field(pattern=r"^[A-Z]{1,2}-\d{2}$")
    text: str = Field(min_length=1)
    article: str = ""
    subjects: tuple[SubjectKind, ...] = Field(min_length=1)
    mandatory: Literal["yes", "no"] = "no"
    confidence: Confidence
    note: str = ""


class Measure(BaseModel):
    """What follows from being listed (惩戒措施). A measure whose text is not verified is never printed as law."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: str = Field(pattern=r"^[a-z_]+$")
    text: str = Field(min_length=1)
    confidence: Confidence
    note: str = ""


class GroundsTable(Edition):
    """A document's grounds and measures (列入情形表). `region` is the code of its region, empty for the whole country."""

    kind: Literal["listing_grounds"] = "listing_grounds"
    region: str = Field(default="", pattern=r"^\d*$")
    list: ListKind = ListKind.LIST
    list_name: str = Field(min_length=1)
    reach: str = Field(min_length=1)
    grounds: tuple[Ground, ...] = Field(min_length=1)
    measures: tuple[Measure, ...] = ()

    def ground(self, code: str) -> Ground:
        """A ground by its code (按代码查情形)."""
        for ground in self.grounds:
            if ground.code == code:
                return ground
        raise Refused("listing.ground", f"{self.name}没有“{code}”一项，请在列入情形表中另选")

    def holds_for(self, codes: Collection[str]) -> bool:
        """Whether it holds in a place whose divisions have these codes (适用地区)."""
        return not self.region or self.region in codes


def check_ground(ground: Ground, *, kind: ListKind, subject: SubjectKind, confirmed: bool) -> None:
    """Refuse a ground that does not fit the subject, or whose text nobody has verified (列入情形核对).

    A draft never becomes the basis of an official paper; the authority's own confirmation against the text lifts it. The
    watch list stays inside, so the platform's defaults suffice there.
    """
    if subject not in ground.subjects:
        raise Refused("listing.ground_subject", f"“{ground.text}”不适用于{subject.label}，请另选列入情形")
    standing = ground.confidence.works if kind is ListKind.WATCH else ground.confidence.publishable_as_law
    if not (standing or confirmed):
        raise Refused(
            "listing.ground_draft", f"“{ground.text}”条文{ground.confidence.label}，请负责人对照正式文本确认后，再送达告知书"
        )


class PenaltyKind(Labelled):
    """What was decided against the subject before, if anything (相关处罚种类): the class is proposed from it."""

    NONE = "none", "没有处罚"
    SIMPLE = "simple", "适用简易程序的处罚"
    WARNING = "warning", "警告、通报批评"
    LARGER_FINE = "larger_fine", "较大数额罚款、没收、暂扣许可证件"
    HUGE_FINE = "huge_fine", "巨额罚款、吊销许可证件、禁止从业"


def proposed_class(penalty: PenaltyKind) -> PublicationClass:
    """The class proposed to the officer, who chooses (分类建议). Being listed counts as serious when no penalty says less.

    No table of the civil affairs department was found, so this proposes and decides nothing.
    """
    if penalty in (PenaltyKind.SIMPLE, PenaltyKind.WARNING):
        return PublicationClass.MINOR
    return PublicationClass.GENERAL if penalty is PenaltyKind.LARGER_FINE else PublicationClass.SERIOUS


# --- states and verbs of an entry -------------------------------------------------------------------------------------


class EntryState(Labelled):
    """State of an entry (名单办理状态)."""

    CLUE = "clue", "线索"
    PROPOSED = "proposed", "拟列入，待送达告知书"
    NOTICED = "noticed", "告知书已送达，陈述申辩期"
    IN_REVIEW = "in_review", "申辩期满，复核中"
    REVIEWED = "reviewed", "复核通过，待决定"
    DECIDED = "decided", "已决定列入，待送达"
    SERVED = "served", "两书已送达"
    PUBLISHED = "published", "公布中"
    DISMISSED = "dismissed", "线索不成立"
    NOT_LISTED = "not_listed", "不予列入"
    REMOVED = "removed", "已移出"
    ANNULLED = "annulled", "已撤销"
    EXPIRED = "expired", "期满退出"


class EntryVerb(Labelled):
    """What may be done to an entry (名单操作)."""

    PROPOSE = "propose", "提出列入"
    DISMISS = "dismiss", "认定线索不成立"
    SERVE_NOTICE = "serve_notice", "登记告知书送达"
    DEFEND = "defend", "陈述、申辩"
    CLOSE_DEFENCE = "close_defence", "申辩期满，提交复核"
    RETURN = "return", "退回重新告知"
    REVIEW = "review", "复核通过"
    DECIDE_LIST = "decide_list", "决定列入"
    DECIDE_NOT = "decide_not", "决定不予列入"
    SERVE_DECISION = "serve_decision", "登记两书送达"
    WRITE_PUBLIC = "write_public", "拟公示文字"
    CLEAR_PUBLIC = "clear_public", "核定公示文字"
    PUBLISH = "publish", "公布"
    OBJECT = "object", "提出异议"
    APPLY_REPAIR = "apply_repair", "申请移出（信用修复）"
    REMOVE = "remove", "决定移出"
    ANNUL = "annul", "撤销列入"
    EXPIRE = "expire", "期满退出"


S, V = EntryState, EntryVerb
_OFFICERS: Final = frozenset({Post.HANDLER})
_REVIEW: Final = frozenset({Post.REVIEWER})
_HEAD: Final = frozenset({Post.HEAD})
_ANOTHER: Final = frozenset({Post.REVIEWER, Post.HEAD})
_PARTY: Final = frozenset({Post.PROVIDER_OWNER, Post.SITE_MANAGER})
_SYSTEM: Final = frozenset({Post.SYSTEM})


@dataclass(frozen=True, slots=True)
class Step:
    """Where a verb leads and who may do it (办理去向与岗位)."""

    to: EntryState
    posts: frozenset[Post]


STEPS: Final[Mapping[tuple[EntryState, EntryVerb], Step]] = {
    (S.CLUE, V.PROPOSE): Step(S.PROPOSED, _OFFICERS),
    (S.CLUE, V.DISMISS): Step(S.DISMISSED, _ANOTHER),
    (S.PROPOSED, V.DISMISS): Step(S.DISMISSED, _ANOTHER),
    (S.PROPOSED, V.SERVE_NOTICE): Step(S.NOTICED, _OFFICERS),
    (S.NOTICED, V.DEFEND): Step(S.NOTICED, _PARTY | _OFFICERS),
    (S.NOTICED, V.CLOSE_DEFENCE): Step(S.IN_REVIEW, _OFFICERS),
    (S.IN_REVIEW, V.RETURN): Step(S.CLUE, _REVIEW),
    (S.IN_REVIEW, V.REVIEW): Step(S.REVIEWED, _REVIEW),
    (S.REVIEWED, V.DECIDE_LIST): Step(S.DECIDED, _HEAD),
    (S.REVIEWED, V.DECIDE_NOT): Step(S.NOT_LISTED, _HEAD),
    (S.DECIDED, V.SERVE_DECISION): Step(S.SERVED, _OFFICERS),
    (S.DECIDED, V.WRITE_PUBLIC): Step(S.DECIDED, _OFFICERS),
    (S.DECIDED, V.CLEAR_PUBLIC): Step(S.DECIDED, _ANOTHER),
    (S.DECIDED, V.ANNUL): Step(S.ANNULLED, _ANOTHER),
    (S.SERVED, V.WRITE_PUBLIC): Step(S.SERVED, _OFFICERS),
    (S.SERVED, V.CLEAR_PUBLIC): Step(S.SERVED, _ANOTHER),
    (S.SERVED, V.PUBLISH): Step(S.PUBLISHED, _OFFICERS),
    (S.PUBLISHED, V.WRITE_PUBLIC): Step(S.PUBLISHED, _OFFICERS),
    (S.PUBLISHED, V.CLEAR_PUBLIC): Step(S.PUBLISHED, _ANOTHER),
    **{
        (state, verb): step
        for state in (S.SERVED, S.PUBLISHED)
        for verb, step in {
            V.OBJECT: Step(state, _PARTY | _OFFICERS),
            V.APPLY_REPAIR: Step(state, _PARTY | _OFFICERS),
            V.REMOVE: Step(S.REMOVED, _ANOTHER),
            V.ANNUL: Step(S.ANNULLED, _ANOTHER),
            V.EXPIRE: Step(S.EXPIRED, _SYSTEM),
        }.items()
    },
}

# Only these changes of the stored state exist; the trigger of the table refuses every other (moves of the same state apart).
MOVES: Final = tuple(sorted({(state.value, step.to.value) for (state, _), step in STEPS.items() if step.to is not state}))
FIRST: Final = EntryState.CLUE
IN_FORCE: Final = frozenset({S.SERVED, S.PUBLISHED})
ENDED: Final = frozenset({S.DISMISSED, S.NOT_LISTED, S.REMOVED, S.ANNULLED, S.EXPIRED})
# After these the decision must have been reviewed by another person and decided.
AFTER_DECISION: Final = frozenset({S.DECIDED, S.SERVED, S.PUBLISHED, S.REMOVED, S.ANNULLED, S.EXPIRED})
AFTER_NOTICE: Final = AFTER_DECISION | {S.NOTICED, S.IN_REVIEW, S.REVIEWED, S.NOT_LISTED}
AFTER_DEFENCE: Final = AFTER_NOTICE - {S.NOTICED}
AFTER_SERVICE: Final = frozenset({S.SERVED, S.PUBLISHED, S.REMOVED, S.EXPIRED})


def step(state: EntryState, verb: EntryVerb, posts: Collection[Post]) -> EntryState:
    """Where `verb` takes an entry when done by somebody with these posts (名单流转), or a refusal."""
    found = STEPS.get((state, verb))
    if found is None:
        raise Refused("listing.not_now", f"名单“{state.label}”，不能“{verb.label}”，请先查看办理进度")
    if found.posts.isdisjoint(posts):
        who = "、".join(sorted(post.label for post in found.posts))
        raise Refused("listing.post", f"“{verb.label}”由{who}办理")
    return found.to


def possible(state: EntryState, posts: Collection[Post]) -> tuple[EntryVerb, ...]:
    """What somebody with these posts may do in a state (可办事项), in the order of the procedure."""
    return tuple(verb for verb in EntryVerb if (s := STEPS.get((state, verb))) is not None and not s.posts.isdisjoint(posts))


# --- what must have happened ------------------------------------------------------------------------------------------


def check_defence_closed(*, noticed_on: date | None, defence_until: date | None, on: date) -> None:
    """Refuse to go on before the defence period has run out (陈述申辩期). It is not cut short by an early answer."""
    if noticed_on is None or defence_until is None:
        raise Refused("listing.no_notice", "还没有登记告知书的送达日期，不能提交复核，请先送达并登记")
    if on <= defence_until:
        raise Refused("listing.defence_runs", f"陈述申辩期到 {defence_until.isoformat()} 止，期满后的次日起才能提交复核")


def check_reviewer(reviewer: str, *, proposed_by: str) -> None:
    """Refuse a review by who proposed (复核人与提出人分离, S6)."""
    if reviewer == proposed_by:
        raise Refused("listing.own_review", "提出列入的人不能自己复核，请由另一名审核人员办理")


def check_decider(decider: str, *, proposed_by: str, reviewed_by: str | None) -> None:
    """Refuse a decision by who proposed or reviewed (决定人分离, S6)."""
    if reviewed_by is None:
        raise Refused("listing.no_review", "还没有复核意见，不能作出决定")
    if decider in (proposed_by, reviewed_by):
        raise Refused("listing.own_decision", "提出人和复核人不能作出决定，请由负责人办理")


def check_served_together(*, decision_number: str | None, repair_number: str | None) -> None:
    """Refuse a service without both papers (两书同达, 国办发〔2025〕22号)."""
    if not decision_number or not repair_number:
        raise Refused("listing.two_papers", "列入决定书与信用修复告知书应当一并送达，缺一不可")


class PublicationBar(Labelled):
    """Why something may not be published at all (不予公示情形)."""

    NONE = "none", "没有不予公示的情形"
    UNDERAGE = "underage", "当事人是未成年人"
    SECRET = "secret", "主要事实涉及国家秘密、商业秘密或者个人隐私"


def check_publication(
    *,
    kind: ListKind,
    published: bool,
    needed: bool,
    bar: PublicationBar,
    text_cleared: bool,
    served_on: date | None,
    decided_on: date,
    last_day: date,
    on: date,
) -> None:
    """Refuse what may not be shown to the public (公布核对)."""
    if kind is ListKind.WATCH:
        raise Refused("listing.watch_inside", "重点关注对象名单只在机关内部使用，不对外公布")
    if bar is not PublicationBar.NONE:
        raise Refused("listing.barred", f"{bar.label}，不得公布；决定仍然有效，措施照常执行")
    if not published and not needed:
        raise Refused("listing.minor", "轻微失信信息原则上不公示；确有必要公示的，请先写明理由")
    if served_on is None or served_on > on or served_on < decided_on:
        raise Refused("listing.not_served", "决定书和信用修复告知书送达后才能公布，请先登记送达")
    if not text_cleared:
        raise Refused("listing.not_cleared", "公示文字还没有经另一人核定（去除他人姓名、证件、电话、住址等），不能公布")
    if on > last_day:
        raise Refused("listing.over", f"公示期已于 {last_day.isoformat()} 届满，不能再公布")


def check_text_clearer(clearer: str, *, written_by: str | None) -> None:
    """Refuse a text cleared by who wrote it (公示文字核定人分离)."""
    if written_by is None:
        raise Refused("listing.no_text", "还没有拟写公示文字")
    if clearer == written_by:
        raise Refused("listing.own_text", "拟写公示文字的人不能自己核定，请由另一人办理")


# --- objections -------------------------------------------------------------------------------------------------------


class ObjectionState(Labelled):
    """State of an objection (异议状态). The entry stays visible meanwhile, but marked."""

    RECEIVED = "received", "已收到，待标注"
    MARKED = "marked", "已标注，处理中"
    REJECTED = "rejected", "不成立，维持列入"
    CORRECTED = "corrected", "部分成立，更正内容"
    UPHELD = "upheld", "成立，撤销列入"


class ObjectionVerb(Labelled):
    """What may be done to an objection (异议操作)."""

    MARK = "mark", "标注异议"
    REJECT = "reject", "答复：不成立"
    CORRECT = "correct", "答复：更正内容"
    UPHOLD = "uphold", "答复：成立并撤销列入"


OS, OV = ObjectionState, ObjectionVerb


@dataclass(frozen=True, slots=True)
class ObjectionStep:
    """Where a verb takes an objection and who may do it (异议去向与岗位)."""

    to: ObjectionState
    posts: frozenset[Post]


OBJECTION_STEPS: Final[Mapping[tuple[ObjectionState, ObjectionVerb], ObjectionStep]] = {
    (OS.RECEIVED, OV.MARK): ObjectionStep(OS.MARKED, _OFFICERS),
    (OS.MARKED, OV.REJECT): ObjectionStep(OS.REJECTED, _ANOTHER),
    (OS.MARKED, OV.CORRECT): ObjectionStep(OS.CORRECTED, _ANOTHER),
    (OS.MARKED, OV.UPHOLD): ObjectionStep(OS.UPHELD, _ANOTHER),
}
OBJECTION_MOVES: Final = tuple(sorted({(state.value, s.to.value) for (state, _), s in OBJECTION_STEPS.items()}))
OBJECTION_OPEN: Final = frozenset({OS.RECEIVED, OS.MARKED})


def objection_step(state: ObjectionState, verb: ObjectionVerb, posts: Collection[Post]) -> ObjectionState:
    """Where `verb` takes an objection (异议流转), or a refusal."""
    found = OBJECTION_STEPS.get((state, verb))
    if found is None:
        raise Refused("objection.not_now", f"异议“{state.label}”，不能“{verb.label}”")
    if found.posts.isdisjoint(posts):
        raise Refused("objection.post", f"“{verb.label}”由{'、'.join(sorted(p.label for p in found.posts))}办理")
    return found.to


# --- repair -----------------------------------------------------------------------------------------------------------


class RepairState(Labelled):
    """State of an application for removal (移出申请状态)."""

    SUBMITTED = "submitted", "已提交，待受理"
    ACCEPTED = "accepted", "已受理，审查中"
    PAUSED = "paused", "待补正，期限中止"
    NOT_ACCEPTED = "not_accepted", "不予受理"
    APPROVED = "approved", "同意移出"
    REFUSED = "refused", "不同意移出"
    WITHDRAWN = "withdrawn", "申请人撤回"


class RepairVerb(Labelled):
    """What may be done to an application (移出申请操作)."""

    ACCEPT = "accept", "受理"
    NOT_ACCEPT = "not_accept", "不予受理"
    ASK_MORE = "ask_more", "通知补正"
    MORE_CAME = "more_came", "补正材料收到"
    APPROVE = "approve", "决定移出"
    REFUSE = "refuse", "决定不移出"
    WITHDRAW = "withdraw", "撤回申请"


RS, RV = RepairState, RepairVerb


@dataclass(frozen=True, slots=True)
class RepairStep:
    """Where a verb takes an application and who may do it (移出申请去向与岗位)."""

    to: RepairState
    posts: frozenset[Post]


REPAIR_STEPS: Final[Mapping[tuple[RepairState, RepairVerb], RepairStep]] = {
    (RS.SUBMITTED, RV.ACCEPT): RepairStep(RS.ACCEPTED, _OFFICERS),
    (RS.SUBMITTED, RV.NOT_ACCEPT): RepairStep(RS.NOT_ACCEPTED, _OFFICERS),
    (RS.ACCEPTED, RV.ASK_MORE): RepairStep(RS.PAUSED, _OFFICERS),
    (RS.PAUSED, RV.MORE_CAME): RepairStep(RS.ACCEPTED, _OFFICERS | _PARTY),
    (RS.ACCEPTED, RV.APPROVE): RepairStep(RS.APPROVED, _ANOTHER),
    (RS.ACCEPTED, RV.REFUSE): RepairStep(RS.REFUSED, _ANOTHER),
    (RS.SUBMITTED, RV.WITHDRAW): RepairStep(RS.WITHDRAWN, _PARTY),
    (RS.ACCEPTED, RV.WITHDRAW): RepairStep(RS.WITHDRAWN, _PARTY),
    (RS.PAUSED, RV.WITHDRAW): RepairStep(RS.WITHDRAWN, _PARTY),
}
REPAIR_MOVES: Final = tuple(sorted({(state.value, s.to.value) for (state, _), s in REPAIR_STEPS.items()}))
REPAIR_OPEN: Final = frozenset({RS.SUBMITTED, RS.ACCEPTED, RS.PAUSED})


def repair_step(state: RepairState, verb: RepairVerb, posts: Collection[Post]) -> RepairState:
    """Where `verb` takes an application (移出申请流转), or a refusal."""
    found = REPAIR_STEPS.get((state, verb))
    if found is None:
        raise Refused("repair.not_now", f"移出申请“{state.label}”，不能“{verb.label}”")
    if found.posts.isdisjoint(posts):
        raise Refused("repair.post", f"“{verb.label}”由{'、'.join(sorted(p.label for p in found.posts))}办理")
    return found.to


def check_application(*, earliest: date, on: date, corrected: str, promise: bool, open_already: bool) -> None:
    """Refuse an application before its conditions are met (移出申请条件): shortest term over, corrected, promise given.

    Two years, or what is set, only open the right to apply; nothing ends by itself then.
    """
    if on < earliest:
        raise Refused("repair.too_early", f"最短公示期未满，最早可于 {earliest.isoformat()} 申请移出")
    if not corrected.strip():
        raise Refused("repair.not_corrected", "请写明已经怎样纠正、履行了哪些义务")
    if not promise:
        raise Refused("repair.promise", "请作出信用承诺：材料真实，如有虚假愿承担责任")
    if open_already:
        raise Refused("repair.open", "已有一件移出申请正在办理，请等待结果")


class Competence(Labelled):
    """Which bureau decides a removal (移出决定机关): 谁认定、谁修复; one level above is a setting of the place."""

    SAME = "same", "作出列入决定的机关"
    ABOVE = "above", "作出列入决定机关的上一级"


def check_bureau(*, own: str | None, listed_by: str, superior: str | None, competence: Competence) -> None:
    """Refuse a decision on removal by another bureau than the competent one (谁认定、谁修复, 国办发〔2025〕22号)."""
    wanted = listed_by if competence is Competence.SAME else superior
    if own is None or own != wanted:
        raise Refused("repair.bureau", f"移出由{competence.label}决定，您所在的机关不能办理")


def check_another(person: str, others: Sequence[str | None], sentence: str) -> None:
    """Refuse when somebody would decide on his own act (另一人办理)."""
    if person in others:
        raise Refused("listing.same_person", sentence)

"""The machine of states (办理流程): one table says what may follow what, another who may do it.

What stands in neither is refused. The order of states follows the closed loop of 国办发〔2020〕53号 (受理、派单、办理、答复、
督办、办结、回访、评价); review by another person and call-back by another person are rules of the platform.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import Final
from uuid import UUID

from app.complaints.rules.kinds import State, Verb
from app.core.actor import Post
from app.core.refusal import Forbidden, Refused

_S, _V = State, Verb

_MOVES: Final[tuple[tuple[Verb, tuple[State, ...], State | None], ...]] = (
    # verb, from which states, to which state (None: it stays where it is)
    (_V.CLASSIFY, (_S.REGISTERED,), _S.CLASSIFIED),
    (_V.CLASSIFY, (_S.CLASSIFIED, _S.ACCEPTED, _S.INVESTIGATING), None),
    (_V.DECLINE, (_S.CLASSIFIED,), _S.DECLINED),
    (_V.FORWARD, (_S.REGISTERED, _S.CLASSIFIED), _S.FORWARDED),
    (_V.RETURN, (_S.REGISTERED, _S.CLASSIFIED), _S.RETURNED),
    (_V.ACCEPT, (_S.CLASSIFIED,), _S.ACCEPTED),
    (_V.ASSIGN, (_S.ACCEPTED, _S.INVESTIGATING), _S.INVESTIGATING),
    (_V.MERGE, (_S.CLASSIFIED, _S.ACCEPTED, _S.INVESTIGATING), _S.MERGED),
    (_V.ASK, (_S.INVESTIGATING,), None),
    (_V.KEEP, (_S.REGISTERED, _S.CLASSIFIED, _S.ACCEPTED, _S.INVESTIGATING, _S.SUSPENDED, _S.MERGED), None),
    (_V.PAUSE, (_S.INVESTIGATING,), _S.SUSPENDED),
    (_V.RESUME, (_S.SUSPENDED,), _S.INVESTIGATING),
    (_V.ASK_EXTENSION, (_S.INVESTIGATING,), None),
    (_V.DECIDE_EXTENSION, (_S.INVESTIGATING,), None),
    (_V.FIND, (_S.INVESTIGATING,), _S.FOUND),
    (_V.REVIEW, (_S.FOUND,), _S.REVIEWED),
    (_V.SEND_BACK, (_S.FOUND,), _S.INVESTIGATING),
    (_V.ANSWER, (_S.REVIEWED, _S.MERGED), _S.ANSWERED),
    (_V.CALL_BACK, (_S.ANSWERED,), _S.CALLED_BACK),
    (_V.CLOSE, (_S.ANSWERED, _S.CALLED_BACK), _S.CLOSED),  # straight from the answer only where nobody can be called back
    (_V.ARCHIVE, (_S.CLOSED, _S.DECLINED, _S.FORWARDED, _S.RETURNED), _S.ARCHIVED),
    (_V.OPEN_CASE, (_S.INVESTIGATING, _S.FOUND, _S.REVIEWED, _S.ANSWERED, _S.CALLED_BACK, _S.CLOSED), None),
    (_V.MARK_URGENT, (_S.REGISTERED, _S.CLASSIFIED, _S.ACCEPTED, _S.INVESTIGATING, _S.SUSPENDED), None),
    (_V.SETTLE_URGENT, tuple(state for state in _S if state is not _S.ARCHIVED), None),
    (_V.SUPPLEMENT, (_S.REGISTERED, _S.CLASSIFIED, _S.ACCEPTED, _S.INVESTIGATING, _S.SUSPENDED, _S.MERGED), None),
    (_V.RATE, (_S.ANSWERED, _S.CALLED_BACK, _S.CLOSED), None),
)  # fmt: skip

NEXT: Final[Mapping[tuple[State, Verb], State]] = {(state, verb): to or state for verb, states, to in _MOVES for state in states}

_DESK: Final = frozenset({Post.HANDLER, Post.REVIEWER, Post.HEAD})
_HANDLER: Final = frozenset({Post.HANDLER})
_REVIEWER: Final = frozenset({Post.REVIEWER})
PUBLIC: Final = frozenset({Verb.SUPPLEMENT, Verb.RATE})
"""What the complainant does without an account, by the code alone."""

WHO: Final[Mapping[Verb, frozenset[Post]]] = {
    Verb.REGISTER: _HANDLER | {Post.STREET_OFFICER},
    Verb.CLASSIFY: _HANDLER,
    Verb.DECLINE: _REVIEWER,
    Verb.FORWARD: _HANDLER,
    Verb.RETURN: _HANDLER,
    Verb.ACCEPT: _HANDLER,
    Verb.ASSIGN: _HANDLER | _REVIEWER,
    Verb.MERGE: _HANDLER,
    Verb.ASK: _HANDLER,
    Verb.PAUSE: _REVIEWER,
    Verb.RESUME: _HANDLER | _REVIEWER,
    Verb.ASK_EXTENSION: _HANDLER,
    Verb.DECIDE_EXTENSION: frozenset({Post.HEAD}),
    Verb.FIND: _HANDLER,
    Verb.REVIEW: _REVIEWER,
    Verb.SEND_BACK: _REVIEWER,
    Verb.ANSWER: _HANDLER,
    Verb.CALL_BACK: _HANDLER | _REVIEWER,
    Verb.CLOSE: _HANDLER,
    Verb.ARCHIVE: _HANDLER,
    Verb.OPEN_CASE: _HANDLER,
    Verb.KEEP: _HANDLER,
    Verb.MARK_URGENT: _DESK,
    Verb.SETTLE_URGENT: _DESK,
}

OPEN: Final = frozenset(
    {_S.REGISTERED, _S.CLASSIFIED, _S.ACCEPTED, _S.INVESTIGATING, _S.SUSPENDED, _S.MERGED, _S.FOUND, _S.REVIEWED}
)
"""States in which the complainant still waits for an answer."""
LEADS: Final = frozenset({_S.ACCEPTED, _S.INVESTIGATING, _S.SUSPENDED})
"""States of a complaint into which another may be merged."""
DECIDED: Final = frozenset({_S.REVIEWED, _S.ANSWERED, _S.CALLED_BACK, _S.CLOSED, _S.ARCHIVED})
"""States of a lead whose finding stands, so that the merged ones can be answered."""


def next_state(state: State, verb: Verb, posts: Collection[Post] = (), *, public: bool = False) -> State:
    """Where `verb` takes a complaint (流转). Refused when it is not the time, Forbidden when it is another post's part."""
    if (state, verb) not in NEXT:
        raise Refused("complaint.not_now", f"这件投诉“{state.label}”，现在不能“{verb.label}”。请按页面上的“下一步”办理。")
    if public and verb in PUBLIC:
        return NEXT[state, verb]
    check_post(verb, posts)
    return NEXT[state, verb]


def check_post(verb: Verb, posts: Collection[Post]) -> None:
    """Forbidden unless one of the posts may do it (岗位)."""
    held = WHO.get(verb, frozenset())
    if held.isdisjoint(posts):
        who = "、".join(sorted(post.label for post in held)) or "投诉人凭查询码"
        raise Forbidden(f"“{verb.label}”由{who}办理，您的岗位没有这项权限")


def possible(state: State, posts: Collection[Post]) -> tuple[Verb, ...]:
    """What these posts may do in a state (可办事项), in the order of the procedure."""
    return tuple(verb for verb in Verb if (state, verb) in NEXT and not WHO.get(verb, frozenset()).isdisjoint(posts))


# --- by different people ----------------------------------------------------------------------------------------------


def check_other_reviewer(found_by: UUID | None, reviewer: UUID) -> None:
    """Who proposed the finding does not review it (审核与承办分开)."""
    if found_by == reviewer:
        raise Refused("complaint.own_review", "处理意见由您提出，请另一名审核人员审核。")


def check_other_caller(found_by: Collection[UUID | None], caller: UUID) -> None:
    """Who handled it does not call back (回访与承办分开): a rule of the platform, the sources only demand the call."""
    if caller in found_by:
        raise Refused("complaint.own_call_back", "这件投诉由您核实，回访请另一名同事办理，投诉人才好说实话。")


def check_other_approver(asked_by: UUID | None, approver: UUID) -> None:
    """Who asked for more time does not grant it (申请与批准分开)."""
    if asked_by == approver:
        raise Refused("complaint.own_extension", "延期由您申请，请另一名负责人批准。")


def check_lead(own: UUID, lead: UUID, lead_state: State, *, same_authority: bool, same_site: bool, followers: int) -> None:
    """Whether a complaint may be merged into another (并案条件)."""
    if own == lead:
        raise Refused("merge.itself", "不能并入自己，请选另一件。")
    if followers:
        raise Refused("merge.leads", f"已有 {followers} 件并入这一件，请把另一件并进来。")
    if not same_authority or not same_site:
        raise Refused("merge.other_home", "只能与本机关办理的、反映同一机构的投诉并案。")
    if lead_state not in LEADS:
        raise Refused("merge.lead_state", f"主办件“{lead_state.label}”，只有已受理、还没提出处理意见的才能并入。")


def check_close(*, called_back: bool, reachable: bool, waiting: int, urgent_open: bool) -> None:
    """What must be done before a complaint is closed (办结条件)."""
    if urgent_open:
        raise Refused("close.urgent", "这件投诉标为紧急，请先写明已采取的处置，再办结。")
    if waiting:
        raise Refused("close.waiting", f"并入的 {waiting} 件还没有答复。每一位投诉人都要答复，请逐件办理后再办结。")
    if not called_back and reachable:
        raise Refused("close.call_back", "投诉人留了电话，请先回访，再办结。")


def check_followed(lead_state: State) -> None:
    """A merged complaint is answered once the lead's finding was reviewed (并案件答复条件)."""
    if lead_state not in DECIDED:
        raise Refused("answer.lead", f"主办件“{lead_state.label}”，处理意见审核通过后再逐件答复。")


def check_asked(*, open_until: date | None, on: date) -> None:
    """The home is heard before the finding: it has said its part, or its time is over (听取机构说明)."""
    if open_until is not None and on <= open_until:
        day = f"{open_until.month}月{open_until.day}日"
        raise Refused("find.home_not_heard", f"机构说明情况的期限到{day}，收到说明或过期后再提出处理意见。")

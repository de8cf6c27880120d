"""Scope 辖区: the one door to rows. `visible(Model, to=actor)` is backed by row-level security of the same shape."""

from __future__ import annotations

from typing import Any, Final, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Select, false, or_, select

from app.core.actor import Actor
from app.core.db import Scoped, db
from app.core.refusal import NotVisible

T = TypeVar("T", bound=Any)
S = TypeVar("S", bound=Scoped)

# Tables without row-level security, each with its reason; any other table fails tests/house and the start-up check.
UNSCOPED: Final[dict[str, str]] = {
    "account": "sign-in happens before a scope is known",
    "post_held": "the scope is computed from it",
    "assignment": "the scope is computed from it",
    "session_record": "own connection; looked up by the hash of a secret",
    "sign_in_attempt": "lock-out happens before a scope is known",
    "region": "public knowledge",
    "region_fact": "public statistics with a source",
    "authority": "public knowledge",
    "policy_setting": "public settings with a source",
    "calendar_day": "public knowledge",
    "checklist_edition": "public standards",
    "scheme_edition": "public standards",
    "scheme_entry": "public record of who entered what from which text",
    "item_confirmation": "public record of who confirmed an item",
    "ground_confirmation": "public record of who confirmed a ground of the list",
    "paper_words": "how authorities word and number their papers; nothing personal",
    "number_counter": "holds counters only",
    "outbox": "ids and kinds only; drained by the workers' role",
    "job_run": "names and slots of the timetable",
    "audit_line": "ids and hashes only; append-only",
    "audit_head": "one row, the end of the chain",
    "alembic_version": "migration state",
}

# Tables whose wall is not the common one: an organisation is reached by whoever reaches one of its sites.
SPECIAL: Final[dict[str, tuple[str, ...]]] = {
    "organisation": (
        "id = nullif(current_setting('app.provider', true), '')::uuid"
        " or current_setting('app.path', true) = '/'"
        " or created_by = nullif(current_setting('app.actor', true), '')::uuid"
        " or exists (select 1 from site where site.provider_id = organisation.id)",
    ),
    # A person is reached by whoever reaches one of the person's employments.
    "person": (
        "current_setting('app.path', true) = '/'"
        " or created_by = nullif(current_setting('app.actor', true), '')::uuid"
        " or exists (select 1 from employment where employment.person_id = person.id)",
    ),
}

_ME: Final = "nullif(current_setting('app.actor', true), '')::uuid"
# Business rows that stand behind more than the common wall: `{reach}` is the common condition. An assessor's sheet is his
# alone until every sheet of the round is locked; the office that commissioned it reads it no sooner than the others.
NARROWED: Final[dict[str, str]] = {
    "score_sheet": (
        f"current_setting('app.path', true) = '/' or author_id = {_ME}"
        " or (({reach}) and (kind = 'self' or opened_at is not null))"
    ),
    "sheet_operation": (
        "current_setting('app.path', true) = '/'"
        " or exists (select 1 from score_sheet as sheet where sheet.id = sheet_operation.sheet_id)"
    ),
}

# Rows that somebody reaches beside the common wall: an inspector meets his own entry and recusals, and the names on the list
# of his area, so that he can declare a recusal before a draw.
ALSO: Final[dict[str, str]] = {
    "inspector_entry": "account_id = nullif(current_setting('app.actor', true), '')::uuid",
    "inspector_recusal": "account_id = nullif(current_setting('app.actor', true), '')::uuid",
    "inspection_object": (
        "exists (select 1 from inspector_entry as listed"
        " where listed.account_id = nullif(current_setting('app.actor', true), '')::uuid and listed.active"
        " and inspection_object.scope_path >= listed.scope_path"
        " and inspection_object.scope_path < left(listed.scope_path, -1) || '0')"
    ),
    # A certificate goes with its holder: whoever employs the person now sees it, and authorities of any place of work.
    "certificate": (
        "exists (select 1 from employment where employment.person_id = certificate.person_id"
        " and (employment.ended_on is null or nullif(current_setting('app.path', true), '') is not null))"
    ),
    "certificate_check": "exists (select 1 from certificate where certificate.id = certificate_check.certificate_id)",
    # What an authority holds is announced to every home of its area.
    "course": (
        "authority_id is not null and exists (select 1 from site where site.scope_path >= course.scope_path"
        " and site.scope_path < left(course.scope_path, -1) || '0')"
    ),
    "training_session": (
        "authority_id is not null and exists (select 1 from site where site.scope_path >= training_session.scope_path"
        " and site.scope_path < left(training_session.scope_path, -1) || '0')"
    ),
    # an announced campaign is public; people of rating meet their own entries, ties, meetings and votes
    "rating_campaign": "state <> 'draft'",
    "assessor_entry": f"account_id = {_ME}",
    "rating_tie": f"account_id = {_ME}",
    "panel_draw": "drawn_at is not null",
    "committee_member": f"account_id = {_ME}",
    "rating_meeting": f"members @> to_jsonb({_ME}::text)",
    "committee_vote": f"account_id = {_ME}",
}


def subtree(column: Any, path: str) -> ColumnElement[bool]:
    """Rows at or below a region path (辖区内), as a range on the C-collated path: '/' sorts just before '0'."""
    within: ColumnElement[bool] = (column >= path) & (column < path[:-1] + "0")
    return within


def reach(model: type[Scoped], actor: Actor) -> ColumnElement[bool]:
    """The condition under which `actor` may reach rows of `model` (可见条件); nothing by default."""
    scope = actor.scope
    ways: list[ColumnElement[bool]] = []
    if scope.path:
        ways.append(subtree(model.scope_path, scope.path))
    if scope.provider_id:
        ways.append(model.provider_id == scope.provider_id)
    if scope.site_ids:
        ways.append(model.site_id.in_(scope.site_ids))
    return or_(*ways) if ways else false()


def visible(model: type[S], *, to: Actor) -> Select[S]:
    """Select the rows of `model` that `to` may see (可见行)."""
    return select(model).where(reach(model, to))


def find(model: type[S], row_id: UUID, *, seen_by: Actor, lock: bool = False) -> S:
    """One row by id, or `NotVisible` (查无此项). `lock` takes the row for change."""
    query = visible(model, to=seen_by).where(model.id == row_id)
    if lock:
        query = query.with_for_update(key_share=True)  # rows that refer to it may still be added
    row = db.session.scalars(query.execution_options(populate_existing=lock)).one_or_none()
    if row is None:
        raise NotVisible(f"{model.__name__} {row_id}")
    return row

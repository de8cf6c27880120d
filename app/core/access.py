"""Access (权限): every view says who may enter; the application refuses to start if one does not.

A verb such as `filing.accept` is granted to posts in one policy file (app/accounts/policy.yaml), which the decorators
name, the navigation asks and the access test reads.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any, Final, TypeVar

from flask import Flask, g

from app.core.actor import Actor, Post
from app.core.refusal import Forbidden

F = TypeVar("F", bound=Callable[..., Any])
_MARK: Final = "_songjian_access"
_FRAMEWORK_ENDPOINTS: Final = frozenset({"static"})


class SignInNeeded(Exception):
    """Nobody is signed in, or the second factor is missing (请先登录)."""


@dataclass(frozen=True, slots=True)
class Entry:
    """Who may enter a view: `verb` of the policy, or `anyone`, or any signed-in account."""

    verb: str | None
    anyone: bool = False


@dataclass(frozen=True, slots=True)
class Grant:
    """One line of the policy: the posts that may do `verb`, and the officials' word for it."""

    verb: str
    label: str
    posts: frozenset[Post]


Policy = Mapping[str, Grant]
_policy: dict[str, Grant] = {}


def install_policy(policy: Policy) -> None:
    """Install the policy file's grants; called once by the factory."""
    _policy.clear()
    _policy.update(policy)


def may(actor: Actor, verb: str) -> bool:
    """Whether the actor's posts are granted `verb` (是否有此权限)."""
    return not _policy[verb].posts.isdisjoint(actor.posts)


def ensure(actor: Actor, verb: str) -> None:
    """Refuse when the actor's posts are not granted `verb`."""
    if not may(actor, verb):
        grant = _policy[verb]
        who = "、".join(sorted(post.label for post in grant.posts))
        raise Forbidden(f"“{grant.label}”由{who}办理，您的岗位没有这项权限")


def me() -> Actor:
    """The signed-in actor (当前办理人); `SignInNeeded` when there is none."""
    actor: Actor | None = g.get("actor")
    if actor is None:
        raise SignInNeeded
    return actor


def requires(verb: str) -> Callable[[F], F]:
    """Let in who is granted `verb` by the policy."""

    def decorate(view: F) -> F:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            ensure(me(), verb)
            return view(*args, **kwargs)

        setattr(guarded, _MARK, Entry(verb))
        return guarded  # type: ignore[return-value]  # wraps keeps the signature

    return decorate


def signed_in(view: F) -> F:
    """Let in any signed-in account, whatever its posts."""

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        me()
        return view(*args, **kwargs)

    setattr(guarded, _MARK, Entry(None))
    return guarded  # type: ignore[return-value]  # wraps keeps the signature


def anyone(view: F) -> F:
    """Let in everybody, signed in or not (公开)."""
    setattr(view, _MARK, Entry(None, anyone=True))
    return view


def entry_of(app: Flask, endpoint: str) -> Entry:
    """What the view behind `endpoint` declares; `LookupError` when it declares nothing."""
    if endpoint in _FRAMEWORK_ENDPOINTS:
        return Entry(None, anyone=True)
    entry: Entry | None = getattr(app.view_functions[endpoint], _MARK, None)
    if entry is None:
        raise LookupError(endpoint)
    return entry


def check_routes(app: Flask) -> None:
    """Refuse to start when a route does not say who may enter, or names a verb that the policy does not know."""
    faults = []
    for rule in app.url_map.iter_rules():
        try:
            entry = entry_of(app, rule.endpoint)
        except LookupError:
            faults.append(f"{rule.rule}: view {rule.endpoint} has neither @requires(…), @signed_in nor @anyone")
            continue
        if entry.verb is not None and entry.verb not in _policy:
            faults.append(f"{rule.rule}: verb {entry.verb} is not in app/accounts/policy.yaml")
    if faults:
        raise RuntimeError("Refusing to start, access is not declared:\n  " + "\n  ".join(faults))

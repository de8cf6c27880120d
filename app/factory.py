"""Put the house together (组装): settings, database, access, blueprints, templates. Touches neither database nor store (D31)."""

from __future__ import annotations

import secrets
from typing import Any, NoReturn

from flask import Blueprint, g, request
from sqlalchemy import NullPool
from werkzeug.middleware.proxy_fix import ProxyFix

from app import navigation, schedule, wiring
from app.accounts import directory, sessions
from app.accounts import queries as accounts
from app.accounts import rules as account_rules
from app.accounts import views as accounts_views
from app.archive import views as archive_views
from app.cli import commands
from app.complaints.views import my as inquiries_views
from app.complaints.views import office as complaints_views
from app.complaints.views import public as complain_views
from app.core import access, crypto, events, health, logs, ui, web
from app.core.actor import NOBODY, Actor
from app.core.clock import now, today
from app.core.db import act_as, db
from app.core.refusal import Forbidden
from app.credit.views import classes as class_views
from app.credit.views import listing as listing_views
from app.credit.views import my_credit as my_credit_views
from app.credit.views import my_listing as my_listing_views
from app.credit.views import phoenix as phoenix_views
from app.credit.views import records as credit_views
from app.inspections import api as inspections_api
from app.inspections.views import checklists as checklist_views
from app.inspections.views import draw_lists as draw_lists_views
from app.inspections.views import draws as draws_views
from app.inspections.views import findings as findings_views
from app.inspections.views import orders as orders_views
from app.inspections.views import rectification as rectification_views
from app.inspections.views import score as score_views
from app.inspections.views import tablet as tablet_views
from app.inspections.views import tasks as task_views
from app.providers import panels
from app.providers.views import filings as filings_views
from app.providers.views import imports as imports_views
from app.providers.views import my as my_views
from app.providers.views import sites as sites_views
from app.public import api as public_api
from app.public import views as public_views
from app.ratings import api as ratings_api
from app.ratings.queries import facts as rating_facts
from app.ratings.views import assessments as assessments_views
from app.ratings.views import editor as editor_views
from app.ratings.views import evidence as evidence_views
from app.ratings.views import meetings as meetings_views
from app.ratings.views import my_ratings as my_ratings_views
from app.ratings.views import office_ratings as office_ratings_views
from app.ratings.views import subsidies as subsidies_views
from app.ratings.views import uploads as uploads_views
from app.regions import views as regions_views
from app.settings import ROOT, Settings
from app.supervision import views as supervision_views
from app.training.views import my_imports as staff_imports_views
from app.training.views import my_staff as my_staff_views
from app.training.views import office_staff as office_staff_views
from app.training.views import sessions as sessions_views
from app.training.views import share as share_views

BLUEPRINTS: tuple[Blueprint, ...] = (
    health.bp,
    accounts_views.bp,
    accounts_views.admin.bp,
    archive_views.bp,
    sites_views.bp,
    filings_views.bp,
    imports_views.bp,
    my_views.bp,
    inspections_api.bp,
    draw_lists_views.bp,
    draws_views.bp,
    findings_views.bp,
    orders_views.bp,
    rectification_views.bp,
    checklist_views.bp,
    score_views.bp,
    tablet_views.bp,
    task_views.bp,
    public_views.bp,
    public_api.bp,
    regions_views.bp,
    supervision_views.bp,
    complaints_views.bp,
    inquiries_views.bp,
    complain_views.bp,
    my_staff_views.bp,
    staff_imports_views.bp,
    office_staff_views.bp,
    sessions_views.bp,
    share_views.bp,
    credit_views.bp,
    phoenix_views.bp,
    class_views.bp,
    my_credit_views.bp,
    listing_views.bp,
    my_listing_views.bp,
    editor_views.bp,
    evidence_views.bp,
    subsidies_views.bp,
    uploads_views.bp,
    office_ratings_views.bp,
    assessments_views.bp,
    meetings_views.bp,
    my_ratings_views.bp,
    ratings_api.bp,
)
VISITOR_COOKIE = "sj_visitor"


def create_app(settings: Settings) -> web.Songjian:
    """Build the application for these settings."""
    app = web.Songjian(
        "app", root_path=str(ROOT / "app"), template_folder=str(ROOT / "templates"), static_folder=str(ROOT / "app" / "static")
    )
    app.config.update(
        SECRET_KEY=settings.secret_key or secrets.token_hex(32),
        SQLALCHEMY_DATABASE_URI=settings.database_url or "postgresql+psycopg://",
        SQLALCHEMY_BINDS={
            "session": {"url": settings.database_url or "postgresql+psycopg://", "pool_size": 4, "max_overflow": 8},
            "public": {
                "url": settings.database_public_url or "postgresql+psycopg://",
                "pool_size": 8,
                "max_overflow": 8,
                "isolation_level": "AUTOCOMMIT",  # it only reads, one statement at a time
                "pool_reset_on_return": None,
            },
        },
        SQLALCHEMY_ENGINE_OPTIONS=_engine_options(settings),
        MAX_CONTENT_LENGTH=settings.max_request_bytes,
        MAX_FORM_MEMORY_SIZE=2 * 1024 * 1024,
        MAX_FORM_PARTS=4000,
        SESSION_COOKIE_NAME="sj_flash",
        SESSION_COOKIE_SECURE=settings.secure_cookies,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        TRUSTED_HOSTS=[h.strip() for h in settings.trusted_hosts.split(",") if h.strip()] or None,
        TESTING=settings.environment == "test",
    )
    app.jinja_env.autoescape = True
    app.extensions["settings"] = settings
    app.extensions["jobs"] = schedule.JOBS
    if settings.proxy_hops:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.proxy_hops, x_proto=settings.proxy_hops, x_host=settings.proxy_hops)  # type: ignore[method-assign]
    logs.install(settings)
    if settings.field_keys:
        crypto.install(crypto.cipher_from(settings.field_keys))
    db.init_app(app)
    events.wire(wiring.LISTENERS)
    directory.install(wiring.PROVIDERS)
    panels.install(wiring.SITE_PAGE)
    panels.install_askers(wiring.ASKERS)
    rating_facts.install(wiring.RATING_FACTS)
    access.install_policy(account_rules.policy_from((ROOT / "app" / "accounts" / "policy.yaml").read_text("utf-8")))
    web.install(app)
    _install_sign_in(app, settings)
    ui.install(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    for command in commands():
        app.cli.add_command(command)
    access.check_routes(app)
    return app


def _engine_options(settings: Settings) -> dict[str, Any]:
    if settings.environment == "test":
        return {"poolclass": NullPool}
    return {"pool_size": 8, "max_overflow": 16, "pool_pre_ping": True}


def _install_sign_in(app: web.Songjian, settings: Settings) -> None:
    """Who is here, before every request; form tokens for every write (会话与表单令牌)."""
    key = str(app.config["SECRET_KEY"])

    @app.before_request
    def _who() -> None:
        g.actor = None
        act_as(NOBODY)
        secret = request.cookies.get(accounts_views.cookie_name())
        if not secret or request.endpoint == "static":
            return
        record = sessions.look_up(secret, at=now(), idle=settings.session_idle, absolute=settings.session_absolute)
        if record is None:
            return
        g.session_record = record
        if record.second_factor:
            g.actor = accounts.actor(record.account_id, record.body_id, today())
        if g.actor is not None:
            act_as(g.actor)

    @app.before_request
    def _own_forms_only() -> None:
        if request.method in web.SAFE_METHODS:
            return
        origin = request.headers.get("Origin")
        if origin is not None and origin.split("://", 1)[-1] != request.host:
            refuse_foreign()
        if request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}:
            refuse_foreign()
        if request.path.startswith("/api/"):
            if request.headers.get("X-Songjian") != "1":
                refuse_foreign()
            return
        secret = request.cookies.get(accounts_views.cookie_name()) or request.cookies.get(VISITOR_COOKIE) or ""
        given = request.headers.get("X-CSRF-Token") or request.form.get("csrf_token", "")
        if not secret or not sessions.token_fits(key, secret, given):
            refuse_foreign()

    def refuse_foreign() -> NoReturn:
        raise Forbidden("这个页面打开得太久，或请求不是从本站发出的。请刷新页面后再提交，已填的内容请先复制。")

    def csrf_token() -> str:
        secret = request.cookies.get(accounts_views.cookie_name()) or request.cookies.get(VISITOR_COOKIE)
        if not secret:
            secret = g.setdefault("new_visitor", secrets.token_urlsafe(24))
        return sessions.form_token(key, secret)

    @app.after_request
    def _visitor(response: Any) -> Any:
        if (fresh := g.get("new_visitor")) is not None:
            response.set_cookie(VISITOR_COOKIE, fresh, httponly=True, samesite="Lax", secure=settings.secure_cookies)
        return response

    @app.teardown_request
    def _forget(_error: BaseException | None) -> None:
        act_as(NOBODY)

    @app.context_processor
    def _page() -> dict[str, Any]:
        actor: Actor | None = g.get("actor")
        return {
            "me": actor
            and {
                "name": actor.name,
                "authority_name": actor.body_name,
                "posts_label": account_rules.labels(actor.posts),
                "id": actor.id,
            },
            "may": (lambda verb: actor is not None and access.may(actor, verb)),
            "nav": navigation.navigation(actor, request.path),
            "large": request.cookies.get("sj_large") == "1",
            "demo": settings.is_demo,
            "csrf_token": csrf_token,
            "authority_label": actor.body_name if actor else "",
            "today": today(),
        }

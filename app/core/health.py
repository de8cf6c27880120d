"""Is it alive, is it ready, how is it doing (健康检查): /healthz, /readyz, /metrics."""

from __future__ import annotations

import time
from typing import Any

from flask import Blueprint, Response, current_app, g, jsonify, request
from flask.typing import ResponseReturnValue
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from sqlalchemy import text

from app.core import outbox
from app.core.access import anyone
from app.core.db import db

bp = Blueprint("health", __name__)
registry = CollectorRegistry()
requests_total = Counter("songjian_requests_total", "Requests answered", ["rule", "method", "status"], registry=registry)
request_seconds = Histogram("songjian_request_seconds", "Time to answer", ["rule"], registry=registry)
outbox_waiting = Gauge("songjian_outbox_waiting", "Errands not done", registry=registry)
outbox_troubled = Gauge("songjian_outbox_troubled", "Errands that failed at least once", registry=registry)


@bp.before_app_request
def _start() -> None:
    g.began = time.perf_counter()


@bp.after_app_request
def _count(response: Response) -> Response:
    rule = str(request.url_rule or "-")
    requests_total.labels(rule, request.method, str(response.status_code)).inc()
    request_seconds.labels(rule).observe(time.perf_counter() - g.get("began", time.perf_counter()))
    return response


@bp.get("/healthz")
@anyone
def show_health() -> ResponseReturnValue:
    """The process answers (存活)."""
    return jsonify(status="ok")


@bp.get("/readyz")
@anyone
def show_readiness() -> ResponseReturnValue:
    """Database and store answer (就绪). 503 names what is away; no detail beyond that."""
    from app.core import storage

    parts: dict[str, Any] = {}
    try:
        db.session.execute(text("select 1"))
        parts["database"] = "ok"
    except Exception:  # whatever the driver says, the answer is "away"
        parts["database"] = "away"
    try:
        storage.from_settings(current_app.extensions["settings"]).ping()
        parts["store"] = "ok"
    except Exception:
        parts["store"] = "away"
    # A store that is away delays archiving but blocks nobody (D20): only the database decides readiness.
    ready = parts["database"] == "ok"
    return jsonify(status="ready" if ready else "away", **parts), 200 if ready else 503


@bp.get("/metrics")
@anyone
def show_metrics() -> ResponseReturnValue:
    """Figures for Prometheus (运行指标): counts and times, no names. Reachable from loopback only."""
    if request.remote_addr not in {"127.0.0.1", "::1"}:
        return "", 404
    waiting = outbox.backlog()
    outbox_waiting.set(waiting.waiting)
    outbox_troubled.set(waiting.troubled)
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)

"""The web shell (网页外壳): one request, one transaction, one place that commits; errors that say what to do.

A write that answers below 400 commits; everything else, every GET included, rolls back (house law 5).
"""

from __future__ import annotations

import uuid
from typing import Any
from urllib.parse import quote

import structlog
from flask import Flask, Response, g, redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import DataError, IntegrityError, OperationalError
from werkzeug.exceptions import HTTPException

from app.core.access import SignInNeeded
from app.core.db import db
from app.core.refusal import Forbidden, NotVisible, Refused, Unavailable

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
log = structlog.get_logger("songjian.web")

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'; manifest-src 'self'; worker-src 'self'"
)


# The public checker of draws is one file with its script inside, made to be saved and opened offline: it may run its own
# script and nothing else, and may reach nowhere.
CHECKER_POLICY = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'"
)
CHECKER = "draw/checker.html"


class Songjian(Flask):
    """The Flask application with the house's transaction rule."""

    def dispatch_request(self) -> ResponseReturnValue:
        """Answer the request; commit a write that answers below 400, roll back everything else."""
        response = self.make_response(super().dispatch_request())
        if request.method not in SAFE_METHODS and response.status_code < 400:
            db.session.commit()
        elif db.session.registry.has():  # a page that asked nothing of the session needs none
            db.session.rollback()
        return response


def wants_json() -> bool:
    """Whether the client is a program (接口调用): API paths answer problem documents (RFC 9457)."""
    return request.path.startswith(("/api/", "/open/"))


def problem(status: int, code: str, sentence: str, **extra: Any) -> Response:
    """A problem document for programs (接口错误)."""
    from flask import json

    body = {"type": "about:blank", "status": status, "code": code, "detail": sentence} | extra
    return Response(json.dumps(body, ensure_ascii=False), status, mimetype="application/problem+json")


def answer(status: int, code: str, sentence: str, **headers: str) -> Response:
    """A refusal in the shape that the client understands, with a sentence that says what to do."""
    db.session.rollback()
    if wants_json():
        response = problem(status, code, sentence)
    else:
        page = render_template(f"errors/{status}.html", code=code, sentence=sentence, request_id=g.get("request_id", ""))
        response = Response(page, status, mimetype="text/html")
    response.headers.update(headers)
    return response


HTTP_SENTENCES = {
    400: ("request.malformed", "请求的格式不对，请返回上一页再试。"),
    404: ("not_found", "没有这个页面，或者它不在您的管辖范围内。"),
    405: ("method", "这个地址不能这样使用。"),
    413: ("too_large", "文件太大：照片不超过 5 MB，文件不超过 20 MB。请压缩后再传，已填的内容请勿关闭页面。"),
    415: ("media_type", "不支持这种内容格式。"),
    422: ("form", "提交的内容有误，请按提示修改。"),
    429: ("too_many", "操作太频繁，请稍后再试。"),
}


def install(app: Flask) -> None:
    """Install error answers, request ids and security headers."""

    @app.before_request
    def _identify() -> None:
        g.request_id = uuid.uuid4().hex[:12]
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=g.request_id, method=request.method, rule=str(request.url_rule or "-"))

    @app.after_request
    def _headers(response: Response) -> Response:
        headers = response.headers
        own = request.endpoint == "static" and (request.view_args or {}).get("filename") == CHECKER
        headers.setdefault("Content-Security-Policy", CHECKER_POLICY if own else CONTENT_SECURITY_POLICY)
        headers.setdefault("X-Content-Type-Options", "nosniff")
        headers.setdefault("Referrer-Policy", "same-origin")
        headers.setdefault("X-Frame-Options", "DENY")
        headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        if g.get("actor") is not None:
            headers["Cache-Control"] = "no-store"
            headers.add("Vary", "Cookie")
        headers["X-Request-Id"] = g.get("request_id", "-")
        return response

    @app.errorhandler(Refused)
    def _refused(error: Refused) -> Response:
        return answer(409, error.code, error.sentence)

    @app.errorhandler(NotVisible)
    def _not_visible(error: NotVisible) -> Response:  # noqa: ARG001 — what was asked for stays unsaid
        return answer(404, *HTTP_SENTENCES[404])

    @app.errorhandler(Forbidden)
    def _forbidden(error: Forbidden) -> Response:
        return answer(403, "forbidden", str(error))

    @app.errorhandler(SignInNeeded)
    def _sign_in(error: SignInNeeded) -> ResponseReturnValue:  # noqa: ARG001
        db.session.rollback()
        if wants_json():
            return problem(401, "sign_in", "请先登录，再重试；没有上传的内容仍保存在本机。")
        target = request.full_path if request.method in SAFE_METHODS else "/"
        return redirect(f"/sign-in?next={quote(target)}")

    @app.errorhandler(Unavailable)
    def _unavailable(error: Unavailable) -> Response:
        return answer(503, "unavailable", error.sentence, **{"Retry-After": str(error.retry_after)})

    @app.errorhandler(OperationalError)
    def _no_database(error: OperationalError) -> Response:
        log.error("database", trouble=type(error.orig).__name__)
        return answer(
            503, "unavailable", "数据库暂时连不上，请稍后再试；您填的内容没有保存，请勿关闭页面。", **{"Retry-After": "10"}
        )

    @app.errorhandler(IntegrityError)
    def _conflict(error: IntegrityError) -> Response:
        constraint = getattr(getattr(error.orig, "diag", None), "constraint_name", None)
        log.warning("constraint", constraint=constraint)
        return answer(409, "conflict", "这一步刚刚有人办过，或与已有的记录冲突。请刷新页面看最新情况。")

    @app.errorhandler(DataError)
    def _unstorable(error: DataError) -> Response:
        """A value that no column holds, such as NUL in a text or a number out of range: it names nothing."""
        log.warning("unstorable", trouble=type(error.orig).__name__)
        status = 404 if request.method in SAFE_METHODS else 422
        return answer(status, *HTTP_SENTENCES[status])

    @app.errorhandler(HTTPException)
    def _http(error: HTTPException) -> ResponseReturnValue:
        status = error.code or 500
        if status < 400 or status not in HTTP_SENTENCES:
            return error
        code, sentence = HTTP_SENTENCES[status]
        shown = status if status in {404, 413, 422, 429} else 404 if status in {400, 405, 415} else 500
        if wants_json() or shown == status:
            return answer(status, code, sentence)
        db.session.rollback()
        page = render_template("errors/404.html", code=code, sentence=sentence, request_id=g.get("request_id", ""))
        return Response(page, status, mimetype="text/html")

    @app.errorhandler(Exception)
    def _fault(error: Exception) -> Response:
        log.exception("fault", kind=type(error).__name__)
        if app.testing and app.config.get("PROPAGATE_FAULTS", True):
            raise error
        return answer(500, "fault", "系统出了故障，已经记录。您填的内容没有保存，请稍后再试。")

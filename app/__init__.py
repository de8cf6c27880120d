"""Songjian 松鉴: supervision of elder-care providers (养老机构监管平台)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask


def create_app() -> Flask:
    """Build the application for `flask` and gunicorn; imported lazily so that pure commands stay light."""
    from app.factory import create_app as build
    from app.settings import Settings

    return build(Settings())

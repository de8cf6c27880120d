"""Logs hold no secrets, not even when something breaks."""

from __future__ import annotations

import pytest
import structlog

from app.core import logs
from app.settings import Settings


def test_a_traceback_shows_no_values(capsys: pytest.CaptureFixture[str]) -> None:
    logs.install(Settings(_env_file=None, environment="test"))  # type: ignore[call-arg]

    def breaks(password: str) -> None:
        raise RuntimeError("broken")

    try:
        breaks("LEAK-CANARY-4401")
    except RuntimeError:
        structlog.get_logger("t").exception("fault")
    said = capsys.readouterr().err
    assert "RuntimeError" in said
    assert "LEAK-CANARY-4401" not in said

"""What every journey needs: a served application with a worker beside it, and browsers."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.core.db import db
from app.core.web import Songjian
from tests.journeys import people
from tests.journeys.people import Town


@pytest.fixture
def town(archive_app: Songjian, tmp_path: Path) -> Iterator[Town]:
    """All browsers of a journey; its pictures go where JOURNEY_PICTURES says."""
    from playwright.sync_api import sync_playwright

    if not people.CHROMIUM.exists() and os.environ.get("CI") != "true":
        pytest.skip("no browser here; with CI=true this is a failure")
    with (
        people.served(archive_app) as address,
        people.working(archive_app),
        warnings.catch_warnings(),
        sync_playwright() as play,
    ):
        warnings.simplefilter("ignore")
        browser = play.chromium.launch(executable_path=str(people.CHROMIUM), args=people.ARGS)
        yield Town(address, browser, Path(os.environ.get("JOURNEY_PICTURES", tmp_path)))
        browser.close()
    with archive_app.app_context():
        for engine in db.engines.values():
            engine.dispose()

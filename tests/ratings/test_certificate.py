"""The rating certificate: what it shows, and that it says no more than the rating."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from app.core.pdf.issue import compose, print_out
from app.core.pdf.verify import attached_data
from app.ratings.documents.certificate import stars_of
from tests import papers

STARS = ("none", "1", "2", "3", "4", "5")


def pages_of(facts: Any) -> int:
    import io

    import pypdf

    pdf = print_out(facts, images={}, base_url=papers.BASE_URL, created=papers.CREATED).pdf
    return len(pypdf.PdfReader(io.BytesIO(pdf)).pages)


def test_it_fits_one_sheet_and_carries_its_data() -> None:
    facts = papers.a_certificate()
    pdf = print_out(facts, images={}, base_url=papers.BASE_URL, created=papers.CREATED).pdf
    (data,) = attached_data(pdf).values()
    said = json.loads(data)
    assert (said["format"], said["level"], said["stars"]) == ("songjian.rating.certificate.1", "3", 3)
    assert said["valid_to"] == "2029-11-23"
    assert pages_of(facts) == 1


@pytest.mark.parametrize(
    ("level", "order", "stars"),
    [
        ("3", STARS, 3),
        ("5", STARS, 5),
        ("AA", ("none", "A", "AA", "AAA"), 0),
        ("none", STARS, 0),
        ("3", ("none", "1", "2", "3"), 0),
    ],
)
def test_only_levels_one_to_five_are_stars(level: str, order: tuple[str, ...], stars: int) -> None:
    assert stars_of(level, order) == stars


def test_letters_and_missing_points_are_shown_as_such() -> None:
    facts = replace(papers.a_certificate(), level="AA", level_words="AA 级", stars=0, points="", most="", areas=())
    page, _ = compose(facts, created=papers.CREATED)
    assert "AA 级" in page
    assert "★" not in page
    assert "不计总分" in page
    assert "分项得分" not in page

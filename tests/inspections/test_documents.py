"""The documents on paper: valid, signed, and saying exactly what the facts say."""

from __future__ import annotations

import html
import io
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pypdf
import pytest

from app.core.pdf.issue import compose, print_out
from app.core.pdf.sign import DemoAuthority
from app.core.pdf.verify import attached_data, verify
from app.core.standards import Confidence
from app.inspections import documents as d
from tests import papers
from tests.verapdf import broken_rules

GOLDEN = Path(__file__).parents[1] / "golden" / "documents"
KINDS: dict[str, Any] = {facts.kind: facts for facts in papers.all_papers()} | papers.unsigned_papers()
FOOT, HEAD = 45 * 72 / 25.4, (297 - 23) * 72 / 25.4


@dataclass(frozen=True)
class Sheets:
    """One document of every kind, signed."""

    files: Mapping[str, bytes]
    trust_roots: tuple[bytes, ...]


@pytest.fixture(scope="module")
def sheets(tmp_path_factory: pytest.TempPathFactory) -> Sheets:
    authority = DemoAuthority.create(tmp_path_factory.mktemp("authority"), now=datetime.now(UTC))
    images = papers.pictures()
    printed = {
        kind: print_out(facts, images=images, base_url=papers.BASE_URL, created=papers.CREATED).pdf
        for kind, facts in KINDS.items()
    }
    return Sheets({kind: authority.signer().sign(pdf) for kind, pdf in printed.items()}, authority.trust_roots())


def squeezed(text: str) -> str:
    """Without any white space, which a layout may put anywhere."""
    return re.sub(r"\s", "", text)


def pages(pdf: bytes, *, whole: bool = False) -> list[str]:
    """The text of each page in drawing order, without head and foot unless `whole`."""
    found = []
    for page in pypdf.PdfReader(io.BytesIO(pdf)).pages:
        parts: list[str] = []

        def note(text: str, frame: list[float], text_matrix: list[float], *_: Any, parts: list[str] = parts) -> None:
            height = pypdf.mult(text_matrix, frame)[5]
            if whole or FOOT < height < HEAD:
                parts.append(text)

        page.extract_text(visitor_text=note)
        found.append(squeezed("".join(parts)))
    return found


def said(page: str) -> list[str]:
    """Every piece of text of the composed page's body, head and foot left out."""
    body = page[page.index("<main>") :]
    return [squeezed(html.unescape(piece)) for piece in re.findall(r">([^<]+)<", body) if piece.strip()]


def test_every_kind_is_pdf_a_3a_and_pdf_ua_1(sheets: Sheets, tmp_path: Path) -> None:
    files = []
    for kind, pdf in sheets.files.items():
        files.append(tmp_path / f"{kind}.pdf")
        files[-1].write_bytes(pdf)
    long = replace(papers.a_recheck(), conclusion="a" * 5000, statement="检" * 5000)
    files.append(tmp_path / "long-words.pdf")
    files[-1].write_bytes(print_out(long, images=papers.pictures(1), base_url=papers.BASE_URL, created=papers.CREATED).pdf)
    faulty = pypdf.PdfWriter()
    faulty.add_blank_page(100, 100)
    faulty.write(tmp_path / "faulty.pdf")
    broken = broken_rules([*files, tmp_path / "faulty.pdf"])
    assert {name for (name, _), rules in broken.items() if rules} == {"faulty.pdf"}
    assert len(broken) == 2 * (len(files) + 1)


@pytest.mark.parametrize("kind", KINDS)
def test_signature_is_genuine(kind: str, sheets: Sheets) -> None:
    assert verify(sheets.files[kind], sheets.trust_roots).genuine


@pytest.mark.parametrize("kind", KINDS)
def test_attached_data_equal_the_facts_and_the_golden_file(kind: str, sheets: Sheets) -> None:
    (attached,) = attached_data(sheets.files[kind]).values()
    assert attached == KINDS[kind].to_json_bytes()
    golden = json.loads((GOLDEN / f"{kind}.json").read_text("utf-8"))
    assert json.loads(attached) == golden, "the format of the data inside changed: a new number in FORMAT, then a new file"


@pytest.mark.parametrize("kind", KINDS)
def test_text_read_back_equals_text_put_in(kind: str, sheets: Sheets) -> None:
    page, _ = compose(KINDS[kind], created=papers.CREATED)
    read = "".join(pages(sheets.files[kind]))
    assert [piece for piece in said(page) if piece not in read] == []
    assert len(read) >= sum(map(len, said(page)))


@pytest.mark.parametrize("kind", KINDS)
def test_every_page_bears_number_code_signatures_and_count(kind: str, sheets: Sheets) -> None:
    facts = KINDS[kind]
    page, _ = compose(facts, created=papers.CREATED)
    code = re.findall(r'class="code">([^<]+)<', page)[0]
    texts = pages(sheets.files[kind], whole=True)
    for at, text in enumerate(texts, start=1):
        roles = [f"{one.role}：" for one in facts.signatures]
        for mark in (facts.number, code, "演示", *roles, f"第{at}页共{len(texts)}页"):
            assert squeezed(mark) in text


def test_rare_names_are_read_back(sheets: Sheets) -> None:
    read = "".join(pages(sheets.files["report"]))
    assert all(name in read for name in papers.RARE_NAMES)


def test_unverified_clause_is_neither_printed_nor_attached(sheets: Sheets) -> None:
    """6.1.2 is corroborated and 第九条 a draft: the rule is named, the clause is not."""
    read, data = "".join(pages(sheets.files["report"])), papers.a_report().to_json_bytes().decode()
    assert "《中华人民共和国消防法》第十六条" in read
    for text in (read, data):
        assert "GB38600" in squeezed(text)
        assert "6.1.2" not in text
        assert "第九条" not in text
    with pytest.raises(ValueError, match="never printed"):
        d.Basis(rule="某规定", clause="第一条", confidence=Confidence.CORROBORATED)


def test_draft_hazard_carries_no_result(sheets: Sheets) -> None:
    assert "特种设备未经检验继续使用待核，本文书不作认定" in "".join(pages(sheets.files["report"]))
    with pytest.raises(ValueError, match="only a hazard that may score"):
        d.Hazard(code="Z-09", text="情形", confidence=Confidence.DRAFT, result="发现")
    with pytest.raises(ValueError, match="must have one"):
        d.Hazard(code="Z-01", text="情形", confidence=Confidence.VERIFIED)


def test_report_shows_the_rate_and_leaves_unanswered_items_out_of_it(sheets: Sheets) -> None:
    read = "".join(pages(sheets.files["report"]))
    assert "合计8469771" + "90.8%" in read
    assert "应急与值守64101" + "80.0%" in read


def test_no_demo_mark_in_earnest() -> None:
    page, attached = compose(replace(papers.a_report(), mark=""), created=papers.CREATED)
    assert "演示" not in page
    assert b'"mark":""' in attached


def test_text_is_kept_in_nfc() -> None:
    name = d.Officer(name="e\u0301", certificate="示1").name
    assert name == "\u00e9"

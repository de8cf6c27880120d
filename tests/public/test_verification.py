"""Verification (文书核验): by number, by the code on paper, by the file itself; and never a word of the content."""

from __future__ import annotations

import hashlib
import io
import json
from datetime import date
from uuid import uuid4

import pikepdf
import pytest
from flask.testing import FlaskClient

from app.core.db import db
from app.core.pdf.record import ATTACHED_NAME
from app.public import rules
from app.public.models import AuditDay, DocumentCheck

pytestmark = pytest.mark.usefixtures("db_session")
NUMBER = "示和民养检公〔2026〕第7号"
DATA = json.dumps({"number": NUMBER, "title": "示例"}, ensure_ascii=False).encode()


def a_document(data: bytes = DATA, words: str = "示例") -> bytes:
    """A PDF that carries its data."""
    pdf, out = pikepdf.new(), io.BytesIO()
    pdf.add_blank_page()
    pdf.docinfo["/Title"] = words
    pdf.attachments[ATTACHED_NAME] = data
    pdf.save(out)
    return out.getvalue()


@pytest.fixture
def archived(db_session: object) -> bytes:
    file = a_document()
    row = DocumentCheck(
        id=uuid4(), number=NUMBER, kind_word="检查报告", authority="示例·和平区民政局", issued_on=date(2026, 3, 4),
        archived_on=date(2026, 3, 4), visible_from=date(2026, 3, 4), facts_sha256=hashlib.sha256(DATA).hexdigest(),
        sha256=hashlib.sha256(file).hexdigest(),
    )  # fmt: skip
    db.session.add(row)
    db.session.commit()
    return file


def upload(client: FlaskClient, file: bytes) -> str:
    page = client.get("/v").text
    token = page.split('name="csrf_token" value="')[1].split('"')[0]
    answer = client.post(
        "/v", data={"csrf_token": token, "file": (io.BytesIO(file), "x.pdf")}, content_type="multipart/form-data"
    )
    return answer.text


@pytest.mark.usefixtures("archived")
@pytest.mark.parametrize(
    ("address", "status", "words"),
    [
        (f"/v/{NUMBER}", 200, "有这个文书"),
        (f"/v/{NUMBER}?h={hashlib.sha256(DATA).hexdigest()[:16]}", 200, "与归档一致"),
        (f"/v/{NUMBER}?h=0123456789abcdef", 200, "与归档不一致"),
        (f"/v/{NUMBER}?h=0", 200, "与归档不一致"),
        ("/v/示和民养检公〔2026〕第8号", 404, "查无此号"),
    ],
)
def test_by_number_and_code(client: FlaskClient, address: str, status: int, words: str) -> None:
    answer = client.get(address)
    assert answer.status_code == status
    assert words in answer.text


def test_by_the_file_itself(client: FlaskClient, archived: bytes) -> None:
    assert rules.Verdict.SAME_FILE.advice in upload(client, archived)
    assert rules.Verdict.SAME_DATA.heading in upload(client, a_document(words="另存"))
    assert rules.Verdict.DIFFERENT.heading in upload(client, a_document(DATA.replace("示例".encode(), "改过".encode())))
    assert rules.Verdict.UNKNOWN.heading in upload(client, a_document(b'{"number": "?"}'))
    assert rules.Verdict.UNKNOWN.heading in upload(client, b"%PDF-1.7 broken")
    assert "请选择一个 PDF" in upload(client, b"GIF89a")


def test_the_record_shows_each_days_end(client: FlaskClient) -> None:
    db.session.add(AuditDay(day=date(2026, 3, 4), lines=12, head="ab" * 32))
    db.session.commit()
    client.application.extensions.pop("public.pages", None)
    assert "ab" * 32 in client.get("/record").text

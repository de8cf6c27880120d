"""The receipt as a PDF (备案回执成文): what was put in is read back."""

from __future__ import annotations

import io
import json
from datetime import date

import pikepdf
import pypdf

from app.core.pdf.issue import print_out
from app.providers.documents import Issuer, ReceiptFacts
from tests.providers.builders import AT


def test_the_receipt_says_what_was_filed_and_that_it_is_no_licence() -> None:
    facts = ReceiptFacts(
        number="示和民养备〔2026〕1号",
        issuer=Issuer("示例·和平区民政局", "示例·和平区民政局", "0000-1234500"),
        issued_on=date(2026, 11, 24),
        kind="设立备案",
        filed_on=date(2026, 11, 23),
        organisation="示例·松鹤养老服务中心",
        credit_code="52210102000000011X",
        nature="民办非企业单位",
        draw_id="52210102000000011X-01",
        site="示例·㛃䶮养老院",
        site_kind="养老机构",
        said=(("床位数量", "60 张"), ("服务设施建筑面积", "2400 ㎡")),
        papers=("备案申请书", "登记证书", "承诺书"),
        mark="演示",
    )
    printed = print_out(facts, images={}, base_url="https://songjian.example", created=AT)
    text = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(printed.pdf)).pages)
    for words in ("养老机构备案回执", "㛃䶮", "60 张", "不是行政许可", "52210102000000011X-01"):
        assert words in text.replace("\n", ""), words
    with pikepdf.open(io.BytesIO(printed.pdf)) as document:
        attached = json.loads(document.attachments["record.json"].get_file().read_bytes())
    assert (attached["number"], attached["said"][0]) == (facts.number, ["床位数量", "60 张"])

"""The PDF pipeline: sealed rendering, glyph guard, signature, verification, limits."""

from __future__ import annotations

import contextlib
import io
import os
import socket
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pikepdf
import pypdf
import pytest
from PIL import Image

from app.core.pdf import fonts, glyphs
from app.core.pdf.issue import print_out
from app.core.pdf.job import Job
from app.core.pdf.record import QR, qr_png, record_code, verification_address
from app.core.pdf.render import percent, ranges, render, span
from app.core.pdf.sign import DemoAuthority
from app.core.pdf.verify import Verdict, attached_data, verify
from app.core.pdf.worker import NotRendered, Worker
from app.core.refusal import Refused
from tests import papers

NOW = datetime(2026, 11, 24, tzinfo=UTC)
CANARY = "CANARY-7Q2X"


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    kept = Worker()
    yield kept
    kept.stop()


@pytest.fixture(scope="module")
def order(worker: Worker) -> bytes:
    return print_out(papers.an_order(), images=papers.pictures(2), base_url=papers.BASE_URL, created=NOW, worker=worker).pdf


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> DemoAuthority:
    return DemoAuthority.create(tmp_path_factory.mktemp("authority"), now=datetime.now(UTC))


@pytest.fixture(scope="module")
def signed(order: bytes, authority: DemoAuthority) -> bytes:
    return authority.signer().sign(order)


def job(body: str, head: str = "", **assets: bytes) -> Job:
    """A job with any HTML at all, as no template of ours would write it."""
    html = f'<!doctype html><html lang="zh-CN"><head><title>试</title>{head}</head><body>{body}</body></html>'
    style = b'@page{font-family:"Noto Sans SC"} html{font-family:"Noto Sans SC";overflow-wrap:anywhere}'
    html = html.replace("<title>", '<link rel="stylesheet" href="asset:document.css"><title>', 1)
    return Job(
        html=html,
        assets={"document.css": style, **assets},
        attached=b"{}",
        attached_name="record.json",
        identifier=b"0" * 16,
        created=NOW,
    )


def streams(pdf: bytes) -> bytes:
    """Every stream of the file, decoded, one after another."""
    with pikepdf.open(io.BytesIO(pdf)) as document:
        parts = []
        for thing in document.objects:
            if isinstance(thing, pikepdf.Stream):
                with contextlib.suppress(pikepdf.PdfError):
                    parts.append(thing.read_bytes())
    return b"\n".join([pdf, *parts])


def text_of(pdf: bytes) -> str:
    """All text of the file in drawing order."""
    return "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages)


# --- rendering --------------------------------------------------------------------------------------------------------


def test_same_facts_give_same_bytes_in_another_process_and_after_other_documents(order: bytes) -> None:
    other = Worker()
    try:
        made = [
            print_out(facts, images=papers.pictures(), base_url=papers.BASE_URL, created=NOW, worker=other).pdf
            for facts in (papers.a_recheck(), papers.an_order(), papers.an_order())
        ]
    finally:
        other.stop()
    assert made[1] == made[2]
    images = papers.pictures(2)
    assert {"photo-1", "photo-2"} <= images.keys()
    assert made[1] == order


def test_text_that_looks_like_markup_stays_text(worker: Worker) -> None:
    hostile = '<img src="file:///etc/passwd"><link rel=attachment href="file:///etc/passwd">'
    facts = replace(papers.a_recheck(), statement=hostile)
    pdf = print_out(facts, images=papers.pictures(1), base_url=papers.BASE_URL, created=NOW, worker=worker).pdf
    assert list(attached_data(pdf)) == ["record.json"]
    assert b"root:" not in streams(pdf)


def test_word_of_100_000_letters_and_long_table_come_through(worker: Worker) -> None:
    facts = replace(papers.a_recheck(), conclusion="&" + "a" * 99_999, statement="检" * 100_000)
    pdf = print_out(facts, images=papers.pictures(1), base_url=papers.BASE_URL, created=NOW, worker=worker).pdf
    words = text_of(pdf)
    assert words.count("&") == 1
    assert words.count("a") == 99_999
    assert words.count("检") >= 100_000
    many = replace(papers.a_report(photos=0), items=papers.items(3000))
    pdf = print_out(many, images=papers.pictures(0), base_url=papers.BASE_URL, created=NOW, worker=worker).pdf
    with pikepdf.open(io.BytesIO(pdf)) as document:
        assert len(document.pages) > 100


@pytest.mark.parametrize("name", ["photo.svg", "page.html"])
def test_picture_of_another_kind_is_refused(name: str, worker: Worker) -> None:
    with pytest.raises(Refused) as refusal:
        print_out(
            papers.a_recheck(),
            images={**papers.pictures(1), name: b"<svg xmlns='http://www.w3.org/2000/svg'/>"},
            base_url=papers.BASE_URL,
            created=NOW,
            worker=worker,
        )
    assert refusal.value.code == "document.bad_image"


def test_missing_or_broken_picture_stops_the_document(worker: Worker) -> None:
    images = papers.pictures(1)
    del images["signature-1"]
    with pytest.raises(NotRendered, match="signature-1"):
        print_out(papers.a_recheck(), images=images, base_url=papers.BASE_URL, created=NOW, worker=worker)
    images = papers.pictures(1)
    images["photo-1"] = b"\xff\xd8\xff torn"
    with pytest.raises(NotRendered):
        print_out(papers.a_recheck(), images=images, base_url=papers.BASE_URL, created=NOW, worker=worker)


# --- nothing from outside ---------------------------------------------------------------------------------------------

CHANNELS = {
    "img": '<img alt="x" src="{url}">',
    "img srcset": '<img alt="x" srcset="{url} 2x" src="{url}">',
    "object": '<object data="{url}">x</object>',
    "embed": '<embed src="{url}">',
    "background": "<p style=\"background:url('{url}')\">x</p>",
    "content": "<style>p::before{{content:url('{url}')}}</style><p>x</p>",
    "list marker": "<ul style=\"list-style-image:url('{url}')\"><li>x</li></ul>",
    "border image": "<p style=\"border:1px solid;border-image:url('{url}') 1\">x</p>",
    "mask": "<p style=\"mask:url('{url}')\">x</p>",
    "style import": "<style>@import url('{url}');</style><p>x</p>",
    "style link": '<link rel="stylesheet" href="{url}"><p>x</p>',
    "font": "<style>@font-face{{font-family:F;src:url('{url}')}}p{{font-family:F}}</style><p>x</p>",
    "colour profile": "<style>@color-profile --x{{src:url('{url}')}}</style><p>x</p>",
    "svg image": '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><image href="{url}" width="9" height="9"/></svg>',
    "svg use": '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><use href="{url}#x"/></svg>',
    "svg style": '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><style>@import url("{url}");</style></svg>',
    "attachment link": '<link rel="attachment" href="{url}"><p>x</p>',
    "attachment anchor": '<a rel="attachment" href="{url}">x</a>',
    "base and relative": '<base href="{url}"><img alt="x" src="{url}">',
}


@pytest.fixture(scope="module")
def listener() -> Iterator[tuple[str, list[bytes]]]:
    """A server that would answer, and what it was asked."""
    asked: list[bytes] = []
    server = socket.create_server(("127.0.0.1", 0))

    def answer() -> None:
        with contextlib.suppress(OSError):
            while True:
                peer, _ = server.accept()
                asked.append(peer.recv(100))
                peer.sendall(b"HTTP/1.0 302 Found\r\nLocation: file:///etc/passwd\r\n\r\n")
                peer.close()

    threading.Thread(target=answer, daemon=True).start()
    yield f"http://127.0.0.1:{server.getsockname()[1]}/x", asked
    server.close()


def test_no_channel_reaches_a_file_or_the_network(tmp_path: Path, worker: Worker, listener: tuple[str, list[bytes]]) -> None:
    address, asked = listener
    secret = tmp_path / "secret.svg"
    secret.write_text(f'<svg xmlns="http://www.w3.org/2000/svg"><text>{CANARY}</text></svg>', "utf-8")
    urls = (
        secret.as_uri(),
        address,
        "http://169.254.169.254/latest/meta-data/",
        f"data:image/svg+xml,%3Csvg%20xmlns='http://www.w3.org/2000/svg'%3E%3Cimage%20href='{secret.as_uri()}'/%3E%3C/svg%3E",
        "asset:../../etc/passwd",
        f"//127.0.0.1{secret}",
    )
    leaks = []
    for name, channel in CHANNELS.items():
        for url in urls:
            try:
                pdf = worker.render(job(channel.format(url=url)))
            except NotRendered:
                continue
            if CANARY.encode() in streams(pdf) or list(attached_data(pdf)) != ["record.json"]:
                leaks.append((name, url))
    assert leaks == []
    assert asked == []


def test_known_channel_is_really_refused_and_not_just_ignored(worker: Worker) -> None:
    with pytest.raises(NotRendered, match="NotOurs"):
        worker.render(job('<img alt="x" src="file:///etc/hostname">'))


def test_rendering_process_is_sealed_and_knows_no_secret(worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", CANARY)
    fresh = Worker()
    try:
        fresh.render(job("<p>试</p>"))
        assert CANARY not in Path(f"/proc/{fresh.pid}/environ").read_text()
    finally:
        fresh.stop()
    attempts = (
        "import socket; socket.create_connection(('127.0.0.1', 9))",
        "import subprocess; subprocess.run(['id'])",
        "import os; os.system('id')",
        "open('/etc/passwd').read()",
        "open('/var/tmp/x', 'w')",
    )
    for attempt in attempts:
        ended = subprocess.run(
            [sys.executable, "-c", f"import app.core.pdf.child as c, sys; c._seal()\n{attempt}"],
            env={"FONTCONFIG_FILE": str(fonts.prepare()), "PATH": os.environ["PATH"]},
            cwd=fonts.ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert "PermissionError: sealed" in ended.stderr, attempt


def test_stuck_or_greedy_document_is_ended_and_the_next_one_works() -> None:
    brief = Worker(seconds=15)  # room for a cold start on a busy machine; the nested page takes minutes
    try:
        brief.render(job("<p>试</p>"))
        nested = "<div style='display:flex'>" * 40 + "检" * 2000 + "</div>" * 40
        with pytest.raises(NotRendered):
            brief.render(job(nested * 300))
        assert brief.render(job("<p>试</p>")).startswith(b"%PDF-")
    finally:
        brief.stop()


def test_pixel_flood_is_refused(worker: Worker) -> None:
    out = io.BytesIO()
    Image.new("1", (20_000, 20_000)).save(out, "PNG")
    with pytest.raises(NotRendered):
        worker.render(job('<img alt="x" src="asset:flood">', flood=out.getvalue()))
    assert worker.render(job("<p>试</p>")).startswith(b"%PDF-")


# --- characters -------------------------------------------------------------------------------------------------------


def test_font_covers_rare_names_and_all_that_templates_say() -> None:
    said = "".join(path.read_text("utf-8") for path in (fonts.ROOT / "templates" / "documents").iterdir())
    assert {ord(c) for c in "㛃䶮𬭎𬱖𫗧〔〕√×≥℃" + said} - fonts.covered() <= {ord("\n")}


@pytest.mark.parametrize(("character", "code"), [("☐", "U+2610"), ("𩽹", "U+29F79"), ("😀", "U+1F600")])
def test_missing_glyph_names_character_code_point_and_field(character: str, code: str, worker: Worker) -> None:
    findings = papers.findings(0)
    facts = replace(papers.an_order(), findings=(findings[0], replace(findings[1], fact=f"床头{character}")))
    with pytest.raises(Refused) as refusal:
        print_out(facts, images=papers.pictures(1), base_url=papers.BASE_URL, created=NOW, worker=worker)
    assert refusal.value.code == "document.missing_glyph"
    assert all(word in refusal.value.sentence for word in (character, code, "第2项·查见事实"))


@pytest.mark.parametrize("character", ["\u202e", "\u2066", "\x00", "\x07", "\u200b", "\ud800", "\u2028"])
def test_invisible_characters_are_refused(character: str) -> None:
    with pytest.raises(Refused) as refusal:
        glyphs.check({"name": f"示例{character}"})
    assert refusal.value.code == "document.unprintable"


def test_title_is_checked_too(worker: Worker) -> None:
    with pytest.raises(Refused):
        render(
            "recheck.html",
            {},
            attached=b"{}",
            attached_name="record.json",
            identifier=b"0" * 16,
            images={},
            title="☑",
            created=NOW,
            worker=worker,
        )


def test_ready_made_markup_is_not_let_through() -> None:
    from markupsafe import Markup

    with pytest.raises(TypeError):
        glyphs.check({"name": Markup("<b>x</b>")})


# --- signature --------------------------------------------------------------------------------------------------------

GENUINE = Verdict(intact=True, valid=True, trusted=True, timestamp_trusted=True, covers_entire_file=True)


def test_signature_validates_and_keys_are_private(signed: bytes, authority: DemoAuthority) -> None:
    assert verify(signed, authority.trust_roots()) == GENUINE
    for identity in (authority.root, authority.seal, authority.time_stamp):
        assert stat.S_IMODE(identity.key.stat().st_mode) == 0o600


def test_one_flipped_byte_anywhere_is_not_intact(signed: bytes, authority: DemoAuthority) -> None:
    roots = authority.trust_roots()
    gap = signed.index(b"/Contents <") + len(b"/Contents ")
    end = signed.index(b">", gap)
    spread = range(0, len(signed), len(signed) // 25)
    container = [gap, gap + 1, gap + 52, gap + 70, *range(gap + 2, end, (end - gap) // 25), end - 1, end]
    byte_range = signed.index(b"/ByteRange")
    found = []
    for place in {*spread, *container, *range(byte_range, byte_range + 30, 5), len(signed) - 1}:
        for bit in (0x01, 0x20):
            other = bytearray(signed)
            other[place] ^= bit
            if verify(bytes(other), roots).intact:
                found.append((place, bit))
    assert found == []


def test_what_is_added_after_signing_is_seen(signed: bytes, authority: DemoAuthority) -> None:
    verdict = verify(signed + b"\n%more", authority.trust_roots())
    assert not verdict.covers_entire_file
    assert not verdict.genuine


def test_unsigned_file_and_foreign_root(signed: bytes, order: bytes, authority: DemoAuthority, tmp_path: Path) -> None:
    assert not verify(order, authority.trust_roots()).valid
    stranger = DemoAuthority.create(tmp_path, now=datetime.now(UTC))
    verdict = verify(signed, stranger.trust_roots())
    assert verdict.intact
    assert not verdict.trusted
    assert not verdict.timestamp_trusted


def test_signing_keeps_what_was_rendered_and_attached(signed: bytes, order: bytes) -> None:
    assert signed.startswith(order)
    assert attached_data(signed) == {"record.json": papers.an_order().to_json_bytes()}


# --- codes and words --------------------------------------------------------------------------------------------------


def test_code_address_and_qr_agree() -> None:
    sha256 = "7a3f09bc" * 8
    assert record_code(sha256) == "7A3F-09BC-7A3F-09BC"
    assert (
        verification_address("https://songjian.example", "示〔2026〕1/2", sha256)
        == "https://songjian.example/v/%E7%A4%BA%E3%80%942026%E3%80%951%2F2?h=7a3f09bc7a3f09bc"
    )
    assert qr_png("x").startswith(b"\x89PNG")
    assert QR not in papers.pictures()


@pytest.mark.parametrize(
    ("part", "whole", "printed"),
    [(70, 77, "90.9%"), (0, 5, "0.0%"), (5, 5, "100.0%"), (1, 2000, "0.1%"), (0, 0, "无适用项"), (2, 3, "66.7%")],
)
def test_percent(part: int, whole: int, printed: str) -> None:
    assert percent(part, whole) == printed


def test_runs_of_photo_numbers_and_spans_of_time() -> None:
    assert ranges([1, 2, 3, 5, 7, 8]) == "1–3、5、7–8"
    assert ranges([]) == ""
    late = datetime(2026, 11, 24, 15, 30, tzinfo=UTC)
    assert span(late, late.replace(minute=45)) == "2026年11月24日23时30分至23时45分"
    assert span(late, late.replace(hour=17)) == "2026年11月24日23时30分至2026年11月25日1时30分"

"""Uploads from strangers: every hostile file ends in a refusal with a way out or in harmless pixels."""

from __future__ import annotations

import io
import socketserver
import struct
import threading
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from hashlib import sha256
from typing import Any

import pikepdf
import pytest
from PIL import Image, TiffImagePlugin

from app.core import child
from app.core.child import ChildFailed, Limits
from app.core.refusal import Refused, Unavailable
from app.core.uploads import Kind, clean
from app.core.uploads.cleaning import LIMITS
from app.core.uploads.kinds import shown_name
from app.core.uploads.virus import EICAR

CANARY = b"LEAK-CANARY-7788"
BEIJING = timezone(timedelta(hours=8))


def picture(form: str = "JPEG", mode: str = "RGB", size: tuple[int, int] = (60, 40), **options: Any) -> bytes:
    out = io.BytesIO()
    Image.effect_noise(size, 60).convert(mode).save(out, form, **options)
    return out.getvalue()


def flat(form: str, mode: str, size: tuple[int, int], colour: Any = 0) -> bytes:
    out = io.BytesIO()
    Image.new(mode, size, colour).save(out, form)
    return out.getvalue()


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png_claiming(width: int, height: int) -> bytes:
    """A PNG of a few bytes that claims a size."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")


def jpeg_claiming(width: int, height: int) -> bytes:
    small = flat("JPEG", "L", (8, 8))
    at = small.index(b"\xff\xc0") + 5
    return small[:at] + struct.pack(">HH", height, width) + small[at + 4 :]


def webp_claiming(width: int, height: int) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (8, 8)).save(out, "WEBP", lossless=True)
    small = out.getvalue()
    at = small.index(b"VP8L") + 9
    return small[:at] + struct.pack("<I", (width - 1) | (height - 1) << 14) + small[at + 4 :]


def png_with(kind: bytes, content: bytes) -> bytes:
    whole = picture("PNG")
    return whole[:33] + chunk(kind, content) + whole[33:]


def png_16_bit() -> bytes:
    out = io.BytesIO()
    Image.new("I;16", (30, 30), 65535).save(out, "PNG")
    return out.getvalue()


def exif(orientation: int | None = None, gps: dict[int, Any] | None = None, taken: str = "", offset: str = "") -> bytes:
    tags = Image.Exif()
    if orientation:
        tags[0x0112] = orientation
    if taken:
        tags.get_ifd(0x8769)[0x9003] = taken
    if offset:
        tags.get_ifd(0x8769)[0x9011] = offset
    if gps:
        tags.get_ifd(0x8825).update(gps)
    return tags.tobytes()


def ratio(*parts: tuple[int, int]) -> tuple[Any, ...]:
    return tuple(TiffImagePlugin.IFDRational(a, b) for a, b in parts)


CHENGDU = {1: "N", 2: ratio((30, 1), (39, 1), (0, 1)), 3: "E", 4: ratio((104, 1), (3, 1), (3600, 100))}


def animated(form: str) -> bytes:
    out = io.BytesIO()
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "blue", "green")]
    frames[0].save(out, form, save_all=True, append_images=frames[1:], duration=50)
    return out.getvalue()


def two_views() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (20, 20), "red").save(out, "MPO", save_all=True, append_images=[Image.new("RGB", (20, 20), "blue")])
    return out.getvalue()


def archive(**parts: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as target:
        for name, content in parts.items():
            target.writestr(name, content)
    return out.getvalue()


Change = Callable[[pikepdf.Pdf], object]


def pdf(change: Change = lambda _: None, pages: int = 1, **saving: Any) -> bytes:
    out = io.BytesIO()
    with pikepdf.new() as document:
        for _ in range(pages):
            document.add_blank_page(page_size=(200, 200))
        change(document)
        document.save(out, **saving)
    return out.getvalue()


def with_root(entry: str, value: dict[str, Any]) -> Change:
    return lambda document: document.Root.__setitem__(entry, document.make_indirect(pikepdf.Dictionary(value)))


def on_page(entry: dict[str, Any]) -> Change:
    """An annotation written straight into the page, not as an object of its own."""

    def change(document: pikepdf.Pdf) -> None:
        document.pages[0].Annots = pikepdf.Array([pikepdf.Dictionary({"/Type": pikepdf.Name.Annot, **entry})])

    return change


def action(kind: str, **more: Any) -> dict[str, Any]:
    return {"/S": pikepdf.Name("/" + kind), **{"/" + key: value for key, value in more.items()}}


def attach(document: pikepdf.Pdf) -> None:
    document.attachments["a.exe"] = b"MZ"


def many_objects(document: pikepdf.Pdf) -> None:
    document.Root.Many = pikepdf.Array([document.make_indirect(pikepdf.Array([])) for _ in range(100_100)])


def deep(document: pikepdf.Pdf) -> None:
    document.Root.Deep = pikepdf.Object.parse(b"[" * 400 + b"]" * 400)


JPEG, PNG, WEBP, PDF = picture(), picture("PNG"), picture("WEBP"), pdf()
HTML = b"<!DOCTYPE html><script>alert(1)</script>"
SECRET = pikepdf.Encryption(owner="o", user="u")
OPEN_TO_READ = pikepdf.Encryption(owner="o", user="")

Made = bytes | Callable[[], bytes]
"""A file, or how to make it where that takes long."""


def made(file: Made) -> bytes:
    return file if isinstance(file, bytes) else file()


REFUSED: dict[str, tuple[Made, str]] = {
    "0_bytes": (b"", "upload.empty"),
    "1_byte": (b"x", "upload.kind"),
    "magic_only_jpeg": (b"\xff\xd8\xff", "upload.damaged"),
    "magic_only_png": (b"\x89PNG\r\n\x1a\n", "upload.damaged"),
    "magic_only_webp": (b"RIFF\x10\0\0\0WEBPVP8 ", "upload.damaged"),
    "magic_only_pdf": (b"%PDF-1.7\n", "upload.damaged"),
    "html_as_jpg": (HTML, "upload.kind"),
    "svg": (b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', "upload.kind"),
    "svg_after_declaration": (b'<?xml version="1.0"?><svg/>', "upload.kind"),
    "php": (b"<?php system($_GET['c']);", "upload.kind"),
    "script": (b"#!/bin/sh\nrm -rf /\n", "upload.kind"),
    "exe": (b"MZ\x90\0" + b"\0" * 200, "upload.kind"),
    "elf": (b"\x7fELF" + b"\0" * 200, "upload.kind"),
    "zip_as_pdf": (archive(a="x"), "upload.kind"),
    "old_word": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 512, "upload.kind"),
    "heic": (b"\0\0\0\x18ftypheic" + b"\0" * 64, "upload.kind"),
    "video": (b"\0\0\0\x18ftypisom" + b"\0" * 64, "upload.kind"),
    "gif": (picture("GIF", "P"), "upload.kind"),
    "gifar": (picture("GIF", "P") + archive(a="class"), "upload.kind"),
    "bmp": (picture("BMP"), "upload.kind"),
    "tiff": (picture("TIFF"), "upload.kind"),
    "ico": (picture("ICO", size=(32, 32)), "upload.kind"),
    "postscript": (b"%!PS-Adobe-3.0\n", "upload.kind"),
    "text_before_jpeg": (HTML + JPEG, "upload.kind"),
    "jpeg_2000": (b"\0\0\0\x0cjP  \r\n\x87\n" + b"\0" * 64, "upload.kind"),
    "eicar": (EICAR, "upload.virus"),
    "eicar_after_jpeg": (JPEG + EICAR, "upload.virus"),
    "photo_over_5_mb": (lambda: JPEG + b"\0" * (5 << 20), "upload.too_large"),
    "pdf_over_20_mb": (lambda: PDF + b"\0" * (20 << 20), "upload.too_large"),
    "pixel_flood_png": (png_claiming(50_000, 50_000), "upload.pixels"),
    "pixel_flood_most": (png_claiming(2**31 - 1, 2**31 - 1), "upload.pixels"),
    "just_over_25_mp": (png_claiming(5001, 5000), "upload.pixels"),
    "pixel_flood_jpeg": (jpeg_claiming(65_500, 65_500), "upload.pixels"),
    "pixel_flood_webp": (webp_claiming(16_383, 16_383), "upload.pixels"),
    "empty_size_png": (png_claiming(0, 10), "upload.damaged"),
    "claims_more_than_it_has": (png_claiming(3000, 3000), "upload.damaged"),
    "truncated_jpeg": (JPEG[: len(JPEG) // 2], "upload.damaged"),
    "truncated_png": (PNG[: len(PNG) // 2], "upload.damaged"),
    "truncated_webp": (WEBP[: len(WEBP) // 2], "upload.damaged"),
    "rotten_jpeg": (JPEG[:20] + b"\xff" * 400, "upload.damaged"),
    "rotten_png_checksum": (PNG[:23] + bytes([PNG[23] ^ 1]) + PNG[24:], "upload.damaged"),
    "text_bomb_png": (lambda: png_with(b"zTXt", b"k\0\0" + zlib.compress(b"x" * (200 << 20), 9)), "upload.damaged"),
    "animated_webp": (animated("WEBP"), "upload.animated"),
    "animated_png": (animated("PNG"), "upload.animated"),
    "truncated_pdf": (PDF[:-60], "upload.damaged"),
    "pdf_of_nothing": (b"%PDF-1.7\n%%EOF\n", "upload.damaged"),
    "pdf_without_pages": (pdf(pages=0), "upload.damaged"),
    "pdf_zip_tail": (PDF + archive(a="x"), "upload.damaged"),
    "pdf_zip_tail_with_an_end": (PDF + archive(a="x") + b"\n%%EOF\n", "upload.polyglot"),
    "pdf_html_tail": (PDF + HTML, "upload.damaged"),
    "pdf_html_head": (PDF.replace(b"\n", b"\n%" + HTML + b"\n", 1), "upload.polyglot"),
    "html_before_pdf": (HTML + PDF, "upload.kind"),
    "pdf_with_password": (pdf(encryption=SECRET), "upload.encrypted"),
    "pdf_with_rights": (pdf(encryption=OPEN_TO_READ), "upload.encrypted"),
    "pdf_script_on_opening": (pdf(with_root("/OpenAction", action("JavaScript", JS="app.alert(1)"))), "upload.active"),
    "pdf_script_by_name": (
        pdf(with_root("/Names", {"/JavaScript": pikepdf.Dictionary(Names=pikepdf.Array([]))})),
        "upload.active",
    ),
    "pdf_script_spelled_otherwise": (
        pdf(with_root("/OpenAction", action("JavaScript"))).replace(b"/S /JavaScript", b"/S /J#61vaScript"),
        "upload.active",
    ),
    "pdf_script_in_object_stream": (
        pdf(with_root("/AA", action("JavaScript", JS="1")), object_stream_mode=pikepdf.ObjectStreamMode.generate),
        "upload.active",
    ),
    "pdf_script_inside_page": (
        pdf(on_page({"/A": pikepdf.Dictionary(action("JavaScript", JS="1"))})),
        "upload.active",
    ),
    "pdf_launch": (pdf(with_root("/OpenAction", action("Launch", F="calc.exe"))), "upload.active"),
    "pdf_submits_form": (pdf(on_page({"/A": pikepdf.Dictionary(action("SubmitForm"))})), "upload.active"),
    "pdf_xfa": (pdf(with_root("/AcroForm", {"/XFA": pikepdf.String("x"), "/Fields": pikepdf.Array([])})), "upload.active"),
    "pdf_attachment": (pdf(attach), "upload.attached"),
    "pdf_file_on_page": (pdf(on_page({"/Subtype": pikepdf.Name.FileAttachment})), "upload.attached"),
    "pdf_film": (pdf(on_page({"/Subtype": pikepdf.Name.RichMedia})), "upload.attached"),
    "pdf_501_pages": (lambda: pdf(pages=501), "upload.pages"),
    "pdf_many_objects": (lambda: pdf(many_objects), "upload.too_complex"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_hostile_files_are_refused_with_a_way_out(name: str) -> None:
    file, code = REFUSED[name]
    data = made(file)
    with pytest.raises(Refused) as refused:
        clean(data, "照片.jpg", limits=Limits(memory_mb=400, cpu_seconds=4))
    assert refused.value.code == code
    assert "请" in refused.value.sentence


ACCEPTED: dict[str, Made] = {
    "jpeg": JPEG,
    "png": PNG,
    "webp": WEBP,
    "one_pixel": picture(size=(1, 1)),
    "grey": picture(mode="L"),
    "cmyk_jpeg": picture(mode="CMYK"),
    "progressive_jpeg": picture(progressive=True),
    "16_bit_png": png_16_bit(),
    "black_and_white_png": picture("PNG", "1"),
    "palette_png": picture("PNG", "P"),
    "transparent_png": picture("PNG", "RGBA"),
    "transparent_webp": picture("WEBP", "RGBA"),
    "two_views_in_one": two_views(),
    "html_tail": JPEG + HTML + CANARY,
    "zip_tail": JPEG + archive(a="class"),
    "comment": picture(comment=CANARY),
    "profile": picture(icc_profile=CANARY * 20),
    "xmp": picture(xmp=CANARY * 20),
    "text_chunk": png_with(b"tEXt", b"Comment\0" + CANARY),
    "unknown_chunk": png_with(b"juNk", CANARY),
    "rotten_exif": picture(exif=b"Exif\0\0II*\0\xff\xff\xff\x7f" + CANARY),
    "senseless_place": picture(exif=exif(gps={1: "N", 2: ratio((1, 0), (0, 0), (9, 1)), 3: "E", 4: ratio((1, 1))})),
    "24_mp_rgba": lambda: flat("PNG", "RGBA", (5000, 4900), (9, 9, 9, 9)),
    "24_mp_16_bit": lambda: flat("PNG", "I;16", (5000, 4900), 9),
    "24_mp_jpeg": lambda: flat("JPEG", "RGB", (5000, 4900)),
    "long_and_thin": lambda: flat("PNG", "L", (60_000, 2)),
}


@pytest.mark.parametrize("name", ACCEPTED)
def test_photos_become_plain_pixels(name: str) -> None:
    came = made(ACCEPTED[name])
    kept = clean(came, "a.jpg")
    for data, longest in ((kept.data, 2048), (kept.thumbnail or b"", 400)):
        with Image.open(io.BytesIO(data)) as image:
            image.load()
            assert (image.format, image.mode) == ("JPEG", "RGB")
            assert max(image.size) <= longest
            assert not image.getexif()
            assert not set(image.info) & {"exif", "comment", "icc_profile", "xmp"}
        assert CANARY not in data
        assert data.endswith(b"\xff\xd9")
    assert (kept.sha256, kept.media_type) == (sha256(kept.data).hexdigest(), "image/jpeg")
    assert kept.original_sha256 == sha256(came).hexdigest()


def pixel(data: bytes, place: tuple[int, int] = (5, 5)) -> tuple[int, ...]:
    with Image.open(io.BytesIO(data)) as image:
        value = image.getpixel(place)
    assert isinstance(value, tuple)
    return value


def test_colours_survive() -> None:
    assert min(pixel(clean(png_16_bit(), "a").data)) > 250
    assert min(pixel(clean(flat("PNG", "RGBA", (20, 20), (0, 0, 0, 0)), "a").data)) > 250
    red = pixel(clean(two_views(), "a").data)
    assert red[0] > 200 > 60 > red[2]


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("form", ["JPEG", "PNG"])
def test_photos_stand_upright(orientation: int, form: str) -> None:
    """The white corner is where `exif_transpose` of the library would put it."""
    from PIL import ImageOps

    source = Image.new("RGB", (90, 60))
    source.paste("white", (0, 0, 30, 20))
    out = io.BytesIO()
    source.save(out, form, exif=exif(orientation))
    with Image.open(io.BytesIO(out.getvalue())) as image:
        expected = ImageOps.exif_transpose(image)
    with Image.open(io.BytesIO(clean(out.getvalue(), "a").data)) as upright:
        assert upright.size == expected.size
        corners = [(9, 9), (upright.width - 9, 9), (9, upright.height - 9), (upright.width - 9, upright.height - 9)]
        bright = [sum(upright.getpixel(c)) > 380 for c in corners]  # type: ignore[arg-type]
        assert bright == [sum(expected.convert("RGB").getpixel(c)) > 380 for c in corners]  # type: ignore[arg-type]


def test_time_and_place_are_handed_over_and_gone_from_the_picture() -> None:
    kept = clean(picture(exif=exif(6, CHENGDU, "2026:11:22 09:30:00")), "a.jpg")
    assert kept.gps == (30.65, 104.06)
    assert kept.taken_at == datetime(2026, 11, 22, 9, 30, tzinfo=BEIJING)
    assert (kept.width, kept.height) == (40, 60)
    assert b"Exif" not in kept.data
    assert b"2026:11" not in kept.data


def test_time_with_its_own_zone_and_senseless_times() -> None:
    zoned = clean(picture(exif=exif(taken="2026:11:22 09:30:00", offset="+09:00")), "a")
    assert zoned.taken_at == datetime(2026, 11, 22, 8, 30, tzinfo=BEIJING)
    assert clean(picture(exif=exif(taken="2026:99:22 09:30:00")), "a").taken_at is None
    south = {**CHENGDU, 1: "S", 3: "W"}
    assert clean(picture(exif=exif(gps=south)), "a").gps == (-30.65, -104.06)
    assert clean(picture(exif=exif(gps={**CHENGDU, 2: ratio((91, 1), (0, 1), (0, 1))})), "a").gps is None


def link(document: pikepdf.Pdf) -> None:
    on_page({"/Subtype": pikepdf.Name.Link, "/A": pikepdf.Dictionary(action("URI", URI="https://example.invalid/"))})(document)
    document.Root.OpenAction = pikepdf.Array([document.pages[0].obj, pikepdf.Name.Fit])


@pytest.mark.parametrize("file", [PDF, pdf(link), pdf(deep), lambda: pdf(pages=300), pdf(linearize=True), PDF + b"\r\n\0\0"])
def test_honest_documents_stay_as_they_are(file: Made) -> None:
    data = made(file)
    kept = clean(data, "C:\\我的文档\\报告.v2.PDF")
    assert (kept.kind, kept.data, kept.thumbnail) == (Kind.PDF, data, None)
    assert (kept.sha256, kept.media_type) == (sha256(data).hexdigest(), "application/pdf")
    assert kept.original_name_shown == "报告.v2.pdf"
    assert kept.pages in (1, 300)


@pytest.mark.parametrize(
    ("declared", "shown"),
    [
        ("photo.jpg.exe", "photo.jpg"),
        ("../../etc/passwd", "passwd.jpg"),
        ("C:\\x\\..\\照片.PNG", "照片.jpg"),
        ("a\0.php\0.jpg", "a.php.jpg"),
        ("\u202egpj.exe", "gpj.jpg"),
        ("<b>甲</b>.jpg", "b>.jpg"),
        ("a\r\nSet-Cookie: x.jpg", "aSet-Cookie: x.jpg"),
        ("", "未命名.jpg"),
        ("...", "未命名.jpg"),
        (".jpg", "未命名.jpg"),
        ("2026.11.22 现场", "2026.11.22 现场.jpg"),
        ("长" * 300 + ".jpg", "长" * 80 + ".jpg"),
    ],
)
def test_names_are_fit_to_be_shown(declared: str, shown: str) -> None:
    assert shown_name(declared, Kind.JPEG) == shown


# --- children with limits ---


@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        (Limits(memory_mb=100), "memory"),
        (Limits(wall_seconds=0.001), "time"),
        (Limits(answer_mb=0), "crashed"),
    ],
)
def test_a_child_that_meets_a_limit_fails_alone(limits: Limits, reason: str) -> None:
    big = made(ACCEPTED["24_mp_rgba"])
    with pytest.raises(ChildFailed) as failed:
        child.run("app.core.uploads.images", big, limits=limits, options={"format": "PNG"})
    assert failed.value.reason == reason
    with pytest.raises(Refused, match="读不出来"):
        clean(big, "a.jpg", limits=limits)
    assert clean(JPEG, "a.jpg", limits=LIMITS).width == 60


def test_a_child_tells_the_kind_of_its_error_and_nothing_of_the_file() -> None:
    with pytest.raises(ChildFailed) as failed:
        child.run("app.core.xlsx.child", CANARY, limits=Limits())
    assert failed.value.detail
    assert CANARY.decode() not in str(failed.value)


def test_a_child_sees_no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", CANARY.decode())
    with pytest.raises(ChildFailed) as failed:
        child.run("os", b"", limits=Limits())
    assert "AttributeError" in failed.value.detail


# --- clamd ---


class Clamd(socketserver.BaseRequestHandler):
    """As much of clamd as INSTREAM needs: it finds the canary."""

    def handle(self) -> None:
        if self._read(10) != b"zINSTREAM\0":
            self.request.sendall(b"UNKNOWN COMMAND\0")
            return
        received = b""
        while length := struct.unpack(">I", self._read(4))[0]:
            received += self._read(length)
            if len(received) > 1 << 20:
                self.request.sendall(b"INSTREAM size limit exceeded. ERROR\0")
                return
        self.request.sendall(b"stream: Test.Canary FOUND\0" if CANARY in received else b"stream: OK\0")

    def _read(self, count: int) -> bytes:
        got = b""
        while len(got) < count:
            piece = self.request.recv(count - len(got))
            if not piece:
                return b"\0" * count
            got += piece
        return got


@contextmanager
def clamd() -> Iterator[str]:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Clamd) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield f"127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


def test_clamd_lets_clean_files_through_and_stops_others() -> None:
    big = JPEG + b"\0" * 200_000
    with clamd() as address:
        assert clean(big, "a.jpg", clamd=address).width == 60
        with pytest.raises(Refused) as refused:
            clean(big + CANARY, "a.jpg", clamd=address)
        assert refused.value.code == "upload.virus"
        with pytest.raises(Unavailable):
            clean(JPEG + b"\0" * (2 << 20), "a.jpg", clamd=address)


def test_unchecked_is_never_let_through() -> None:
    with clamd() as address:
        pass
    for dead in (address, "no-port", "127.0.0.1:99999"):
        with pytest.raises(Unavailable):
            clean(JPEG, "a.jpg", clamd=dead)

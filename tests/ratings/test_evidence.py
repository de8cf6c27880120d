"""The evidence vault: pieces in any order, cuts, wrong offsets and checksums, strangers, and what never gets in."""

from __future__ import annotations

import hashlib
import io
import tracemalloc
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pikepdf
import pytest
from PIL import Image

from app.core import clock, outbox
from app.core.actor import SYSTEM, Actor, Post
from app.core.db import acting, db
from app.core.refusal import NotVisible, Refused
from app.core.uploads.virus import EICAR
from app.core.web import Songjian
from app.ratings.actions import evidence as actions
from app.ratings.queries import evidence as queries
from app.ratings.rules.evidence import MB, UploadState, Wanted, lack, missing, piece_at, pieces
from app.wiring import ERRANDS
from tests.providers.builders import a_filed_site, an_owner
from tests.worlds import signed_in

PIECE = 8 * MB
HEADERS = {"X-Songjian": "1"}
# Papers of the home that the tests do not look at are not rendered.
EVIDENCE_ERRANDS = {kind: do if kind.startswith(("evidence.", "blob.")) else lambda errand: None for kind, do in ERRANDS.items()}


def a_large_pdf(path: Path, size: int) -> Path:
    """A valid PDF of about `size` bytes: one page and a stream of noise, written in pieces."""
    body = size - 600
    with path.open("wb") as file:
        offsets = []

        def put(data: bytes) -> None:
            file.write(data)

        put(b"%PDF-1.7\n")
        for number, text in enumerate(
            (
                b"<</Type/Catalog/Pages 2 0 R>>",
                b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
                b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]>>",
            ),
            1,
        ):
            offsets.append(file.tell())
            put(b"%d 0 obj%sendobj\n" % (number, text))
        offsets.append(file.tell())
        put(b"4 0 obj<</Length %d>>stream\n" % body)
        block = bytes(range(256)) * 4096
        left = body
        while left:
            left -= file.write(block[: min(left, len(block))])
        put(b"\nendstream endobj\n")
        start = file.tell()
        put(b"xref\n0 5\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % at for at in offsets))
        put(b"trailer<</Size 5/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % start)
    return path


def a_photo() -> bytes:
    out = io.BytesIO()
    Image.linear_gradient("L").convert("RGB").save(out, "JPEG")
    return out.getvalue()


def a_script() -> bytes:
    """A PDF that would run a script when it is opened."""
    out = io.BytesIO()
    with pikepdf.new() as document:
        document.add_blank_page()
        document.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")
        document.save(out)
    return out.getvalue()


class Vault:
    """A site with its owner on an application that commits."""

    def __init__(self, app: Songjian) -> None:
        self.app = app
        with app.app_context(), acting(SYSTEM):
            site = a_filed_site()
            self.site_id: UUID = site.id
            self.owner: Actor = an_owner(site)
            db.session.commit()

    def begin(self, size: int, *, kind: str = "rules", name: str = "示例材料.pdf", **more: Any) -> UUID:
        with self.app.app_context(), acting(self.owner):
            wanted = Wanted(kind, "示例·材料", name, size, items=("cn.shanxi.3a/c1",), **more)
            row = actions.begin_upload(self.site_id, wanted, by=self.owner, at=clock.now(), on=clock.today())
            upload_id: UUID = row.id
            db.session.commit()
        return upload_id

    def put(self, upload_id: UUID, offset: int, data: bytes, checksum: str | None = None) -> None:
        with self.app.app_context(), acting(self.owner):
            said = checksum if checksum is not None else hashlib.sha256(data).hexdigest()
            actions.keep_piece(upload_id, offset, data, said, by=self.owner, at=clock.now())
            db.session.commit()

    def finish(self, upload_id: UUID) -> None:
        with self.app.app_context(), acting(self.owner):
            actions.finish_upload(upload_id, by=self.owner, at=clock.now(), on=clock.today())
            db.session.commit()
        self.work()

    def work(self) -> None:
        with self.app.app_context(), acting(SYSTEM):
            while outbox.work_one(EVIDENCE_ERRANDS):
                pass

    def send(self, data: bytes, **more: Any) -> UUID:
        upload_id = self.begin(len(data), **more)
        for number in range(pieces(len(data), PIECE)):
            self.put(upload_id, number * PIECE, data[number * PIECE : (number + 1) * PIECE])
        self.finish(upload_id)
        return upload_id

    def state(self, upload_id: UUID) -> tuple[UploadState, str | None, queries.Progress]:
        with self.app.app_context(), acting(self.owner):
            row = queries.upload(upload_id, seen_by=self.owner)
            return row.state, row.refused_code, queries.progress(row)


@pytest.fixture
def vault(archive_app: Songjian) -> Iterator[Vault]:
    yield Vault(archive_app)
    with archive_app.app_context():
        for engine in db.engines.values():
            engine.dispose()


# --- rules ------------------------------------------------------------------------------------------------------------


def test_pieces_are_counted_and_placed() -> None:
    assert pieces(1, PIECE) == 1
    assert pieces(PIECE, PIECE) == 1
    assert pieces(PIECE + 1, PIECE) == 2
    assert missing([1, 3], 4) == [0, 2]
    assert piece_at(PIECE, 5, size=PIECE + 5, piece=PIECE) == 1
    for offset, length in ((1, PIECE), (-PIECE, PIECE), (2 * PIECE, 1), (PIECE, 4), (0, 5)):
        with pytest.raises(Refused):
            piece_at(offset, length, size=PIECE + 5, piece=PIECE)


def test_an_item_says_what_it_lacks() -> None:
    assert lack({"photo": 2, "document": 1}, []).word == "没传"
    assert lack({"photo": 2, "document": 1}, ["photo", "document"]).word == "缺 1"
    assert lack({"photo": 2, "document": 1}, ["photo", "document", "photo"]).word == "齐"
    assert lack({"fact": 1}, []).word == "系统取数"
    assert lack({}, []).word == "未写明"
    assert lack({"record_sample": 3}, ["record_sample"]).word == "齐", "one file may hold several records"


# --- sending ----------------------------------------------------------------------------------------------------------


def test_a_file_in_pieces_out_of_order_twice_and_broken(vault: Vault, tmp_path: Path) -> None:
    data = a_large_pdf(tmp_path / "a.pdf", 17 * MB).read_bytes()
    upload_id = vault.begin(len(data))
    vault.put(upload_id, 2 * PIECE, data[2 * PIECE :])
    for offset, piece, checksum, code in (
        (5, data[:PIECE], None, "upload.offset"),
        (0, data[: PIECE - 1], None, "upload.length"),
        (0, data[:PIECE], "0" * 64, "upload.checksum"),
        (0, data[:PIECE], "", "upload.no_checksum"),
        (2 * PIECE, data[2 * PIECE :][::-1], None, "upload.differs"),
    ):
        with pytest.raises(Refused) as refused:
            vault.put(upload_id, offset, piece, checksum)
        assert refused.value.code == code
    assert vault.state(upload_id)[2].missing == (0, 1)
    with pytest.raises(Refused) as refused:
        vault.finish(upload_id)
    assert refused.value.code == "upload.incomplete"
    vault.put(upload_id, 0, data[:PIECE])
    vault.put(upload_id, 0, data[:PIECE])
    vault.put(upload_id, PIECE, data[PIECE : 2 * PIECE])
    vault.finish(upload_id)
    assert vault.state(upload_id)[0] is UploadState.KEPT
    with vault.app.app_context(), acting(vault.owner):
        (piece,) = queries.for_items(vault.site_id, "cn.shanxi.3a", clock.today(), seen_by=vault.owner)["c1"]
        assert piece.sha256 == hashlib.sha256(data).hexdigest()


def test_pieces_sent_side_by_side(vault: Vault, tmp_path: Path) -> None:
    data = a_large_pdf(tmp_path / "a.pdf", 40 * MB).read_bytes()
    upload_id = vault.begin(len(data))
    cuts = [(at, data[at : at + PIECE]) for at in range(0, len(data), PIECE)] * 2
    with ThreadPoolExecutor(6) as hands:
        list(hands.map(lambda cut: vault.put(upload_id, *cut), cuts))
    vault.finish(upload_id)
    assert vault.state(upload_id)[0] is UploadState.KEPT


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (EICAR, "upload.virus"),
        (b"%PDF-1.4\n" + EICAR + b"\n%%EOF", "upload.virus"),
        (b"%PDF-1.4\n<html><script>alert(1)</script>" + b" " * 80_000 + b"\n%%EOF", "upload.polyglot"),
        (a_script(), "upload.active"),
        (a_script() + a_script(), "upload.active"),
        (a_script() + b"PK\x05\x06" + b"\0" * 18, "upload.damaged"),
        (b"GIF89a" + b"\0" * 50, "upload.kind"),
        (b"MZ\x90\0" + b"\0" * 50, "upload.kind"),
        (b"\0\0\0\x18ftypmp42" + b"\0" * 50, "upload.kind"),
    ],
    ids=[
        "eicar",
        "eicar in a pdf",
        "page in a pdf",
        "script in a pdf",
        "two in one",
        "archive behind a pdf",
        "gif",
        "program",
        "film",
    ],
)
def test_what_never_gets_in(vault: Vault, data: bytes, code: str) -> None:
    upload_id = vault.send(data, name="示例材料.pdf")
    state, why, _ = vault.state(upload_id)
    assert (state, why) == (UploadState.REFUSED, code)
    with vault.app.app_context(), acting(vault.owner):
        assert db.session.scalars(queries.vault(seen_by=vault.owner)).unique().all() == []
        row = queries.upload(upload_id, seen_by=vault.owner)
        for piece in row.pieces:
            with pytest.raises(Exception, match=r"NoSuch|404|Not Found"):
                actions.archive.store().read(piece.key, piece.version_id, piece.sha256)


def test_a_photo_is_kept_re_encoded_and_a_pdf_is_no_photo(vault: Vault, tmp_path: Path) -> None:
    photo = a_photo()
    assert vault.state(vault.send(photo, kind="photo", name="一楼.jpg"))[0] is UploadState.KEPT
    with vault.app.app_context(), acting(vault.owner):
        (row,) = db.session.scalars(queries.vault(seen_by=vault.owner)).unique().all()
        assert row.kept[0].content_type == "image/jpeg"
        assert row.kept[0].sha256 != hashlib.sha256(photo).hexdigest()
    small = a_large_pdf(tmp_path / "a.pdf", 2000).read_bytes()
    assert vault.state(vault.send(small, kind="photo", name="一楼.jpg"))[1] == "evidence.format"


def test_strangers_meet_nothing(vault: Vault) -> None:
    upload_id = vault.begin(10)
    with vault.app.app_context(), acting(SYSTEM):
        other = an_owner(a_filed_site())
        db.session.commit()
    with vault.app.app_context(), acting(other):
        with pytest.raises(NotVisible):
            actions.keep_piece(upload_id, 0, b"0123456789", "", by=other, at=clock.now())
        wanted = Wanted("rules", "示例·材料", "a.pdf", 10)
        with pytest.raises(NotVisible):
            actions.begin_upload(vault.site_id, wanted, by=other, at=clock.now(), on=clock.today())


def test_dead_uploads_are_taken_away(vault: Vault) -> None:
    upload_id = vault.begin(PIECE + 1)
    vault.put(upload_id, 0, b"\0" * PIECE)
    later = clock.now() + timedelta(days=8)
    with vault.app.app_context(), acting(SYSTEM):
        assert list(queries.dead_uploads(later, seen_by=SYSTEM)) == [upload_id]
        actions.expire_upload(upload_id, at=later, on=clock.today())
        actions.expire_upload(upload_id, at=later, on=clock.today())
        db.session.commit()
    vault.work()
    assert vault.state(upload_id)[0] is UploadState.EXPIRED
    with pytest.raises(Refused):
        vault.put(upload_id, PIECE, b"\0")


@pytest.mark.slow
def test_two_hundred_megabytes_after_a_cut_in_bounded_memory(vault: Vault, tmp_path: Path) -> None:
    path = a_large_pdf(tmp_path / "large.pdf", 200 * MB)
    size = path.stat().st_size
    upload_id = vault.begin(size)
    tracemalloc.start()
    with path.open("rb") as file:
        for number in range(9):  # then the line is cut
            file.seek(number * PIECE)
            vault.put(upload_id, number * PIECE, file.read(PIECE))
        far = vault.state(upload_id)[2]
        assert far.offset == 9 * PIECE
        for number in far.missing:
            file.seek(number * PIECE)
            vault.put(upload_id, number * PIECE, file.read(PIECE))
    vault.finish(upload_id)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert vault.state(upload_id)[0] is UploadState.KEPT
    assert peak < 64 * MB
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(MB):
            digest.update(block)
    with vault.app.app_context(), acting(vault.owner):
        (piece,) = queries.for_items(vault.site_id, "cn.shanxi.3a", clock.today(), seen_by=vault.owner)["c1"]
        assert (piece.sha256, piece.size) == (digest.hexdigest(), size)


# --- pages and the protocol -------------------------------------------------------------------------------------------


def test_the_protocol_over_the_web(archive_app: Songjian, tmp_path: Path) -> None:
    with archive_app.app_context(), acting(SYSTEM):
        site = a_filed_site()
        site_id, provider_id = str(site.id), site.provider_id
        db.session.commit()
        visit = signed_in(archive_app.test_client(), Post.PROVIDER_OWNER, provider_id=provider_id)
    data = a_large_pdf(tmp_path / "a.pdf", 9 * MB).read_bytes()
    announced = {"site_id": site_id, "kind": "rules", "title": "示例·制度", "name": "a.pdf", "size": len(data)}
    client = visit.client
    made = client.post("/api/v1/uploads", json=announced, headers=HEADERS)
    assert made.status_code == 201
    where = made.headers["Location"]
    cut = {"Upload-Offset": str(PIECE), "Upload-Checksum": "sha256 " + hashlib.sha256(data[PIECE:]).hexdigest()}
    assert client.patch(where, data=data[PIECE:], headers=HEADERS | cut).status_code == 204
    head = client.head(where)
    assert (head.headers["Upload-Offset"], head.headers["Upload-Length"]) == ("0", str(len(data)))
    assert client.post(where + "/completion", headers=HEADERS).get_json()["code"] == "upload.incomplete"
    wrong = client.patch(
        where, data=data[:PIECE], headers=HEADERS | {"Upload-Offset": "0", "Upload-Checksum": "sha256 " + "0" * 64}
    )
    assert (wrong.status_code, wrong.get_json()["code"]) == (409, "upload.checksum")
    right = {"Upload-Offset": "0", "Upload-Checksum": "sha256 " + hashlib.sha256(data[:PIECE]).hexdigest()}
    answer = client.patch(where, data=data[:PIECE], headers=HEADERS | right)
    assert answer.headers["Upload-Offset"] == str(len(data))
    assert client.post(where + "/completion", headers=HEADERS).status_code == 202
    assert client.delete(where, headers=HEADERS).status_code == 409
    assert client.patch(f"/api/v1/uploads/{uuid4()}", data=b"x", headers=HEADERS | right).status_code == 404
    for bad in (
        "x",
        [],
        {"site_id": 3},
        announced | {"size": "9"},
        announced | {"valid_until": "soon"},
        announced | {"site_id": "no"},
    ):
        assert client.post("/api/v1/uploads", json=bad, headers=HEADERS).status_code == 409


def test_pages_and_the_small_form(client: Any, db_session: object) -> None:
    with acting(SYSTEM):
        site = a_filed_site()
        site_id, provider_id = site.id, site.provider_id
    visit = signed_in(client, Post.PROVIDER_OWNER, provider_id=provider_id)
    here = f"/my/sites/{site_id}/evidence"
    assert "材料库" in visit.get(here + "?scheme=cn.shanxi.3a").get_data(as_text=True)
    refused = visit.post(here, kind="photo", title="示例·一楼", items="cn.shanxi.3a/c1", file=(io.BytesIO(EICAR), "a.jpg"))
    assert refused.status_code == 422
    assert "示例·一楼" in refused.get_data(as_text=True), "what was typed is kept"
    kept = visit.post(here, kind="photo", title="示例·一楼", items="cn.shanxi.3a/c1", file=(io.BytesIO(a_photo()), "a.jpg"))
    assert kept.status_code == 302
    page = visit.get(here + "?scheme=cn.shanxi.3a&item=c1").get_data(as_text=True)
    assert "示例·一楼" in page
    with acting(SYSTEM):
        (row,) = db.session.scalars(queries.vault(seen_by=SYSTEM)).unique().all()
        piece, version = f"/my/evidence/{row.id}", f"/evidence/{row.kept[0].id}"
    assert "第 1 版" in visit.get(piece).get_data(as_text=True)
    sent = visit.get(version)
    assert (sent.status_code, sent.mimetype) == (200, "image/jpeg")
    assert sent.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert sent.headers["X-Content-Type-Options"] == "nosniff"
    assert visit.get("/my/evidence").status_code == 200
    assert visit.get("/my/evidence.xlsx").status_code == 200
    linked = {"item": "cn.shanxi.3a/c2", "from": "vault"}
    assert visit.post(f"{piece}/links", **linked).status_code == 302
    assert visit.post(f"{piece}/links", item="cn.shanxi.3a/none").status_code == 409
    assert visit.post(f"{piece}/withdrawal", reason="").status_code == 422
    assert visit.post(f"{piece}/withdrawal", reason="示例·换证").status_code == 302
    officer = signed_in(client, Post.HANDLER)
    assert officer.get(f"/office/sites/{site_id}/evidence").status_code == 200

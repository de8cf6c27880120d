"""Evidence of the demo world (演示材料): every state of a piece and of an upload, through the vault's own verbs."""

from __future__ import annotations

import hashlib
import io
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Final

import pikepdf
from PIL import Image

from app.core.db import acting, db
from app.core.refusal import Unavailable
from app.core.uploads import CleanUpload, clean
from app.ratings.actions import evidence as actions
from app.ratings.rules.evidence import MB, Wanted, table
from app.seeds.sites import Register

COUNTIES: Final = ("210102", "140105")
# Title, kind, days until it runs out (None: it does not), items of the 3A scheme.
PIECES: Final = (
    ("示例·服务管理制度汇编", "rules", None, ("c10",)),
    ("示例·养老机构责任保险单", "insurance", 300, ("q7",)),
    ("示例·消防设施年度检测报告", "fire", 20, ()),
    ("示例·与示例医院的签约协议", "contract", 200, ("c3",)),
    ("示例·助餐服务记录（十月）", "record", None, ("c1",)),
)


@cache
def _paper(title: str) -> CleanUpload:
    out = io.BytesIO()
    with pikepdf.new() as document:
        document.add_blank_page()
        document.docinfo["/Title"] = title
        document.save(out)
    return clean(out.getvalue(), f"{title}.pdf")


@cache
def _picture() -> CleanUpload:
    out = io.BytesIO()
    Image.linear_gradient("L").resize((800, 600)).convert("RGB").save(out, "JPEG")
    return clean(out.getvalue(), "示例·助餐点.jpg")


def _moment(on: date) -> datetime:
    return datetime.combine(on, time(2, 0), UTC)


def fill(register: Register, on: date) -> int:
    """Fill the vaults of two homes a county (整理演示材料); gives the number of pieces."""
    done = 0
    for county in COUNTIES:
        for site in register.by_county.get(county, [])[:2]:
            owner = register.owners[site.id]
            with acting(owner):
                for title, kind, days, items in PIECES:  # one file for all: what it says does not matter here
                    until = on + timedelta(days=days) if days is not None else None
                    upload = _paper("示例·材料")
                    wanted = Wanted(
                        kind, title, f"{title}.pdf", len(upload.data), until, tuple(f"cn.shanxi.3a/{i}" for i in items)
                    )
                    then = on - timedelta(days=30)
                    row = actions.add_evidence(site.id, wanted, upload, by=owner, at=_moment(then), on=then)
                    done += 1
                photo = Wanted("photo", "示例·助餐点照片", "助餐点.jpg", len(_picture().data), None, ("cn.shanxi.3a/c1",))
                actions.add_evidence(site.id, photo, _picture(), by=owner, at=_moment(on), on=on)
                newer = _paper("示例·材料新版")
                again = Wanted("record", "示例·助餐服务记录", "助餐记录.pdf", len(newer.data), None, ())
                actions.add_evidence(site.id, again, newer, evidence_id=row.id, by=owner, at=_moment(on), on=on)
                old = Wanted("plan", "示例·旧平面图", "旧平面图.pdf", len(_paper("示例·材料").data), None, ())
                gone = actions.add_evidence(site.id, old, _paper("示例·材料"), by=owner, at=_moment(on), on=on)
                actions.withdraw_evidence(gone.id, "示例·改造后平面图已更换", by=owner, at=_moment(on), on=on)
                _half_sent(site.id, owner, on)
                db.session.commit()
            done += 2
    return done


def _half_sent(site_id: object, owner: object, on: date) -> None:
    """An upload that was cut off half way; without a store nothing of it has arrived."""
    wanted = Wanted("fire", "示例·消防维保记录（扫描件）", "消防维保记录.pdf", 2 * table().piece_mb * MB, None, ())
    row = actions.begin_upload(site_id, wanted, by=owner, at=_moment(on), on=on)  # type: ignore[arg-type]
    data = b"%PDF-1.7\n" + b" " * (row.piece - 9)
    try:
        actions.keep_piece(row.id, 0, data, hashlib.sha256(data).hexdigest(), by=owner, at=_moment(on))  # type: ignore[arg-type]
    except Unavailable:
        return

"""After the visit, for tests (办结之后): a signed and closed inspection with problems, two more officers, a home that answers."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from uuid import UUID

from PIL import Image, ImageDraw

from app.accounts import actions as accounts
from app.accounts import queries as people
from app.core import uploads
from app.core.actor import SYSTEM, Actor, Post
from app.core.db import acting
from app.core.uploads import CleanUpload
from app.inspections.actions import answers, findings, orders, tasks
from app.inspections.actions.findings import Looked
from app.inspections.actions.orders import Demand
from app.inspections.models import CorrectionOrder, Finding, InspectionTask, Recheck
from app.inspections.queries import answers as logs
from app.inspections.queries import findings as ledger
from app.inspections.rules.recheck import Handling, RecheckResult
from app.inspections.rules.task import SignerRole
from tests.inspections import field
from tests.inspections.field import AT, BEFORE, ON, PASSWORD, Field, an_account

PLAIN, SERIOUS, HAZARD, DRAFT_HAZARD = "G_4_2", "G_4_1", "H_06", "H_21"


@cache
def a_picture(words: str = "示例") -> CleanUpload:
    """A photo as a phone sends it, cleaned; other words make another picture."""
    image = Image.linear_gradient("L").resize((640, 480)).convert("RGB")
    draw = ImageDraw.Draw(image)
    for n, letter in enumerate(words.encode()):
        draw.rectangle((20 + n * 24, 60, 34 + n * 24, 80 + letter), fill=(letter, 120, 255 - letter))
    file = io.BytesIO()
    image.save(file, "JPEG", quality=80)
    return uploads.clean(file.getvalue(), f"{words}.jpg")


@cache
def a_signature() -> CleanUpload:
    """A handwritten name, as the canvas sends it."""
    image = Image.new("RGB", (300, 120), "white")
    ImageDraw.Draw(image).line([(20, 100), (90, 20), (160, 100), (280, 30)], fill="black", width=5)
    file = io.BytesIO()
    image.save(file, "PNG")
    return uploads.clean(file.getvalue(), "签名.png")


@dataclass
class Closing:
    """A field with everybody who acts after the visit. `others` inspect, but were not there."""

    place: Field
    others: tuple[UUID, UUID]
    owner: UUID
    second_head: UUID

    def home(self) -> Actor:
        """The owner of the home."""
        found = people.actor(self.owner, self.place.site.provider_id, ON)
        assert found is not None
        return found

    def who(self, account_id: UUID) -> Actor:
        """An official, with what is assigned by now."""
        return self.place.who(account_id)

    @property
    def handler(self) -> Actor:
        return self.who(self.place.handler)

    @property
    def reviewer(self) -> Actor:
        return self.who(self.place.reviewer)

    @property
    def head(self) -> Actor:
        return self.who(self.place.head)


def a_closing() -> Closing:
    """An authority with people for every part, one home and its owner."""
    place = field.a_field()
    owner = accounts.open_account(f"shili-home-{place.site.id.hex[:8]}", "示例·院长", PASSWORD, by=SYSTEM, at=AT, on=BEFORE)
    accounts.grant_post(owner.id, Post.PROVIDER_OWNER, by=SYSTEM, on=BEFORE, provider_id=place.site.provider_id)
    others = (
        an_account("示例·㛃䶮", Post.INSPECTOR, place.authority, certificate="示00140"),
        an_account("示例·吴静", Post.INSPECTOR, place.authority, certificate="示00141"),
    )
    second_head = an_account("示例·副局长", Post.HEAD, place.authority)
    return Closing(place, others, owner.id, second_head)


def a_signed_task(c: Closing, *, refuses: bool = False, photo: bool = False, **exceptions: str) -> InspectionTask:
    """An inspection concluded with these answers; `photo` puts one beside the first problem."""
    row = field.a_task_at_work(c.place)
    lead = c.who(c.place.lead)
    tablet = field.a_tablet(row, lead.id)
    batch = tablet.everything(field.checklist_of(row), **exceptions)
    with acting(lead):
        if photo:
            picture = a_picture("现场")
            answers.receive_photo(row.id, picture, by=lead, at=AT, on=ON)
            item = next(iter(exceptions)).replace("_", "-", 1).replace("_", ".")
            batch.append(tablet.write(item, picture.original_sha256, "photo", reason="二层东侧通道"))
        answers.receive(batch, by=lead, at=AT, on=ON)
        sha = logs.record(row.id, seen_by=lead).fold.sha256
        given = {"state_sha": sha, "by": lead, "at": AT, "on": ON}
        for officer in (c.place.lead, c.place.second):
            answers.sign(row.id, role=SignerRole.OFFICER, account_id=officer, picture=a_signature(), **given)
        if refuses:
            answers.sign(row.id, role=SignerRole.PARTY, name="示例·王", refused_reason="对第1项有异议", **given)
            answers.sign(row.id, role=SignerRole.WITNESS, name="示例·李", picture=a_signature(), **given)
        else:
            answers.sign(row.id, role=SignerRole.PARTY, name="示例·王", picture=a_signature(), **given)
        tasks.submit_for_review(row.id, by=lead, at=AT, on=ON)
    return row


def a_closed_task(c: Closing, *, refuses: bool = False, photo: bool = False, **exceptions: str) -> InspectionTask:
    """An inspection signed, reviewed and closed; its problems are in the ledger."""
    row = a_signed_task(c, refuses=refuses, photo=photo, **exceptions)
    with acting(c.reviewer):
        tasks.review_task(row.id, by=c.reviewer, on=ON)
    with acting(c.handler):
        tasks.close_task(row.id, by=c.handler, on=ON)
    return row


def the_finding(row: InspectionTask, item: str) -> Finding:
    """The problem of an item, named as in the answers: `G_4_2`."""
    code = item.replace("_", "-", 1).replace("_", ".")
    return next(f for f in ledger.findings_of_task(row.id, seen_by=SYSTEM) if f.item == code)


def an_order(c: Closing, row: InspectionTask, *, on: date = ON) -> CorrectionOrder:
    """An order that demands everything that may be demanded, with the usual terms."""
    with acting(c.head):
        usual = ledger.usual_demands(row.id, seen_by=c.head, on=on)
        demands = [Demand(u.finding.id, u.words) for u in usual]
        return orders.issue_order(row.id, demands, by=c.head, at=AT + (on - ON), on=on)


def reported(c: Closing, finding: Finding, *, on: date = ON + timedelta(days=5), words: str = "已清空通道并张贴标识") -> None:
    """The home reports a problem put right, with a photo."""
    at = AT + (on - ON)
    with acting(c.home()):
        draft = findings.save_draft(finding.id, measure=words, uploads=[a_picture("整改后")], by=c.home(), at=at, on=on)
        photos = [UUID(p) for p in draft.photos]
        findings.report_rectified(finding.id, measure=words, photos=photos, by=c.home(), at=at, on=on)


def an_assigned_recheck(c: Closing, *rows: Finding, on: date = ON + timedelta(days=7)) -> Recheck:
    """A re-check by the two who were not there."""
    with acting(c.handler):
        return findings.assign_recheck([r.id for r in rows], c.others, planned_on=on, by=c.handler, at=AT + (on - ON), on=on)


def rechecked(
    c: Closing,
    recheck: Recheck,
    result: RecheckResult = RecheckResult.DONE,
    handling: Handling = Handling.CLOSE,
    *,
    new_due: date | None = None,
    on: date = ON + timedelta(days=7),
) -> Recheck:
    """The re-check concluded with one result for all, with a photo of the first."""
    officer = field.as_actor(c.others[0], c.place.authority, on)
    at = AT + (on - ON)
    with acting(officer):
        photo = findings.keep_recheck_photo(recheck.id, a_picture("复查"), by=officer, at=at, on=on)
        looked = [
            Looked(i, result, handling, new_due=new_due, note="现场查看", photos=(photo.id,) if n == 0 else ())
            for n, i in enumerate(recheck.finding_ids)
        ]
        return findings.record_recheck(recheck.id, looked, statement="无异议", by=officer, at=at, on=on)

"""What credit adds to a site's page (机构页的信用栏): the score in the strip, records in the timeline, a tab."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from app.core.access import may
from app.core.actor import Actor
from app.core.refusal import Refused
from app.credit.queries import record_pages, records
from app.credit.rules.records import GOOD, EndWay
from app.providers.panels import Answer, Happening, Tab


class CreditPanel:
    """Credit on the office's site page (信用栏); whoever may not read credit sees nothing of it."""

    def answers(self, site_id: UUID, *, seen_by: Actor, on: date) -> Sequence[Answer]:
        """The score and grade (信用分)."""
        if not may(seen_by, "credit.read"):
            return ()
        try:
            score = records.score_on(site_id, seen_by=seen_by, on=on)
        except Refused as refusal:  # the settings name no usable model
            return (Answer("信用", "不能计算", refusal.sentence, "na", "scale"),)
        words = f"{score.total} 分{'，' + score.grade.label if score.grade else ''}"
        note = f"{score.base} 基础 + {score.added} 加分 − {score.deducted} 扣分"
        tone = record_pages.GRADE_TONES[score.grade]
        return (Answer("信用", words, note, tone, "scale", f"/office/credit/sites/{site_id}"),)

    def happenings(self, site_id: UUID, *, seen_by: Actor) -> Sequence[Happening]:
        """Records entered, annulled, repaired (信用大事)."""
        if not may(seen_by, "credit.read"):
            return ()
        found = []
        for row in records.records_of(site_id, seen_by=seen_by):
            href = f"/office/credit/records/{row.id}"
            tone = "ok" if row.kind in GOOD else "bad"
            found.append(Happening(row.recorded_on, f"记入信用：{row.kind.label}", row.facts, tone, "scale", href))
            if row.ended is not None and row.ended_on is not None:
                tone = "ok" if row.ended is EndWay.REPAIRED else "na"
                title = f"信用记录{row.ended.label}：{row.kind.label}"
                found.append(Happening(row.ended_on, title, row.end_reason, tone, "scale", href))
        return found

    def tabs(self, site_id: UUID, *, seen_by: Actor) -> Sequence[Tab]:
        """The site's credit page (信用页)."""
        return (Tab("信用", f"/office/credit/sites/{site_id}"),) if may(seen_by, "credit.read") else ()

"""What ratings add to a site's page in the office (机构页的等级): the grades of today, what happened to them, the list."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from app.core.actor import PROVIDER_POSTS, Actor
from app.providers.panels import Answer, Happening, Tab
from app.ratings.queries import ratings
from app.ratings.queries.results import level_name
from app.ratings.rules.process import CampaignKind, Standing


class RatingPanel:
    """The contributor (等级栏): several grades under different schemes stand side by side."""

    def answers(self, site_id: UUID, *, seen_by: Actor, on: date) -> Sequence[Answer]:
        """The grades that hold today, or that there is none."""
        held = [r for r in ratings.of_site(site_id, seen_by=seen_by) if r.kind is CampaignKind.RATING]
        running = [r for r in held if ratings.standing_of(r, on) in (Standing.VALID, Standing.SUSPENDED)]
        base = "/my/ratings" if seen_by.posts & PROVIDER_POSTS else "/office/ratings"
        if not running:
            past = "曾有等级，已失效" if held else "没有申请过"
            return [Answer("等级", "没有有效等级", past, "na")]
        return [
            Answer(
                "等级", level_name(r.scheme, r.level), f"{r.scheme_name}，至 {r.valid_to.isoformat()}",
                "veto" if r.state is Standing.SUSPENDED else "ok", "award", f"{base}/{r.id}",
            )
            for r in running
        ]  # fmt: skip

    def happenings(self, site_id: UUID, *, seen_by: Actor) -> Sequence[Happening]:
        """Publications and measures."""
        base = "/my/ratings" if seen_by.posts & PROVIDER_POSTS else "/office/ratings"
        found = []
        for row in ratings.of_site(site_id, seen_by=seen_by):
            words = f"{row.scheme_name} {row.edition} 版"
            found.append(
                Happening(
                    row.published_on, f"公布等级 {level_name(row.scheme, row.level)}", words, "ok", "award", f"{base}/{row.id}"
                )
            )
            for change in ratings.changes(row.id, seen_by=seen_by):
                if change.decided_on is not None:
                    title = f"等级{change.measure.label}"
                    found.append(Happening(change.decided_on, title, change.cause.label, "wait", "award", f"{base}/{row.id}"))
        return found

    def tabs(self, site_id: UUID, *, seen_by: Actor) -> Sequence[Tab]:
        """The evidence vault of the site."""
        side = "my" if seen_by.posts & PROVIDER_POSTS else "office"
        return [Tab("评定材料", f"/{side}/sites/{site_id}/evidence")]

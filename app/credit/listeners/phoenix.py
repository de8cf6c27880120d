"""Newcomers are looked at in the background (新登记后的换壳核查): the register is large, so an errand does it."""

from __future__ import annotations

from app.core import outbox
from app.credit.events import CreditRecorded
from app.credit.rules.records import BAD
from app.providers.events import RegisterImported, SiteRegistered
from app.providers.queries.register import sites_written


def site_registered(done: SiteRegistered) -> None:
    """A site was registered: it is compared with old ones (核查新登记网点)."""
    outbox.put("credit.phoenix", done.subject)


def record_entered(done: CreditRecorded) -> None:
    """A home got a bad record: somebody may have registered anew before it came (不良记录之前的新登记也核查)."""
    if done.kind in {kind.value for kind in BAD}:
        outbox.put("credit.phoenix.around", done.site_id)


def register_imported(done: RegisterImported) -> None:
    """A register was imported: each of its sites is compared (核查导入的网点)."""
    for site_id in sites_written(done.subject):
        outbox.put("credit.phoenix", site_id)

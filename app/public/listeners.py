"""What publication does on news from below (公示监听): note which site, draw or document is to be published at the commit."""

from __future__ import annotations

from typing import Any

from app.core.actor import SYSTEM
from app.core.db import acting
from app.core.events import Event
from app.providers.queries import register
from app.public import actions, feed


def site_has_news(news: Event) -> None:
    """Something about a site was written (机构有变动): its subject is the site."""
    feed.note(actions.rebuild_facilities, news.subject)


def site_of_news(news: Any) -> None:
    """Something that names its site was written (涉及机构的事项): a filing, a paper, an inspection, a problem."""
    feed.note(actions.rebuild_facilities, news.site_id)


def register_imported(news: Event) -> None:
    """A register was imported (名册已导入): every site that it wrote has news; its subject is the import."""
    with acting(SYSTEM):
        sites = register.sites_written(news.subject)
    for site_id in sites:
        feed.note(actions.rebuild_facilities, site_id)


def document_archived(news: Event) -> None:
    """A document can be verified from now on (文书可核验)."""
    feed.note(actions.publish_documents, news.subject)


def draw_has_news(news: Event) -> None:
    """A draw was frozen, drawn, revealed, changed or voided (抽查有进展): its subject is the plan."""
    feed.note(actions.publish_draws, news.subject)


def listing_has_news(news: Event) -> None:
    """What the public sees of an entry of the list changed (名单公示有变化): its subject is the entry."""
    feed.note(actions.publish_entries, news.subject)

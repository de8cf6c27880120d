"""What publication does on news from below (公示监听): note which site, draw or document is to be published at the commit."""

from __future__ import annotations

from typing import Any

from app.core.events import Event
from app.public import actions, feed


def site_has_news(news: Event) -> None:
    """Something about a site was written (机构有变动): its subject is the site."""
    feed.note(actions.rebuild_facilities, news.subject)


def site_of_news(news: Any) -> None:
    """Something that names its site was written (涉及机构的事项): a filing, a paper, an inspection, a problem."""
    feed.note(actions.rebuild_facilities, news.site_id)


def document_archived(news: Event) -> None:
    """A document can be verified from now on (文书可核验)."""
    feed.note(actions.publish_documents, news.subject)


def draw_has_news(news: Event) -> None:
    """A draw was frozen, drawn, revealed, changed or voided (抽查有进展): its subject is the plan."""
    feed.note(actions.publish_draws, news.subject)

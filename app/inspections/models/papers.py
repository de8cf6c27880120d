"""How an authority words and numbers its papers (文书用语)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Identified, Model


class PaperWords(Identified, Model):
    """An authority's own words for its papers (文书用语); whatever is missing is the platform's. One row an authority.

    `titles` and `patterns` by `rules.papers.Paper`; `remedies` is for the legal office to set, empty means not printed.
    """

    __tablename__ = "paper_words"
    authority_id: Mapped[UUID] = mapped_column(ForeignKey("authority.id"), unique=True)
    titles: Mapped[dict[str, str]] = mapped_column(JSONB, default=dict)
    patterns: Mapped[dict[str, str]] = mapped_column(JSONB, default=dict)
    seal_text: Mapped[str] = mapped_column(default="")
    contact: Mapped[str] = mapped_column(default="")
    phone: Mapped[str] = mapped_column(default="")
    address: Mapped[str] = mapped_column(default="")
    report_back: Mapped[str] = mapped_column(default="")
    consequence: Mapped[str] = mapped_column(default="")
    remedies: Mapped[str] = mapped_column(default="")
    set_by: Mapped[UUID]
    set_at: Mapped[datetime]

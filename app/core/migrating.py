"""Migrations (数据库迁移): Alembic on the owner's role, with what autogenerate cannot know done by app.core.schema."""

from __future__ import annotations

from alembic import command
from alembic.config import Config

from app.settings import ROOT


def configuration(url: str) -> Config:
    """Alembic's configuration for one database."""
    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    config.attributes["url"] = url
    return config


def upgrade(url: str, to: str = "head") -> None:
    """Bring a database up to a revision (升级)."""
    command.upgrade(configuration(url), to)


def downgrade(url: str, to: str) -> None:
    """Take a database down to a revision (回退)."""
    command.downgrade(configuration(url), to)

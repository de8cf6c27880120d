"""What everyone may see: the schema published.

Revision ID: 0009_published
Revises: 0008_ratings
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009_published"
down_revision = "0008_ratings"
branch_labels = None
depends_on = None

# Statements as they stand: no parameters, so `%` and `:` mean themselves.
BEFORE: list[str] = []
GUARDS: list[str] = [
    """grant select, insert, update, delete on published.audit_day to songjian_app, songjian_job""",
    """grant select on published.audit_day to songjian_public""",
    """grant select, insert, update, delete on published.document_check to songjian_app, songjian_job""",
    """grant select on published.document_check to songjian_public""",
    """grant select, insert, update, delete on published.draw to songjian_app, songjian_job""",
    """grant select on published.draw to songjian_public""",
    """grant select, insert, update, delete on published.draw_file to songjian_app, songjian_job""",
    """grant select on published.draw_file to songjian_public""",
    """grant select, insert, update, delete on published.facility to songjian_app, songjian_job""",
    """grant select on published.facility to songjian_public""",
    """grant select, insert, update, delete on published.facility_change to songjian_app, songjian_job""",
    """grant select on published.facility_change to songjian_public""",
    """grant select, insert, update, delete on published.facility_fact to songjian_app, songjian_job""",
    """grant select on published.facility_fact to songjian_public""",
    """grant select, insert, update, delete on published.facility_rating to songjian_app, songjian_job""",
    """grant select on published.facility_rating to songjian_public""",
    """grant select, insert, update, delete on published.feed_head to songjian_app, songjian_job""",
    """grant select on published.feed_head to songjian_public""",
    """grant select, insert, update, delete on published.feed_line to songjian_app, songjian_job""",
    """grant select on published.feed_line to songjian_public""",
    """grant select, insert, update, delete on published.frequent_word to songjian_app, songjian_job""",
    """grant select on published.frequent_word to songjian_public""",
    """grant select, insert, update, delete on published.inspection_result to songjian_app, songjian_job""",
    """grant select on published.inspection_result to songjian_public""",
    """grant select, insert, update, delete on published.list_annulment to songjian_app, songjian_job""",
    """grant select on published.list_annulment to songjian_public""",
    """grant select, insert, update, delete on published.listed_entry to songjian_app, songjian_job""",
    """grant select on published.listed_entry to songjian_public""",
    """grant select, insert, update, delete on published.place to songjian_app, songjian_job""",
    """grant select on published.place to songjian_public""",
    """grant select, insert, update, delete on published.problem to songjian_app, songjian_job""",
    """grant select on published.problem to songjian_public""",
    """grant select, insert, update, delete on published.reply to songjian_app, songjian_job""",
    """grant select on published.reply to songjian_public""",
]
BEFORE_DOWN: list[str] = []
AFTER_DOWN: list[str] = []


def run(statements: list[str]) -> None:
    cursor = op.get_bind().connection.cursor()
    for statement in statements:
        cursor.execute(statement)
    cursor.close()


def upgrade() -> None:
    run(BEFORE)
    op.create_table(
        "audit_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("lines", sa.BigInteger(), nullable=False),
        sa.Column("head", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_audit_day")),
        schema="published",
    )
    op.create_table(
        "document_check",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("kind_word", sa.Text(), nullable=False),
        sa.Column("authority", sa.Text(), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("archived_on", sa.Date(), nullable=False),
        sa.Column("facts_sha256", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("visible_from", sa.Date(), nullable=False),
        sa.Column("visible_until", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document_check")),
        schema="published",
    )
    op.create_index(op.f("ix_document_check_facts_sha256"), "document_check", ["facts_sha256"], unique=False, schema="published")
    op.create_index(op.f("ix_document_check_number"), "document_check", ["number"], unique=False, schema="published")
    op.create_index(op.f("ix_document_check_sha256"), "document_check", ["sha256"], unique=False, schema="published")
    op.create_table(
        "draw",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("authority", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("mode_word", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("state_word", sa.Text(), nullable=False),
        sa.Column("freeze_hash", sa.Text(), nullable=False),
        sa.Column("frozen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seed_hash", sa.Text(), nullable=True),
        sa.Column("result_hash", sa.Text(), nullable=True),
        sa.Column("reveal_on", sa.Date(), nullable=True),
        sa.Column("revealed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("voided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("void_reason", sa.Text(), nullable=True),
        sa.Column("inputs", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("counts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("queue", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("visible_from", sa.Date(), nullable=False),
        sa.Column("visible_until", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draw")),
        sa.UniqueConstraint("number", name=op.f("uq_draw_number")),
        schema="published",
    )
    op.create_index("ix_draw_frozen", "draw", ["frozen_at", "id"], unique=False, schema="published")
    op.create_table(
        "draw_file",
        sa.Column("draw_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("visible_from", sa.Date(), nullable=False),
        sa.Column("visible_until", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("draw_id", "name", name=op.f("pk_draw_file")),
        schema="published",
    )
    op.create_table(
        "facility",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("pinyin", sa.String(collation="C"), nullable=False),
        sa.Column("initials", sa.Text(), nullable=False),
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("uscc", sa.String(collation="C"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("kind_word", sa.Text(), nullable=False),
        sa.Column("nature_word", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("state_word", sa.Text(), nullable=False),
        sa.Column("state_note", sa.Text(), nullable=True),
        sa.Column("region_path", sa.String(collation="C"), nullable=False),
        sa.Column("region_name", sa.Text(), nullable=False),
        sa.Column("district_path", sa.String(collation="C"), nullable=False),
        sa.Column("district", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("authority", sa.Text(), nullable=False),
        sa.Column("authority_phone", sa.Text(), nullable=False),
        sa.Column("filing_number", sa.Text(), nullable=True),
        sa.Column("filed_on", sa.Date(), nullable=True),
        sa.Column("operator_word", sa.Text(), nullable=True),
        sa.Column("service_phone", sa.Text(), nullable=True),
        sa.Column("beds", sa.Integer(), nullable=True),
        sa.Column("nursing_beds", sa.Integer(), nullable=True),
        sa.Column("free_beds", sa.Integer(), nullable=True),
        sa.Column("beds_as_of", sa.Date(), nullable=True),
        sa.Column("charge_min_fen", sa.Integer(), nullable=True),
        sa.Column("charge_max_fen", sa.Integer(), nullable=True),
        sa.Column("charge_parts", sa.Text(), nullable=True),
        sa.Column("charge_as_of", sa.Date(), nullable=True),
        sa.Column("last_checked_on", sa.Date(), nullable=True),
        sa.Column("last_result", sa.Text(), nullable=True),
        sa.Column("open_problems", sa.Integer(), nullable=False),
        sa.Column("next_deadline", sa.Date(), nullable=True),
        sa.Column("search", sa.Text(), nullable=False),
        sa.Column("visible_from", sa.Date(), nullable=False),
        sa.Column("visible_until", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_facility")),
        schema="published",
    )
    op.create_index(
        "ix_facility_bigrams",
        "facility",
        [sa.literal_column("published.bigrams(search)")],
        unique=False,
        schema="published",
        postgresql_using="gin",
    )
    op.create_index("ix_facility_district_order", "facility", ["district_path", "pinyin", "id"], unique=False, schema="published")
    op.create_index("ix_facility_filing_number", "facility", ["filing_number"], unique=False, schema="published")
    op.create_index("ix_facility_order", "facility", ["pinyin", "id"], unique=False, schema="published")
    op.create_index("ix_facility_uscc", "facility", ["uscc"], unique=False, schema="published")
    op.create_table(
        "facility_change",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("changed_on", sa.Date(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.Column("visible_from", sa.Date(), nullable=False),
        sa.Column("visible_until", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_facility_change")),
        schema="published",
    )
    op.create_index(op.f("ix_facility_change_site_id"), "facility_change", ["site_id"], unique=False, schema="published")
    op.create_table(
        "facility_fact",
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("section", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("visible_from", sa.Date(), nullable=False),
        sa.Column("visible_until", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("site_id", "key", name=op.f("pk_facility_fact")),
        schema="published",
    )
    op.create_table(
        "facility_rating",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("kind_word", sa.Text(), nullable=False),
        sa.Column("scheme", sa.Text(), nullable=False),
        sa.Column("scheme_name", sa.Text(), nullable=False),
        sa.Column("edition", sa.Text(), nullable=False),
        sa.Column("mark", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("level_word", sa.Text(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("state_word", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("out_of", sa.Text(), nullable=False),
        sa.Column("areas", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("changes", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("replies", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("authority", sa.Text(), nullable=False),
        sa.Column("certificate_number", sa.Text(), nullable=False),
        sa.Column("visible_from", sa.Date(), nullable=False),
        sa.Column("visible_until", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_facility_rating")),
        schema="published",
    )
    op.create_index(
        "ix_facility_rating_held",
        "facility_rating",
        ["scheme", "rank", "site_id"],
        unique=False,
        schema="published",
        postgresql_where=sa.text("state = 'valid'"),
    )
    op.create_index(op.f("ix_facility_rating_site_id"), "facility_rating", ["site_id"], unique=False, schema="published")
    op.create_table(
        "feed_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feed_head")),
        schema="published",
    )
    op.create_table(
        "feed_line",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("subject", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=True),
        sa.Column("change", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_feed_line")),
        schema="published",
    )
    op.create_table(
        "frequent_word",
        sa.Column("word", sa.Text(), nullable=False),
        sa.Column("facilities", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("word", name=op.f("pk_frequent_word")),
        schema="published",
    )
    op.create_table(
        "inspection_result",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("kind_word", sa.Text(), nullable=False),
        sa.Column("authority", sa.Text(), nullable=False),
        sa.Column("checked_on", sa.Date(), nullable=False),
        sa.Column("published_on", sa.Date(), nullable=False),
        sa.Column("items", sa.Integer(), nullable=False),
        sa.Column("met", sa.Integer(), nullable=False),
        sa.Column("not_met", sa.Integer(), nullable=False),
        sa.Column("rate", sa.Integer(), nullable=True),
        sa.Column("mandatory", sa.Text(), nullable=False),
        sa.Column("mandatory_pending", sa.Integer(), nullable=False),
        sa.Column("hazards", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("handling", sa.Text(), nullable=False),
        sa.Column("report_number", sa.Text(), nullable=True),
        sa.Column("visible_from", sa.Date(), nullable=False),
        sa.Column("visible_until", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inspection_result")),
        schema="published",
    )
    op.create_index("ix_inspection_result_checked", "inspection_result", ["checked_on", "id"], unique=False, schema="published")
    op.create_index(op.f("ix_inspection_result_site_id"), "inspection_result", ["site_id"], unique=False, schema="published")
    op.create_table(
        "list_annulment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("authority", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("annulled_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("visible_from", sa.Date(), nullable=False),
        sa.Column("visible_until", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_list_annulment")),
        schema="published",
    )
    op.create_table(
        "listed_entry",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("list_name", sa.Text(), nullable=False),
        sa.Column("authority", sa.Text(), nullable=False),
        sa.Column("authority_phone", sa.Text(), nullable=False),
        sa.Column("district_path", sa.String(collation="C"), nullable=False),
        sa.Column("subject_kind", sa.Text(), nullable=False),
        sa.Column("subject_word", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("uscc", sa.String(collation="C"), nullable=False),
        sa.Column("legal_representative", sa.Text(), nullable=False),
        sa.Column("id_masked", sa.Text(), nullable=False),
        sa.Column("ground", sa.Text(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("published_on", sa.Date(), nullable=False),
        sa.Column("class_word", sa.Text(), nullable=False),
        sa.Column("reach", sa.Text(), nullable=False),
        sa.Column("earliest_repair_on", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("objected", sa.Boolean(), nullable=False),
        sa.Column("search", sa.Text(), nullable=False),
        sa.Column("visible_from", sa.Date(), nullable=False),
        sa.Column("visible_until", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_listed_entry")),
        schema="published",
    )
    op.create_index("ix_listed_entry_order", "listed_entry", ["decided_on", "id"], unique=False, schema="published")
    op.create_index("ix_listed_entry_uscc", "listed_entry", ["uscc"], unique=False, schema="published")
    op.create_table(
        "place",
        sa.Column("path", sa.String(collation="C"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("city", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("path", name=op.f("pk_place")),
        schema="published",
    )
    op.create_table(
        "problem",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("inspection_id", sa.Uuid(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("severity_word", sa.Text(), nullable=False),
        sa.Column("found_on", sa.Date(), nullable=False),
        sa.Column("deadline", sa.Date(), nullable=True),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("state_word", sa.Text(), nullable=False),
        sa.Column("mended_on", sa.Date(), nullable=True),
        sa.Column("visible_from", sa.Date(), nullable=False),
        sa.Column("visible_until", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_problem")),
        schema="published",
    )
    op.create_index(op.f("ix_problem_site_id"), "problem", ["site_id"], unique=False, schema="published")
    op.create_table(
        "reply",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("problem_id", sa.Uuid(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("said_on", sa.Date(), nullable=False),
        sa.Column("visible_from", sa.Date(), nullable=False),
        sa.Column("visible_until", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reply")),
        schema="published",
    )
    op.create_index(op.f("ix_reply_site_id"), "reply", ["site_id"], unique=False, schema="published")
    run(GUARDS)


def downgrade() -> None:
    run(BEFORE_DOWN)
    op.drop_index(op.f("ix_reply_site_id"), table_name="reply", schema="published")
    op.drop_table("reply", schema="published")
    op.drop_index(op.f("ix_problem_site_id"), table_name="problem", schema="published")
    op.drop_table("problem", schema="published")
    op.drop_table("place", schema="published")
    op.drop_index("ix_listed_entry_uscc", table_name="listed_entry", schema="published")
    op.drop_index("ix_listed_entry_order", table_name="listed_entry", schema="published")
    op.drop_table("listed_entry", schema="published")
    op.drop_table("list_annulment", schema="published")
    op.drop_index(op.f("ix_inspection_result_site_id"), table_name="inspection_result", schema="published")
    op.drop_index("ix_inspection_result_checked", table_name="inspection_result", schema="published")
    op.drop_table("inspection_result", schema="published")
    op.drop_table("frequent_word", schema="published")
    op.drop_table("feed_line", schema="published")
    op.drop_table("feed_head", schema="published")
    op.drop_index(op.f("ix_facility_rating_site_id"), table_name="facility_rating", schema="published")
    op.drop_index(
        "ix_facility_rating_held", table_name="facility_rating", schema="published", postgresql_where=sa.text("state = 'valid'")
    )
    op.drop_table("facility_rating", schema="published")
    op.drop_table("facility_fact", schema="published")
    op.drop_index(op.f("ix_facility_change_site_id"), table_name="facility_change", schema="published")
    op.drop_table("facility_change", schema="published")
    op.drop_index("ix_facility_uscc", table_name="facility", schema="published")
    op.drop_index("ix_facility_order", table_name="facility", schema="published")
    op.drop_index("ix_facility_filing_number", table_name="facility", schema="published")
    op.drop_index("ix_facility_district_order", table_name="facility", schema="published")
    op.drop_index("ix_facility_bigrams", table_name="facility", schema="published", postgresql_using="gin")
    op.drop_table("facility", schema="published")
    op.drop_table("draw_file", schema="published")
    op.drop_index("ix_draw_frozen", table_name="draw", schema="published")
    op.drop_table("draw", schema="published")
    op.drop_index(op.f("ix_document_check_sha256"), table_name="document_check", schema="published")
    op.drop_index(op.f("ix_document_check_number"), table_name="document_check", schema="published")
    op.drop_index(op.f("ix_document_check_facts_sha256"), table_name="document_check", schema="published")
    op.drop_table("document_check", schema="published")
    op.drop_table("audit_day", schema="published")
    run(AFTER_DOWN)

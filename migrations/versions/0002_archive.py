"""The archive: files and documents.

Revision ID: 0002_archive
Revises: 0001_ground
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002_archive"
down_revision = "0001_ground"
branch_labels = None
depends_on = None

# Statements as they stand: no parameters, so `%` and `:` mean themselves.
BEFORE: list[str] = []
GUARDS: list[str] = [
    """alter table blob enable row level security""",
    """alter table blob force row level security""",
    """create policy reach on blob using (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
) with check (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
)""",
    """grant select, insert, update on blob to songjian_app, songjian_job""",
    """alter table document enable row level security""",
    """alter table document force row level security""",
    """create policy reach on document using (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
) with check (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
)""",
    """grant select, insert, update on document to songjian_app, songjian_job""",
]
BEFORE_DOWN: list[str] = [
    """drop policy reach on blob""",
    """drop policy reach on document""",
]
AFTER_DOWN: list[str] = []


def run(statements: list[str]) -> None:
    cursor = op.get_bind().connection.cursor()
    for statement in statements:
        cursor.execute(statement)
    cursor.close()


def upgrade() -> None:
    run(BEFORE)
    op.create_table(
        "blob",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("content_type", sa.Text(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("thumbnail", sa.LargeBinary(), nullable=True),
        sa.Column("staged", sa.LargeBinary(), nullable=True),
        sa.Column("key", sa.Text(), nullable=True),
        sa.Column("version_id", sa.Text(), nullable=True),
        sa.Column("retain_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stored_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("uploaded_by", sa.Uuid(), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("evidence", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("scope_path", sa.String(collation="C"), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        sa.Column("site_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("kind in ('photo', 'paper', 'evidence', 'signature')", name=op.f("ck_blob_kind_known")),
        sa.CheckConstraint("(version_id is not null) or (staged is not null)", name=op.f("ck_blob_bytes_somewhere")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_blob")),
        sa.UniqueConstraint("site_id", "sha256", name=op.f("uq_blob_site_id_sha256")),
    )
    op.create_index(op.f("ix_blob_provider_id"), "blob", ["provider_id"], unique=False)
    op.create_index(op.f("ix_blob_scope_path"), "blob", ["scope_path"], unique=False)
    op.create_index(op.f("ix_blob_site_id"), "blob", ["site_id"], unique=False)
    op.create_table(
        "document",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("subject", sa.Uuid(), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("issued_by", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("page", sa.Text(), nullable=True),
        sa.Column("facts", sa.LargeBinary(), nullable=True),
        sa.Column("facts_sha256", sa.Text(), nullable=False),
        sa.Column("images", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("unsigned_sha256", sa.Text(), nullable=True),
        sa.Column("sha256", sa.Text(), nullable=True),
        sa.Column("size", sa.Integer(), nullable=True),
        sa.Column("staged", sa.LargeBinary(), nullable=True),
        sa.Column("key", sa.Text(), nullable=True),
        sa.Column("version_id", sa.Text(), nullable=True),
        sa.Column("retention", sa.Text(), nullable=False),
        sa.Column("retain_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("public", sa.Boolean(), nullable=False),
        sa.Column("scope_path", sa.String(collation="C"), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        sa.Column("site_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "kind in ('filing_receipt', 'notice', 'onsite_record', 'order', 'recheck', 'report', 'list_notice', 'list_decision', 'list_not_decision', 'repair_notice', 'repair_decision', 'list_annulment', 'rating_certificate')",
            name=op.f("ck_document_kind_known"),
        ),
        sa.CheckConstraint("retention in ('10', '30', 'permanent')", name=op.f("ck_document_retention_known")),
        sa.CheckConstraint("state in ('waiting', 'rendered', 'archived')", name=op.f("ck_document_state_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document")),
        sa.UniqueConstraint("authority_id", "number", name=op.f("uq_document_authority_id_number")),
    )
    op.create_index(op.f("ix_document_facts_sha256"), "document", ["facts_sha256"], unique=False)
    op.create_index("ix_document_number", "document", ["number"], unique=False)
    op.create_index(op.f("ix_document_provider_id"), "document", ["provider_id"], unique=False)
    op.create_index(op.f("ix_document_scope_path"), "document", ["scope_path"], unique=False)
    op.create_index(op.f("ix_document_sha256"), "document", ["sha256"], unique=False)
    op.create_index(op.f("ix_document_site_id"), "document", ["site_id"], unique=False)
    op.create_index(op.f("ix_document_subject"), "document", ["subject"], unique=False)
    op.create_index(
        "ix_document_unfinished", "document", ["state"], unique=False, postgresql_where=sa.text("state <> 'archived'")
    )
    run(GUARDS)


def downgrade() -> None:
    run(BEFORE_DOWN)
    op.drop_index("ix_document_unfinished", table_name="document", postgresql_where=sa.text("state <> 'archived'"))
    op.drop_index(op.f("ix_document_subject"), table_name="document")
    op.drop_index(op.f("ix_document_site_id"), table_name="document")
    op.drop_index(op.f("ix_document_sha256"), table_name="document")
    op.drop_index(op.f("ix_document_scope_path"), table_name="document")
    op.drop_index(op.f("ix_document_provider_id"), table_name="document")
    op.drop_index("ix_document_number", table_name="document")
    op.drop_index(op.f("ix_document_facts_sha256"), table_name="document")
    op.drop_table("document")
    op.drop_index(op.f("ix_blob_site_id"), table_name="blob")
    op.drop_index(op.f("ix_blob_scope_path"), table_name="blob")
    op.drop_index(op.f("ix_blob_provider_id"), table_name="blob")
    op.drop_table("blob")
    run(AFTER_DOWN)

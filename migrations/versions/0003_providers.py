"""The registry: organisations, sites, filings, facts, papers.

Revision ID: 0003_providers
Revises: 0002_archive
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003_providers"
down_revision = "0002_archive"
branch_labels = None
depends_on = None

# Statements as they stand: no parameters, so `%` and `:` mean themselves.
BEFORE: list[str] = []
GUARDS: list[str] = [
    """alter table organisation enable row level security""",
    """alter table organisation force row level security""",
    """create policy reach on organisation using (id = nullif(current_setting('app.provider', true), '')::uuid or current_setting('app.path', true) = '/' or created_by = nullif(current_setting('app.actor', true), '')::uuid or exists (select 1 from site where site.provider_id = organisation.id)) with check (id = nullif(current_setting('app.provider', true), '')::uuid or current_setting('app.path', true) = '/' or created_by = nullif(current_setting('app.actor', true), '')::uuid or exists (select 1 from site where site.provider_id = organisation.id))""",
    """grant select, insert, update on organisation to songjian_app, songjian_job""",
    """alter table register_import enable row level security""",
    """alter table register_import force row level security""",
    """create policy reach on register_import using (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
) with check (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
)""",
    """grant select, insert, update on register_import to songjian_app, songjian_job""",
    """alter table site enable row level security""",
    """alter table site force row level security""",
    """create policy reach on site using (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
) with check (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
)""",
    """grant select, insert, update on site to songjian_app, songjian_job""",
    """alter table filing enable row level security""",
    """alter table filing force row level security""",
    """create policy reach on filing using (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
) with check (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
)""",
    """grant select, insert, update on filing to songjian_app, songjian_job""",
    """alter table site_change enable row level security""",
    """alter table site_change force row level security""",
    """create policy reach on site_change using (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
) with check (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
)""",
    """grant select, insert, update on site_change to songjian_app, songjian_job""",
    """alter table site_fact enable row level security""",
    """alter table site_fact force row level security""",
    """create policy reach on site_fact using (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
) with check (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
)""",
    """grant select, insert, update on site_fact to songjian_app, songjian_job""",
    """alter table unmasking enable row level security""",
    """alter table unmasking force row level security""",
    """create policy reach on unmasking using (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
) with check (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
)""",
    """grant select, insert, update on unmasking to songjian_app, songjian_job""",
    """alter table site_paper enable row level security""",
    """alter table site_paper force row level security""",
    """create policy reach on site_paper using (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
) with check (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
)""",
    """grant select, insert, update on site_paper to songjian_app, songjian_job""",
]
BEFORE_DOWN: list[str] = [
    """drop policy reach on organisation""",
    """drop policy reach on register_import""",
    """drop policy reach on site""",
    """drop policy reach on filing""",
    """drop policy reach on site_change""",
    """drop policy reach on site_fact""",
    """drop policy reach on unmasking""",
    """drop policy reach on site_paper""",
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
        "organisation",
        sa.Column("uscc", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("nature", sa.Text(), nullable=False),
        sa.Column("legal_representative", sa.Text(), nullable=False),
        sa.Column("registrar", sa.Text(), nullable=False),
        sa.Column("registrar_region_id", sa.Uuid(), nullable=False),
        sa.Column("registered_on", sa.Date(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("nature in ('for_profit', 'non_profit', 'public')", name=op.f("ck_organisation_nature_known")),
        sa.ForeignKeyConstraint(["registrar_region_id"], ["region.id"], name=op.f("fk_organisation_registrar_region_id_region")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation")),
        sa.UniqueConstraint("uscc", name=op.f("uq_organisation_uscc")),
    )
    op.create_table(
        "register_import",
        sa.Column("authority_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("workbook", sa.LargeBinary(), nullable=True),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("counts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("faults", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("fault_count", sa.Integer(), nullable=False),
        sa.Column("unknown", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("site_ids", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("uploaded_by", sa.Uuid(), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("written_by", sa.Uuid(), nullable=True),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("scope_path", sa.String(collation="C"), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        sa.Column("site_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("state in ('faulty', 'checked', 'waiting', 'done')", name=op.f("ck_register_import_state_known")),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_register_import_authority_id_authority")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_register_import")),
    )
    op.create_index("ix_register_import_newest", "register_import", ["scope_path", "uploaded_at"], unique=False)
    op.create_index(op.f("ix_register_import_provider_id"), "register_import", ["provider_id"], unique=False)
    op.create_index(op.f("ix_register_import_scope_path"), "register_import", ["scope_path"], unique=False)
    op.create_index(op.f("ix_register_import_site_id"), "register_import", ["site_id"], unique=False)
    op.create_table(
        "site",
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("pinyin", sa.Text(), nullable=False),
        sa.Column("initials", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("region_id", sa.Uuid(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("service_phone", sa.Text(), nullable=True),
        sa.Column("manager_name", sa.Text(), nullable=True),
        sa.Column("operator_model", sa.Text(), nullable=True),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("first_resident_on", sa.Date(), nullable=True),
        sa.Column("filed_on", sa.Date(), nullable=True),
        sa.Column("filing_number", sa.Text(), nullable=True),
        sa.Column("fire_track", sa.Text(), nullable=True),
        sa.Column("tier", sa.Text(), nullable=False),
        sa.Column("tier_reason", sa.Text(), nullable=True),
        sa.Column("suspended_until", sa.Date(), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("scope_path", sa.String(collation="C"), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("(state <> 'filed') or (filed_on is not null)", name=op.f("ck_site_filed_has_day")),
        sa.CheckConstraint(
            "fire_track in ('accepted', 'filed', 'assessed', 'case_by_case')", name=op.f("ck_site_fire_track_known")
        ),
        sa.CheckConstraint(
            "kind in ('care_home', 'home_care_centre', 'community_station', 'day_care', 'rural_happiness', 'meal_point')",
            name=op.f("ck_site_kind_known"),
        ),
        sa.CheckConstraint(
            "operator_model in ('public_own', 'public_run_private', 'private')", name=op.f("ck_site_operator_model_known")
        ),
        sa.CheckConstraint(
            "state in ('draft', 'operating', 'filed', 'suspended', 'closing', 'closed', 'exited')",
            name=op.f("ck_site_state_known"),
        ),
        sa.CheckConstraint("tier in ('A', 'B', 'C', 'D')", name=op.f("ck_site_tier_known")),
        sa.CheckConstraint("site_id = id", name=op.f("ck_site_own_scope")),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_site_authority_id_authority")),
        sa.ForeignKeyConstraint(["provider_id"], ["organisation.id"], name=op.f("fk_site_provider_id_organisation")),
        sa.ForeignKeyConstraint(["region_id"], ["region.id"], name=op.f("fk_site_region_id_region")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_site")),
        sa.UniqueConstraint("id", "scope_path", name=op.f("uq_site_id_scope_path")),
        sa.UniqueConstraint("provider_id", "number", name=op.f("uq_site_provider_id_number")),
    )
    op.create_index(op.f("ix_site_authority_id"), "site", ["authority_id"], unique=False)
    op.create_index(op.f("ix_site_provider_id"), "site", ["provider_id"], unique=False)
    op.create_index(op.f("ix_site_region_id"), "site", ["region_id"], unique=False)
    op.create_index("ix_site_scope_name", "site", ["scope_path", "name"], unique=False)
    op.create_index(op.f("ix_site_scope_path"), "site", ["scope_path"], unique=False)
    op.create_index("ix_site_scope_state", "site", ["scope_path", "state"], unique=False)
    op.create_index(op.f("ix_site_site_id"), "site", ["site_id"], unique=False)
    op.create_table(
        "filing",
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("promise_by", sa.Uuid(), nullable=True),
        sa.Column("promise_on", sa.Date(), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("return_reason", sa.Text(), nullable=True),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("document_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("scope_path", sa.String(collation="C"), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("kind in ('first', 'change', 'move', 'suspend', 'close')", name=op.f("ck_filing_kind_known")),
        sa.CheckConstraint(
            "state in ('draft', 'submitted', 'returned', 'accepted', 'withdrawn')", name=op.f("ck_filing_state_known")
        ),
        sa.CheckConstraint("decided_by <> promise_by", name=op.f("ck_filing_not_decided_by_its_maker")),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_filing_authority_id_authority")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_filing_site_id_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_filing")),
        sa.UniqueConstraint("authority_id", "number", name=op.f("uq_filing_authority_id_number")),
    )
    op.create_index(op.f("ix_filing_authority_id"), "filing", ["authority_id"], unique=False)
    op.create_index(op.f("ix_filing_provider_id"), "filing", ["provider_id"], unique=False)
    op.create_index(op.f("ix_filing_scope_path"), "filing", ["scope_path"], unique=False)
    op.create_index(op.f("ix_filing_site_id"), "filing", ["site_id"], unique=False)
    op.create_index(
        "uq_filing_open",
        "filing",
        ["site_id", "kind"],
        unique=True,
        postgresql_where=sa.text("state in ('draft','submitted','returned')"),
    )
    op.create_table(
        "site_change",
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("before", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("after", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("filing_id", sa.Uuid(), nullable=True),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("scope_path", sa.String(collation="C"), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_site_change_site_id_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_site_change")),
    )
    op.create_index(op.f("ix_site_change_provider_id"), "site_change", ["provider_id"], unique=False)
    op.create_index(op.f("ix_site_change_scope_path"), "site_change", ["scope_path"], unique=False)
    op.create_index(op.f("ix_site_change_site_id"), "site_change", ["site_id"], unique=False)
    op.create_table(
        "site_fact",
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("entered_by", sa.Uuid(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("scope_path", sa.String(collation="C"), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_site_fact_site_id_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_site_fact")),
    )
    op.create_index(
        "ix_site_fact_newest",
        "site_fact",
        ["site_id", "key", sa.literal_column("as_of desc"), sa.literal_column("entered_at desc")],
        unique=False,
    )
    op.create_index(op.f("ix_site_fact_provider_id"), "site_fact", ["provider_id"], unique=False)
    op.create_index(op.f("ix_site_fact_scope_path"), "site_fact", ["scope_path"], unique=False)
    op.create_index(op.f("ix_site_fact_site_id"), "site_fact", ["site_id"], unique=False)
    op.create_table(
        "unmasking",
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("scope_path", sa.String(collation="C"), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_unmasking_site_id_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unmasking")),
    )
    op.create_index(op.f("ix_unmasking_provider_id"), "unmasking", ["provider_id"], unique=False)
    op.create_index(op.f("ix_unmasking_scope_path"), "unmasking", ["scope_path"], unique=False)
    op.create_index(op.f("ix_unmasking_site_id"), "unmasking", ["site_id"], unique=False)
    op.create_table(
        "site_paper",
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("filing_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("issuer", sa.Text(), nullable=True),
        sa.Column("issued_on", sa.Date(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("blob_id", sa.Uuid(), nullable=True),
        sa.Column("file_name", sa.Text(), nullable=True),
        sa.Column("reminded", sa.Integer(), nullable=True),
        sa.Column("entered_by", sa.Uuid(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("scope_path", sa.String(collation="C"), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "kind in ('application', 'registration', 'promise', 'fire', 'fire_test', 'food', 'clinic', 'lift', 'insurance', 'lease', 'medical_contract', 'resettlement', 'other')",
            name=op.f("ck_site_paper_kind_known"),
        ),
        sa.CheckConstraint("state in ('current', 'replaced')", name=op.f("ck_site_paper_state_known")),
        sa.ForeignKeyConstraint(["blob_id"], ["blob.id"], name=op.f("fk_site_paper_blob_id_blob")),
        sa.ForeignKeyConstraint(["filing_id"], ["filing.id"], name=op.f("fk_site_paper_filing_id_filing")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_site_paper_site_id_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_site_paper")),
    )
    op.create_index(
        "ix_site_paper_expiry",
        "site_paper",
        ["scope_path", "valid_until"],
        unique=False,
        postgresql_where=sa.text("state = 'current'"),
    )
    op.create_index(op.f("ix_site_paper_filing_id"), "site_paper", ["filing_id"], unique=False)
    op.create_index(op.f("ix_site_paper_provider_id"), "site_paper", ["provider_id"], unique=False)
    op.create_index(op.f("ix_site_paper_scope_path"), "site_paper", ["scope_path"], unique=False)
    op.create_index(op.f("ix_site_paper_site_id"), "site_paper", ["site_id"], unique=False)
    run(GUARDS)


def downgrade() -> None:
    run(BEFORE_DOWN)
    op.drop_index(op.f("ix_site_paper_site_id"), table_name="site_paper")
    op.drop_index(op.f("ix_site_paper_scope_path"), table_name="site_paper")
    op.drop_index(op.f("ix_site_paper_provider_id"), table_name="site_paper")
    op.drop_index(op.f("ix_site_paper_filing_id"), table_name="site_paper")
    op.drop_index("ix_site_paper_expiry", table_name="site_paper", postgresql_where=sa.text("state = 'current'"))
    op.drop_table("site_paper")
    op.drop_index(op.f("ix_unmasking_site_id"), table_name="unmasking")
    op.drop_index(op.f("ix_unmasking_scope_path"), table_name="unmasking")
    op.drop_index(op.f("ix_unmasking_provider_id"), table_name="unmasking")
    op.drop_table("unmasking")
    op.drop_index(op.f("ix_site_fact_site_id"), table_name="site_fact")
    op.drop_index(op.f("ix_site_fact_scope_path"), table_name="site_fact")
    op.drop_index(op.f("ix_site_fact_provider_id"), table_name="site_fact")
    op.drop_index("ix_site_fact_newest", table_name="site_fact")
    op.drop_table("site_fact")
    op.drop_index(op.f("ix_site_change_site_id"), table_name="site_change")
    op.drop_index(op.f("ix_site_change_scope_path"), table_name="site_change")
    op.drop_index(op.f("ix_site_change_provider_id"), table_name="site_change")
    op.drop_table("site_change")
    op.drop_index("uq_filing_open", table_name="filing", postgresql_where=sa.text("state in ('draft','submitted','returned')"))
    op.drop_index(op.f("ix_filing_site_id"), table_name="filing")
    op.drop_index(op.f("ix_filing_scope_path"), table_name="filing")
    op.drop_index(op.f("ix_filing_provider_id"), table_name="filing")
    op.drop_index(op.f("ix_filing_authority_id"), table_name="filing")
    op.drop_table("filing")
    op.drop_index(op.f("ix_site_site_id"), table_name="site")
    op.drop_index("ix_site_scope_state", table_name="site")
    op.drop_index(op.f("ix_site_scope_path"), table_name="site")
    op.drop_index("ix_site_scope_name", table_name="site")
    op.drop_index(op.f("ix_site_region_id"), table_name="site")
    op.drop_index(op.f("ix_site_provider_id"), table_name="site")
    op.drop_index(op.f("ix_site_authority_id"), table_name="site")
    op.drop_table("site")
    op.drop_index(op.f("ix_register_import_site_id"), table_name="register_import")
    op.drop_index(op.f("ix_register_import_scope_path"), table_name="register_import")
    op.drop_index(op.f("ix_register_import_provider_id"), table_name="register_import")
    op.drop_index("ix_register_import_newest", table_name="register_import")
    op.drop_table("register_import")
    op.drop_table("organisation")
    run(AFTER_DOWN)

"""People, posts, certificates, courses.

Revision ID: 0005_training
Revises: 0004_inspections
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005_training"
down_revision = "0004_inspections"
branch_labels = None
depends_on = None

# Statements as they stand: no parameters, so `%` and `:` mean themselves.
BEFORE: list[str] = []
GUARDS: list[str] = [
    """alter table person enable row level security""",
    """alter table person force row level security""",
    """create policy reach on person using (current_setting('app.path', true) = '/' or created_by = nullif(current_setting('app.actor', true), '')::uuid or exists (select 1 from employment where employment.person_id = person.id)) with check (current_setting('app.path', true) = '/' or created_by = nullif(current_setting('app.actor', true), '')::uuid or exists (select 1 from employment where employment.person_id = person.id))""",
    """grant select, insert, update on person to songjian_app, songjian_job""",
    """alter table certificate enable row level security""",
    """alter table certificate force row level security""",
    """create policy reach on certificate using ((
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
) or exists (select 1 from employment where employment.person_id = certificate.person_id and (employment.ended_on is null or nullif(current_setting('app.path', true), '') is not null))) with check ((
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
) or exists (select 1 from employment where employment.person_id = certificate.person_id and (employment.ended_on is null or nullif(current_setting('app.path', true), '') is not null)))""",
    """grant select, insert, update on certificate to songjian_app, songjian_job""",
    """alter table certificate_check enable row level security""",
    """alter table certificate_check force row level security""",
    """create policy reach on certificate_check using ((
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
) or exists (select 1 from certificate where certificate.id = certificate_check.certificate_id)) with check ((
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
) or exists (select 1 from certificate where certificate.id = certificate_check.certificate_id))""",
    """grant select, insert on certificate_check to songjian_app, songjian_job""",
    """alter table course enable row level security""",
    """alter table course force row level security""",
    """create policy reach on course using ((
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
) or authority_id is not null and exists (select 1 from site where site.scope_path >= course.scope_path and site.scope_path < left(course.scope_path, -1) || '0')) with check ((
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
) or authority_id is not null and exists (select 1 from site where site.scope_path >= course.scope_path and site.scope_path < left(course.scope_path, -1) || '0'))""",
    """grant select, insert, update on course to songjian_app, songjian_job""",
    """alter table care_load enable row level security""",
    """alter table care_load force row level security""",
    """create policy reach on care_load using (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
) with check (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
)""",
    """grant select, insert, update on care_load to songjian_app, songjian_job""",
    """alter table employment enable row level security""",
    """alter table employment force row level security""",
    """create policy reach on employment using (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
) with check (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
)""",
    """grant select, insert, update on employment to songjian_app, songjian_job""",
    """alter table staff_import enable row level security""",
    """alter table staff_import force row level security""",
    """create policy reach on staff_import using (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
) with check (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
)""",
    """grant select, insert, update on staff_import to songjian_app, songjian_job""",
    """alter table training_session enable row level security""",
    """alter table training_session force row level security""",
    """create policy reach on training_session using ((
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
) or authority_id is not null and exists (select 1 from site where site.scope_path >= training_session.scope_path and site.scope_path < left(training_session.scope_path, -1) || '0')) with check ((
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
) or authority_id is not null and exists (select 1 from site where site.scope_path >= training_session.scope_path and site.scope_path < left(training_session.scope_path, -1) || '0'))""",
    """grant select, insert, update on training_session to songjian_app, songjian_job""",
    """alter table attendance enable row level security""",
    """alter table attendance force row level security""",
    """create policy reach on attendance using (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
) with check (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
)""",
    """grant select, insert, update on attendance to songjian_app, songjian_job""",
    """alter table certificate_alert enable row level security""",
    """alter table certificate_alert force row level security""",
    """create policy reach on certificate_alert using (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
) with check (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
)""",
    """grant select, insert on certificate_alert to songjian_app, songjian_job""",
    """alter table share_code enable row level security""",
    """alter table share_code force row level security""",
    """create policy reach on share_code using (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
) with check (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
)""",
    """grant select, insert, update on share_code to songjian_app, songjian_job""",
]
BEFORE_DOWN: list[str] = [
    """drop policy reach on person""",
    """drop policy reach on certificate""",
    """drop policy reach on certificate_check""",
    """drop policy reach on course""",
    """drop policy reach on care_load""",
    """drop policy reach on employment""",
    """drop policy reach on staff_import""",
    """drop policy reach on training_session""",
    """drop policy reach on attendance""",
    """drop policy reach on certificate_alert""",
    """drop policy reach on share_code""",
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
        "person",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("pinyin", sa.Text(), nullable=False),
        sa.Column("initials", sa.Text(), nullable=False),
        sa.Column("id_type", sa.Text(), nullable=False),
        sa.Column("identity", sa.Text(), nullable=False),
        sa.Column("identity_mark", sa.Text(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "id_type in ('resident', 'hmt_residence', 'hm_permit', 'tw_permit', 'foreigner_card', 'passport', 'other')",
            name=op.f("ck_person_id_type_known"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("identity_mark", name=op.f("uq_person_identity_mark")),
    )
    op.create_table(
        "certificate",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=True),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("number_mark", sa.Text(), nullable=True),
        sa.Column("issuer", sa.Text(), nullable=True),
        sa.Column("issued_on", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("review_due", sa.Date(), nullable=True),
        sa.Column("runs_out_on", sa.Date(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("finding", sa.Text(), nullable=False),
        sa.Column("checked_by", sa.Uuid(), nullable=True),
        sa.Column("checked_on", sa.Date(), nullable=True),
        sa.Column("doubts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("replaces_id", sa.Uuid(), nullable=True),
        sa.Column("blob_id", sa.Uuid(), nullable=True),
        sa.Column("entered_by", sa.Uuid(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("scope_path", sa.String(collation="C"), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        sa.Column("site_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("(finding = 'unverified') = (checked_by is null)", name=op.f("ck_certificate_checked_by_somebody")),
        sa.CheckConstraint(
            "finding in ('unverified', 'verified', 'doubtful', 'false')", name=op.f("ck_certificate_finding_known")
        ),
        sa.CheckConstraint("state in ('current', 'replaced', 'withdrawn')", name=op.f("ck_certificate_state_known")),
        sa.CheckConstraint("checked_by <> entered_by", name=op.f("ck_certificate_not_checked_by_who_entered_it")),
        sa.CheckConstraint(
            "runs_out_on is not distinct from least(valid_to, review_due)", name=op.f("ck_certificate_runs_out_by_its_dates")
        ),
        sa.ForeignKeyConstraint(["blob_id"], ["blob.id"], name=op.f("fk_certificate_blob_id_blob")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_certificate_person_id_person")),
        sa.ForeignKeyConstraint(["replaces_id"], ["certificate.id"], name=op.f("fk_certificate_replaces_id_certificate")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate")),
    )
    op.create_index(
        "ix_certificate_expiry",
        "certificate",
        ["scope_path", "runs_out_on"],
        unique=False,
        postgresql_where=sa.text("state = 'current'"),
    )
    op.create_index(op.f("ix_certificate_number_mark"), "certificate", ["number_mark"], unique=False)
    op.create_index(op.f("ix_certificate_person_id"), "certificate", ["person_id"], unique=False)
    op.create_index(op.f("ix_certificate_provider_id"), "certificate", ["provider_id"], unique=False)
    op.create_index(op.f("ix_certificate_scope_path"), "certificate", ["scope_path"], unique=False)
    op.create_index(op.f("ix_certificate_site_id"), "certificate", ["site_id"], unique=False)
    op.create_index(
        "uq_certificate_current",
        "certificate",
        ["person_id", "kind", "number_mark"],
        unique=True,
        postgresql_where=sa.text("state = 'current' and number_mark is not null"),
    )
    op.create_table(
        "certificate_check",
        sa.Column("certificate_id", sa.Uuid(), nullable=False),
        sa.Column("finding", sa.Text(), nullable=False),
        sa.Column("way", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.Column("by_name", sa.Text(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("scope_path", sa.String(collation="C"), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        sa.Column("site_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "finding in ('unverified', 'verified', 'doubtful', 'false')", name=op.f("ck_certificate_check_finding_known")
        ),
        sa.CheckConstraint("way in ('online', 'original', 'issuer', 'report')", name=op.f("ck_certificate_check_way_known")),
        sa.ForeignKeyConstraint(
            ["certificate_id"], ["certificate.id"], name=op.f("fk_certificate_check_certificate_id_certificate")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate_check")),
    )
    op.create_index(op.f("ix_certificate_check_certificate_id"), "certificate_check", ["certificate_id"], unique=False)
    op.create_index(op.f("ix_certificate_check_provider_id"), "certificate_check", ["provider_id"], unique=False)
    op.create_index(op.f("ix_certificate_check_scope_path"), "certificate_check", ["scope_path"], unique=False)
    op.create_index(op.f("ix_certificate_check_site_id"), "certificate_check", ["site_id"], unique=False)
    op.create_table(
        "course",
        sa.Column("authority_id", sa.Uuid(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("hours", sa.Integer(), nullable=False),
        sa.Column("has_exam", sa.Boolean(), nullable=False),
        sa.Column("pass_mark", sa.Integer(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("scope_path", sa.String(collation="C"), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        sa.Column("site_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "kind in ('safety', 'pre_job', 'skill', 'fire', 'emergency', 'management')", name=op.f("ck_course_kind_known")
        ),
        sa.CheckConstraint("pass_mark between 0 and 100", name=op.f("ck_course_pass_mark_range")),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_course_authority_id_authority")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course")),
    )
    op.create_index(op.f("ix_course_provider_id"), "course", ["provider_id"], unique=False)
    op.create_index(op.f("ix_course_scope_path"), "course", ["scope_path"], unique=False)
    op.create_index(op.f("ix_course_site_id"), "course", ["site_id"], unique=False)
    op.create_table(
        "care_load",
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("residents", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("has_control_room", sa.Boolean(), nullable=False),
        sa.Column("has_linked_control", sa.Boolean(), nullable=False),
        sa.Column("entered_by", sa.Uuid(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("scope_path", sa.String(collation="C"), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_care_load_site_id_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_care_load")),
    )
    op.create_index(
        "ix_care_load_newest",
        "care_load",
        ["site_id", sa.literal_column("as_of desc"), sa.literal_column("entered_at desc")],
        unique=False,
    )
    op.create_index(op.f("ix_care_load_provider_id"), "care_load", ["provider_id"], unique=False)
    op.create_index(op.f("ix_care_load_scope_path"), "care_load", ["scope_path"], unique=False)
    op.create_index(op.f("ix_care_load_site_id"), "care_load", ["site_id"], unique=False)
    op.create_table(
        "employment",
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("post", sa.Text(), nullable=False),
        sa.Column("direct_care", sa.Boolean(), nullable=False),
        sa.Column("shift", sa.Text(), nullable=True),
        sa.Column("started_on", sa.Date(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=True),
        sa.Column("entered_by", sa.Uuid(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("scope_path", sa.String(collation="C"), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "end_reason in ('left', 'moved', 'retired', 'dismissed', 'mistake')", name=op.f("ck_employment_end_reason_known")
        ),
        sa.CheckConstraint(
            "post in ('caregiver', 'nurse', 'doctor', 'rehabilitation', 'social_worker', 'cook', 'fire_duty', 'electrician', 'lift_manager', 'safety_officer', 'manager', 'support')",
            name=op.f("ck_employment_post_known"),
        ),
        sa.CheckConstraint("shift in ('day', 'night', 'rotating')", name=op.f("ck_employment_shift_known")),
        sa.CheckConstraint("(ended_on is null) = (end_reason is null)", name=op.f("ck_employment_ended_with_reason")),
        sa.CheckConstraint("ended_on >= started_on", name=op.f("ck_employment_ends_after_start")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_employment_person_id_person")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_employment_site_id_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_employment")),
    )
    op.create_index(
        "ix_employment_open",
        "employment",
        ["scope_path", "person_id"],
        unique=False,
        postgresql_where=sa.text("ended_on is null"),
    )
    op.create_index(op.f("ix_employment_person_id"), "employment", ["person_id"], unique=False)
    op.create_index(op.f("ix_employment_provider_id"), "employment", ["provider_id"], unique=False)
    op.create_index(op.f("ix_employment_scope_path"), "employment", ["scope_path"], unique=False)
    op.create_index(op.f("ix_employment_site_id"), "employment", ["site_id"], unique=False)
    op.create_index(
        "uq_employment_open",
        "employment",
        ["person_id", "site_id", "post"],
        unique=True,
        postgresql_where=sa.text("ended_on is null"),
    )
    op.create_table(
        "staff_import",
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("workbook", sa.Text(), nullable=True),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("counts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("faults", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("fault_count", sa.Integer(), nullable=False),
        sa.Column("unknown", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("uploaded_by", sa.Uuid(), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("scope_path", sa.String(collation="C"), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("state in ('faulty', 'checked', 'done')", name=op.f("ck_staff_import_state_known")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_staff_import_site_id_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_import")),
    )
    op.create_index(op.f("ix_staff_import_provider_id"), "staff_import", ["provider_id"], unique=False)
    op.create_index(op.f("ix_staff_import_scope_path"), "staff_import", ["scope_path"], unique=False)
    op.create_index(op.f("ix_staff_import_site_id"), "staff_import", ["site_id"], unique=False)
    op.create_table(
        "training_session",
        sa.Column("course_id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=True),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("trainer", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_by", sa.Uuid(), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("scope_path", sa.String(collation="C"), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        sa.Column("site_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("state in ('planned', 'closed', 'cancelled')", name=op.f("ck_training_session_state_known")),
        sa.CheckConstraint("until >= held_on", name=op.f("ck_training_session_ends_after_start")),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_training_session_authority_id_authority")),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_training_session_course_id_course")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_training_session")),
    )
    op.create_index(op.f("ix_training_session_course_id"), "training_session", ["course_id"], unique=False)
    op.create_index("ix_training_session_day", "training_session", ["scope_path", "held_on"], unique=False)
    op.create_index(op.f("ix_training_session_provider_id"), "training_session", ["provider_id"], unique=False)
    op.create_index(op.f("ix_training_session_scope_path"), "training_session", ["scope_path"], unique=False)
    op.create_index(op.f("ix_training_session_site_id"), "training_session", ["site_id"], unique=False)
    op.create_table(
        "attendance",
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("employment_id", sa.Uuid(), nullable=False),
        sa.Column("present", sa.Boolean(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=True),
        sa.Column("enrolled_by", sa.Uuid(), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("recorded_on", sa.Date(), nullable=True),
        sa.Column("scope_path", sa.String(collation="C"), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        sa.Column("site_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("outcome in ('not_examined', 'passed', 'failed')", name=op.f("ck_attendance_outcome_known")),
        sa.CheckConstraint("present or outcome = 'not_examined'", name=op.f("ck_attendance_examined_only_when_present")),
        sa.CheckConstraint("score between 0 and 100", name=op.f("ck_attendance_score_range")),
        sa.ForeignKeyConstraint(["employment_id"], ["employment.id"], name=op.f("fk_attendance_employment_id_employment")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_attendance_person_id_person")),
        sa.ForeignKeyConstraint(["session_id"], ["training_session.id"], name=op.f("fk_attendance_session_id_training_session")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attendance")),
        sa.UniqueConstraint("session_id", "person_id", name=op.f("uq_attendance_session_id_person_id")),
    )
    op.create_index(op.f("ix_attendance_employment_id"), "attendance", ["employment_id"], unique=False)
    op.create_index(op.f("ix_attendance_person_id"), "attendance", ["person_id"], unique=False)
    op.create_index(op.f("ix_attendance_provider_id"), "attendance", ["provider_id"], unique=False)
    op.create_index(op.f("ix_attendance_scope_path"), "attendance", ["scope_path"], unique=False)
    op.create_index(op.f("ix_attendance_session_id"), "attendance", ["session_id"], unique=False)
    op.create_index(op.f("ix_attendance_site_id"), "attendance", ["site_id"], unique=False)
    op.create_table(
        "certificate_alert",
        sa.Column("employment_id", sa.Uuid(), nullable=False),
        sa.Column("certificate_id", sa.Uuid(), nullable=False),
        sa.Column("runs_out_on", sa.Date(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("told_on", sa.Date(), nullable=False),
        sa.Column("scope_path", sa.String(collation="C"), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        sa.Column("site_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["certificate_id"], ["certificate.id"], name=op.f("fk_certificate_alert_certificate_id_certificate")
        ),
        sa.ForeignKeyConstraint(["employment_id"], ["employment.id"], name=op.f("fk_certificate_alert_employment_id_employment")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate_alert")),
        sa.UniqueConstraint(
            "employment_id",
            "certificate_id",
            "runs_out_on",
            "step",
            name=op.f("uq_certificate_alert_employment_id_certificate_id_runs_out_on_step"),
        ),
    )
    op.create_index(op.f("ix_certificate_alert_certificate_id"), "certificate_alert", ["certificate_id"], unique=False)
    op.create_index(op.f("ix_certificate_alert_employment_id"), "certificate_alert", ["employment_id"], unique=False)
    op.create_index(op.f("ix_certificate_alert_provider_id"), "certificate_alert", ["provider_id"], unique=False)
    op.create_index(op.f("ix_certificate_alert_scope_path"), "certificate_alert", ["scope_path"], unique=False)
    op.create_index(op.f("ix_certificate_alert_site_id"), "certificate_alert", ["site_id"], unique=False)
    op.create_table(
        "share_code",
        sa.Column("employment_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("mark", sa.Text(), nullable=False),
        sa.Column("tail", sa.Text(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=False),
        sa.Column("revoked_on", sa.Date(), nullable=True),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("scope_path", sa.String(collation="C"), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        sa.Column("site_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["employment_id"], ["employment.id"], name=op.f("fk_share_code_employment_id_employment")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_share_code_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_share_code")),
        sa.UniqueConstraint("mark", name=op.f("uq_share_code_mark")),
    )
    op.create_index(op.f("ix_share_code_employment_id"), "share_code", ["employment_id"], unique=False)
    op.create_index(op.f("ix_share_code_person_id"), "share_code", ["person_id"], unique=False)
    op.create_index(op.f("ix_share_code_provider_id"), "share_code", ["provider_id"], unique=False)
    op.create_index(op.f("ix_share_code_scope_path"), "share_code", ["scope_path"], unique=False)
    op.create_index(op.f("ix_share_code_site_id"), "share_code", ["site_id"], unique=False)
    run(GUARDS)


def downgrade() -> None:
    run(BEFORE_DOWN)
    op.drop_index(op.f("ix_share_code_site_id"), table_name="share_code")
    op.drop_index(op.f("ix_share_code_scope_path"), table_name="share_code")
    op.drop_index(op.f("ix_share_code_provider_id"), table_name="share_code")
    op.drop_index(op.f("ix_share_code_person_id"), table_name="share_code")
    op.drop_index(op.f("ix_share_code_employment_id"), table_name="share_code")
    op.drop_table("share_code")
    op.drop_index(op.f("ix_certificate_alert_site_id"), table_name="certificate_alert")
    op.drop_index(op.f("ix_certificate_alert_scope_path"), table_name="certificate_alert")
    op.drop_index(op.f("ix_certificate_alert_provider_id"), table_name="certificate_alert")
    op.drop_index(op.f("ix_certificate_alert_employment_id"), table_name="certificate_alert")
    op.drop_index(op.f("ix_certificate_alert_certificate_id"), table_name="certificate_alert")
    op.drop_table("certificate_alert")
    op.drop_index(op.f("ix_attendance_site_id"), table_name="attendance")
    op.drop_index(op.f("ix_attendance_session_id"), table_name="attendance")
    op.drop_index(op.f("ix_attendance_scope_path"), table_name="attendance")
    op.drop_index(op.f("ix_attendance_provider_id"), table_name="attendance")
    op.drop_index(op.f("ix_attendance_person_id"), table_name="attendance")
    op.drop_index(op.f("ix_attendance_employment_id"), table_name="attendance")
    op.drop_table("attendance")
    op.drop_index(op.f("ix_training_session_site_id"), table_name="training_session")
    op.drop_index(op.f("ix_training_session_scope_path"), table_name="training_session")
    op.drop_index(op.f("ix_training_session_provider_id"), table_name="training_session")
    op.drop_index("ix_training_session_day", table_name="training_session")
    op.drop_index(op.f("ix_training_session_course_id"), table_name="training_session")
    op.drop_table("training_session")
    op.drop_index(op.f("ix_staff_import_site_id"), table_name="staff_import")
    op.drop_index(op.f("ix_staff_import_scope_path"), table_name="staff_import")
    op.drop_index(op.f("ix_staff_import_provider_id"), table_name="staff_import")
    op.drop_table("staff_import")
    op.drop_index("uq_employment_open", table_name="employment", postgresql_where=sa.text("ended_on is null"))
    op.drop_index(op.f("ix_employment_site_id"), table_name="employment")
    op.drop_index(op.f("ix_employment_scope_path"), table_name="employment")
    op.drop_index(op.f("ix_employment_provider_id"), table_name="employment")
    op.drop_index(op.f("ix_employment_person_id"), table_name="employment")
    op.drop_index("ix_employment_open", table_name="employment", postgresql_where=sa.text("ended_on is null"))
    op.drop_table("employment")
    op.drop_index(op.f("ix_care_load_site_id"), table_name="care_load")
    op.drop_index(op.f("ix_care_load_scope_path"), table_name="care_load")
    op.drop_index(op.f("ix_care_load_provider_id"), table_name="care_load")
    op.drop_index("ix_care_load_newest", table_name="care_load")
    op.drop_table("care_load")
    op.drop_index(op.f("ix_course_site_id"), table_name="course")
    op.drop_index(op.f("ix_course_scope_path"), table_name="course")
    op.drop_index(op.f("ix_course_provider_id"), table_name="course")
    op.drop_table("course")
    op.drop_index(op.f("ix_certificate_check_site_id"), table_name="certificate_check")
    op.drop_index(op.f("ix_certificate_check_scope_path"), table_name="certificate_check")
    op.drop_index(op.f("ix_certificate_check_provider_id"), table_name="certificate_check")
    op.drop_index(op.f("ix_certificate_check_certificate_id"), table_name="certificate_check")
    op.drop_table("certificate_check")
    op.drop_index(
        "uq_certificate_current",
        table_name="certificate",
        postgresql_where=sa.text("state = 'current' and number_mark is not null"),
    )
    op.drop_index(op.f("ix_certificate_site_id"), table_name="certificate")
    op.drop_index(op.f("ix_certificate_scope_path"), table_name="certificate")
    op.drop_index(op.f("ix_certificate_provider_id"), table_name="certificate")
    op.drop_index(op.f("ix_certificate_person_id"), table_name="certificate")
    op.drop_index(op.f("ix_certificate_number_mark"), table_name="certificate")
    op.drop_index("ix_certificate_expiry", table_name="certificate", postgresql_where=sa.text("state = 'current'"))
    op.drop_table("certificate")
    op.drop_table("person")
    run(AFTER_DOWN)

"""Complaints from intake to archive.

Revision ID: 0006_complaints
Revises: 0005_training
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006_complaints"
down_revision = "0005_training"
branch_labels = None
depends_on = None

# Statements as they stand: no parameters, so `%` and `:` mean themselves.
BEFORE: list[str] = []
GUARDS: list[str] = [
    """alter table complaint enable row level security""",
    """alter table complaint force row level security""",
    """create policy reach on complaint using (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
) with check (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
)""",
    """grant select, insert, update on complaint to songjian_app, songjian_job""",
    """alter table complaint_file enable row level security""",
    """alter table complaint_file force row level security""",
    """create policy reach on complaint_file using (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
) with check (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
)""",
    """grant select, insert, update on complaint_file to songjian_app, songjian_job""",
    """alter table complaint_pause enable row level security""",
    """alter table complaint_pause force row level security""",
    """create policy reach on complaint_pause using (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
) with check (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
)""",
    """grant select, insert, update on complaint_pause to songjian_app, songjian_job""",
    """alter table complaint_step enable row level security""",
    """alter table complaint_step force row level security""",
    """create policy reach on complaint_step using (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
) with check (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
)""",
    """grant select, insert on complaint_step to songjian_app, songjian_job""",
    """alter table contact_reveal enable row level security""",
    """alter table contact_reveal force row level security""",
    """create policy reach on contact_reveal using (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
) with check (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
)""",
    """grant select, insert on contact_reveal to songjian_app, songjian_job""",
    """alter table inquiry enable row level security""",
    """alter table inquiry force row level security""",
    """create policy reach on inquiry using (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
) with check (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
)""",
    """grant select, insert, update on inquiry to songjian_app, songjian_job""",
]
BEFORE_DOWN: list[str] = [
    """drop policy reach on complaint""",
    """drop policy reach on complaint_file""",
    """drop policy reach on complaint_pause""",
    """drop policy reach on complaint_step""",
    """drop policy reach on contact_reveal""",
    """drop policy reach on inquiry""",
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
        "complaint",
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("matter", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("source_words", sa.Text(), nullable=False),
        sa.Column("about_site_id", sa.Uuid(), nullable=True),
        sa.Column("about_words", sa.Text(), nullable=False),
        sa.Column("statement", sa.Text(), nullable=False),
        sa.Column("happened_words", sa.Text(), nullable=False),
        sa.Column("anonymous", sa.Boolean(), nullable=False),
        sa.Column("relation", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("phone_mark", sa.Text(), nullable=True),
        sa.Column("code_mark", sa.Text(), nullable=False),
        sa.Column("form_mark", sa.Text(), nullable=True),
        sa.Column("origin_mark", sa.Text(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("registered_by", sa.Uuid(), nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("urgent_words", sa.Text(), nullable=False),
        sa.Column("urgent_settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("urgent_settled_by", sa.Uuid(), nullable=True),
        sa.Column("urgent_settled_words", sa.Text(), nullable=False),
        sa.Column("track", sa.Text(), nullable=True),
        sa.Column("classified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("classified_by", sa.Uuid(), nullable=True),
        sa.Column("accepted_on", sa.Date(), nullable=True),
        sa.Column("accepted_by", sa.Uuid(), nullable=True),
        sa.Column("handler_id", sa.Uuid(), nullable=True),
        sa.Column("merged_into_id", sa.Uuid(), nullable=True),
        sa.Column("extension_asked", sa.Integer(), nullable=False),
        sa.Column("extension_reason", sa.Text(), nullable=False),
        sa.Column("extension_asked_by", sa.Uuid(), nullable=True),
        sa.Column("extension", sa.Integer(), nullable=False),
        sa.Column("extension_decided_by", sa.Uuid(), nullable=True),
        sa.Column("finding", sa.Text(), nullable=True),
        sa.Column("finding_reasons", sa.Text(), nullable=False),
        sa.Column("home_words", sa.Text(), nullable=False),
        sa.Column("found_by", sa.Uuid(), nullable=True),
        sa.Column("found_on", sa.Date(), nullable=True),
        sa.Column("reviewed_by", sa.Uuid(), nullable=True),
        sa.Column("reviewed_on", sa.Date(), nullable=True),
        sa.Column("task_id", sa.Uuid(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("answer_way", sa.Text(), nullable=False),
        sa.Column("answered_by", sa.Uuid(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("called_back_by", sa.Uuid(), nullable=True),
        sa.Column("called_back_on", sa.Date(), nullable=True),
        sa.Column("satisfaction", sa.Text(), nullable=True),
        sa.Column("own_satisfaction", sa.Text(), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("archived_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("scope_path", sa.String(collation="C"), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        sa.Column("site_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("channel in ('web', 'phone', 'visit', 'transfer')", name=op.f("ck_complaint_channel_known")),
        sa.CheckConstraint("finding in ('true', 'partly', 'untrue', 'unverifiable')", name=op.f("ck_complaint_finding_known")),
        sa.CheckConstraint(
            "matter in ('care', 'abuse', 'safety', 'food', 'fees', 'contract', 'staff', 'illegal', 'other')",
            name=op.f("ck_complaint_matter_known"),
        ),
        sa.CheckConstraint(
            "own_satisfaction in ('satisfied', 'fair', 'unsatisfied', 'no_answer', 'declined')",
            name=op.f("ck_complaint_own_satisfaction_known"),
        ),
        sa.CheckConstraint("relation in ('resident', 'family', 'staff', 'citizen')", name=op.f("ck_complaint_relation_known")),
        sa.CheckConstraint(
            "satisfaction in ('satisfied', 'fair', 'unsatisfied', 'no_answer', 'declined')",
            name=op.f("ck_complaint_satisfaction_known"),
        ),
        sa.CheckConstraint("state <> 'archived' or archived_on is not null", name=op.f("ck_complaint_archived")),
        sa.CheckConstraint(
            "state <> 'called_back' or (called_back_by is not null and satisfaction is not null)",
            name=op.f("ck_complaint_called_back"),
        ),
        sa.CheckConstraint("state <> 'closed' or closed_on is not null", name=op.f("ck_complaint_closed")),
        sa.CheckConstraint(
            "state <> 'closed' or not urgent or urgent_settled_at is not null", name=op.f("ck_complaint_urgent_before_closing")
        ),
        sa.CheckConstraint("state <> 'merged' or merged_into_id is not null", name=op.f("ck_complaint_merged")),
        sa.CheckConstraint(
            "state <> 'reviewed' or (reviewed_by is not null and reviewed_on is not null)", name=op.f("ck_complaint_reviewed")
        ),
        sa.CheckConstraint(
            "state in ('registered', 'classified', 'accepted', 'investigating', 'suspended', 'merged', 'found', 'reviewed', 'answered', 'called_back', 'closed', 'declined', 'forwarded', 'returned', 'archived')",
            name=op.f("ck_complaint_state_known"),
        ),
        sa.CheckConstraint(
            "state in ('registered', 'forwarded', 'returned', 'archived') or (track is not null and classified_at is not null and classified_by is not null)",
            name=op.f("ck_complaint_classified"),
        ),
        sa.CheckConstraint(
            "state not in ('accepted', 'investigating', 'suspended', 'found', 'reviewed') or (accepted_on is not null and accepted_by is not null)",
            name=op.f("ck_complaint_accepted"),
        ),
        sa.CheckConstraint(
            "state not in ('answered', 'called_back', 'closed') or merged_into_id is not null or (finding is not null and reviewed_by is not null)",
            name=op.f("ck_complaint_answered_on_a_finding"),
        ),
        sa.CheckConstraint(
            "state not in ('answered', 'called_back', 'closed', 'declined', 'forwarded', 'returned', 'archived') or (coalesce(answer, '') <> '' and answered_by is not null and answered_at is not null)",
            name=op.f("ck_complaint_answered"),
        ),
        sa.CheckConstraint(
            "state not in ('found', 'reviewed') or (finding is not null and found_by is not null and finding_reasons <> '')",
            name=op.f("ck_complaint_found"),
        ),
        sa.CheckConstraint(
            "state not in ('investigating', 'suspended', 'found', 'reviewed') or handler_id is not null",
            name=op.f("ck_complaint_assigned"),
        ),
        sa.CheckConstraint(
            "track in ('hotline_enquiry', 'hotline', 'petition', 'report', 'consumer')", name=op.f("ck_complaint_track_known")
        ),
        sa.CheckConstraint("called_back_by <> found_by", name=op.f("ck_complaint_called_back_by_another")),
        sa.CheckConstraint("extension = 0 or extension_decided_by is not null", name=op.f("ck_complaint_extension_decided")),
        sa.CheckConstraint("extension_decided_by <> extension_asked_by", name=op.f("ck_complaint_extension_by_another")),
        sa.CheckConstraint("merged_into_id <> id", name=op.f("ck_complaint_not_merged_into_itself")),
        sa.CheckConstraint(
            "not anonymous or (name is null and phone is null and phone_mark is null)",
            name=op.f("ck_complaint_anonymous_is_nobody"),
        ),
        sa.CheckConstraint("provider_id is null and site_id is null", name=op.f("ck_complaint_no_home_in_scope")),
        sa.CheckConstraint("reviewed_by <> found_by", name=op.f("ck_complaint_reviewed_by_another")),
        sa.CheckConstraint(
            "urgent_settled_at is null or urgent_settled_by is not null", name=op.f("ck_complaint_urgent_settled")
        ),
        sa.ForeignKeyConstraint(["about_site_id"], ["site.id"], name=op.f("fk_complaint_about_site_id_site")),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_complaint_authority_id_authority")),
        sa.ForeignKeyConstraint(["merged_into_id"], ["complaint.id"], name=op.f("fk_complaint_merged_into_id_complaint")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_complaint")),
        sa.UniqueConstraint("authority_id", "number", name=op.f("uq_complaint_authority_id_number")),
        sa.UniqueConstraint("code_mark", name=op.f("uq_complaint_code_mark")),
        sa.UniqueConstraint("form_mark", name=op.f("uq_complaint_form_mark")),
    )
    op.create_index(op.f("ix_complaint_about_site_id"), "complaint", ["about_site_id"], unique=False)
    op.create_index(op.f("ix_complaint_authority_id"), "complaint", ["authority_id"], unique=False)
    op.create_index(op.f("ix_complaint_merged_into_id"), "complaint", ["merged_into_id"], unique=False)
    op.create_index("ix_complaint_newest", "complaint", ["scope_path", sa.literal_column("received_at desc")], unique=False)
    op.create_index(op.f("ix_complaint_origin_mark"), "complaint", ["origin_mark"], unique=False)
    op.create_index(op.f("ix_complaint_phone_mark"), "complaint", ["phone_mark"], unique=False)
    op.create_index(op.f("ix_complaint_provider_id"), "complaint", ["provider_id"], unique=False)
    op.create_index(op.f("ix_complaint_scope_path"), "complaint", ["scope_path"], unique=False)
    op.create_index(op.f("ix_complaint_site_id"), "complaint", ["site_id"], unique=False)
    op.create_index("ix_complaint_state", "complaint", ["scope_path", "state"], unique=False)
    op.create_table(
        "complaint_file",
        sa.Column("complaint_id", sa.Uuid(), nullable=False),
        sa.Column("blob_id", sa.Uuid(), nullable=False),
        sa.Column("from_complainant", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("scope_path", sa.String(collation="C"), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        sa.Column("site_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("provider_id is null and site_id is null", name=op.f("ck_complaint_file_no_home_in_scope")),
        sa.ForeignKeyConstraint(["blob_id"], ["blob.id"], name=op.f("fk_complaint_file_blob_id_blob")),
        sa.ForeignKeyConstraint(["complaint_id"], ["complaint.id"], name=op.f("fk_complaint_file_complaint_id_complaint")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_complaint_file")),
        sa.UniqueConstraint("complaint_id", "blob_id", name=op.f("uq_complaint_file_complaint_id_blob_id")),
    )
    op.create_index(op.f("ix_complaint_file_complaint_id"), "complaint_file", ["complaint_id"], unique=False)
    op.create_index(op.f("ix_complaint_file_provider_id"), "complaint_file", ["provider_id"], unique=False)
    op.create_index(op.f("ix_complaint_file_scope_path"), "complaint_file", ["scope_path"], unique=False)
    op.create_index(op.f("ix_complaint_file_site_id"), "complaint_file", ["site_id"], unique=False)
    op.create_table(
        "complaint_pause",
        sa.Column("complaint_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("left", sa.Integer(), nullable=False),
        sa.Column("paused_by", sa.Uuid(), nullable=False),
        sa.Column("resumed_by", sa.Uuid(), nullable=True),
        sa.Column("scope_path", sa.String(collation="C"), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        sa.Column("site_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("reason in ('supplement', 'expert', 'court', 'other')", name=op.f("ck_complaint_pause_reason_known")),
        sa.CheckConstraint('"left" >= 0', name=op.f("ck_complaint_pause_left_not_negative")),
        sa.CheckConstraint("provider_id is null and site_id is null", name=op.f("ck_complaint_pause_no_home_in_scope")),
        sa.CheckConstraint("until_on >= from_on", name=op.f("ck_complaint_pause_in_order")),
        sa.ForeignKeyConstraint(["complaint_id"], ["complaint.id"], name=op.f("fk_complaint_pause_complaint_id_complaint")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_complaint_pause")),
    )
    op.create_index(op.f("ix_complaint_pause_complaint_id"), "complaint_pause", ["complaint_id"], unique=False)
    op.create_index(op.f("ix_complaint_pause_provider_id"), "complaint_pause", ["provider_id"], unique=False)
    op.create_index(op.f("ix_complaint_pause_scope_path"), "complaint_pause", ["scope_path"], unique=False)
    op.create_index(op.f("ix_complaint_pause_site_id"), "complaint_pause", ["site_id"], unique=False)
    op.create_index(
        "uq_complaint_pause_open", "complaint_pause", ["complaint_id"], unique=True, postgresql_where=sa.text("until_on is null")
    )
    op.create_table(
        "complaint_step",
        sa.Column("complaint_id", sa.Uuid(), nullable=False),
        sa.Column("verb", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("order", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("scope_path", sa.String(collation="C"), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        sa.Column("site_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "state in ('registered', 'classified', 'accepted', 'investigating', 'suspended', 'merged', 'found', 'reviewed', 'answered', 'called_back', 'closed', 'declined', 'forwarded', 'returned', 'archived')",
            name=op.f("ck_complaint_step_state_known"),
        ),
        sa.CheckConstraint(
            "verb in ('register', 'supplement', 'rate', 'classify', 'decline', 'forward', 'return', 'accept', 'assign', 'merge', 'ask', 'reply', 'pause', 'resume', 'ask_extension', 'decide_extension', 'find', 'review', 'send_back', 'answer', 'call_back', 'close', 'archive', 'keep', 'open_case', 'mark_urgent', 'settle_urgent')",
            name=op.f("ck_complaint_step_verb_known"),
        ),
        sa.CheckConstraint("provider_id is null and site_id is null", name=op.f("ck_complaint_step_no_home_in_scope")),
        sa.ForeignKeyConstraint(["complaint_id"], ["complaint.id"], name=op.f("fk_complaint_step_complaint_id_complaint")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_complaint_step")),
    )
    op.create_index(op.f("ix_complaint_step_complaint_id"), "complaint_step", ["complaint_id"], unique=False)
    op.create_index(op.f("ix_complaint_step_provider_id"), "complaint_step", ["provider_id"], unique=False)
    op.create_index(op.f("ix_complaint_step_scope_path"), "complaint_step", ["scope_path"], unique=False)
    op.create_index(op.f("ix_complaint_step_site_id"), "complaint_step", ["site_id"], unique=False)
    op.create_table(
        "contact_reveal",
        sa.Column("complaint_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("scope_path", sa.String(collation="C"), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        sa.Column("site_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("length(reason) >= 2", name=op.f("ck_contact_reveal_has_a_reason")),
        sa.CheckConstraint("provider_id is null and site_id is null", name=op.f("ck_contact_reveal_no_home_in_scope")),
        sa.ForeignKeyConstraint(["complaint_id"], ["complaint.id"], name=op.f("fk_contact_reveal_complaint_id_complaint")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_reveal")),
    )
    op.create_index(op.f("ix_contact_reveal_complaint_id"), "contact_reveal", ["complaint_id"], unique=False)
    op.create_index(op.f("ix_contact_reveal_provider_id"), "contact_reveal", ["provider_id"], unique=False)
    op.create_index(op.f("ix_contact_reveal_scope_path"), "contact_reveal", ["scope_path"], unique=False)
    op.create_index(op.f("ix_contact_reveal_site_id"), "contact_reveal", ["site_id"], unique=False)
    op.create_table(
        "inquiry",
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("complaint_id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("confirmed_by", sa.Uuid(), nullable=False),
        sa.Column("sent_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("reply", sa.Text(), nullable=False),
        sa.Column("files", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("replied_by", sa.Uuid(), nullable=True),
        sa.Column("replied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("outcome_words", sa.Text(), nullable=False),
        sa.Column("outcome_on", sa.Date(), nullable=True),
        sa.Column("scope_path", sa.String(collation="C"), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("outcome in ('true', 'partly', 'untrue', 'unverifiable')", name=op.f("ck_inquiry_outcome_known")),
        sa.CheckConstraint(
            "state <> 'replied' or (reply <> '' and replied_by is not null and replied_at is not null)",
            name=op.f("ck_inquiry_replied"),
        ),
        sa.CheckConstraint("state in ('sent', 'replied', 'late')", name=op.f("ck_inquiry_state_known")),
        sa.CheckConstraint("site_id is not null", name=op.f("ck_inquiry_has_a_home")),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_inquiry_authority_id_authority")),
        sa.ForeignKeyConstraint(["complaint_id"], ["complaint.id"], name=op.f("fk_inquiry_complaint_id_complaint")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_inquiry_site_id_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inquiry")),
        sa.UniqueConstraint("authority_id", "number", name=op.f("uq_inquiry_authority_id_number")),
    )
    op.create_index(op.f("ix_inquiry_complaint_id"), "inquiry", ["complaint_id"], unique=False)
    op.create_index(op.f("ix_inquiry_provider_id"), "inquiry", ["provider_id"], unique=False)
    op.create_index(op.f("ix_inquiry_scope_path"), "inquiry", ["scope_path"], unique=False)
    op.create_index(op.f("ix_inquiry_site_id"), "inquiry", ["site_id"], unique=False)
    op.create_index("uq_inquiry_open", "inquiry", ["complaint_id"], unique=True, postgresql_where=sa.text("state = 'sent'"))
    run(GUARDS)


def downgrade() -> None:
    run(BEFORE_DOWN)
    op.drop_index("uq_inquiry_open", table_name="inquiry", postgresql_where=sa.text("state = 'sent'"))
    op.drop_index(op.f("ix_inquiry_site_id"), table_name="inquiry")
    op.drop_index(op.f("ix_inquiry_scope_path"), table_name="inquiry")
    op.drop_index(op.f("ix_inquiry_provider_id"), table_name="inquiry")
    op.drop_index(op.f("ix_inquiry_complaint_id"), table_name="inquiry")
    op.drop_table("inquiry")
    op.drop_index(op.f("ix_contact_reveal_site_id"), table_name="contact_reveal")
    op.drop_index(op.f("ix_contact_reveal_scope_path"), table_name="contact_reveal")
    op.drop_index(op.f("ix_contact_reveal_provider_id"), table_name="contact_reveal")
    op.drop_index(op.f("ix_contact_reveal_complaint_id"), table_name="contact_reveal")
    op.drop_table("contact_reveal")
    op.drop_index(op.f("ix_complaint_step_site_id"), table_name="complaint_step")
    op.drop_index(op.f("ix_complaint_step_scope_path"), table_name="complaint_step")
    op.drop_index(op.f("ix_complaint_step_provider_id"), table_name="complaint_step")
    op.drop_index(op.f("ix_complaint_step_complaint_id"), table_name="complaint_step")
    op.drop_table("complaint_step")
    op.drop_index("uq_complaint_pause_open", table_name="complaint_pause", postgresql_where=sa.text("until_on is null"))
    op.drop_index(op.f("ix_complaint_pause_site_id"), table_name="complaint_pause")
    op.drop_index(op.f("ix_complaint_pause_scope_path"), table_name="complaint_pause")
    op.drop_index(op.f("ix_complaint_pause_provider_id"), table_name="complaint_pause")
    op.drop_index(op.f("ix_complaint_pause_complaint_id"), table_name="complaint_pause")
    op.drop_table("complaint_pause")
    op.drop_index(op.f("ix_complaint_file_site_id"), table_name="complaint_file")
    op.drop_index(op.f("ix_complaint_file_scope_path"), table_name="complaint_file")
    op.drop_index(op.f("ix_complaint_file_provider_id"), table_name="complaint_file")
    op.drop_index(op.f("ix_complaint_file_complaint_id"), table_name="complaint_file")
    op.drop_table("complaint_file")
    op.drop_index("ix_complaint_state", table_name="complaint")
    op.drop_index(op.f("ix_complaint_site_id"), table_name="complaint")
    op.drop_index(op.f("ix_complaint_scope_path"), table_name="complaint")
    op.drop_index(op.f("ix_complaint_provider_id"), table_name="complaint")
    op.drop_index(op.f("ix_complaint_phone_mark"), table_name="complaint")
    op.drop_index(op.f("ix_complaint_origin_mark"), table_name="complaint")
    op.drop_index("ix_complaint_newest", table_name="complaint")
    op.drop_index(op.f("ix_complaint_merged_into_id"), table_name="complaint")
    op.drop_index(op.f("ix_complaint_authority_id"), table_name="complaint")
    op.drop_index(op.f("ix_complaint_about_site_id"), table_name="complaint")
    op.drop_table("complaint")
    run(AFTER_DOWN)

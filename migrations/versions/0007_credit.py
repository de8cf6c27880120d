"""Credit records, tiers, the dishonesty list.

Revision ID: 0007_credit
Revises: 0006_complaints
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007_credit"
down_revision = "0006_complaints"
branch_labels = None
depends_on = None

# Statements as they stand: no parameters, so `%` and `:` mean themselves.
BEFORE: list[str] = []
GUARDS: list[str] = [
    """alter table class_import enable row level security""",
    """alter table class_import force row level security""",
    """create policy reach on class_import using (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
) with check (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
)""",
    """grant select, insert, update on class_import to songjian_app, songjian_job""",
    """grant select, insert on ground_confirmation to songjian_app, songjian_job""",
    """alter table list_entry enable row level security""",
    """alter table list_entry force row level security""",
    """create policy reach on list_entry using (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
) with check (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
)""",
    """grant select, insert, update on list_entry to songjian_app, songjian_job""",
    """create trigger list_entry_write_once before update on list_entry for each row execute function refuse_rewrite('decided_by', 'decided_on', 'decision_number', 'repair_notice_number', 'rule_edition', 'min_months', 'max_months', 'min_end', 'earliest_repair_on', 'max_end', 'decision_served_on', 'repair_notice_served_on', 'published_on', 'ended_on', 'ended_by')""",
    """create function list_entry_moves() returns trigger language plpgsql as $$ begin
            if tg_op = 'INSERT' and new.state <> 'clue' then
                raise exception 'a row of list_entry begins as clue (状态应从头开始)' using errcode = 'check_violation';
            end if;
            if tg_op = 'UPDATE' and new.state <> old.state and (old.state, new.state) not in (('clue', 'dismissed'), ('clue', 'proposed'), ('decided', 'annulled'), ('decided', 'served'), ('in_review', 'clue'), ('in_review', 'reviewed'), ('noticed', 'in_review'), ('proposed', 'dismissed'), ('proposed', 'noticed'), ('published', 'annulled'), ('published', 'expired'), ('published', 'removed'), ('reviewed', 'decided'), ('reviewed', 'not_listed'), ('served', 'annulled'), ('served', 'expired'), ('served', 'published'), ('served', 'removed')) then
                raise exception 'no way from % to % (没有这一步)', old.state, new.state using errcode = 'check_violation';
            end if;
            return new;
        end $$""",
    """create trigger list_entry_moves before insert or update on list_entry for each row execute function list_entry_moves()""",
    """alter table credit_record enable row level security""",
    """alter table credit_record force row level security""",
    """create policy reach on credit_record using (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
) with check (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
)""",
    """grant select, insert, update on credit_record to songjian_app, songjian_job""",
    """alter table credit_score enable row level security""",
    """alter table credit_score force row level security""",
    """create policy reach on credit_score using (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
) with check (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
)""",
    """grant select, insert, update on credit_score to songjian_app, songjian_job""",
    """alter table credit_standing enable row level security""",
    """alter table credit_standing force row level security""",
    """create policy reach on credit_standing using (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
) with check (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
)""",
    """grant select, insert, update on credit_standing to songjian_app, songjian_job""",
    """alter table external_class enable row level security""",
    """alter table external_class force row level security""",
    """create policy reach on external_class using (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
) with check (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
)""",
    """grant select, insert, update on external_class to songjian_app, songjian_job""",
    """alter table list_alert enable row level security""",
    """alter table list_alert force row level security""",
    """create policy reach on list_alert using (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
) with check (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
)""",
    """grant select, insert, update on list_alert to songjian_app, songjian_job""",
    """alter table list_measure enable row level security""",
    """alter table list_measure force row level security""",
    """create policy reach on list_measure using (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
) with check (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
)""",
    """grant select, insert, update on list_measure to songjian_app, songjian_job""",
    """alter table list_objection enable row level security""",
    """alter table list_objection force row level security""",
    """create policy reach on list_objection using (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
) with check (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
)""",
    """grant select, insert, update on list_objection to songjian_app, songjian_job""",
    """create function list_objection_moves() returns trigger language plpgsql as $$ begin
            if tg_op = 'INSERT' and new.state <> 'received' then
                raise exception 'a row of list_objection begins as received (状态应从头开始)' using errcode = 'check_violation';
            end if;
            if tg_op = 'UPDATE' and new.state <> old.state and (old.state, new.state) not in (('marked', 'corrected'), ('marked', 'rejected'), ('marked', 'upheld'), ('received', 'marked')) then
                raise exception 'no way from % to % (没有这一步)', old.state, new.state using errcode = 'check_violation';
            end if;
            return new;
        end $$""",
    """create trigger list_objection_moves before insert or update on list_objection for each row execute function list_objection_moves()""",
    """alter table list_statement enable row level security""",
    """alter table list_statement force row level security""",
    """create policy reach on list_statement using (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
) with check (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
)""",
    """grant select, insert on list_statement to songjian_app, songjian_job""",
    """alter table list_step enable row level security""",
    """alter table list_step force row level security""",
    """create policy reach on list_step using (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
) with check (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
)""",
    """grant select, insert on list_step to songjian_app, songjian_job""",
    """alter table phoenix_match enable row level security""",
    """alter table phoenix_match force row level security""",
    """create policy reach on phoenix_match using (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
) with check (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
)""",
    """grant select, insert, update on phoenix_match to songjian_app, songjian_job""",
    """alter table repair_application enable row level security""",
    """alter table repair_application force row level security""",
    """create policy reach on repair_application using (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
) with check (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
)""",
    """grant select, insert, update on repair_application to songjian_app, songjian_job""",
    """create function repair_application_moves() returns trigger language plpgsql as $$ begin
            if tg_op = 'INSERT' and new.state <> 'submitted' then
                raise exception 'a row of repair_application begins as submitted (状态应从头开始)' using errcode = 'check_violation';
            end if;
            if tg_op = 'UPDATE' and new.state <> old.state and (old.state, new.state) not in (('accepted', 'approved'), ('accepted', 'paused'), ('accepted', 'refused'), ('accepted', 'withdrawn'), ('paused', 'accepted'), ('paused', 'withdrawn'), ('submitted', 'accepted'), ('submitted', 'not_accepted'), ('submitted', 'withdrawn')) then
                raise exception 'no way from % to % (没有这一步)', old.state, new.state using errcode = 'check_violation';
            end if;
            return new;
        end $$""",
    """create trigger repair_application_moves before insert or update on repair_application for each row execute function repair_application_moves()""",
    """alter table tier_override enable row level security""",
    """alter table tier_override force row level security""",
    """create policy reach on tier_override using (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
) with check (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
)""",
    """grant select, insert, update on tier_override to songjian_app, songjian_job""",
    """alter table credit_objection enable row level security""",
    """alter table credit_objection force row level security""",
    """create policy reach on credit_objection using (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
) with check (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
)""",
    """grant select, insert, update on credit_objection to songjian_app, songjian_job""",
    """alter table tier_decision enable row level security""",
    """alter table tier_decision force row level security""",
    """create policy reach on tier_decision using (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
) with check (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
)""",
    """grant select, insert, update on tier_decision to songjian_app, songjian_job""",
]
BEFORE_DOWN: list[str] = [
    """drop policy reach on class_import""",
    """drop policy reach on list_entry""",
    """drop policy reach on credit_record""",
    """drop policy reach on credit_score""",
    """drop policy reach on credit_standing""",
    """drop policy reach on external_class""",
    """drop policy reach on list_alert""",
    """drop policy reach on list_measure""",
    """drop policy reach on list_objection""",
    """drop policy reach on list_statement""",
    """drop policy reach on list_step""",
    """drop policy reach on phoenix_match""",
    """drop policy reach on repair_application""",
    """drop policy reach on tier_override""",
    """drop policy reach on credit_objection""",
    """drop policy reach on tier_decision""",
]
AFTER_DOWN: list[str] = [
    """drop function list_entry_moves()""",
    """drop function list_objection_moves()""",
    """drop function repair_application_moves()""",
]


def run(statements: list[str]) -> None:
    cursor = op.get_bind().connection.cursor()
    for statement in statements:
        cursor.execute(statement)
    cursor.close()


def upgrade() -> None:
    run(BEFORE)
    op.create_table(
        "class_import",
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("workbook", sa.LargeBinary(), nullable=True),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("sites", sa.Integer(), nullable=False),
        sa.Column("faults", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("uploaded_by", sa.Uuid(), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("written_by", sa.Uuid(), nullable=True),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("scope_path", sa.String(collation="C"), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        sa.Column("site_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("state in ('faulty', 'checked', 'done')", name=op.f("ck_class_import_state_known")),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_class_import_authority_id_authority")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_class_import")),
    )
    op.create_index("ix_class_import_newest", "class_import", ["scope_path", "uploaded_at"], unique=False)
    op.create_index(op.f("ix_class_import_provider_id"), "class_import", ["provider_id"], unique=False)
    op.create_index(op.f("ix_class_import_scope_path"), "class_import", ["scope_path"], unique=False)
    op.create_index(op.f("ix_class_import_site_id"), "class_import", ["site_id"], unique=False)
    op.create_table(
        "ground_confirmation",
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("table_code", sa.Text(), nullable=False),
        sa.Column("table_sha", sa.Text(), nullable=False),
        sa.Column("ground_code", sa.Text(), nullable=False),
        sa.Column("against", sa.Text(), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_ground_confirmation_authority_id_authority")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ground_confirmation")),
        sa.UniqueConstraint(
            "authority_id", "table_sha", "ground_code", name=op.f("uq_ground_confirmation_authority_id_table_sha_ground_code")
        ),
    )
    op.create_index(op.f("ix_ground_confirmation_authority_id"), "ground_confirmation", ["authority_id"], unique=False)
    op.create_table(
        "list_entry",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject_kind", sa.Text(), nullable=False),
        sa.Column("subject_name", sa.Text(), nullable=False),
        sa.Column("subject_code", sa.Text(), nullable=False),
        sa.Column("legal_representative", sa.Text(), nullable=False),
        sa.Column("person_id_type", sa.Text(), nullable=True),
        sa.Column("person_number", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("source_words", sa.Text(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("other_names", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("penalty", sa.Text(), nullable=False),
        sa.Column("evidence", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("found_on", sa.Date(), nullable=False),
        sa.Column("clue_by", sa.Uuid(), nullable=False),
        sa.Column("clue_on", sa.Date(), nullable=False),
        sa.Column("table_code", sa.Text(), nullable=False),
        sa.Column("table_edition", sa.Text(), nullable=False),
        sa.Column("table_sha", sa.Text(), nullable=False),
        sa.Column("ground_code", sa.Text(), nullable=False),
        sa.Column("ground_text", sa.Text(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("list_name", sa.Text(), nullable=False),
        sa.Column("reach", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.Uuid(), nullable=True),
        sa.Column("proposed_on", sa.Date(), nullable=True),
        sa.Column("publication_class", sa.Text(), nullable=True),
        sa.Column("proposal", sa.Text(), nullable=True),
        sa.Column("notice_number", sa.Text(), nullable=True),
        sa.Column("notice_served_on", sa.Date(), nullable=True),
        sa.Column("notice_way", sa.Text(), nullable=True),
        sa.Column("notice_receiver", sa.Text(), nullable=True),
        sa.Column("notice_by", sa.Uuid(), nullable=True),
        sa.Column("defence_until", sa.Date(), nullable=True),
        sa.Column("defence_provisional", sa.Boolean(), nullable=False),
        sa.Column("defence_closed_on", sa.Date(), nullable=True),
        sa.Column("defence_answer", sa.Text(), nullable=True),
        sa.Column("reviewed_by", sa.Uuid(), nullable=True),
        sa.Column("reviewed_on", sa.Date(), nullable=True),
        sa.Column("review_words", sa.Text(), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("decision_words", sa.Text(), nullable=True),
        sa.Column("decision_number", sa.Text(), nullable=True),
        sa.Column("repair_notice_number", sa.Text(), nullable=True),
        sa.Column("rule_name", sa.Text(), nullable=True),
        sa.Column("rule_edition", sa.Text(), nullable=True),
        sa.Column("terms_source", sa.Text(), nullable=True),
        sa.Column("min_months", sa.Integer(), nullable=True),
        sa.Column("max_months", sa.Integer(), nullable=True),
        sa.Column("class_published", sa.Boolean(), nullable=True),
        sa.Column("publish_due", sa.Date(), nullable=True),
        sa.Column("min_end", sa.Date(), nullable=True),
        sa.Column("earliest_repair_on", sa.Date(), nullable=True),
        sa.Column("max_end", sa.Date(), nullable=True),
        sa.Column("decision_served_on", sa.Date(), nullable=True),
        sa.Column("repair_notice_served_on", sa.Date(), nullable=True),
        sa.Column("served_way", sa.Text(), nullable=True),
        sa.Column("served_receiver", sa.Text(), nullable=True),
        sa.Column("served_by", sa.Uuid(), nullable=True),
        sa.Column("public_draft", sa.Text(), nullable=True),
        sa.Column("public_draft_by", sa.Uuid(), nullable=True),
        sa.Column("public_text", sa.Text(), nullable=True),
        sa.Column("public_text_by", sa.Uuid(), nullable=True),
        sa.Column("public_text_cleared_by", sa.Uuid(), nullable=True),
        sa.Column("public_text_cleared_on", sa.Date(), nullable=True),
        sa.Column("publication_bar", sa.Text(), nullable=False),
        sa.Column("publish_reason", sa.Text(), nullable=True),
        sa.Column("published_on", sa.Date(), nullable=True),
        sa.Column("published_by", sa.Uuid(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=True),
        sa.Column("end_public_reason", sa.Text(), nullable=True),
        sa.Column("end_number", sa.Text(), nullable=True),
        sa.Column("repair_id", sa.Uuid(), nullable=True),
        sa.Column("scope_path", sa.String(collation="C"), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        sa.Column("site_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("kind in ('list', 'watch')", name=op.f("ck_list_entry_kind_known")),
        sa.CheckConstraint("notice_way in ('direct', 'left', 'post', 'electronic')", name=op.f("ck_list_entry_notice_way_known")),
        sa.CheckConstraint(
            "penalty in ('none', 'simple', 'warning', 'larger_fine', 'huge_fine')", name=op.f("ck_list_entry_penalty_known")
        ),
        sa.CheckConstraint(
            "person_id_type in ('resident', 'hmt_residence', 'hm_permit', 'tw_permit', 'foreigner_card', 'passport', 'other')",
            name=op.f("ck_list_entry_person_id_type_known"),
        ),
        sa.CheckConstraint("publication_bar in ('none', 'underage', 'secret')", name=op.f("ck_list_entry_publication_bar_known")),
        sa.CheckConstraint(
            "publication_class in ('minor', 'general', 'serious')", name=op.f("ck_list_entry_publication_class_known")
        ),
        sa.CheckConstraint("served_way in ('direct', 'left', 'post', 'electronic')", name=op.f("ck_list_entry_served_way_known")),
        sa.CheckConstraint(
            "source in ('inspection', 'complaint', 'penalty', 'court', 'audit', 'other')", name=op.f("ck_list_entry_source_known")
        ),
        sa.CheckConstraint(
            "state in ('clue', 'proposed', 'noticed', 'in_review', 'reviewed', 'decided', 'served', 'published', 'dismissed', 'not_listed', 'removed', 'annulled', 'expired')",
            name=op.f("ck_list_entry_state_known"),
        ),
        sa.CheckConstraint(
            "state not in ('annulled') or coalesce(ended_by <> decided_by and end_public_reason is not null, false)",
            name=op.f("ck_list_entry_annulled_by_another"),
        ),
        sa.CheckConstraint(
            "state not in ('annulled', 'decided', 'expired', 'in_review', 'not_listed', 'noticed', 'proposed', 'published', 'removed', 'reviewed', 'served') or coalesce(proposed_by is not null and publication_class is not null, false)",
            name=op.f("ck_list_entry_proposed"),
        ),
        sa.CheckConstraint(
            "state not in ('annulled', 'decided', 'expired', 'in_review', 'not_listed', 'noticed', 'published', 'removed', 'reviewed', 'served') or coalesce(notice_number is not null and notice_served_on is not null and defence_until >= notice_served_on, false)",
            name=op.f("ck_list_entry_notice_recorded"),
        ),
        sa.CheckConstraint(
            "state not in ('annulled', 'decided', 'expired', 'in_review', 'not_listed', 'published', 'removed', 'reviewed', 'served') or coalesce(defence_closed_on > defence_until and defence_answer is not null, false)",
            name=op.f("ck_list_entry_defence_closed"),
        ),
        sa.CheckConstraint(
            "state not in ('annulled', 'decided', 'expired', 'not_listed', 'published', 'removed', 'reviewed', 'served') or coalesce(reviewed_by is not null and reviewed_by <> proposed_by and reviewed_on >= defence_closed_on, false)",
            name=op.f("ck_list_entry_reviewed_by_another"),
        ),
        sa.CheckConstraint(
            "state not in ('annulled', 'decided', 'expired', 'not_listed', 'published', 'removed', 'served') or coalesce(decided_by is not null and decided_by <> proposed_by and decided_by <> reviewed_by and decided_on >= reviewed_on, false)",
            name=op.f("ck_list_entry_decided_by_a_third"),
        ),
        sa.CheckConstraint(
            "state not in ('annulled', 'decided', 'expired', 'published', 'removed', 'served') or coalesce(decision_number is not null and repair_notice_number is not null and max_end >= min_end and earliest_repair_on >= decided_on, false)",
            name=op.f("ck_list_entry_decision_papers"),
        ),
        sa.CheckConstraint(
            "state not in ('annulled', 'dismissed', 'expired', 'not_listed', 'removed') or coalesce(ended_on is not null and ended_by is not null and end_reason is not null, false)",
            name=op.f("ck_list_entry_end_recorded"),
        ),
        sa.CheckConstraint(
            "state not in ('expired') or coalesce(ended_on > max_end, false)", name=op.f("ck_list_entry_expired_after_its_term")
        ),
        sa.CheckConstraint(
            "state not in ('expired', 'published', 'removed', 'served') or coalesce(decision_served_on >= decided_on and repair_notice_served_on = decision_served_on and served_receiver is not null, false)",
            name=op.f("ck_list_entry_both_papers_served"),
        ),
        sa.CheckConstraint(
            "state not in ('published') or coalesce(kind = 'list' and publication_bar = 'none' and published_on >= decision_served_on and public_text is not null and public_text_cleared_by is not null and public_text_cleared_by <> public_text_by and (class_published or publish_reason is not null), false)",
            name=op.f("ck_list_entry_published_lawfully"),
        ),
        sa.CheckConstraint(
            "state not in ('removed') or coalesce(repair_id is not null and ended_by not in (decided_by, proposed_by), false)",
            name=op.f("ck_list_entry_removed_by_another"),
        ),
        sa.CheckConstraint(
            "subject_kind <> 'organisation' or (subject_code <> '' and person_number is null)",
            name=op.f("ck_list_entry_organisation"),
        ),
        sa.CheckConstraint(
            "subject_kind <> 'person' or (subject_code = '' and legal_representative = '')", name=op.f("ck_list_entry_person")
        ),
        sa.CheckConstraint("subject_kind in ('organisation', 'person')", name=op.f("ck_list_entry_subject_kind_known")),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_list_entry_authority_id_authority")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_list_entry")),
        sa.UniqueConstraint("authority_id", "decision_number", name=op.f("uq_list_entry_authority_id_decision_number")),
    )
    op.create_index(op.f("ix_list_entry_authority_id"), "list_entry", ["authority_id"], unique=False)
    op.create_index(op.f("ix_list_entry_case_id"), "list_entry", ["case_id"], unique=False)
    op.create_index(op.f("ix_list_entry_provider_id"), "list_entry", ["provider_id"], unique=False)
    op.create_index(op.f("ix_list_entry_scope_path"), "list_entry", ["scope_path"], unique=False)
    op.create_index("ix_list_entry_scope_state", "list_entry", ["scope_path", "state"], unique=False)
    op.create_index(op.f("ix_list_entry_site_id"), "list_entry", ["site_id"], unique=False)
    op.create_index(
        "ix_list_entry_standing",
        "list_entry",
        ["provider_id", "max_end"],
        unique=False,
        postgresql_where=sa.text("state in ('served', 'published')"),
    )
    op.create_table(
        "credit_record",
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("clause", sa.Text(), nullable=False),
        sa.Column("evidence", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("recorded_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("ended", sa.Text(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=False),
        sa.Column("end_revision", sa.Integer(), nullable=True),
        sa.Column("scope_path", sa.String(collation="C"), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(ended is null) = (ended_on is null) and (ended is null) = (ended_by is null) and (ended is null) = (end_revision is null) and (ended is null or end_reason <> '')",
            name=op.f("ck_credit_record_ended_whole"),
        ),
        sa.CheckConstraint("ended in ('annulled', 'repaired')", name=op.f("ck_credit_record_ended_known")),
        sa.CheckConstraint(
            "ended_by <> recorded_by or recorded_by = '00000000-0000-0000-0000-000000000000'",
            name=op.f("ck_credit_record_not_ended_by_its_recorder"),
        ),
        sa.CheckConstraint(
            "kind in ('finding_minor', 'finding_serious', 'finding_major', 'rectification_overdue', 'inspection_refused', 'complaint_confirmed', 'penalty_minor', 'penalty_general', 'penalty_serious', 'registration_lapse', 'filing_lapse', 'false_material', 'abnormal_list', 'annual_report', 'staff_dishonesty', 'standard_missed', 'monitoring', 'arrears', 'commendation', 'pilot')",
            name=op.f("ck_credit_record_kind_known"),
        ),
        sa.CheckConstraint("jsonb_array_length(evidence) > 0", name=op.f("ck_credit_record_has_evidence")),
        sa.CheckConstraint("points >= 0", name=op.f("ck_credit_record_points_not_negative")),
        sa.CheckConstraint("valid_to is null or valid_to >= valid_from", name=op.f("ck_credit_record_dates_in_order")),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_credit_record_authority_id_authority")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_credit_record_site_id_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credit_record")),
        sa.UniqueConstraint("site_id", "cause", name=op.f("uq_credit_record_site_id_cause")),
    )
    op.create_index(op.f("ix_credit_record_authority_id"), "credit_record", ["authority_id"], unique=False)
    op.create_index(op.f("ix_credit_record_provider_id"), "credit_record", ["provider_id"], unique=False)
    op.create_index("ix_credit_record_scope_newest", "credit_record", ["scope_path", "recorded_on"], unique=False)
    op.create_index(op.f("ix_credit_record_scope_path"), "credit_record", ["scope_path"], unique=False)
    op.create_index("ix_credit_record_site_days", "credit_record", ["site_id", "valid_from"], unique=False)
    op.create_index(op.f("ix_credit_record_site_id"), "credit_record", ["site_id"], unique=False)
    op.create_table(
        "credit_score",
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("grade", sa.Text(), nullable=True),
        sa.Column("model_code", sa.Text(), nullable=False),
        sa.Column("model_sha256", sa.Text(), nullable=False),
        sa.Column("lines", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("computed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("scope_path", sa.String(collation="C"), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("grade in ('A', 'B', 'C', 'D')", name=op.f("ck_credit_score_grade_known")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_credit_score_site_id_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credit_score")),
        sa.UniqueConstraint("site_id", "on", "revision", name=op.f("uq_credit_score_site_id_on_revision")),
    )
    op.create_index(
        "ix_credit_score_newest",
        "credit_score",
        ["site_id", sa.literal_column('"on" desc'), sa.literal_column("revision desc")],
        unique=False,
    )
    op.create_index(op.f("ix_credit_score_provider_id"), "credit_score", ["provider_id"], unique=False)
    op.create_index(op.f("ix_credit_score_scope_path"), "credit_score", ["scope_path"], unique=False)
    op.create_index(op.f("ix_credit_score_site_id"), "credit_score", ["site_id"], unique=False)
    op.create_table(
        "credit_standing",
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("checked_on", sa.Date(), nullable=True),
        sa.Column("total", sa.Integer(), nullable=True),
        sa.Column("grade", sa.Text(), nullable=True),
        sa.Column("next_change_on", sa.Date(), nullable=True),
        sa.Column("scope_path", sa.String(collation="C"), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("grade in ('A', 'B', 'C', 'D')", name=op.f("ck_credit_standing_grade_known")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_credit_standing_site_id_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credit_standing")),
        sa.UniqueConstraint("site_id", name=op.f("uq_credit_standing_site_id")),
    )
    op.create_index(op.f("ix_credit_standing_checked_on"), "credit_standing", ["checked_on"], unique=False)
    op.create_index(op.f("ix_credit_standing_next_change_on"), "credit_standing", ["next_change_on"], unique=False)
    op.create_index(op.f("ix_credit_standing_provider_id"), "credit_standing", ["provider_id"], unique=False)
    op.create_index(op.f("ix_credit_standing_scope_path"), "credit_standing", ["scope_path"], unique=False)
    op.create_index("ix_credit_standing_scope_total", "credit_standing", ["scope_path", "total"], unique=False)
    op.create_table(
        "external_class",
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("given_by", sa.Text(), nullable=False),
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("scope_path", sa.String(collation="C"), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("source in ('samr', 'ndrc')", name=op.f("ck_external_class_source_known")),
        sa.ForeignKeyConstraint(["import_id"], ["class_import.id"], name=op.f("fk_external_class_import_id_class_import")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_external_class_site_id_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_external_class")),
        sa.UniqueConstraint("site_id", "source", "as_of", name=op.f("uq_external_class_site_id_source_as_of")),
    )
    op.create_index(op.f("ix_external_class_import_id"), "external_class", ["import_id"], unique=False)
    op.create_index(op.f("ix_external_class_provider_id"), "external_class", ["provider_id"], unique=False)
    op.create_index(op.f("ix_external_class_scope_path"), "external_class", ["scope_path"], unique=False)
    op.create_index(op.f("ix_external_class_site_id"), "external_class", ["site_id"], unique=False)
    op.create_table(
        "list_alert",
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("given_on", sa.Date(), nullable=False),
        sa.Column("scope_path", sa.String(collation="C"), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        sa.Column("site_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["list_entry.id"], name=op.f("fk_list_alert_entry_id_list_entry")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_list_alert")),
        sa.UniqueConstraint("entry_id", "kind", "due_on", name=op.f("uq_list_alert_entry_id_kind_due_on")),
    )
    op.create_index(op.f("ix_list_alert_entry_id"), "list_alert", ["entry_id"], unique=False)
    op.create_index(op.f("ix_list_alert_provider_id"), "list_alert", ["provider_id"], unique=False)
    op.create_index(op.f("ix_list_alert_scope_path"), "list_alert", ["scope_path"], unique=False)
    op.create_index(op.f("ix_list_alert_site_id"), "list_alert", ["site_id"], unique=False)
    op.create_table(
        "list_measure",
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("confirmed", sa.Boolean(), nullable=False),
        sa.Column("imposed_on", sa.Date(), nullable=False),
        sa.Column("lifted_on", sa.Date(), nullable=True),
        sa.Column("scope_path", sa.String(collation="C"), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        sa.Column("site_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["list_entry.id"], name=op.f("fk_list_measure_entry_id_list_entry")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_list_measure")),
        sa.UniqueConstraint("entry_id", "code", name=op.f("uq_list_measure_entry_id_code")),
    )
    op.create_index(op.f("ix_list_measure_entry_id"), "list_measure", ["entry_id"], unique=False)
    op.create_index(op.f("ix_list_measure_provider_id"), "list_measure", ["provider_id"], unique=False)
    op.create_index(op.f("ix_list_measure_scope_path"), "list_measure", ["scope_path"], unique=False)
    op.create_index(op.f("ix_list_measure_site_id"), "list_measure", ["site_id"], unique=False)
    op.create_index(
        "ix_list_measure_standing",
        "list_measure",
        ["provider_id", "code"],
        unique=False,
        postgresql_where=sa.text("lifted_on is null"),
    )
    op.create_table(
        "list_objection",
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("listed_by", sa.Uuid(), nullable=False),
        sa.Column("proposed_by", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("marked_by", sa.Uuid(), nullable=True),
        sa.Column("marked_on", sa.Date(), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("scope_path", sa.String(collation="C"), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        sa.Column("site_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "state = 'received' or coalesce(marked_on >= made_on, false)", name=op.f("ck_list_objection_marked_first")
        ),
        sa.CheckConstraint(
            "state in ('received', 'marked') or coalesce(answer is not null and decided_on is not null and decided_by not in (listed_by, proposed_by, marked_by), false)",
            name=op.f("ck_list_objection_decided_by_another"),
        ),
        sa.CheckConstraint(
            "state in ('received', 'marked', 'rejected', 'corrected', 'upheld')", name=op.f("ck_list_objection_state_known")
        ),
        sa.ForeignKeyConstraint(["entry_id"], ["list_entry.id"], name=op.f("fk_list_objection_entry_id_list_entry")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_list_objection")),
    )
    op.create_index(op.f("ix_list_objection_entry_id"), "list_objection", ["entry_id"], unique=False)
    op.create_index(op.f("ix_list_objection_provider_id"), "list_objection", ["provider_id"], unique=False)
    op.create_index(op.f("ix_list_objection_scope_path"), "list_objection", ["scope_path"], unique=False)
    op.create_index(op.f("ix_list_objection_site_id"), "list_objection", ["site_id"], unique=False)
    op.create_index(
        "uq_list_objection_open",
        "list_objection",
        ["entry_id"],
        unique=True,
        postgresql_where=sa.text("state in ('received', 'marked')"),
    )
    op.create_table(
        "list_statement",
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("said_by", sa.Text(), nullable=False),
        sa.Column("blob_id", sa.Uuid(), nullable=True),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("scope_path", sa.String(collation="C"), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        sa.Column("site_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["list_entry.id"], name=op.f("fk_list_statement_entry_id_list_entry")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_list_statement")),
    )
    op.create_index(op.f("ix_list_statement_entry_id"), "list_statement", ["entry_id"], unique=False)
    op.create_index(op.f("ix_list_statement_provider_id"), "list_statement", ["provider_id"], unique=False)
    op.create_index(op.f("ix_list_statement_scope_path"), "list_statement", ["scope_path"], unique=False)
    op.create_index(op.f("ix_list_statement_site_id"), "list_statement", ["site_id"], unique=False)
    op.create_table(
        "list_step",
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("verb", sa.Text(), nullable=False),
        sa.Column("before", sa.Text(), nullable=True),
        sa.Column("after", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("scope_path", sa.String(collation="C"), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        sa.Column("site_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "after in ('clue', 'proposed', 'noticed', 'in_review', 'reviewed', 'decided', 'served', 'published', 'dismissed', 'not_listed', 'removed', 'annulled', 'expired')",
            name=op.f("ck_list_step_after_known"),
        ),
        sa.CheckConstraint(
            "verb in ('propose', 'dismiss', 'serve_notice', 'defend', 'close_defence', 'return', 'review', 'decide_list', 'decide_not', 'serve_decision', 'write_public', 'clear_public', 'publish', 'object', 'apply_repair', 'remove', 'annul', 'expire')",
            name=op.f("ck_list_step_verb_known"),
        ),
        sa.ForeignKeyConstraint(["entry_id"], ["list_entry.id"], name=op.f("fk_list_step_entry_id_list_entry")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_list_step")),
    )
    op.create_index(op.f("ix_list_step_entry_id"), "list_step", ["entry_id"], unique=False)
    op.create_index(op.f("ix_list_step_provider_id"), "list_step", ["provider_id"], unique=False)
    op.create_index(op.f("ix_list_step_scope_path"), "list_step", ["scope_path"], unique=False)
    op.create_index(op.f("ix_list_step_site_id"), "list_step", ["site_id"], unique=False)
    op.create_table(
        "phoenix_match",
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("old_site_id", sa.Uuid(), nullable=False),
        sa.Column("old", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("points", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("table_sha256", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("found_on", sa.Date(), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("scope_path", sa.String(collation="C"), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("(state = 'waiting') = (decided_by is null)", name=op.f("ck_phoenix_match_decided_whole")),
        sa.CheckConstraint("state = 'waiting' or reason <> ''", name=op.f("ck_phoenix_match_decided_with_reason")),
        sa.CheckConstraint("state in ('waiting', 'confirmed', 'dismissed')", name=op.f("ck_phoenix_match_state_known")),
        sa.CheckConstraint("site_id <> old_site_id", name=op.f("ck_phoenix_match_two_sites")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_phoenix_match_site_id_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_phoenix_match")),
        sa.UniqueConstraint("site_id", "old_site_id", name=op.f("uq_phoenix_match_site_id_old_site_id")),
    )
    op.create_index(op.f("ix_phoenix_match_old_site_id"), "phoenix_match", ["old_site_id"], unique=False)
    op.create_index(op.f("ix_phoenix_match_provider_id"), "phoenix_match", ["provider_id"], unique=False)
    op.create_index(op.f("ix_phoenix_match_scope_path"), "phoenix_match", ["scope_path"], unique=False)
    op.create_index("ix_phoenix_match_scope_state", "phoenix_match", ["scope_path", "state", "found_on"], unique=False)
    op.create_index(op.f("ix_phoenix_match_site_id"), "phoenix_match", ["site_id"], unique=False)
    op.create_table(
        "repair_application",
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("listed_by", sa.Uuid(), nullable=False),
        sa.Column("proposed_by", sa.Uuid(), nullable=False),
        sa.Column("earliest_on", sa.Date(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("corrected", sa.Text(), nullable=False),
        sa.Column("promise", sa.Boolean(), nullable=False),
        sa.Column("evidence", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("applied_by", sa.Uuid(), nullable=False),
        sa.Column("applied_on", sa.Date(), nullable=False),
        sa.Column("accepted_by", sa.Uuid(), nullable=True),
        sa.Column("accepted_on", sa.Date(), nullable=True),
        sa.Column("paused_on", sa.Date(), nullable=True),
        sa.Column("asked_for", sa.Text(), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("scope_path", sa.String(collation="C"), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        sa.Column("site_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "promise and applied_on >= earliest_on and corrected <> ''", name=op.f("ck_repair_application_conditions_met")
        ),
        sa.CheckConstraint(
            "state in ('submitted', 'accepted', 'paused', 'not_accepted', 'approved', 'refused', 'withdrawn')",
            name=op.f("ck_repair_application_state_known"),
        ),
        sa.CheckConstraint(
            "state in ('submitted', 'not_accepted', 'withdrawn') or coalesce(accepted_on >= applied_on, false)",
            name=op.f("ck_repair_application_accepted_first"),
        ),
        sa.CheckConstraint(
            "state not in ('approved', 'refused') or coalesce(answer is not null and decided_on is not null and number is not null and decided_by not in (listed_by, proposed_by, accepted_by, applied_by), false)",
            name=op.f("ck_repair_application_decided_by_another"),
        ),
        sa.ForeignKeyConstraint(["entry_id"], ["list_entry.id"], name=op.f("fk_repair_application_entry_id_list_entry")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_repair_application")),
    )
    op.create_index(op.f("ix_repair_application_entry_id"), "repair_application", ["entry_id"], unique=False)
    op.create_index(op.f("ix_repair_application_provider_id"), "repair_application", ["provider_id"], unique=False)
    op.create_index(op.f("ix_repair_application_scope_path"), "repair_application", ["scope_path"], unique=False)
    op.create_index(op.f("ix_repair_application_site_id"), "repair_application", ["site_id"], unique=False)
    op.create_index(
        "uq_repair_application_open",
        "repair_application",
        ["entry_id"],
        unique=True,
        postgresql_where=sa.text("state in ('submitted', 'accepted', 'paused')"),
    )
    op.create_table(
        "tier_override",
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("tier", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.Column("scope_path", sa.String(collation="C"), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_tier_override_has_reason")),
        sa.CheckConstraint("tier in ('A', 'B', 'C', 'D')", name=op.f("ck_tier_override_tier_known")),
        sa.CheckConstraint("(ended_on is null) = (ended_by is null)", name=op.f("ck_tier_override_ended_whole")),
        sa.CheckConstraint("until >= since", name=op.f("ck_tier_override_dates_in_order")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_tier_override_site_id_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tier_override")),
    )
    op.create_index(op.f("ix_tier_override_provider_id"), "tier_override", ["provider_id"], unique=False)
    op.create_index(op.f("ix_tier_override_scope_path"), "tier_override", ["scope_path"], unique=False)
    op.create_index(op.f("ix_tier_override_site_id"), "tier_override", ["site_id"], unique=False)
    op.create_index(
        "uq_tier_override_open", "tier_override", ["site_id"], unique=True, postgresql_where=sa.text("ended_on is null")
    )
    op.create_table(
        "credit_objection",
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("asked_on", sa.Date(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("decision_reason", sa.Text(), nullable=False),
        sa.Column("scope_path", sa.String(collation="C"), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(state in ('upheld','rejected')) = (decided_by is not null)", name=op.f("ck_credit_objection_decided_whole")
        ),
        sa.CheckConstraint("state in ('open', 'upheld', 'rejected', 'withdrawn')", name=op.f("ck_credit_objection_state_known")),
        sa.CheckConstraint(
            "decided_by <> asked_by and decided_by <> recorded_by", name=op.f("ck_credit_objection_decided_by_another")
        ),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_credit_objection_authority_id_authority")),
        sa.ForeignKeyConstraint(["record_id"], ["credit_record.id"], name=op.f("fk_credit_objection_record_id_credit_record")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_credit_objection_site_id_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credit_objection")),
    )
    op.create_index(op.f("ix_credit_objection_authority_id"), "credit_objection", ["authority_id"], unique=False)
    op.create_index(op.f("ix_credit_objection_provider_id"), "credit_objection", ["provider_id"], unique=False)
    op.create_index(op.f("ix_credit_objection_record_id"), "credit_objection", ["record_id"], unique=False)
    op.create_index(op.f("ix_credit_objection_scope_path"), "credit_objection", ["scope_path"], unique=False)
    op.create_index(op.f("ix_credit_objection_site_id"), "credit_objection", ["site_id"], unique=False)
    op.create_index(
        "uq_credit_objection_open", "credit_objection", ["record_id"], unique=True, postgresql_where=sa.text("state = 'open'")
    )
    op.create_table(
        "tier_decision",
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("tier", sa.Text(), nullable=False),
        sa.Column("way", sa.Text(), nullable=False),
        sa.Column("listed", sa.Boolean(), nullable=False),
        sa.Column("reasons", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("table_code", sa.Text(), nullable=False),
        sa.Column("table_sha256", sa.Text(), nullable=False),
        sa.Column("score_id", sa.Uuid(), nullable=True),
        sa.Column("override_id", sa.Uuid(), nullable=True),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("scope_path", sa.String(collation="C"), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("not listed or tier = 'D'", name=op.f("ck_tier_decision_listed_is_strictest")),
        sa.CheckConstraint("tier in ('A', 'B', 'C', 'D')", name=op.f("ck_tier_decision_tier_known")),
        sa.CheckConstraint("way in ('computed', 'overridden')", name=op.f("ck_tier_decision_way_known")),
        sa.ForeignKeyConstraint(["override_id"], ["tier_override.id"], name=op.f("fk_tier_decision_override_id_tier_override")),
        sa.ForeignKeyConstraint(["score_id"], ["credit_score.id"], name=op.f("fk_tier_decision_score_id_credit_score")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_tier_decision_site_id_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tier_decision")),
    )
    op.create_index("ix_tier_decision_newest", "tier_decision", ["site_id", sa.literal_column("at desc")], unique=False)
    op.create_index(op.f("ix_tier_decision_provider_id"), "tier_decision", ["provider_id"], unique=False)
    op.create_index(op.f("ix_tier_decision_scope_path"), "tier_decision", ["scope_path"], unique=False)
    op.create_index(op.f("ix_tier_decision_site_id"), "tier_decision", ["site_id"], unique=False)
    run(GUARDS)


def downgrade() -> None:
    run(BEFORE_DOWN)
    op.drop_index(op.f("ix_tier_decision_site_id"), table_name="tier_decision")
    op.drop_index(op.f("ix_tier_decision_scope_path"), table_name="tier_decision")
    op.drop_index(op.f("ix_tier_decision_provider_id"), table_name="tier_decision")
    op.drop_index("ix_tier_decision_newest", table_name="tier_decision")
    op.drop_table("tier_decision")
    op.drop_index("uq_credit_objection_open", table_name="credit_objection", postgresql_where=sa.text("state = 'open'"))
    op.drop_index(op.f("ix_credit_objection_site_id"), table_name="credit_objection")
    op.drop_index(op.f("ix_credit_objection_scope_path"), table_name="credit_objection")
    op.drop_index(op.f("ix_credit_objection_record_id"), table_name="credit_objection")
    op.drop_index(op.f("ix_credit_objection_provider_id"), table_name="credit_objection")
    op.drop_index(op.f("ix_credit_objection_authority_id"), table_name="credit_objection")
    op.drop_table("credit_objection")
    op.drop_index("uq_tier_override_open", table_name="tier_override", postgresql_where=sa.text("ended_on is null"))
    op.drop_index(op.f("ix_tier_override_site_id"), table_name="tier_override")
    op.drop_index(op.f("ix_tier_override_scope_path"), table_name="tier_override")
    op.drop_index(op.f("ix_tier_override_provider_id"), table_name="tier_override")
    op.drop_table("tier_override")
    op.drop_index(
        "uq_repair_application_open",
        table_name="repair_application",
        postgresql_where=sa.text("state in ('submitted', 'accepted', 'paused')"),
    )
    op.drop_index(op.f("ix_repair_application_site_id"), table_name="repair_application")
    op.drop_index(op.f("ix_repair_application_scope_path"), table_name="repair_application")
    op.drop_index(op.f("ix_repair_application_provider_id"), table_name="repair_application")
    op.drop_index(op.f("ix_repair_application_entry_id"), table_name="repair_application")
    op.drop_table("repair_application")
    op.drop_index(op.f("ix_phoenix_match_site_id"), table_name="phoenix_match")
    op.drop_index("ix_phoenix_match_scope_state", table_name="phoenix_match")
    op.drop_index(op.f("ix_phoenix_match_scope_path"), table_name="phoenix_match")
    op.drop_index(op.f("ix_phoenix_match_provider_id"), table_name="phoenix_match")
    op.drop_index(op.f("ix_phoenix_match_old_site_id"), table_name="phoenix_match")
    op.drop_table("phoenix_match")
    op.drop_index(op.f("ix_list_step_site_id"), table_name="list_step")
    op.drop_index(op.f("ix_list_step_scope_path"), table_name="list_step")
    op.drop_index(op.f("ix_list_step_provider_id"), table_name="list_step")
    op.drop_index(op.f("ix_list_step_entry_id"), table_name="list_step")
    op.drop_table("list_step")
    op.drop_index(op.f("ix_list_statement_site_id"), table_name="list_statement")
    op.drop_index(op.f("ix_list_statement_scope_path"), table_name="list_statement")
    op.drop_index(op.f("ix_list_statement_provider_id"), table_name="list_statement")
    op.drop_index(op.f("ix_list_statement_entry_id"), table_name="list_statement")
    op.drop_table("list_statement")
    op.drop_index(
        "uq_list_objection_open", table_name="list_objection", postgresql_where=sa.text("state in ('received', 'marked')")
    )
    op.drop_index(op.f("ix_list_objection_site_id"), table_name="list_objection")
    op.drop_index(op.f("ix_list_objection_scope_path"), table_name="list_objection")
    op.drop_index(op.f("ix_list_objection_provider_id"), table_name="list_objection")
    op.drop_index(op.f("ix_list_objection_entry_id"), table_name="list_objection")
    op.drop_table("list_objection")
    op.drop_index("ix_list_measure_standing", table_name="list_measure", postgresql_where=sa.text("lifted_on is null"))
    op.drop_index(op.f("ix_list_measure_site_id"), table_name="list_measure")
    op.drop_index(op.f("ix_list_measure_scope_path"), table_name="list_measure")
    op.drop_index(op.f("ix_list_measure_provider_id"), table_name="list_measure")
    op.drop_index(op.f("ix_list_measure_entry_id"), table_name="list_measure")
    op.drop_table("list_measure")
    op.drop_index(op.f("ix_list_alert_site_id"), table_name="list_alert")
    op.drop_index(op.f("ix_list_alert_scope_path"), table_name="list_alert")
    op.drop_index(op.f("ix_list_alert_provider_id"), table_name="list_alert")
    op.drop_index(op.f("ix_list_alert_entry_id"), table_name="list_alert")
    op.drop_table("list_alert")
    op.drop_index(op.f("ix_external_class_site_id"), table_name="external_class")
    op.drop_index(op.f("ix_external_class_scope_path"), table_name="external_class")
    op.drop_index(op.f("ix_external_class_provider_id"), table_name="external_class")
    op.drop_index(op.f("ix_external_class_import_id"), table_name="external_class")
    op.drop_table("external_class")
    op.drop_index("ix_credit_standing_scope_total", table_name="credit_standing")
    op.drop_index(op.f("ix_credit_standing_scope_path"), table_name="credit_standing")
    op.drop_index(op.f("ix_credit_standing_provider_id"), table_name="credit_standing")
    op.drop_index(op.f("ix_credit_standing_next_change_on"), table_name="credit_standing")
    op.drop_index(op.f("ix_credit_standing_checked_on"), table_name="credit_standing")
    op.drop_table("credit_standing")
    op.drop_index(op.f("ix_credit_score_site_id"), table_name="credit_score")
    op.drop_index(op.f("ix_credit_score_scope_path"), table_name="credit_score")
    op.drop_index(op.f("ix_credit_score_provider_id"), table_name="credit_score")
    op.drop_index("ix_credit_score_newest", table_name="credit_score")
    op.drop_table("credit_score")
    op.drop_index(op.f("ix_credit_record_site_id"), table_name="credit_record")
    op.drop_index("ix_credit_record_site_days", table_name="credit_record")
    op.drop_index(op.f("ix_credit_record_scope_path"), table_name="credit_record")
    op.drop_index("ix_credit_record_scope_newest", table_name="credit_record")
    op.drop_index(op.f("ix_credit_record_provider_id"), table_name="credit_record")
    op.drop_index(op.f("ix_credit_record_authority_id"), table_name="credit_record")
    op.drop_table("credit_record")
    op.drop_index("ix_list_entry_standing", table_name="list_entry", postgresql_where=sa.text("state in ('served', 'published')"))
    op.drop_index(op.f("ix_list_entry_site_id"), table_name="list_entry")
    op.drop_index("ix_list_entry_scope_state", table_name="list_entry")
    op.drop_index(op.f("ix_list_entry_scope_path"), table_name="list_entry")
    op.drop_index(op.f("ix_list_entry_provider_id"), table_name="list_entry")
    op.drop_index(op.f("ix_list_entry_case_id"), table_name="list_entry")
    op.drop_index(op.f("ix_list_entry_authority_id"), table_name="list_entry")
    op.drop_table("list_entry")
    op.drop_index(op.f("ix_ground_confirmation_authority_id"), table_name="ground_confirmation")
    op.drop_table("ground_confirmation")
    op.drop_index(op.f("ix_class_import_site_id"), table_name="class_import")
    op.drop_index(op.f("ix_class_import_scope_path"), table_name="class_import")
    op.drop_index(op.f("ix_class_import_provider_id"), table_name="class_import")
    op.drop_index("ix_class_import_newest", table_name="class_import")
    op.drop_table("class_import")
    run(AFTER_DOWN)

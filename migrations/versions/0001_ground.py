"""The ground floor: record, outbox, calendar, regions, accounts.

Revision ID: 0001_ground
Revises:
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001_ground"
down_revision = None
branch_labels = None
depends_on = None

# Statements as they stand: no parameters, so `%` and `:` mean themselves.
BEFORE: list[str] = [
    """create schema if not exists published""",
    """create function published.bigrams(s text) returns text[] language sql immutable parallel safe strict as
       $$ select coalesce(array_agg(distinct substr(s, i, 2)), '{}') from generate_series(1, greatest(char_length(s) - 1, 1)) i $$""",
    """grant usage on schema public, published to songjian_app, songjian_job""",
    """grant usage on schema published to songjian_public""",
    """revoke create on schema public from public""",
    """create function refuse_rewrite() returns trigger language plpgsql as $$
    declare
        name text;
        was jsonb := to_jsonb(old);
        now jsonb := to_jsonb(new);
    begin
        foreach name in array tg_argv loop
            if was ->> name is not null and was -> name is distinct from now -> name then
                raise exception 'column % is written once (只写一次)', name using errcode = 'check_violation';
            end if;
        end loop;
        return new;
    end $$""",
]
GUARDS: list[str] = [
    """insert into audit_head (id, seq, hash) values (1, 0, '20eedcc70363e4f1824d8d4f8cb927dd14df33b333d1df2fd1a0bdb3d419ee18')""",
    """grant select, insert, update on account to songjian_app, songjian_job""",
    """grant select, insert, update on audit_head to songjian_app, songjian_job""",
    """grant select, insert on audit_line to songjian_app, songjian_job""",
    """create function refuse_change() returns trigger language plpgsql as
       $$ begin raise exception 'the record is append-only (留痕只增不改)'; end $$""",
    """create trigger audit_line_append_only before update or delete on audit_line for each row execute function refuse_change()""",
    """create trigger audit_line_no_truncate before truncate on audit_line for each statement execute function refuse_change()""",
    """grant select, insert, update on calendar_day to songjian_app, songjian_job""",
    """alter table deadline enable row level security""",
    """alter table deadline force row level security""",
    """create policy reach on deadline using (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
) with check (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
)""",
    """grant select, insert, update on deadline to songjian_app, songjian_job""",
    """grant select, insert, update on job_run to songjian_app, songjian_job""",
    """grant select, insert, update on number_counter to songjian_app, songjian_job""",
    """grant select, insert, update on outbox to songjian_app, songjian_job""",
    """grant select, insert, update on region to songjian_app, songjian_job""",
    """grant select, insert, update, delete on sign_in_attempt to songjian_app, songjian_job""",
    """grant select, insert, update on assignment to songjian_app, songjian_job""",
    """grant select, insert, update on authority to songjian_app, songjian_job""",
    """grant select, insert, update on policy_setting to songjian_app, songjian_job""",
    """grant select, insert, update on region_fact to songjian_app, songjian_job""",
    """grant select, insert, update, delete on session_record to songjian_app, songjian_job""",
    """grant select, insert, update on post_held to songjian_app, songjian_job""",
]
BEFORE_DOWN: list[str] = [
    """drop policy reach on deadline""",
]
AFTER_DOWN: list[str] = [
    """drop function refuse_rewrite()""",
    """drop function refuse_change()""",
    """drop function published.bigrams(text)""",
]


def run(statements: list[str]) -> None:
    cursor = op.get_bind().connection.cursor()
    for statement in statements:
        cursor.execute(statement)
    cursor.close()


def upgrade() -> None:
    run(BEFORE)
    op.create_table(
        "account",
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("password_set_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("totp_secret", sa.Text(), nullable=True),
        sa.Column("totp_last_step", sa.Integer(), nullable=False),
        sa.Column("certificate_no", sa.Text(), nullable=True),
        sa.Column("certificate_until", sa.Date(), nullable=True),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failed_tries", sa.Integer(), nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("username", name=op.f("uq_account_username")),
    )
    op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_head")),
    )
    op.create_table(
        "audit_line",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("subject", sa.Uuid(), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.Column("on", sa.Text(), nullable=False),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("prev_hash", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_audit_line")),
    )
    op.create_index(op.f("ix_audit_line_by"), "audit_line", ["by"], unique=False)
    op.create_index(op.f("ix_audit_line_subject"), "audit_line", ["subject"], unique=False)
    op.create_table(
        "calendar_day",
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("is_workday", sa.Boolean(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("source_doc", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("status in ('official', 'provisional')", name=op.f("ck_calendar_day_status_known")),
        sa.PrimaryKeyConstraint("date", name=op.f("pk_calendar_day")),
    )
    op.create_table(
        "deadline",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Uuid(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("start_on", sa.Date(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("provisional", sa.Boolean(), nullable=False),
        sa.Column("met_on", sa.Date(), nullable=True),
        sa.Column("dropped_on", sa.Date(), nullable=True),
        sa.Column("scope_path", sa.String(collation="C"), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        sa.Column("site_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("unit in ('working_days', 'natural_days')", name=op.f("ck_deadline_unit_known")),
        sa.CheckConstraint("count >= 0", name=op.f("ck_deadline_count_not_negative")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deadline")),
    )
    op.create_index(
        "ix_deadline_due",
        "deadline",
        ["scope_path", "due_on"],
        unique=False,
        postgresql_where=sa.text("met_on is null and dropped_on is null"),
    )
    op.create_index(op.f("ix_deadline_provider_id"), "deadline", ["provider_id"], unique=False)
    op.create_index(op.f("ix_deadline_scope_path"), "deadline", ["scope_path"], unique=False)
    op.create_index(op.f("ix_deadline_site_id"), "deadline", ["site_id"], unique=False)
    op.create_index(op.f("ix_deadline_subject"), "deadline", ["subject"], unique=False)
    op.create_index(
        "uq_deadline_open",
        "deadline",
        ["subject", "kind"],
        unique=True,
        postgresql_where=sa.text("met_on is null and dropped_on is null"),
    )
    op.create_table(
        "job_run",
        sa.Column("job", sa.Text(), nullable=False),
        sa.Column("slot", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claim", sa.Uuid(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("trouble", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("job", "slot", name=op.f("pk_job_run")),
    )
    op.create_table(
        "number_counter",
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("authority_id", "kind", "year", name=op.f("pk_number_counter")),
    )
    op.create_table(
        "outbox",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Uuid(), nullable=False),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("put_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("claim", sa.Uuid(), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("trouble", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
    )
    op.create_index("ix_outbox_waiting", "outbox", ["due_at"], unique=False, postgresql_where=sa.text("done_at is null"))
    op.create_table(
        "region",
        sa.Column("path", sa.String(collation="C"), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("successor_id", sa.Uuid(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "level in ('nation', 'province', 'city', 'county', 'street', 'community')", name=op.f("ck_region_level_known")
        ),
        sa.ForeignKeyConstraint(["parent_id"], ["region.id"], name=op.f("fk_region_parent_id_region")),
        sa.ForeignKeyConstraint(["successor_id"], ["region.id"], name=op.f("fk_region_successor_id_region")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_region")),
        sa.UniqueConstraint("code", "valid_from", name=op.f("uq_region_code_valid_from"), postgresql_nulls_not_distinct=True),
        sa.UniqueConstraint("path", name=op.f("uq_region_path")),
    )
    op.create_index(op.f("ix_region_code"), "region", ["code"], unique=False)
    op.create_index(op.f("ix_region_parent_id"), "region", ["parent_id"], unique=False)
    op.create_table(
        "sign_in_attempt",
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_attempt")),
    )
    op.create_index(op.f("ix_sign_in_attempt_address"), "sign_in_attempt", ["address"], unique=False)
    op.create_table(
        "assignment",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("subject", sa.Uuid(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_assignment_account_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignment")),
    )
    op.create_index(op.f("ix_assignment_account_id"), "assignment", ["account_id"], unique=False)
    op.create_index(op.f("ix_assignment_subject"), "assignment", ["subject"], unique=False)
    op.create_table(
        "authority",
        sa.Column("region_id", sa.Uuid(), nullable=False),
        sa.Column("path", sa.String(collation="C"), nullable=False),
        sa.Column("department", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("short_name", sa.Text(), nullable=False),
        sa.Column("number_word", sa.Text(), nullable=False),
        sa.Column("seal_text", sa.Text(), nullable=False),
        sa.Column("supervision_phone", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "department in ('civil_affairs', 'fire', 'market', 'housing', 'health', 'discipline')",
            name=op.f("ck_authority_department_known"),
        ),
        sa.ForeignKeyConstraint(["region_id"], ["region.id"], name=op.f("fk_authority_region_id_region")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_authority")),
        sa.UniqueConstraint("region_id", "department", name=op.f("uq_authority_region_id_department")),
    )
    op.create_index("ix_authority_department_path", "authority", ["department", "path"], unique=False)
    op.create_index(op.f("ix_authority_path"), "authority", ["path"], unique=False)
    op.create_table(
        "policy_setting",
        sa.Column("region_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("in_force_from", sa.Date(), nullable=False),
        sa.Column("in_force_to", sa.Date(), nullable=True),
        sa.Column("set_by", sa.Uuid(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["region_id"], ["region.id"], name=op.f("fk_policy_setting_region_id_region")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy_setting")),
    )
    op.create_index(op.f("ix_policy_setting_region_id"), "policy_setting", ["region_id"], unique=False)
    op.create_table(
        "region_fact",
        sa.Column("region_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("entered_by", sa.Uuid(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["region_id"], ["region.id"], name=op.f("fk_region_fact_region_id_region")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_region_fact")),
        sa.UniqueConstraint("region_id", "key", "as_of", name=op.f("uq_region_fact_region_id_key_as_of")),
    )
    op.create_index(op.f("ix_region_fact_region_id"), "region_fact", ["region_id"], unique=False)
    op.create_table(
        "session_record",
        sa.Column("id_hash", sa.LargeBinary(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("body_id", sa.Uuid(), nullable=True),
        sa.Column("second_factor", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_session_record_account_id_account")),
        sa.PrimaryKeyConstraint("id_hash", name=op.f("pk_session_record")),
    )
    op.create_index(op.f("ix_session_record_account_id"), "session_record", ["account_id"], unique=False)
    op.create_table(
        "post_held",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("post", sa.Text(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=True),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        sa.Column("site_id", sa.Uuid(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("granted_by", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "post in ('handler', 'reviewer', 'head', 'inspector', 'department_inspector', 'street_officer', 'assessor', 'observer', 'provider_owner', 'site_manager', 'provider_staff', 'system_admin', 'security_admin', 'audit_admin', 'system')",
            name=op.f("ck_post_held_post_known"),
        ),
        sa.CheckConstraint("(authority_id is null) <> (provider_id is null)", name=op.f("ck_post_held_one_body")),
        sa.CheckConstraint("granted_by <> account_id", name=op.f("ck_post_held_not_granted_by_oneself")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_post_held_account_id_account")),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_post_held_authority_id_authority")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_post_held")),
    )
    op.create_index(op.f("ix_post_held_account_id"), "post_held", ["account_id"], unique=False)
    op.create_index(op.f("ix_post_held_authority_id"), "post_held", ["authority_id"], unique=False)
    op.create_index(op.f("ix_post_held_provider_id"), "post_held", ["provider_id"], unique=False)
    op.create_index(
        "uq_post_held_open",
        "post_held",
        ["account_id", "post", "authority_id", "provider_id", "site_id"],
        unique=True,
        postgresql_where=sa.text("valid_until is null"),
        postgresql_nulls_not_distinct=True,
    )
    run(GUARDS)


def downgrade() -> None:
    run(BEFORE_DOWN)
    op.drop_index(
        "uq_post_held_open",
        table_name="post_held",
        postgresql_where=sa.text("valid_until is null"),
        postgresql_nulls_not_distinct=True,
    )
    op.drop_index(op.f("ix_post_held_provider_id"), table_name="post_held")
    op.drop_index(op.f("ix_post_held_authority_id"), table_name="post_held")
    op.drop_index(op.f("ix_post_held_account_id"), table_name="post_held")
    op.drop_table("post_held")
    op.drop_index(op.f("ix_session_record_account_id"), table_name="session_record")
    op.drop_table("session_record")
    op.drop_index(op.f("ix_region_fact_region_id"), table_name="region_fact")
    op.drop_table("region_fact")
    op.drop_index(op.f("ix_policy_setting_region_id"), table_name="policy_setting")
    op.drop_table("policy_setting")
    op.drop_index(op.f("ix_authority_path"), table_name="authority")
    op.drop_index("ix_authority_department_path", table_name="authority")
    op.drop_table("authority")
    op.drop_index(op.f("ix_assignment_subject"), table_name="assignment")
    op.drop_index(op.f("ix_assignment_account_id"), table_name="assignment")
    op.drop_table("assignment")
    op.drop_index(op.f("ix_sign_in_attempt_address"), table_name="sign_in_attempt")
    op.drop_table("sign_in_attempt")
    op.drop_index(op.f("ix_region_parent_id"), table_name="region")
    op.drop_index(op.f("ix_region_code"), table_name="region")
    op.drop_table("region")
    op.drop_index("ix_outbox_waiting", table_name="outbox", postgresql_where=sa.text("done_at is null"))
    op.drop_table("outbox")
    op.drop_table("number_counter")
    op.drop_table("job_run")
    op.drop_index("uq_deadline_open", table_name="deadline", postgresql_where=sa.text("met_on is null and dropped_on is null"))
    op.drop_index(op.f("ix_deadline_subject"), table_name="deadline")
    op.drop_index(op.f("ix_deadline_site_id"), table_name="deadline")
    op.drop_index(op.f("ix_deadline_scope_path"), table_name="deadline")
    op.drop_index(op.f("ix_deadline_provider_id"), table_name="deadline")
    op.drop_index("ix_deadline_due", table_name="deadline", postgresql_where=sa.text("met_on is null and dropped_on is null"))
    op.drop_table("deadline")
    op.drop_table("calendar_day")
    op.drop_index(op.f("ix_audit_line_subject"), table_name="audit_line")
    op.drop_index(op.f("ix_audit_line_by"), table_name="audit_line")
    op.drop_table("audit_line")
    op.drop_table("audit_head")
    op.drop_table("account")
    run(AFTER_DOWN)

"""Inspections: checklists, draws, tasks, answers, findings, orders.

Revision ID: 0004_inspections
Revises: 0003_providers
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004_inspections"
down_revision = "0003_providers"
branch_labels = None
depends_on = None

# Statements as they stand: no parameters, so `%` and `:` mean themselves.
BEFORE: list[str] = []
GUARDS: list[str] = [
    """alter table kept_invalid enable row level security""",
    """alter table kept_invalid force row level security""",
    """create policy reach on kept_invalid using (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
) with check (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
)""",
    """grant select, insert on kept_invalid to songjian_app, songjian_job""",
    """grant select, insert, update on checklist_edition to songjian_app, songjian_job""",
    """alter table draw_escrow enable row level security""",
    """alter table draw_escrow force row level security""",
    """create policy reach on draw_escrow using (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
) with check (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
)""",
    """grant select, insert, update on draw_escrow to songjian_app, songjian_job""",
    """alter table draw_plan enable row level security""",
    """alter table draw_plan force row level security""",
    """create policy reach on draw_plan using (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
) with check (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
)""",
    """grant select, insert, update on draw_plan to songjian_app, songjian_job""",
    """create trigger draw_plan_write_once before update on draw_plan for each row execute function refuse_rewrite('code', 'made_by', 'approved_by', 'frozen_by', 'frozen_at', 'computed_by', 'computed_at', 'plan_text', 'subjects_text', 'inspectors_text', 'recusals_text', 'freeze_text', 'freeze_hash', 'seed_hash', 'result_hash', 'seed_text', 'result_text')""",
    """alter table inspector_entry enable row level security""",
    """alter table inspector_entry force row level security""",
    """create policy reach on inspector_entry using ((
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
) or account_id = nullif(current_setting('app.actor', true), '')::uuid) with check ((
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
) or account_id = nullif(current_setting('app.actor', true), '')::uuid)""",
    """grant select, insert, update on inspector_entry to songjian_app, songjian_job""",
    """grant select, insert on item_confirmation to songjian_app, songjian_job""",
    """grant select, insert, update on paper_words to songjian_app, songjian_job""",
    """alter table draw_request enable row level security""",
    """alter table draw_request force row level security""",
    """create policy reach on draw_request using (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
) with check (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
)""",
    """grant select, insert, update on draw_request to songjian_app, songjian_job""",
    """alter table draw_seed_entry enable row level security""",
    """alter table draw_seed_entry force row level security""",
    """create policy reach on draw_seed_entry using (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
) with check (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
)""",
    """grant select, insert on draw_seed_entry to songjian_app, songjian_job""",
    """alter table inspection_object enable row level security""",
    """alter table inspection_object force row level security""",
    """create policy reach on inspection_object using ((
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
) or exists (select 1 from inspector_entry as listed where listed.account_id = nullif(current_setting('app.actor', true), '')::uuid and listed.active and inspection_object.scope_path >= listed.scope_path and inspection_object.scope_path < left(listed.scope_path, -1) || '0')) with check ((
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
) or exists (select 1 from inspector_entry as listed where listed.account_id = nullif(current_setting('app.actor', true), '')::uuid and listed.active and inspection_object.scope_path >= listed.scope_path and inspection_object.scope_path < left(listed.scope_path, -1) || '0'))""",
    """grant select, insert, update on inspection_object to songjian_app, songjian_job""",
    """alter table inspection_task enable row level security""",
    """alter table inspection_task force row level security""",
    """create policy reach on inspection_task using (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
) with check (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
)""",
    """grant select, insert, update on inspection_task to songjian_app, songjian_job""",
    """alter table correction_order enable row level security""",
    """alter table correction_order force row level security""",
    """create policy reach on correction_order using (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
) with check (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
)""",
    """grant select, insert, update on correction_order to songjian_app, songjian_job""",
    """alter table draw_event enable row level security""",
    """alter table draw_event force row level security""",
    """create policy reach on draw_event using (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
) with check (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
)""",
    """grant select, insert on draw_event to songjian_app, songjian_job""",
    """alter table draw_mark enable row level security""",
    """alter table draw_mark force row level security""",
    """create policy reach on draw_mark using (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
) with check (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
)""",
    """grant select, insert, update on draw_mark to songjian_app, songjian_job""",
    """alter table inspection_report enable row level security""",
    """alter table inspection_report force row level security""",
    """create policy reach on inspection_report using (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
) with check (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
)""",
    """grant select, insert, update on inspection_report to songjian_app, songjian_job""",
    """alter table inspector_recusal enable row level security""",
    """alter table inspector_recusal force row level security""",
    """create policy reach on inspector_recusal using ((
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
) or account_id = nullif(current_setting('app.actor', true), '')::uuid) with check ((
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
) or account_id = nullif(current_setting('app.actor', true), '')::uuid)""",
    """grant select, insert, update on inspector_recusal to songjian_app, songjian_job""",
    """alter table operation enable row level security""",
    """alter table operation force row level security""",
    """create policy reach on operation using (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
) with check (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
)""",
    """grant select, insert on operation to songjian_app, songjian_job""",
    """alter table signature enable row level security""",
    """alter table signature force row level security""",
    """create policy reach on signature using (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
) with check (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
)""",
    """grant select, insert on signature to songjian_app, songjian_job""",
    """alter table task_member enable row level security""",
    """alter table task_member force row level security""",
    """create policy reach on task_member using (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
) with check (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
)""",
    """grant select, insert, update on task_member to songjian_app, songjian_job""",
    """alter table task_photo enable row level security""",
    """alter table task_photo force row level security""",
    """create policy reach on task_photo using (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
) with check (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
)""",
    """grant select, insert, update on task_photo to songjian_app, songjian_job""",
    """alter table finding enable row level security""",
    """alter table finding force row level security""",
    """create policy reach on finding using (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
) with check (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
)""",
    """grant select, insert, update on finding to songjian_app, songjian_job""",
    """alter table recheck enable row level security""",
    """alter table recheck force row level security""",
    """create policy reach on recheck using (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
) with check (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
)""",
    """grant select, insert, update on recheck to songjian_app, songjian_job""",
    """alter table extension enable row level security""",
    """alter table extension force row level security""",
    """create policy reach on extension using (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
) with check (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
)""",
    """grant select, insert, update on extension to songjian_app, songjian_job""",
    """alter table rectification_draft enable row level security""",
    """alter table rectification_draft force row level security""",
    """create policy reach on rectification_draft using (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
) with check (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
)""",
    """grant select, insert, update on rectification_draft to songjian_app, songjian_job""",
    """alter table rectification_step enable row level security""",
    """alter table rectification_step force row level security""",
    """create policy reach on rectification_step using (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
) with check (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
)""",
    """grant select, insert on rectification_step to songjian_app, songjian_job""",
    """alter table supervision enable row level security""",
    """alter table supervision force row level security""",
    """create policy reach on supervision using (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
) with check (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
)""",
    """grant select, insert, update on supervision to songjian_app, songjian_job""",
    """alter table transfer enable row level security""",
    """alter table transfer force row level security""",
    """create policy reach on transfer using (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
) with check (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
)""",
    """grant select, insert, update on transfer to songjian_app, songjian_job""",
]
BEFORE_DOWN: list[str] = [
    """drop policy reach on kept_invalid""",
    """drop policy reach on draw_escrow""",
    """drop policy reach on draw_plan""",
    """drop policy reach on inspector_entry""",
    """drop policy reach on draw_request""",
    """drop policy reach on draw_seed_entry""",
    """drop policy reach on inspection_object""",
    """drop policy reach on inspection_task""",
    """drop policy reach on correction_order""",
    """drop policy reach on draw_event""",
    """drop policy reach on draw_mark""",
    """drop policy reach on inspection_report""",
    """drop policy reach on inspector_recusal""",
    """drop policy reach on operation""",
    """drop policy reach on signature""",
    """drop policy reach on task_member""",
    """drop policy reach on task_photo""",
    """drop policy reach on finding""",
    """drop policy reach on recheck""",
    """drop policy reach on extension""",
    """drop policy reach on rectification_draft""",
    """drop policy reach on rectification_step""",
    """drop policy reach on supervision""",
    """drop policy reach on transfer""",
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
        "kept_invalid",
        sa.Column("task_id", sa.Uuid(), nullable=True),
        sa.Column("op_id", sa.Text(), nullable=False),
        sa.Column("device_id", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=True),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("prev_hash", sa.Text(), nullable=False),
        sa.Column("invalid", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("raw", sa.Text(), nullable=False),
        sa.Column("raw_sha256", sa.Text(), nullable=False),
        sa.Column("sent_by", sa.Uuid(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("scope_path", sa.String(collation="C"), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        sa.Column("site_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "invalid in ('malformed', 'hash_mismatch', 'same_id_other_bytes', 'seq_taken', 'other_task', 'other_edition', 'unknown_item', 'other_department', 'value_not_allowed')",
            name=op.f("ck_kept_invalid_invalid_known"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kept_invalid")),
        sa.UniqueConstraint("raw_sha256", "invalid", "sent_by", name=op.f("uq_kept_invalid_raw_sha256_invalid_sent_by")),
    )
    op.create_index("ix_kept_invalid_device_seq", "kept_invalid", ["device_id", "seq"], unique=False)
    op.create_index(op.f("ix_kept_invalid_provider_id"), "kept_invalid", ["provider_id"], unique=False)
    op.create_index(op.f("ix_kept_invalid_scope_path"), "kept_invalid", ["scope_path"], unique=False)
    op.create_index(op.f("ix_kept_invalid_site_id"), "kept_invalid", ["site_id"], unique=False)
    op.create_index(op.f("ix_kept_invalid_task_id"), "kept_invalid", ["task_id"], unique=False)
    op.create_table(
        "checklist_edition",
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("jurisdiction", sa.String(collation="C"), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("edition", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("data", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("based_on", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_by", sa.Uuid(), nullable=True),
        sa.Column("published_on", sa.Date(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("(published_by is null) = (published_on is null)", name=op.f("ck_checklist_edition_published_whole")),
        sa.CheckConstraint("published_by <> made_by", name=op.f("ck_checklist_edition_not_published_by_maker")),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_checklist_edition_authority_id_authority")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_checklist_edition")),
        sa.UniqueConstraint("jurisdiction", "code", "edition", name=op.f("uq_checklist_edition_jurisdiction_code_edition")),
    )
    op.create_index(op.f("ix_checklist_edition_authority_id"), "checklist_edition", ["authority_id"], unique=False)
    op.create_table(
        "draw_escrow",
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("holder_id", sa.Uuid(), nullable=False),
        sa.Column("blind", sa.Text(), nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_by", sa.Uuid(), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opened_reason", sa.Text(), nullable=True),
        sa.Column("scope_path", sa.String(collation="C"), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        sa.Column("site_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["holder_id"], ["authority.id"], name=op.f("fk_draw_escrow_holder_id_authority")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draw_escrow")),
        sa.UniqueConstraint("plan_id", name=op.f("uq_draw_escrow_plan_id")),
    )
    op.create_index(op.f("ix_draw_escrow_provider_id"), "draw_escrow", ["provider_id"], unique=False)
    op.create_index(op.f("ix_draw_escrow_scope_path"), "draw_escrow", ["scope_path"], unique=False)
    op.create_index(op.f("ix_draw_escrow_site_id"), "draw_escrow", ["site_id"], unique=False)
    op.create_table(
        "draw_plan",
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=True),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("reach", sa.Text(), nullable=False),
        sa.Column("kinds", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("strata", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("seats", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("inputs", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("inspect_from", sa.Date(), nullable=False),
        sa.Column("inspect_until", sa.Date(), nullable=False),
        sa.Column("reveal_on", sa.Date(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approved_by", sa.Uuid(), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("frozen_by", sa.Uuid(), nullable=True),
        sa.Column("frozen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("computed_by", sa.Uuid(), nullable=True),
        sa.Column("computed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revealed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("voided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("infeasible", sa.Boolean(), nullable=True),
        sa.Column("blind", sa.Text(), nullable=True),
        sa.Column("plan_text", sa.Text(), nullable=True),
        sa.Column("subjects_text", sa.Text(), nullable=True),
        sa.Column("inspectors_text", sa.Text(), nullable=True),
        sa.Column("recusals_text", sa.Text(), nullable=True),
        sa.Column("freeze_text", sa.Text(), nullable=True),
        sa.Column("freeze_hash", sa.Text(), nullable=True),
        sa.Column("sealed_seed", sa.Text(), nullable=True),
        sa.Column("sealed_result", sa.Text(), nullable=True),
        sa.Column("seed_hash", sa.Text(), nullable=True),
        sa.Column("result_hash", sa.Text(), nullable=True),
        sa.Column("seed_text", sa.Text(), nullable=True),
        sa.Column("result_text", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("scope_path", sa.String(collation="C"), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        sa.Column("site_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(state = 'revealed') = (result_text is not null)", name=op.f("ck_draw_plan_result_open_when_revealed")
        ),
        sa.CheckConstraint(
            "(state in ('drafted', 'approved', 'discarded')) = (freeze_text is null) and (freeze_text is null) = (number is null) and (freeze_text is null) = (freeze_hash is null)",
            name=op.f("ck_draw_plan_numbered_when_frozen"),
        ),
        sa.CheckConstraint(
            "(state not in ('drawn', 'revealed')) or result_hash is not null", name=op.f("ck_draw_plan_drawn_has_result")
        ),
        sa.CheckConstraint("mode in ('open', 'sealed')", name=op.f("ck_draw_plan_mode_known")),
        sa.CheckConstraint("reach in ('own', 'area')", name=op.f("ck_draw_plan_reach_known")),
        sa.CheckConstraint(
            "state in ('drafted', 'approved', 'frozen', 'seeded', 'drawn', 'revealed', 'voided', 'discarded')",
            name=op.f("ck_draw_plan_state_known"),
        ),
        sa.CheckConstraint("approved_by <> made_by", name=op.f("ck_draw_plan_not_approved_by_maker")),
        sa.CheckConstraint("frozen_by <> made_by", name=op.f("ck_draw_plan_not_frozen_by_maker")),
        sa.CheckConstraint("result_hash is null or freeze_text is not null", name=op.f("ck_draw_plan_no_draw_before_freeze")),
        sa.CheckConstraint(
            "reveal_on >= inspect_until and inspect_until >= inspect_from", name=op.f("ck_draw_plan_days_in_order")
        ),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_draw_plan_authority_id_authority")),
        sa.ForeignKeyConstraint(["parent_id"], ["draw_plan.id"], name=op.f("fk_draw_plan_parent_id_draw_plan")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draw_plan")),
        sa.UniqueConstraint("authority_id", "year", "number", name=op.f("uq_draw_plan_authority_id_year_number")),
        sa.UniqueConstraint("code", name=op.f("uq_draw_plan_code")),
    )
    op.create_index(op.f("ix_draw_plan_authority_id"), "draw_plan", ["authority_id"], unique=False)
    op.create_index(op.f("ix_draw_plan_parent_id"), "draw_plan", ["parent_id"], unique=False)
    op.create_index(op.f("ix_draw_plan_provider_id"), "draw_plan", ["provider_id"], unique=False)
    op.create_index(op.f("ix_draw_plan_scope_path"), "draw_plan", ["scope_path"], unique=False)
    op.create_index(op.f("ix_draw_plan_site_id"), "draw_plan", ["site_id"], unique=False)
    op.create_table(
        "inspector_entry",
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("department", sa.Text(), nullable=False),
        sa.Column("certificate_no", sa.Text(), nullable=False),
        sa.Column("certificate_from", sa.Date(), nullable=False),
        sa.Column("certificate_until", sa.Date(), nullable=False),
        sa.Column("tags", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("cap", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("entered_by", sa.Uuid(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("scope_path", sa.String(collation="C"), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        sa.Column("site_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("cap between 1 and 999", name=op.f("ck_inspector_entry_cap_sensible")),
        sa.CheckConstraint("certificate_from <= certificate_until", name=op.f("ck_inspector_entry_certificate_days")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_inspector_entry_account_id_account")),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_inspector_entry_authority_id_authority")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inspector_entry")),
        sa.UniqueConstraint("authority_id", "account_id", name=op.f("uq_inspector_entry_authority_id_account_id")),
        sa.UniqueConstraint("code", name=op.f("uq_inspector_entry_code")),
    )
    op.create_index(op.f("ix_inspector_entry_account_id"), "inspector_entry", ["account_id"], unique=False)
    op.create_index(op.f("ix_inspector_entry_authority_id"), "inspector_entry", ["authority_id"], unique=False)
    op.create_index(op.f("ix_inspector_entry_provider_id"), "inspector_entry", ["provider_id"], unique=False)
    op.create_index(op.f("ix_inspector_entry_scope_path"), "inspector_entry", ["scope_path"], unique=False)
    op.create_index(op.f("ix_inspector_entry_site_id"), "inspector_entry", ["site_id"], unique=False)
    op.create_table(
        "item_confirmation",
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("edition_sha256", sa.Text(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("clause", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("compared_with", sa.Text(), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.Column("by_name", sa.Text(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("char_length(compared_with) >= 2", name=op.f("ck_item_confirmation_text_named")),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_item_confirmation_authority_id_authority")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_item_confirmation")),
    )
    op.create_index(
        "ix_item_confirmation_item", "item_confirmation", ["authority_id", "edition_sha256", "item", "at"], unique=False
    )
    op.create_table(
        "paper_words",
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("titles", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("patterns", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("seal_text", sa.Text(), nullable=False),
        sa.Column("contact", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("report_back", sa.Text(), nullable=False),
        sa.Column("consequence", sa.Text(), nullable=False),
        sa.Column("remedies", sa.Text(), nullable=False),
        sa.Column("set_by", sa.Uuid(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_paper_words_authority_id_authority")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper_words")),
        sa.UniqueConstraint("authority_id", name=op.f("uq_paper_words_authority_id")),
    )
    op.create_table(
        "draw_request",
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("evidence_id", sa.Uuid(), nullable=True),
        sa.Column("evidence_sha256", sa.Text(), nullable=True),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision_note", sa.Text(), nullable=True),
        sa.Column("scope_path", sa.String(collation="C"), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        sa.Column("site_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("kind = 'void' or evidence_sha256 is not null", name=op.f("ck_draw_request_shown_by_evidence")),
        sa.CheckConstraint(
            "kind in ('top_up', 'replace_subject', 'replace_inspector', 'void')", name=op.f("ck_draw_request_kind_known")
        ),
        sa.CheckConstraint("state in ('asked', 'approved', 'declined')", name=op.f("ck_draw_request_state_known")),
        sa.CheckConstraint("decided_by <> asked_by", name=op.f("ck_draw_request_not_decided_by_asker")),
        sa.ForeignKeyConstraint(["evidence_id"], ["blob.id"], name=op.f("fk_draw_request_evidence_id_blob")),
        sa.ForeignKeyConstraint(["plan_id"], ["draw_plan.id"], name=op.f("fk_draw_request_plan_id_draw_plan")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draw_request")),
    )
    op.create_index(op.f("ix_draw_request_plan_id"), "draw_request", ["plan_id"], unique=False)
    op.create_index(op.f("ix_draw_request_provider_id"), "draw_request", ["provider_id"], unique=False)
    op.create_index(op.f("ix_draw_request_scope_path"), "draw_request", ["scope_path"], unique=False)
    op.create_index(op.f("ix_draw_request_site_id"), "draw_request", ["site_id"], unique=False)
    op.create_index(
        "uq_draw_request_open",
        "draw_request",
        ["plan_id", "kind", "what"],
        unique=True,
        postgresql_where=sa.text("state = 'asked'"),
    )
    op.create_table(
        "draw_seed_entry",
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("input_number", sa.Integer(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("typed", sa.Text(), nullable=False),
        sa.Column("entered_by", sa.Uuid(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("evidence_id", sa.Uuid(), nullable=True),
        sa.Column("scope_path", sa.String(collation="C"), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        sa.Column("site_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("place in (1, 2)", name=op.f("ck_draw_seed_entry_two_entries")),
        sa.ForeignKeyConstraint(["evidence_id"], ["blob.id"], name=op.f("fk_draw_seed_entry_evidence_id_blob")),
        sa.ForeignKeyConstraint(["plan_id"], ["draw_plan.id"], name=op.f("fk_draw_seed_entry_plan_id_draw_plan")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draw_seed_entry")),
        sa.UniqueConstraint("plan_id", "input_number", "turn", "entered_by", name="uq_draw_seed_entry_two_people"),
        sa.UniqueConstraint(
            "plan_id", "input_number", "turn", "place", name=op.f("uq_draw_seed_entry_plan_id_input_number_turn_place")
        ),
    )
    op.create_index(op.f("ix_draw_seed_entry_plan_id"), "draw_seed_entry", ["plan_id"], unique=False)
    op.create_index(op.f("ix_draw_seed_entry_provider_id"), "draw_seed_entry", ["provider_id"], unique=False)
    op.create_index(op.f("ix_draw_seed_entry_scope_path"), "draw_seed_entry", ["scope_path"], unique=False)
    op.create_index(op.f("ix_draw_seed_entry_site_id"), "draw_seed_entry", ["site_id"], unique=False)
    op.create_table(
        "inspection_object",
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("draw_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("listed_on", sa.Date(), nullable=False),
        sa.Column("struck_on", sa.Date(), nullable=True),
        sa.Column("struck_reason", sa.Text(), nullable=True),
        sa.Column("scope_path", sa.String(collation="C"), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_inspection_object_site_id_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inspection_object")),
        sa.UniqueConstraint("draw_id", name=op.f("uq_inspection_object_draw_id")),
        sa.UniqueConstraint("site_id", name=op.f("uq_inspection_object_site_id")),
    )
    op.create_index(op.f("ix_inspection_object_provider_id"), "inspection_object", ["provider_id"], unique=False)
    op.create_index(op.f("ix_inspection_object_scope_path"), "inspection_object", ["scope_path"], unique=False)
    op.create_table(
        "inspection_task",
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=True),
        sa.Column("source_words", sa.Text(), nullable=False),
        sa.Column("from_above", sa.Boolean(), nullable=False),
        sa.Column("joint", sa.Boolean(), nullable=False),
        sa.Column("nth_of_year", sa.Integer(), nullable=False),
        sa.Column("cap_reason", sa.Text(), nullable=False),
        sa.Column("planned_on", sa.Date(), nullable=False),
        sa.Column("lead_id", sa.Uuid(), nullable=True),
        sa.Column("planned_by", sa.Uuid(), nullable=False),
        sa.Column("planned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approved_by", sa.Uuid(), nullable=True),
        sa.Column("approved_on", sa.Date(), nullable=True),
        sa.Column("notice_on", sa.Date(), nullable=True),
        sa.Column("notice_by", sa.Uuid(), nullable=True),
        sa.Column("notice_way", sa.Text(), nullable=False),
        sa.Column("on_arrival_reason", sa.Text(), nullable=False),
        sa.Column("checked_in_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("checked_in_by", sa.Uuid(), nullable=True),
        sa.Column("check_in_way", sa.Text(), nullable=True),
        sa.Column("check_in_reason", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("submitted_by", sa.Uuid(), nullable=True),
        sa.Column("signed_sha", sa.Text(), nullable=True),
        sa.Column("signed_ops", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("reviewed_by", sa.Uuid(), nullable=True),
        sa.Column("reviewed_on", sa.Date(), nullable=True),
        sa.Column("review_note", sa.Text(), nullable=False),
        sa.Column("closed_by", sa.Uuid(), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("published_by", sa.Uuid(), nullable=True),
        sa.Column("published_on", sa.Date(), nullable=True),
        sa.Column("withdrawn_by", sa.Uuid(), nullable=True),
        sa.Column("withdrawn_on", sa.Date(), nullable=True),
        sa.Column("withdraw_reason", sa.Text(), nullable=False),
        sa.Column("cancelled_on", sa.Date(), nullable=True),
        sa.Column("cancel_reason", sa.Text(), nullable=False),
        sa.Column("checklist", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("checklist_sha", sa.Text(), nullable=False),
        sa.Column("item_count", sa.Integer(), nullable=False),
        sa.Column("met", sa.Integer(), nullable=True),
        sa.Column("not_met", sa.Integer(), nullable=True),
        sa.Column("not_applicable", sa.Integer(), nullable=True),
        sa.Column("rate_earned", sa.Integer(), nullable=True),
        sa.Column("rate_possible", sa.Integer(), nullable=True),
        sa.Column("rate_per_10k", sa.Integer(), nullable=True),
        sa.Column("mandatory", sa.Text(), nullable=True),
        sa.Column("mandatory_pending", sa.Integer(), nullable=True),
        sa.Column("hazards", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("suspected", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("findings_minor", sa.Integer(), nullable=True),
        sa.Column("findings_serious", sa.Integer(), nullable=True),
        sa.Column("findings_major", sa.Integer(), nullable=True),
        sa.Column("result", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("scope_path", sa.String(collation="C"), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(check_in_way <> 'manual') or (check_in_reason <> '')", name=op.f("ck_inspection_task_manual_has_reason")
        ),
        sa.CheckConstraint("check_in_way in ('scan', 'manual')", name=op.f("ck_inspection_task_check_in_way_known")),
        sa.CheckConstraint(
            "kind in ('daily', 'special', 'case', 'first_visit', 'recheck')", name=op.f("ck_inspection_task_kind_known")
        ),
        sa.CheckConstraint("mandatory in ('yes', 'no', 'unknown')", name=op.f("ck_inspection_task_mandatory_known")),
        sa.CheckConstraint(
            "result in ('normal', 'correction_ordered', 'not_disclosed', 'not_reached', 'follow_up', 'uncooperative')",
            name=op.f("ck_inspection_task_result_known"),
        ),
        sa.CheckConstraint(
            "source in ('draw', 'complaint', 'filing', 'finding', 'above', 'own')", name=op.f("ck_inspection_task_source_known")
        ),
        sa.CheckConstraint(
            "state in ('planned', 'approved', 'noticed', 'checked_in', 'in_progress', 'signed', 'reviewed', 'closed', 'published', 'withdrawn', 'cancelled')",
            name=op.f("ck_inspection_task_state_known"),
        ),
        sa.CheckConstraint("(closed_on is null) or (result is not null)", name=op.f("ck_inspection_task_closed_has_result")),
        sa.CheckConstraint("(signed_sha is null) = (signed_ops is null)", name=op.f("ck_inspection_task_signed_whole")),
        sa.CheckConstraint("approved_by <> planned_by", name=op.f("ck_inspection_task_not_approved_by_planner")),
        sa.CheckConstraint(
            "published_by <> lead_id and published_by <> submitted_by", name=op.f("ck_inspection_task_not_published_by_inspector")
        ),
        sa.CheckConstraint("published_by <> reviewed_by", name=op.f("ck_inspection_task_not_published_by_reviewer")),
        sa.CheckConstraint(
            "reviewed_by <> lead_id and reviewed_by <> submitted_by", name=op.f("ck_inspection_task_not_reviewed_by_inspector")
        ),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_inspection_task_authority_id_authority")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_inspection_task_site_id_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inspection_task")),
        sa.UniqueConstraint("authority_id", "number", name=op.f("uq_inspection_task_authority_id_number")),
    )
    op.create_index(op.f("ix_inspection_task_authority_id"), "inspection_task", ["authority_id"], unique=False)
    op.create_index(op.f("ix_inspection_task_provider_id"), "inspection_task", ["provider_id"], unique=False)
    op.create_index(op.f("ix_inspection_task_scope_path"), "inspection_task", ["scope_path"], unique=False)
    op.create_index("ix_inspection_task_scope_state", "inspection_task", ["scope_path", "state", "planned_on"], unique=False)
    op.create_index("ix_inspection_task_site_day", "inspection_task", ["site_id", "planned_on"], unique=False)
    op.create_index(op.f("ix_inspection_task_site_id"), "inspection_task", ["site_id"], unique=False)
    op.create_index(op.f("ix_inspection_task_source_id"), "inspection_task", ["source_id"], unique=False)
    op.create_table(
        "correction_order",
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("demands", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("issued_by", sa.Uuid(), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("served_way", sa.Text(), nullable=True),
        sa.Column("served_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("served_by", sa.Uuid(), nullable=True),
        sa.Column("receiver", sa.Text(), nullable=False),
        sa.Column("service_note", sa.Text(), nullable=False),
        sa.Column("receipt_blob_id", sa.Uuid(), nullable=True),
        sa.Column("revoked_on", sa.Date(), nullable=True),
        sa.Column("revoked_by", sa.Uuid(), nullable=True),
        sa.Column("revoke_reason", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("scope_path", sa.String(collation="C"), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("(served_way <> 'left') or (service_note <> '')", name=op.f("ck_correction_order_left_has_witness")),
        sa.CheckConstraint(
            "served_way in ('direct', 'left', 'post', 'electronic')", name=op.f("ck_correction_order_served_way_known")
        ),
        sa.CheckConstraint("(served_at is null) = (served_way is null)", name=op.f("ck_correction_order_served_whole")),
        sa.CheckConstraint("jsonb_array_length(demands) > 0", name=op.f("ck_correction_order_demands_something")),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_correction_order_authority_id_authority")),
        sa.ForeignKeyConstraint(["receipt_blob_id"], ["blob.id"], name=op.f("fk_correction_order_receipt_blob_id_blob")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_correction_order_site_id_site")),
        sa.ForeignKeyConstraint(["task_id"], ["inspection_task.id"], name=op.f("fk_correction_order_task_id_inspection_task")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_correction_order")),
        sa.UniqueConstraint("authority_id", "number", name=op.f("uq_correction_order_authority_id_number")),
    )
    op.create_index(op.f("ix_correction_order_provider_id"), "correction_order", ["provider_id"], unique=False)
    op.create_index(op.f("ix_correction_order_scope_path"), "correction_order", ["scope_path"], unique=False)
    op.create_index(op.f("ix_correction_order_site_id"), "correction_order", ["site_id"], unique=False)
    op.create_index(op.f("ix_correction_order_task_id"), "correction_order", ["task_id"], unique=False)
    op.create_table(
        "draw_event",
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("evidence_sha256", sa.Text(), nullable=True),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("approved_by", sa.Uuid(), nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("prev_hash", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("scope_path", sa.String(collation="C"), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        sa.Column("site_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "kind in ('top_up', 'replace_subject', 'replace_inspector', 'void')", name=op.f("ck_draw_event_kind_known")
        ),
        sa.CheckConstraint("approved_by <> asked_by", name=op.f("ck_draw_event_not_approved_by_asker")),
        sa.ForeignKeyConstraint(["plan_id"], ["draw_plan.id"], name=op.f("fk_draw_event_plan_id_draw_plan")),
        sa.ForeignKeyConstraint(["request_id"], ["draw_request.id"], name=op.f("fk_draw_event_request_id_draw_request")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draw_event")),
        sa.UniqueConstraint("plan_id", "number", name=op.f("uq_draw_event_plan_id_number")),
        sa.UniqueConstraint("plan_id", "prev_hash", name=op.f("uq_draw_event_plan_id_prev_hash")),
        sa.UniqueConstraint("request_id", name=op.f("uq_draw_event_request_id")),
    )
    op.create_index(op.f("ix_draw_event_plan_id"), "draw_event", ["plan_id"], unique=False)
    op.create_index(op.f("ix_draw_event_provider_id"), "draw_event", ["provider_id"], unique=False)
    op.create_index(op.f("ix_draw_event_scope_path"), "draw_event", ["scope_path"], unique=False)
    op.create_index(op.f("ix_draw_event_site_id"), "draw_event", ["site_id"], unique=False)
    op.create_table(
        "draw_mark",
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("object_id", sa.Uuid(), nullable=False),
        sa.Column("standing", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("added_by", sa.Uuid(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_by", sa.Uuid(), nullable=True),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("scope_path", sa.String(collation="C"), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        sa.Column("site_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "reason in ('complaint', 'clue', 'superior', 'uncovered', 'inspected', 'suspended', 'joined')",
            name=op.f("ck_draw_mark_reason_known"),
        ),
        sa.CheckConstraint("standing in ('must', 'out')", name=op.f("ck_draw_mark_standing_known")),
        sa.ForeignKeyConstraint(["object_id"], ["inspection_object.id"], name=op.f("fk_draw_mark_object_id_inspection_object")),
        sa.ForeignKeyConstraint(["plan_id"], ["draw_plan.id"], name=op.f("fk_draw_mark_plan_id_draw_plan")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draw_mark")),
    )
    op.create_index(op.f("ix_draw_mark_object_id"), "draw_mark", ["object_id"], unique=False)
    op.create_index(op.f("ix_draw_mark_plan_id"), "draw_mark", ["plan_id"], unique=False)
    op.create_index(op.f("ix_draw_mark_provider_id"), "draw_mark", ["provider_id"], unique=False)
    op.create_index(op.f("ix_draw_mark_scope_path"), "draw_mark", ["scope_path"], unique=False)
    op.create_index(op.f("ix_draw_mark_site_id"), "draw_mark", ["site_id"], unique=False)
    op.create_index(
        "uq_draw_mark_open", "draw_mark", ["plan_id", "object_id"], unique=True, postgresql_where=sa.text("removed_at is null")
    )
    op.create_table(
        "inspection_report",
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("advice", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("correction_reason", sa.Text(), nullable=False),
        sa.Column("issued_by", sa.Uuid(), nullable=False),
        sa.Column("corrected_from_by", sa.Uuid(), nullable=True),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("public_number", sa.Text(), nullable=True),
        sa.Column("public_on", sa.Date(), nullable=True),
        sa.Column("scope_path", sa.String(collation="C"), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("(edition = 1) or (correction_reason <> '')", name=op.f("ck_inspection_report_correction_has_reason")),
        sa.CheckConstraint("(public_number is null) = (public_on is null)", name=op.f("ck_inspection_report_published_whole")),
        sa.CheckConstraint("issued_by <> corrected_from_by", name=op.f("ck_inspection_report_not_corrected_by_issuer")),
        sa.ForeignKeyConstraint(["task_id"], ["inspection_task.id"], name=op.f("fk_inspection_report_task_id_inspection_task")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inspection_report")),
        sa.UniqueConstraint("task_id", "edition", name=op.f("uq_inspection_report_task_id_edition")),
    )
    op.create_index(op.f("ix_inspection_report_provider_id"), "inspection_report", ["provider_id"], unique=False)
    op.create_index(op.f("ix_inspection_report_scope_path"), "inspection_report", ["scope_path"], unique=False)
    op.create_index(op.f("ix_inspection_report_site_id"), "inspection_report", ["site_id"], unique=False)
    op.create_index(op.f("ix_inspection_report_task_id"), "inspection_report", ["task_id"], unique=False)
    op.create_table(
        "inspector_recusal",
        sa.Column("inspector_id", sa.Uuid(), nullable=False),
        sa.Column("object_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("declared_by", sa.Uuid(), nullable=False),
        sa.Column("declared_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("scope_path", sa.String(collation="C"), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        sa.Column("site_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "reason in ('kin', 'former-employer', 'interest', 'rotation', 'hometown', 'other')",
            name=op.f("ck_inspector_recusal_reason_known"),
        ),
        sa.CheckConstraint(
            "ended_by <> declared_by and ended_by <> account_id", name=op.f("ck_inspector_recusal_not_ended_by_declarer")
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_inspector_recusal_account_id_account")),
        sa.ForeignKeyConstraint(
            ["inspector_id"], ["inspector_entry.id"], name=op.f("fk_inspector_recusal_inspector_id_inspector_entry")
        ),
        sa.ForeignKeyConstraint(
            ["object_id"], ["inspection_object.id"], name=op.f("fk_inspector_recusal_object_id_inspection_object")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inspector_recusal")),
    )
    op.create_index(op.f("ix_inspector_recusal_account_id"), "inspector_recusal", ["account_id"], unique=False)
    op.create_index(op.f("ix_inspector_recusal_inspector_id"), "inspector_recusal", ["inspector_id"], unique=False)
    op.create_index(op.f("ix_inspector_recusal_object_id"), "inspector_recusal", ["object_id"], unique=False)
    op.create_index(op.f("ix_inspector_recusal_provider_id"), "inspector_recusal", ["provider_id"], unique=False)
    op.create_index(op.f("ix_inspector_recusal_scope_path"), "inspector_recusal", ["scope_path"], unique=False)
    op.create_index(op.f("ix_inspector_recusal_site_id"), "inspector_recusal", ["site_id"], unique=False)
    op.create_index(
        "uq_inspector_recusal_open",
        "inspector_recusal",
        ["inspector_id", "object_id"],
        unique=True,
        postgresql_where=sa.text("ended_at is null"),
    )
    op.create_table(
        "operation",
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("arrival", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("op_id", sa.Text(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("edition_sha", sa.Text(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("author_id", sa.Text(), nullable=False),
        sa.Column("device_id", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("replaces", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("wall_ms", sa.BigInteger(), nullable=False),
        sa.Column("mono_ms", sa.BigInteger(), nullable=False),
        sa.Column("offset_ms", sa.BigInteger(), nullable=False),
        sa.Column("prev_hash", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("sent_by", sa.Uuid(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("scope_path", sa.String(collation="C"), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["task_id"], ["inspection_task.id"], name=op.f("fk_operation_task_id_inspection_task")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_operation")),
        sa.UniqueConstraint("arrival", name=op.f("uq_operation_arrival")),
        sa.UniqueConstraint("device_id", "seq", name=op.f("uq_operation_device_id_seq")),
        sa.UniqueConstraint("op_id", name=op.f("uq_operation_op_id")),
    )
    op.create_index(op.f("ix_operation_provider_id"), "operation", ["provider_id"], unique=False)
    op.create_index(op.f("ix_operation_scope_path"), "operation", ["scope_path"], unique=False)
    op.create_index(op.f("ix_operation_site_id"), "operation", ["site_id"], unique=False)
    op.create_index(op.f("ix_operation_task_id"), "operation", ["task_id"], unique=False)
    op.create_table(
        "signature",
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("statement", sa.Text(), nullable=False),
        sa.Column("blob_id", sa.Uuid(), nullable=True),
        sa.Column("state_sha", sa.Text(), nullable=False),
        sa.Column("refused_reason", sa.Text(), nullable=False),
        sa.Column("taken_by", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("scope_path", sa.String(collation="C"), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("(blob_id is null) = (refused_reason <> '')", name=op.f("ck_signature_picture_or_refusal")),
        sa.CheckConstraint("(role <> 'officer') or (account_id is not null)", name=op.f("ck_signature_officer_has_account")),
        sa.CheckConstraint("role in ('officer', 'party', 'witness')", name=op.f("ck_signature_role_known")),
        sa.ForeignKeyConstraint(["blob_id"], ["blob.id"], name=op.f("fk_signature_blob_id_blob")),
        sa.ForeignKeyConstraint(["task_id"], ["inspection_task.id"], name=op.f("fk_signature_task_id_inspection_task")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signature")),
    )
    op.create_index(op.f("ix_signature_provider_id"), "signature", ["provider_id"], unique=False)
    op.create_index(op.f("ix_signature_scope_path"), "signature", ["scope_path"], unique=False)
    op.create_index(op.f("ix_signature_site_id"), "signature", ["site_id"], unique=False)
    op.create_index(op.f("ix_signature_task_id"), "signature", ["task_id"], unique=False)
    op.create_table(
        "task_member",
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("department", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("certificate_no", sa.Text(), nullable=False),
        sa.Column("certificate_until", sa.Date(), nullable=True),
        sa.Column("recused_on", sa.Date(), nullable=True),
        sa.Column("recusal_reason", sa.Text(), nullable=False),
        sa.Column("replaced_on", sa.Date(), nullable=True),
        sa.Column("scope_path", sa.String(collation="C"), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "department in ('civil_affairs', 'fire', 'market', 'housing', 'health')", name=op.f("ck_task_member_department_known")
        ),
        sa.CheckConstraint("role in ('lead', 'officer', 'helper')", name=op.f("ck_task_member_role_known")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_task_member_account_id_account")),
        sa.ForeignKeyConstraint(["task_id"], ["inspection_task.id"], name=op.f("fk_task_member_task_id_inspection_task")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task_member")),
        sa.UniqueConstraint("task_id", "account_id", name=op.f("uq_task_member_task_id_account_id")),
    )
    op.create_index(op.f("ix_task_member_account_id"), "task_member", ["account_id"], unique=False)
    op.create_index(op.f("ix_task_member_provider_id"), "task_member", ["provider_id"], unique=False)
    op.create_index(op.f("ix_task_member_scope_path"), "task_member", ["scope_path"], unique=False)
    op.create_index(op.f("ix_task_member_site_id"), "task_member", ["site_id"], unique=False)
    op.create_index(op.f("ix_task_member_task_id"), "task_member", ["task_id"], unique=False)
    op.create_table(
        "task_photo",
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("original_sha256", sa.Text(), nullable=False),
        sa.Column("blob_id", sa.Uuid(), nullable=False),
        sa.Column("taken_by", sa.Uuid(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("scope_path", sa.String(collation="C"), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["blob_id"], ["blob.id"], name=op.f("fk_task_photo_blob_id_blob")),
        sa.ForeignKeyConstraint(["task_id"], ["inspection_task.id"], name=op.f("fk_task_photo_task_id_inspection_task")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task_photo")),
        sa.UniqueConstraint("task_id", "original_sha256", name=op.f("uq_task_photo_task_id_original_sha256")),
    )
    op.create_index(op.f("ix_task_photo_provider_id"), "task_photo", ["provider_id"], unique=False)
    op.create_index(op.f("ix_task_photo_scope_path"), "task_photo", ["scope_path"], unique=False)
    op.create_index(op.f("ix_task_photo_site_id"), "task_photo", ["site_id"], unique=False)
    op.create_index(op.f("ix_task_photo_task_id"), "task_photo", ["task_id"], unique=False)
    op.create_table(
        "finding",
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("clause", sa.Text(), nullable=False),
        sa.Column("confidence", sa.Text(), nullable=False),
        sa.Column("requirement", sa.Text(), nullable=False),
        sa.Column("fact", sa.Text(), nullable=False),
        sa.Column("photos", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("measures", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("remedy", sa.Text(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("department", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=True),
        sa.Column("demand", sa.Text(), nullable=False),
        sa.Column("ordered_on", sa.Date(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("due_basis", sa.Text(), nullable=False),
        sa.Column("due_provisional", sa.Boolean(), nullable=False),
        sa.Column("extensions", sa.Integer(), nullable=False),
        sa.Column("reported_by", sa.Uuid(), nullable=True),
        sa.Column("reported_on", sa.Date(), nullable=True),
        sa.Column("escalated_on", sa.Date(), nullable=True),
        sa.Column("escalated_to", sa.Uuid(), nullable=True),
        sa.Column("closed_by", sa.Uuid(), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("public_text", sa.Text(), nullable=True),
        sa.Column("public_text_by", sa.Uuid(), nullable=True),
        sa.Column("public_text_on", sa.Date(), nullable=True),
        sa.Column("reply", sa.Text(), nullable=True),
        sa.Column("reply_by", sa.Uuid(), nullable=True),
        sa.Column("reply_on", sa.Date(), nullable=True),
        sa.Column("reply_cleared_by", sa.Uuid(), nullable=True),
        sa.Column("reply_cleared_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("scope_path", sa.String(collation="C"), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(order_id is null) or (basis = 'order' and due_on is not null)", name=op.f("ck_finding_only_orders_demand")
        ),
        sa.CheckConstraint(
            "(state <> 'closed') or (closed_on is not null and closed_by is not null)", name=op.f("ck_finding_closed_has_closer")
        ),
        sa.CheckConstraint("(state <> 'escalated') or (escalated_on is not null)", name=op.f("ck_finding_escalated_has_day")),
        sa.CheckConstraint("basis in ('order', 'advice', 'judgement')", name=op.f("ck_finding_basis_known")),
        sa.CheckConstraint(
            "confidence in ('verified', 'corroborated', 'draft', 'inactive', 'platform_default')",
            name=op.f("ck_finding_confidence_known"),
        ),
        sa.CheckConstraint(
            "department in ('civil_affairs', 'fire', 'market', 'housing', 'health')", name=op.f("ck_finding_department_known")
        ),
        sa.CheckConstraint("remedy in ('on_the_spot', 'within_term', 'construction')", name=op.f("ck_finding_remedy_known")),
        sa.CheckConstraint("severity in ('minor', 'serious', 'major')", name=op.f("ck_finding_severity_known")),
        sa.CheckConstraint(
            "state in ('open', 'reported', 'again', 'escalated', 'case', 'transferred', 'closed', 'revoked')",
            name=op.f("ck_finding_state_known"),
        ),
        sa.CheckConstraint("(order_id is null) = (ordered_on is null)", name=op.f("ck_finding_ordered_whole")),
        sa.CheckConstraint("(public_text is null) = (public_text_by is null)", name=op.f("ck_finding_public_text_confirmed")),
        sa.CheckConstraint("closed_by <> reported_by", name=op.f("ck_finding_not_closed_by_reporter")),
        sa.CheckConstraint("reply_cleared_by <> reply_by", name=op.f("ck_finding_reply_cleared_by_another")),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_finding_authority_id_authority")),
        sa.ForeignKeyConstraint(["escalated_to"], ["authority.id"], name=op.f("fk_finding_escalated_to_authority")),
        sa.ForeignKeyConstraint(["order_id"], ["correction_order.id"], name=op.f("fk_finding_order_id_correction_order")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_finding_site_id_site")),
        sa.ForeignKeyConstraint(["task_id"], ["inspection_task.id"], name=op.f("fk_finding_task_id_inspection_task")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finding")),
        sa.UniqueConstraint("task_id", "item", name=op.f("uq_finding_task_id_item")),
        sa.UniqueConstraint("task_id", "number", name=op.f("uq_finding_task_id_number")),
    )
    op.create_index(
        "ix_finding_due",
        "finding",
        ["due_on"],
        unique=False,
        postgresql_where=sa.text("state in ('open','again','escalated','case') and due_on is not null"),
    )
    op.create_index("ix_finding_opened", "finding", ["opened_on", "id"], unique=False)
    op.create_index(op.f("ix_finding_order_id"), "finding", ["order_id"], unique=False)
    op.create_index(op.f("ix_finding_provider_id"), "finding", ["provider_id"], unique=False)
    op.create_index(op.f("ix_finding_scope_path"), "finding", ["scope_path"], unique=False)
    op.create_index("ix_finding_scope_state", "finding", ["scope_path", "state", "due_on"], unique=False)
    op.create_index(op.f("ix_finding_site_id"), "finding", ["site_id"], unique=False)
    op.create_index(op.f("ix_finding_task_id"), "finding", ["task_id"], unique=False)
    op.create_table(
        "recheck",
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("finding_ids", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("officer_ids", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("inspector_ids", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("officers", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("assigned_by", sa.Uuid(), nullable=False),
        sa.Column("assigned_on", sa.Date(), nullable=False),
        sa.Column("planned_on", sa.Date(), nullable=False),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("rows", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("conclusion", sa.Text(), nullable=False),
        sa.Column("statement", sa.Text(), nullable=False),
        sa.Column("rechecked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.Uuid(), nullable=True),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("scope_path", sa.String(collation="C"), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(state <> 'done') or (number is not null and closed_by = any(officer_ids))", name=op.f("ck_recheck_done_whole")
        ),
        sa.CheckConstraint("state in ('assigned', 'done', 'cancelled')", name=op.f("ck_recheck_state_known")),
        sa.CheckConstraint("cardinality(finding_ids) >= 1", name=op.f("ck_recheck_about_something")),
        sa.CheckConstraint("cardinality(officer_ids) >= 2", name=op.f("ck_recheck_two_officers")),
        sa.CheckConstraint("not (officer_ids && inspector_ids)", name=op.f("ck_recheck_others_than_inspectors")),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_recheck_authority_id_authority")),
        sa.ForeignKeyConstraint(["order_id"], ["correction_order.id"], name=op.f("fk_recheck_order_id_correction_order")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_recheck_site_id_site")),
        sa.ForeignKeyConstraint(["task_id"], ["inspection_task.id"], name=op.f("fk_recheck_task_id_inspection_task")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recheck")),
        sa.UniqueConstraint("authority_id", "number", name=op.f("uq_recheck_authority_id_number")),
    )
    op.create_index(op.f("ix_recheck_provider_id"), "recheck", ["provider_id"], unique=False)
    op.create_index(op.f("ix_recheck_scope_path"), "recheck", ["scope_path"], unique=False)
    op.create_index(op.f("ix_recheck_site_id"), "recheck", ["site_id"], unique=False)
    op.create_index(op.f("ix_recheck_task_id"), "recheck", ["task_id"], unique=False)
    op.create_table(
        "extension",
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("finding_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("due_before", sa.Date(), nullable=False),
        sa.Column("wanted", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("asked_on", sa.Date(), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("decision_reason", sa.Text(), nullable=False),
        sa.Column("scope_path", sa.String(collation="C"), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("(state = 'asked') = (decided_by is null)", name=op.f("ck_extension_decided_whole")),
        sa.CheckConstraint("state in ('asked', 'granted', 'declined')", name=op.f("ck_extension_state_known")),
        sa.CheckConstraint("decided_by <> asked_by", name=op.f("ck_extension_not_decided_by_asker")),
        sa.CheckConstraint("wanted > due_before", name=op.f("ck_extension_later_than_before")),
        sa.ForeignKeyConstraint(["finding_id"], ["finding.id"], name=op.f("fk_extension_finding_id_finding")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_extension")),
    )
    op.create_index(op.f("ix_extension_finding_id"), "extension", ["finding_id"], unique=False)
    op.create_index(op.f("ix_extension_provider_id"), "extension", ["provider_id"], unique=False)
    op.create_index(op.f("ix_extension_scope_path"), "extension", ["scope_path"], unique=False)
    op.create_index(op.f("ix_extension_site_id"), "extension", ["site_id"], unique=False)
    op.create_index("uq_extension_open", "extension", ["finding_id"], unique=True, postgresql_where=sa.text("state = 'asked'"))
    op.create_table(
        "rectification_draft",
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("finding_id", sa.Uuid(), nullable=False),
        sa.Column("measure", sa.Text(), nullable=False),
        sa.Column("photos", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("scope_path", sa.String(collation="C"), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["finding_id"], ["finding.id"], name=op.f("fk_rectification_draft_finding_id_finding")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rectification_draft")),
        sa.UniqueConstraint("finding_id", name=op.f("uq_rectification_draft_finding_id")),
    )
    op.create_index(op.f("ix_rectification_draft_provider_id"), "rectification_draft", ["provider_id"], unique=False)
    op.create_index(op.f("ix_rectification_draft_scope_path"), "rectification_draft", ["scope_path"], unique=False)
    op.create_index(op.f("ix_rectification_draft_site_id"), "rectification_draft", ["site_id"], unique=False)
    op.create_table(
        "rectification_step",
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("finding_id", sa.Uuid(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("photos", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("about", sa.Uuid(), nullable=True),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.Column("by_name", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("scope_path", sa.String(collation="C"), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "kind in ('opened', 'judged', 'ordered', 'served', 'reported', 'extension_asked', 'extension_granted', 'extension_declined', 'recheck_assigned', 'rechecked', 'closed', 'escalated', 'case_proposed', 'transferred', 'transfer_answered', 'hazard_decided', 'hazard_planned', 'hazard_plan_decided', 'hazard_reviewed', 'hazard_lifted', 'downgrade_proposed', 'downgraded', 'replied', 'reply_cleared', 'public_text', 'revoked')",
            name=op.f("ck_rectification_step_kind_known"),
        ),
        sa.ForeignKeyConstraint(["finding_id"], ["finding.id"], name=op.f("fk_rectification_step_finding_id_finding")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rectification_step")),
        sa.UniqueConstraint("finding_id", "n", name=op.f("uq_rectification_step_finding_id_n")),
    )
    op.create_index(op.f("ix_rectification_step_finding_id"), "rectification_step", ["finding_id"], unique=False)
    op.create_index(op.f("ix_rectification_step_provider_id"), "rectification_step", ["provider_id"], unique=False)
    op.create_index(op.f("ix_rectification_step_scope_path"), "rectification_step", ["scope_path"], unique=False)
    op.create_index(op.f("ix_rectification_step_site_id"), "rectification_step", ["site_id"], unique=False)
    op.create_index(
        "uq_rectification_step_escalated",
        "rectification_step",
        ["finding_id"],
        unique=True,
        postgresql_where=sa.text("kind = 'escalated'"),
    )
    op.create_table(
        "supervision",
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("finding_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("measures", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("plan", sa.Text(), nullable=False),
        sa.Column("plan_due", sa.Date(), nullable=True),
        sa.Column("plan_by", sa.Uuid(), nullable=True),
        sa.Column("plan_approved_by", sa.Uuid(), nullable=True),
        sa.Column("plan_approved_on", sa.Date(), nullable=True),
        sa.Column("opinion", sa.Text(), nullable=False),
        sa.Column("reviewed_by", sa.Uuid(), nullable=True),
        sa.Column("reviewed_on", sa.Date(), nullable=True),
        sa.Column("lifted_by", sa.Uuid(), nullable=True),
        sa.Column("lifted_on", sa.Date(), nullable=True),
        sa.Column("downgrade_to", sa.Text(), nullable=True),
        sa.Column("downgrade_reason", sa.Text(), nullable=False),
        sa.Column("downgrade_proposed_by", sa.Uuid(), nullable=True),
        sa.Column("downgrade_approved_by", sa.Uuid(), nullable=True),
        sa.Column("downgraded_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("scope_path", sa.String(collation="C"), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(state <> 'downgraded') or (downgrade_approved_by is not null and downgrade_reason <> '')",
            name=op.f("ck_supervision_downgrade_named"),
        ),
        sa.CheckConstraint(
            "(state = 'opened') or (decided_by is not null) or (state = 'downgraded')", name=op.f("ck_supervision_measures_first")
        ),
        sa.CheckConstraint("downgrade_to in ('minor', 'serious', 'major')", name=op.f("ck_supervision_downgrade_to_known")),
        sa.CheckConstraint(
            "state in ('opened', 'decided', 'planned', 'approved', 'reviewed', 'lifted', 'downgraded')",
            name=op.f("ck_supervision_state_known"),
        ),
        sa.CheckConstraint(
            "downgrade_approved_by <> downgrade_proposed_by", name=op.f("ck_supervision_not_downgraded_by_proposer")
        ),
        sa.CheckConstraint("lifted_by <> reviewed_by", name=op.f("ck_supervision_not_lifted_by_reviewer")),
        sa.CheckConstraint("plan_approved_by <> plan_by", name=op.f("ck_supervision_plan_not_approved_by_planner")),
        sa.CheckConstraint("reviewed_by <> decided_by", name=op.f("ck_supervision_not_reviewed_by_decider")),
        sa.ForeignKeyConstraint(["finding_id"], ["finding.id"], name=op.f("fk_supervision_finding_id_finding")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_supervision_site_id_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supervision")),
        sa.UniqueConstraint("finding_id", name=op.f("uq_supervision_finding_id")),
    )
    op.create_index(op.f("ix_supervision_provider_id"), "supervision", ["provider_id"], unique=False)
    op.create_index(op.f("ix_supervision_scope_path"), "supervision", ["scope_path"], unique=False)
    op.create_index(op.f("ix_supervision_site_id"), "supervision", ["site_id"], unique=False)
    op.create_table(
        "transfer",
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("finding_id", sa.Uuid(), nullable=False),
        sa.Column("to_department", sa.Text(), nullable=False),
        sa.Column("to_authority_id", sa.Uuid(), nullable=True),
        sa.Column("to_name", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("answered_on", sa.Date(), nullable=True),
        sa.Column("answer_by", sa.Uuid(), nullable=True),
        sa.Column("answer_blob_id", sa.Uuid(), nullable=True),
        sa.Column("scope_path", sa.String(collation="C"), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("(answered_on is null) = (answer = '')", name=op.f("ck_transfer_answered_whole")),
        sa.CheckConstraint(
            "to_department in ('civil_affairs', 'fire', 'market', 'housing', 'health')",
            name=op.f("ck_transfer_to_department_known"),
        ),
        sa.ForeignKeyConstraint(["answer_blob_id"], ["blob.id"], name=op.f("fk_transfer_answer_blob_id_blob")),
        sa.ForeignKeyConstraint(["finding_id"], ["finding.id"], name=op.f("fk_transfer_finding_id_finding")),
        sa.ForeignKeyConstraint(["to_authority_id"], ["authority.id"], name=op.f("fk_transfer_to_authority_id_authority")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transfer")),
    )
    op.create_index(op.f("ix_transfer_finding_id"), "transfer", ["finding_id"], unique=False)
    op.create_index(op.f("ix_transfer_provider_id"), "transfer", ["provider_id"], unique=False)
    op.create_index(op.f("ix_transfer_scope_path"), "transfer", ["scope_path"], unique=False)
    op.create_index(op.f("ix_transfer_site_id"), "transfer", ["site_id"], unique=False)
    op.create_index("uq_transfer_open", "transfer", ["finding_id"], unique=True, postgresql_where=sa.text("answered_on is null"))
    run(GUARDS)


def downgrade() -> None:
    run(BEFORE_DOWN)
    op.drop_index("uq_transfer_open", table_name="transfer", postgresql_where=sa.text("answered_on is null"))
    op.drop_index(op.f("ix_transfer_site_id"), table_name="transfer")
    op.drop_index(op.f("ix_transfer_scope_path"), table_name="transfer")
    op.drop_index(op.f("ix_transfer_provider_id"), table_name="transfer")
    op.drop_index(op.f("ix_transfer_finding_id"), table_name="transfer")
    op.drop_table("transfer")
    op.drop_index(op.f("ix_supervision_site_id"), table_name="supervision")
    op.drop_index(op.f("ix_supervision_scope_path"), table_name="supervision")
    op.drop_index(op.f("ix_supervision_provider_id"), table_name="supervision")
    op.drop_table("supervision")
    op.drop_index(
        "uq_rectification_step_escalated", table_name="rectification_step", postgresql_where=sa.text("kind = 'escalated'")
    )
    op.drop_index(op.f("ix_rectification_step_site_id"), table_name="rectification_step")
    op.drop_index(op.f("ix_rectification_step_scope_path"), table_name="rectification_step")
    op.drop_index(op.f("ix_rectification_step_provider_id"), table_name="rectification_step")
    op.drop_index(op.f("ix_rectification_step_finding_id"), table_name="rectification_step")
    op.drop_table("rectification_step")
    op.drop_index(op.f("ix_rectification_draft_site_id"), table_name="rectification_draft")
    op.drop_index(op.f("ix_rectification_draft_scope_path"), table_name="rectification_draft")
    op.drop_index(op.f("ix_rectification_draft_provider_id"), table_name="rectification_draft")
    op.drop_table("rectification_draft")
    op.drop_index("uq_extension_open", table_name="extension", postgresql_where=sa.text("state = 'asked'"))
    op.drop_index(op.f("ix_extension_site_id"), table_name="extension")
    op.drop_index(op.f("ix_extension_scope_path"), table_name="extension")
    op.drop_index(op.f("ix_extension_provider_id"), table_name="extension")
    op.drop_index(op.f("ix_extension_finding_id"), table_name="extension")
    op.drop_table("extension")
    op.drop_index(op.f("ix_recheck_task_id"), table_name="recheck")
    op.drop_index(op.f("ix_recheck_site_id"), table_name="recheck")
    op.drop_index(op.f("ix_recheck_scope_path"), table_name="recheck")
    op.drop_index(op.f("ix_recheck_provider_id"), table_name="recheck")
    op.drop_table("recheck")
    op.drop_index(op.f("ix_finding_task_id"), table_name="finding")
    op.drop_index(op.f("ix_finding_site_id"), table_name="finding")
    op.drop_index("ix_finding_scope_state", table_name="finding")
    op.drop_index(op.f("ix_finding_scope_path"), table_name="finding")
    op.drop_index(op.f("ix_finding_provider_id"), table_name="finding")
    op.drop_index(op.f("ix_finding_order_id"), table_name="finding")
    op.drop_index("ix_finding_opened", table_name="finding")
    op.drop_index(
        "ix_finding_due",
        table_name="finding",
        postgresql_where=sa.text("state in ('open','again','escalated','case') and due_on is not null"),
    )
    op.drop_table("finding")
    op.drop_index(op.f("ix_task_photo_task_id"), table_name="task_photo")
    op.drop_index(op.f("ix_task_photo_site_id"), table_name="task_photo")
    op.drop_index(op.f("ix_task_photo_scope_path"), table_name="task_photo")
    op.drop_index(op.f("ix_task_photo_provider_id"), table_name="task_photo")
    op.drop_table("task_photo")
    op.drop_index(op.f("ix_task_member_task_id"), table_name="task_member")
    op.drop_index(op.f("ix_task_member_site_id"), table_name="task_member")
    op.drop_index(op.f("ix_task_member_scope_path"), table_name="task_member")
    op.drop_index(op.f("ix_task_member_provider_id"), table_name="task_member")
    op.drop_index(op.f("ix_task_member_account_id"), table_name="task_member")
    op.drop_table("task_member")
    op.drop_index(op.f("ix_signature_task_id"), table_name="signature")
    op.drop_index(op.f("ix_signature_site_id"), table_name="signature")
    op.drop_index(op.f("ix_signature_scope_path"), table_name="signature")
    op.drop_index(op.f("ix_signature_provider_id"), table_name="signature")
    op.drop_table("signature")
    op.drop_index(op.f("ix_operation_task_id"), table_name="operation")
    op.drop_index(op.f("ix_operation_site_id"), table_name="operation")
    op.drop_index(op.f("ix_operation_scope_path"), table_name="operation")
    op.drop_index(op.f("ix_operation_provider_id"), table_name="operation")
    op.drop_table("operation")
    op.drop_index("uq_inspector_recusal_open", table_name="inspector_recusal", postgresql_where=sa.text("ended_at is null"))
    op.drop_index(op.f("ix_inspector_recusal_site_id"), table_name="inspector_recusal")
    op.drop_index(op.f("ix_inspector_recusal_scope_path"), table_name="inspector_recusal")
    op.drop_index(op.f("ix_inspector_recusal_provider_id"), table_name="inspector_recusal")
    op.drop_index(op.f("ix_inspector_recusal_object_id"), table_name="inspector_recusal")
    op.drop_index(op.f("ix_inspector_recusal_inspector_id"), table_name="inspector_recusal")
    op.drop_index(op.f("ix_inspector_recusal_account_id"), table_name="inspector_recusal")
    op.drop_table("inspector_recusal")
    op.drop_index(op.f("ix_inspection_report_task_id"), table_name="inspection_report")
    op.drop_index(op.f("ix_inspection_report_site_id"), table_name="inspection_report")
    op.drop_index(op.f("ix_inspection_report_scope_path"), table_name="inspection_report")
    op.drop_index(op.f("ix_inspection_report_provider_id"), table_name="inspection_report")
    op.drop_table("inspection_report")
    op.drop_index("uq_draw_mark_open", table_name="draw_mark", postgresql_where=sa.text("removed_at is null"))
    op.drop_index(op.f("ix_draw_mark_site_id"), table_name="draw_mark")
    op.drop_index(op.f("ix_draw_mark_scope_path"), table_name="draw_mark")
    op.drop_index(op.f("ix_draw_mark_provider_id"), table_name="draw_mark")
    op.drop_index(op.f("ix_draw_mark_plan_id"), table_name="draw_mark")
    op.drop_index(op.f("ix_draw_mark_object_id"), table_name="draw_mark")
    op.drop_table("draw_mark")
    op.drop_index(op.f("ix_draw_event_site_id"), table_name="draw_event")
    op.drop_index(op.f("ix_draw_event_scope_path"), table_name="draw_event")
    op.drop_index(op.f("ix_draw_event_provider_id"), table_name="draw_event")
    op.drop_index(op.f("ix_draw_event_plan_id"), table_name="draw_event")
    op.drop_table("draw_event")
    op.drop_index(op.f("ix_correction_order_task_id"), table_name="correction_order")
    op.drop_index(op.f("ix_correction_order_site_id"), table_name="correction_order")
    op.drop_index(op.f("ix_correction_order_scope_path"), table_name="correction_order")
    op.drop_index(op.f("ix_correction_order_provider_id"), table_name="correction_order")
    op.drop_table("correction_order")
    op.drop_index(op.f("ix_inspection_task_source_id"), table_name="inspection_task")
    op.drop_index(op.f("ix_inspection_task_site_id"), table_name="inspection_task")
    op.drop_index("ix_inspection_task_site_day", table_name="inspection_task")
    op.drop_index("ix_inspection_task_scope_state", table_name="inspection_task")
    op.drop_index(op.f("ix_inspection_task_scope_path"), table_name="inspection_task")
    op.drop_index(op.f("ix_inspection_task_provider_id"), table_name="inspection_task")
    op.drop_index(op.f("ix_inspection_task_authority_id"), table_name="inspection_task")
    op.drop_table("inspection_task")
    op.drop_index(op.f("ix_inspection_object_scope_path"), table_name="inspection_object")
    op.drop_index(op.f("ix_inspection_object_provider_id"), table_name="inspection_object")
    op.drop_table("inspection_object")
    op.drop_index(op.f("ix_draw_seed_entry_site_id"), table_name="draw_seed_entry")
    op.drop_index(op.f("ix_draw_seed_entry_scope_path"), table_name="draw_seed_entry")
    op.drop_index(op.f("ix_draw_seed_entry_provider_id"), table_name="draw_seed_entry")
    op.drop_index(op.f("ix_draw_seed_entry_plan_id"), table_name="draw_seed_entry")
    op.drop_table("draw_seed_entry")
    op.drop_index("uq_draw_request_open", table_name="draw_request", postgresql_where=sa.text("state = 'asked'"))
    op.drop_index(op.f("ix_draw_request_site_id"), table_name="draw_request")
    op.drop_index(op.f("ix_draw_request_scope_path"), table_name="draw_request")
    op.drop_index(op.f("ix_draw_request_provider_id"), table_name="draw_request")
    op.drop_index(op.f("ix_draw_request_plan_id"), table_name="draw_request")
    op.drop_table("draw_request")
    op.drop_table("paper_words")
    op.drop_index("ix_item_confirmation_item", table_name="item_confirmation")
    op.drop_table("item_confirmation")
    op.drop_index(op.f("ix_inspector_entry_site_id"), table_name="inspector_entry")
    op.drop_index(op.f("ix_inspector_entry_scope_path"), table_name="inspector_entry")
    op.drop_index(op.f("ix_inspector_entry_provider_id"), table_name="inspector_entry")
    op.drop_index(op.f("ix_inspector_entry_authority_id"), table_name="inspector_entry")
    op.drop_index(op.f("ix_inspector_entry_account_id"), table_name="inspector_entry")
    op.drop_table("inspector_entry")
    op.drop_index(op.f("ix_draw_plan_site_id"), table_name="draw_plan")
    op.drop_index(op.f("ix_draw_plan_scope_path"), table_name="draw_plan")
    op.drop_index(op.f("ix_draw_plan_provider_id"), table_name="draw_plan")
    op.drop_index(op.f("ix_draw_plan_parent_id"), table_name="draw_plan")
    op.drop_index(op.f("ix_draw_plan_authority_id"), table_name="draw_plan")
    op.drop_table("draw_plan")
    op.drop_index(op.f("ix_draw_escrow_site_id"), table_name="draw_escrow")
    op.drop_index(op.f("ix_draw_escrow_scope_path"), table_name="draw_escrow")
    op.drop_index(op.f("ix_draw_escrow_provider_id"), table_name="draw_escrow")
    op.drop_table("draw_escrow")
    op.drop_index(op.f("ix_checklist_edition_authority_id"), table_name="checklist_edition")
    op.drop_table("checklist_edition")
    op.drop_index(op.f("ix_kept_invalid_task_id"), table_name="kept_invalid")
    op.drop_index(op.f("ix_kept_invalid_site_id"), table_name="kept_invalid")
    op.drop_index(op.f("ix_kept_invalid_scope_path"), table_name="kept_invalid")
    op.drop_index(op.f("ix_kept_invalid_provider_id"), table_name="kept_invalid")
    op.drop_index("ix_kept_invalid_device_seq", table_name="kept_invalid")
    op.drop_table("kept_invalid")
    run(AFTER_DOWN)

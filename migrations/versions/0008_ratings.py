"""Ratings: campaigns, applications, evidence, decisions, subsidies.

Revision ID: 0008_ratings
Revises: 0007_credit
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008_ratings"
down_revision = "0007_credit"
branch_labels = None
depends_on = None

# Statements as they stand: no parameters, so `%` and `:` mean themselves.
BEFORE: list[str] = []
GUARDS: list[str] = [
    """alter table assessor_entry enable row level security""",
    """alter table assessor_entry force row level security""",
    """create policy reach on assessor_entry using ((
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
) or account_id = nullif(current_setting('app.actor', true), '')::uuid) with check ((
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
) or account_id = nullif(current_setting('app.actor', true), '')::uuid)""",
    """grant select, insert, update on assessor_entry to songjian_app, songjian_job""",
    """alter table committee_member enable row level security""",
    """alter table committee_member force row level security""",
    """create policy reach on committee_member using ((
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
) or account_id = nullif(current_setting('app.actor', true), '')::uuid) with check ((
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
) or account_id = nullif(current_setting('app.actor', true), '')::uuid)""",
    """grant select, insert, update on committee_member to songjian_app, songjian_job""",
    """alter table rating_campaign enable row level security""",
    """alter table rating_campaign force row level security""",
    """create policy reach on rating_campaign using ((
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
) or state <> 'draft') with check ((
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
) or state <> 'draft')""",
    """grant select, insert, update on rating_campaign to songjian_app, songjian_job""",
    """alter table rating_meeting enable row level security""",
    """alter table rating_meeting force row level security""",
    """create policy reach on rating_meeting using ((
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
) or members @> to_jsonb(nullif(current_setting('app.actor', true), '')::uuid::text)) with check ((
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
) or members @> to_jsonb(nullif(current_setting('app.actor', true), '')::uuid::text))""",
    """grant select, insert, update on rating_meeting to songjian_app, songjian_job""",
    """grant select, insert, update on scheme_edition to songjian_app, songjian_job""",
    """alter table subsidy_claim enable row level security""",
    """alter table subsidy_claim force row level security""",
    """create policy reach on subsidy_claim using (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
) with check (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
)""",
    """grant select, insert, update on subsidy_claim to songjian_app, songjian_job""",
    """alter table evidence enable row level security""",
    """alter table evidence force row level security""",
    """create policy reach on evidence using (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
) with check (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
)""",
    """grant select, insert, update on evidence to songjian_app, songjian_job""",
    """alter table panel_draw enable row level security""",
    """alter table panel_draw force row level security""",
    """create policy reach on panel_draw using ((
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
) or drawn_at is not null) with check ((
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
) or drawn_at is not null)""",
    """grant select, insert, update on panel_draw to songjian_app, songjian_job""",
    """alter table rating_application enable row level security""",
    """alter table rating_application force row level security""",
    """create policy reach on rating_application using (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
) with check (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
)""",
    """grant select, insert, update on rating_application to songjian_app, songjian_job""",
    """alter table rating_tie enable row level security""",
    """alter table rating_tie force row level security""",
    """create policy reach on rating_tie using ((
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
) or account_id = nullif(current_setting('app.actor', true), '')::uuid) with check ((
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
) or account_id = nullif(current_setting('app.actor', true), '')::uuid)""",
    """grant select, insert, update on rating_tie to songjian_app, songjian_job""",
    """grant select, insert, update on scheme_entry to songjian_app, songjian_job""",
    """alter table committee_vote enable row level security""",
    """alter table committee_vote force row level security""",
    """create policy reach on committee_vote using ((
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
) or account_id = nullif(current_setting('app.actor', true), '')::uuid) with check ((
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
) or account_id = nullif(current_setting('app.actor', true), '')::uuid)""",
    """grant select, insert, update on committee_vote to songjian_app, songjian_job""",
    """alter table consensus_entry enable row level security""",
    """alter table consensus_entry force row level security""",
    """create policy reach on consensus_entry using (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
) with check (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
)""",
    """grant select, insert on consensus_entry to songjian_app, songjian_job""",
    """alter table consensus_signature enable row level security""",
    """alter table consensus_signature force row level security""",
    """create policy reach on consensus_signature using (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
) with check (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
)""",
    """grant select, insert on consensus_signature to songjian_app, songjian_job""",
    """alter table evidence_link enable row level security""",
    """alter table evidence_link force row level security""",
    """create policy reach on evidence_link using (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
) with check (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
)""",
    """grant select, insert, update on evidence_link to songjian_app, songjian_job""",
    """alter table evidence_upload enable row level security""",
    """alter table evidence_upload force row level security""",
    """create policy reach on evidence_upload using (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
) with check (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
)""",
    """grant select, insert, update on evidence_upload to songjian_app, songjian_job""",
    """alter table panel_member enable row level security""",
    """alter table panel_member force row level security""",
    """create policy reach on panel_member using (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
) with check (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
)""",
    """grant select, insert, update on panel_member to songjian_app, songjian_job""",
    """alter table rating enable row level security""",
    """alter table rating force row level security""",
    """create policy reach on rating using (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
) with check (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
)""",
    """grant select, insert, update on rating to songjian_app, songjian_job""",
    """alter table rating_fact enable row level security""",
    """alter table rating_fact force row level security""",
    """create policy reach on rating_fact using (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
) with check (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
)""",
    """grant select, insert on rating_fact to songjian_app, songjian_job""",
    """alter table rating_objection enable row level security""",
    """alter table rating_objection force row level security""",
    """create policy reach on rating_objection using (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
) with check (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
)""",
    """grant select, insert, update on rating_objection to songjian_app, songjian_job""",
    """alter table score_sheet enable row level security""",
    """alter table score_sheet force row level security""",
    """create policy reach on score_sheet using (current_setting('app.path', true) = '/' or author_id = nullif(current_setting('app.actor', true), '')::uuid or ((
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
) and (kind = 'self' or opened_at is not null))) with check (current_setting('app.path', true) = '/' or author_id = nullif(current_setting('app.actor', true), '')::uuid or ((
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
) and (kind = 'self' or opened_at is not null)))""",
    """grant select, insert, update on score_sheet to songjian_app, songjian_job""",
    """alter table evidence_version enable row level security""",
    """alter table evidence_version force row level security""",
    """create policy reach on evidence_version using (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
) with check (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
)""",
    """grant select, insert, update on evidence_version to songjian_app, songjian_job""",
    """alter table mid_check enable row level security""",
    """alter table mid_check force row level security""",
    """create policy reach on mid_check using (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
) with check (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
)""",
    """grant select, insert on mid_check to songjian_app, songjian_job""",
    """alter table rating_alert enable row level security""",
    """alter table rating_alert force row level security""",
    """create policy reach on rating_alert using (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
) with check (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
)""",
    """grant select, insert, update on rating_alert to songjian_app, songjian_job""",
    """alter table rating_change enable row level security""",
    """alter table rating_change force row level security""",
    """create policy reach on rating_change using (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
) with check (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
)""",
    """grant select, insert, update on rating_change to songjian_app, songjian_job""",
    """alter table rating_reply enable row level security""",
    """alter table rating_reply force row level security""",
    """create policy reach on rating_reply using (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
) with check (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
)""",
    """grant select, insert, update on rating_reply to songjian_app, songjian_job""",
    """alter table sheet_operation enable row level security""",
    """alter table sheet_operation force row level security""",
    """create policy reach on sheet_operation using (current_setting('app.path', true) = '/' or exists (select 1 from score_sheet as sheet where sheet.id = sheet_operation.sheet_id)) with check (current_setting('app.path', true) = '/' or exists (select 1 from score_sheet as sheet where sheet.id = sheet_operation.sheet_id))""",
    """grant select, insert on sheet_operation to songjian_app, songjian_job""",
    """alter table subsidy_line enable row level security""",
    """alter table subsidy_line force row level security""",
    """create policy reach on subsidy_line using (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
) with check (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
)""",
    """grant select, insert, update on subsidy_line to songjian_app, songjian_job""",
    """alter table upload_piece enable row level security""",
    """alter table upload_piece force row level security""",
    """create policy reach on upload_piece using (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
) with check (
    (scope_path >= nullif(current_setting('app.path', true), '') and scope_path < left(nullif(current_setting('app.path', true), ''), -1) || '0')
    or provider_id = nullif(current_setting('app.provider', true), '')::uuid
    or site_id = any (string_to_array(nullif(current_setting('app.sites', true), ''), ',')::uuid[])
)""",
    """grant select, insert, update on upload_piece to songjian_app, songjian_job""",
]
BEFORE_DOWN: list[str] = [
    """drop policy reach on assessor_entry""",
    """drop policy reach on committee_member""",
    """drop policy reach on rating_campaign""",
    """drop policy reach on rating_meeting""",
    """drop policy reach on subsidy_claim""",
    """drop policy reach on evidence""",
    """drop policy reach on panel_draw""",
    """drop policy reach on rating_application""",
    """drop policy reach on rating_tie""",
    """drop policy reach on committee_vote""",
    """drop policy reach on consensus_entry""",
    """drop policy reach on consensus_signature""",
    """drop policy reach on evidence_link""",
    """drop policy reach on evidence_upload""",
    """drop policy reach on panel_member""",
    """drop policy reach on rating""",
    """drop policy reach on rating_fact""",
    """drop policy reach on rating_objection""",
    """drop policy reach on score_sheet""",
    """drop policy reach on evidence_version""",
    """drop policy reach on mid_check""",
    """drop policy reach on rating_alert""",
    """drop policy reach on rating_change""",
    """drop policy reach on rating_reply""",
    """drop policy reach on sheet_operation""",
    """drop policy reach on subsidy_line""",
    """drop policy reach on upload_piece""",
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
        "assessor_entry",
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("firm", sa.Text(), nullable=False),
        sa.Column("cap", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("entered_by", sa.Uuid(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("scope_path", sa.String(collation="C"), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        sa.Column("site_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("cap between 1 and 99", name=op.f("ck_assessor_entry_cap_sensible")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_assessor_entry_account_id_account")),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_assessor_entry_authority_id_authority")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessor_entry")),
        sa.UniqueConstraint("authority_id", "account_id", name=op.f("uq_assessor_entry_authority_id_account_id")),
        sa.UniqueConstraint("code", name=op.f("uq_assessor_entry_code")),
    )
    op.create_index(op.f("ix_assessor_entry_account_id"), "assessor_entry", ["account_id"], unique=False)
    op.create_index(op.f("ix_assessor_entry_authority_id"), "assessor_entry", ["authority_id"], unique=False)
    op.create_index(op.f("ix_assessor_entry_provider_id"), "assessor_entry", ["provider_id"], unique=False)
    op.create_index(op.f("ix_assessor_entry_scope_path"), "assessor_entry", ["scope_path"], unique=False)
    op.create_index(op.f("ix_assessor_entry_site_id"), "assessor_entry", ["site_id"], unique=False)
    op.create_table(
        "committee_member",
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("of_body", sa.Text(), nullable=False),
        sa.Column("chair", sa.Boolean(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("entered_by", sa.Uuid(), nullable=False),
        sa.Column("scope_path", sa.String(collation="C"), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        sa.Column("site_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_committee_member_account_id_account")),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_committee_member_authority_id_authority")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_committee_member")),
    )
    op.create_index(op.f("ix_committee_member_account_id"), "committee_member", ["account_id"], unique=False)
    op.create_index(op.f("ix_committee_member_authority_id"), "committee_member", ["authority_id"], unique=False)
    op.create_index(op.f("ix_committee_member_provider_id"), "committee_member", ["provider_id"], unique=False)
    op.create_index(op.f("ix_committee_member_scope_path"), "committee_member", ["scope_path"], unique=False)
    op.create_index(op.f("ix_committee_member_site_id"), "committee_member", ["site_id"], unique=False)
    op.create_index(
        "uq_committee_chair_now",
        "committee_member",
        ["authority_id"],
        unique=True,
        postgresql_where=sa.text("chair and until is null"),
    )
    op.create_index(
        "uq_committee_member_now",
        "committee_member",
        ["authority_id", "account_id"],
        unique=True,
        postgresql_where=sa.text("until is null"),
    )
    op.create_table(
        "rating_campaign",
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("site_kinds", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("opens_on", sa.Date(), nullable=False),
        sa.Column("closes_on", sa.Date(), nullable=False),
        sa.Column("scheme_key", sa.Text(), nullable=False),
        sa.Column("scheme_name", sa.Text(), nullable=False),
        sa.Column("scheme_sha", sa.Text(), nullable=False),
        sa.Column("scheme_text", sa.Text(), nullable=True),
        sa.Column("scheme_mark", sa.Text(), nullable=False),
        sa.Column("confirmed", sa.Boolean(), nullable=False),
        sa.Column("trial", sa.Boolean(), nullable=False),
        sa.Column("obstacles", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("panel_size", sa.Integer(), nullable=False),
        sa.Column("notice_days", sa.Integer(), nullable=False),
        sa.Column("wait_months", sa.Integer(), nullable=False),
        sa.Column("renew_before_months", sa.Integer(), nullable=False),
        sa.Column("validity_months", sa.Integer(), nullable=False),
        sa.Column("terms_basis", sa.Text(), nullable=False),
        sa.Column("firm", sa.Text(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_by", sa.Uuid(), nullable=True),
        sa.Column("opened_on", sa.Date(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("scope_path", sa.String(collation="C"), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        sa.Column("site_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("(kind <> 'quality') or (firm <> '')", name=op.f("ck_rating_campaign_quality_by_third_party")),
        sa.CheckConstraint("kind in ('rating', 'quality')", name=op.f("ck_rating_campaign_kind_known")),
        sa.CheckConstraint("state in ('draft', 'open', 'finished', 'cancelled')", name=op.f("ck_rating_campaign_state_known")),
        sa.CheckConstraint("opened_by <> made_by", name=op.f("ck_rating_campaign_not_opened_by_maker")),
        sa.CheckConstraint("opens_on <= closes_on", name=op.f("ck_rating_campaign_days_in_order")),
        sa.CheckConstraint("panel_size between 2 and 15", name=op.f("ck_rating_campaign_panel_of_two_at_least")),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_rating_campaign_authority_id_authority")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rating_campaign")),
        sa.UniqueConstraint("authority_id", "number", name=op.f("uq_rating_campaign_authority_id_number")),
    )
    op.create_index(op.f("ix_rating_campaign_authority_id"), "rating_campaign", ["authority_id"], unique=False)
    op.create_index(op.f("ix_rating_campaign_provider_id"), "rating_campaign", ["provider_id"], unique=False)
    op.create_index(op.f("ix_rating_campaign_scope_path"), "rating_campaign", ["scope_path"], unique=False)
    op.create_index("ix_rating_campaign_scope_state", "rating_campaign", ["scope_path", "state", "closes_on"], unique=False)
    op.create_index(op.f("ix_rating_campaign_site_id"), "rating_campaign", ["site_id"], unique=False)
    op.create_table(
        "rating_meeting",
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("chair_id", sa.Uuid(), nullable=False),
        sa.Column("members", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("absent", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("quorum", sa.Integer(), nullable=False),
        sa.Column("convened_by", sa.Uuid(), nullable=False),
        sa.Column("convened_on", sa.Date(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("scope_path", sa.String(collation="C"), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        sa.Column("site_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("state in ('convened', 'closed')", name=op.f("ck_rating_meeting_state_known")),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_rating_meeting_authority_id_authority")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rating_meeting")),
        sa.UniqueConstraint("authority_id", "number", name=op.f("uq_rating_meeting_authority_id_number")),
    )
    op.create_index(op.f("ix_rating_meeting_authority_id"), "rating_meeting", ["authority_id"], unique=False)
    op.create_index(op.f("ix_rating_meeting_provider_id"), "rating_meeting", ["provider_id"], unique=False)
    op.create_index(op.f("ix_rating_meeting_scope_path"), "rating_meeting", ["scope_path"], unique=False)
    op.create_index(op.f("ix_rating_meeting_site_id"), "rating_meeting", ["site_id"], unique=False)
    op.create_table(
        "scheme_edition",
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("jurisdiction", sa.String(collation="C"), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("edition", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("based_on", sa.Text(), nullable=False),
        sa.Column("base", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("made_by_name", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_by", sa.Uuid(), nullable=True),
        sa.Column("confirmed_by_name", sa.Text(), nullable=True),
        sa.Column("confirmed_on", sa.Date(), nullable=True),
        sa.Column("compared_with", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("(state = 'confirmed') = (confirmed_on is not null)", name=op.f("ck_scheme_edition_confirmed_whole")),
        sa.CheckConstraint("state in ('draft', 'confirmed')", name=op.f("ck_scheme_edition_state_known")),
        sa.CheckConstraint(
            "(confirmed_on is null) = (compared_with is null)", name=op.f("ck_scheme_edition_confirmed_against_a_text")
        ),
        sa.CheckConstraint("confirmed_by <> made_by", name=op.f("ck_scheme_edition_not_confirmed_by_maker")),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_scheme_edition_authority_id_authority")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scheme_edition")),
        sa.UniqueConstraint("jurisdiction", "code", "edition", name=op.f("uq_scheme_edition_jurisdiction_code_edition")),
    )
    op.create_index(op.f("ix_scheme_edition_authority_id"), "scheme_edition", ["authority_id"], unique=False)
    op.create_index(op.f("ix_scheme_edition_sha256"), "scheme_edition", ["sha256"], unique=False)
    op.create_table(
        "subsidy_claim",
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("rule_code", sa.Text(), nullable=False),
        sa.Column("rule_name", sa.Text(), nullable=False),
        sa.Column("rule_sha", sa.Text(), nullable=False),
        sa.Column("first_month", sa.Date(), nullable=False),
        sa.Column("last_month", sa.Date(), nullable=False),
        sa.Column("total_fen", sa.BigInteger(), nullable=False),
        sa.Column("paid", sa.Integer(), nullable=False),
        sa.Column("open", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("made_by_name", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approved_by", sa.Uuid(), nullable=True),
        sa.Column("approved_by_name", sa.Text(), nullable=True),
        sa.Column("approved_on", sa.Date(), nullable=True),
        sa.Column("cancelled_reason", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("scope_path", sa.String(collation="C"), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        sa.Column("site_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("(state = 'approved') = (approved_on is not null)", name=op.f("ck_subsidy_claim_approved_whole")),
        sa.CheckConstraint("kind in ('claim', 'reversal')", name=op.f("ck_subsidy_claim_kind_known")),
        sa.CheckConstraint("state in ('draft', 'approved', 'cancelled')", name=op.f("ck_subsidy_claim_state_known")),
        sa.CheckConstraint("approved_by <> made_by", name=op.f("ck_subsidy_claim_not_approved_by_maker")),
        sa.CheckConstraint("first_month <= last_month", name=op.f("ck_subsidy_claim_months_in_order")),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_subsidy_claim_authority_id_authority")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subsidy_claim")),
        sa.UniqueConstraint("authority_id", "number", name=op.f("uq_subsidy_claim_authority_id_number")),
    )
    op.create_index(op.f("ix_subsidy_claim_authority_id"), "subsidy_claim", ["authority_id"], unique=False)
    op.create_index(op.f("ix_subsidy_claim_provider_id"), "subsidy_claim", ["provider_id"], unique=False)
    op.create_index(op.f("ix_subsidy_claim_scope_path"), "subsidy_claim", ["scope_path"], unique=False)
    op.create_index(op.f("ix_subsidy_claim_site_id"), "subsidy_claim", ["site_id"], unique=False)
    op.create_table(
        "evidence",
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("versions", sa.Integer(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_reason", sa.Text(), nullable=True),
        sa.Column("scope_path", sa.String(collation="C"), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(state <> 'withdrawn') or (withdrawn_reason is not null)", name=op.f("ck_evidence_withdrawn_with_reason")
        ),
        sa.CheckConstraint("state in ('current', 'withdrawn')", name=op.f("ck_evidence_state_known")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_evidence_site_id_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence")),
    )
    op.create_index(op.f("ix_evidence_provider_id"), "evidence", ["provider_id"], unique=False)
    op.create_index(op.f("ix_evidence_scope_path"), "evidence", ["scope_path"], unique=False)
    op.create_index("ix_evidence_site_changed", "evidence", ["site_id", "changed_at"], unique=False)
    op.create_index(op.f("ix_evidence_site_id"), "evidence", ["site_id"], unique=False)
    op.create_table(
        "panel_draw",
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("nth", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("files", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("freeze_hash", sa.Text(), nullable=False),
        sa.Column("frozen_by", sa.Uuid(), nullable=False),
        sa.Column("frozen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("typed", sa.Text(), nullable=False),
        sa.Column("typed_by", sa.Uuid(), nullable=True),
        sa.Column("drawn_by", sa.Uuid(), nullable=True),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("result_hash", sa.Text(), nullable=True),
        sa.Column("infeasible", sa.Text(), nullable=False),
        sa.Column("scope_path", sa.String(collation="C"), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        sa.Column("site_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("drawn_by <> typed_by", name=op.f("ck_panel_draw_value_by_two")),
        sa.ForeignKeyConstraint(["campaign_id"], ["rating_campaign.id"], name=op.f("fk_panel_draw_campaign_id_rating_campaign")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_panel_draw")),
        sa.UniqueConstraint("campaign_id", "nth", name=op.f("uq_panel_draw_campaign_id_nth")),
        sa.UniqueConstraint("code", name=op.f("uq_panel_draw_code")),
    )
    op.create_index(op.f("ix_panel_draw_campaign_id"), "panel_draw", ["campaign_id"], unique=False)
    op.create_index(op.f("ix_panel_draw_provider_id"), "panel_draw", ["provider_id"], unique=False)
    op.create_index(op.f("ix_panel_draw_scope_path"), "panel_draw", ["scope_path"], unique=False)
    op.create_index(op.f("ix_panel_draw_site_id"), "panel_draw", ["site_id"], unique=False)
    op.create_index(
        "uq_panel_draw_open",
        "panel_draw",
        ["campaign_id"],
        unique=True,
        postgresql_where=sa.text("drawn_at is null and infeasible = ''"),
    )
    op.create_table(
        "rating_application",
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("renews_id", sa.Uuid(), nullable=True),
        sa.Column("adviser_firm", sa.Text(), nullable=False),
        sa.Column("statement", sa.Text(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_by", sa.Uuid(), nullable=True),
        sa.Column("submitted_on", sa.Date(), nullable=True),
        sa.Column("accepted_by", sa.Uuid(), nullable=True),
        sa.Column("accepted_on", sa.Date(), nullable=True),
        sa.Column("admitted_by", sa.Uuid(), nullable=True),
        sa.Column("admitted_on", sa.Date(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("eligibility", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("eligibility_sha", sa.Text(), nullable=True),
        sa.Column("evidence", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("visit_on", sa.Date(), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("proposed_by", sa.Uuid(), nullable=True),
        sa.Column("proposed_on", sa.Date(), nullable=True),
        sa.Column("barred", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("meeting_id", sa.Uuid(), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("level", sa.Text(), nullable=True),
        sa.Column("by_rules", sa.Text(), nullable=True),
        sa.Column("override_reason", sa.Text(), nullable=False),
        sa.Column("result", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("seal", sa.Text(), nullable=True),
        sa.Column("noticed_by", sa.Uuid(), nullable=True),
        sa.Column("noticed_on", sa.Date(), nullable=True),
        sa.Column("notice_until", sa.Date(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("scope_path", sa.String(collation="C"), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(state <> 'published') or (level is not null and seal is not null)",
            name=op.f("ck_rating_application_published_has_level"),
        ),
        sa.CheckConstraint(
            "state in ('draft', 'submitted', 'returned', 'accepted', 'eligible', 'refused', 'scheduled', 'on_site', 'conferring', 'proposed', 'decided', 'noticed', 'objected', 'reexamined', 'published', 'unrated', 'tried', 'withdrawn')",
            name=op.f("ck_rating_application_state_known"),
        ),
        sa.CheckConstraint("accepted_by <> submitted_by", name=op.f("ck_rating_application_not_accepted_by_applicant")),
        sa.CheckConstraint(
            "decided_by <> accepted_by and decided_by <> admitted_by", name=op.f("ck_rating_application_not_decided_by_handler")
        ),
        sa.CheckConstraint("not barred @> to_jsonb(decided_by::text)", name=op.f("ck_rating_application_decider_is_free")),
        sa.CheckConstraint("noticed_by <> decided_by", name=op.f("ck_rating_application_not_noticed_by_decider")),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["rating_campaign.id"], name=op.f("fk_rating_application_campaign_id_rating_campaign")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_rating_application_site_id_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rating_application")),
    )
    op.create_index(op.f("ix_rating_application_campaign_id"), "rating_application", ["campaign_id"], unique=False)
    op.create_index(op.f("ix_rating_application_meeting_id"), "rating_application", ["meeting_id"], unique=False)
    op.create_index(op.f("ix_rating_application_provider_id"), "rating_application", ["provider_id"], unique=False)
    op.create_index(op.f("ix_rating_application_renews_id"), "rating_application", ["renews_id"], unique=False)
    op.create_index(op.f("ix_rating_application_scope_path"), "rating_application", ["scope_path"], unique=False)
    op.create_index("ix_rating_application_scope_state", "rating_application", ["scope_path", "state"], unique=False)
    op.create_index(op.f("ix_rating_application_site_id"), "rating_application", ["site_id"], unique=False)
    op.create_index(
        "uq_rating_application_open",
        "rating_application",
        ["campaign_id", "site_id"],
        unique=True,
        postgresql_where=sa.text("state not in ('withdrawn', 'refused')"),
    )
    op.create_table(
        "rating_tie",
        sa.Column("about_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("declared_by", sa.Uuid(), nullable=False),
        sa.Column("declared_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("scope_path", sa.String(collation="C"), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        sa.Column("site_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "kind in ('inspected', 'assessed', 'advised', 'worked', 'family', 'interest')", name=op.f("ck_rating_tie_kind_known")
        ),
        sa.ForeignKeyConstraint(["about_id"], ["site.id"], name=op.f("fk_rating_tie_about_id_site")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_rating_tie_account_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rating_tie")),
    )
    op.create_index(op.f("ix_rating_tie_about_id"), "rating_tie", ["about_id"], unique=False)
    op.create_index(op.f("ix_rating_tie_account_id"), "rating_tie", ["account_id"], unique=False)
    op.create_index("ix_rating_tie_pair", "rating_tie", ["about_id", "account_id"], unique=False)
    op.create_index(op.f("ix_rating_tie_provider_id"), "rating_tie", ["provider_id"], unique=False)
    op.create_index(op.f("ix_rating_tie_scope_path"), "rating_tie", ["scope_path"], unique=False)
    op.create_index(op.f("ix_rating_tie_site_id"), "rating_tie", ["site_id"], unique=False)
    op.create_table(
        "scheme_entry",
        sa.Column("edition_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.Column("doc", sa.Text(), nullable=False),
        sa.Column("clause", sa.Text(), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.Column("by_name", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("char_length(doc) >= 2 and char_length(clause) >= 1", name=op.f("ck_scheme_entry_source_named")),
        sa.ForeignKeyConstraint(["edition_id"], ["scheme_edition.id"], name=op.f("fk_scheme_entry_edition_id_scheme_edition")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scheme_entry")),
    )
    op.create_index("ix_scheme_entry_edition", "scheme_entry", ["edition_id", "at"], unique=False)
    op.create_table(
        "committee_vote",
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("meeting_id", sa.Uuid(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("choice", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("barred", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("scope_path", sa.String(collation="C"), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        sa.Column("site_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("(choice = 'change') = (level <> '')", name=op.f("ck_committee_vote_change_names_level")),
        sa.CheckConstraint("choice = 'agree' or reason <> ''", name=op.f("ck_committee_vote_departure_has_reason")),
        sa.CheckConstraint("choice in ('agree', 'change', 'against')", name=op.f("ck_committee_vote_choice_known")),
        sa.CheckConstraint("not barred @> to_jsonb(account_id::text)", name=op.f("ck_committee_vote_voter_is_free")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_committee_vote_account_id_account")),
        sa.ForeignKeyConstraint(
            ["application_id"], ["rating_application.id"], name=op.f("fk_committee_vote_application_id_rating_application")
        ),
        sa.ForeignKeyConstraint(["meeting_id"], ["rating_meeting.id"], name=op.f("fk_committee_vote_meeting_id_rating_meeting")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_committee_vote")),
        sa.UniqueConstraint(
            "application_id",
            "meeting_id",
            "round",
            "account_id",
            name=op.f("uq_committee_vote_application_id_meeting_id_round_account_id"),
        ),
    )
    op.create_index(op.f("ix_committee_vote_application_id"), "committee_vote", ["application_id"], unique=False)
    op.create_index(op.f("ix_committee_vote_meeting_id"), "committee_vote", ["meeting_id"], unique=False)
    op.create_index(op.f("ix_committee_vote_provider_id"), "committee_vote", ["provider_id"], unique=False)
    op.create_index(op.f("ix_committee_vote_scope_path"), "committee_vote", ["scope_path"], unique=False)
    op.create_index(op.f("ix_committee_vote_site_id"), "committee_vote", ["site_id"], unique=False)
    op.create_table(
        "consensus_entry",
        sa.Column("arrival", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("value", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("na", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("scope_path", sa.String(collation="C"), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        sa.Column("site_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_consensus_entry_has_reason")),
        sa.ForeignKeyConstraint(
            ["application_id"], ["rating_application.id"], name=op.f("fk_consensus_entry_application_id_rating_application")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consensus_entry")),
        sa.UniqueConstraint("arrival", name=op.f("uq_consensus_entry_arrival")),
    )
    op.create_index(op.f("ix_consensus_entry_application_id"), "consensus_entry", ["application_id"], unique=False)
    op.create_index(op.f("ix_consensus_entry_provider_id"), "consensus_entry", ["provider_id"], unique=False)
    op.create_index(op.f("ix_consensus_entry_scope_path"), "consensus_entry", ["scope_path"], unique=False)
    op.create_index(op.f("ix_consensus_entry_site_id"), "consensus_entry", ["site_id"], unique=False)
    op.create_table(
        "consensus_signature",
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("state_sha", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("scope_path", sa.String(collation="C"), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        sa.Column("site_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["rating_application.id"], name=op.f("fk_consensus_signature_application_id_rating_application")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consensus_signature")),
        sa.UniqueConstraint(
            "application_id",
            "round",
            "account_id",
            "state_sha",
            name=op.f("uq_consensus_signature_application_id_round_account_id_state_sha"),
        ),
    )
    op.create_index(op.f("ix_consensus_signature_application_id"), "consensus_signature", ["application_id"], unique=False)
    op.create_index(op.f("ix_consensus_signature_provider_id"), "consensus_signature", ["provider_id"], unique=False)
    op.create_index(op.f("ix_consensus_signature_scope_path"), "consensus_signature", ["scope_path"], unique=False)
    op.create_index(op.f("ix_consensus_signature_site_id"), "consensus_signature", ["site_id"], unique=False)
    op.create_table(
        "evidence_link",
        sa.Column("evidence_id", sa.Uuid(), nullable=False),
        sa.Column("scheme", sa.Text(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("linked_by", sa.Uuid(), nullable=False),
        sa.Column("linked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("scope_path", sa.String(collation="C"), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        sa.Column("site_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["evidence_id"], ["evidence.id"], name=op.f("fk_evidence_link_evidence_id_evidence")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence_link")),
    )
    op.create_index(
        "ix_evidence_link_item",
        "evidence_link",
        ["site_id", "scheme", "item"],
        unique=False,
        postgresql_where=sa.text("removed_at is null"),
    )
    op.create_index(op.f("ix_evidence_link_provider_id"), "evidence_link", ["provider_id"], unique=False)
    op.create_index(op.f("ix_evidence_link_scope_path"), "evidence_link", ["scope_path"], unique=False)
    op.create_index(op.f("ix_evidence_link_site_id"), "evidence_link", ["site_id"], unique=False)
    op.create_index(
        "uq_evidence_link_in_force",
        "evidence_link",
        ["evidence_id", "scheme", "item"],
        unique=True,
        postgresql_where=sa.text("removed_at is null"),
    )
    op.create_table(
        "evidence_upload",
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("evidence_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("piece", sa.Integer(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("items", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("refused_code", sa.Text(), nullable=True),
        sa.Column("refused_why", sa.Text(), nullable=True),
        sa.Column("began_by", sa.Uuid(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("scope_path", sa.String(collation="C"), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(state <> 'refused') or (refused_why is not null)", name=op.f("ck_evidence_upload_refused_with_reason")
        ),
        sa.CheckConstraint(
            "state in ('open', 'waiting', 'kept', 'refused', 'expired', 'abandoned')", name=op.f("ck_evidence_upload_state_known")
        ),
        sa.ForeignKeyConstraint(["evidence_id"], ["evidence.id"], name=op.f("fk_evidence_upload_evidence_id_evidence")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_evidence_upload_site_id_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence_upload")),
    )
    op.create_index(
        "ix_evidence_upload_open", "evidence_upload", ["expires_at"], unique=False, postgresql_where=sa.text("state = 'open'")
    )
    op.create_index(op.f("ix_evidence_upload_provider_id"), "evidence_upload", ["provider_id"], unique=False)
    op.create_index(op.f("ix_evidence_upload_scope_path"), "evidence_upload", ["scope_path"], unique=False)
    op.create_index(op.f("ix_evidence_upload_site_id"), "evidence_upload", ["site_id"], unique=False)
    op.create_table(
        "panel_member",
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("draw_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("seat", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("firm", sa.Text(), nullable=False),
        sa.Column("adviser_firm", sa.Text(), nullable=False),
        sa.Column("declared_free_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("recused_on", sa.Date(), nullable=True),
        sa.Column("recusal", sa.Text(), nullable=False),
        sa.Column("replaces_id", sa.Uuid(), nullable=True),
        sa.Column("scope_path", sa.String(collation="C"), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        sa.Column("site_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("(recused_on is null) = (recusal = '')", name=op.f("ck_panel_member_recusal_has_reason")),
        sa.CheckConstraint("firm = '' or firm <> adviser_firm", name=op.f("ck_panel_member_firm_not_adviser")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_panel_member_account_id_account")),
        sa.ForeignKeyConstraint(
            ["application_id"], ["rating_application.id"], name=op.f("fk_panel_member_application_id_rating_application")
        ),
        sa.ForeignKeyConstraint(["draw_id"], ["panel_draw.id"], name=op.f("fk_panel_member_draw_id_panel_draw")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_panel_member")),
        sa.UniqueConstraint(
            "application_id", "round", "account_id", name=op.f("uq_panel_member_application_id_round_account_id")
        ),
    )
    op.create_index(op.f("ix_panel_member_account_id"), "panel_member", ["account_id"], unique=False)
    op.create_index(op.f("ix_panel_member_application_id"), "panel_member", ["application_id"], unique=False)
    op.create_index(op.f("ix_panel_member_provider_id"), "panel_member", ["provider_id"], unique=False)
    op.create_index(op.f("ix_panel_member_scope_path"), "panel_member", ["scope_path"], unique=False)
    op.create_index(op.f("ix_panel_member_site_id"), "panel_member", ["site_id"], unique=False)
    op.create_table(
        "rating",
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("scheme", sa.Text(), nullable=False),
        sa.Column("edition", sa.Text(), nullable=False),
        sa.Column("scheme_name", sa.Text(), nullable=False),
        sa.Column("scheme_sha", sa.Text(), nullable=False),
        sa.Column("scheme_mark", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("out_of", sa.Text(), nullable=False),
        sa.Column("areas", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("result", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("seal", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("state_on", sa.Date(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=False),
        sa.Column("check_due", sa.Date(), nullable=False),
        sa.Column("published_on", sa.Date(), nullable=False),
        sa.Column("published_by", sa.Uuid(), nullable=False),
        sa.Column("certificate_number", sa.Text(), nullable=False),
        sa.Column("plaque_number", sa.Text(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("scope_path", sa.String(collation="C"), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("kind in ('rating', 'quality')", name=op.f("ck_rating_kind_known")),
        sa.CheckConstraint(
            "state in ('valid', 'suspended', 'revoked', 'downgraded', 'replaced', 'ended', 'expired')",
            name=op.f("ck_rating_state_known"),
        ),
        sa.CheckConstraint("valid_from <= valid_to", name=op.f("ck_rating_days_in_order")),
        sa.ForeignKeyConstraint(
            ["application_id"], ["rating_application.id"], name=op.f("fk_rating_application_id_rating_application")
        ),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_rating_authority_id_authority")),
        sa.ForeignKeyConstraint(["campaign_id"], ["rating_campaign.id"], name=op.f("fk_rating_campaign_id_rating_campaign")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_rating_site_id_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rating")),
        sa.UniqueConstraint("application_id", name=op.f("uq_rating_application_id")),
        sa.UniqueConstraint("authority_id", "certificate_number", name=op.f("uq_rating_authority_id_certificate_number")),
    )
    op.create_index(op.f("ix_rating_authority_id"), "rating", ["authority_id"], unique=False)
    op.create_index(op.f("ix_rating_campaign_id"), "rating", ["campaign_id"], unique=False)
    op.create_index(op.f("ix_rating_provider_id"), "rating", ["provider_id"], unique=False)
    op.create_index(op.f("ix_rating_scheme"), "rating", ["scheme"], unique=False)
    op.create_index(op.f("ix_rating_scope_path"), "rating", ["scope_path"], unique=False)
    op.create_index("ix_rating_scope_valid", "rating", ["scope_path", "state", "valid_to"], unique=False)
    op.create_index(op.f("ix_rating_site_id"), "rating", ["site_id"], unique=False)
    op.create_index("ix_rating_site_scheme", "rating", ["site_id", "scheme", "valid_to"], unique=False)
    op.create_table(
        "rating_fact",
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("entered_by", sa.Uuid(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("scope_path", sa.String(collation="C"), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("origin in ('register', 'credit', 'claimed', 'confirmed')", name=op.f("ck_rating_fact_origin_known")),
        sa.CheckConstraint("source <> ''", name=op.f("ck_rating_fact_has_source")),
        sa.ForeignKeyConstraint(
            ["application_id"], ["rating_application.id"], name=op.f("fk_rating_fact_application_id_rating_application")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rating_fact")),
    )
    op.create_index(op.f("ix_rating_fact_application_id"), "rating_fact", ["application_id"], unique=False)
    op.create_index(op.f("ix_rating_fact_provider_id"), "rating_fact", ["provider_id"], unique=False)
    op.create_index(op.f("ix_rating_fact_scope_path"), "rating_fact", ["scope_path"], unique=False)
    op.create_index(op.f("ix_rating_fact_site_id"), "rating_fact", ["site_id"], unique=False)
    op.create_table(
        "rating_objection",
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("by_home", sa.Boolean(), nullable=False),
        sa.Column("objector", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("raised_on", sa.Date(), nullable=False),
        sa.Column("raised_by", sa.Uuid(), nullable=False),
        sa.Column("of_decision", sa.Uuid(), nullable=False),
        sa.Column("barred", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("scope_path", sa.String(collation="C"), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("state in ('open', 'dismissed', 'upheld')", name=op.f("ck_rating_objection_state_known")),
        sa.CheckConstraint(
            "decided_by <> of_decision and decided_by <> raised_by", name=op.f("ck_rating_objection_not_decided_by_same")
        ),
        sa.CheckConstraint("not barred @> to_jsonb(decided_by::text)", name=op.f("ck_rating_objection_decider_is_free")),
        sa.ForeignKeyConstraint(
            ["application_id"], ["rating_application.id"], name=op.f("fk_rating_objection_application_id_rating_application")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rating_objection")),
        sa.UniqueConstraint("application_id", "id", name=op.f("uq_rating_objection_application_id_id")),
    )
    op.create_index(op.f("ix_rating_objection_application_id"), "rating_objection", ["application_id"], unique=False)
    op.create_index(op.f("ix_rating_objection_provider_id"), "rating_objection", ["provider_id"], unique=False)
    op.create_index(op.f("ix_rating_objection_scope_path"), "rating_objection", ["scope_path"], unique=False)
    op.create_index(op.f("ix_rating_objection_site_id"), "rating_objection", ["site_id"], unique=False)
    op.create_table(
        "score_sheet",
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=True),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("locked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("locked_by", sa.Uuid(), nullable=True),
        sa.Column("locked_sha", sa.Text(), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("scope_path", sa.String(collation="C"), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        sa.Column("site_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("(kind = 'self') = (author_id is null)", name=op.f("ck_score_sheet_assessor_has_name")),
        sa.CheckConstraint("kind = 'self' or locked_by = author_id", name=op.f("ck_score_sheet_locked_by_its_author")),
        sa.CheckConstraint("kind in ('self', 'assessor')", name=op.f("ck_score_sheet_kind_known")),
        sa.CheckConstraint("(locked_at is null) = (locked_sha is null)", name=op.f("ck_score_sheet_locked_whole")),
        sa.ForeignKeyConstraint(
            ["application_id"], ["rating_application.id"], name=op.f("fk_score_sheet_application_id_rating_application")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_score_sheet")),
        sa.UniqueConstraint("application_id", "round", "author_id", name=op.f("uq_score_sheet_application_id_round_author_id")),
    )
    op.create_index(op.f("ix_score_sheet_application_id"), "score_sheet", ["application_id"], unique=False)
    op.create_index(op.f("ix_score_sheet_provider_id"), "score_sheet", ["provider_id"], unique=False)
    op.create_index(op.f("ix_score_sheet_scope_path"), "score_sheet", ["scope_path"], unique=False)
    op.create_index(op.f("ix_score_sheet_site_id"), "score_sheet", ["site_id"], unique=False)
    op.create_index(
        "uq_score_sheet_self", "score_sheet", ["application_id"], unique=True, postgresql_where=sa.text("kind = 'self'")
    )
    op.create_table(
        "evidence_version",
        sa.Column("evidence_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("blob_id", sa.Uuid(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("content_type", sa.Text(), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("upload_id", sa.Uuid(), nullable=True),
        sa.Column("uploaded_by", sa.Uuid(), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("scope_path", sa.String(collation="C"), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        sa.Column("site_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["blob_id"], ["blob.id"], name=op.f("fk_evidence_version_blob_id_blob")),
        sa.ForeignKeyConstraint(["evidence_id"], ["evidence.id"], name=op.f("fk_evidence_version_evidence_id_evidence")),
        sa.ForeignKeyConstraint(
            ["upload_id"], ["evidence_upload.id"], name=op.f("fk_evidence_version_upload_id_evidence_upload")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence_version")),
        sa.UniqueConstraint("evidence_id", "number", name=op.f("uq_evidence_version_evidence_id_number")),
        sa.UniqueConstraint("evidence_id", "sha256", name=op.f("uq_evidence_version_evidence_id_sha256")),
        sa.UniqueConstraint("upload_id", name=op.f("uq_evidence_version_upload_id")),
    )
    op.create_index(op.f("ix_evidence_version_provider_id"), "evidence_version", ["provider_id"], unique=False)
    op.create_index(op.f("ix_evidence_version_scope_path"), "evidence_version", ["scope_path"], unique=False)
    op.create_index(op.f("ix_evidence_version_site_id"), "evidence_version", ["site_id"], unique=False)
    op.create_table(
        "mid_check",
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("rating_id", sa.Uuid(), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("done_by", sa.Uuid(), nullable=False),
        sa.Column("scope_path", sa.String(collation="C"), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("result in ('passed', 'failed')", name=op.f("ck_mid_check_result_known")),
        sa.ForeignKeyConstraint(["rating_id"], ["rating.id"], name=op.f("fk_mid_check_rating_id_rating")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mid_check")),
    )
    op.create_index(op.f("ix_mid_check_provider_id"), "mid_check", ["provider_id"], unique=False)
    op.create_index(op.f("ix_mid_check_rating_id"), "mid_check", ["rating_id"], unique=False)
    op.create_index(op.f("ix_mid_check_scope_path"), "mid_check", ["scope_path"], unique=False)
    op.create_index(op.f("ix_mid_check_site_id"), "mid_check", ["site_id"], unique=False)
    op.create_table(
        "rating_alert",
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("rating_id", sa.Uuid(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("source", sa.Uuid(), nullable=False),
        sa.Column("source_words", sa.Text(), nullable=False),
        sa.Column("told_on", sa.Date(), nullable=False),
        sa.Column("settled_by", sa.Uuid(), nullable=True),
        sa.Column("settled_on", sa.Date(), nullable=True),
        sa.Column("settled_how", sa.Text(), nullable=False),
        sa.Column("scope_path", sa.String(collation="C"), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "cause in ('accident', 'abuse', 'fraud', 'failed_check', 'penalty', 'listed', 'hazard', 'closure', 'refused_check', 'other')",
            name=op.f("ck_rating_alert_cause_known"),
        ),
        sa.ForeignKeyConstraint(["rating_id"], ["rating.id"], name=op.f("fk_rating_alert_rating_id_rating")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rating_alert")),
        sa.UniqueConstraint("rating_id", "cause", "source", name=op.f("uq_rating_alert_rating_id_cause_source")),
    )
    op.create_index(op.f("ix_rating_alert_provider_id"), "rating_alert", ["provider_id"], unique=False)
    op.create_index(op.f("ix_rating_alert_rating_id"), "rating_alert", ["rating_id"], unique=False)
    op.create_index(op.f("ix_rating_alert_scope_path"), "rating_alert", ["scope_path"], unique=False)
    op.create_index(op.f("ix_rating_alert_site_id"), "rating_alert", ["site_id"], unique=False)
    op.create_table(
        "rating_change",
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("rating_id", sa.Uuid(), nullable=False),
        sa.Column("measure", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("from_level", sa.Text(), nullable=False),
        sa.Column("to_level", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("alert_id", sa.Uuid(), nullable=True),
        sa.Column("at_once", sa.Boolean(), nullable=False),
        sa.Column("proposed_by", sa.Uuid(), nullable=False),
        sa.Column("proposed_on", sa.Date(), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("dropped_on", sa.Date(), nullable=True),
        sa.Column("plaque_back_on", sa.Date(), nullable=True),
        sa.Column("scope_path", sa.String(collation="C"), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "cause in ('accident', 'abuse', 'fraud', 'failed_check', 'penalty', 'listed', 'hazard', 'closure', 'refused_check', 'other')",
            name=op.f("ck_rating_change_cause_known"),
        ),
        sa.CheckConstraint(
            "measure in ('suspend', 'resume', 'downgrade', 'revoke', 'end')", name=op.f("ck_rating_change_measure_known")
        ),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_rating_change_has_reason")),
        sa.CheckConstraint("at_once or decided_by <> proposed_by", name=op.f("ck_rating_change_not_decided_by_proposer")),
        sa.ForeignKeyConstraint(["rating_id"], ["rating.id"], name=op.f("fk_rating_change_rating_id_rating")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rating_change")),
    )
    op.create_index(op.f("ix_rating_change_provider_id"), "rating_change", ["provider_id"], unique=False)
    op.create_index(op.f("ix_rating_change_rating_id"), "rating_change", ["rating_id"], unique=False)
    op.create_index(op.f("ix_rating_change_scope_path"), "rating_change", ["scope_path"], unique=False)
    op.create_index(op.f("ix_rating_change_site_id"), "rating_change", ["site_id"], unique=False)
    op.create_index(
        "uq_rating_change_open",
        "rating_change",
        ["rating_id"],
        unique=True,
        postgresql_where=sa.text("decided_on is null and dropped_on is null"),
    )
    op.create_table(
        "rating_reply",
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("rating_id", sa.Uuid(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("said_on", sa.Date(), nullable=False),
        sa.Column("said_by", sa.Uuid(), nullable=False),
        sa.Column("cleared_by", sa.Uuid(), nullable=True),
        sa.Column("cleared_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refused", sa.Text(), nullable=False),
        sa.Column("scope_path", sa.String(collation="C"), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("cleared_by <> said_by", name=op.f("ck_rating_reply_not_cleared_by_speaker")),
        sa.ForeignKeyConstraint(["rating_id"], ["rating.id"], name=op.f("fk_rating_reply_rating_id_rating")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rating_reply")),
    )
    op.create_index(op.f("ix_rating_reply_provider_id"), "rating_reply", ["provider_id"], unique=False)
    op.create_index(op.f("ix_rating_reply_rating_id"), "rating_reply", ["rating_id"], unique=False)
    op.create_index(op.f("ix_rating_reply_scope_path"), "rating_reply", ["scope_path"], unique=False)
    op.create_index(op.f("ix_rating_reply_site_id"), "rating_reply", ["site_id"], unique=False)
    op.create_table(
        "sheet_operation",
        sa.Column("arrival", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("sheet_id", sa.Uuid(), nullable=False),
        sa.Column("op_id", sa.Uuid(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("value", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("na", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.Column("evidence", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("replaces", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("wall_ms", sa.BigInteger(), nullable=False),
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("scope_path", sa.String(collation="C"), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        sa.Column("site_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["sheet_id"], ["score_sheet.id"], name=op.f("fk_sheet_operation_sheet_id_score_sheet")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sheet_operation")),
        sa.UniqueConstraint("arrival", name=op.f("uq_sheet_operation_arrival")),
        sa.UniqueConstraint("op_id", name=op.f("uq_sheet_operation_op_id")),
    )
    op.create_index(op.f("ix_sheet_operation_provider_id"), "sheet_operation", ["provider_id"], unique=False)
    op.create_index(op.f("ix_sheet_operation_scope_path"), "sheet_operation", ["scope_path"], unique=False)
    op.create_index(op.f("ix_sheet_operation_sheet_id"), "sheet_operation", ["sheet_id"], unique=False)
    op.create_index(op.f("ix_sheet_operation_site_id"), "sheet_operation", ["site_id"], unique=False)
    op.create_table(
        "subsidy_line",
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("claim_id", sa.Uuid(), nullable=False),
        sa.Column("rule_code", sa.Text(), nullable=False),
        sa.Column("rule_name", sa.Text(), nullable=False),
        sa.Column("claim_number", sa.Text(), nullable=False),
        sa.Column("approved_on", sa.Date(), nullable=True),
        sa.Column("pay_group", sa.Text(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("fen", sa.BigInteger(), nullable=True),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("rating_id", sa.Uuid(), nullable=True),
        sa.Column("heads", sa.Integer(), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("reverses", sa.Uuid(), nullable=True),
        sa.Column("scope_path", sa.String(collation="C"), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("not active or outcome = 'paid'", name=op.f("ck_subsidy_line_only_paid_holds")),
        sa.CheckConstraint("outcome in ('paid', 'zero', 'open')", name=op.f("ck_subsidy_line_outcome_known")),
        sa.CheckConstraint("extract(day from month) = 1", name=op.f("ck_subsidy_line_month_by_its_first_day")),
        sa.ForeignKeyConstraint(["claim_id"], ["subsidy_claim.id"], name=op.f("fk_subsidy_line_claim_id_subsidy_claim")),
        sa.ForeignKeyConstraint(["rating_id"], ["rating.id"], name=op.f("fk_subsidy_line_rating_id_rating")),
        sa.ForeignKeyConstraint(["reverses"], ["subsidy_line.id"], name=op.f("fk_subsidy_line_reverses_subsidy_line")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_subsidy_line_site_id_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subsidy_line")),
        sa.UniqueConstraint(
            "claim_id",
            "site_id",
            "month",
            "reverses",
            name=op.f("uq_subsidy_line_claim_id_site_id_month_reverses"),
            postgresql_nulls_not_distinct=True,
        ),
        sa.UniqueConstraint("reverses", name=op.f("uq_subsidy_line_reverses")),
    )
    op.create_index(op.f("ix_subsidy_line_claim_id"), "subsidy_line", ["claim_id"], unique=False)
    op.create_index(op.f("ix_subsidy_line_provider_id"), "subsidy_line", ["provider_id"], unique=False)
    op.create_index(op.f("ix_subsidy_line_scope_path"), "subsidy_line", ["scope_path"], unique=False)
    op.create_index(op.f("ix_subsidy_line_site_id"), "subsidy_line", ["site_id"], unique=False)
    op.create_index(
        "uq_subsidy_line_once", "subsidy_line", ["site_id", "pay_group", "month"], unique=True, postgresql_where=sa.text("active")
    )
    op.create_table(
        "upload_piece",
        sa.Column("upload_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("version_id", sa.Text(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("scope_path", sa.String(collation="C"), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        sa.Column("site_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["upload_id"], ["evidence_upload.id"], name=op.f("fk_upload_piece_upload_id_evidence_upload")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_upload_piece")),
        sa.UniqueConstraint("upload_id", "number", name=op.f("uq_upload_piece_upload_id_number")),
    )
    op.create_index(op.f("ix_upload_piece_provider_id"), "upload_piece", ["provider_id"], unique=False)
    op.create_index(op.f("ix_upload_piece_scope_path"), "upload_piece", ["scope_path"], unique=False)
    op.create_index(op.f("ix_upload_piece_site_id"), "upload_piece", ["site_id"], unique=False)
    run(GUARDS)


def downgrade() -> None:
    run(BEFORE_DOWN)
    op.drop_index(op.f("ix_upload_piece_site_id"), table_name="upload_piece")
    op.drop_index(op.f("ix_upload_piece_scope_path"), table_name="upload_piece")
    op.drop_index(op.f("ix_upload_piece_provider_id"), table_name="upload_piece")
    op.drop_table("upload_piece")
    op.drop_index("uq_subsidy_line_once", table_name="subsidy_line", postgresql_where=sa.text("active"))
    op.drop_index(op.f("ix_subsidy_line_site_id"), table_name="subsidy_line")
    op.drop_index(op.f("ix_subsidy_line_scope_path"), table_name="subsidy_line")
    op.drop_index(op.f("ix_subsidy_line_provider_id"), table_name="subsidy_line")
    op.drop_index(op.f("ix_subsidy_line_claim_id"), table_name="subsidy_line")
    op.drop_table("subsidy_line")
    op.drop_index(op.f("ix_sheet_operation_site_id"), table_name="sheet_operation")
    op.drop_index(op.f("ix_sheet_operation_sheet_id"), table_name="sheet_operation")
    op.drop_index(op.f("ix_sheet_operation_scope_path"), table_name="sheet_operation")
    op.drop_index(op.f("ix_sheet_operation_provider_id"), table_name="sheet_operation")
    op.drop_table("sheet_operation")
    op.drop_index(op.f("ix_rating_reply_site_id"), table_name="rating_reply")
    op.drop_index(op.f("ix_rating_reply_scope_path"), table_name="rating_reply")
    op.drop_index(op.f("ix_rating_reply_rating_id"), table_name="rating_reply")
    op.drop_index(op.f("ix_rating_reply_provider_id"), table_name="rating_reply")
    op.drop_table("rating_reply")
    op.drop_index(
        "uq_rating_change_open", table_name="rating_change", postgresql_where=sa.text("decided_on is null and dropped_on is null")
    )
    op.drop_index(op.f("ix_rating_change_site_id"), table_name="rating_change")
    op.drop_index(op.f("ix_rating_change_scope_path"), table_name="rating_change")
    op.drop_index(op.f("ix_rating_change_rating_id"), table_name="rating_change")
    op.drop_index(op.f("ix_rating_change_provider_id"), table_name="rating_change")
    op.drop_table("rating_change")
    op.drop_index(op.f("ix_rating_alert_site_id"), table_name="rating_alert")
    op.drop_index(op.f("ix_rating_alert_scope_path"), table_name="rating_alert")
    op.drop_index(op.f("ix_rating_alert_rating_id"), table_name="rating_alert")
    op.drop_index(op.f("ix_rating_alert_provider_id"), table_name="rating_alert")
    op.drop_table("rating_alert")
    op.drop_index(op.f("ix_mid_check_site_id"), table_name="mid_check")
    op.drop_index(op.f("ix_mid_check_scope_path"), table_name="mid_check")
    op.drop_index(op.f("ix_mid_check_rating_id"), table_name="mid_check")
    op.drop_index(op.f("ix_mid_check_provider_id"), table_name="mid_check")
    op.drop_table("mid_check")
    op.drop_index(op.f("ix_evidence_version_site_id"), table_name="evidence_version")
    op.drop_index(op.f("ix_evidence_version_scope_path"), table_name="evidence_version")
    op.drop_index(op.f("ix_evidence_version_provider_id"), table_name="evidence_version")
    op.drop_table("evidence_version")
    op.drop_index("uq_score_sheet_self", table_name="score_sheet", postgresql_where=sa.text("kind = 'self'"))
    op.drop_index(op.f("ix_score_sheet_site_id"), table_name="score_sheet")
    op.drop_index(op.f("ix_score_sheet_scope_path"), table_name="score_sheet")
    op.drop_index(op.f("ix_score_sheet_provider_id"), table_name="score_sheet")
    op.drop_index(op.f("ix_score_sheet_application_id"), table_name="score_sheet")
    op.drop_table("score_sheet")
    op.drop_index(op.f("ix_rating_objection_site_id"), table_name="rating_objection")
    op.drop_index(op.f("ix_rating_objection_scope_path"), table_name="rating_objection")
    op.drop_index(op.f("ix_rating_objection_provider_id"), table_name="rating_objection")
    op.drop_index(op.f("ix_rating_objection_application_id"), table_name="rating_objection")
    op.drop_table("rating_objection")
    op.drop_index(op.f("ix_rating_fact_site_id"), table_name="rating_fact")
    op.drop_index(op.f("ix_rating_fact_scope_path"), table_name="rating_fact")
    op.drop_index(op.f("ix_rating_fact_provider_id"), table_name="rating_fact")
    op.drop_index(op.f("ix_rating_fact_application_id"), table_name="rating_fact")
    op.drop_table("rating_fact")
    op.drop_index("ix_rating_site_scheme", table_name="rating")
    op.drop_index(op.f("ix_rating_site_id"), table_name="rating")
    op.drop_index("ix_rating_scope_valid", table_name="rating")
    op.drop_index(op.f("ix_rating_scope_path"), table_name="rating")
    op.drop_index(op.f("ix_rating_scheme"), table_name="rating")
    op.drop_index(op.f("ix_rating_provider_id"), table_name="rating")
    op.drop_index(op.f("ix_rating_campaign_id"), table_name="rating")
    op.drop_index(op.f("ix_rating_authority_id"), table_name="rating")
    op.drop_table("rating")
    op.drop_index(op.f("ix_panel_member_site_id"), table_name="panel_member")
    op.drop_index(op.f("ix_panel_member_scope_path"), table_name="panel_member")
    op.drop_index(op.f("ix_panel_member_provider_id"), table_name="panel_member")
    op.drop_index(op.f("ix_panel_member_application_id"), table_name="panel_member")
    op.drop_index(op.f("ix_panel_member_account_id"), table_name="panel_member")
    op.drop_table("panel_member")
    op.drop_index(op.f("ix_evidence_upload_site_id"), table_name="evidence_upload")
    op.drop_index(op.f("ix_evidence_upload_scope_path"), table_name="evidence_upload")
    op.drop_index(op.f("ix_evidence_upload_provider_id"), table_name="evidence_upload")
    op.drop_index("ix_evidence_upload_open", table_name="evidence_upload", postgresql_where=sa.text("state = 'open'"))
    op.drop_table("evidence_upload")
    op.drop_index("uq_evidence_link_in_force", table_name="evidence_link", postgresql_where=sa.text("removed_at is null"))
    op.drop_index(op.f("ix_evidence_link_site_id"), table_name="evidence_link")
    op.drop_index(op.f("ix_evidence_link_scope_path"), table_name="evidence_link")
    op.drop_index(op.f("ix_evidence_link_provider_id"), table_name="evidence_link")
    op.drop_index("ix_evidence_link_item", table_name="evidence_link", postgresql_where=sa.text("removed_at is null"))
    op.drop_table("evidence_link")
    op.drop_index(op.f("ix_consensus_signature_site_id"), table_name="consensus_signature")
    op.drop_index(op.f("ix_consensus_signature_scope_path"), table_name="consensus_signature")
    op.drop_index(op.f("ix_consensus_signature_provider_id"), table_name="consensus_signature")
    op.drop_index(op.f("ix_consensus_signature_application_id"), table_name="consensus_signature")
    op.drop_table("consensus_signature")
    op.drop_index(op.f("ix_consensus_entry_site_id"), table_name="consensus_entry")
    op.drop_index(op.f("ix_consensus_entry_scope_path"), table_name="consensus_entry")
    op.drop_index(op.f("ix_consensus_entry_provider_id"), table_name="consensus_entry")
    op.drop_index(op.f("ix_consensus_entry_application_id"), table_name="consensus_entry")
    op.drop_table("consensus_entry")
    op.drop_index(op.f("ix_committee_vote_site_id"), table_name="committee_vote")
    op.drop_index(op.f("ix_committee_vote_scope_path"), table_name="committee_vote")
    op.drop_index(op.f("ix_committee_vote_provider_id"), table_name="committee_vote")
    op.drop_index(op.f("ix_committee_vote_meeting_id"), table_name="committee_vote")
    op.drop_index(op.f("ix_committee_vote_application_id"), table_name="committee_vote")
    op.drop_table("committee_vote")
    op.drop_index("ix_scheme_entry_edition", table_name="scheme_entry")
    op.drop_table("scheme_entry")
    op.drop_index(op.f("ix_rating_tie_site_id"), table_name="rating_tie")
    op.drop_index(op.f("ix_rating_tie_scope_path"), table_name="rating_tie")
    op.drop_index(op.f("ix_rating_tie_provider_id"), table_name="rating_tie")
    op.drop_index("ix_rating_tie_pair", table_name="rating_tie")
    op.drop_index(op.f("ix_rating_tie_account_id"), table_name="rating_tie")
    op.drop_index(op.f("ix_rating_tie_about_id"), table_name="rating_tie")
    op.drop_table("rating_tie")
    op.drop_index(
        "uq_rating_application_open",
        table_name="rating_application",
        postgresql_where=sa.text("state not in ('withdrawn', 'refused')"),
    )
    op.drop_index(op.f("ix_rating_application_site_id"), table_name="rating_application")
    op.drop_index("ix_rating_application_scope_state", table_name="rating_application")
    op.drop_index(op.f("ix_rating_application_scope_path"), table_name="rating_application")
    op.drop_index(op.f("ix_rating_application_renews_id"), table_name="rating_application")
    op.drop_index(op.f("ix_rating_application_provider_id"), table_name="rating_application")
    op.drop_index(op.f("ix_rating_application_meeting_id"), table_name="rating_application")
    op.drop_index(op.f("ix_rating_application_campaign_id"), table_name="rating_application")
    op.drop_table("rating_application")
    op.drop_index("uq_panel_draw_open", table_name="panel_draw", postgresql_where=sa.text("drawn_at is null and infeasible = ''"))
    op.drop_index(op.f("ix_panel_draw_site_id"), table_name="panel_draw")
    op.drop_index(op.f("ix_panel_draw_scope_path"), table_name="panel_draw")
    op.drop_index(op.f("ix_panel_draw_provider_id"), table_name="panel_draw")
    op.drop_index(op.f("ix_panel_draw_campaign_id"), table_name="panel_draw")
    op.drop_table("panel_draw")
    op.drop_index(op.f("ix_evidence_site_id"), table_name="evidence")
    op.drop_index("ix_evidence_site_changed", table_name="evidence")
    op.drop_index(op.f("ix_evidence_scope_path"), table_name="evidence")
    op.drop_index(op.f("ix_evidence_provider_id"), table_name="evidence")
    op.drop_table("evidence")
    op.drop_index(op.f("ix_subsidy_claim_site_id"), table_name="subsidy_claim")
    op.drop_index(op.f("ix_subsidy_claim_scope_path"), table_name="subsidy_claim")
    op.drop_index(op.f("ix_subsidy_claim_provider_id"), table_name="subsidy_claim")
    op.drop_index(op.f("ix_subsidy_claim_authority_id"), table_name="subsidy_claim")
    op.drop_table("subsidy_claim")
    op.drop_index(op.f("ix_scheme_edition_sha256"), table_name="scheme_edition")
    op.drop_index(op.f("ix_scheme_edition_authority_id"), table_name="scheme_edition")
    op.drop_table("scheme_edition")
    op.drop_index(op.f("ix_rating_meeting_site_id"), table_name="rating_meeting")
    op.drop_index(op.f("ix_rating_meeting_scope_path"), table_name="rating_meeting")
    op.drop_index(op.f("ix_rating_meeting_provider_id"), table_name="rating_meeting")
    op.drop_index(op.f("ix_rating_meeting_authority_id"), table_name="rating_meeting")
    op.drop_table("rating_meeting")
    op.drop_index(op.f("ix_rating_campaign_site_id"), table_name="rating_campaign")
    op.drop_index("ix_rating_campaign_scope_state", table_name="rating_campaign")
    op.drop_index(op.f("ix_rating_campaign_scope_path"), table_name="rating_campaign")
    op.drop_index(op.f("ix_rating_campaign_provider_id"), table_name="rating_campaign")
    op.drop_index(op.f("ix_rating_campaign_authority_id"), table_name="rating_campaign")
    op.drop_table("rating_campaign")
    op.drop_index("uq_committee_member_now", table_name="committee_member", postgresql_where=sa.text("until is null"))
    op.drop_index("uq_committee_chair_now", table_name="committee_member", postgresql_where=sa.text("chair and until is null"))
    op.drop_index(op.f("ix_committee_member_site_id"), table_name="committee_member")
    op.drop_index(op.f("ix_committee_member_scope_path"), table_name="committee_member")
    op.drop_index(op.f("ix_committee_member_provider_id"), table_name="committee_member")
    op.drop_index(op.f("ix_committee_member_authority_id"), table_name="committee_member")
    op.drop_index(op.f("ix_committee_member_account_id"), table_name="committee_member")
    op.drop_table("committee_member")
    op.drop_index(op.f("ix_assessor_entry_site_id"), table_name="assessor_entry")
    op.drop_index(op.f("ix_assessor_entry_scope_path"), table_name="assessor_entry")
    op.drop_index(op.f("ix_assessor_entry_provider_id"), table_name="assessor_entry")
    op.drop_index(op.f("ix_assessor_entry_authority_id"), table_name="assessor_entry")
    op.drop_index(op.f("ix_assessor_entry_account_id"), table_name="assessor_entry")
    op.drop_table("assessor_entry")
    run(AFTER_DOWN)

"""Verbs of the registry (机构与备案办理): sites, filings, papers, imports, one file each."""

from app.providers.actions.filings import (
    accept_filing,
    resubmit,
    return_filing,
    save_filing_draft,
    submit_filing,
    withdraw,
)
from app.providers.actions.papers import announce_paper, attach_paper, withdraw_paper
from app.providers.actions.register import check_register, enter_register, forget_workbooks, write_register
from app.providers.actions.sites import (
    announce_overdue_visit,
    close_site,
    decide_fire_track,
    exit_site,
    open_site,
    record_facts,
    register_organisation,
    register_site,
    resume_service,
    reveal_phone,
    set_supervision_tier,
)

__all__ = [
    "accept_filing",
    "announce_overdue_visit",
    "announce_paper",
    "attach_paper",
    "check_register",
    "close_site",
    "decide_fire_track",
    "enter_register",
    "exit_site",
    "forget_workbooks",
    "open_site",
    "record_facts",
    "register_organisation",
    "register_site",
    "resubmit",
    "resume_service",
    "return_filing",
    "reveal_phone",
    "save_filing_draft",
    "set_supervision_tier",
    "submit_filing",
    "withdraw",
    "withdraw_paper",
    "write_register",
]

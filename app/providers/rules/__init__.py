"""Rules of the registry (机构与备案规则), by subject: kinds, sites, filings, facts, papers. All pure."""

from app.providers.rules.kinds import (
    FilingKind,
    FilingState,
    FireTrack,
    Nature,
    OperatorModel,
    PaperKind,
    PaperState,
    SiteKind,
    SiteState,
    Tenure,
    Tier,
)

__all__ = [
    "FilingKind",
    "FilingState",
    "FireTrack",
    "Nature",
    "OperatorModel",
    "PaperKind",
    "PaperState",
    "SiteKind",
    "SiteState",
    "Tenure",
    "Tier",
]

"""Tables of ratings (等级评定数据表), one file a subject."""

from app.ratings.models.applications import RatingApplication, RatingFact, RatingObjection
from app.ratings.models.campaigns import RatingCampaign
from app.ratings.models.decisions import CommitteeMember, CommitteeVote, RatingMeeting
from app.ratings.models.panels import AssessorEntry, PanelDraw, PanelMember, RatingTie
from app.ratings.models.ratings import MidCheck, Rating, RatingAlert, RatingChange, RatingReply
from app.ratings.models.sheets import ConsensusEntry, ConsensusSignature, ScoreSheet, SheetOperation

__all__ = [
    "AssessorEntry",
    "CommitteeMember",
    "CommitteeVote",
    "ConsensusEntry",
    "ConsensusSignature",
    "MidCheck",
    "PanelDraw",
    "PanelMember",
    "Rating",
    "RatingAlert",
    "RatingApplication",
    "RatingCampaign",
    "RatingChange",
    "RatingFact",
    "RatingMeeting",
    "RatingObjection",
    "RatingReply",
    "RatingTie",
    "ScoreSheet",
    "SheetOperation",
]

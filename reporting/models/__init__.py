"""The models of reporting: issued reports, report drafts, PDF jobs and rating overrides."""

from reporting.models.drafts import (
    MAX_STORY_WORDS,
    MAX_TEXT_LENGTH,
    PLACED_TEXT_TYPES,
    DraftTextType,
    EarlierText,
    NarrativeText,
    ReportDraft,
)
from reporting.models.issued import (
    DECIMALS,
    DIGITS,
    AnnualReport,
    ReportedActual,
    ReportedEvidence,
    ReportedObjective,
    ReportedPriority,
    ReportFile,
    ReportRows,
    ReportSeal,
)
from reporting.models.pdf_jobs import DraftPdfJob, ReportPdfJob
from reporting.models.project_narratives import ProjectNarrative
from reporting.models.rating_overrides import RatingOverride
from reporting.models.sections import NarrativeSection

__all__ = [
    "DECIMALS",
    "DIGITS",
    "MAX_STORY_WORDS",
    "MAX_TEXT_LENGTH",
    "PLACED_TEXT_TYPES",
    "AnnualReport",
    "DraftPdfJob",
    "DraftTextType",
    "EarlierText",
    "NarrativeSection",
    "NarrativeText",
    "ProjectNarrative",
    "RatingOverride",
    "ReportDraft",
    "ReportFile",
    "ReportPdfJob",
    "ReportRows",
    "ReportSeal",
    "ReportedActual",
    "ReportedEvidence",
    "ReportedObjective",
    "ReportedPriority",
]

"""The rows of reporting: what was reported, for good; what is still being written; ratings set."""

from reporting.models.drafts import (
    LONGEST,
    OF_ONE_TARGET,
    EarlierText,
    NarrativeText,
    Part,
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
from reporting.models.pdf_jobs import FileRequest, ReportPreview
from reporting.models.rating_overrides import RatingOverride
from reporting.models.sections import Section

__all__ = [
    "DECIMALS",
    "DIGITS",
    "LONGEST",
    "OF_ONE_TARGET",
    "AnnualReport",
    "EarlierText",
    "FileRequest",
    "NarrativeText",
    "Part",
    "RatingOverride",
    "ReportDraft",
    "ReportFile",
    "ReportPreview",
    "ReportRows",
    "ReportSeal",
    "ReportedActual",
    "ReportedEvidence",
    "ReportedObjective",
    "ReportedPriority",
    "Section",
]

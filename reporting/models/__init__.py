"""The rows of reporting: what was reported, for good; what is still being written; ratings set."""

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
)
from reporting.models.overrides import RatingOverride
from reporting.models.sections import Section

__all__ = [
    "DECIMALS",
    "DIGITS",
    "AnnualReport",
    "RatingOverride",
    "ReportFile",
    "ReportRows",
    "ReportedActual",
    "ReportedEvidence",
    "ReportedObjective",
    "ReportedPriority",
    "Section",
]

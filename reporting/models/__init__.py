"""The rows of reporting: what was reported, for good, and what is still being written."""

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
from reporting.models.sections import Section

__all__ = [
    "DECIMALS",
    "DIGITS",
    "AnnualReport",
    "ReportFile",
    "ReportRows",
    "ReportedActual",
    "ReportedEvidence",
    "ReportedObjective",
    "ReportedPriority",
    "Section",
]

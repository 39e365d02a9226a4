"""A report that was issued, as tests read it."""

from datetime import UTC, date, datetime

from django.db import models

from reporting.annual_report.snapshot.reader import IssuedReportData, load_rows, read_snapshot
from reporting.figures.rollup import TargetRow
from reporting.models import (
    AnnualReport,
    ReportedActual,
    ReportedEvidence,
    ReportedObjective,
    ReportedPriority,
    ReportFile,
    ReportSeal,
)

MARCH_2019 = datetime(2019, 3, 14, 15, 0, tzinfo=UTC)
END_OF_2018 = date(2018, 12, 31)
ROWS: tuple[type[models.Model], ...] = (
    AnnualReport,
    ReportedPriority,
    ReportedObjective,
    ReportedActual,
    ReportedEvidence,
    ReportFile,
    ReportSeal,
)


def read(report: AnnualReport) -> IssuedReportData:
    return read_snapshot(load_rows(AnnualReport.objects.get(pk=report.pk)))


def of(reported: IssuedReportData, code: str) -> TargetRow:
    return next(line for line in reported.rollup.targets if line.target.code == code)


def stored_file(report: AnnualReport) -> ReportFile:
    return ReportFile.objects.create(
        report=report, language="en", content=b"%PDF", sha256="0" * 64, size=4, pages=1
    )

"""The annual reports of every plan, year by year: issued, due, or of a year still running."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from reporting.models import AnnualReport
from strategy.dates.periods import Period
from strategy.models import Plan


@dataclass(frozen=True)
class ReportingYearStatus:
    """One reporting year with its reports, the newest version first; none yet when it is empty."""

    year: Period
    reports: tuple[AnnualReport, ...]
    is_over: bool

    @property
    def is_due(self) -> bool:
        return self.is_over and not self.reports


@dataclass(frozen=True)
class ReportingCalendar:
    """One plan with those of its years that have begun, the latest first."""

    plan: Plan
    years: tuple[ReportingYearStatus, ...]


def build_calendars(today: date) -> list[ReportingCalendar]:
    reports: dict[tuple[int, str], list[AnnualReport]] = defaultdict(list)
    for report in AnnualReport.objects.with_files().order_by("-version"):
        reports[report.plan_id, report.year].append(report)
    reported = {plan for plan, _year in reports}
    return [
        ReportingCalendar(plan, tuple(_list_years(plan, reports, today)))
        for plan in Plan.objects.started(today).with_target_flags()
        if plan.pk in reported or _asks_for_reports(plan)
    ]


def _asks_for_reports(plan: Plan) -> bool:
    return plan.has_targets and not plan.is_outline and not plan.project_reference


def find_due_years(today: date) -> list[tuple[Plan, Period]]:
    """The years that are over and not yet reported, the oldest first."""
    due_years = [
        (calendar.plan, status.year)
        for calendar in build_calendars(today)
        for status in calendar.years
        if status.is_due
    ]
    return sorted(due_years, key=lambda pair: pair[1].ends_on)


def _list_years(
    plan: Plan, reports: dict[tuple[int, str], list[AnnualReport]], today: date
) -> list[ReportingYearStatus]:
    return [
        ReportingYearStatus(year, tuple(reports[plan.pk, year.label]), year.ends_on < today)
        for year in reversed(plan.years)
        if year.starts_on <= today
    ]

"""The dates by which records of a kind count: a span, one date, or a reporting year."""

from dataclasses import dataclass

from django.db.models import Q

from strategy.dates.periods import Period, Window
from strategy.models import Plan


class DateRule:
    """The conditions on a record's dates, one for each question of counting."""

    column: str
    """The column with the first day on which the record counts."""

    def has_date(self) -> Q:
        """Condition: the record has the date without which it never counts."""
        return Q(**{f"{self.column}__isnull": False})

    def overlaps(self, period: Period, plan: Plan) -> Q:
        """Condition: the record falls in the period (counting rules 1.3 and 1.4)."""
        raise NotImplementedError

    def has_begun(self, window: Window, plan: Plan) -> Q:
        """Condition: it has begun by the end of the as-of day (counting rule 1.5)."""
        return Q(**{f"{self.column}__surely_by": window.as_of})

    def counts_in(self, window: Window, plan: Plan) -> Q:
        """All three conditions, in as few comparisons as possible."""
        return self.overlaps(window.as_known, plan)


@dataclass(frozen=True)
class DateRange(DateRule):
    """A start and an end date: the record counts where it overlaps the period.

    Without an end date it continues.
    """

    column: str = "starts_on"
    end: str = "ends_on"

    def overlaps(self, period: Period, plan: Plan) -> Q:
        has_begun = Q(**{f"{self.column}__surely_by": period.ends_on})
        continues = Q(**{f"{self.end}__isnull": True})
        return has_begun & (continues | Q(**{f"{self.end}__surely_from": period.starts_on}))


@dataclass(frozen=True)
class SingleDate(DateRule):
    """A single date: the record counts by that date."""

    column: str = "occurred_on"

    def overlaps(self, period: Period, plan: Plan) -> Q:
        return Q(
            **{
                f"{self.column}__surely_by": period.ends_on,
                f"{self.column}__maybe_from": period.starts_on,
            }
        )


@dataclass(frozen=True)
class ReportingYear(DateRule):
    """A reporting year: the record counts from the first day of that year."""

    column: str = "year"

    def has_date(self) -> Q:
        return ~Q(**{self.column: ""})

    def overlaps(self, period: Period, plan: Plan) -> Q:
        years = [y.label for y in (plan.year_before, *plan.years) if y.overlaps(period)]
        return Q(**{f"{self.column}__in": years})

    def has_begun(self, window: Window, plan: Plan) -> Q:
        years = (y for y in (plan.year_before, *plan.years) if y.starts_on <= window.as_of)
        return Q(**{f"{self.column}__in": [year.label for year in years]})

    def counts_in(self, window: Window, plan: Plan) -> Q:
        return self.overlaps(window.period, plan) & self.has_begun(window, plan)


@dataclass(frozen=True)
class IssuedReportingYear(DateRule):
    """A covered reporting year and a date of issue, from which the record counts."""

    year: str = "year_covered"
    column: str = "issued_on"

    def has_date(self) -> Q:
        return ~Q(**{self.year: ""}) & super().has_date()

    def overlaps(self, period: Period, plan: Plan) -> Q:
        return Q(**{f"{self.year}__in": [y.label for y in plan.years if y.overlaps(period)]})

    def counts_in(self, window: Window, plan: Plan) -> Q:
        return self.overlaps(window.period, plan) & self.has_begun(window, plan)

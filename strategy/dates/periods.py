"""Periods, reporting years and partial dates."""

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext as _

_PARTIAL = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?", re.ASCII)


@dataclass(frozen=True)
class Period:
    """A range of days, both ends included, with an optional label."""

    starts_on: date
    ends_on: date
    label: str = ""

    @property
    def days(self) -> int:
        return (self.ends_on - self.starts_on).days + 1

    def elapsed_days(self, as_of: date) -> int:
        """Return the days elapsed at the end of ``as_of``: 0 before the period, at most all."""
        return max(0, (min(as_of, self.ends_on) - self.starts_on).days + 1)

    def clipped(self, other: "Period") -> "Period":
        """Return the intersection with the other period, with the label of this one."""
        return Period(
            max(self.starts_on, other.starts_on), min(self.ends_on, other.ends_on), self.label
        )

    def overlaps(self, other: "Period") -> bool:
        return self.starts_on <= other.ends_on and other.starts_on <= self.ends_on

    def __contains__(self, day: date) -> bool:
        return self.starts_on <= day <= self.ends_on


@dataclass(frozen=True)
class Window:
    """The period of a figure, with the as-of day at whose end records were known."""

    period: Period
    as_of: date

    @property
    def as_known(self) -> Period:
        """The elapsed part of the period; without days before its start."""
        return Period(self.period.starts_on, min(self.period.ends_on, self.as_of))

    def covers(self, other: "Window") -> bool:
        begins = self.period.starts_on <= other.period.starts_on
        return begins and self.period.ends_on >= other.period.ends_on and self.as_of >= other.as_of


@dataclass(frozen=True, order=True)
class PartialDate:
    """A date known to the year, the month or the day; its text is ISO 8601, as entered."""

    text: str

    @classmethod
    def parse(cls, text: str) -> "PartialDate":
        """Return the date of an ISO text; raises ValueError with a message for the user."""
        text = text.strip()
        found = _PARTIAL.fullmatch(text)
        if not found:
            raise ValueError(
                _("“%(text)s” is not a date. Write 2018, 2018-03 or 2018-03-30.") % {"text": text}
            )
        year, month, day = (int(part) if part else None for part in found.groups())
        try:
            date(year or 0, month or 1, day or 1)
        except ValueError:
            raise ValueError(
                _("“%(text)s” does not exist in the calendar. Check the month and the day.")
                % {"text": text}
            ) from None
        return cls(text)

    @property
    def first(self) -> date:
        return date.fromisoformat(self.text + "-01-01"[len(self.text) - 4 :])

    @property
    def last(self) -> date:
        start = self.first
        if len(self.text) == 4:
            return date(start.year, 12, 31)
        if len(self.text) == 7:
            return start.replace(day=calendar.monthrange(start.year, start.month)[1])
        return start

    def __str__(self) -> str:
        return self.text


def reporting_year(first_year: int, first_month: int) -> Period:
    """Return the 12 months from ``first_month`` on, labelled `2017` or `2017-2018`."""
    starts_on = date(first_year, first_month, 1)
    ends_on = date(first_year + 1, first_month, 1) - timedelta(days=1)
    label = str(first_year) if first_month == 1 else f"{first_year}-{ends_on.year}"
    return Period(starts_on, ends_on, label)


def year_containing(day: date, first_month: int) -> Period:
    return reporting_year(day.year if day.month >= first_month else day.year - 1, first_month)


def add_months(day: date, months: int) -> date:
    """Return the day so many months later; the last day of a month stays the last day."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    last = calendar.monthrange(year, month + 1)[1]
    is_last = day.day == calendar.monthrange(day.year, day.month)[1]
    return date(year, month + 1, last if is_last else min(day.day, last))


def quarter_ends(period: Period) -> tuple[date, ...]:
    """Return the last day of each three months from the start; the last quarter is clipped."""
    ends = []
    end = add_months(period.starts_on, 3) - timedelta(days=1)
    while end < period.ends_on:
        ends.append(end)
        end = add_months(end + timedelta(days=1), 3) - timedelta(days=1)
    return (*ends, period.ends_on)

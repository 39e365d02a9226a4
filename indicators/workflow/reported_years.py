"""Protection of reported figures: years closed for entry, and records that reports cite.

Reports belong to another app: a setting names the function that finds the reports that cite a
record.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime

from django.conf import settings
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from indicators.counting.registry import RECORD_SOURCES
from indicators.models import CitedChange, ClosedYear, Record, Status
from strategy.choices import RecordKind
from strategy.dates.fields import PartialDateField
from strategy.dates.periods import PartialDate, Period
from strategy.models import User
from strategy.text import join_plain

YEAR_COLUMNS = frozenset({"year", "year_covered"})
"""The columns that hold the label of a reporting year."""

CitationFinder = Callable[[RecordKind, Collection[str]], Mapping[str, Sequence[str]]]
"""Returns the labels of the years whose issued reports cite a reference, by reference."""

BATCH = 500
"""The most records whose citations one query looks up."""


def find_citing_reports(record: Record) -> Sequence[str]:
    """Return the years of the issued reports that cite the record; no query before approval."""
    if record.pk is None:
        return ()
    return find_cited_records(type(record), [record]).get(record.pk, ())


def find_cited_records(
    model: type[Record], records: Sequence[Record]
) -> Mapping[int, Sequence[str]]:
    """Return the years of the issued reports that cite each record, by its key.

    A record is cited by the reference that it had then, or by its pseudonym.
    """
    find_years: CitationFinder = import_string(settings.RECORD_CITATION_FINDER)
    names = {record.pk: record.pseudonym for record in records if record.approved_at is not None}
    keys = list(names)
    cited: dict[int, set[str]] = defaultdict(set)
    for start in range(0, len(keys), BATCH):
        history = model.history.filter(id__in=keys[start : start + BATCH]).order_by()
        pairs = list(history.values_list("id", "reference").distinct())
        pairs += [(key, names[key]) for key in keys[start : start + BATCH]]
        years = find_years(model.KIND, {reference for _key, reference in pairs})
        for key, reference in pairs:
            cited[key].update(years.get(reference, ()))
    return {key: sorted(labels) for key, labels in cited.items() if labels}


def explain_missing_reason(reports: Sequence[str]) -> str:
    sentence = _(
        "The report of %(years)s cites this record, and the next report will restate it. "
        "Write why you change it."
    )
    return sentence % {"years": join_plain(reports)}


def log_cited_changes(
    records: Sequence[Record],
    cited: Mapping[int, Sequence[str]],
    reason: str,
    *,
    by: User,
    at: datetime,
) -> None:
    """Store the reason for changing those of the records that reports cite."""
    CitedChange.objects.bulk_create(
        CitedChange(
            record_kind=record.KIND,
            object_id=record.pk,
            reference=record.reference,
            name=record.name[:400],
            is_withdrawal=record.status == Status.WITHDRAWN,
            reason=reason.strip(),
            reports=list(cited[record.pk]),
            by=by,
            at=at,
        )
        for record in records
        if record.pk in cited
    )


def load_closed_years() -> Sequence[ClosedYear]:
    return list(ClosedYear.objects.filter(reopened_at=None).select_related("closed_by"))


def find_closed_dates(values: Mapping[str, object], closed: Sequence[ClosedYear]) -> dict[str, str]:
    """Return the values whose dates fall in a closed year: field name -> who closed it."""
    if not closed:
        return {}
    dates = {
        name: value
        for name, value in values.items()
        if isinstance(value, PartialDate) or name in YEAR_COLUMNS
    }
    return {
        name: year.sentence
        for name, value in dates.items()
        for year in closed
        if year.covers(value)
    }


def find_record_closed_dates(
    record: Record, closed: Sequence[ClosedYear] | None = None
) -> dict[str, str]:
    """Return the record's dates in a closed year, one of ``closed`` if given: name -> sentence."""
    return find_closed_dates(_get_dates(record), load_closed_years() if closed is None else closed)


def _get_dates(record: Record) -> dict[str, object]:
    return {name: getattr(record, name) for name in list_date_columns(type(record))}


def explain_closed_years(record: Record) -> set[str]:
    """Return why a stored record is not changed now: a sentence for each closed year."""
    return set() if record.pk is None else set(find_record_closed_dates(record).values())


def count_waiting(closed: ClosedYear) -> int:
    """Return how many submitted records of the year cannot be approved while it is closed."""
    submitted = (
        record
        for source in RECORD_SOURCES.values()
        for record in source.model.objects.filter(status=Status.SUBMITTED)
    )
    return sum(bool(find_closed_dates(_get_dates(record), [closed])) for record in submitted)


def list_date_columns(model: type[Record]) -> list[str]:
    columns = (model._meta.get_field(name) for name in model.COLUMNS)
    return [
        column.name
        for column in columns
        if isinstance(column, PartialDateField) or column.name in YEAR_COLUMNS
    ]


def close_year(year: Period, *, by: User, at: datetime) -> ClosedYear:
    """Close the year for entry; nothing happens if it is closed."""
    closed, _is_new = ClosedYear.objects.get_or_create(
        starts_on=year.starts_on,
        ends_on=year.ends_on,
        reopened_at=None,
        defaults={"label": year.label, "closed_by": by, "closed_at": at},
    )
    return closed


def reopen_year(year: Period, *, by: User, at: datetime) -> None:
    closed = ClosedYear.objects.filter(
        starts_on=year.starts_on, ends_on=year.ends_on, reopened_at=None
    )
    closed.update(reopened_by=by, reopened_at=at)

"""Citations of records: enough to recognise a record after it has changed.

A citation has no notes, summaries or amounts, as everyone who reads the report may read it.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.conf import settings
from django.db.models import F, Manager, Max, QuerySet
from django.utils.translation import override

from indicators.counting.date_rules import (
    DateRange,
    DateRule,
    IssuedReportingYear,
    ReportingYear,
    SingleDate,
)
from indicators.counting.numbers import read_number
from indicators.counting.registry import DimensionPath, RecordSource
from indicators.counting.rules import (
    build_value_test,
    dimension_path,
    record_source,
)
from indicators.models import CitedChange, Decision, Record
from indicators.models.reading.confidentiality import (
    OTHER_COUNTRIES,
    get_other_countries_name,
    is_pseudonym,
)
from reporting.figures.measures import Actual
from reporting.models import AnnualReport, ReportedEvidence
from strategy.choices import COUNTRY_DIMENSIONS, Dimension, Measure, RecordKind
from strategy.models import Country, Office, Plan, Target, TargetGroup

_TERMS = ("numerator", "denominator")

LANGUAGES = tuple(code for code, _name in settings.LANGUAGES)

MultilingualText = dict[str, str]
"""One text by the code of its language."""


@dataclass(frozen=True, slots=True)
class Citation:
    """One record as cited, with names in the active language. Dates are as entered.

    ``country_codes`` belong to ``countries``; ``codes`` are the record's values on the target's
    dimension. ``numerator`` and ``denominator`` are what it adds to a share.
    """

    kind: RecordKind
    reference: str
    title: str
    begins: str
    ends: str
    year: str
    countries: tuple[str, ...]
    office: str
    link: str
    country_codes: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    numerator: Decimal | None = None
    denominator: Decimal | None = None

    @property
    def is_confidential(self) -> bool:
        return is_pseudonym(self.reference)

    @property
    def name(self) -> str:
        """The reference; empty for a confidential record."""
        return "" if self.is_confidential else self.reference

    @property
    def is_reversed(self) -> bool:
        return self.kind == RecordKind.DECISION and bool(self.ends)


def read_translations(row: object, field: str) -> MultilingualText:
    """Return a translated column by language, without the empty ones."""
    texts = ((code, getattr(row, f"{field}_{code}", None)) for code in LANGUAGES)
    return {code: text for code, text in texts if text}


def load_labels(actual: Actual) -> dict[str, MultilingualText]:
    dimension = actual.target.dimension
    if not dimension or not actual.measurement.slices:
        return {}
    path = record_source(actual.target).paths[Dimension(dimension)]
    labels: dict[str, MultilingualText] = {}
    for language in LANGUAGES:
        with override(language):
            labels.setdefault(OTHER_COUNTRIES, {})[language] = get_other_countries_name()
            for code, label in path.labels(actual.target.plan).items():
                labels.setdefault(code, {})[language] = str(label)
    return labels


def find_citing_years(kind: RecordKind, references: Collection[str]) -> Mapping[str, Sequence[str]]:
    """Return the labels of the years whose issued reports cite a reference, by reference."""
    cited = ReportedEvidence.objects.filter(record_kind=kind, reference__in=references)
    rows = cited.order_by().values_list("reference", "actual__objective__priority__report__year")
    years: dict[str, list[str]] = defaultdict(list)
    for reference, year in rows.distinct():
        years[reference].append(year)
    return years


def load_changes_since_report(plan: Plan) -> Sequence[CitedChange]:
    """Return the changes of cited records since the plan's last issue, which it restates."""
    last = AnnualReport.objects.filter(plan=plan).aggregate(at=Max("issued_at"))["at"]
    if last is None:
        return ()
    return list(CitedChange.objects.filter(at__gt=last).select_related("by"))


def build_citations(actual: Actual) -> Iterator[ReportedEvidence]:
    """Yield an unsaved citation of each counted record, in about four queries."""
    target, source = actual.target, record_source(actual.target)
    path = dimension_path(target) if target.dimension else None
    counts_value = build_value_test(target)
    add_terms = _read_terms(actual)
    confidential: list[ReportedEvidence] = []
    hidden = set(actual.evidence.hidden_from(None).values_list("pk", flat=True))
    for record in _with_cited_relations(actual.evidence, source, path):
        codes = sorted(code for code in _list_codes(record, path) if counts_value(code))
        if record.pk in hidden:
            # In no order of their days.
            confidential.append(_cite_confidential(record, target, codes, add_terms(record)))
            continue
        begins, ends, year = _get_dates(record, source.date_rule)
        if isinstance(record, Decision) and record.is_reversed_by(actual.window.as_of):
            ends = str(record.reversed_on)
        yield ReportedEvidence(
            record_kind=record.KIND,
            reference=record.reference,
            # The name of a record with an amount contains the amount, which is not cited.
            title=year if source.amount else record.name,
            begins=begins,
            ends=ends,
            year=year,
            countries=list(dict.fromkeys(_list_country_codes(record, source))),
            codes=codes,
            office=record.office.code,
            link=next((item.url for item in record.evidence.all() if item.url), ""),
            **add_terms(record),
        )
    yield from sorted(confidential, key=lambda citation: citation.reference)


def _cite_confidential(
    record: Record, target: Target, codes: list[str], terms: Mapping[str, Decimal]
) -> ReportedEvidence:
    """Return the citation of a record of which a report tells only what it adds to the figure."""
    is_of_country = target.dimension in COUNTRY_DIMENSIONS
    return ReportedEvidence(
        record_kind=record.KIND,
        reference=record.pseudonym,
        codes=[] if is_of_country else codes,
        **terms,
    )


def _read_terms(actual: Actual) -> Callable[[Record], dict[str, Decimal]]:
    """Return what each record adds to the numerator and the denominator of the figure.

    Nothing for counts, nor for growth: its amounts are not cited.
    """
    target = actual.target
    if target.measure == Measure.SHARE:
        met = set(actual.numerator_evidence.values_list("pk", flat=True))
        return lambda record: dict(
            zip(_TERMS, (Decimal(record.pk in met), Decimal(1)), strict=True)
        )
    if target.is_judged:
        numbers = {step.pk: Decimal(step.number) for step in target.steps}
        found = dict(actual.evidence.order_by().values_list("pk", F("step")))
        return lambda record: {"numerator": numbers[found[record.pk]]}
    if not target.number_columns or target.measure == Measure.GROWTH:
        return lambda record: {}
    columns = [read_number(target, column) for column in target.number_columns]
    rows = actual.evidence.order_by().values_list("pk", *columns)
    terms = {pk: map(Decimal, numbers) for pk, *numbers in rows}
    return lambda record: dict(zip(_TERMS, terms[record.pk], strict=False))


def load_names(
    citations: Iterable[ReportedEvidence], countries: Iterable[str], groups: Iterable[str]
) -> dict[str, dict[str, MultilingualText]]:
    countries, offices = {*countries}, set[str]()
    for citation in citations:
        countries.update(citation.countries)
        offices.add(citation.office)
    return {
        "countries": _map_names(Country.objects.filter(code__in=countries))
        | (_name_others() if OTHER_COUNTRIES in countries else {}),
        "offices": _map_names(Office.objects.filter(code__in=offices)),
        "target_groups": _map_names(TargetGroup.objects.filter(code__in=set(groups))),
    }


def _name_others() -> dict[str, MultilingualText]:
    names: MultilingualText = {}
    for language in LANGUAGES:
        with override(language):
            names[language] = get_other_countries_name()
    return {OTHER_COUNTRIES: names}


def _map_names(
    rows: Iterable[Country] | Iterable[Office] | Iterable[TargetGroup],
) -> dict[str, MultilingualText]:
    return {row.code: read_translations(row, "name") for row in rows}


def _list_country_columns(source: RecordSource) -> list[str]:
    columns = [path.column for path in source.country_paths]
    return sorted(columns, key=lambda name: bool(source.model._meta.get_field(name).many_to_many))


def _with_cited_relations(
    records: QuerySet[Record], source: RecordSource, path: DimensionPath | None
) -> QuerySet[Record]:
    one, many = ["office"], ["evidence"]
    for name in dict.fromkeys([*_list_country_columns(source), *([path.column] if path else [])]):
        column = source.model._meta.get_field(name)
        if column.is_relation:
            (many if column.many_to_many else one).append(name)
    return (
        records.select_related(*one)
        .prefetch_related(*many)
        .order_by(source.date_rule.column, "reference")
    )


def _list_country_codes(record: Record, source: RecordSource) -> Iterator[str]:
    for name in _list_country_columns(source):
        value = getattr(record, name)
        if isinstance(value, Country):
            yield value.code
        elif isinstance(value, Manager):
            yield from (country.code for country in value.all())


def _list_codes(record: Record, path: DimensionPath | None) -> Iterator[str]:
    value = getattr(record, path.column) if path else None
    if isinstance(value, Manager):
        yield from (row.code for row in value.all())
    elif value:
        yield getattr(value, "code", str(value))


def _get_dates(record: Record, date_rule: DateRule) -> tuple[str, str, str]:
    match date_rule:
        case DateRange(start, end):
            columns = (start, end, "")
        case SingleDate(day):
            columns = (day, "", "")
        case ReportingYear(year):
            columns = ("", "", year)
        case IssuedReportingYear(year, issued):
            columns = (issued, "", year)
        case _:
            raise TypeError(f"How to cite the dates of {date_rule!r} is not written down.")
    begins, ends, label = (str(getattr(record, name) or "") if name else "" for name in columns)
    return begins, ends, label

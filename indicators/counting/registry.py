"""Where the records of each kind are, when they happened, and how a plan's words reach into them.

A target names a kind and dimensions by words; RECORD_SOURCES gives the words their tables and
columns. Which of the records count is ``indicators.counting.rules``; what they add up to,
``reporting.figures.measures``.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from django.db.models import (
    Exists,
    ManyToManyField,
    Model,
    OuterRef,
    Q,
    QuerySet,
    TextChoices,
)

from indicators.models import (
    ActionReport,
    Activity,
    AnnualBudget,
    CountrySupport,
    Decision,
    Event,
    Initiative,
    Network,
    PolicyUpdate,
    Project,
    Record,
    SectorStrengthened,
    Sponsor,
)
from strategy.choices import (
    BudgetBasis,
    CountrySupportType,
    Dimension,
    EventKind,
    EventRole,
    Instrument,
    NetworkSupportType,
    Reason,
    RecordKind,
    Scope,
    SectorState,
    SponsorType,
)
from strategy.dates.periods import Period, Window
from strategy.models import (
    Capability,
    Country,
    FieldOfActivity,
    Indicator,
    Plan,
    PolicyArea,
    Sector,
    TargetGroup,
)


class DateRule(Protocol):
    """When a record happened, asked in the three ways that counting asks it."""

    @property
    def column(self) -> str:
        """The column from whose day on the record counts."""

    def has_date(self) -> Q:
        """It has the date without which it can never count."""

    def overlaps(self, period: Period, plan: Plan) -> Q:
        """It falls in the period (counting rules 1.3 and 1.4)."""

    def has_begun(self, window: Window, plan: Plan) -> Q:
        """It had happened at the end of the as-of day (counting rule 1.5)."""

    def counts_in(self, window: Window, plan: Plan) -> Q:
        """All three at once, in as few comparisons as they need."""


@dataclass(frozen=True)
class DateRange:
    """From a start to an end, or still going on: counts where it overlaps the period."""

    start: str = "starts_on"
    end: str = "ends_on"

    @property
    def column(self) -> str:
        return self.start

    def has_date(self) -> Q:
        return Q(**{f"{self.start}__isnull": False})

    def overlaps(self, period: Period, plan: Plan) -> Q:
        begun = Q(**{f"{self.start}__surely_by": period.ends_on})
        unfinished = Q(**{f"{self.end}__isnull": True})
        return begun & (unfinished | Q(**{f"{self.end}__surely_from": period.starts_on}))

    def has_begun(self, window: Window, plan: Plan) -> Q:
        return Q(**{f"{self.start}__surely_by": window.as_of})

    def counts_in(self, window: Window, plan: Plan) -> Q:
        return self.overlaps(window.as_known, plan)


@dataclass(frozen=True)
class SingleDate:
    """One day: counts by that date."""

    column: str = "occurred_on"

    def has_date(self) -> Q:
        return Q(**{f"{self.column}__isnull": False})

    def overlaps(self, period: Period, plan: Plan) -> Q:
        return Q(
            **{
                f"{self.column}__surely_by": period.ends_on,
                f"{self.column}__maybe_from": period.starts_on,
            }
        )

    def has_begun(self, window: Window, plan: Plan) -> Q:
        return Q(**{f"{self.column}__surely_by": window.as_of})

    def counts_in(self, window: Window, plan: Plan) -> Q:
        return self.overlaps(window.as_known, plan)


@dataclass(frozen=True)
class ReportingYear:
    """A whole reporting year, from its first day on."""

    column: str = "year"

    def has_date(self) -> Q:
        return ~Q(**{self.column: ""})

    def overlaps(self, period: Period, plan: Plan) -> Q:
        years = [y.label for y in (plan.year_before, *plan.years) if y.overlaps(period)]
        return Q(**{f"{self.column}__in": years})

    def has_begun(self, window: Window, plan: Plan) -> Q:
        begun = (y for y in (plan.year_before, *plan.years) if y.starts_on <= window.as_of)
        return Q(**{f"{self.column}__in": [year.label for year in begun]})

    def counts_in(self, window: Window, plan: Plan) -> Q:
        return self.overlaps(window.period, plan) & self.has_begun(window, plan)


@dataclass(frozen=True)
class IssuedReportingYear:
    """The reporting year that it covers, from the day of its issue on."""

    year: str = "year_covered"
    column: str = "issued_on"

    def has_date(self) -> Q:
        return ~Q(**{self.year: ""}) & Q(**{f"{self.column}__isnull": False})

    def overlaps(self, period: Period, plan: Plan) -> Q:
        return Q(**{f"{self.year}__in": [y.label for y in plan.years if y.overlaps(period)]})

    def has_begun(self, window: Window, plan: Plan) -> Q:
        return Q(**{f"{self.column}__surely_by": window.as_of})

    def counts_in(self, window: Window, plan: Plan) -> Q:
        return self.overlaps(window.period, plan) & self.has_begun(window, plan)


ReferenceRow = (
    Capability | Country | FieldOfActivity | Indicator | PolicyArea | Sector | TargetGroup
)
"""A row of reference data or of the plan that records name by its code."""


@dataclass(frozen=True)
class DimensionPath:
    """How records are told apart by one dimension.

    ``column`` is the record's field; ``words`` the rows or the closed list that its values are
    of; ``reason`` why a record is left out whose values a target does not want.
    """

    column: str
    words: type[ReferenceRow] | type[TextChoices]
    reason: Reason
    word_column: str = "name"

    @property
    def lookup(self) -> str:
        """The look-up from a record to the code of its value."""
        return self.column if issubclass(self.words, TextChoices) else f"{self.column}__code"

    def keys(self, codes: Iterable[str]) -> QuerySet[Any] | list[str]:
        """What the column holds for these codes: the codes, or the rows that have them."""
        if issubclass(self.words, TextChoices):
            return list(codes)
        return self.words.objects.filter(code__in=list(codes)).order_by().values("pk")

    def words_by_key(self) -> dict[Any, tuple[str, str]]:
        """What the column holds -> the code and the word for it, in the reader's language."""
        if issubclass(self.words, TextChoices):
            return {value: (str(value), str(label)) for value, label in self.words.choices}
        rows = self.words.objects.order_by().values_list("pk", "code", self.word_column)
        return {key: (code, word) for key, code, word in rows}

    def labels(self) -> dict[str, str]:
        """Code -> word, in the reader's language."""
        return dict(self.words_by_key().values())


@dataclass(frozen=True)
class RecordSource:
    """Where the records of one kind are, when they happened, and by what they are told apart."""

    model: type[Record]
    date_rule: DateRule
    paths: Mapping[Dimension, DimensionPath] = field(default_factory=dict)
    amount: str = ""

    def with_value(
        self, path: DimensionPath, codes: Iterable[str] | None, *, outside: bool = False
    ) -> Q:
        """Records with a value on the path: any, one of ``codes``, or one that is not of them."""
        column = self.model._meta.get_field(path.column)
        if not isinstance(column, ManyToManyField):
            present = Q(**{f"{path.column}__isnull": False})
            if codes is None:
                return present
            listed = Q(**{f"{path.column}__in": path.keys(codes)})
            return present & ~listed if outside else listed
        links, key = self.links(column)
        if codes is not None:
            listed = Q(**{f"{key}__in": path.keys(codes)})
            links = links.exclude(listed) if outside else links.filter(listed)
        return Q(Exists(links))

    def links(self, column: "ManyToManyField[Any, Any]") -> tuple[QuerySet[Any], str]:
        """The rows that say which values a record has in the column, and their key of a value."""
        links: QuerySet[Model] = QuerySet(column.remote_field.through)
        own = links.filter(**{column.m2m_field_name(): OuterRef("pk")})
        return own, column.m2m_reverse_field_name()


_COUNTRY = DimensionPath("country", Country, Reason.OUTSIDE_GEOGRAPHY)
_COUNTRIES = DimensionPath("countries", Country, Reason.OUTSIDE_GEOGRAPHY)

RECORD_SOURCES: Mapping[RecordKind, RecordSource] = {
    RecordKind.PROJECT: RecordSource(Project, DateRange()),
    RecordKind.INITIATIVE: RecordSource(
        Initiative,
        DateRange(),
        {
            Dimension.COUNTRY: _COUNTRIES,
            Dimension.FIELD_OF_ACTIVITY: DimensionPath(
                "fields_of_activity", FieldOfActivity, Reason.NO_FIELD
            ),
            Dimension.TARGET_GROUP: DimensionPath("target_groups", TargetGroup, Reason.NO_VALUE),
            Dimension.CAPABILITY: DimensionPath("kinds", Capability, Reason.KIND_NOT_COUNTED),
            Dimension.SCOPE: DimensionPath("scope", Scope, Reason.OUTSIDE_GEOGRAPHY),
        },
    ),
    RecordKind.ACTIVITY: RecordSource(
        Activity,
        DateRange(),
        {
            Dimension.COUNTRY: _COUNTRY,
            Dimension.CAPABILITY: DimensionPath("kind", Capability, Reason.KIND_NOT_COUNTED),
        },
    ),
    RecordKind.COUNTRY_SUPPORT: RecordSource(
        CountrySupport,
        DateRange(),
        {
            Dimension.COUNTRY: _COUNTRY,
            Dimension.SUPPORT: DimensionPath(
                "support", CountrySupportType, Reason.KIND_NOT_COUNTED
            ),
        },
    ),
    RecordKind.DECISION: RecordSource(
        Decision,
        SingleDate(),
        {
            Dimension.COUNTRY: DimensionPath(
                "countries_concerned", Country, Reason.OUTSIDE_GEOGRAPHY
            ),
            Dimension.AUTHORITY_COUNTRY: DimensionPath(
                "authority_country", Country, Reason.OUTSIDE_GEOGRAPHY
            ),
            Dimension.INSTRUMENT: DimensionPath("instrument", Instrument, Reason.KIND_NOT_COUNTED),
        },
    ),
    RecordKind.NETWORK: RecordSource(
        Network,
        DateRange(),
        {
            Dimension.COUNTRY: _COUNTRIES,
            Dimension.SUPPORT: DimensionPath(
                "support", NetworkSupportType, Reason.KIND_NOT_COUNTED
            ),
        },
    ),
    RecordKind.EVENT: RecordSource(
        Event,
        SingleDate(),
        {
            Dimension.COUNTRY: _COUNTRY,
            Dimension.EVENT_ROLE: DimensionPath("role", EventRole, Reason.ROLE_NOT_COUNTED),
            Dimension.EVENT_KIND: DimensionPath("kind", EventKind, Reason.KIND_NOT_COUNTED),
        },
    ),
    RecordKind.SECTOR_STRENGTHENED: RecordSource(
        SectorStrengthened,
        SingleDate(),
        {
            Dimension.COUNTRY: _COUNTRY,
            Dimension.SECTOR: DimensionPath("sector", Sector, Reason.NO_VALUE),
            Dimension.STAGE: DimensionPath("state", SectorState, Reason.NOT_IN_USE),
        },
    ),
    RecordKind.SPONSOR: RecordSource(
        Sponsor,
        SingleDate("first_agreement_on"),
        {
            Dimension.SPONSOR_TYPE: DimensionPath(
                "sponsor_type", SponsorType, Reason.KIND_NOT_COUNTED
            ),
        },
    ),
    RecordKind.ANNUAL_BUDGET: RecordSource(
        AnnualBudget,
        ReportingYear(),
        {Dimension.BUDGET_BASIS: DimensionPath("basis", BudgetBasis, Reason.BASIS_NOT_COUNTED)},
        amount="amount",
    ),
    RecordKind.ACTION_REPORT: RecordSource(
        ActionReport,
        IssuedReportingYear(),
        {
            Dimension.INDICATOR: DimensionPath(
                "filed_under", Indicator, Reason.OTHER_INDICATOR, "statement"
            )
        },
    ),
    RecordKind.POLICY_UPDATE: RecordSource(
        PolicyUpdate,
        SingleDate(),
        {Dimension.POLICY_AREA: DimensionPath("areas", PolicyArea, Reason.NO_VALUE)},
    ),
}

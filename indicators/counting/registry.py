"""Where the records of each kind are, when they happened, and how a plan's words reach into them.

A target names a kind and dimensions by words; SOURCES gives the words their tables and columns.
Which of the records count is ``indicators.counting.rules``; what they add up to,
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
    CountrySupportForm,
    Dimension,
    EventKind,
    EventRole,
    Instrument,
    NetworkSupportForm,
    Reason,
    RecordKind,
    Scope,
    SponsorType,
    Stage,
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


class Timing(Protocol):
    """When a record happened, asked in the three ways that counting asks it."""

    @property
    def column(self) -> str:
        """The column from whose day on the record counts."""

    def dated(self) -> Q:
        """It has the date without which it can never count."""

    def within(self, period: Period, plan: Plan) -> Q:
        """It falls in the period (counting rules 1.3 and 1.4)."""

    def by(self, window: Window, plan: Plan) -> Q:
        """It had happened at the end of the as-of day (counting rule 1.5)."""

    def counts(self, window: Window, plan: Plan) -> Q:
        """All three at once, in as few comparisons as they need."""


@dataclass(frozen=True)
class Span:
    """From a start to an end, or still going on: counts where it overlaps the period."""

    start: str = "starts_on"
    end: str = "ends_on"

    @property
    def column(self) -> str:
        return self.start

    def dated(self) -> Q:
        return Q(**{f"{self.start}__isnull": False})

    def within(self, period: Period, plan: Plan) -> Q:
        begun = Q(**{f"{self.start}__surely_by": period.ends_on})
        unfinished = Q(**{f"{self.end}__isnull": True})
        return begun & (unfinished | Q(**{f"{self.end}__surely_from": period.starts_on}))

    def by(self, window: Window, plan: Plan) -> Q:
        return Q(**{f"{self.start}__surely_by": window.as_of})

    def counts(self, window: Window, plan: Plan) -> Q:
        return self.within(window.as_known, plan)


@dataclass(frozen=True)
class Day:
    """One day: counts by that date."""

    column: str = "occurred_on"

    def dated(self) -> Q:
        return Q(**{f"{self.column}__isnull": False})

    def within(self, period: Period, plan: Plan) -> Q:
        return Q(
            **{
                f"{self.column}__surely_by": period.ends_on,
                f"{self.column}__maybe_from": period.starts_on,
            }
        )

    def by(self, window: Window, plan: Plan) -> Q:
        return Q(**{f"{self.column}__surely_by": window.as_of})

    def counts(self, window: Window, plan: Plan) -> Q:
        return self.within(window.as_known, plan)


@dataclass(frozen=True)
class ForYear:
    """A whole reporting year, from its first day on."""

    column: str = "year"

    def dated(self) -> Q:
        return ~Q(**{self.column: ""})

    def within(self, period: Period, plan: Plan) -> Q:
        years = [y.label for y in (plan.year_before, *plan.years) if y.overlaps(period)]
        return Q(**{f"{self.column}__in": years})

    def by(self, window: Window, plan: Plan) -> Q:
        begun = (y for y in (plan.year_before, *plan.years) if y.starts_on <= window.as_of)
        return Q(**{f"{self.column}__in": [year.label for year in begun]})

    def counts(self, window: Window, plan: Plan) -> Q:
        return self.within(window.period, plan) & self.by(window, plan)


@dataclass(frozen=True)
class ForYearOnceIssued:
    """The reporting year that it covers, from the day of its issue on."""

    year: str = "year_covered"
    column: str = "issued_on"

    def dated(self) -> Q:
        return ~Q(**{self.year: ""}) & Q(**{f"{self.column}__isnull": False})

    def within(self, period: Period, plan: Plan) -> Q:
        return Q(**{f"{self.year}__in": [y.label for y in plan.years if y.overlaps(period)]})

    def by(self, window: Window, plan: Plan) -> Q:
        return Q(**{f"{self.column}__surely_by": window.as_of})

    def counts(self, window: Window, plan: Plan) -> Q:
        return self.within(window.period, plan) & self.by(window, plan)


@dataclass(frozen=True)
class Facet:
    """How records are told apart by one dimension.

    ``column`` is the record's field; ``words`` the rows or the closed list that its values are
    of; ``reason`` why a record is left out whose values a target does not want.
    """

    column: str
    words: type[Model] | type[TextChoices]
    reason: Reason
    word_column: str = "name"

    @property
    def path(self) -> str:
        """The look-up from a record to the code of its value."""
        return self.column if issubclass(self.words, TextChoices) else f"{self.column}__code"

    def keys(self, codes: Iterable[str]) -> QuerySet[Any] | list[str]:
        """What the column holds for these codes: the codes, or the rows that have them."""
        if issubclass(self.words, TextChoices):
            return list(codes)
        return self.words._default_manager.filter(code__in=list(codes)).order_by().values("pk")

    def words_by_key(self) -> dict[Any, tuple[str, str]]:
        """What the column holds -> the code and the word for it, in the reader's language."""
        if issubclass(self.words, TextChoices):
            return {value: (str(value), str(label)) for value, label in self.words.choices}
        rows = self.words._default_manager.order_by().values_list("pk", "code", self.word_column)
        return {key: (code, word) for key, code, word in rows}

    def labels(self) -> dict[str, str]:
        """Code -> word, in the reader's language."""
        return dict(self.words_by_key().values())


@dataclass(frozen=True)
class Source:
    """Where the records of one kind are, when they happened, and by what they are told apart."""

    model: type[Record]
    timing: Timing
    facets: Mapping[Dimension, Facet] = field(default_factory=dict)
    amount: str = ""

    def with_value(self, facet: Facet, codes: Iterable[str] | None, *, outside: bool = False) -> Q:
        """Records with a value on the facet: any, one of ``codes``, or one that is not of them."""
        column = self.model._meta.get_field(facet.column)
        if not isinstance(column, ManyToManyField):
            present = Q(**{f"{facet.column}__isnull": False})
            if codes is None:
                return present
            listed = Q(**{f"{facet.column}__in": facet.keys(codes)})
            return present & ~listed if outside else listed
        links, key = self.links(column)
        if codes is not None:
            listed = Q(**{f"{key}__in": facet.keys(codes)})
            links = links.exclude(listed) if outside else links.filter(listed)
        return Q(Exists(links))

    def links(self, column: "ManyToManyField[Any, Any]") -> tuple[QuerySet[Any], str]:
        """The rows that say which values a record has in the column, and their key of a value."""
        through: Any = column.remote_field.through
        links = through._default_manager.filter(**{column.m2m_field_name(): OuterRef("pk")})
        return links, column.m2m_reverse_field_name()


_COUNTRY = Facet("country", Country, Reason.OUTSIDE_GEOGRAPHY)
_COUNTRIES = Facet("countries", Country, Reason.OUTSIDE_GEOGRAPHY)

SOURCES: Mapping[RecordKind, Source] = {
    RecordKind.PROJECT: Source(Project, Span()),
    RecordKind.INITIATIVE: Source(
        Initiative,
        Span(),
        {
            Dimension.COUNTRY: _COUNTRIES,
            Dimension.FIELD_OF_ACTIVITY: Facet(
                "fields_of_activity", FieldOfActivity, Reason.NO_FIELD
            ),
            Dimension.TARGET_GROUP: Facet("target_groups", TargetGroup, Reason.NO_VALUE),
            Dimension.CAPABILITY: Facet("kinds", Capability, Reason.KIND_NOT_COUNTED),
            Dimension.SCOPE: Facet("scope", Scope, Reason.OUTSIDE_GEOGRAPHY),
        },
    ),
    RecordKind.ACTIVITY: Source(
        Activity,
        Span(),
        {
            Dimension.COUNTRY: _COUNTRY,
            Dimension.CAPABILITY: Facet("kind", Capability, Reason.KIND_NOT_COUNTED),
        },
    ),
    RecordKind.COUNTRY_SUPPORT: Source(
        CountrySupport,
        Span(),
        {
            Dimension.COUNTRY: _COUNTRY,
            Dimension.SUPPORT: Facet("support", CountrySupportForm, Reason.KIND_NOT_COUNTED),
        },
    ),
    RecordKind.DECISION: Source(
        Decision,
        Day(),
        {
            Dimension.COUNTRY: Facet("countries_concerned", Country, Reason.OUTSIDE_GEOGRAPHY),
            Dimension.AUTHORITY_COUNTRY: Facet(
                "authority_country", Country, Reason.OUTSIDE_GEOGRAPHY
            ),
            Dimension.INSTRUMENT: Facet("instrument", Instrument, Reason.KIND_NOT_COUNTED),
        },
    ),
    RecordKind.NETWORK: Source(
        Network,
        Span(),
        {
            Dimension.COUNTRY: _COUNTRIES,
            Dimension.SUPPORT: Facet("support", NetworkSupportForm, Reason.KIND_NOT_COUNTED),
        },
    ),
    RecordKind.EVENT: Source(
        Event,
        Day(),
        {
            Dimension.COUNTRY: _COUNTRY,
            Dimension.EVENT_ROLE: Facet("role", EventRole, Reason.ROLE_NOT_COUNTED),
            Dimension.EVENT_KIND: Facet("kind", EventKind, Reason.KIND_NOT_COUNTED),
        },
    ),
    RecordKind.SECTOR_STRENGTHENED: Source(
        SectorStrengthened,
        Day(),
        {
            Dimension.COUNTRY: _COUNTRY,
            Dimension.SECTOR: Facet("sector", Sector, Reason.NO_VALUE),
            Dimension.STAGE: Facet("state", Stage, Reason.NOT_IN_USE),
        },
    ),
    RecordKind.SPONSOR: Source(
        Sponsor,
        Day("first_agreement_on"),
        {
            Dimension.SPONSOR_TYPE: Facet("sponsor_type", SponsorType, Reason.KIND_NOT_COUNTED),
        },
    ),
    RecordKind.ANNUAL_BUDGET: Source(
        AnnualBudget,
        ForYear(),
        {Dimension.BUDGET_BASIS: Facet("basis", BudgetBasis, Reason.BASIS_NOT_COUNTED)},
        amount="amount",
    ),
    RecordKind.ACTION_REPORT: Source(
        ActionReport,
        ForYearOnceIssued(),
        {Dimension.INDICATOR: Facet("filed_under", Indicator, Reason.OTHER_INDICATOR, "statement")},
    ),
    RecordKind.POLICY_UPDATE: Source(
        PolicyUpdate, Day(), {Dimension.POLICY_AREA: Facet("areas", PolicyArea, Reason.NO_VALUE)}
    ),
}

"""The model, the date rule and the dimensions of each kind of record.

A target names a kind and dimensions; RECORD_SOURCES maps them to tables and columns.
``indicators.counting.rules`` selects the records that count, ``reporting.figures.measures``
calculates with them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import (
    Exists,
    ManyToManyField,
    Model,
    OuterRef,
    Q,
    QuerySet,
    TextChoices,
)
from django.utils.translation import get_language

from indicators.counting.date_rules import (
    DateRange,
    DateRule,
    IssuedReportingYear,
    ReportingYear,
    SingleDate,
)
from indicators.models import (
    ActionReport,
    Activity,
    AdvocacyStrategy,
    AnnualBudget,
    Assessment,
    CountrySupport,
    Decision,
    Evaluation,
    Event,
    Initiative,
    Lesson,
    Network,
    Partner,
    PolicyUpdate,
    Project,
    Recommendation,
    Record,
    SectorStrengthened,
    Sponsor,
    TeamYear,
)
from strategy.choices import (
    COUNTRY_DIMENSIONS,
    BudgetBasis,
    CountrySupportType,
    Dimension,
    EvaluationLevel,
    EventKind,
    EventRole,
    Instrument,
    NetworkSupportType,
    NumberColumn,
    Reason,
    RecordKind,
    Scope,
    SectorState,
    SponsorType,
)
from strategy.models import (
    Capability,
    Country,
    Feature,
    FieldOfActivity,
    Indicator,
    PartnerType,
    Plan,
    PlanPart,
    PolicyArea,
    Sector,
    TargetGroup,
)
from strategy.plan.cache import PlanCache

ReferenceRow = (
    Capability
    | Country
    | Feature
    | FieldOfActivity
    | Indicator
    | PartnerType
    | PolicyArea
    | Sector
    | TargetGroup
)
"""A row of reference data or of the plan that records name by its code."""

_WORDS: PlanCache[
    tuple[type[ReferenceRow], str, int | None, str | None], Mapping[Any, tuple[str, str]]
] = PlanCache(100)
"""The words of a dimension in a language, by the values that records hold."""


@dataclass(frozen=True)
class DimensionPath:
    """The way from a record to its values on one dimension.

    ``column`` is the record's field; ``words`` the model or the choices of its values; ``reason``
    the exclusion reason of a record without a value that the target counts.
    """

    column: str
    words: type[ReferenceRow] | type[TextChoices]
    reason: Reason
    word_column: str = "name"

    @property
    def lookup(self) -> str:
        return self.column if issubclass(self.words, TextChoices) else f"{self.column}__code"

    def keys(self, codes: Iterable[str], plan: Plan | None) -> QuerySet[Any] | list[str]:
        """Return the stored values for codes: the codes themselves, or primary keys."""
        if issubclass(self.words, TextChoices):
            return list(codes)
        return self._rows(self.words, plan).filter(code__in=list(codes)).values("pk")

    def words_by_key(self, plan: Plan | None = None) -> Mapping[Any, tuple[str, str]]:
        """Map stored values to their codes and labels, in the active language."""
        words = self.words
        if issubclass(words, TextChoices):
            return {value: (str(value), str(label)) for value, label in words.choices}
        key = words, self.word_column, plan.pk if plan else None, get_language()
        return _WORDS.get(key, lambda: self._load_words(words, plan))

    def _load_words(
        self, words: type[ReferenceRow], plan: Plan | None
    ) -> Mapping[Any, tuple[str, str]]:
        rows = self._rows(words, plan).values_list("pk", "code", self.word_column)
        return {key: (code, word) for key, code, word in rows}

    def labels(self, plan: Plan | None = None) -> dict[str, str]:
        return dict(self.words_by_key(plan).values())

    def _rows(self, words: type[ReferenceRow], plan: Plan | None) -> QuerySet[Any]:
        # Two plans may have an indicator 3.1: only the plan's own is meant.
        if plan is not None and issubclass(words, PlanPart):
            return words.objects.of_plan(plan).order_by()
        return words.objects.order_by()


@dataclass(frozen=True)
class RecordSource:
    """The model, the date rule, the dimensions and the numbers of one kind of record.

    ``amount`` is a number in the record's currency. Each of the ``numbers`` is the sum of fields.
    """

    model: type[Record]
    date_rule: DateRule
    paths: Mapping[Dimension, DimensionPath] = field(default_factory=dict)
    amount: str = ""
    numbers: Mapping[NumberColumn, tuple[str, ...]] = field(default_factory=dict)
    project_path: tuple[str, ...] | None = None
    """The columns from a record to its project; empty for a project, None without any.

    A column of text holds the references of several projects.
    """

    @property
    def country_paths(self) -> list[DimensionPath]:
        return [path for dimension, path in self.paths.items() if dimension in COUNTRY_DIMENSIONS]

    def with_value(
        self,
        path: DimensionPath,
        codes: Iterable[str] | None,
        *,
        plan: Plan | None = None,
        outside: bool = False,
    ) -> Q:
        """Return the condition for a value: any, one of ``codes``, or (``outside``) another one.

        ``plan`` is the plan of codes that belong to one, such as those of indicators.
        """
        column = self.model._meta.get_field(path.column)
        if not isinstance(column, ManyToManyField):
            is_present = Q(**{f"{path.column}__isnull": False})
            if codes is None:
                return is_present
            has_code = Q(**{f"{path.column}__in": path.keys(codes, plan)})
            return is_present & ~has_code if outside else has_code
        links, key = self.links(column)
        if codes is not None:
            has_code = Q(**{f"{key}__in": path.keys(codes, plan)})
            links = links.exclude(has_code) if outside else links.filter(has_code)
        return Q(Exists(links))

    def links(self, column: "ManyToManyField[Any, Any]") -> tuple[QuerySet[Model], str]:
        """Return the rows that link a record with its values, and their column of the value."""
        links: QuerySet[Model] = QuerySet(column.remote_field.through)
        own = links.filter(**{column.m2m_field_name(): OuterRef("pk")})
        return own, column.m2m_reverse_field_name()


_COUNTRY = DimensionPath("country", Country, Reason.OUTSIDE_GEOGRAPHY)
_COUNTRIES = DimensionPath("countries", Country, Reason.OUTSIDE_GEOGRAPHY)
_FEATURES = DimensionPath("features", Feature, Reason.NO_VALUE)
_LEVEL = DimensionPath("level", EvaluationLevel, Reason.KIND_NOT_COUNTED)

RECORD_SOURCES: Mapping[RecordKind, RecordSource] = {
    RecordKind.PROJECT: RecordSource(
        Project, DateRange(), {Dimension.FEATURE: _FEATURES}, project_path=()
    ),
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
        project_path=("project",),
    ),
    RecordKind.ACTIVITY: RecordSource(
        Activity,
        DateRange(),
        {
            Dimension.COUNTRY: _COUNTRY,
            Dimension.CAPABILITY: DimensionPath("kind", Capability, Reason.KIND_NOT_COUNTED),
        },
        numbers={
            NumberColumn.PEOPLE: ("women", "men", "sex_not_recorded"),
            NumberColumn.WOMEN: ("women",),
            NumberColumn.MEN: ("men",),
            NumberColumn.CHILDREN: ("girls", "boys", "children_sex_not_recorded"),
            NumberColumn.GIRLS: ("girls",),
            NumberColumn.BOYS: ("boys",),
        },
        project_path=("initiative", "project"),
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
        project_path=("project",),
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
        project_path=("initiative", "project"),
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
        numbers={NumberColumn.AMOUNT: ("amount",)},
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
    RecordKind.EVALUATION: RecordSource(
        Evaluation,
        SingleDate("completed_on"),
        {Dimension.EVALUATION_LEVEL: _LEVEL},
        project_path=("project",),
    ),
    RecordKind.RECOMMENDATION: RecordSource(
        Recommendation, SingleDate("done_on"), project_path=("evaluation", "project")
    ),
    RecordKind.LESSON: RecordSource(
        Lesson, ReportingYear(), {Dimension.EVALUATION_LEVEL: _LEVEL}, project_path=("project",)
    ),
    RecordKind.PARTNER: RecordSource(
        Partner,
        DateRange(),
        {
            Dimension.COUNTRY: _COUNTRIES,
            Dimension.PARTNER_TYPE: DimensionPath(
                "partner_type", PartnerType, Reason.KIND_NOT_COUNTED
            ),
            Dimension.FEATURE: _FEATURES,
        },
        project_path=("projects",),
    ),
    RecordKind.ADVOCACY_STRATEGY: RecordSource(
        AdvocacyStrategy, DateRange(), {Dimension.COUNTRY: _COUNTRIES}
    ),
    RecordKind.TEAM_YEAR: RecordSource(
        TeamYear,
        ReportingYear(),
        numbers={
            NumberColumn.STAFF: ("staff",),
            NumberColumn.INTERNS: ("interns",),
            NumberColumn.VOLUNTEERS: ("volunteers",),
            NumberColumn.BOARD_MEMBERS: ("board_members",),
        },
    ),
    RecordKind.ASSESSMENT: RecordSource(
        Assessment,
        SingleDate("assessed_on"),
        {
            Dimension.INDICATOR: DimensionPath(
                "indicator", Indicator, Reason.OTHER_INDICATOR, "statement"
            )
        },
        numbers={
            NumberColumn.VALUE: ("value",),
            NumberColumn.NUMERATOR: ("numerator",),
            NumberColumn.DENOMINATOR: ("denominator",),
        },
    ),
}

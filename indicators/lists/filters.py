"""The conditions of a list of records, as they stand in its address."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import django_filters as filters
from django import forms
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from indicators.counting.date_rules import ReportingYear
from indicators.counting.registry import RECORD_SOURCES, RecordSource
from indicators.counting.subjects import build_condition
from indicators.models import Activity, Record, RecordQuerySet, Status
from indicators.models.kinds.learning import is_overdue, is_to_be_done
from strategy.choices import Dimension, EvaluationLevel, LessonState, RecordKind
from strategy.models import (
    Country,
    FieldOfActivity,
    Office,
    Plan,
    Subject,
    SubjectKind,
    TargetGroup,
    User,
)

Records = RecordQuerySet[Record]
Sessions = RecordQuerySet[Activity]

KIND_FILTERS: Mapping[RecordKind, tuple[str, ...]] = {
    RecordKind.ACTIVITY: ("group", "lacks", "people"),
    RecordKind.EVALUATION: ("level",),
    RecordKind.LESSON: ("level", "state"),
    RecordKind.RECOMMENDATION: ("action",),
}
"""Conditions that mean something for these kinds only, for the links of pages with figures."""

UNKNOWN_VALUE = _("“%(value)s” is not one of these. Choose from the list.")


def _choice(label: Any, **options: Any) -> filters.ChoiceFilter:
    return filters.ChoiceFilter(
        label=label,
        empty_label=_("Any"),
        error_messages={"invalid_choice": UNKNOWN_VALUE},
        **options,
    )


class RecordFilter(filters.FilterSet):
    """Search and conditions; those that mean nothing for a kind, or for a reader, are not there."""

    q = filters.CharFilter(label=_("Search"), method="matching", widget=forms.TextInput)
    status = _choice(_("Status"), choices=Status.choices)
    country = _choice(_("Country"), method="in_country")
    field = _choice(_("Field"), method="in_field")
    year = _choice(_("Year"), method="in_year")
    office = _choice(_("Office"), field_name="office__code")
    who = _choice(_("Entered by"), field_name="entered_by__username")
    waits = _choice(
        _("Waits"),
        method="waiting",
        choices=[("again", _("approved before")), ("evidence", _("without evidence"))],
        widget=forms.HiddenInput,
    )
    project = filters.CharFilter(label=_("Project"), method="in_project", widget=forms.HiddenInput)
    group = _choice(_("Target group"), method="of_group", widget=forms.HiddenInput)
    lacks = _choice(
        _("Not given"),
        method="lacking",
        choices=[("country", _("country")), ("group", _("target group"))],
        widget=forms.HiddenInput,
    )
    people = _choice(
        _("People"),
        method="recording",
        choices=[
            ("women", _("women recorded")),
            ("men", _("men recorded")),
            ("sex_not_recorded", _("some of sex not recorded")),
            ("girls", _("girls recorded")),
            ("boys", _("boys recorded")),
            ("children_sex_not_recorded", _("some children of sex not recorded")),
            ("none", _("no numbers recorded")),
        ],
        widget=forms.HiddenInput,
    )
    level = _choice(_("Level"), choices=EvaluationLevel.choices, widget=forms.HiddenInput)
    state = _choice(_("State"), choices=LessonState.choices, widget=forms.HiddenInput)
    action = _choice(
        _("Action"),
        method="to_be_done",
        choices=[("open", _("to be done")), ("overdue", _("overdue"))],
        widget=forms.HiddenInput,
    )
    began_from = filters.DateFilter(
        label=_("Began from"), method="begun_since", widget=forms.HiddenInput
    )
    began_to = filters.DateFilter(label=_("Began by"), method="begun_by", widget=forms.HiddenInput)

    def __init__(
        self,
        data: Mapping[str, Any],
        *,
        queryset: Records,
        kind: RecordKind,
        plans: Sequence[Plan],
        are_all_offices: bool,
        today: date,
        leaving_out: tuple[str, ...] = (),
    ) -> None:
        self.today = today
        self.source: RecordSource = RECORD_SOURCES[kind]
        self.years = [(plan, year) for plan in plans for year in (plan.year_before, *plan.years)]
        """The years of every plan, and the year before each."""
        super().__init__(data, queryset=queryset)
        if kind == RecordKind.ACTIVITY:
            self._offer("group", list(TargetGroup.objects.values_list("code", "name")))
        others = {name for names in KIND_FILTERS.values() for name in names}
        leaving_out = (*leaving_out, *others.difference(KIND_FILTERS.get(kind, ())))
        if isinstance(self.source.date_rule, ReportingYear):
            leaving_out = (*leaving_out, "began_from", "began_to")
        if self.source.project_path is None:
            leaving_out = (*leaving_out, "project")
        self._choose_from(queryset, are_all_offices)
        for name in leaving_out:
            self.filters.pop(name, None)

    def _choose_from(self, records: Records, are_all_offices: bool) -> None:
        keys = records.order_by()
        columns = [path.column for path in self.source.country_paths]
        countries = Country.objects.filter(_is_named_by(keys, columns, are_all_offices))
        if not columns and self.source.project_path is not None and self.data.get("country"):
            # Where the projects of these records work; only links of the country's page ask.
            countries, columns = Country.objects.all(), ["project"]
        self._offer("country", list(countries.values_list("code", "name")) if columns else [])
        fields = FieldOfActivity.objects.values_list("code", "name")
        is_told = Dimension.FIELD_OF_ACTIVITY in self.source.paths
        self._offer("field", list(fields) if is_told else [])
        years = sorted((year for _plan, year in self.years), key=lambda year: year.starts_on)
        labels = dict.fromkeys(year.label for year in years)
        self._offer("year", [(label, label) for label in labels])
        offices = Office.objects.filter(_is_named_by(keys, ["office"], are_all_offices))
        names = offices.values_list("code", "name")
        self._offer("office", list(names) if are_all_offices else [])
        people = User.objects.filter(_is_named_by(keys, ["entered_by"], are_all_offices))
        people = people.order_by("first_name").only("username", "first_name", "last_name")
        self._offer("who", [(person.username, str(person)) for person in people])

    def _offer(self, name: str, choices: list[tuple[str, str]]) -> None:
        if choices:
            self.filters[name].extra["choices"] = choices
        else:
            del self.filters[name]

    def matching(self, records: Records, name: str, value: str) -> Records:
        return records.matching(value)

    def in_country(self, records: Records, name: str, value: str) -> Records:
        return records.filter(build_condition(self.source, Subject(SubjectKind.COUNTRY, value)))

    def in_project(self, records: Records, name: str, value: str) -> Records:
        return records.filter(build_condition(self.source, Subject(SubjectKind.PROJECT, value)))

    def in_field(self, records: Records, name: str, value: str) -> Records:
        path = self.source.paths[Dimension.FIELD_OF_ACTIVITY]
        return records.filter(self.source.with_value(path, [value]))

    def of_group(self, sessions: Sessions, name: str, value: str) -> Sessions:
        return sessions.filter(initiative__target_groups__code=value)

    def lacking(self, sessions: Sessions, name: str, value: str) -> Sessions:
        if value == "group":
            return sessions.filter(initiative__target_groups__isnull=True)
        return sessions.filter(country__isnull=True)

    def recording(self, sessions: Sessions, name: str, value: str) -> Sessions:
        """Return sessions where such people are recorded, even zero; or no numbers at all."""
        if value == "none":
            return sessions.filter(women=None, men=None, sex_not_recorded=None)
        return sessions.exclude(**{value: None})

    def waiting(self, records: Records, name: str, value: str) -> Records:
        if value == "again":
            return records.awaiting_review_again()
        return records.lacking_evidence()

    def to_be_done(self, records: Records, name: str, value: str) -> Records:
        is_selected = is_overdue if value == "overdue" else is_to_be_done
        return records.filter(is_selected(self.today))

    def begun_since(self, records: Records, name: str, value: date) -> Records:
        return records.filter(**{f"{self.source.date_rule.column}__maybe_from": value})

    def begun_by(self, records: Records, name: str, value: date) -> Records:
        return records.filter(**{f"{self.source.date_rule.column}__surely_by": value})

    def in_year(self, records: Records, name: str, value: str) -> Records:
        in_year = Q()
        for plan, year in self.years:
            if year.label == value:
                in_year |= self.source.date_rule.overlaps(year, plan)
        return records.filter(in_year)


def _is_named_by(records: Records, columns: Iterable[str], are_all_offices: bool) -> Q:
    """Whether a record has the row in one of the columns.

    Among the records of every office a search for each row ends early; among those of one office
    it might read all others, and to collect their rows is faster.
    """
    is_named = Q()
    for column in columns:
        if are_all_offices:
            is_named |= Q(Exists(records.filter(**{column: OuterRef("pk")})))
        else:
            with_row = records.filter(**{f"{column}__isnull": False})
            is_named |= Q(pk__in=with_row.values(column))
    return is_named

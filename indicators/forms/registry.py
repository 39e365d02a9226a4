"""The registry of record types: for each kind its form, its list's columns and its questions.

The five record views serve every kind from this registry.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from indicators.counting.registry import RECORD_SOURCES
from indicators.forms.base import RecordForm
from indicators.forms.record_forms import RECORD_FORMS
from indicators.models import Record
from strategy.choices import RecordKind


@dataclass(frozen=True)
class RecordType:
    """The form, columns and questions of one kind of record.

    ``columns`` are a list's columns between the name and the dates. ``questions`` come first in
    the form, in this order; the kind's other columns are under "Add details". ``repeated`` are
    copied when the user asks for the answers of the last record.
    """

    kind: RecordKind
    create_label: str | Promise
    """The label of the button: "Record an initiative"."""
    about: str | Promise
    """A definition of such a record, and what it does not include."""
    columns: tuple[str, ...]
    questions: tuple[str, ...]
    repeated: tuple[str, ...] = ()

    @property
    def form(self) -> type[RecordForm]:
        return RECORD_FORMS[self.kind]

    @property
    def model(self) -> type[Record]:
        return RECORD_SOURCES[self.kind].model

    @property
    def plural_name(self) -> str:
        name = str(self.model._meta.verbose_name_plural)
        return name[:1].upper() + name[1:]

    @property
    def details(self) -> tuple[str, ...]:
        return tuple(
            name
            for name in (*self.model.COLUMNS, "notes", "confidential", "reference")
            if name not in self.questions
        )


_RECORD_TYPES = (
    RecordType(
        RecordKind.INITIATIVE,
        _("Record an initiative"),
        _(
            "One capacity-building process for one national target group. A workshop inside it "
            "is an activity."
        ),
        ("countries", "fields_of_activity"),
        ("title", "countries", "fields_of_activity", "target_groups", "starts_on"),
        ("countries", "fields_of_activity", "target_groups"),
    ),
    RecordType(
        RecordKind.ACTIVITY,
        _("Record an activity"),
        _("One session of an initiative. It is not counted itself; it says who was trained."),
        ("initiative", "country"),
        ("title", "initiative", "starts_on", "women", "men", "sex_not_recorded"),
        ("initiative",),
    ),
    RecordType(
        RecordKind.DECISION,
        _("Record a decision"),
        _(
            "A dated, documented act of a public authority. Steps towards it are no decision, "
            "and a decision that was reversed later stays one."
        ),
        ("instrument", "authority_country"),
        (
            "title",
            "instrument",
            "authority",
            "authority_country",
            "countries_concerned",
            "occurred_on",
            "contribution",
        ),
        ("authority", "authority_country"),
    ),
    RecordType(
        RecordKind.COUNTRY_SUPPORT,
        _("Record support to a country"),
        _("Advocacy, institutional or technical support to the authorities of one country."),
        ("country", "support"),
        ("title", "country", "support", "starts_on"),
        ("country", "support"),
    ),
    RecordType(
        RecordKind.EVENT,
        _("Record an event"),
        _("An event on children’s rights. Attending one is not supporting it."),
        ("role", "kind"),
        ("title", "role", "kind", "occurred_on"),
        ("role", "kind"),
    ),
    RecordType(
        RecordKind.NETWORK,
        _("Record a network"),
        _(
            "A lasting group of organisations, once each. The partners of one project, or its "
            "steering committee, are no network."
        ),
        ("support", "countries"),
        ("title", "support", "starts_on"),
        ("support",),
    ),
    RecordType(
        RecordKind.SECTOR_STRENGTHENED,
        _("Record a sector strengthened"),
        _("A product for one sector: a course, a tool. It counts once it is in use."),
        ("sector", "country", "state"),
        ("title", "sector", "country", "state", "occurred_on"),
        ("sector", "country"),
    ),
    RecordType(
        RecordKind.PROJECT,
        _("Record a project"),
        _("A funded undertaking that groups initiatives. It is not counted itself."),
        ("donors",),
        ("title", "donors", "starts_on"),
        ("donors",),
    ),
    RecordType(
        RecordKind.SPONSOR,
        _("Record a sponsor"),
        _("A funder, once each. It is new in the year of its first agreement only."),
        ("sponsor_type",),
        ("title", "first_agreement_on"),
    ),
    RecordType(
        RecordKind.ANNUAL_BUDGET,
        _("Record an annual budget"),
        _("The budget of the organisation for one year; its growth is computed from these."),
        ("amount", "currency", "basis"),
        ("year", "amount", "currency", "basis"),
        ("currency", "basis"),
    ),
    RecordType(
        RecordKind.ACTION_REPORT,
        _("Record a report on actions taken"),
        _("A report of the organisation. It counts for the year covered, once it is issued."),
        ("filed_under", "issued_on"),
        ("title", "filed_under", "year_covered", "issued_on"),
        ("filed_under",),
    ),
    RecordType(
        RecordKind.POLICY_UPDATE,
        _("Record a policy update"),
        _("A new, revised or reviewed policy of the organisation itself."),
        ("areas", "change"),
        ("title", "areas", "change", "occurred_on"),
        ("change",),
    ),
    RecordType(
        RecordKind.EVALUATION,
        _("Record an evaluation"),
        _(
            "An evaluation or a published review of a project, on the plan’s six criteria. "
            "A criterion that was not assessed has no score."
        ),
        ("project", "level"),
        ("title", "project", "level", "completed_on"),
        ("project",),
    ),
    RecordType(
        RecordKind.RECOMMENDATION,
        _("Record a recommendation"),
        _("What an evaluation recommends, the response to it and what was done. One each."),
        ("evaluation", "response", "due_on"),
        ("title", "evaluation", "addressed_to", "response", "due_on"),
        ("evaluation", "addressed_to"),
    ),
    RecordType(
        RecordKind.LESSON,
        _("Record a lesson"),
        _("What was learned from the work, and where it was applied. It needs no evaluation."),
        ("level", "state"),
        ("title", "year", "level", "learned"),
        ("year", "level"),
    ),
    RecordType(
        RecordKind.PARTNER,
        _("Record a partner"),
        _("An organisation or a group that works with IBCR, once each. A network is another kind."),
        ("partner_type", "countries"),
        ("title", "partner_type", "countries", "starts_on"),
        ("partner_type", "countries"),
    ),
    RecordType(
        RecordKind.ADVOCACY_STRATEGY,
        _("Record an advocacy strategy"),
        _(
            "Planned advocacy for one change, with its steps. A decision that follows from it is "
            "recorded apart."
        ),
        ("countries", "authority"),
        ("title", "countries", "change_sought", "authority", "steps", "starts_on"),
        ("countries", "authority"),
    ),
    RecordType(
        RecordKind.TEAM_YEAR,
        _("Record the team of a year"),
        _("Board, staff, interns and volunteers in one year, as counted. One record a year."),
        ("staff", "interns", "volunteers"),
        ("year", "board_members", "staff", "interns", "volunteers"),
    ),
    RecordType(
        RecordKind.ASSESSMENT,
        _("Record an assessment"),
        _(
            "What an indicator is on one day: a step of its rubric, a value, or how many of those"
            " asked. One record for an indicator and day."
        ),
        ("step", "value"),
        ("indicator", "assessed_on", "step", "value", "numerator", "denominator", "justification"),
        ("indicator", "assessed_on"),
    ),
)

RECORD_TYPES: Mapping[RecordKind, RecordType] = {one.kind: one for one in _RECORD_TYPES}
"""The types by kind."""


@dataclass(frozen=True)
class KindGroup:
    """The kinds of record of one part of the work, under one heading."""

    label: str | Promise
    kinds: tuple[RecordKind, ...]

    @property
    def record_types(self) -> list[RecordType]:
        return [RECORD_TYPES[kind] for kind in self.kinds]


KIND_GROUPS = (
    KindGroup(
        _("Programming"),
        (
            *(RecordKind.INITIATIVE, RecordKind.ACTIVITY, RecordKind.SECTOR_STRENGTHENED),
            *(RecordKind.PROJECT, RecordKind.PARTNER),
        ),
    ),
    KindGroup(
        _("Advocacy"),
        (
            *(RecordKind.DECISION, RecordKind.COUNTRY_SUPPORT, RecordKind.EVENT),
            *(RecordKind.NETWORK, RecordKind.ADVOCACY_STRATEGY),
        ),
    ),
    KindGroup(
        _("Learning"),
        (
            *(RecordKind.EVALUATION, RecordKind.RECOMMENDATION, RecordKind.LESSON),
            RecordKind.ASSESSMENT,
        ),
    ),
    KindGroup(
        _("Organisation"),
        (
            *(RecordKind.SPONSOR, RecordKind.ANNUAL_BUDGET, RecordKind.ACTION_REPORT),
            *(RecordKind.POLICY_UPDATE, RecordKind.TEAM_YEAR),
        ),
    ),
)
"""Every kind once, under the heading of menus; those that staff need most often come first."""

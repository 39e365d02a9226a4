"""The page of a project, a country or an office: its records, its people and its figures.

Lists and people are of the records that the user may see; the figures of targets are of all
records of the subject, as on every other page.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import CharField, Count, F, Q, Value
from django.db.models.functions import Cast

from indicators.counting.date_rules import ReportingYear
from indicators.counting.registry import RECORD_SOURCES
from indicators.counting.subjects import build_condition, has_path, select_records
from indicators.forms.registry import KIND_GROUPS, RECORD_TYPES, RecordType
from indicators.lists.addresses import RecordAddresses
from indicators.models import Activity, Project, Record, RecordQuerySet, Status
from indicators.models.reading.confidentiality import MIN_RECORDS_OF_COUNTRY, Audience
from indicators.values.display import display_dates
from indicators.workflow.queues import union_all
from reporting.figures.measures import Actual
from reporting.figures.people_trained import PeopleTrained, load_people_at
from reporting.figures.rollup import Rollup, TargetRow, build_rollup
from strategy.choices import RecordKind
from strategy.dates.periods import PartialDate
from strategy.models import Plan, Subject, SubjectKind, User
from strategy.plan.cache import read_version_once

MAX_ROWS = 8
"""Rows of the table of a kind, before the link to its list."""
MAX_EVENTS = 20


@dataclass(frozen=True)
class SubjectFigure:
    """The figure of a target for the subject alone, and for all records."""

    row: TargetRow
    whole: TargetRow


@dataclass(frozen=True)
class RecordLine:
    """A record of a table."""

    name: str
    url: str
    when: str
    status: Status


@dataclass(frozen=True)
class KindSection:
    """The records of a kind: how many are approved and how many wait, and the latest."""

    record_type: RecordType
    approved: int
    waiting: int
    rows: Sequence[RecordLine] = ()

    @property
    def is_cut(self) -> bool:
        return self.approved + self.waiting > MAX_ROWS


@dataclass(frozen=True)
class TimelineEvent:
    """An approved record with a date."""

    kind: RecordKind
    name: str
    url: str
    on: PartialDate

    @property
    def year(self) -> str:
        return self.on.text[:4]


@dataclass(frozen=True)
class SubjectPage:
    """Everything on the page of a subject."""

    subject: Subject
    figures: tuple[SubjectFigure, ...]
    sections: tuple[KindSection, ...]
    projects: tuple[Project, ...]
    """The approved projects that state how many people they reached."""
    people: PeopleTrained | None
    timeline: tuple[TimelineEvent, ...]
    own_plan: Rollup | None
    """The figures of the project's own plan, if it has one."""

    @property
    def is_empty(self) -> bool:
        """Whether no record belongs to the subject; a project itself is none."""
        own = RecordKind.PROJECT if self.subject.kind == SubjectKind.PROJECT else None
        return not any(
            section.approved or section.waiting
            for section in self.sections
            if section.record_type.kind != own
        )


@read_version_once()
def build_subject_page(subject: Subject, plan: Plan, as_of: date, user: User) -> SubjectPage:
    kinds = [kind for group in KIND_GROUPS for kind in group.kinds if has_path(kind, subject)]
    if subject.kind == SubjectKind.PROJECT:
        kinds.remove(RecordKind.PROJECT)
    addresses = RecordAddresses()
    projects = select_records(RecordKind.PROJECT, subject, user).filter(status=Status.APPROVED)
    return SubjectPage(
        subject,
        tuple(find_figures(plan, as_of, subject, user)),
        tuple(_load_sections(kinds, subject, user, addresses)),
        tuple(_select_reach(projects)),
        load_people(subject, plan, as_of, user),
        tuple(_load_timeline(kinds, subject, user, addresses)),
        _load_own_plan(subject, as_of),
    )


def load_people(subject: Subject, plan: Plan, as_of: date, user: User) -> PeopleTrained | None:
    """Return the people at the subject's approved sessions that the user may see, by the day."""
    condition = build_condition(RECORD_SOURCES[RecordKind.ACTIVITY], subject)
    sessions = Activity.objects.visible_to(user).filter(condition, status=Status.APPROVED)
    return load_people_at(sessions, plan, as_of, Project.objects.visible_to(user))


def _load_own_plan(subject: Subject, as_of: date) -> Rollup | None:
    if subject.kind != SubjectKind.PROJECT:
        return None
    plan = Plan.objects.of_project(subject.code).first()
    return build_rollup(plan, as_of) if plan else None


def find_figures(plan: Plan, as_of: date, subject: Subject, user: User) -> Iterator[SubjectFigure]:
    """Yield the targets to which records of the subject contribute, in the plan's order.

    A figure of few records, one of them hidden from the user, would tell where that record is.
    """
    audience = Audience(user)
    own = build_rollup(plan, as_of, subject, audience=audience).targets
    for row, whole in zip(own, build_rollup(plan, as_of, audience=audience).targets, strict=True):
        if row.actual.audience and _tells_hidden_record(row.actual, user):
            continue
        if row.value and has_path(RecordKind(row.target.record_kind), subject):
            yield SubjectFigure(row, whole)


def _tells_hidden_record(actual: Actual, user: User) -> bool:
    is_few = actual.evidence.count() < MIN_RECORDS_OF_COUNTRY
    return is_few and actual.evidence.hidden_from(user).exists()


def _load_sections(
    kinds: Sequence[RecordKind], subject: Subject, user: User, addresses: RecordAddresses
) -> Iterator[KindSection]:
    """Yield a section for each kind; those with records have rows, in one query each."""
    counted = union_all(
        select_records(kind, subject, user)
        .order_by()
        .values_list(Value(kind.value, output_field=CharField()))
        .annotate(
            approved=Count("pk", filter=Q(status=Status.APPROVED)),
            waiting=Count("pk", filter=Q(status=Status.SUBMITTED)),
        )
        for kind in kinds
    )
    numbers = {RecordKind(word): (approved, waiting) for word, approved, waiting in counted}
    for kind in kinds:
        approved, waiting = numbers.get(kind, (0, 0))
        rows: tuple[RecordLine, ...] = ()
        if approved or waiting:
            rows = tuple(_load_rows(kind, select_records(kind, subject, user), addresses))
        yield KindSection(RECORD_TYPES[kind], approved, waiting, rows)


def _load_rows(
    kind: RecordKind, records: RecordQuerySet[Record], addresses: RecordAddresses
) -> Iterator[RecordLine]:
    date_column = F(RECORD_SOURCES[kind].date_rule.column)
    shown = records.filter(status__in=(Status.APPROVED, Status.SUBMITTED))
    for record in shown.order_by(date_column.desc(nulls_last=True), "-pk")[:MAX_ROWS]:
        url = addresses.find(kind, record.reference)
        yield RecordLine(record.name, url, display_dates(record), Status(record.status))


def _select_reach(projects: RecordQuerySet[Record]) -> Any:
    has_number = Q(direct_people__isnull=False) | Q(indirect_people__isnull=False)
    return projects.filter(has_number).order_by("title", "pk")[:MAX_EVENTS]


def _load_timeline(
    kinds: Sequence[RecordKind], subject: Subject, user: User, addresses: RecordAddresses
) -> Iterator[TimelineEvent]:
    """Yield the latest approved records with a date, the last first, in one query."""
    dated = [
        (kind, RECORD_SOURCES[kind].date_rule)
        for kind in kinds
        if not isinstance(RECORD_SOURCES[kind].date_rule, ReportingYear)
        and hasattr(RECORD_SOURCES[kind].model, "title")
    ]
    rows = union_all(
        select_records(kind, subject, user)
        .filter(status=Status.APPROVED, **{f"{rule.column}__isnull": False})
        .order_by()
        .annotate(
            kind_word=Value(kind.value, output_field=CharField()),
            day=Cast(rule.column, CharField()),
        )
        .values_list("kind_word", "title", "reference", "day")
        for kind, rule in dated
    )
    for word, title, reference, day in rows.order_by("-day", "reference")[:MAX_EVENTS]:
        kind = RecordKind(word)
        yield TimelineEvent(kind, title, addresses.find(kind, reference), PartialDate(day))

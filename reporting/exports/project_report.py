"""The report of a project for its donor, on the outline of Global Affairs Canada's reports.

It is live: its figures are those of its as-of day when it is rendered, and nothing is sealed. Its
sections are plain texts and tables, which PDF and Word render alike.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from indicators.counting.subjects import select_records
from indicators.forms.registry import RECORD_TYPES
from indicators.models import Evaluation, Lesson, Project, Status
from indicators.values.display import display_dates, display_fields, get_label
from reporting.dashboards.results_framework import ResultsFramework, build_results_framework
from reporting.dashboards.subject_page import find_figures, load_people
from reporting.exports.framework_files import format_result, format_variance
from reporting.figures.people_trained import PEOPLE, TraineeCount
from reporting.models import ProjectNarrative
from reporting.wording import formatting
from strategy.choices import RecordKind
from strategy.models import Plan, Subject, SubjectKind, User

MAX_RECORDS = 60
"""The records of a kind in the report; it says how many more there are."""

FACTS = (
    *("donors", "amount", "currency", "starts_on", "ends_on"),
    *("gender_equality", "child_participation", "features"),
)
OUTPUTS = (
    *(RecordKind.INITIATIVE, RecordKind.ACTIVITY, RecordKind.SECTOR_STRENGTHENED),
    *(RecordKind.DECISION, RecordKind.PARTNER),
)

Row = tuple[str, ...]


@dataclass(frozen=True)
class ReportTable:
    """A table of texts; its first column heads the rows."""

    caption: str
    heads: Sequence[str]
    rows: Sequence[Row]


@dataclass(frozen=True)
class ReportSection:
    """A section with its texts, then its tables."""

    title: str
    paragraphs: Sequence[str]
    tables: Sequence[ReportTable] = ()


@dataclass(frozen=True)
class ProjectReport:
    """Everything in the report, as text of the active language."""

    title: str
    subtitle: str
    note: str
    sections: Sequence[ReportSection]


def build_project_report(project: Project, plan: Plan, as_of: date, user: User) -> ProjectReport:
    """Return the report with the figures of the project's own plan, else of ``plan``."""
    own_plan = Plan.objects.of_project(project.reference).first()
    plan = own_plan or plan
    narrative = load_narrative(project, get_language() or "")
    subject = Subject(SubjectKind.PROJECT, project.reference)
    framework = build_results_framework(own_plan, as_of) if own_plan else None
    results = (
        _list_framework(framework) if framework else [_list_figures(plan, as_of, subject, user)]
    )
    return ProjectReport(
        title=project.title,
        subtitle=_("Project report %(reference)s, as of %(day)s")
        % {"reference": project.reference, "day": formatting.format_day(as_of)},
        note=_(
            "The figures are those recorded and approved by this day; they are not sealed and may "
            "change with the records. Source: %(plan)s."
        )
        % {"plan": plan},
        sections=(
            ReportSection(_("Context"), _write(narrative.context), [_list_facts(project)]),
            ReportSection(_("Outcomes"), _write(narrative.progress), results),
            ReportSection(_("Outputs"), (), list(_list_outputs(subject, user))),
            ReportSection(
                _("People"), [_explain_people()], list(_list_people(project, plan, as_of, user))
            ),
            ReportSection(_("Gender equality"), _write(narrative.equality), ()),
            ReportSection(
                _("Lessons"), _write(narrative.lessons), list(_list_learning(subject, user))
            ),
            ReportSection(_("Risks"), _write(narrative.risks)),
            ReportSection(_("Finance"), _write(narrative.finance)),
        ),
    )


def load_narrative(project: Project, language: str) -> ProjectNarrative:
    """Return the texts in the language; without any, new ones that are not stored."""
    stored = ProjectNarrative.objects.filter(project=project, language=language).first()
    return stored or ProjectNarrative(project=project, language=language)


def _write(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()] or [_("Not written yet.")]


def _list_facts(project: Project) -> ReportTable:
    rows = [
        (field.label, field.text)
        for field in display_fields(project)
        if field.name in FACTS and field.text
    ]
    return ReportTable(_("About the project"), (_("Fact"), _("Value")), rows)


def _list_framework(framework: ResultsFramework) -> list[ReportTable]:
    heads = (_("Indicator"), _("Baseline"), _("Target"), _("Actual"), _("Variance"))
    tables = []
    for group in framework.groups:
        rows = []
        for row in group.rows:
            target_row = row.target_row
            if target_row is None:
                cells = (
                    row.indicator.baseline,
                    row.indicator.target_words or _("No target set"),
                    "",
                    "",
                )
            else:
                target = target_row.target
                cells = (
                    formatting.format_baseline(target) or row.indicator.baseline,
                    target.statement,
                    formatting.format_value(target_row.value, target),
                    format_variance(row.variance) if row.variance else "",
                )
            rows.append((row.indicator.statement, *(cell or formatting.EN_DASH for cell in cells)))
        if rows:
            tables.append(ReportTable(format_result(group), heads, rows))
    return tables


def _list_figures(plan: Plan, as_of: date, subject: Subject, user: User) -> ReportTable:
    """Return what the project adds to the Bureau's targets, which ask for more than one project."""
    heads = (_("Indicator"), _("Target of the Bureau"), _("This project"), _("All records"))
    rows = [
        (
            f"{figure.row.target.indicator.objective.code} {figure.row.target.name}",
            figure.row.target.statement,
            formatting.format_value(figure.row.value, figure.row.target),
            formatting.format_value(figure.whole.value, figure.whole.target),
        )
        for figure in find_figures(plan, as_of, subject, user)
    ]
    return ReportTable(_("Contribution to the targets of the Bureau"), heads, rows)


def _list_outputs(subject: Subject, user: User) -> Iterator[ReportTable]:
    for kind in OUTPUTS:
        approved = select_records(kind, subject, user).filter(status=Status.APPROVED)
        records = list(approved.order_by("-pk")[: MAX_RECORDS + 1])
        rows = [(record.name, display_dates(record) or formatting.EN_DASH) for record in records]
        if len(rows) > MAX_RECORDS:
            rows[MAX_RECORDS:] = [(_("More records are on the page of the project."), "")]
        if rows:
            yield ReportTable(RECORD_TYPES[kind].plural_name, (_("Title"), _("When")), rows)


def _explain_people() -> str:
    return _(
        "As written down. People who take part several times are counted each time, and no number "
        "is derived from others. Women and men are adults; girls and boys were consulted or took "
        "part."
    )


def _list_people(project: Project, plan: Plan, as_of: date, user: User) -> Iterator[ReportTable]:
    stated = [
        (field.label, field.text or _("not recorded"))
        for field in display_fields(project)
        if field.name in ("direct_people", "indirect_people", "people_basis")
    ]
    yield ReportTable(_("People reached"), (_("Fact"), _("Value")), stated)
    people = load_people(Subject(SubjectKind.PROJECT, project.reference), plan, as_of, user)
    if people:
        heads = (
            *(_("Year"), pgettext("of training", "Sessions"), _("Women"), _("Men")),
            *(_("Sex not recorded"), _("Girls"), _("Boys"), _("Children, sex not recorded")),
        )
        rows = [_list_people_cells(row.label, row) for row in people.years]
        yield ReportTable(
            _("People"), heads, [*rows, _list_people_cells(_("In all"), people.total)]
        )


def _list_people_cells(label: str, count: TraineeCount) -> Row:
    numbers = (count.sessions, *(getattr(count, name) for name in PEOPLE))
    return (
        label,
        *(
            _("no data") if number is None else formatting.format_number(number)
            for number in numbers
        ),
    )


def _list_learning(subject: Subject, user: User) -> Iterator[ReportTable]:
    lessons = select_records(RecordKind.LESSON, subject, user).filter(status=Status.APPROVED)
    rows = [
        (lesson.name, lesson.learned, lesson.advice or formatting.EN_DASH)
        for lesson in lessons.order_by("-year", "pk")[:MAX_RECORDS]
        if isinstance(lesson, Lesson)
    ]
    if rows:
        heads = (_("Lesson"), get_label(Lesson, "learned"), get_label(Lesson, "advice"))
        yield ReportTable(RECORD_TYPES[RecordKind.LESSON].plural_name, heads, rows)
    evaluations = select_records(RecordKind.EVALUATION, subject, user).filter(
        status=Status.APPROVED
    )
    rows = [
        (evaluation.name, evaluation.get_level_display(), evaluation.summary or formatting.EN_DASH)
        for evaluation in evaluations.order_by("-completed_on", "pk")[:MAX_RECORDS]
        if isinstance(evaluation, Evaluation)
    ]
    if rows:
        heads = (_("Evaluation"), get_label(Evaluation, "level"), get_label(Evaluation, "summary"))
        yield ReportTable(RECORD_TYPES[RecordKind.EVALUATION].plural_name, heads, rows)

"""The sections of the plan page: the plan's text in its order, then how figures are counted."""

from collections.abc import Collection, Iterable, Mapping, Sized
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Prefetch
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from strategy.models import (
    CountryList,
    FieldOfActivity,
    Indicator,
    Objective,
    Pillar,
    Plan,
    Priority,
    QualityCriterion,
    Section,
    Target,
)
from strategy.plan.change_texts import DescribedChange, describe_changes

Heading = str | Promise

ROWS_OF: Mapping[str, Heading] = {
    "fields_of_activity": _("Fields of activity"),
    "priorities": _("Priorities"),
    "pillars": _("Pillars of action"),
    "quality": _("Quality criteria"),
    "summary": _("Summary table"),
}
"""The sections that show rows of the plan, with the heading for a plan without the section."""

FIGURES: Mapping[str, Heading] = {
    "counting": _("How each figure is counted"),
    "framework": _("Performance measurement framework"),
    "lists": _("Lists of countries"),
    "changes": _("Changes that can move figures"),
}
"""The sections that no plan writes itself."""

MAX_QUOTE_LENGTH = 160
"""Characters up to which a section's only sentence is displayed as a quotation."""


@dataclass(frozen=True)
class PlanPageSection:
    """A section of the page, with the plan's own section whose text it shows."""

    code: str
    heading: Heading
    section: Section | None = None

    @property
    def is_one_sentence(self) -> bool:
        """Whether the text is one short sentence without rows, shown as a quotation."""
        section = self.section
        if section is None or section.passages.all() or self.template:
            return False
        return len(section.text) <= MAX_QUOTE_LENGTH and "\n" not in section.text

    @property
    def labels(self) -> list[str]:
        return [passage.title for passage in self.section.passages.all()] if self.section else []

    @property
    def template(self) -> str:
        has_rows = self.code in ROWS_OF or self.code in FIGURES
        return f"strategy/plan/_{self.code}.html" if has_rows else ""


@dataclass(frozen=True)
class PlanPage:
    """A plan with all its rows, for its page."""

    plan: Plan
    fields: tuple[FieldOfActivity, ...]
    priorities: tuple[Priority, ...]
    pillars: tuple[Pillar, ...]
    criteria: tuple[QualityCriterion, ...]
    lists: tuple[CountryList, ...]
    changes: tuple[DescribedChange, ...]
    sections: tuple[Section, ...]

    @property
    def parts(self) -> list[PlanPageSection]:
        return build_sections(self.sections, self.codes_with_rows)

    @property
    def codes_with_rows(self) -> frozenset[str]:
        """The codes of the sections that have rows to show, not text alone."""
        rows: Mapping[str, Sized] = {
            "fields_of_activity": self.fields,
            "priorities": self.priorities,
            "pillars": self.pillars,
            "quality": self.criteria,
            "summary": self.priorities,
            "counting": self.targets,
            "framework": self.indicators,
            "lists": self.lists,
            "changes": self.changes,
        }
        return frozenset(code for code, code_rows in rows.items() if len(code_rows))

    @property
    def objectives(self) -> list[Objective]:
        return [row for priority in self.priorities for row in priority.objectives.all()]

    @property
    def indicators(self) -> list[Indicator]:
        return [row for objective in self.objectives for row in objective.indicators.all()]

    @property
    def targets(self) -> list[Target]:
        return [row for indicator in self.indicators for row in indicator.targets.all()]

    @property
    def summary(self) -> list[tuple[Priority, int]]:
        """The priorities, each with its number of rows in the summary table."""
        return [
            (priority, sum(len(row.indicators.all()) or 1 for row in priority.objectives.all()))
            for priority in self.priorities
        ]

    @property
    def percents(self) -> Mapping[str, Decimal]:
        names = ("on_track_from", "at_risk_from", "too_early_below", "level_at_risk_from")
        return {name: getattr(self.plan, name) * 100 for name in names}


def build_plan_page(plan: Plan, as_of: date) -> PlanPage:
    """Return the plan with all its rows, in a constant number of queries.

    Its targets have the statement, the rule and the range in force on a day.
    """
    named = Target.objects.of_plan(plan).values("conditions__country_lists")
    countries = Prefetch("countries", to_attr="listed")
    page = PlanPage(
        plan=plan,
        fields=tuple(plan.fields_of_activity.all()),
        priorities=tuple(
            plan.priorities.order_by("number").prefetch_related(
                "axes",
                "objectives__indicators__targets__versions",
                "objectives__indicators__rubric__steps",
            )
        ),
        pillars=tuple(plan.pillars.order_by("number")),
        criteria=tuple(plan.quality_criteria.order_by("number")),
        lists=tuple(CountryList.objects.filter(pk__in=named).prefetch_related(countries)),
        changes=describe_changes(plan.changes.select_related("changed_by").reverse()),
        sections=tuple(plan.sections.order_by("number").prefetch_related("passages")),
    )
    for target in page.targets:
        target.bind(as_of)
    return page


def build_sections(
    sections: Iterable[Section], with_rows: Collection[str]
) -> list[PlanPageSection]:
    """Return the plan's sections in order, then those with rows that the plan does not have."""
    parts: list[PlanPageSection] = []
    group = ""
    for section in sections:
        heading: Heading = section.heading or ROWS_OF.get(section.code, "")
        if not (section.text or section.passages.all() or section.code in with_rows):
            # A heading alone names the group of the next section.
            group = section.heading
            continue
        if group:
            heading = gettext("%(group)s: %(part)s") % {"group": group, "part": heading}
        parts.append(PlanPageSection(section.code, heading, section))
        group = ""
    known = {part.code for part in parts}
    parts += [
        PlanPageSection(code, heading)
        for code, heading in {**ROWS_OF, **FIGURES}.items()
        if code in with_rows and code not in known
    ]
    return parts

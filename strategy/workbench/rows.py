"""The kinds of row that make up a plan, and the tree of a plan's rows."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.text import Truncator, capfirst
from modeltranslation.utils import build_localized_fieldname

from strategy.models import (
    Axis,
    Condition,
    Indicator,
    Keyed,
    Objective,
    Passage,
    Pillar,
    Plan,
    PlanPart,
    Priority,
    QualityCriterion,
    ResultLevel,
    Rubric,
    RubricStep,
    Section,
    Target,
    TargetVersion,
)
from strategy.plan.validation import PlanContents, list_translated_columns

LANGUAGES = tuple(code for code, _name in settings.LANGUAGES)
TITLE_LENGTH = 140


@dataclass(frozen=True)
class RowKind:
    """A kind of row: its word in URLs, its model, the row it belongs to, and its columns."""

    word: str
    model: type[Keyed]
    owner: str = ""
    """The foreign key to the row that it belongs to; empty for a plan."""
    columns: tuple[str, ...] = ()
    """The columns without a language, as the form shows them."""
    parts: tuple[str, ...] = ()
    """The kinds of the rows that belong to it, in the order of the page."""

    @cached_property
    def texts(self) -> tuple[str, ...]:
        """The columns with a text for each language, in the order of the model."""
        names = set(list_translated_columns(self.model))
        return tuple(field.name for field in self.model._meta.fields if field.name in names)

    @property
    def label(self) -> str:
        return str(self.model._meta.verbose_name)

    def get_column(self, name: str) -> models.Field[Any, Any]:
        column = self.model._meta.get_field(name)
        if not isinstance(column, models.Field):
            raise TypeError(f"{name} is no column of {self.word}")
        return column

    def filter_rows(self, plan: Plan) -> models.QuerySet[Any]:
        """Return the rows of the kind in a plan."""
        if issubclass(self.model, PlanPart):
            return self.model.objects.of_plan(plan)
        return models.QuerySet(model=self.model).filter(pk=plan.pk)

    @property
    def is_ordered(self) -> bool:
        return any(field.name == "number" for field in self.model._meta.fields)


_KINDS = (
    RowKind(
        "plan",
        Plan,
        columns=(
            *("starts_on", "ends_on", "year_starts_in", "follows", "fields_of_activity"),
            *(
                "is_outline",
                "source",
                "project_reference",
                "on_track_from",
                "at_risk_from",
                "too_early_below",
            ),
            *("level_at_risk_from", "level_least_records"),
        ),
        parts=("priority", "level", "rubric", "section", "pillar", "criterion"),
    ),
    RowKind("priority", Priority, "plan", parts=("axis", "objective")),
    RowKind("axis", Axis, "priority"),
    RowKind(
        "objective",
        Objective,
        "priority",
        columns=("code", "priority", "level", "contributes_to"),
        parts=("indicator",),
    ),
    RowKind(
        "indicator",
        Indicator,
        "objective",
        columns=("code", "objective", "rubric"),
        parts=("target",),
    ),
    RowKind(
        "target",
        Target,
        "indicator",
        columns=(
            *("code", "indicator", "record_kind", "measure", "dimension", "column"),
            *("base_column", "frequency", "due_months", "baseline_value", "baseline_on"),
        ),
        parts=("version", "condition"),
    ),
    RowKind(
        "version",
        TargetVersion,
        "target",
        columns=(
            *("in_force_from", "minimum", "maximum", "milestones"),
            *("decided_by", "reason", "document"),
        ),
    ),
    RowKind(
        "condition",
        Condition,
        "target",
        columns=(
            *("dimension", "test", "country_lists", "codes", "scopes_without_value"),
            "is_numerator",
        ),
    ),
    RowKind("level", ResultLevel, "plan", columns=("code",)),
    RowKind("rubric", Rubric, "plan", columns=("code",), parts=("step",)),
    RowKind("step", RubricStep, "rubric", columns=("code",)),
    RowKind("section", Section, "plan", columns=("code",), parts=("passage",)),
    RowKind("passage", Passage, "section"),
    RowKind("pillar", Pillar, "plan"),
    RowKind("criterion", QualityCriterion, "plan"),
)

KINDS: Mapping[str, RowKind] = {kind.word: kind for kind in _KINDS}
KIND_OF_MODEL: Mapping[type[Keyed], RowKind] = {kind.model: kind for kind in _KINDS}


@dataclass(frozen=True)
class TreeGroup:
    """The rows of one kind that belong to a row."""

    kind: RowKind
    owner: Keyed
    nodes: "Sequence[TreeNode]"

    level: int
    """The level of its heading."""

    @property
    def key(self) -> str:
        """The place where a new row opens."""
        return f"{self.kind.word}-new-{self.owner.pk}"

    @property
    def label(self) -> str:
        return capfirst(str(self.kind.model._meta.verbose_name_plural))


@dataclass(frozen=True)
class TreeNode:
    """A row of the tree with the rows that belong to it."""

    kind: RowKind
    row: Keyed
    groups: Sequence[TreeGroup] = ()

    @property
    def key(self) -> str:
        return f"{self.kind.word}-{self.row.pk}"

    @property
    def code(self) -> str:
        """The row's code or number, as the plan prints it."""
        if isinstance(self.row, TargetVersion):
            return date_format(self.row.in_force_from, "DATE_FORMAT")
        if isinstance(self.row, Condition):
            return str(self.row.get_dimension_display())
        return str(getattr(self.row, "code", "") or getattr(self.row, "number", ""))

    @property
    def title(self) -> str:
        return Truncator(self._title).chars(TITLE_LENGTH)

    @property
    def _title(self) -> str:
        row = self.row
        if isinstance(row, Condition):
            codes = [*(each.code for each in row.country_lists.all()), *row.codes]
            return f"{row.get_test_display()}: {', '.join(codes)}"
        for name in ("short_title", "statement", "name", "title", "heading", "text"):
            if text := getattr(row, name, ""):
                return str(text)
        return ""

    @property
    def missing(self) -> tuple[str, ...]:
        return find_missing(self.row, self.kind)


def find_missing(row: Keyed, kind: RowKind) -> tuple[str, ...]:
    """Return the languages in which a text is missing that another language has."""
    written = [texts for name in kind.texts if any(texts := read_texts(row, name))]
    return tuple(
        code
        for position, code in enumerate(LANGUAGES)
        if not all(texts[position] for texts in written)
    )


def read_texts(row: Keyed, name: str) -> list[str]:
    """Return a text in each language; empty where it is missing."""
    return [getattr(row, build_localized_fieldname(name, code)) or "" for code in LANGUAGES]


def build_tree(contents: PlanContents) -> TreeNode:
    """Return the tree of a plan, without a query."""
    rows: dict[tuple[str, int], list[Keyed]] = defaultdict(list)
    for row in contents:
        kind = KIND_OF_MODEL.get(type(row))
        if kind and kind.owner:
            rows[kind.word, getattr(row, f"{kind.owner}_id")].append(row)
    return _build_node(KINDS["plan"], contents.plan, rows)


def _build_node(
    kind: RowKind, row: Keyed, rows: Mapping[tuple[str, int], Sequence[Keyed]], level: int = 2
) -> TreeNode:
    groups = []
    for part in (KINDS[word] for word in kind.parts):
        owned = rows.get((part.word, row.pk), ())
        nodes = [_build_node(part, each, rows, level + 1) for each in owned]
        groups.append(TreeGroup(part, row, nodes, level))
    return TreeNode(kind, row, groups)


def list_nodes(node: TreeNode) -> Iterator[TreeNode]:
    """Yield a row and all that belong to it, in the order of the page."""
    yield node
    for group in node.groups:
        for each in group.nodes:
            yield from list_nodes(each)


@dataclass(frozen=True)
class MissingTexts:
    """How many texts a plan lacks in a language, of how many that it has in another."""

    language: str
    missing: int
    total: int


def count_missing(tree: TreeNode) -> list[MissingTexts]:
    texts = [read_texts(node.row, name) for node in list_nodes(tree) for name in node.kind.texts]
    written = [each for each in texts if any(each)]
    return [
        MissingTexts(code, sum(not each[position] for each in written), len(written))
        for position, code in enumerate(LANGUAGES)
    ]

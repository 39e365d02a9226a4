"""The rows and fields of plans that figures are computed from, and the changes between two states.

Compare ``read_figure_data`` before and after saving, in one transaction, and store the difference
with ``save_change``.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db.models import ManyToManyField, Q
from modeltranslation.settings import AVAILABLE_LANGUAGES

from strategy.models import (
    ChangeDetail,
    ChangedValue,
    Condition,
    CountryList,
    Indicator,
    Keyed,
    Objective,
    Plan,
    PlanChange,
    PlanPart,
    Priority,
    RestrictedContext,
    RubricStep,
    Target,
    TargetVersion,
    User,
)


def _translate(*names: str) -> tuple[str, ...]:
    return tuple(f"{name}_{code}" for name in names for code in AVAILABLE_LANGUAGES)


FIGURE_FIELDS: Mapping[type[Keyed], tuple[str, ...]] = {
    Plan: (
        "code",
        "starts_on",
        "ends_on",
        "year_starts_in",
        "fields_of_activity",
        "project_reference",
        "on_track_from",
        "at_risk_from",
        "too_early_below",
        "level_at_risk_from",
        "level_least_records",
    ),
    Priority: ("plan",),
    Objective: ("priority", "code"),
    Indicator: ("objective", "code", "rubric"),
    Target: (
        "indicator",
        "code",
        *_translate("name", "unit"),
        "record_kind",
        "measure",
        "dimension",
        "column",
        "base_column",
        "frequency",
        "due_months",
        "baseline_value",
        "baseline_on",
    ),
    TargetVersion: (
        *("in_force_from", "minimum", "maximum", "milestones"),
        *_translate("statement", "rule"),
    ),
    Condition: (
        *("dimension", "test", "country_lists", "codes", "scopes_without_value"),
        "is_numerator",
    ),
    RubricStep: ("number", *_translate("name")),
    CountryList: ("countries",),
    RestrictedContext: ("country", "starts_on", "ends_on"),
}
"""The fields that change a figure, a rating, the words of a target, or who sees which records."""

PATHS: Mapping[type[Keyed], str] = {
    Plan: "indicator__objective__priority__plan",
    Priority: "indicator__objective__priority",
    Objective: "indicator__objective",
    Indicator: "indicator",
    Target: "pk",
    RubricStep: "indicator__rubric__steps",
    CountryList: "conditions__country_lists",
}
"""The look-up from a target to the row; versions and conditions name their target."""


@dataclass(frozen=True)
class FigureRow:
    """A row that figures are computed from. ``plan`` is a code, empty for a list of countries."""

    model: type[Keyed]
    pk: int
    plan: str
    target: int | None
    key: str
    values: Mapping[str, ChangedValue]


FigureData = Mapping[tuple[type[Keyed], int], FigureRow]


def read_figure_data() -> FigureData:
    """Return the rows of all plans and lists of countries, in a constant number of queries."""
    return {
        (model, row.pk): row
        for model, names in FIGURE_FIELDS.items()
        for row in _load_rows(model, names)
    }


def _load_rows(model: type[Keyed], names: Iterable[str]) -> Iterator[FigureRow]:
    """Yield the rows from their columns: instances with their owners take six times as long."""
    lookups = {name: _find_lookup(model, name) for name in names}
    many = {name: _load_many(model, lookups.pop(name)) for name in names if _is_many(model, name)}
    owners = ["target_id"] if _has_target(model) else []
    # Nothing is computed from a draft.
    rows = model.objects.published() if issubclass(model, PlanPart) else model.objects.all()
    for row in rows.order_by("pk").values("pk", *model.KEY, *owners, *lookups.values()):
        values = {
            name: sorted(many[name][row["pk"]])
            if name in many
            else _write_column(row, lookups[name])
            for name in names
        }
        key = tuple(row[path] for path in model.KEY)
        yield _make_row(model, row["pk"], key, row.get("target_id"), values)


def _find_lookup(model: type[Keyed], name: str) -> str:
    """Return the look-up of a field's value; of another row it is the last part of its key."""
    related = model._meta.get_field(name).related_model
    if isinstance(related, type) and issubclass(related, Keyed):
        return f"{name}__{related.KEY[-1]}"
    return name


def _is_many(model: type[Keyed], name: str) -> bool:
    return isinstance(model._meta.get_field(name), ManyToManyField)


def _has_target(model: type[Keyed]) -> bool:
    return issubclass(model, TargetVersion | Condition)


def _load_many(model: type[Keyed], lookup: str) -> Mapping[int, list[str]]:
    """Map the key of each row to the codes of the rows that it names."""
    codes: dict[int, list[str]] = defaultdict(list)
    for pk, code in model.objects.order_by().values_list("pk", lookup):
        codes[pk] += [] if code is None else [str(code)]
    return codes


def _read_row(row: Keyed, names: Iterable[str]) -> FigureRow:
    model = type(row)
    target = row.target_id if isinstance(row, TargetVersion | Condition) else None
    values = {name: _read_value(row, name) for name in names}
    return _make_row(model, row.pk, row.natural_key(), target, values)


def _make_row(
    model: type[Keyed],
    pk: int,
    natural_key: Iterable[object],
    target: int | None,
    values: Mapping[str, ChangedValue],
) -> FigureRow:
    first, *rest = (str(part) for part in natural_key)
    plan = "" if model in (CountryList, RestrictedContext) else first
    return FigureRow(model, pk, plan, target, " ".join(rest) or first, values)


def _read_value(row: Keyed, name: str) -> ChangedValue:
    if _is_many(type(row), name):
        return sorted(str(related.natural_key()[-1]) for related in getattr(row, name).all())
    value = getattr(row, name)
    return str(value.natural_key()[-1]) if isinstance(value, Keyed) else _write_value(value)


def _write_column(row: Mapping[str, Any], lookup: str) -> ChangedValue:
    return str(row[lookup]) if "__" in lookup else _write_value(row[lookup])


def _write_value(value: Any) -> ChangedValue:
    if isinstance(value, dict):
        return [f"{key}: {part}" for key, part in sorted(value.items())]
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return value.isoformat() if isinstance(value, date) else value


def compare_rows(before: Keyed, after: Keyed) -> "FigureDataChange":
    """Return the difference of two states of one row, of which the second may be unsaved."""
    names = FIGURE_FIELDS[type(before)]
    key = (type(before), before.pk)
    return FigureDataChange({key: _read_row(before, names)}, {key: _read_row(after, names)})


@dataclass(frozen=True)
class FigureDataChange:
    """The difference of two states of the rows that figures are computed from."""

    before: FigureData
    after: FigureData

    @cached_property
    def details(self) -> list[ChangeDetail]:
        """The changed fields, and the targets and plans that were added or removed.

        A new plan is no change: nothing was computed from it.
        """
        return [detail for key in self._keys for detail in self._find_details(key)]

    @cached_property
    def _keys(self) -> list[tuple[type[Keyed], int]]:
        return [
            key
            for key in dict.fromkeys([*self.before, *self.after])
            if self.before.get(key) != self.after.get(key)
        ]

    def _find_details(self, key: tuple[type[Keyed], int]) -> Iterator[ChangeDetail]:
        before, after = self.before.get(key), self.after.get(key)
        row = after or before
        if row is None or self._is_explained(row, is_whole=not (before and after)):
            return
        if row.model in (Plan, Target) and not (before and after):
            old_key, new_key = (before.key if before else None), (after.key if after else None)
            yield _make_detail(row, "", old_key, new_key)
            return
        for name in FIGURE_FIELDS[row.model]:
            old, new = (_get_value(each, name) for each in (before, after))
            if old != new:
                yield _make_detail(row, name, old, new)

    def _is_explained(self, row: FigureRow, *, is_whole: bool) -> bool:
        """Whether the difference of a row moves no figure, or belongs to that of another row.

        ``is_whole``: the row was added or removed.
        """
        if row.model is CountryList:
            return is_whole or not self._is_in_use(row)
        if not is_whole or row.model is RestrictedContext:
            return False
        other = self.before if (row.model, row.pk) in self.after else self.after
        if row.model is Plan:
            return other is self.before
        if row.model not in (Target, TargetVersion, Condition):
            return True
        has_plan = any(each.model is Plan and each.plan == row.plan for each in other.values())
        return not has_plan or (row.target is not None and (Target, row.target) not in other)

    def _is_in_use(self, countries: FigureRow) -> bool:
        lists = (row.values.get("country_lists") for row in self.before.values())
        return any(isinstance(codes, list) and countries.key in codes for codes in lists)

    def find_targets(self) -> list[Target]:
        """Return the targets whose figures the change can move; call it after saving."""
        rows = [row for key in self._keys for row in (self.before.get(key), self.after.get(key))]
        query = Q(pk__in=[row.target for row in rows if row and row.target])
        for model, path in PATHS.items():
            changed = {row.pk for row in rows if row and row.model is model}
            if changed:
                query |= Q(**{f"{path}__in": changed})
        return list(Target.objects.filter(query).distinct())

    def find_plans(self, targets: Iterable[Target]) -> list[Plan]:
        rows = [row for key in self._keys for row in (self.before.get(key), self.after.get(key))]
        codes = {row.plan for row in rows if row}
        of_targets = Q(priorities__objectives__indicators__targets__in=targets)
        return list(Plan.including_drafts.filter(Q(code__in=codes) | of_targets).distinct())


def _get_value(row: FigureRow | None, name: str) -> ChangedValue:
    """Return a value of a row; None where the row does not exist or the value is empty."""
    value = row.values[name] if row else None
    return None if value in ("", []) else value


def _make_detail(
    row: FigureRow, field: str, before: ChangedValue, after: ChangedValue
) -> ChangeDetail:
    return ChangeDetail(
        model=str(row.model._meta.model_name),
        row=row.key,
        field=field,
        before=before,
        after=after,
    )


def save_change(
    change: FigureDataChange, *, reason: str, by: User | None, at: datetime
) -> PlanChange:
    """Store a change, in the transaction that saves it."""
    targets = change.find_targets()
    stored = PlanChange.objects.create(
        changed_at=at, changed_by=by, reason=reason, details=change.details
    )
    stored.targets.set(targets)
    stored.plans.set(change.find_plans(targets))
    return stored

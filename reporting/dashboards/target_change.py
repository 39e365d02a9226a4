"""A new or corrected version of a target: its effect on figures, and saving it."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from indicators.counting.statements import join_readings, run
from reporting.figures.rating_overrides import load_overrides
from reporting.figures.ratings import worst_rating
from reporting.figures.rollup import TargetRow, read_target_row
from strategy.choices import Rating
from strategy.models import Target, TargetVersion, User
from strategy.plan.figure_data import compare_rows, save_change

CONCURRENT_CHANGE = _(
    "Somebody else has just changed this target. Read its versions, then try again."
)


class VersionRejected(Exception):
    """The version was not saved; `str(error)` is shown to the user."""


@dataclass(frozen=True)
class VersionEffect:
    """The row of a target and the rating of its objective on a day, without and with a version."""

    day: date
    before: TargetRow
    after: TargetRow
    objective_before: Rating
    objective_after: Rating

    @property
    def is_change(self) -> bool:
        return self.objective_before != self.objective_after or (
            _list_asked(self.before) != _list_asked(self.after)
        )


def _list_asked(row: TargetRow) -> tuple[object, ...]:
    target = row.target
    milestones = target.version.dated_milestones
    return target.minimum, target.maximum, milestones, row.expected, row.rating


def find_effects(version: TargetVersion, today: date) -> list[VersionEffect]:
    """Return the effect of an unsaved version today and at the end of each reporting year.

    A version with a key replaces the one that is stored.
    """
    target = version.target
    siblings = list(
        Target.objects.of_plan(target.plan)
        .with_rules()
        .filter(indicator__objective=target.indicator.objective)
    )
    changed = target.as_of(version.in_force_from)
    others = (each for each in target.all_versions if each.pk != version.pk)
    versions = sorted((*others, version), key=lambda each: each.in_force_from)
    changed.all_versions = tuple(versions)
    days = sorted({today, *(year.ends_on for year in target.plan.years)})
    readings = (
        read_target_row(each, day, overrides)
        for day in days
        for overrides in [load_overrides(target.plan, day)]
        for each in (*siblings, changed)
    )
    found = iter(run(join_readings(readings)))
    return [_build_effect(day, [next(found) for _each in siblings], next(found)) for day in days]


def _build_effect(day: date, siblings: list[TargetRow], after: TargetRow) -> VersionEffect:
    rows = {row.target.pk: row for row in siblings}
    changed = after.target
    return VersionEffect(
        day,
        rows[changed.pk],
        after,
        worst_rating(row.rating for row in rows.values()),
        worst_rating(row.rating for row in {**rows, changed.pk: after}.values()),
    )


def find_newest_version(target: Target) -> int:
    """Return the key of the version that was saved last."""
    return max(version.pk for version in target.all_versions)


def save_version(version: TargetVersion, seen: int | None, by: User, at: datetime) -> None:
    """Save a version; raise VersionRejected after a concurrent change of the target."""
    with transaction.atomic():
        # Lock the target: the check below must see a version that was just saved.
        target = Target.objects.select_for_update().get(pk=version.target_id)
        if find_newest_version(target) != seen:
            raise VersionRejected(str(CONCURRENT_CHANGE))
        version.created_at, version.created_by = at, by
        vars(version)["_change_reason"] = version.reason
        version.save()


def save_correction(
    stored: TargetVersion, version: TargetVersion, *, reason: str, by: User, at: datetime
) -> None:
    """Save a corrected version; raise VersionRejected if it is not as it was read."""
    with transaction.atomic():
        # Lock the target: the check below must see a correction that was just saved.
        Target.objects.select_for_update().get(pk=version.target_id)
        current = TargetVersion.objects.get(pk=version.pk)
        if compare_rows(stored, current).details:
            raise VersionRejected(str(CONCURRENT_CHANGE))
        vars(version)["_change_reason"] = reason
        version.save()
        save_change(compare_rows(stored, version), reason=reason, by=by, at=at)

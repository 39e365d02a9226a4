"""Rating overrides: find the active override, set a rating and withdraw it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from operator import attrgetter

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from indicators.safeguarding.detection import find_text_error
from reporting.models import RatingOverride
from reporting.models.rating_overrides import ORDER_OF_VALIDITY
from strategy.accounts.policy import can_override_ratings
from strategy.choices import Rating
from strategy.dates.periods import Period
from strategy.models import Plan, Target, User


@dataclass(frozen=True)
class Override:
    """A rating set by an officer, with the reason; ``by`` is the officer's name."""

    rating: Rating
    reason: str
    by: str
    at: datetime


def load_overrides(plan: Plan, as_of: date) -> Mapping[int, Override]:
    """Return the overrides active on a day by the key of their target, in one query."""
    rows = RatingOverride.objects.active_on(plan, as_of).select_related("by")
    return {row.target_id: get_override(row) for row in rows}


def load_override_history(
    target: Target, as_of: date
) -> tuple[tuple[RatingOverride, ...], Mapping[int, Override]]:
    """Return all ratings of a target, the newest first, and the one active on the day."""
    rows = target.overrides.with_activity(target.plan, as_of)
    history = tuple(rows.select_related("by", "withdrawn_by"))
    active = [row for row in history if row.is_active]
    active.sort(key=attrgetter(*ORDER_OF_VALIDITY))
    return history, {row.target_id: get_override(row) for row in active}


def get_override(row: RatingOverride) -> Override:
    return Override(Rating(row.rating), row.reason, str(row.by), row.made_at)


class OverrideRejected(Exception):
    """The rating was not set or not withdrawn; `str(error)` is shown to the user."""


@dataclass(frozen=True)
class OverrideInput:
    """An officer's rating of a target as of a day, with the reason.

    ``seen_override`` is the key of the override on the officer's page, None without any.
    """

    rating: Rating
    reason: str
    as_of: date
    seen_override: int | None


def override_period(plan: Plan, as_of: date) -> Period | None:
    """Return the as-of days that an override set on a day applies to; None before the plan."""
    day = min(as_of, plan.ends_on)
    year = plan.year_at(day)
    return Period(day, year.ends_on, year.label) if day in plan.period else None


def active_override(target: Target, as_of: date) -> RatingOverride | None:
    return RatingOverride.objects.active_on(target.plan, as_of).filter(target=target).last()


def override_rating(
    target: Target, override_input: OverrideInput, by: User, at: datetime
) -> RatingOverride:
    """Set a target's rating; raise OverrideRejected, also after a concurrent override."""
    days = override_period(target.plan, override_input.as_of)
    if not can_override_ratings(by):
        raise OverrideRejected(
            _("Only an M&E officer sets a rating; %(name)s is none.") % {"name": by}
        )
    if days is None:
        raise OverrideRejected(_("The plan has not begun on this day: there is nothing to rate."))
    if not target.version_at(override_input.as_of).has_target:
        raise OverrideRejected(_("No target is set on this day: there is nothing to rate."))
    if override_input.as_of > timezone.localtime(at).date():
        raise OverrideRejected(_("This day has not come: there is nothing to rate yet."))
    error = find_text_error(override_input.reason)
    if error:
        raise OverrideRejected(error)
    with transaction.atomic():
        # Lock the target: the check below must see an override that was just saved.
        Target.objects.select_for_update().get(pk=target.pk)
        current = active_override(target, override_input.as_of)
        if (current.pk if current else None) != override_input.seen_override:
            raise OverrideRejected(
                _("The rating was changed by somebody else meanwhile. Read it, then decide again.")
            )
        return RatingOverride.objects.create(
            target=target,
            rating=override_input.rating,
            reason=override_input.reason,
            valid_from=days.starts_on,
            by=by,
            made_at=at,
        )


def withdraw_override(override: RatingOverride, by: User, at: datetime) -> None:
    """Withdraw an override; raise OverrideRejected if it is already withdrawn."""
    if not can_override_ratings(by):
        raise OverrideRejected(
            _("Only an M&E officer withdraws a rating; %(name)s is none.") % {"name": by}
        )
    overrides = RatingOverride.objects.filter(pk=override.pk, withdrawn_at=None)
    if not overrides.update(withdrawn_at=at, withdrawn_by=by):
        raise OverrideRejected(_("This rating was withdrawn already."))

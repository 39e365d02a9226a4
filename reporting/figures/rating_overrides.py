"""The ratings that officers set beside what the rule says: which stands, setting, withdrawing."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from reporting.models import RatingOverride
from strategy.accounts.policy import can_override_ratings
from strategy.choices import Rating
from strategy.dates.periods import Period
from strategy.models import Plan, Target, User


@dataclass(frozen=True)
class Override:
    """A rating that an officer set, and why; ``by`` is the officer's name."""

    rating: Rating
    reason: str
    by: str
    at: datetime


def load_overrides(plan: Plan, as_of: date) -> Mapping[int, Override]:
    """Those that stand on a day, by the target's key; in one query."""
    rows = RatingOverride.objects.standing_on(plan, as_of).select_related("by")
    return {row.target_id: get_override(row) for row in rows}


def get_override(row: RatingOverride) -> Override:
    return Override(Rating(row.rating), row.reason, str(row.by), row.made_at)


class OverrideRejected(Exception):
    """A rating that was not set, or not withdrawn; its text is a sentence for people."""


@dataclass(frozen=True)
class OverrideInput:
    """What an officer says of a target: a rating and why, as of a day.

    ``seen_override`` is the key of the override that stood when the officer looked, None for none.
    """

    rating: Rating
    reason: str
    as_of: date
    seen_override: int | None


def override_period(plan: Plan, as_of: date) -> Period | None:
    """The days of figures that an override set as of a day applies to; None before the plan."""
    day = min(as_of, plan.ends_on)
    year = plan.year_at(day)
    return Period(day, year.ends_on, year.label) if day in plan.period else None


def active_override(target: Target, as_of: date) -> RatingOverride | None:
    """The one that stands for a target on a day."""
    return RatingOverride.objects.standing_on(target.plan, as_of).filter(target=target).last()


def override_rating(
    target: Target, judged: OverrideInput, by: User, at: datetime
) -> RatingOverride:
    """Set a target's rating. Raises OverrideRejected, also when another one was set meanwhile."""
    days = override_period(target.plan, judged.as_of)
    if not can_override_ratings(by):
        raise OverrideRejected(
            _("Only an M&E officer sets a rating; %(name)s is none.") % {"name": by}
        )
    if days is None:
        raise OverrideRejected(_("The plan has not begun on this day: there is nothing to rate."))
    if judged.as_of > timezone.localtime(at).date():
        raise OverrideRejected(_("This day has not come: there is nothing to rate yet."))
    with transaction.atomic():
        # One after the other, so that nobody overrules what they have not seen.
        Target.objects.select_for_update().get(pk=target.pk)
        stands = active_override(target, judged.as_of)
        if (stands.pk if stands else None) != judged.seen_override:
            raise OverrideRejected(
                _("The rating was changed by somebody else meanwhile. Read it, then decide again.")
            )
        return RatingOverride.objects.create(
            target=target,
            rating=judged.rating,
            reason=judged.reason,
            valid_from=days.starts_on,
            by=by,
            made_at=at,
        )


def withdraw_override(override: RatingOverride, by: User, at: datetime) -> None:
    """End an override as if it had never been set. Raises OverrideRejected when it has ended."""
    if not can_override_ratings(by):
        raise OverrideRejected(
            _("Only an M&E officer withdraws a rating; %(name)s is none.") % {"name": by}
        )
    open_ones = RatingOverride.objects.filter(pk=override.pk, withdrawn_at=None)
    if not open_ones.update(withdrawn_at=at, withdrawn_by=by):
        raise OverrideRejected(_("This rating was withdrawn already."))

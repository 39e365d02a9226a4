"""The ratings that officers set, as values: which stands beside what the rule says."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from reporting.models import RatingOverride
from strategy.models import Plan
from strategy.vocabulary import Rating


@dataclass(frozen=True)
class Override:
    """A rating that an officer set, and why; ``by`` is the officer's name."""

    rating: Rating
    reason: str
    by: str
    at: datetime


def overrides_of(plan: Plan, as_of: date) -> Mapping[int, Override]:
    """Those that stand on a day, by the target's key; in one query."""
    rows = RatingOverride.objects.standing_on(plan, as_of).select_related("by")
    return {row.target_id: override_of(row) for row in rows}


def override_of(row: RatingOverride) -> Override:
    return Override(Rating(row.rating), row.reason, str(row.by), row.made_at)

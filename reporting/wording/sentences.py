"""Sentences about figures, translated: on the plan, on a target and on a year."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, ngettext_lazy, pgettext

from indicators.counting.registry import RECORD_SOURCES
from reporting.dashboards.dashboard import Balance
from reporting.dashboards.what_if import WhatIf
from reporting.figures.geographic_reach import GeographicReach
from reporting.figures.progress import TargetProgress
from reporting.figures.rating_overrides import Override
from reporting.figures.ratings import Projection, YearActual
from reporting.figures.rollup import Rollup, TargetRow, rank_worst_first
from reporting.wording import formatting
from strategy.choices import Frequency, Rating, RecordKind, YearState
from strategy.models import CountryList, Target

BEHIND = (Rating.NOT_ACHIEVED, Rating.OFF_TRACK, Rating.AT_RISK)
MAX_NAMED = 3

_FIRST: Mapping[Rating, Promise] = {
    Rating.NOT_ACHIEVED: ngettext_lazy(
        "%(number)s of the %(all)s objectives was not achieved",
        "%(number)s of the %(all)s objectives were not achieved",
        "number",
    ),
    Rating.OFF_TRACK: ngettext_lazy(
        "%(number)s of the %(all)s objectives is off track",
        "%(number)s of the %(all)s objectives are off track",
        "number",
    ),
    Rating.AT_RISK: ngettext_lazy(
        "%(number)s of the %(all)s objectives is at risk",
        "%(number)s of the %(all)s objectives are at risk",
        "number",
    ),
    Rating.NO_DATA: ngettext_lazy(
        "%(number)s of the %(all)s objectives has no data",
        "%(number)s of the %(all)s objectives have no data",
        "number",
    ),
    Rating.TOO_EARLY: ngettext_lazy(
        "%(number)s of the %(all)s objectives is too early to rate",
        "%(number)s of the %(all)s objectives are too early to rate",
        "number",
    ),
    Rating.ON_TRACK: ngettext_lazy(
        "%(number)s of the %(all)s objectives is on track",
        "%(number)s of the %(all)s objectives are on track",
        "number",
    ),
    Rating.ACHIEVED: ngettext_lazy(
        "%(number)s of the %(all)s objectives is achieved",
        "%(number)s of the %(all)s objectives are achieved",
        "number",
    ),
    Rating.NO_TARGET: ngettext_lazy(
        "%(number)s of the %(all)s objectives has no target set",
        "%(number)s of the %(all)s objectives have no target set",
        "number",
    ),
}
"""The start of the overall status, by the worst rating."""

_THEN: Mapping[Rating, Promise] = {
    Rating.OFF_TRACK: ngettext_lazy(
        "%(number)s is off track", "%(number)s are off track", "number"
    ),
    Rating.AT_RISK: ngettext_lazy("%(number)s is at risk", "%(number)s are at risk", "number"),
    Rating.NO_DATA: ngettext_lazy("%(number)s has no data", "%(number)s have no data", "number"),
    Rating.TOO_EARLY: ngettext_lazy(
        "%(number)s is too early to rate", "%(number)s are too early to rate", "number"
    ),
    Rating.ON_TRACK: ngettext_lazy("%(number)s is on track", "%(number)s are on track", "number"),
    Rating.ACHIEVED: ngettext_lazy("%(number)s is achieved", "%(number)s are achieved", "number"),
    Rating.NO_TARGET: ngettext_lazy(
        "%(number)s has no target set", "%(number)s have no target set", "number"
    ),
}
"""The rest of the overall status, by the other ratings."""

_GOOD = (Rating.ON_TRACK, Rating.ACHIEVED)


@dataclass(frozen=True)
class OverallStatus:
    """The first sentence of the dashboard: a part on the worst rating, and the rest."""

    rating: Rating
    lead: str
    rest: str


def format_overall_status(ratings: Iterable[Rating]) -> OverallStatus:
    """Count the objectives by rating, the worst first."""
    numbers = Counter(ratings)
    if not numbers:
        return OverallStatus(Rating.NO_TARGET, _("It has no objectives yet"), "")
    worst, *others = [rating for rating in Rating if numbers[rating]]
    lead = str(_FIRST[worst] % {"number": numbers[worst], "all": numbers.total()})
    rest = [str(_THEN[rating] % {"number": numbers[rating]}) for rating in others]
    if worst in BEHIND and not any(numbers[rating] for rating in _GOOD):
        is_over = worst == Rating.NOT_ACHIEVED
        rest.append(_("none was achieved") if is_over else _("none is on track"))
    return OverallStatus(worst, lead, formatting.join_list([lead, *rest]).removeprefix(lead))


def format_override_author(override: Override) -> str:
    return _("Set by %(name)s, %(day)s.") % {
        "name": override.by,
        "day": formatting.format_day(timezone.localtime(override.at).date()),
    }


def list_furthest_behind(rollup: Rollup) -> str:
    """List the targets furthest behind, such as `1.3 Sectors (1 of 3)`; empty without any."""
    behind = (row for row in rollup.targets if row.rating in BEHIND)
    rows = sorted(behind, key=rank_worst_first)
    worst = [row for row in rows if row.rating == rows[0].rating][:MAX_NAMED]
    return formatting.join_list(_format_name(row) for row in worst) if worst else ""


def _format_name(row: TargetRow) -> str:
    target = row.target
    name = f"{target.indicator.objective.code} {target.name}"
    if target.is_yearly:
        return name
    return _("%(name)s (%(value)s %(of_target)s)") % {
        "name": name,
        "value": formatting.format_value(row.value, target),
        "of_target": format_requirement(target),
    }


def format_requirement(target: Target) -> str:
    wanted = formatting.format_bounds(target)
    if not target.has_bounds:
        return f"({wanted})"
    if target.is_judged:
        return _format_asked_step(target, wanted)
    if target.frequency == Frequency.EVERY_YEAR:
        return _("%(wanted)s a year") % {"wanted": wanted}
    if target.frequency == Frequency.LEVEL:
        return pgettext("a value / its minimum", "/ %(wanted)s") % {"wanted": wanted}
    return _("of %(wanted)s") % {"wanted": wanted}


def _format_asked_step(target: Target, wanted: str) -> str:
    if target.maximum is not None:
        return f"({wanted})"
    return _("(at least “%(step)s”)") % {"step": wanted}


def share_reached(row: TargetRow) -> Decimal | None:
    """Return the value as a share of its minimum, else of its maximum.

    None without a value, and where nothing is asked.
    """
    if row.value is None or not row.target.has_bounds:
        return None
    bound = row.target.maximum if row.target.minimum is None else row.target.minimum
    if bound is None or bound <= 0:
        return Decimal(int(row.target.is_met_by(row.value)))
    return row.value / bound


def calculate_share_due(row: TargetRow) -> Decimal | None:
    """Return the share of the target due by now; None where it is the time gone.

    All of a level is due; of a count with milestones, what they lead one to expect.
    """
    if row.target.is_level:
        return Decimal(1)
    minimum = row.target.version.minimum
    if row.expected is None or not row.target.version.milestones or not minimum:
        return None
    return row.expected / minimum


def describe_bar(row: TargetRow, elapsed: Decimal) -> str:
    reached = share_reached(row)
    if row.value is None:
        return _("No data.")
    if reached is None:
        is_set = row.target.version.has_target
        return _("Nothing is expected by now.") if is_set else _("No target set.")
    shares = {"reached": formatting.format_share(reached), "gone": formatting.format_share(elapsed)}
    if row.target.minimum is None:
        return _("%(reached)s of the maximum; %(gone)s of the time gone.") % shares
    if row.target.frequency == Frequency.LEVEL:
        return _("%(reached)s of the minimum, which must hold on any day.") % shares
    due = calculate_share_due(row)
    if due is not None:
        shares["due"] = formatting.format_share(due)
        return _("%(reached)s of the target; %(due)s expected by now.") % shares
    return _("%(reached)s of the target; %(gone)s of the time gone.") % shares


def format_year_value(year: YearActual, target: Target) -> str:
    if year.value is None:
        is_due = year.state == YearState.DUE
        return pgettext("year", "due") if is_due else pgettext("in a narrow cell", "no data")
    if target.is_judged:
        return formatting.format_step_place(year.value, target)
    value = formatting.format_value(year.value, target.as_of(year.year.ends_on))
    if year.state in (YearState.DUE, YearState.OPEN) and not target.is_percentage:
        return _("%(value)s so far") % {"value": value}
    return f"{value} ↑" if is_above(year, target) else value


def is_above(year: YearActual, target: Target) -> bool:
    version = target.version_at(year.year.ends_on)
    return year.value is not None and version.is_exceeded_by(year.value)


def format_year_note(year: YearActual, target: Target) -> str:
    if target.is_judged and year.value is not None:
        return formatting.format_step(year.value, target)
    return _("above the range") if is_above(year, target) else ""


def format_year_remark(year: YearActual, target: Target) -> str:
    if year.state == YearState.NO_DATA:
        return _("%(year)s: no data.") % {"year": year.year.label}
    if year.state == YearState.NOT_MET:
        value = formatting.format_value(year.value, target.as_of(year.year.ends_on))
        params = {"year": year.year.label, "value": value}
        if is_above(year, target):
            return _("%(year)s: %(value)s, above the range.") % params
        return _("%(year)s: %(value)s, not met.") % params
    return ""


def count_years_met(row: TargetRow) -> tuple[int, int]:
    """Return the number of years met and the number of closed years of a yearly target."""
    closed = [year for year in row.years if year.is_closed]
    return sum(year.state == YearState.MET for year in closed), len(closed)


def format_years_met(row: TargetRow) -> str:
    if not row.target.version.has_target:
        params = {
            "value": formatting.format_value(row.this_year.value, row.target),
            "year": row.this_year.window.period.label,
        }
        return _("%(value)s in %(year)s") % params
    met, closed = count_years_met(row)
    if not closed:
        return _("no year closed")
    return ngettext("%(met)s of %(closed)s year", "%(met)s of %(closed)s years", closed) % {
        "met": met,
        "closed": closed,
    }


def format_projection(progress: TargetProgress) -> str:
    """Format the value at the plan's end, never rounded into a range that it misses."""
    if progress.projection is None:
        return ""
    target, at_end = progress.row.target, progress.projection.at_end
    ahead = at_end.quantize(Decimal(1), ROUND_HALF_UP)
    if target.is_met_by(ahead) and not target.is_met_by(at_end):
        is_above = target.is_exceeded_by(at_end)
        ahead = at_end.quantize(Decimal(1), ROUND_CEILING if is_above else ROUND_FLOOR)
    return formatting.format_number(ahead)


def describe_pace(progress: TargetProgress, *, is_over: bool) -> str:
    target = progress.row.target
    if progress.row.value is None:
        return formatting.format_value(None, target)
    params = {
        "value": formatting.format_value(progress.row.value, target),
        "of_target": format_requirement(target),
    }
    if is_over or progress.projection is None:
        return _("%(value)s %(of_target)s") % params
    params["ahead"] = format_projection(progress)
    return _("%(value)s %(of_target)s, heading for %(ahead)s") % params


def format_needed(projection: Projection) -> str:
    """Format the pace now needed, to the next milestone if there is one; empty if none is."""
    if projection.needed_a_year is None:
        return ""
    params = {"number": formatting.format_number(projection.needed_a_year, 1)}
    if projection.needed_by is None:
        return _("%(number)s a year") % params
    params["year"] = projection.needed_by.label
    return _("%(number)s a year until the end of %(year)s") % params


def describe_chart(progress: TargetProgress, as_of: date) -> str:
    row, target = progress.row, progress.row.target
    if row.value is None:
        return _("%(name)s: no data.") % {"name": target.name}
    params = {
        "name": target.name,
        "value": formatting.format_value(row.value, target),
        "of_target": format_requirement(target),
        "day": formatting.format_day(min(as_of, target.plan.ends_on)),
    }
    text = _("%(name)s: %(value)s %(of_target)s on %(day)s") % params
    if row.expected is not None and as_of < target.plan.ends_on:
        wanted = {
            "expected": formatting.format_number(row.expected, 1),
            "ahead": format_projection(progress),
        }
        text += _("; %(expected)s were expected, and at this pace it will be %(ahead)s") % wanted
    return text + "."


def format_balance(balance: Balance) -> str:
    target, measurement = balance.row.target, balance.row.actual.measurement
    if target.minimum is None:
        return _format_smallest(target, measurement.value)
    minimum = {
        "minimum": formatting.format_plain_percent(target.minimum),
        "records": kind_plural(target.record_kind),
    }
    if measurement.value is None:
        return _("Each is to hold at least %(minimum)s of the %(records)s.") % minimum
    if balance.missing is None:
        return _("Not each holds %(minimum)s, and more %(records)s cannot change that.") % minimum
    if not balance.missing:
        return _("Each holds at least %(minimum)s of the %(records)s, as it is to.") % minimum
    labels = {slice_.code: slice_.label for slice_ in measurement.slices}
    missing = formatting.join_list(
        _("%(number)s more in “%(part)s”") % {"number": number, "part": labels[code]}
        for code, number in balance.missing.items()
    )
    wanted = minimum | {"missing": missing}
    return (
        _("Each is to hold at least %(minimum)s of the %(records)s. It takes %(missing)s.") % wanted
    )


def _format_smallest(target: Target, share: Decimal | None) -> str:
    bounds = {"bounds": formatting.format_bounds(target)}
    if share is None:
        return _("The smallest share is to be %(bounds)s.") % bounds
    params = bounds | {"share": formatting.format_value(share, target)}
    return _("The smallest share is to be %(bounds)s. It is %(share)s.") % params


def format_what_if(what_if: WhatIf, target: Target) -> str:
    smallest = what_if.smallest
    if smallest.new_share is None:
        return _("Without any, there is nothing to share.")
    if target.minimum is None or target.is_exceeded_by(smallest.new_share):
        params = {
            "bounds": formatting.format_bounds(target),
            "share": formatting.format_value(smallest.new_share, target),
        }
        return _("The smallest share is to be %(bounds)s. It would be %(share)s.") % params
    minimum = formatting.format_plain_percent(target.minimum)
    if what_if.is_balanced:
        return _("Each field would hold at least %(minimum)s.") % {"minimum": minimum}
    params = {"part": smallest.label, "minimum": minimum}
    params["share"] = formatting.format_value(smallest.new_share, target)
    return _("“%(part)s” would hold %(share)s, less than %(minimum)s.") % params


def format_reach(reach: GeographicReach) -> str:
    actual = reach.targets[0].actual
    number = int(actual.value or 0)
    if not actual.target.has_bounds:
        return ngettext("%(number)s country reached", "%(number)s countries reached", number) % {
            "number": formatting.format_number(number)
        }
    return ngettext(
        "%(number)s country reached, of %(wanted)s",
        "%(number)s countries reached, of %(wanted)s",
        number,
    ) % {
        "number": formatting.format_number(number),
        "wanted": formatting.format_bounds(actual.target),
    }


def kind_plural(kind: str) -> str:
    return str(RECORD_SOURCES[RecordKind(kind)].model._meta.verbose_name_plural)


def describe_country_list(country_list: CountryList) -> tuple[str, str]:
    notes = [country_list.source.rstrip(".")]
    if country_list.valid_from:
        day = formatting.format_day(country_list.valid_from)
        notes.append(_("valid from %(day)s") % {"day": day})
    if not country_list.is_confirmed:
        notes.append(_("to confirm"))
    return country_list.name, "; ".join(filter(None, notes))

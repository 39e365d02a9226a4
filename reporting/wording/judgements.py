"""The steps of a rubric over time: in words, and as stairs on the plan's line of time."""

from dataclasses import dataclass
from decimal import Decimal

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from reporting.charts import bars
from reporting.charts.svg import Sheet, TimeAxis
from reporting.figures.rollup import TargetRow
from reporting.wording import formatting
from strategy.models import RubricStep
from strategy.text import colon


@dataclass(frozen=True)
class FoundStep:
    """A step found on a date; ``step`` is None where the rubric no longer has it."""

    when: str
    words: str
    step: RubricStep | None


def list_found_steps(row: TargetRow) -> list[FoundStep]:
    """Return the steps found by the assessments that count, in the order of their dates."""
    target = row.target
    return [
        FoundStep(
            formatting.format_record_date(each.on),
            formatting.format_step(Decimal(each.number), target),
            target.find_step(Decimal(each.number)),
        )
        for each in row.actual.measurement.judgements
    ]


def describe_found_steps(row: TargetRow) -> str:
    """Describe the steps: `Dec 2018: Planned; 30 Jun 2019: In place.`"""
    found = [f"{each.when}{colon()} {each.words}" for each in list_found_steps(row)]
    return formatting.semicolon().join(found) + "." if found else _("No data.")


def draw_step_strip(
    row: TargetRow, axis: TimeAxis, sheet: Sheet, height: str = "100%"
) -> SafeString:
    target = row.target
    places = {step.number: place for place, step in enumerate(target.steps, start=1)}
    found = [
        (axis.at(each.on.last), places[each.number])
        for each in row.actual.measurement.judgements
        if each.number in places
    ]
    return bars.render_step_strip(
        found,
        len(places) or 1,
        row.rating.value,
        axis,
        describe_found_steps(row),
        minimum=None if target.minimum is None else places.get(int(target.minimum)),
        height=height,
        sheet=sheet,
    )

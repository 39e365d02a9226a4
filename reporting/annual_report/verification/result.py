"""What was found out about a file, written for whoever holds it and knows nothing of it."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from reporting.annual_report.content.revisions import FIGURE_NAMES
from reporting.annual_report.verification.compare import Verification
from reporting.wording import formatting
from strategy.choices import Rating

LISTED = 40
"""How many differences are listed; the others are counted."""


@dataclass(frozen=True)
class DifferingFigure:
    """One figure on which the file, its records and what was reported disagree, in words."""

    of: str
    name: str
    in_file: str
    worked_out: str
    reported: str


def differing_figures(found: Verification) -> list[DifferingFigure]:
    """The first figures that differ."""
    return [
        DifferingFigure(
            one.figure.of,
            str(FIGURE_NAMES.get(one.figure.name, one.figure.name)),
            _value(one.stated),
            _value(one.worked_out),
            _value(one.sealed),
        )
        for one in found.differences[:LISTED]
    ]


def _value(text: str | None) -> str:
    if text is None:
        return _("no data")
    if text in Rating.values:
        return str(Rating(text).label)
    return text or formatting.EN_DASH

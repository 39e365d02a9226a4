"""The differences of a checked file, in words for its reader."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from reporting.annual_report.content.revisions import FIGURE_NAMES
from reporting.annual_report.verification.compare import Verification
from reporting.wording import formatting
from strategy.choices import Rating

MAX_LISTED = 40
"""The number of differences that are listed; the others are counted."""


@dataclass(frozen=True)
class DifferingFigure:
    """One figure that differs between the file and the report, as texts."""

    of: str
    name: str
    in_file: str
    reported: str


def list_differing_figures(verification: Verification) -> list[DifferingFigure]:
    return [
        DifferingFigure(
            difference.figure.of,
            str(FIGURE_NAMES.get(difference.figure.name, difference.figure.name)),
            _format_value(difference.stated),
            _format_value(difference.sealed),
        )
        for difference in verification.differences[:MAX_LISTED]
    ]


def _format_value(text: str | None) -> str:
    if text is None:
        return _("no data")
    if text in Rating.values:
        return str(Rating(text).label)
    return text or formatting.EN_DASH

"""The figures that a change of a plan moves.

Another application computes them: FIGURE_READER is the path of its function.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.utils.formats import date_format
from django.utils.module_loading import import_string

Figures = Mapping[tuple[str, str, date], str]
"""Plan, target or objective, and as-of date -> its figure and its rating in words."""

FigureReader = Callable[[date], Figures]


@dataclass(frozen=True)
class FigureEffect:
    """A figure or rating on a day before and after a change; "-" where there is none."""

    plan: str
    code: str
    day: date
    before: str
    after: str

    def __str__(self) -> str:
        day = date_format(self.day, "DATE_FORMAT")
        return f"{self.plan} {self.code}, {day}: {self.before} -> {self.after}"


def read_figures(today: date) -> Figures:
    """Return the figures of every plan today and at the end of each reporting year."""
    reader: FigureReader = import_string(settings.FIGURE_READER)
    return reader(today)


def find_figure_effects(before: Figures, after: Figures) -> list[FigureEffect]:
    """Return the figures that differ."""
    return [
        FigureEffect(*key, before.get(key, "-"), after.get(key, "-"))
        for key in dict.fromkeys([*before, *after])
        if before.get(key) != after.get(key)
    ]

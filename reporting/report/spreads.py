"""Where the pages of a priority break: a spread of two facing pages, of like length.

Heights are estimates, in millimetres, of what ``print.css`` makes of a text in its language.
"""

from collections.abc import Iterable, Sequence
from math import ceil

PAGE, TITLE = 248, 32
"""What one page holds, and what the heading of a priority takes of the first."""
HEADING = 18
EDGES = 6
"""What stands above and below a target."""
FIGURES, YEARLY_FIGURES = 52, 18
"""The numbers of a target, on one side."""
PICTURE, YEARLY_PICTURE = 43, 16
"""Its picture on the other side, where what is written about it stands below."""
LINE, LETTERS_A_LINE = 4.2, 70

FRONT, FRONT_LINE, FRONT_EDGES, FRONT_LETTERS_A_LINE = 52, 4.7, 3.3, 48
"""What page one holds of risks, or of decisions beside them, below their heading; one of them."""


def is_front_full(*columns: Sequence[str]) -> bool:
    """Whether one of the columns at the foot of page one is higher than its room."""
    return any(
        sum(ceil(len(text) / FRONT_LETTERS_A_LINE) * FRONT_LINE + FRONT_EDGES for text in texts)
        > FRONT
        for texts in columns
    )


def height_of_target(texts: Iterable[str], *, is_yearly: bool) -> float:
    """How high a target stands; ``texts`` are what is written below its picture."""
    figures, picture = (YEARLY_FIGURES, YEARLY_PICTURE) if is_yearly else (FIGURES, PICTURE)
    return max(figures, picture + sum(map(_height_of, texts))) + EDGES


def _height_of(text: str) -> float:
    return sum(ceil(len(one) / LETTERS_A_LINE) for one in text.splitlines()) * LINE + 1.5


def second_page(heights: Sequence[float]) -> int | None:
    """Which of the objectives begins the second page; None where none need begin one.

    That is where one page holds them all, and where no two pages would: then they flow.
    """
    whole = TITLE + sum(heights)
    if whole <= PAGE:
        return None
    fitting = [
        number
        for number in range(1, len(heights))
        if max(TITLE + sum(heights[:number]), sum(heights[number:])) <= PAGE
    ]
    return min(fitting, key=lambda number: abs(whole - 2 * sum(heights[number:])), default=None)

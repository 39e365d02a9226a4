"""Where the pages of a priority break: a spread of two facing pages, of like length.

Heights are estimates, in millimetres, of what ``print.css`` makes of a text in its language.
"""

from collections.abc import Iterable, Sequence
from math import ceil

PAGE = 220
"""What one page holds below the heading of a priority."""
HEADING = 18
EDGES = 6
"""What stands above and below a target."""
FIGURES, YEARLY_FIGURES = 52, 22
"""The numbers of a target, on one side."""
PICTURE, YEARLY_PICTURE = 43, 18
"""Its picture on the other side, where what is written about it stands below."""
LINE, LETTERS_A_LINE = 4.2, 70


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
    whole = sum(heights)
    if whole <= PAGE:
        return None
    fitting = [
        number
        for number in range(1, len(heights))
        if max(sum(heights[:number]), sum(heights[number:])) <= PAGE
    ]
    return min(fitting, key=lambda number: abs(whole - 2 * sum(heights[:number])), default=None)

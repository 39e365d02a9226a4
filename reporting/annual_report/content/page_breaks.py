"""Where the pages of a report break: page one, which suffices alone, and a spread a priority.

Heights are estimates, in millimetres, of what ``print.css`` makes of a text in its language.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import ceil

PAGE = 254
"""What one page holds."""
LETTERS_A_ROW = 118
"""How many letters stand in a line from edge to edge."""
EDGES = 4.5
"""What stands above and below a target."""
FIGURES, PICTURE = 57, 43
"""The numbers of a target on one side; its picture on the other side, where what is written about
it stands below."""
YEARLY_FIGURES, RATING_LINE, RATING_LETTERS = 18, 4.2, 25
"""The same of a yearly target, whose picture stands in line with its numbers; and what its rating
takes besides where that of the year before has no room in its line."""
LINE, LETTERS_A_LINE = 4.2, 70
KEY = 5.5
"""What it takes to say what the lines of a priority's pictures are."""

FRONT = 147
"""What page one holds of the objectives, and of the risks and decisions below their headings."""
DENSE = 7
"""How much more it holds when the letters of risks and decisions are small."""
NOTE = 8
"""What it takes to say that a text is in another language than the report."""
RISKS_SHOWN = 3
"""How many of the risks that were written of stand on page one at most."""


@dataclass(frozen=True)
class TextMetrics:
    """In what letters risks and decisions stand: a line's height and room, and what is around."""

    line: float
    room: int
    edges: float

    def height_of(self, text: str) -> float:
        return _lines(text, self.room) * self.line + self.edges


USUAL, SMALL = TextMetrics(4.6, 46, 3.3), TextMetrics(3.6, 56, 2.2)


@dataclass(frozen=True)
class SplitList:
    """Lines of which the first stand on page one and the others on page two."""

    first: tuple[str, ...]
    others: tuple[str, ...]


@dataclass(frozen=True)
class FrontPage:
    """What page one tells of the risks and of the decisions asked; in small letters if dense."""

    is_dense: bool
    risks: SplitList
    decisions: SplitList


def front_page(
    objectives: Iterable[float],
    risks: Sequence[str],
    decisions: Sequence[str],
    *,
    has_note: bool = False,
) -> FrontPage:
    """As many of the lines as page one holds below the objectives, whose heights are given.

    One of each at least: a page that one line alone fills goes on upon the next.
    """
    room = FRONT - sum(objectives) - (NOTE if has_note else 0)
    columns = (risks[:RISKS_SHOWN], decisions)
    is_dense = any(sum(map(USUAL.height_of, texts)) > room for texts in columns)
    letters = SMALL if is_dense else USUAL
    room += DENSE if is_dense else 0
    return FrontPage(
        is_dense,
        _shared(risks, letters, room, RISKS_SHOWN),
        _shared(decisions, letters, room, len(decisions)),
    )


def _shared(texts: Sequence[str], letters: TextMetrics, room: float, most: int) -> SplitList:
    """The lines that fit, with a line that says how many others there are; ``most`` at most."""
    heights = list(accumulate(map(letters.height_of, texts[:most])))
    number = len(heights)
    if number < len(texts) or (heights and heights[-1] > room):
        number = max(1, sum(height <= room - letters.line for height in heights))
    return SplitList(tuple(texts[:number]), tuple(texts[number:]))


def height_of_objective(name: str, reached: Iterable[str], lines_set: int) -> float:
    """How high an objective stands on page one; ``lines_set`` are those on ratings set by hand."""
    return 1.7 + max(
        _lines(name, 34) * 3.8,
        sum(_lines(one, 33) * 3.3 for one in reached),
        4 + lines_set * 2.7,
    )


def height_of_title(title: str, said: str, *, has_key: bool) -> float:
    """The head of a priority: its number, its title, and how it stands, with its axes; below it
    what the lines of its pictures are, where it has any."""
    said_height = 4.8 * _lines(said, LETTERS_A_ROW)
    return 6.7 * (1 + _lines(title, 66)) + 1.5 + said_height + (KEY if has_key else 0)


def height_of_heading(statement: str) -> float:
    """The head of an objective: its short title above the plan's own sentence."""
    return 13.3 + 3.7 * _lines(statement, 125)


def height_of_target(texts: Iterable[str], ratings: str, *, is_yearly: bool) -> float:
    """How high a target stands; ``texts`` are what is written below its picture, ``ratings`` the
    words of this year's rating and the last."""
    written = sum(map(_height_of, texts))
    if not is_yearly:
        return max(FIGURES, PICTURE + written) + EDGES
    wraps = len(ratings) > RATING_LETTERS
    return YEARLY_FIGURES + (RATING_LINE if wraps else 0) + written + EDGES


def _height_of(text: str) -> float:
    return sum(_lines(one, LETTERS_A_LINE) for one in text.splitlines()) * LINE + 1.5


def _lines(text: str, room: int) -> int:
    return ceil(len(text) / room)


def second_page(title: float, heights: Sequence[float]) -> int | None:
    """Which of the objectives begins the second page; None where none need begin one.

    That is where one page holds them all, and where no two pages would: then they flow.
    """
    whole = title + sum(heights)
    if whole <= PAGE:
        return None
    fitting = [
        number
        for number in range(1, len(heights))
        if max(title + sum(heights[:number]), sum(heights[number:])) <= PAGE
    ]
    return min(fitting, key=lambda number: abs(whole - 2 * sum(heights[number:])), default=None)

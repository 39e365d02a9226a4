"""The likeness of records: same country, similar title, near dates."""

import re
from collections.abc import Collection, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

from rapidfuzz import fuzz, process

from strategy.dates.periods import PartialDate
from strategy.text import fold_accents

MIN_SIMILARITY = 82
"""Out of 100, of the sorted words of two titles: a misspelling, a word more or less."""

MAX_DATE_GAP = timedelta(days=92)
"""A quarter, as sessions are postponed."""

_NUMBER = re.compile(r"\d+")
_EVERY_BIT = -1


@dataclass(frozen=True)
class ComparedRecord:
    """What is compared of a record; ``number`` names it among others, ``pk`` where it is stored."""

    number: int
    title: str
    when: PartialDate | None
    countries: frozenset[int]
    pk: int | None = None

    @cached_property
    def sorted_title(self) -> str:
        return " ".join(sorted(fold_accents(self.title).split()))

    @cached_property
    def numbers(self) -> tuple[str, ...]:
        return tuple(sorted(_NUMBER.findall(self.title)))

    def list_quarters(self, margin: timedelta = timedelta(0)) -> Sequence[int]:
        """Return the quarters of the date's days and of as many around them; none if unknown."""
        if self.when is None:
            return ()
        days = (self.when.first - margin, self.when.last + margin)
        first, last = (day.toordinal() // MAX_DATE_GAP.days for day in days)
        return range(first, last + 1)


class _Facet:
    """Which records have a value, as the bits of a number; one without values agrees with all."""

    def __init__(self) -> None:
        self._with_value: dict[Hashable, int] = {}
        self._without = 0

    def add(self, place: int, values: Collection[Hashable]) -> None:
        bit = 1 << place
        for value in values:
            self._with_value[value] = self._with_value.get(value, 0) | bit
        if not values:
            self._without |= bit

    def find_agreeing(self, values: Collection[Hashable]) -> int:
        if not values:
            return _EVERY_BIT
        found = self._without
        for value in values:
            found |= self._with_value.get(value, 0)
        return found


class RecordPool:
    """Records to compare with, found by what has to agree before titles are compared."""

    def __init__(self, records: Iterable[ComparedRecord] = ()) -> None:
        self._records: list[ComparedRecord] = []
        self._numbers, self._countries, self._quarters = _Facet(), _Facet(), _Facet()
        for record in records:
            self.add(record)

    def add(self, record: ComparedRecord) -> None:
        place = len(self._records)
        self._records.append(record)
        self._numbers.add(place, _name_once(record.numbers))
        self._countries.add(place, record.countries)
        self._quarters.add(place, record.list_quarters())

    def find_similar(self, record: ComparedRecord) -> Iterator[ComparedRecord]:
        """Yield the records that may be the same one, the most similar first."""
        agreeing = (1 << len(self._records)) - 1
        agreeing &= self._numbers.find_agreeing(_name_once(record.numbers))
        agreeing &= self._countries.find_agreeing(record.countries)
        if agreeing:
            agreeing &= self._quarters.find_agreeing(record.list_quarters(MAX_DATE_GAP))
        if not agreeing:
            return
        others = [self._records[place] for place in _list_bits(agreeing)]
        # The ratio of sorted words is ``token_sort_ratio``, without sorting them for each pair.
        matches = process.extract(
            record.sorted_title,
            [other.sorted_title for other in others],
            scorer=fuzz.ratio,
            score_cutoff=MIN_SIMILARITY,
            limit=None,
        )
        for _title, _similarity, index in matches:
            if is_near(record.when, others[index].when):
                yield others[index]


def _name_once(numbers: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    # All numbers of a title are one value: "Session 1" and "Session 2" are two sessions.
    return (numbers,) if numbers else ()


def _list_bits(bits: int) -> Iterator[int]:
    digits = f"{bits:b}"[::-1]
    place = digits.find("1")
    while place >= 0:
        yield place
        place = digits.find("1", place + 1)


def differ_in_numbers(first: str, second: str) -> bool:
    # "Session 1" and "Session 2" are two sessions.
    numbers, others = _NUMBER.findall(first), _NUMBER.findall(second)
    return bool(numbers and others and sorted(numbers) != sorted(others))


def is_near(first: object, second: object) -> bool:
    # An unknown date is near every date.
    if not isinstance(first, PartialDate) or not isinstance(second, PartialDate):
        return True
    return max(first.first - second.last, second.first - first.last) <= MAX_DATE_GAP

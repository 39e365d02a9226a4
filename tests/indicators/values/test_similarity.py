"""Records that may be the same one: country, numbers and quarter agree, the titles are alike."""

import pytest

from indicators.values.similarity import ComparedRecord, RecordPool, differ_in_numbers
from strategy.dates.periods import PartialDate

TITLE = "Niger: police training kit"


def record(
    number: int, title: str = TITLE, day: str = "2018-03-01", countries: tuple[int, ...] = (1,)
) -> ComparedRecord:
    when = PartialDate(day) if day else None
    return ComparedRecord(number, title, when, frozenset(countries))


def find(*others: ComparedRecord, like: ComparedRecord) -> list[int]:
    return [found.number for found in RecordPool(others).find_similar(like)]


@pytest.mark.parametrize(
    ("other", "is_alike"),
    [
        (record(2), True),
        (record(2, title="Kit: police training, Niger"), True),
        (record(2, title="Niger: guide for judges"), False),
        (record(2, title="Niger: police training kit 2"), True),
        (record(2, countries=(2,)), False),
        (record(2, countries=(2, 1)), True),
        (record(2, countries=()), True),
        (record(2, day=""), True),
        (record(2, day="2018-06-01"), True),
        (record(2, day="2018-06-02"), False),
        (record(2, day="2017-11-29"), True),
        (record(2, day="2017-11-28"), False),
        (record(2, day="2018"), True),
        (record(2, day="2017"), True),
        (record(2, day="2016"), False),
    ],
)
def test_country_title_and_quarter_have_to_agree(other: ComparedRecord, is_alike: bool) -> None:
    assert find(other, like=record(1)) == ([2] if is_alike else [])
    assert find(record(1), like=other) == ([1] if is_alike else []), "and the other way round"


def test_what_has_no_country_or_date_is_like_all_of_its_title() -> None:
    pool = [record(2), record(3, countries=(7,)), record(4, day="2012"), record(5, title="Else")]
    assert find(*pool, like=record(1, day="", countries=())) == [2, 3, 4]


def test_records_of_several_countries_are_found_by_each() -> None:
    pool = [record(2, countries=(1, 2)), record(3, countries=(3,)), record(4, countries=(2,))]
    assert find(*pool, like=record(1, countries=(3, 1))) == [2, 3]


def test_the_most_alike_comes_first() -> None:
    pool = [record(2, title="Niger: police trainings kits"), record(3), record(4, title="Other")]
    assert find(*pool, like=record(1)) == [3, 2]


def test_two_sessions_of_a_series_are_two() -> None:
    pool = [record(2, title="Session 1 of 3, Dosso"), record(3, title="Session 2 of 3, Dosso")]
    assert find(*pool, like=record(1, title="Session 2 of 3: Dosso")) == [3]
    assert find(*pool, like=record(1, title="Session of Dosso")) == [2, 3], "it names no number"


def test_no_record_is_like_none() -> None:
    assert find(like=record(1)) == []


@pytest.mark.parametrize(
    ("first", "second", "do_differ"),
    [
        ("Session 1", "Session 2", True),
        ("Session 1", "Session", False),
        ("Session 1 of 2", "2: session 1", False),
        ("Session", "Session", False),
        ("Session 1", "Session 1 of 2", True),
    ],
)
def test_numbers_of_titles(first: str, second: str, do_differ: bool) -> None:
    assert differ_in_numbers(first, second) is do_differ

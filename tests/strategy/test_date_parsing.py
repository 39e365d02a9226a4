"""Dates as users type them: what is understood, what is refused, and the messages."""

from datetime import date

import pytest
from babel.dates import format_date
from django.conf import settings
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from strategy.dates.parsing import parse_partial_date
from strategy.dates.periods import PartialDate
from strategy.dates.plausibility import explain_implausible, is_unusual


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("2018", "2018"),
        (" 2018 ", "2018"),
        ("٢٠١٨", "2018"),
        ("2018-03", "2018-03"),
        ("2018/3", "2018-03"),
        ("03-2018", "2018-03"),
        ("3 2018", "2018-03"),
        ("2018-03-27", "2018-03-27"),
        ("2018 3 4", "2018-03-04"),
        ("27 3 2018", "2018-03-27"),
        ("27/3/2018", "2018-03-27"),
        ("27.03.2018", "2018-03-27"),
        ("3/27/2018", "2018-03-27"),
        ("4 4 2018", "2018-04-04"),
        ("٢٧/٣/٢٠١٨", "2018-03-27"),
        ("March 2018", "2018-03"),
        ("27 March 2018", "2018-03-27"),
        ("march 27, 2018", "2018-03-27"),
        ("27th of March 2018", "2018-03-27"),
        ("mars 2018", "2018-03"),
        ("1er févr. 2018", "2018-02-01"),
        ("FÉVRIER 2018", "2018-02"),
        ("aout 2018", "2018-08"),
        ("27 de marzo de 2018", "2018-03-27"),
        ("sept. 2018", "2018-09"),
        ("2018 marzo", "2018-03"),
        ("مارس 2018", "2018-03"),
        ("٢٧ آذار ٢٠١٨", "2018-03-27"),
        ("كانون الثاني/يناير 2018", "2018-01"),
        ("27mars2018", "2018-03-27"),
        ("2018-03-05T14:30:00", "2018-03-05"),
        ("2018-03-05T14:30:00Z", "2018-03-05"),
        ("2018-03-05T23:30:00.000+00:00", "2018-03-05"),
        ("2018-03-05 14:30:00", "2018-03-05"),
        ("27/3/2018 9:05 AM", "2018-03-27"),
        ("1900", "1900"),
    ],
)
def test_a_date_is_understood_however_it_is_typed(typed: str, kept: str) -> None:
    assert str(parse_partial_date(typed)) == kept


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("3/4/2018", "can be read in two ways. Write 2018-04-03 or 2018-03-04."),
        ("٣/٤/٢٠١٨", "“٣/٤/٢٠١٨” can be read in two ways. Write 2018-04-03 or 2018-03-04."),
        ("27/3/18", "with four digits"),
        ("27 March", "is not a date"),
        ("March", "is not a date"),
        ("30 2 2018", "does not exist in the calendar"),
        ("2018-13", "does not exist in the calendar"),
        ("2018-02-30", "does not exist in the calendar"),
        ("0000", "does not exist in the calendar"),
        ("27 2018 3", "is not a date"),
        ("27 Mars Attacks 2018", "is not a date"),
        ("mars avril 2018", "is not a date"),
        ("2018 2019", "is not a date"),
        ("43186", "is not a date"),
        ("soon", "is not a date"),
        ("1" * 5000, "is not a date"),
    ],
)
def test_what_is_no_date_or_two_of_them_is_refused(typed: str, sentence: str) -> None:
    with pytest.raises(ValueError) as refusal:
        parse_partial_date(typed)
    assert sentence in str(refusal.value)


@pytest.mark.parametrize("language", [code for code, _name in settings.LANGUAGES])
@given(day=st.dates())
def test_a_day_written_out_in_each_language_is_that_day(language: str, day: object) -> None:
    written = format_date(day, "d MMMM yyyy", locale=language)  # type: ignore[arg-type]
    assert str(parse_partial_date(written)) == str(day)


@given(st.text(max_size=80))
def test_any_text_is_a_date_or_refused_with_a_sentence(text: str) -> None:
    try:
        kept = parse_partial_date(text)
    except ValueError as refusal:
        assert str(refusal).endswith(".")
    else:
        assert kept.first <= kept.last


def test_a_date_to_copy_stands_in_arabic_as_it_is_to_be_written_and_is_understood() -> None:
    with override("ar"), pytest.raises(ValueError) as found:
        parse_partial_date("3/4/2018")
    assert "\u20662018-04-03\u2069" in str(found.value)
    assert str(parse_partial_date("\u20662018-04-03\u2069")) == "2018-04-03"


TODAY = date(2026, 11, 30)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("0218-03-05", "“0218-03-05” is not plausible. Write a year from 1900 to 2051."),
        ("1899-12-31", "“1899-12-31” is not plausible. Write a year from 1900 to 2051."),
        ("2052", "“2052” is not plausible. Write a year from 1900 to 2051."),
        ("3018", "“3018” is not plausible. Write a year from 1900 to 2051."),
        ("1439-06-17", "“1439-06-17” looks like a date of the Hijri calendar. "),
        ("2561-03-05", "“2561-03-05” looks like a date of the Buddhist calendar. "),
    ],
)
def test_a_year_that_no_record_has_is_explained(text: str, sentence: str) -> None:
    assert explain_implausible(PartialDate(text), TODAY).startswith(sentence)


def test_years_are_plausible_or_unusual_to_their_bounds() -> None:
    plausible = [y for y in range(1, 4000) if not explain_implausible(_year(y), TODAY)]
    assert plausible == list(range(1900, 2052))
    assert [y for y in plausible if not is_unusual(_year(y), TODAY)] == list(range(1990, 2037))


def _year(year: int) -> PartialDate:
    return PartialDate(f"{year:04}")

"""Numbers and dates in each language, never in contradiction to the rating."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.utils import formats
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from reporting.wording import formatting
from strategy.dates.periods import PartialDate
from strategy.models import Plan, Target


@pytest.mark.parametrize(
    ("language", "number", "percent", "day", "short"),
    [
        ("en", "1,234.5", "22.5 %", "30 September 2019", "30 Sept 2019"),
        ("fr", "1 234,5", "22,5 %", "30 septembre 2019", "30 sept. 2019"),
        ("es", "1.234,5", "22,5 %", "30 de septiembre de 2019", "30 sept 2019"),
        ("ar", "1,234.5", "22.5 %", "30 سبتمبر 2019", "30 سبتمبر 2019"),
    ],
)
def test_each_language_has_its_own_form(
    language: str, number: str, percent: str, day: str, short: str
) -> None:
    with override(language):
        assert formatting.format_number(Decimal("1234.46"), 1) == number.replace(
            " ", formatting.NO_BREAK
        )
        assert formatting.format_percent(Decimal("22.45"), 1) == percent.replace(
            " ", formatting.NO_BREAK
        )
        assert formatting.format_day(date(2019, 9, 30)) == day
        assert formatting.format_short_day(date(2019, 9, 30)) == short


@pytest.mark.parametrize("language", ["en", "fr", "es", "ar"])
def test_a_day_reads_alike_beside_figures_and_beside_records(language: str) -> None:
    with override(language):
        for moment in (datetime(2019, 9, 1, 9, 30, tzinfo=UTC), datetime(2020, 12, 31, tzinfo=UTC)):
            day = formatting.format_day(moment.date())
            assert formats.date_format(moment, "DATE_FORMAT") == day
            assert formats.date_format(moment, "DATETIME_FORMAT").startswith(day)
            assert formats.date_format(moment, "DATETIME_FORMAT").endswith(f"{moment:%H:%M}")


@pytest.mark.parametrize("language", ["en", "fr", "es", "ar"])
def test_a_number_has_the_same_separators_beside_figures_and_beside_records(language: str) -> None:
    with override(language):
        amount = formats.number_format(Decimal("1234.5"), 1, use_l10n=True, force_grouping=True)
        assert amount == formatting.format_number(Decimal("1234.5"), 1)


@pytest.mark.parametrize("language", ["en", "fr", "es", "ar"])
def test_no_letter_is_written_that_the_fonts_lack(language: str) -> None:
    with override(language):
        text = formatting.format_number(Decimal("-1234567.5"), 1)
    assert text.startswith("−")
    assert not set(text) & {"\u202f", "\u200e", "\u200f", "-"}


def test_what_rounds_to_zero_has_no_sign() -> None:
    assert formatting.format_number(Decimal("-0.04"), 1) == "0.0"


@pytest.mark.parametrize(
    ("part", "text"),
    [("0", "0 %"), ("0.001", "1 %"), ("0.5", "50 %"), ("0.9999", "99 %"), ("1", "100 %")],
)
def test_a_share_is_whole_or_none_only_when_it_is(part: str, text: str) -> None:
    assert formatting.format_share(Decimal(part)).replace(formatting.NO_BREAK, " ") == text


@pytest.mark.parametrize(
    ("known", "text"),
    [
        (PartialDate("2018"), "2018"),
        (PartialDate("2018-03"), "Mar 2018"),
        (PartialDate("2018-03-30"), "30 Mar 2018"),
        ("2017-2018", "2017-2018"),
        ("2018", "2018"),
        (None, "–"),
    ],
)
def test_a_date_is_as_exact_as_it_is_known(known: PartialDate | str | None, text: str) -> None:
    assert formatting.format_record_date(known) == text


@pytest.fixture
def fields(plan: Plan) -> Target:
    return Target.objects.of_plan(plan).with_rules().get(code="1.2-fields").as_of(plan.ends_on)


@pytest.fixture
def budget(plan: Plan) -> Target:
    return Target.objects.of_plan(plan).with_rules().get(code="3.3-budget").as_of(plan.ends_on)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("24.96", "24.96 %"),
        ("24.94", "24.9 %"),
        ("25", "25.0 %"),
        ("19.96", "19.96 %"),
        ("19.94", "19.9 %"),
        ("20", "20.0 %"),
    ],
)
def test_a_share_never_looks_better_than_it_is_rated(fields: Target, value: str, text: str) -> None:
    # Neither at its minimum nor where off track begins (counting rule 1.10).
    shown = formatting.format_value(Decimal(value), fields)
    assert shown.replace(formatting.NO_BREAK, " ") == text


@pytest.mark.parametrize(
    ("value", "text"), [("20.01", "20.01 %"), ("20", "20.0 %"), ("9.99", "9.99 %")]
)
def test_a_growth_never_looks_inside_its_range_when_it_is_not(
    budget: Target, value: str, text: str
) -> None:
    shown = formatting.format_value(Decimal(value), budget)
    assert shown.replace(formatting.NO_BREAK, " ") == text


def test_no_data_is_said_and_never_zero(fields: Target) -> None:
    assert formatting.format_value(None, fields) == "no data"
    assert formatting.format_value(Decimal(0), fields).startswith("0.0")


def test_a_range_names_both_bounds(fields: Target, budget: Target) -> None:
    assert formatting.format_bounds(fields) == f"25{formatting.NO_BREAK}%"
    assert formatting.format_bounds(budget) == f"10–20{formatting.NO_BREAK}%"


def test_a_change_has_its_sign(fields: Target) -> None:
    changes = [Decimal("1.24"), Decimal(-2), Decimal(0), None]
    assert [formatting.format_change(one, fields) for one in changes] == [
        "+1.2",
        "−2.0",
        "0.0",
        "–",
    ]


@given(st.decimals(0, 200, places=4), st.sampled_from([Decimal(60), Decimal(90)]))
def test_a_percentage_beside_bounds_stays_on_its_side(value: Decimal, bound: Decimal) -> None:
    text = formatting.format_percent_within(value, [bound]).removesuffix(f"{formatting.NO_BREAK}%")
    assert (Decimal(text) >= bound) == (value >= bound)

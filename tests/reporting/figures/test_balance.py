"""The fewest further records that restore the balance of the fields."""

from decimal import Decimal
from fractions import Fraction
from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from reporting.figures.balance import field_weights, records_to_balance
from reporting.figures.measures import MeasuredValue, Slice


def test_two_more_where_one_still_falls_short() -> None:
    # 9, 7 and 4 of 20: a fifth makes 5 of 21, 23.8 %; a sixth 6 of 22, 27.3 %.
    weights = {"justice": Fraction(9), "violence": Fraction(7), "emergencies": Fraction(4)}
    assert records_to_balance(weights, Decimal(25)) == {"emergencies": 2}


def test_nothing_is_missing_in_balance() -> None:
    weights = {"justice": Fraction(8), "violence": Fraction(7), "emergencies": Fraction(5)}
    assert records_to_balance(weights, Decimal(25)) == {}


def test_a_field_never_served_needs_the_most() -> None:
    weights = {"justice": Fraction(3), "violence": Fraction(3), "emergencies": Fraction(0)}
    assert records_to_balance(weights, Decimal(25)) == {"emergencies": 2}


def test_two_fields_may_lack() -> None:
    weights = {"justice": Fraction(10), "violence": Fraction(1), "emergencies": Fraction(1)}
    assert records_to_balance(weights, Decimal(25)) == {"violence": 4, "emergencies": 4}


def test_what_cannot_be_restored_is_not_promised() -> None:
    weights = {"a": Fraction(3), "b": Fraction(1), "c": Fraction(1), "d": Fraction(1)}
    assert records_to_balance(weights, Decimal(30)) is None


def test_where_all_must_be_alike_each_is_brought_to_the_largest() -> None:
    weights = {"a": Fraction(3), "b": Fraction(1), "c": Fraction(3), "d": Fraction(2)}
    assert records_to_balance(weights, Decimal(25)) == {"b": 2, "d": 1}
    weights["b"] = Fraction(1, 2)
    assert records_to_balance(weights, Decimal(25)) is None


def test_without_fields_nothing_is_missing() -> None:
    assert records_to_balance({}, Decimal(25)) == {}


def test_weights_come_back_exact_from_shares() -> None:
    # One record of three fields and one of two: thirds and halves, as decimals of 28 digits.
    third, half = Fraction(1, 3), Fraction(1, 2)
    exact = {"a": third + half, "b": third + half, "c": third}
    slices = tuple(
        Slice(code, code, Decimal((w * 50).numerator) / (w * 50).denominator, 1)
        for code, w in exact.items()
    )
    assert field_weights(MeasuredValue(Decimal(1), None, Decimal(2), slices)) == exact


@settings(max_examples=60)
@given(st.lists(st.integers(0, 6), min_size=3, max_size=3), st.sampled_from([10, 20, 25, 30]))
def test_no_smaller_number_would_do(numbers: list[int], minimum: int) -> None:
    weights = {str(place): Fraction(number) for place, number in enumerate(numbers)}
    missing = records_to_balance(weights, Decimal(minimum))
    assert missing is not None
    added = sum(missing.values())
    after = [number + missing.get(str(place), 0) for place, number in enumerate(numbers)]
    assert all(100 * number >= minimum * sum(after) for number in after)
    for fewer in product(range(added), repeat=3):
        if sum(fewer) < added:
            tried = [a + b for a, b in zip(numbers, fewer, strict=True)]
            assert any(100 * one < minimum * sum(tried) for one in tried)

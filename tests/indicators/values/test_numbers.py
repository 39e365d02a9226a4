"""A number has one reading in every language, in the form and in a file."""

from decimal import Decimal

import pytest
from django.test import Client
from django.utils.translation import override

from indicators.import_export.rows.results import RowStatus
from indicators.models import Activity, Sponsor
from indicators.values.numbers import is_plain_number, parse_amount, parse_count
from strategy.choices import RecordKind
from strategy.models import User
from tests.factories import make_record
from tests.support.samples.import_files import check
from tests.support.samples.two_doors import check_case, read_at_both

AMOUNTS = {
    "125000,50": "125000.50",
    "125 000,50": "125000.50",
    "125\u202f000,50": "125000.50",
    "125\u00a0000": "125000",
    "12,5": "12.5",
    "1,250,000": "1250000",
    "1.250.000": "1250000",
    "125,000.50": "125000.50",
    "125.000,50": "125000.50",
    "1’250’000.05": "1250000.05",
    "0,50": "0.50",
    "0.500": "0.5",
    "1250,000": "1250",
    "١٢٥٠٠٠٫٥٠": "125000.50",
    "١٬٢٥٠": "1250",
    "\u2212" + "5": "-5",
    "+7": "7",
    "100.00": "100",
}


@pytest.mark.parametrize(("text", "amount"), AMOUNTS.items())
def test_an_amount_is_read_in_each_way_of_writing_it(text: str, amount: str) -> None:
    for language in ("en", "fr", "es", "ar"):
        with override(language):
            assert parse_amount(text, 2, 12) == Decimal(amount)


@pytest.mark.parametrize(
    ("text", "one", "other"),
    [("1,250", "1250", "1.25"), ("1.250", "1250", "1.25"), ("-12,500", "-12500", "-12.5")],
)
def test_a_separator_with_three_digits_is_asked_about(text: str, one: str, other: str) -> None:
    with pytest.raises(ValueError, match="two ways") as asked:
        parse_amount(text, 2, 12)
    assert str(asked.value) == f"“{text}” can be read in two ways. Write {one}, or {other}."
    assert {parse_amount(one, 2, 12), parse_amount(other, 2, 12)} == {Decimal(one), Decimal(other)}


@pytest.mark.parametrize(
    "text",
    [
        "1 2500",
        "12,50,00",
        "1.2.3",
        "1,250.000.5",
        "1e5",
        "$5",
        ".",
        "-",
        "",
        "9" * 61,
        "1 250,000 1",
    ],
)
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a number"):
        parse_amount(text, 2, 12)


@pytest.mark.parametrize(
    ("text", "count"),
    [("24.0", 24), ("12.00", 12), ("0.0", 0), ("7", 7), ("24,0", 24), ("٢٤", 24), ("1 250", 1250)],
)
def test_a_number_of_people_may_have_zeros_after_the_point(text: str, count: int) -> None:
    assert parse_count(text) == count


@pytest.mark.parametrize("text", ["24.5", "-3", "many", "12 men"])
def test_people_are_whole_numbers(text: str) -> None:
    with pytest.raises(ValueError, match="is not a whole number"):
        parse_count(text)


def test_a_number_has_as_many_digits_as_its_column() -> None:
    assert parse_amount("999", digits=3, places=2) == 999
    for text in ("1000", "-1000"):
        with pytest.raises(ValueError, match=f"“{text}” is too large: at most 3 digits"):
            parse_amount(text, digits=3, places=2)
    with pytest.raises(ValueError, match="“99999999999” is too large"):
        parse_count("99999999999")


def test_a_plain_number_is_written_as_programs_write_it() -> None:
    assert [is_plain_number(text) for text in ("12.50", "12", "12,50", "١٢", "-1")] == [
        True, True, False, False, False,
    ]  # fmt: skip


TWO_COUNTS = (
    "“1,250” can be read in two ways, as 1250 or as 1.25. "
    "Write the whole number without a separator."
)


@pytest.mark.django_db
@pytest.mark.usefixtures("plan")
@pytest.mark.parametrize(
    ("column", "text", "value"),
    [
        ("amount", "125 000,50", Decimal("125000.50")),
        ("amount", "١٢٥٠٫٥", Decimal("1250.50")),
        ("amount", "1,250", "“1,250” can be read in two ways. Write 1250, or 1.25."),
        ("amount", "1,2345", "“1,2345” has more than 2 decimals. Round it."),
        ("amount", "1" * 13, f"“{'1' * 13}” is too large: at most 12 digits."),
        ("amount", "much", "“much” is not a number. Write it with digits only, such as 12500.50."),
        ("women", "24.0", 24),
        ("women", "٢٤", 24),
        ("women", "1,250", TWO_COUNTS),
        (
            "women",
            "24.5",
            "“24.5” is not a whole number. Write 12, or 0, or nothing if not recorded.",
        ),
        ("women", "100001", "Enter the people of this one session, at most 100000."),
    ],
)
def test_form_and_file_read_one_number(
    column: str, text: str, value: object, officer: User, officer_client: Client
) -> None:
    kind = RecordKind.ACTIVITY if column == "women" else RecordKind.ANNUAL_BUDGET
    in_form, in_file = read_at_both(kind, column, text, officer, officer_client)
    assert in_form == in_file == [value]


@pytest.mark.django_db
@pytest.mark.usefixtures("plan")
class TestFiles:
    @pytest.mark.parametrize(
        ("name", "amounts"),
        [
            ("decimal-comma.csv", ["125000.50", "125000.50", "12.50"]),
            ("thousands-commas.csv", ["1250000", "125000.50"]),
        ],
    )
    def test_amounts(self, name: str, amounts: list[str], officer: User) -> None:
        check_case(name, RecordKind.SPONSOR, officer).write()
        stored = Sponsor.objects.order_by("reference").values_list("amount", flat=True)
        assert list(stored) == [Decimal(amount) for amount in amounts]

    def test_counts(self, officer: User) -> None:
        make_record("initiative", reference="CIN-01", entered_by=officer)
        check_case("counts-with-point-zero.csv", RecordKind.ACTIVITY, officer).write()
        stored = Activity.objects.order_by("reference").values_list("women", "men")
        assert list(stored) == [(24, 12), (0, 7)]

    def test_an_exported_amount_comes_back_unchanged(self, officer: User) -> None:
        text = "reference,title,first_agreement_on,amount,currency\nA,Fund,2018,1250.10,CAD\n"
        check("sponsor", text, officer).write()
        assert check("sponsor", text, officer).outcome.counts[RowStatus.UNCHANGED] == 1

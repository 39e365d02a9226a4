"""Codes are read without regard to case, and only those that exist."""

import pytest
from django.test import Client

from strategy.choices import RecordKind
from strategy.models import User
from tests.support.samples.two_doors import check_case, read_at_both

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("plan")]

TWO_FRANCS = "is the name of two currencies. Write XOF (West Africa) or XAF (Central Africa)."
UNKNOWN = "is not the code of a currency. Write its three letters, such as CAD or EUR."


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("cad", "CAD"),
        (" Xof ", "XOF"),
        ("XAF", "XAF"),
        ("MRO", "MRO"),
        ("FCFA", f"“FCFA” {TWO_FRANCS}"),
        ("cfa", f"“cfa” {TWO_FRANCS}"),
        ("F.CFA", f"“F.CFA” {TWO_FRANCS}"),
        ("Frs CFA", f"“Frs CFA” {TWO_FRANCS}"),
        ("Franc CFA (BCEAO)", f"“Franc CFA (BCEAO)” {TWO_FRANCS}"),
        ("ZZZ", f"“ZZZ” {UNKNOWN}"),
        ("XXX", f"“XXX” {UNKNOWN}"),
        ("DDM", f"“DDM” {UNKNOWN}"),
        ("dollars", f"“dollars” {UNKNOWN}"),
    ],
)
def test_form_and_file_read_one_currency(
    text: str, value: str, officer: User, officer_client: Client
) -> None:
    kind, column = RecordKind.ANNUAL_BUDGET, "currency"
    assert read_at_both(kind, column, text, officer, officer_client) == ([value], [value])


@pytest.mark.parametrize(
    ("name", "sentences"),
    [
        ("currency-fcfa.csv", [f"row 2, currency: “FCFA” {TWO_FRANCS}"]),
        (
            "currency-unreal.csv",
            [f"row 2, currency: “CFA” {TWO_FRANCS}", f"row 3, currency: “ZZZ” {UNKNOWN}"],
        ),
    ],
)
def test_a_file_with_currencies_that_nobody_issues(
    name: str, sentences: list[str], officer: User
) -> None:
    checked = check_case(name, RecordKind.SPONSOR, officer)
    assert [str(problem) for problem in checked.outcome.problems] == sentences

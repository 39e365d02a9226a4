"""The figures for other programs: their fixed shape, and errors in words."""

import csv
import io
import json
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from reporting.exports.results import format_exact
from strategy.models import Plan
from tests.factories import make_approved, make_record


def results(*arguments: str) -> str:
    out = io.StringIO()
    call_command("results", *arguments, stdout=out)
    return out.getvalue()


@pytest.fixture
def read(plan: Plan) -> dict[str, Any]:
    """Return the JSON as of the end of 2018 for a few records."""
    make_approved("initiative", reference="INI-1", fields_of_activity=["justice", "violence"])
    make_record("initiative", reference="INI-2", status="submitted", evidence=1)
    make_approved("annual_budget", reference="BUD-16", year="2016", amount="100")
    make_approved("annual_budget", reference="BUD-17", year="2017", amount="111.5")
    loaded: dict[str, Any] = json.loads(
        results("--plan", "2017-2020", "--as-of", "2018-12-31", "--format", "json")
    )
    return loaded


def target_in(read: dict[str, Any], code: str) -> dict[str, Any]:
    [found] = [
        target
        for objective in read["objectives"]
        for target in objective["targets"]
        if target["code"] == code
    ]
    return dict(found)


def test_the_json_has_the_shape_that_other_programs_rely_on(read: dict[str, Any]) -> None:
    assert list(read) == ["plan", "as_of", "elapsed", "objectives"]
    assert (read["plan"], read["as_of"]) == ("2017-2020", "2018-12-31")
    assert Decimal(read["elapsed"]) == Decimal(730) / 1461
    assert [objective["code"] for objective in read["objectives"]] == [
        "1.1", "1.2", "1.3", "2.1", "2.2", "2.3", "3.1", "3.2", "3.3", "3.4",
    ]  # fmt: skip
    for objective in read["objectives"]:
        assert list(objective) == ["code", "rating", "targets"]
        for target in objective["targets"]:
            assert list(target) == [
                "code", "measure", "unit", "value", "minimum", "maximum", "expected", "rating",
                "rule", "numerator", "denominator", "slices", "years", "records", "left_out",
                "baseline",
            ]  # fmt: skip


def test_numbers_are_texts_of_exact_decimals(read: dict[str, Any]) -> None:
    initiatives = target_in(read, "1.1-initiatives")
    assert (initiatives["value"], initiatives["minimum"], initiatives["maximum"]) == (
        "1",
        "50",
        None,
    )
    assert Decimal(initiatives["expected"]) == Decimal(50) * 730 / 1461
    assert target_in(read, "2.3-events")["value"] is None
    assert target_in(read, "2.3-events")["rating"] == "no_data"


def test_every_record_is_named_or_left_out_with_its_reason(read: dict[str, Any]) -> None:
    initiatives = target_in(read, "1.1-initiatives")
    assert initiatives["records"] == ["INI-1"]
    assert initiatives["left_out"] == [{"reference": "INI-2", "reason": "not_approved"}]


def test_a_share_comes_with_its_parts(read: dict[str, Any]) -> None:
    fields = target_in(read, "1.2-fields")
    assert (fields["value"], fields["numerator"], fields["denominator"]) == ("0", "0", "1")
    assert fields["rating"] == "too_early"
    assert fields["slices"] == [
        {
            "code": "justice",
            "label": "Children and the justice system",
            "value": "50",
            "records": 1,
        },
        {
            "code": "violence",
            "label": "Exploitation and violence against children",
            "value": "50",
            "records": 1,
        },
        {
            "code": "emergencies",
            "label": "Children and emergency situations",
            "value": "0",
            "records": 0,
        },
    ]


def test_a_yearly_target_tells_each_year(read: dict[str, Any]) -> None:
    budget = target_in(read, "3.3-budget")
    assert budget["years"] == [
        {"year": "2017", "value": "11.5", "state": "met"},
        {"year": "2018", "value": None, "state": "no_data"},
        {"year": "2019", "value": None, "state": "open"},
        {"year": "2020", "value": None, "state": "open"},
    ]
    assert (budget["value"], budget["rating"]) == (None, "at_risk")
    assert budget["records"] == ["BUD-16", "BUD-17"]


def test_csv_and_table_give_the_same_values(read: dict[str, Any]) -> None:
    rows = list(csv.DictReader(io.StringIO(results("--as-of", "2018-12-31", "--format", "csv"))))
    assert len(rows) == 14
    for row in rows:
        target = target_in(read, row["target"])
        assert row["value"] == (target["value"] or "")
        assert row["rating"] == target["rating"]
    table = results("--as-of", "2018-12-31")
    assert "50.0% elapsed" in table
    assert "1.1-initiatives" in table


@pytest.mark.usefixtures("plan")
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--as-of", "2018-02-30"], "--as-of: “2018-02-30” is not a day"),
        (["--as-of", "tomorrow"], "Write it as 2018-12-31"),
        (["--plan", "2099"], "there is no plan “2099”. Plans here: 2017-2020"),
    ],
)
def test_a_wrong_argument_is_named_with_what_to_write(arguments: list[str], message: str) -> None:
    with pytest.raises(CommandError, match=message):
        results(*arguments)


@pytest.mark.django_db
def test_without_a_plan_it_says_so() -> None:
    with pytest.raises(CommandError, match="Plans here: none"):
        results()


@pytest.mark.parametrize(
    ("number", "text"),
    [("25", "25"), ("25.50", "25.5"), ("1E+2", "100"), ("0", "0"), ("0.0", "0"), ("100", "100")],
)
def test_exact_numbers(number: str, text: str) -> None:
    assert format_exact(Decimal(number)) == text


def test_what_is_not_known_stays_not_known() -> None:
    assert format_exact(None) is None

"""A date has one reading, in the form and in a file."""

import pytest
from django.test import Client

from indicators.models import Event
from strategy.choices import RecordKind
from strategy.models import User
from tests.support.samples.form_answers import post_new, said
from tests.support.samples.import_files import check
from tests.support.samples.two_doors import check_case, read_at_both

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("plan")]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2018-03-05T14:30:00Z", "2018-03-05"),
        ("٢٧/٣/٢٠١٨", "2018-03-27"),
        ("3018", "“3018” is not plausible."),
        ("1439-06-17", "“1439-06-17” looks like a date of the Hijri calendar."),
        ("3/4/2018", "“3/4/2018” can be read in two ways. Write 2018-04-03 or 2018-03-04."),
    ],
)
def test_form_and_file_read_one_date(
    text: str, value: str, officer: User, officer_client: Client
) -> None:
    kind, column = RecordKind.EVENT, "occurred_on"
    in_form, in_file = read_at_both(kind, column, text, officer, officer_client)
    # The file is checked in 2019, so the last plausible year differs.
    assert str(in_form[0]).startswith(value)
    assert str(in_file[0]).startswith(value)


def test_a_file_with_times_of_day(officer: User) -> None:
    check_case("date-time.csv", RecordKind.EVENT, officer).write()
    assert {str(event.occurred_on) for event in Event.objects.all()} == {"2018-03-05"}


def test_a_file_with_years_that_no_record_has(officer: User) -> None:
    problems = check_case("absurd-years.csv", RecordKind.EVENT, officer).outcome.problems
    assert [(problem.row, problem.column) for problem in problems] == [
        (row, "occurred_on") for row in (2, 3, 4, 6, 7)
    ]


def test_a_year_long_ago_is_read_and_told(officer: User, officer_client: Client) -> None:
    sentence = "These dates are long ago or far ahead. Check them: "
    text = "title,role,kind,occurred_on\nx,organised,workshop,1985\ny,organised,workshop,1990\n"
    notices = check("event", text, officer).outcome.notices
    assert [notice for notice in notices if notice.startswith(sentence)] == [
        f"{sentence}row 2, occurred_on."
    ]
    response = post_new(officer_client, RecordKind.EVENT, occurred_on="1985")
    assert sentence in said(officer_client.get(response.url))

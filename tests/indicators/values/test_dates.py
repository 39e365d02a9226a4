"""A date has one reading, in the form and in a file."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from indicators.import_export.previews import make_preview
from indicators.models import Event
from indicators.workflow.actions import InvalidTransition
from strategy.choices import RecordKind
from strategy.models import User
from tests.support.samples.form_answers import post_edit, post_new
from tests.support.samples.import_files import check
from tests.support.samples.two_doors import check_case, read_at_both

THIS_YEAR = timezone.now().year

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("plan")]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2018-03-05T14:30:00Z", "2018-03-05"),
        ("٢٧/٣/٢٠١٨", "2018-03-27"),
        ("3018", "“3018” is not plausible."),
        ("1439-06-17", "“1439-06-17” looks like a date of the Hijri calendar."),
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


def test_a_date_with_two_readings_is_asked_about(officer: User, officer_client: Client) -> None:
    page = post_new(officer_client, RecordKind.EVENT, occurred_on="3/4/2018")
    (error,) = page.context["form"].errors["occurred_on"]
    assert error == "“3/4/2018” can be read in two ways. Write 2018-04-03 or 2018-03-04."
    text = "title,role,kind,occurred_on\nx,organised,workshop,3/4/2018\n"
    (problem,) = check("event", text, officer).outcome.problems
    assert "Dates such as 3/4/2018 can be read in two ways." in problem.message


def test_a_file_with_times_of_day(officer: User) -> None:
    check_case("date-time.csv", RecordKind.EVENT, officer).write()
    assert {str(event.occurred_on) for event in Event.objects.all()} == {"2018-03-05"}


def test_a_file_with_years_that_no_record_has(officer: User) -> None:
    problems = check_case("absurd-years.csv", RecordKind.EVENT, officer).outcome.problems
    assert [(problem.row, problem.column) for problem in problems] == [
        (row, "occurred_on") for row in (2, 3, 4, 6, 7)
    ]


def test_a_year_long_ago_in_a_file_is_told(officer: User) -> None:
    sentence = "These dates are long ago or far ahead. Check them: "
    text = "title,role,kind,occurred_on\nx,organised,workshop,1985\ny,organised,workshop,1990\n"
    notices = check("event", text, officer).outcome.notices
    assert [notice for notice in notices if notice.startswith(sentence)] == [
        f"{sentence}row 2, occurred_on."
    ]


@pytest.mark.parametrize("text", ["1985", "1989-12-31", str(THIS_YEAR + 11)])
def test_a_rare_year_is_confirmed_in_a_form(text: str, officer_client: Client) -> None:
    page = post_new(officer_client, RecordKind.EVENT, occurred_on=text)
    assert page.status_code == 400
    assert "is long ago or far ahead" in page.context["form"].errors["occurred_on"][0]
    assert f'name="rare_date" value="{text}"' in page.content.decode()
    other = post_new(officer_client, RecordKind.EVENT, occurred_on=text, rare_date="1970")
    assert other.status_code == 400
    post_new(officer_client, RecordKind.EVENT, occurred_on=text, rare_date=text)
    event = Event.objects.get()
    assert str(event.occurred_on) == text
    assert post_edit(officer_client, event, occurred_on=text, title="Renamed").status_code == 302


@pytest.mark.parametrize("text", ["1990", str(THIS_YEAR + 10)])
def test_a_usual_year_is_not_asked_about(text: str, officer_client: Client) -> None:
    assert post_new(officer_client, RecordKind.EVENT, occurred_on=text).status_code == 302


def test_rare_years_of_a_file_are_confirmed(officer: User, officer_client: Client) -> None:
    text = b"title,role,kind,occurred_on\nx,organised,workshop,1985\n"
    with pytest.raises(InvalidTransition, match="long ago or far ahead"):
        check("event", text.decode(), officer).write()
    at = timezone.now()
    preview = make_preview(RecordKind.EVENT, text, "events.csv", by=officer, at=at)
    address = reverse("indicators:import_preview", args=[preview.uuid])
    assert 'name="rare_dates"' in officer_client.get(address).content.decode()
    officer_client.post(address)
    assert not Event.objects.exists()
    officer_client.post(address, {"rare_dates": "yes"})
    assert str(Event.objects.get().occurred_on) == "1985"

"""Possible duplicates: shown before saving; the user may save all the same."""

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from indicators.forms.duplicates import find_duplicates
from indicators.models import Initiative, Status
from strategy.choices import RecordKind, Role
from strategy.dates.periods import PartialDate
from strategy.models import Country, Plan, User
from tests.conftest import client_of
from tests.factories import make_record, make_user
from tests.support.samples.form_answers import answers, post_edit, post_new, read_text

TITLE = "Niger: police training kit"


@pytest.fixture
def _places(plan: Plan) -> None:
    """Load the plan with its reference data."""


pytestmark = pytest.mark.usefixtures("_places")


def alike(user: User, **values: Any) -> list[str]:
    typed = {"title": TITLE, "starts_on": PartialDate("2018-03"), **values}
    typed.setdefault("countries", [Country.objects.get(code="NE")])
    found = find_duplicates(RecordKind.INITIATIVE, typed, user=user)
    return [one.reference for one in found.records]


@pytest.mark.parametrize(
    ("there", "is_alike"),
    [
        ({}, True),
        ({"title": "NIGER – Police-training kít"}, True),
        ({"title": "Police training kit, Niger"}, True),
        ({"title": "Niger: police trainning kit"}, True),
        ({"title": "Niger: guide for judges"}, False),
        ({"title": "Niger"}, False),
        ({"countries": ["TG"]}, False),
        ({"countries": ["TG", "NE"]}, True),
        ({"countries": []}, True),
        ({"starts_on": "2018-05-20"}, True),
        ({"starts_on": "2018"}, True),
        ({"starts_on": None}, True),
        ({"starts_on": "2019-03"}, False),
        ({"starts_on": "2017-10-30"}, False),
        ({"status": Status.WITHDRAWN}, False),
    ],
)
def test_alike_is_the_same_country_a_like_title_and_a_date_near(
    there: dict[str, Any], is_alike: bool, staff: User
) -> None:
    stored = {"title": TITLE, "starts_on": "2018-03-12", "countries": ["NE"], **there}
    make_record("initiative", entered_by=staff, reference="THERE", **stored)
    assert alike(staff) == (["THERE"] if is_alike else [])


def test_what_may_be_the_same_is_shown_and_nothing_is_saved(
    staff: User, staff_client: Client
) -> None:
    there = make_record("initiative", entered_by=staff, title=TITLE)
    given = {"title": TITLE, "starts_on": "March 2018", "summary": "Eight stations"}
    response = post_new(staff_client, RecordKind.INITIATIVE, **given, submit="yes")

    page = response.content.decode()
    assert response.status_code == 409
    assert Initiative.objects.count() == 1
    assert "<title>Error: " in page
    assert reverse("indicators:record_detail", args=["initiative", there.reference]) in page
    assert 'value="March 2018"' in page
    assert "Eight stations" in page
    assert 'name="is_another" value="submit"' in page


@pytest.mark.parametrize(
    ("pressed", "status"),
    [("submit", Status.SUBMITTED), ("another", Status.DRAFT), ("yes", Status.DRAFT)],
)
def test_saved_all_the_same_it_goes_where_the_first_press_meant(
    pressed: str, status: Status, staff: User, staff_client: Client
) -> None:
    make_record("initiative", entered_by=staff, title=TITLE, reference="THERE")
    response = post_new(staff_client, RecordKind.INITIATIVE, title=TITLE, is_another=pressed)
    assert response.status_code == 302
    assert Initiative.objects.exclude(reference="THERE").get().status == status
    assert response.url.endswith("/new/") == (pressed == "another")


def test_records_of_another_office_are_counted_and_not_named(
    staff: User, staff_client: Client
) -> None:
    dakar = make_user(Role.STAFF, "dakar")
    make_record("initiative", entered_by=dakar, title=TITLE, reference="SECRET-1")
    response = post_new(staff_client, RecordKind.INITIATIVE, title=TITLE)
    assert response.status_code == 409
    assert "1 record of another office, which you may not open" in read_text(response)
    assert "SECRET-1" not in response.content.decode()

    officer = make_user(Role.OFFICER, "montreal")
    assert (
        "SECRET-1"
        in post_new(client_of(officer), RecordKind.INITIATIVE, title=TITLE).content.decode()
    )


def test_a_form_sent_twice_is_no_duplicate_of_itself(staff_client: Client) -> None:
    given = answers(RecordKind.INITIATIVE, title=TITLE)
    address = reverse("indicators:record_create", args=["initiative"])
    first, second = (staff_client.post(address, given) for _press in range(2))
    assert (first.status_code, second.url) == (302, first.url)
    assert Initiative.objects.count() == 1


def test_a_record_that_becomes_like_another_is_shown_it_before_saving(
    staff: User, staff_client: Client
) -> None:
    there = make_record("initiative", entered_by=staff, title=TITLE)
    other = make_record("initiative", entered_by=staff, title="Togo: guide", countries=["TG"])
    response = post_edit(staff_client, other, title=TITLE, countries="Niger")
    assert response.status_code == 409
    assert (
        reverse("indicators:record_detail", args=["initiative", there.reference])
        in response.content.decode()
    )
    assert Initiative.objects.get(pk=other.pk).title == "Togo: guide"

    given = {"title": TITLE, "countries": "Niger", "is_another": "submit"}
    assert post_edit(staff_client, other, **given).status_code == 302
    other.refresh_from_db()
    assert (other.title, other.status) == (TITLE, Status.SUBMITTED)


@pytest.mark.parametrize("kind", list(RecordKind))
def test_a_record_is_no_duplicate_of_itself(
    kind: RecordKind, staff: User, staff_client: Client
) -> None:
    record = make_record(kind, entered_by=staff)
    assert post_edit(staff_client, record, reference="OTHER-1").status_code == 302
    assert post_edit(staff_client, type(record).objects.get(pk=record.pk)).status_code == 302


def test_a_change_of_something_else_asks_nothing_of_what_was_alike_before(
    staff: User, staff_client: Client
) -> None:
    make_record("initiative", entered_by=staff, title=TITLE)
    twin = make_record("initiative", entered_by=staff, title=TITLE)
    given = {"title": TITLE, "summary": "Eight stations"}
    assert post_edit(staff_client, twin, **given).status_code == 302


def test_files_that_the_browser_forgets_are_asked_for_again(
    staff: User, staff_client: Client
) -> None:
    make_record("initiative", entered_by=staff, title=TITLE)
    file = SimpleUploadedFile("decree.pdf", b"%PDF-1.7\n%the decree")
    response = post_new(staff_client, RecordKind.INITIATIVE, title=TITLE, new_files=file)
    assert response.status_code == 409
    assert "Choose the files again" in read_text(response)


def test_to_compare_with_many_is_one_query(staff: User) -> None:
    for number in range(30):
        make_record("initiative", entered_by=staff, title=f"{TITLE} {number}")
    values = {"title": TITLE, "countries": [Country.objects.get(code="NE")]}
    assert staff.role
    with CaptureQueriesContext(connection) as asked:
        found = find_duplicates(RecordKind.INITIATIVE, values, user=staff)
    assert len(asked) == 1
    assert len(found.records) == 5


@pytest.mark.parametrize("kind", list(RecordKind))
def test_answers_of_every_kind_are_foreseen_and_nothing_is_written(
    kind: RecordKind, staff: User, staff_client: Client
) -> None:
    make_record("initiative", entered_by=staff, title="Togo: guide for judges")
    address = reverse("indicators:record_contributions", args=[kind])
    for given in (answers(kind), {}, {"title": "x" * 400, "starts_on": "3/4/2018"}):
        with CaptureQueriesContext(connection) as asked:
            response = staff_client.post(address, given)
        assert response.status_code == 200
        assert "<html" not in response.content.decode()
        written = [q["sql"] for q in asked if re.match("INSERT|UPDATE|DELETE", q["sql"])]
        assert written == []


def test_while_one_types_the_page_says_what_it_counts_towards(staff_client: Client) -> None:
    address = reverse("indicators:record_contributions", args=["initiative"])
    given = answers(RecordKind.INITIATIVE, countries="Canada; Niger", starts_on="mars 2018")
    page = read_text(staff_client.post(address, given))
    assert "Once approved, it would count towards 1.1." in page
    assert "not before this is answered: Which fields of activity?" in page

    page = read_text(staff_client.post(address, given | {"countries": "Canada"}))
    assert "As answered so far, it would count towards nothing." in page
    assert "Outside the geography of the target. Canada counts under 1.3." in page


def test_who_may_not_record_foresees_nothing(board_client: Client) -> None:
    assert (
        board_client.post(reverse("indicators:record_contributions", args=["event"])).status_code
        == 403
    )

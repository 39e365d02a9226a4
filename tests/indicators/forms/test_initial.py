"""Initial values of a new form: empty, or from the last or another record when asked."""

from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from indicators.forms.registry import RECORD_TYPES
from indicators.models import CopiedAnswers, Event, Initiative, Status
from strategy.choices import RecordKind, Role
from strategy.models import Plan, User
from tests.factories import make_approved, make_record, make_user
from tests.support.samples.form_answers import post_new, read_text


@pytest.fixture
def _places(plan: Plan) -> None:
    """Load the plan with its reference data."""


pytestmark = pytest.mark.usefixtures("_places")

NEW = "/records/initiative/new/"


MARK = "Copied from an earlier record: check it."
LAST = f"{NEW}?begin=last"


def test_a_new_form_answers_nothing(staff: User, staff_client: Client) -> None:
    assert "my last record" not in read_text(staff_client.get(NEW))
    make_record("initiative", entered_by=staff, title="Togo: guide", countries=["TG"])

    response = staff_client.get(NEW)
    form = response.context["form"]
    answered = {field.name for field in form.visible_fields() if field.value()}
    assert answered <= {"scope"}
    assert MARK not in read_text(response)
    assert "Use the answers of my last record" in read_text(response)


def test_the_first_budget_answers_neither_its_basis_nor_its_currency(
    officer_client: Client,
) -> None:
    form = officer_client.get("/records/annual_budget/new/").context["form"]
    assert not form["basis"].value()
    assert not form["currency"].value()


def test_answers_of_the_last_record_are_copied_when_asked_and_marked(
    staff: User, staff_client: Client
) -> None:
    make_record("initiative", entered_by=staff, title="Togo: guide", countries=["TG"])
    make_record("initiative", entered_by=make_user(), title="Kit", countries=["SN"])

    response = staff_client.get(LAST)
    form = response.context["form"]
    assert form["countries"].value() == "Togo"
    chosen = form.fields["fields_of_activity"].queryset.get(code="justice")
    assert form["fields_of_activity"].value() == [chosen.pk]
    assert not form["title"].value()
    assert not form["starts_on"].value()
    assert read_text(response).count(MARK) == len(form["copied"].value()) == 3
    assert response.context["page"].are_details_open is False
    assert not response.context["contribution_hints"]


def test_the_mark_stays_after_an_error_and_on_a_draft(staff: User, staff_client: Client) -> None:
    make_record("initiative", entered_by=staff, countries=["TG"])
    token = str(staff_client.get(LAST).context["form"]["creation_token"].value())
    answers = {"creation_token": token, "countries": "Togo", "copied": ["countries"]}

    failed = staff_client.post(NEW, {**answers, "title": ""})
    assert (failed.status_code, read_text(failed).count(MARK)) == (400, 1)

    assert staff_client.post("/form-drafts/initiative/", answers).status_code == 200
    draft = staff_client.get(f"{NEW}?draft={token}")
    assert draft.context["form"]["countries"].value() == "Togo"
    assert read_text(draft).count(MARK) == 1


def test_the_mark_stays_on_a_record_in_draft_until_it_is_touched(
    staff: User, staff_client: Client
) -> None:
    make_record("initiative", entered_by=staff, countries=["TG"])
    fields = ["countries", "scope"]
    answers = {"title": "Togo: kit", "countries": "Togo", "scope": "country", "copied": fields}
    saved = staff_client.post(NEW, {**answers, "creation_token": str(uuid4())})
    there = f"{saved['Location']}edit/"

    form = staff_client.get(there).context["form"]
    assert form["copied"].value() == fields
    assert read_text(staff_client.get(there)).count(MARK) == 2

    version = {"version": form["version"].value()}
    staff_client.post(there, {**answers, **version, "copied": ["scope"]})
    assert staff_client.get(there).context["form"]["copied"].value() == ["scope"]

    version = {"version": Initiative.objects.get(title="Togo: kit").version}
    staff_client.post(there, {**answers, **version, "copied": []})
    assert not staff_client.get(there).context["form"]["copied"].value()
    assert not CopiedAnswers.objects.exists()


def test_a_withdrawn_record_is_not_copied(staff: User, staff_client: Client) -> None:
    make_record("initiative", entered_by=staff, status=Status.WITHDRAWN)
    assert "my last record" not in read_text(staff_client.get(NEW))
    assert MARK not in read_text(staff_client.get(LAST))


def test_every_kind_repeats_only_first_questions() -> None:
    for record_type in RECORD_TYPES.values():
        assert set(record_type.repeated) <= set(record_type.questions) - {"title"}


def test_saved_with_another_to_follow_the_next_form_is_there(staff_client: Client) -> None:
    response = post_new(staff_client, RecordKind.INITIATIVE, another="yes")
    assert response.url == NEW
    page = read_text(staff_client.get(response.url))
    assert "Saved as a draft: Niger: police training. Enter the next one." in page
    assert MARK not in page
    assert Initiative.objects.get().status == Status.DRAFT


def test_a_copy_has_the_answers_and_nothing_of_the_life_of_its_original(
    staff: User, staff_client: Client
) -> None:
    original = make_approved(
        "event", entered_by=staff, place="Niamey", country="NE", notes="A note.", evidence=2
    )
    detail = staff_client.get(
        reverse("indicators:record_detail", args=["event", original.reference])
    )
    address = f"/records/event/new/?copy={original.reference}"
    assert address in detail.content.decode()

    response = staff_client.get(address)
    form = response.context["form"]
    assert f"Copied from {original.reference}." in read_text(response)
    assert read_text(response).count(MARK) == len(form["copied"].value())
    assert {"title", "place", "country", "notes"} <= set(form["copied"].value())
    assert form["title"].value() == original.title
    assert (form["place"].value(), form["country"].value()) == ("Niamey", "Niger")
    assert form["notes"].value() == "A note."
    assert not form["reference"].value()
    assert not form["links"].value()
    assert form["creation_token"].value() != original.creation_token
    assert response.context["contribution_hints"]

    post_new(staff_client, RecordKind.EVENT, title="Second conference")
    copy = Event.objects.exclude(pk=original.pk).get()
    assert (copy.status, copy.evidence.count()) == (Status.DRAFT, 0)


def test_only_what_one_may_see_is_copied(staff_client: Client) -> None:
    other = make_record("event", entered_by=make_user(Role.STAFF, "dakar"))
    assert staff_client.get(f"/records/event/new/?copy={other.reference}").status_code == 404
    assert staff_client.get("/records/event/new/?copy=%00").status_code == 400
    assert staff_client.get("/records/event/new/?copy=").status_code == 404


def test_an_old_form_typed_in_arabic_digits_is_a_year(officer_client: Client) -> None:
    post_new(officer_client, RecordKind.ANNUAL_BUDGET, year="٢٠١٧ / ٢٠١٨")
    assert RECORD_TYPES[RecordKind.ANNUAL_BUDGET].model._default_manager.get().year == "2017-2018"

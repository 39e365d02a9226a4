"""Creating and editing records in the browser: questions, saved values, messages, access."""

import gzip
import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from indicators.forms.fields import TEXT_LENGTH
from indicators.forms.registry import RECORD_TYPES
from indicators.models import (
    Decision,
    Event,
    Initiative,
    Status,
)
from indicators.workflow import actions
from strategy.choices import RecordKind, Role
from strategy.models import Plan, User
from tests.conftest import client_of
from tests.factories import make_approved, make_record, make_user
from tests.support.query_baselines import Baseline
from tests.support.samples.form_answers import ANSWERS, answers, post_edit, post_new, read_text


@pytest.fixture
def _places(plan: Plan) -> None:
    """Load the plan and its reference data, with Niger and other countries."""


pytestmark = pytest.mark.usefixtures("_places")


@pytest.mark.parametrize("kind", list(RecordKind))
def test_every_kind_is_entered_with_few_answers(
    kind: RecordKind, staff: User, staff_client: Client
) -> None:
    make_record("initiative", entered_by=staff, title="Togo: guide for judges")
    model: Any = RECORD_TYPES[kind].model
    before = set(model.objects.values_list("pk", flat=True))

    page = staff_client.get(reverse("indicators:record_create", args=[kind]))
    response = post_new(staff_client, kind)

    assert page.status_code == 200
    record = model.objects.exclude(pk__in=before).get()
    assert response.status_code == 302, read_text(response)
    assert response.url == reverse("indicators:record_detail", args=[kind, record.reference])
    assert (record.status, record.entered_by) == (Status.DRAFT, staff)


@pytest.mark.parametrize("kind", list(RecordKind))
def test_every_kind_is_changed_and_nothing_else_with_it(
    kind: RecordKind, staff: User, staff_client: Client
) -> None:
    record = make_record(kind, entered_by=staff)
    page = staff_client.get(reverse("indicators:record_edit", args=[kind, record.reference]))
    form = page.context["form"]
    same = {name: form[name].value() for name in form.fields if form[name].value() is not None}
    same = {name: getattr(value, "pk", value) for name, value in same.items()}
    same = {
        name: [getattr(one, "pk", one) for one in value] if isinstance(value, list) else value
        for name, value in same.items()
    }
    same["links"] = ""

    address = reverse("indicators:record_edit", args=[kind, record.reference])
    staff_client.post(address, same)
    record.refresh_from_db()
    assert (record.version, record.history.count()) == (1, 1)

    staff_client.post(address, same | {"notes": "A note."})
    record.refresh_from_db()
    assert (record.version, record.notes, record.history.count()) == (2, "A note.", 2)


@pytest.mark.parametrize("kind", list(RecordKind))
def test_an_empty_form_says_at_each_question_what_to_do(
    kind: RecordKind, staff: User, staff_client: Client
) -> None:
    response = staff_client.post(reverse("indicators:record_create", args=[kind]), {})

    form = response.context["form"]
    assert response.status_code == 400
    assert response.content.decode().count("<title>Error: ") == 1
    for errors in form.errors.values():
        assert all(error.startswith(("Enter", "Choose", "Write")) for error in errors), errors
    assert RECORD_TYPES[kind].model._default_manager.count() == 0


def test_an_answer_in_error_is_kept_with_all_the_others(staff_client: Client) -> None:
    response = post_new(
        staff_client,
        RecordKind.INITIATIVE,
        title="Niger: interview rooms",
        countries="Nigeer; Togo",
        starts_on="2019-02-30",
        summary="<b>Eight</b> stations",
    )

    page = response.content.decode()
    assert response.status_code == 400
    assert 'value="Nigeer; Togo"' in page
    assert 'value="2019-02-30"' in page
    assert 'value="Niger: interview rooms"' in page
    assert "&lt;b&gt;Eight&lt;/b&gt; stations" in page
    assert "“Nigeer” is not a country. Did you mean Niger" in page
    assert page.count("“2019-02-30” does not exist in the calendar.") == 2
    assert Initiative.objects.count() == 0


def test_a_text_longer_than_is_looked_through_is_told_so_and_kept(staff_client: Client) -> None:
    text = "y" * (TEXT_LENGTH.limit_value + 1)
    response = post_new(staff_client, RecordKind.INITIATIVE, summary=text, notes=text[1:])

    assert response.status_code == 400
    assert response.context["form"].errors.keys() == {"summary"}
    assert text in response.content.decode()
    assert Initiative.objects.count() == 0


def test_the_summary_of_errors_has_the_focus_and_leads_to_the_questions(
    staff_client: Client,
) -> None:
    page = post_new(staff_client, RecordKind.INITIATIVE, title="").content.decode()

    assert 'role="alert" tabindex="-1" autofocus' in page
    assert '<a href="#id_title">Enter the title</a>' in page
    assert page.index("autofocus") < page.index("<h1>")


def test_saving_and_submitting_are_one_press_and_two_acts(staff_client: Client) -> None:
    response = post_new(staff_client, RecordKind.EVENT, submit="yes")

    event = Event.objects.get()
    assert event.status == Status.SUBMITTED
    assert [row.status for row in event.history.all()] == ["submitted", "draft"]
    assert "A second person checks it now" in read_text(staff_client.get(response.url))


def test_a_form_whose_token_is_no_token_is_refused_and_not_an_error_of_ours(
    staff_client: Client,
) -> None:
    response = post_new(staff_client, RecordKind.EVENT, creation_token="abc")
    assert response.status_code == 400


def test_the_form_says_beforehand_that_an_approved_record_stops_counting(
    staff: User, staff_client: Client
) -> None:
    event = make_approved("event", entered_by=staff)
    page = staff_client.get(reverse("indicators:record_edit", args=["event", event.reference]))
    assert "it stops counting until a second person approves it again" in read_text(page)

    response = post_edit(staff_client, event, title="Another title", links="https://a.org")
    event.refresh_from_db()
    assert (event.status, event.was_approved) == (Status.SUBMITTED, True)
    assert "It stopped counting" in read_text(staff_client.get(response.url))


def test_a_returned_record_shows_its_note_in_the_form(staff: User, staff_client: Client) -> None:
    event = make_record("event", status=Status.RETURNED, entered_by=staff)
    page = read_text(
        staff_client.get(reverse("indicators:record_edit", args=["event", event.reference]))
    )
    assert "Which month did it start?" in page
    assert "Save and submit again" in page


def test_the_second_to_save_keeps_the_text_and_sees_both(staff: User, staff_client: Client) -> None:
    event = make_record("event", entered_by=staff, title="Conference")
    seen = event.version
    post_edit(staff_client, event, title="Their title")

    address = reverse("indicators:record_edit", args=["event", event.reference])
    mine = answers(RecordKind.EVENT, title="My title", version=seen)
    response = staff_client.post(address, mine)

    assert response.status_code == 409
    page = response.content.decode()
    assert "<title>Error: " in page
    assert "Their title" in page
    assert 'value="My title"' in page
    assert Event.objects.get().title == "Their title"
    again = staff_client.post(
        address, mine | {"version": response.context["form"]["version"].value()}
    )
    assert again.status_code == 302
    assert Event.objects.get().title == "My title"


def test_a_form_that_does_not_say_which_version_it_saw_overwrites_nothing(
    staff: User, staff_client: Client
) -> None:
    event = make_record("event", entered_by=staff, title="Conference")
    response = staff_client.post(
        reverse("indicators:record_edit", args=["event", event.reference]),
        ANSWERS[RecordKind.EVENT],
    )
    assert response.status_code == 409


def test_a_countries_conflict_names_the_countries_of_both(
    staff: User, staff_client: Client
) -> None:
    initiative = make_record("initiative", entered_by=staff, countries=["NE"])
    post_edit(staff_client, initiative, countries="Togo")
    response = post_edit(staff_client, initiative, countries="Senegal")
    [field] = [f for f in response.context["conflict"].fields if f.label == "Target countries"]
    assert (field.opened, field.stored, field.submitted) == ("Niger", "Togo", "Senegal")


def test_a_withdrawn_record_is_restored_before_it_is_changed(
    staff: User, staff_client: Client
) -> None:
    event = make_record("event", status=Status.WITHDRAWN, entered_by=staff)
    address = reverse("indicators:record_edit", args=["event", event.reference])
    assert staff_client.get(address).status_code == 403
    assert staff_client.post(address, answers(RecordKind.EVENT)).status_code == 409


def test_records_of_another_office_are_not_there(staff_client: Client) -> None:
    event = make_record("event", entered_by=make_user(Role.STAFF, "dakar"))
    address = reverse("indicators:record_edit", args=["event", event.reference])
    assert staff_client.get(address).status_code == 404
    assert staff_client.post(address, answers(RecordKind.EVENT)).status_code == 404


def test_managers_and_officers_enter_records_and_change_those_of_any_office(
    manager_client: Client, officer_client: Client
) -> None:
    event = make_record("event", entered_by=make_user(Role.STAFF, "dakar"))
    assert post_new(officer_client, RecordKind.DECISION).status_code == 302
    assert Decision.objects.get().office.code == "montreal"
    assert post_edit(manager_client, event, title="Corrected").status_code == 302
    event.refresh_from_db()
    assert event.office.code == "dakar"


@pytest.mark.parametrize("role", [Role.BOARD, Role.ADMIN])
def test_board_and_administrators_enter_nothing(role: Role) -> None:
    client = client_of(make_user(role))
    address = reverse("indicators:record_create", args=["event"])
    assert client.get(address).status_code == 403
    assert client.post(address, answers(RecordKind.EVENT)).status_code == 403
    assert Event.objects.count() == 0


def test_a_kind_that_there_is_not_has_no_form(staff_client: Client) -> None:
    assert staff_client.get("/records/festival/new/").status_code == 404


def test_the_form_costs_the_same_with_many_records(
    staff: User, staff_client: Client, query_baseline: Baseline
) -> None:
    for number in range(12):
        make_record("project", entered_by=staff, reference=f"PRJ-{number}")
    initiative = make_record("initiative", entered_by=staff, evidence=3, countries=["NE", "TG"])
    with query_baseline("record_create"):
        staff_client.get(reverse("indicators:record_create", args=["initiative"]))
    with query_baseline("record_edit"):
        staff_client.get(
            reverse("indicators:record_edit", args=["initiative", initiative.reference])
        )


def test_the_form_is_light(staff_client: Client) -> None:
    page = staff_client.get(reverse("indicators:record_create", args=["initiative"]))
    assert len(gzip.compress(page.content)) < 8_000


def test_the_names_of_countries_are_fetched_once_in_the_language_of_the_reader(
    staff_client: Client,
) -> None:
    address = reverse("indicators:country_names")
    assert (
        f'data-names="{address}"'
        in staff_client.get(
            reverse("indicators:record_create", args=["initiative"])
        ).content.decode()
    )
    english = staff_client.get(address)
    staff_client.cookies["django_language"] = "fr"
    french = staff_client.get(address)
    assert dict(english.json())["Germany"] == "Allemagne, Alemania, ألمانيا"
    assert "Germany" in dict(french.json())["Allemagne"]
    assert "max-age" in english["Cache-Control"]
    assert "Cookie" in english["Vary"]


def test_every_kind_has_a_screen_and_asks_each_of_its_columns_once() -> None:
    assert set(RECORD_TYPES) == set(RecordKind)
    for record_type in RECORD_TYPES.values():
        asked = (*record_type.questions, *record_type.details)
        assert sorted(asked) == sorted(
            (*record_type.model.COLUMNS, "notes", "reference", "confidential")
        )
        assert set(record_type.columns) <= set(record_type.model.COLUMNS)
        assert record_type.form._meta.model is record_type.model


def test_a_record_that_waits_goes_on_waiting_when_it_is_changed(
    staff: User, staff_client: Client
) -> None:
    event = make_record("event", status=Status.SUBMITTED, entered_by=staff)
    response = post_edit(staff_client, event, title="Another title")
    assert "It still waits for a second person." in read_text(staff_client.get(response.url))
    event.refresh_from_db()
    assert event.status == Status.SUBMITTED


def test_an_approved_record_saved_as_it_is_stays_approved(
    staff: User, staff_client: Client
) -> None:
    post_new(staff_client, RecordKind.EVENT)
    event = Event.objects.get()
    Event.objects.update(status=Status.APPROVED)
    response = post_edit(staff_client, event)
    assert "Nothing was changed." in read_text(staff_client.get(response.url))
    assert Event.objects.get().status == Status.APPROVED


def test_an_office_that_is_lost_on_the_way_is_said(
    staff: User, staff_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_args: Any, **_values: Any) -> None:
        raise actions.ActionDenied("Your account belongs to no office.")

    monkeypatch.setattr(actions, "save_record", refuse)
    assert post_new(staff_client, RecordKind.EVENT).status_code == 403


def test_a_head_request_answers_as_a_page_does(staff: User, staff_client: Client) -> None:
    event = make_record("event", entered_by=staff)
    for name, args in (
        ("indicators:record_list", ["event"]),
        ("indicators:record_detail", ["event", event.reference]),
        ("indicators:record_create", ["event"]),
        ("indicators:my_work", []),
    ):
        assert staff_client.head(reverse(name, args=args)).status_code == 200


def test_at_once_is_asked_little_and_all_that_has_to_be_answered() -> None:
    for record_type in RECORD_TYPES.values():
        assert len(record_type.questions) <= 7, record_type.kind
        for name in record_type.details:
            column = record_type.model._meta.get_field(name)
            assert column.blank or column.has_default(), (record_type.kind, name)


@pytest.mark.parametrize("kind", list(RecordKind))
def test_a_new_form_is_short_and_opens_where_an_answer_was_added(
    kind: RecordKind, staff: User, staff_client: Client
) -> None:
    make_record("initiative", entered_by=staff)
    page = staff_client.get(reverse("indicators:record_create", args=[kind])).context["page"]
    assert (page.are_details_open, page.is_evidence_open) == (False, False)

    address = reverse("indicators:record_create", args=[kind])
    given = {"notes": "A note.", "links": "no link"}
    page = staff_client.post(address, given).context["page"]
    assert (page.are_details_open, page.is_evidence_open) == (True, True)


def test_a_record_opens_closed_unless_a_detail_is_filled_in(
    staff: User, staff_client: Client
) -> None:
    plain = make_record("event", entered_by=staff)
    placed = make_record("event", entered_by=staff, place="Niamey", evidence=1)
    for record, is_open in ((plain, False), (placed, True)):
        address = reverse("indicators:record_edit", args=["event", record.reference])
        page = staff_client.get(address).context["page"]
        assert (page.are_details_open, page.is_evidence_open) == (is_open, is_open)


@pytest.mark.parametrize("kind", [RecordKind.ASSESSMENT, RecordKind.ACTIVITY])
def test_a_choice_without_an_answer_is_named_in_the_language_of_the_reader(
    kind: RecordKind, staff_client: Client, plan: Plan
) -> None:
    make_record("initiative")
    make_record("project")
    page = staff_client.get(
        reverse("indicators:record_create", args=[kind]), headers={"Accept-Language": "fr"}
    )
    empty = re.findall(r'<option value=""[^>]*>([^<]+)</option>', page.content.decode())
    assert empty
    assert {text.strip() for text in empty} <= {"Choisir", "Inconnu"}

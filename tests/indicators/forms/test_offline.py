"""Records entered offline: sent once each, by their author, under the rules of the form."""

import uuid
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from indicators.forms import offline
from indicators.models import Event, FormDraft, Status
from strategy.choices import RecordKind, Role
from strategy.models import Plan, User
from tests.conftest import client_of
from tests.factories import make_approved, make_record, make_user
from tests.support.query_baselines import Baseline
from tests.support.samples.form_answers import answers


@pytest.fixture
def _plan(plan: Plan) -> None:
    """Load the plan with its reference data."""


pytestmark = pytest.mark.usefixtures("_plan")


def send(client: Client, user: User, values: dict[str, Any], kind: str = "event") -> Any:
    address = reverse("indicators:offline_send", args=[kind])
    return client.post(address, values, headers={"X-Draft-Owner": str(user.pk)})


def test_a_record_sent_twice_is_there_once(staff: User, staff_client: Client) -> None:
    values = answers(RecordKind.EVENT)
    first, second = (send(staff_client, staff, values) for _time in range(2))
    assert (first.status_code, second.status_code) == (201, 201)
    assert (first.json()["is_repeated"], second.json()["is_repeated"]) == (False, True)
    event = Event.objects.get()
    assert first.json()["url"] == second.json()["url"]
    assert first.json()["url"] == reverse(
        "indicators:record_detail", args=["event", event.reference]
    )
    assert event.history.count() == 1


def test_what_was_changed_before_it_is_sent_again_is_not_taken_for_what_is_there(
    staff: User, staff_client: Client
) -> None:
    values = answers(RecordKind.EVENT, submit="yes")
    send(staff_client, staff, values)
    token = {"creation_token": values["creation_token"]}
    sent = (values, {**values, "notes": "On the second day."}, {**values, "title": ""}, token)
    again = [send(staff_client, staff, one).json() for one in sent]
    assert [one["is_repeated"] for one in again] == [True] * 4
    assert [one["differs"] for one in again] == [False, True, True, False]
    assert Event.objects.get().notes == ""


def test_a_second_arrival_is_known_even_where_the_form_would_refuse_it_now(
    staff: User, staff_client: Client
) -> None:
    values = answers(RecordKind.EVENT, reference="EVE-MINE")
    send(staff_client, staff, values)
    again = send(staff_client, staff, {**values, "title": ""})
    assert (again.status_code, again.json()["is_repeated"]) == (201, True)


def test_the_button_that_was_pressed_is_pressed(staff: User, staff_client: Client) -> None:
    send(staff_client, staff, answers(RecordKind.EVENT, submit="yes"))
    send(staff_client, staff, answers(RecordKind.EVENT, is_another="yes"))
    assert {event.status for event in Event.objects.all()} == {Status.SUBMITTED, Status.DRAFT}


def test_what_cannot_be_saved_gets_the_sentences_of_the_form(
    staff: User, staff_client: Client
) -> None:
    answer = send(staff_client, staff, answers(RecordKind.EVENT, title=""))
    assert answer.status_code == 400
    assert "Enter the title" in answer.content.decode()
    assert not Event.objects.exists()


def test_a_likely_duplicate_is_asked_about_and_not_sent(staff: User, staff_client: Client) -> None:
    send(staff_client, staff, answers(RecordKind.EVENT))
    answer = send(staff_client, staff, answers(RecordKind.EVENT))
    assert answer.status_code == 409
    url = reverse("indicators:record_detail", args=["event", Event.objects.get().reference])
    assert f'data-duplicate href="{url}"' in answer.content.decode()
    assert Event.objects.count() == 1


def test_nothing_is_sent_under_another_s_name(staff: User, staff_client: Client) -> None:
    colleague = make_user(Role.STAFF, "niamey")
    values = answers(RecordKind.EVENT)
    assert send(client_of(colleague), staff, values).status_code == 412
    address = reverse("indicators:offline_send", args=["event"])
    assert client_of(colleague).post(address, values).status_code == 412
    assert not Event.objects.exists()
    assert send(staff_client, staff, values).status_code == 201
    assert Event.objects.get().entered_by == staff


@pytest.mark.parametrize("name", ["record_create", "form_draft_save", "offline_send"])
def test_a_form_is_refused_to_all_but_who_opened_it(
    name: str, staff: User, manager: User, manager_client: Client
) -> None:
    values = answers(RecordKind.EVENT, title="Typed by staff", form_author=staff.pk)
    headers = {"X-Draft-Owner": str(manager.pk)}
    address = reverse(f"indicators:{name}", args=["event"])
    answer = manager_client.post(address, values, headers=headers)
    assert answer.status_code == 412
    assert not Event.objects.exists()
    assert not FormDraft.objects.exists()


def test_a_refused_form_can_be_sent_again_by_its_author(
    staff: User, staff_client: Client, manager_client: Client
) -> None:
    values = answers(RecordKind.EVENT, title="Typed by staff", form_author=staff.pk)
    page = manager_client.post(reverse("indicators:record_create", args=["event"]), values)
    assert "Another account opened this form" in page.content.decode()
    sent = dict(page.context["unsaved"].resubmit_fields)
    assert sent["title"] == "Typed by staff"
    staff_client.post(reverse("indicators:record_create", args=["event"]), sent)
    assert Event.objects.get().entered_by == staff


def test_another_s_token_opens_nothing(staff: User, staff_client: Client) -> None:
    values = answers(RecordKind.EVENT, title="Mine")
    send(staff_client, staff, values)
    colleague = make_user(Role.STAFF, "niamey")
    answer = send(client_of(colleague), colleague, values)
    assert answer.status_code == 412
    assert Event.objects.get().entered_by == staff


def test_a_sender_who_is_signed_out_is_sent_to_sign_in(client: Client, staff: User) -> None:
    answer = send(client, staff, answers(RecordKind.EVENT))
    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("account_login"))
    assert not Event.objects.exists()


def test_without_its_token_of_the_page_nothing_is_taken(staff: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(staff)
    values = answers(RecordKind.EVENT)
    assert send(client, staff, values).status_code == 403
    ticket = client.get(reverse("indicators:offline_session")).json()
    assert ticket["user"] == staff.pk
    address = reverse("indicators:offline_send", args=["event"])
    headers = {"X-Draft-Owner": str(staff.pk), "X-CSRFToken": ticket["token"]}
    assert client.post(address, values, headers=headers).status_code == 201


def test_sending_removes_what_was_kept_while_typing(staff: User, staff_client: Client) -> None:
    values = answers(RecordKind.EVENT)
    staff_client.post(reverse("indicators:form_draft_save", args=["event"]), values)
    assert FormDraft.objects.count() == 1
    send(staff_client, staff, values)
    assert not FormDraft.objects.exists()


def test_the_list_says_itself_what_was_sent(staff: User, staff_client: Client) -> None:
    for _number in range(3):
        send(staff_client, staff, answers(RecordKind.EVENT, is_another="yes"))
    assert not list(staff_client.get(reverse("indicators:my_work")).context["messages"])


@pytest.mark.parametrize("kind", offline.KINDS)
def test_a_page_that_stays_on_the_device_holds_nobody_s_record_and_no_name(
    kind: RecordKind, staff: User, staff_client: Client, manager_client: Client
) -> None:
    for made in ("project", "initiative", "activity", kind):
        make_record(made, title="Somebody's own", reference=f"REF-{uuid.uuid4().hex[:8]}")
        make_approved(made, title="Somebody's own record", entered_by=staff)
    staff_client.post(
        reverse("indicators:form_draft_save", args=[kind]),
        answers(kind, title="Somebody's own begun"),
    )
    pages = []
    for client in (staff_client, manager_client):
        for address in (
            reverse("indicators:offline_queue"),
            reverse("indicators:offline_form", args=[kind]),
        ):
            page = client.get(address).content.decode()
            assert "Somebody" not in page
            assert "REF-" not in page
            assert staff.username not in page
            assert "Aïssa" not in page
            assert 'name="csrfmiddlewaretoken" value' not in page
            pages.append(page)
    assert pages[:2] == pages[2:]


@pytest.mark.parametrize("kind", offline.KINDS)
def test_the_form_that_stays_on_the_device_asks_what_the_form_asks(
    kind: RecordKind, staff_client: Client
) -> None:
    kept = staff_client.get(reverse("indicators:offline_form", args=[kind])).context["form"]
    asked = staff_client.get(reverse("indicators:record_create", args=[kind])).context["form"]
    left_out = set(asked.fields) - set(kept.fields)
    # What is chosen among the records of the office is not stored on the device.
    assert left_out <= {"project", "strategy"}
    assert kept["creation_token"].value() == ""


def test_other_kinds_have_no_such_form(staff_client: Client) -> None:
    for kind in set(RecordKind) - set(offline.KINDS):
        assert staff_client.get(reverse("indicators:offline_form", args=[kind])).status_code == 404


def test_the_service_worker_serves_every_page_and_is_asked_for_anew(client: Client) -> None:
    answer = client.get("/sw.js")
    assert answer["Service-Worker-Allowed"] == "/"
    assert answer["Content-Type"] == "text/javascript"
    assert "no-cache" in answer["Cache-Control"]
    assert "worker" in answer.content.decode()


@pytest.mark.parametrize("role", [Role.BOARD, Role.ADMIN])
def test_who_enters_no_records_has_nothing_of_it(role: Role) -> None:
    client = client_of(make_user(role))
    assert client.get(reverse("indicators:offline_queue")).status_code == 403
    assert "js/offline." not in client.get(reverse("strategy:plan")).content.decode()


def test_what_sending_costs_is_fixed(
    staff: User, staff_client: Client, query_baseline: Baseline
) -> None:
    send(staff_client, staff, answers(RecordKind.EVENT, is_another="yes"))
    with query_baseline("offline_send"):
        send(staff_client, staff, answers(RecordKind.EVENT, is_another="yes"))
    for _number in range(4):
        send(staff_client, staff, answers(RecordKind.EVENT, is_another="yes"))
    with query_baseline("offline_send"):
        send(staff_client, staff, answers(RecordKind.EVENT, is_another="yes"))

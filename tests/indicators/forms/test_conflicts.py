"""Two users edit one record: the second user sees both versions and merges them."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from indicators.models import Event, Initiative, Record
from strategy.choices import RecordKind, Role
from strategy.models import Plan, User
from tests.conftest import client_of
from tests.factories import add_evidence, make_record, make_user
from tests.support.samples.form_answers import answers, read_text


@pytest.fixture
def _places(plan: Plan) -> None:
    """Load the plan with its reference data."""


pytestmark = pytest.mark.usefixtures("_places")


@pytest.fixture
def colleague_client(staff: User) -> Client:
    return client_of(make_user(Role.STAFF, first_name="Moussa", last_name="Garba"))


def page_of(client: Client, record: Record) -> dict[str, Any]:
    """Return the values that the record's form would send unchanged."""
    page = client.get(reverse("indicators:record_edit", args=[record.KIND, record.reference]))
    form = page.context["form"]
    found: dict[str, Any] = {}
    for name in form.fields:
        value = form[name].value()
        if isinstance(value, list):
            found[name] = [getattr(one, "pk", one) for one in value]
        elif value is not None:
            found[name] = value
    found["links"] = "\n".join(form["links"].value())
    return found


def send(client: Client, record: Record, sent: dict[str, Any], **more: Any) -> Any:
    address = reverse("indicators:record_edit", args=[record.KIND, record.reference])
    return client.post(address, {**sent, **more})


def answers_of(response: Any, **more: Any) -> dict[str, Any]:
    """Return the values that a conflict page would send, with the version opened first."""
    form = response.context["form"]
    sent = {name: form.data.getlist(name) for name in form.data if name != "merge"}
    return {**sent, "opened": response.context["conflict"].opened_version, **more}


def test_what_each_changed_elsewhere_goes_together_with_one_click(
    staff: User, staff_client: Client, colleague_client: Client
) -> None:
    event = make_record("event", entered_by=staff, title="Conference", notes="As planned.")
    mine, theirs = page_of(staff_client, event), page_of(colleague_client, event)
    assert (
        send(colleague_client, event, theirs, title="Congress", place="Niamey").status_code == 302
    )

    response = send(staff_client, event, mine, notes="It rained.", occurred_on="2018-09-12")
    assert response.status_code == 409
    page = read_text(response)
    assert "Moussa Garba saved it" in page
    assert "one click keeps both" in page
    told = {
        f.name: (f.opened, f.stored, f.submitted, f.resolution)
        for f in response.context["conflict"].fields
    }
    assert told == {
        "title": ("Conference", "Congress", "Conference", "stored"),
        "place": ("", "Niamey", "", "stored"),
        "occurred_on": ("2018-09-11", "2018-09-11", "2018-09-12", "typed"),
        "notes": ("As planned.", "As planned.", "It rained.", "typed"),
    }
    assert Event.objects.get().notes == "As planned."

    merged = send(staff_client, event, answers_of(response, merge="yes"))
    assert merged.status_code == 302, read_text(merged)
    event.refresh_from_db()
    assert (event.title, event.place, event.notes) == ("Congress", "Niamey", "It rained.")
    assert (str(event.occurred_on), event.version) == ("2018-09-12", 3)
    assert event.history.count() == 3


def test_a_field_that_both_changed_needs_a_choice(
    staff: User, staff_client: Client, colleague_client: Client
) -> None:
    event = make_record("event", entered_by=staff, title="Conference")
    mine, theirs = page_of(staff_client, event), page_of(colleague_client, event)
    send(colleague_client, event, theirs, title="Congress", place="Niamey")
    response = send(staff_client, event, mine, title="Symposium")
    assert response.content.count(b'name="keep:title"') == 2
    assert b'name="keep:place"' not in response.content

    unchosen = send(staff_client, event, answers_of(response, merge="yes"))
    assert unchosen.status_code == 409
    assert "Choose which of the two to keep" in read_text(unchosen)
    assert Event.objects.get().title == "Congress"

    chosen = answers_of(unchosen, merge="yes") | {"keep:title": "typed"}
    assert send(staff_client, event, chosen).status_code == 302
    event.refresh_from_db()
    assert (event.title, event.place, event.version) == ("Symposium", "Niamey", 3)


def test_the_stored_text_can_be_chosen_too(
    staff: User, staff_client: Client, colleague_client: Client
) -> None:
    event = make_record("event", entered_by=staff, title="Conference")
    mine, theirs = page_of(staff_client, event), page_of(colleague_client, event)
    send(colleague_client, event, theirs, title="Congress")
    response = send(staff_client, event, mine, title="Symposium", notes="Rain.")
    sent = answers_of(response, merge="yes") | {"keep:title": "stored"}
    assert send(staff_client, event, sent).status_code == 302
    event.refresh_from_db()
    assert (event.title, event.notes) == ("Congress", "Rain.")


def test_words_of_several_values_and_links_go_together(
    staff: User, staff_client: Client, colleague_client: Client
) -> None:
    record = make_record("initiative", entered_by=staff, countries=["NE"])
    add_evidence(record, ["https://a.org", "https://b.org"])
    mine, theirs = page_of(staff_client, record), page_of(colleague_client, record)
    send(
        colleague_client,
        record,
        theirs,
        countries="Togo; Niger",
        links="https://a.org https://c.org",
    )
    response = send(
        staff_client,
        record,
        mine,
        title="Niger: kit",
        links="https://a.org https://b.org https://d.org",
    )
    assert response.status_code == 409
    assert not response.context["conflict"].has_choices

    assert send(staff_client, record, answers_of(response, merge="yes")).status_code == 302
    record = Initiative.objects.get()
    assert record.title == "Niger: kit"
    assert {country.code for country in record.countries.all()} == {"NE", "TG"}
    links = set(record.evidence.values_list("url", flat=True))
    assert links == {"https://a.org", "https://c.org", "https://d.org"}


def test_a_third_change_while_one_compares_is_noticed_and_joined(
    staff: User, staff_client: Client, colleague_client: Client
) -> None:
    event = make_record("event", entered_by=staff, title="Conference")
    mine, theirs = page_of(staff_client, event), page_of(colleague_client, event)
    send(colleague_client, event, theirs, place="Niamey")
    response = send(staff_client, event, mine, notes="Rain.")
    send(colleague_client, event, page_of(colleague_client, event), title="Congress")

    again = send(staff_client, event, answers_of(response, merge="yes"))
    assert again.status_code == 409
    assert send(staff_client, event, answers_of(again, merge="yes")).status_code == 302
    event.refresh_from_db()
    assert (event.title, event.place, event.notes) == ("Congress", "Niamey", "Rain.")


def test_what_does_not_fit_together_is_said_and_not_saved(
    staff: User, staff_client: Client, colleague_client: Client
) -> None:
    record = make_record("initiative", entered_by=staff, starts_on="2018-03")
    mine, theirs = page_of(staff_client, record), page_of(colleague_client, record)
    send(colleague_client, record, theirs, starts_on="2019-06")
    response = send(staff_client, record, mine, ends_on="2018-12")
    merged = send(staff_client, record, answers_of(response, merge="yes"))
    assert merged.status_code == 400
    assert "Enter a date that is not before 2019-06" in read_text(merged)
    assert Initiative.objects.get().version == 2


def test_a_reference_that_was_changed_meanwhile_loses_nothing(
    staff: User, staff_client: Client, colleague_client: Client
) -> None:
    event = make_record("event", entered_by=staff, reference="OLD")
    mine, theirs = page_of(staff_client, event), page_of(colleague_client, event)
    send(colleague_client, event, theirs, reference="EVT-2")
    response = send(staff_client, event, mine, notes="Rain.")
    assert response.status_code == 409
    assert send(staff_client, event, answers_of(response, merge="yes")).status_code == 302
    event.refresh_from_db()
    assert (event.reference, event.notes) == ("EVT-2", "Rain.")


def test_another_record_that_took_the_reference_meanwhile_is_not_touched(
    staff: User, staff_client: Client, colleague_client: Client
) -> None:
    event = make_record("event", entered_by=staff, reference="OLD")
    mine, theirs = page_of(staff_client, event), page_of(colleague_client, event)
    send(colleague_client, event, theirs, reference="EVT-2")
    make_record("event", entered_by=staff, reference="OLD", title="Another")

    response = send(staff_client, event, mine, notes="Rain.")
    assert response.status_code == 400
    assert response.context["form"]["notes"].value() == "Rain."
    assert Event.objects.get(reference="OLD").notes == ""


def test_without_a_known_version_every_difference_is_a_choice(
    staff: User, staff_client: Client
) -> None:
    event = make_record("event", entered_by=staff, title="Conference")
    response = send(staff_client, event, answers(RecordKind.EVENT, title="Mine", version="77"))
    fields = response.context["conflict"].fields
    assert fields and all(field.is_choice and not field.opened for field in fields)


def test_the_buttons_of_the_form_still_save_ones_own_text_alone(
    staff: User, staff_client: Client, colleague_client: Client
) -> None:
    event = make_record("event", entered_by=staff, title="Conference")
    mine, theirs = page_of(staff_client, event), page_of(colleague_client, event)
    send(colleague_client, event, theirs, title="Congress", place="Niamey")
    response = send(staff_client, event, mine, title="Symposium")
    assert send(staff_client, event, answers_of(response)).status_code == 302
    event.refresh_from_db()
    assert (event.title, event.place) == ("Symposium", "")

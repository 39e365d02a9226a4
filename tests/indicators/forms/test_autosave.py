"""Autosave: drafts are private to their owner, are no records, and expire."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from indicators.forms.autosave import LIFETIME, MAX_CHARACTERS, MAX_DRAFTS, get_drafts
from indicators.models import Event, FormDraft, Initiative
from indicators.workflow.actions import save_record
from strategy.choices import RecordKind, Role
from strategy.models import Plan, User
from tests.conftest import client_of
from tests.factories import make_record, make_user
from tests.support.samples.form_answers import answers, post_edit, post_new


@pytest.fixture
def _plan(plan: Plan) -> None:
    """Load the plan with its reference data."""


pytestmark = pytest.mark.usefixtures("_plan")

KEEP = reverse("indicators:form_draft_save", args=["initiative"])
NEW = reverse("indicators:record_create", args=["initiative"])
MY_WORK = reverse("indicators:my_work")


def typed(**values: Any) -> dict[str, Any]:
    return answers(RecordKind.INITIATIVE, **values)


def keep_edit(client: Client, record: Any, **values: Any) -> Any:
    address = reverse("indicators:form_draft_save", args=[record.KIND, record.reference])
    return client.post(address, answers(record.KIND, **{"version": record.version, **values}))


def discard_url(draft: FormDraft) -> str:
    return reverse("indicators:form_draft_discard", args=[draft.pk])


def test_what_is_typed_is_kept_as_it_is_and_makes_no_record(
    staff: User, staff_client: Client
) -> None:
    token = str(uuid.uuid4())
    for title in ("Ni", "Niger: pol"):
        values = typed(title=title, countries="Nigeer", starts_on="2018-13", creation_token=token)
        assert staff_client.post(KEEP, values).status_code == 200
    kept = FormDraft.objects.get()
    assert (kept.owner, str(kept.token), kept.title) == (staff, token, "Niger: pol")
    assert kept.answers["countries"] == ["Nigeer"]
    assert not Initiative.objects.exists()


def test_the_form_opened_again_offers_it_and_shows_it_only_when_asked(
    staff_client: Client,
) -> None:
    values = typed(title="Niger: pol", starts_on="2018-13", fields_of_activity=["1", "2"])
    staff_client.post(KEEP, values)
    page = staff_client.get(NEW)
    assert "You had begun such a record and did not save it." in page.content.decode()
    assert not page.context["form"]["title"].value()
    go_on = f"{NEW}?draft={values['creation_token']}"
    assert go_on in page.content.decode()
    form = staff_client.get(go_on).context["form"]
    assert form["title"].value() == "Niger: pol"
    assert form["starts_on"].value() == "2018-13"
    assert form["fields_of_activity"].value() == ["1", "2"]
    assert form["creation_token"].value() == values["creation_token"]
    assert not form.errors


def test_saving_the_record_removes_it_and_nothing_brings_it_back(staff_client: Client) -> None:
    values = typed(title="Niger: police training")
    staff_client.post(KEEP, values)
    assert staff_client.post(NEW, values).status_code == 302
    assert not FormDraft.objects.exists()
    assert staff_client.post(KEEP, values).status_code == 204
    assert not FormDraft.objects.exists()


def test_saving_that_fails_keeps_it(staff_client: Client) -> None:
    values = typed(title="")
    staff_client.post(KEEP, values)
    assert staff_client.post(NEW, values).status_code == 400
    assert FormDraft.objects.count() == 1


def test_nobody_sees_or_throws_away_what_another_began(staff_client: Client) -> None:
    values = typed(title="Niger: only mine")
    staff_client.post(KEEP, values)
    colleague = client_of(make_user(Role.STAFF, "niamey"))
    officer = client_of(make_user(Role.OFFICER, "montreal"))
    for client in (colleague, officer):
        for address in (NEW, f"{NEW}?draft={values['creation_token']}", MY_WORK):
            assert "only mine" not in client.get(address).content.decode()
        client.post(discard_url(FormDraft.objects.get(owner__username="aissa")))
        client.post(KEEP, {**values, "title": "Theirs"})
    mine = FormDraft.objects.get(owner__username="aissa")
    assert mine.title == "Niger: only mine"
    assert FormDraft.objects.count() == 3


def test_my_work_lists_what_was_begun_and_throws_it_away(staff_client: Client) -> None:
    values = typed(title="Niger: begun")
    staff_client.post(KEEP, values)
    assert "Niger: begun" in staff_client.get(MY_WORK).content.decode()
    assert staff_client.post(discard_url(FormDraft.objects.get()), follow=True).status_code == 200
    assert not FormDraft.objects.exists()
    assert "Niger: begun" not in staff_client.get(MY_WORK).content.decode()


def test_changes_of_a_record_are_kept_beside_it(staff: User, staff_client: Client) -> None:
    event = make_record("event", title="As it is", entered_by=staff)
    assert keep_edit(staff_client, event, title="As it will be").status_code == 200
    event.refresh_from_db()
    assert (event.title, event.version) == ("As it is", 1)
    address = reverse("indicators:record_edit", args=["event", event.reference])
    page = staff_client.get(address).content.decode()
    assert "You had begun to change this record and did not save." in page
    form = staff_client.get(f"{address}?draft={event.creation_token}").context["form"]
    assert form["title"].value() == "As it will be"


def test_what_was_kept_before_somebody_else_changed_the_record_meets_the_conflict_page(
    staff: User, staff_client: Client, manager: User
) -> None:
    event = make_record("event", title="As it was", entered_by=staff)
    keep_edit(staff_client, event, title="Mine")
    post_edit(client_of(manager), event, title="Theirs")
    address = reverse("indicators:record_edit", args=["event", event.reference])
    form = staff_client.get(f"{address}?draft={event.creation_token}").context["form"]
    assert form["version"].value() == "1"
    assert post_edit(staff_client, event, title="Mine").status_code == 409


def test_answers_that_arrive_after_their_own_form_was_saved_are_not_kept(
    staff: User, staff_client: Client
) -> None:
    event = make_record("event", title="As it was", entered_by=staff)
    page = str(uuid.uuid4())
    post_edit(staff_client, event, title="Changed", form_page=page)
    late = keep_edit(staff_client, event, title="Chang", form_page=page)
    assert late.status_code == 204
    assert not get_drafts(staff, timezone.now())


def test_a_change_made_otherwise_drops_nothing_that_is_typed(
    staff: User, staff_client: Client
) -> None:
    event = make_record("event", title="As it was", entered_by=staff)
    assert keep_edit(staff_client, event, title="Typed").status_code == 200
    event.title = "Imported"
    save_record(event, by=staff, at=timezone.now())
    answer = keep_edit(staff_client, event, title="Typed on", version=1)
    assert answer.status_code == 200
    assert FormDraft.objects.get().answers["title"] == ["Typed on"]


def test_what_is_typed_after_going_back_to_a_saved_form_is_kept_with_its_record(
    staff_client: Client,
) -> None:
    values = answers(RecordKind.EVENT, form_page=str(uuid.uuid4()))
    staff_client.post(reverse("indicators:record_create", args=["event"]), values)
    event, address = Event.objects.get(), reverse("indicators:form_draft_save", args=["event"])
    back = {**values, "form_page": str(uuid.uuid4())}
    assert staff_client.post(address, back).status_code == 204, "stored as typed"
    assert staff_client.post(address, {**back, "place": "Dakar"}).status_code == 200
    edit = reverse("indicators:record_edit", args=["event", event.reference])
    assert "You had begun to change this record" in staff_client.get(edit).content.decode()
    form = staff_client.get(f"{edit}?draft={event.creation_token}").context["form"]
    assert form["place"].value() == "Dakar"


def test_two_tabs_keep_both_texts_and_the_second_is_told(staff: User, staff_client: Client) -> None:
    event = make_record("event", title="As it is", entered_by=staff)
    first, second = str(uuid.uuid4()), str(uuid.uuid4())
    told = [
        keep_edit(staff_client, event, form_page=page, **values).json()["is_elsewhere"]
        for page, values in (
            (first, {"notes": "Of the first tab"}),
            (second, {"place": "Of the second tab"}),
            (second, {"place": "Of the second tab, longer"}),
        )
    ]
    assert told == [False, True, True]
    address = reverse("indicators:record_edit", args=["event", event.reference])
    shown = staff_client.get(address).context["form_drafts"]
    newer, older = shown
    assert newer.answers["place"] == ["Of the second tab, longer"]
    assert older.answers["notes"] == ["Of the first tab"]
    page = staff_client.get(f"{address}?draft={event.creation_token}&text={older.pk}")
    assert page.context["form"]["notes"].value() == "Of the first tab"
    assert [draft.page for draft in page.context["form_drafts"]] == [uuid.UUID(second)]


def test_saving_one_tab_leaves_the_text_of_the_other(staff: User, staff_client: Client) -> None:
    event = make_record("event", title="As it is", entered_by=staff)
    first, second = str(uuid.uuid4()), str(uuid.uuid4())
    keep_edit(staff_client, event, form_page=first, notes="Of the first tab")
    keep_edit(staff_client, event, form_page=second, place="Of the second tab")
    post_edit(staff_client, event, form_page=second, place="Of the second tab")
    (left,) = get_drafts(staff, timezone.now())
    assert left.answers["notes"] == ["Of the first tab"]


def test_a_draft_opened_twice_is_replaced_by_nobody(staff: User, staff_client: Client) -> None:
    event = make_record("event", title="As it is", entered_by=staff)
    keep_edit(staff_client, event, form_page=str(uuid.uuid4()), notes="Begun")
    draft = FormDraft.objects.get()
    shown = {"draft": draft.pk, "draft_version": draft.version}
    tabs = {str(uuid.uuid4()): notes for notes in ("Begun, and one", "Begun, and another")}
    for page, notes in tabs.items():
        keep_edit(staff_client, event, form_page=page, notes=notes, **shown)
    kept = {str(draft.page): draft.answers["notes"] for draft in FormDraft.objects.all()}
    assert kept == {page: [notes] for page, notes in tabs.items()}


def test_who_may_not_see_a_record_keeps_nothing_of_it_and_is_told(staff_client: Client) -> None:
    other = make_record("event", title="Theirs", entered_by=make_user(Role.STAFF, "dakar"))
    answer = keep_edit(staff_client, other, title="Mine", creation_token=other.creation_token)
    assert answer.status_code == 422
    assert answer.json()["message"].startswith("There is no record")
    assert "Theirs" not in answer.content.decode()
    assert not FormDraft.objects.exists()


def test_nothing_typed_is_nothing_kept(staff_client: Client) -> None:
    token = str(uuid.uuid4())
    staff_client.post(KEEP, {"creation_token": token, "title": "Niger"})
    assert FormDraft.objects.count() == 1
    assert staff_client.post(KEEP, {"creation_token": token, "title": " "}).status_code == 204
    assert not FormDraft.objects.exists()


@pytest.mark.parametrize("token", ["", "no-token", "1" * 5000])
def test_a_form_without_a_name_is_refused_with_a_sentence(staff_client: Client, token: str) -> None:
    answer = staff_client.post(KEEP, typed(creation_token=token))
    assert answer.status_code == 422
    assert answer.json()["message"] == "This form has no name of its own. Open it again."


def test_only_answers_of_the_form_are_kept_without_characters_that_no_database_takes(
    staff_client: Client,
) -> None:
    staff_client.post(KEEP, typed(title="Ni\0ger", new_files="x", anything="else"))
    kept = FormDraft.objects.get()
    assert kept.title == "Niger"
    assert not {"new_files", "anything", "csrfmiddlewaretoken"} & set(kept.answers)


def test_too_much_is_refused_and_what_was_kept_before_stays(staff_client: Client) -> None:
    values = typed(summary="short")
    staff_client.post(KEEP, values)
    answer = staff_client.post(KEEP, {**values, "summary": "a" * (MAX_CHARACTERS + 1)})
    assert answer.status_code == 422
    assert "too long" in answer.json()["message"]
    assert FormDraft.objects.get().answers["summary"] == ["short"]


def test_a_person_begins_only_so_many_forms(staff: User, staff_client: Client) -> None:
    now = timezone.now()
    FormDraft.objects.bulk_create(
        FormDraft(owner=staff, kind="event", token=uuid.uuid4(), answers={}, changed_at=now)
        for _number in range(MAX_DRAFTS)
    )
    assert staff_client.post(KEEP, typed()).status_code == 422
    assert FormDraft.objects.count() == MAX_DRAFTS


def test_after_ninety_days_it_is_gone(staff_client: Client) -> None:
    old, new = typed(title="Niger: old"), typed(title="Niger: new")
    staff_client.post(KEEP, old)
    long_ago = timezone.now() - LIFETIME - timedelta(minutes=1)
    FormDraft.objects.update(changed_at=long_ago)
    assert "Niger: old" not in staff_client.get(MY_WORK).content.decode()
    staff_client.post(KEEP, new)
    assert [kept.title for kept in FormDraft.objects.all()] == ["Niger: new"]


def test_a_record_saved_without_any_of_this_is_saved_as_ever(staff_client: Client) -> None:
    assert post_new(staff_client, RecordKind.EVENT).status_code == 302
    assert Event.objects.count() == 1


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("title", "Niger: the story of Awa, 9 years old"),
        ("summary", "Passport no. X1234567, held by the court"),
        ("starts_on", "Awa, 9 years old"),
        ("links", "Awa, 9 years old"),
    ],
)
def test_text_that_may_tell_who_a_child_is_is_not_kept_wherever_it_stands(
    field: str, text: str, staff_client: Client
) -> None:
    values = typed(title="Niger: police training")
    staff_client.post(KEEP, values)
    answer = staff_client.post(KEEP, {**values, field: text})
    assert answer.status_code == 422
    assert answer.json()["message"].startswith("Not saved while you type. “")
    assert "Awa" not in str(FormDraft.objects.get().answers)
    assert "X1234567" not in str(FormDraft.objects.get().answers)


def test_dates_amounts_and_addresses_are_nobody_s_numbers(staff_client: Client) -> None:
    project = {"title": "Niger", "amount": "12 345 678.50", "starts_on": "2018-03-12"}
    links = "https://www.ibcr.org/en/12345678/\nhttps://maps.example.org/@13.51234,2.11234"
    token = "12345678-1234-4123-8123-123456789012"
    values = answers(
        RecordKind.PROJECT, **project, links=links, creation_token=token, reference="P-20180312"
    )
    assert (
        staff_client.post(
            reverse("indicators:form_draft_save", args=["project"]), values
        ).status_code
        == 200
    )


def test_what_a_person_has_confirmed_is_kept(staff_client: Client) -> None:
    values = typed(summary="Call 227 20 73 54 10 for the manual.")
    refused = staff_client.post(KEEP, values).json()["message"]
    phrase = refused.split("“")[1].split("”")[0]
    assert staff_client.post(KEEP, {**values, "not_a_child": phrase}).status_code == 200

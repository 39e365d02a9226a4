"""The form of a new record, sent again after a lost connection or the back button."""

import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from indicators.models import Event, Initiative
from indicators.workflow import actions
from strategy.choices import RecordKind
from strategy.models import Plan, User
from tests.factories import NOON
from tests.support.samples.documents.evidence_files import PDF
from tests.support.samples.form_answers import post_new


@pytest.fixture
def _places(plan: Plan) -> None:
    """Load the plan and its reference data, with Niger and other countries."""


pytestmark = pytest.mark.usefixtures("_places")


def test_the_same_form_sent_twice_makes_one_record(staff_client: Client) -> None:
    token = str(uuid.uuid4())
    first = post_new(staff_client, RecordKind.EVENT, creation_token=token, submit="yes")
    second = post_new(staff_client, RecordKind.EVENT, creation_token=token, submit="yes")

    assert second.url == first.url
    assert Event.objects.count() == 1


def test_a_form_gone_back_to_and_saved_again_changes_its_record(staff_client: Client) -> None:
    token = str(uuid.uuid4())
    first = post_new(staff_client, RecordKind.INITIATIVE, creation_token=token)
    again = {"creation_token": token, "title": "Niger: police training, second part"}
    second = post_new(staff_client, RecordKind.INITIATIVE, **again)

    assert second.url == first.url
    record = Initiative.objects.get()
    assert (record.title, record.version) == (again["title"], 2)


def test_a_form_sent_again_attaches_what_is_new_and_nothing_twice(staff_client: Client) -> None:
    token = str(uuid.uuid4())
    for names in (["decree.pdf"], ["decree.pdf"], ["decree.pdf", "letter.pdf"]):
        files = [SimpleUploadedFile(name, PDF) for name in names]
        post_new(staff_client, RecordKind.EVENT, creation_token=token, new_files=files)

    event = Event.objects.get()
    assert [item.name for item in event.evidence.all()] == ["decree.pdf", "letter.pdf"]
    assert event.version == 2


def test_a_form_gone_back_to_after_others_changed_its_record_meets_both_versions(
    staff_client: Client, manager: User
) -> None:
    token = str(uuid.uuid4())
    post_new(staff_client, RecordKind.INITIATIVE, creation_token=token)
    stored = Initiative.objects.get()
    stored.summary = "Eight stations"
    actions.save_record(stored, by=manager, at=NOON)
    again = {"creation_token": token, "title": "Niger: police training, second part"}
    response = post_new(staff_client, RecordKind.INITIATIVE, **again)

    assert response.status_code == 409
    assert {one.name for one in response.context["conflict"].fields} == {"title", "summary"}
    merge = {**again, "merge": "yes", "opened": "1", "version": "2"}
    post_new(staff_client, RecordKind.INITIATIVE, **merge)
    record = Initiative.objects.get()
    assert (record.title, record.summary) == (again["title"], "Eight stations")

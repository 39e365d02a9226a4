"""A form that arrives after its session has ended, or from before the user signed in again."""

import re
from html import unescape
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from indicators.models import Event, FormDraft
from strategy.choices import RecordKind
from strategy.models import User
from tests.factories import make_country, make_record
from tests.support.html_tree import tree_of
from tests.support.samples.documents.evidence_files import PDF
from tests.support.samples.form_answers import answers, read_text

NEW = reverse("indicators:record_create", args=["event"])
NOTES = 'One\r\n   two, "indented" & <b>\r\n\r\n\r\nthree'
HERE = {"Origin": "http://testserver"}
ELSEWHERE: list[Any] = [{}, {"Origin": "null"}, {"Origin": "https://elsewhere.example"}]


@pytest.fixture
def form(db: None) -> dict[str, Any]:
    make_country("NE")
    return answers(RecordKind.EVENT, country="Niger", notes=NOTES, submit="yes")


def again(page: Any) -> dict[str, str]:
    """Return the values that the page's form would send to save the answers after all."""
    forms = tree_of(page, page.status_code).iter("form")
    (sending,) = [one for one in forms if one.find("textarea") is not None]
    texts = {one.get("name", ""): one.text or "" for one in sending.iter("textarea")}
    return {name: re.sub(r"\r?\n", "\r\n", text) for name, text in texts.items()}


def test_what_was_typed_is_shown_and_can_be_sent_once_one_is_signed_in(
    form: dict[str, Any], staff_client: Client
) -> None:
    page = Client().post(NEW, form)
    assert page.status_code == 401
    for typed in ("Conference", "Niger", "Organised", 'One two, "indented" &'):
        assert typed in unescape(read_text(page))
    assert f'href="{reverse("account_login")}"' in page.content.decode()
    assert not Event.objects.exists()
    assert not FormDraft.objects.exists()
    assert Session.objects.count() == 1, "of the one who signs in below"

    sent = again(page)
    assert sent == form
    assert staff_client.post(NEW, sent).status_code == 302
    assert (
        Event.objects.get().notes == NOTES.replace("\r\n", "\n").strip()
        or Event.objects.get().notes == NOTES
    )


def test_files_that_came_along_are_named(form: dict[str, Any]) -> None:
    decree = SimpleUploadedFile("decree.pdf", PDF, "application/pdf")
    text = read_text(Client().post(NEW, {**form, "new_files": decree}))
    assert "decree.pdf Files are not kept: choose them again then." in text


def test_a_change_is_sent_again_with_the_version_it_began_from(
    form: dict[str, Any], staff: User
) -> None:
    event = make_record("event", entered_by=staff)
    address = reverse("indicators:record_edit", args=["event", event.reference])
    page = Client().post(address, {**form, "version": "7"})
    assert page.status_code == 401
    assert again(page)["version"] == "7"
    assert event.title not in read_text(page), "nothing is told of the record"


def test_nothing_typed_leads_to_the_page_for_signing_in() -> None:
    page = Client().post(NEW, {"version": "1", "notes": " "})
    assert page.status_code == 302
    assert page["Location"] == f"{reverse('account_login')}?next={NEW}"


def test_a_form_from_before_signing_in_can_be_sent_again(form: dict[str, Any], staff: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(staff)
    page = client.post(NEW, {**form, "csrfmiddlewaretoken": "of old"}, headers=HERE)
    assert page.status_code == 403
    assert "Look whether it is yours, then save it." in read_text(page)
    sent = again(page)
    assert sent == form
    token = client.cookies["csrftoken"].value
    assert client.post(NEW, {**sent, "csrfmiddlewaretoken": token}, headers=HERE).status_code == 302
    assert Event.objects.get().title == form["title"]


@pytest.mark.parametrize("headers", ELSEWHERE, ids=["none", "hidden", "foreign"])
def test_what_another_site_made_up_is_neither_shown_nor_offered(
    headers: dict[str, str], form: dict[str, Any], staff: User
) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(staff)
    page = client.post(NEW, form, headers=headers)
    assert page.status_code == 403
    assert form["title"] not in page.content.decode()
    assert "Save what I typed" not in page.content.decode()
    stranger = Client(enforce_csrf_checks=True).post(NEW, form, headers=headers)
    assert stranger.status_code == 403
    assert form["title"] not in stranger.content.decode()

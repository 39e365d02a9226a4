"""The page on which officers write a report, with a script and without."""

from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.test import Client

from reporting.draft_page import mark_of
from reporting.issue import issue_annual_report
from reporting.models import NarrativeText
from strategy.models import Plan, User
from strategy.vocabulary import Role
from tests.conftest import client_of
from tests.factories import make_approved, make_user

MARCH_2019 = datetime(2019, 3, 14, 15, 0, tzinfo=UTC)
DRAFT = "/reports/2018/1/draft/?plan=2017-2020&language="
TEXT = "/reports/2018/1/draft/text/?plan=2017-2020&language=en"


@pytest.fixture(autouse=True)
def _in_march_2019() -> Any:
    with time_machine.travel(MARCH_2019, tick=False):
        yield


def form(name: str, text: str, seen: int = 0, was: str = "") -> dict[str, str]:
    return {f"text:{name}": text, f"seen:{name}": str(seen), f"mark:{name}": mark_of(was)}


@pytest.mark.usefixtures("plan")
def test_arabic_is_written_from_right_to_left(officer_client: Client) -> None:
    page = officer_client.get(DRAFT + "ar").content.decode()
    assert 'name="text:summary" rows="6" lang="ar" dir="rtl"' in page
    assert 'name="text:comment:1.1-initiatives"' in page


def test_without_a_script_a_button_saves_what_was_changed(
    plan: Plan, officer_client: Client
) -> None:
    answer = officer_client.post(DRAFT + "en", {**form("summary", "A year"), **form("risks", "")})
    assert answer.status_code == 302
    assert list(NarrativeText.objects.values_list("part", "text")) == [("summary", "A year")]
    assert ">A year</textarea>" in officer_client.get(DRAFT + "en").content.decode()
    assert "A year" in officer_client.get(DRAFT + "fr").content.decode(), "to translate from"


def test_a_text_of_another_is_told_and_what_was_typed_stays(
    plan: Plan, officer_client: Client
) -> None:
    other = client_of(make_user(Role.OFFICER, first_name="Inès"))
    other.post(TEXT, {"name": "summary", "seen": "0", "text": "Hers"})
    answer = officer_client.post(TEXT, {"name": "summary", "seen": "0", "text": "Mine"})
    assert answer.status_code == 409
    assert answer.json()["text"] == "Hers"
    typed = officer_client.post(DRAFT + "en", form("summary", "Mine"))
    page = typed.content.decode()
    assert typed.status_code == 409
    assert ">Mine</textarea>" in page
    assert ">Hers</blockquote>" in page
    assert NarrativeText.objects.get().text == "Hers"
    officer_client.post(DRAFT + "en", form("summary", "Both", seen=1, was="Hers"))
    assert NarrativeText.objects.get().text == "Both"


def test_a_text_that_was_not_touched_replaces_nobody_s(plan: Plan, officer_client: Client) -> None:
    officer_client.post(TEXT, {"name": "summary", "seen": "0", "text": "Hers"})
    assert officer_client.post(DRAFT + "en", form("summary", "", was="")).status_code == 302
    assert NarrativeText.objects.get().text == "Hers"


@pytest.mark.parametrize("role", [Role.STAFF, Role.MANAGER, Role.BOARD, Role.ADMIN])
def test_nobody_but_officers_sees_a_draft(role: Role, plan: Plan) -> None:
    client = client_of(make_user(role))
    assert client.get(DRAFT + "en").status_code == 403
    assert client.post(TEXT, {"name": "summary", "seen": "0", "text": "Mine"}).status_code == 403
    assert "/draft/" not in client.get("/reports/").content.decode()


def test_a_correction_is_written_issued_and_named_on_both_versions(
    plan: Plan, officer: User, officer_client: Client, board_client: Client
) -> None:
    issue_annual_report(plan, "2018", officer, MARCH_2019)
    assert officer_client.get(DRAFT + "en").status_code == 404, "version 1 is issued"
    make_approved("initiative", countries=["NE"])
    second = DRAFT.replace("/1/", "/2/") + "en"
    assert "text:reason:1.1-initiatives" in officer_client.get(second).content.decode()
    officer_client.post(second, form("correction", "A record was late."))
    issue = "/reports/issue/?plan=2017-2020&year=2018&version=2"
    assert "What differs from version 1" in officer_client.get(issue).content.decode()
    assert officer_client.post(issue, {"confirmed": "on"}).status_code == 302
    assert "Version 2 corrected this one" in board_client.get("/reports/2018/1/").content.decode()
    page = board_client.get("/reports/2018/2/").content.decode()
    assert "What it corrects in version 1" in page
    assert "A record was late." in page


@pytest.mark.usefixtures("plan")
def test_what_is_missing_is_listed_before_it_is_issued(officer_client: Client) -> None:
    page = officer_client.get("/reports/issue/?plan=2017-2020&year=2018").content.decode()
    assert "Not written yet" in page
    assert "language=ar#summary" in page

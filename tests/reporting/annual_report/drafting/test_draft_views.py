"""The page on which officers write a report, with a script and without."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.test import Client

from reporting.annual_report.drafting.editor import hash_text
from reporting.annual_report.issuing import issue_annual_report
from reporting.models import AnnualReport, NarrativeText
from strategy.choices import Role
from strategy.models import Plan, User
from tests.conftest import client_of
from tests.factories import make_approved, make_user

MARCH_2019 = datetime(2019, 3, 14, 15, 0, tzinfo=UTC)
DRAFT = "/reports/2018/1/draft/?plan=2017-2020&language="
ISSUE = "/reports/issue/?plan=2017-2020&year=2018&version=1"
TEXT = "/reports/2018/1/draft/text/?plan=2017-2020&language=en"


@pytest.fixture(autouse=True)
def _in_march_2019() -> Any:
    with time_machine.travel(MARCH_2019, tick=False):
        yield


def form(name: str, text: str, seen: int = 0, was: str = "") -> dict[str, str]:
    return {f"text:{name}": text, f"seen:{name}": str(seen), f"mark:{name}": hash_text(was)}


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


def cells(page: str, heading: str) -> list[str]:
    """What a row of a table says under each language, by the text of its heading."""
    row = page.split(f">{heading}</th>")[1].split("</tr>", maxsplit=1)[0]
    return [plain_text(cell.split("</td>")[0].split(">", 1)[1]) for cell in row.split("<td")[1:]]


def plain_text(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def test_what_is_missing_is_listed_before_it_is_issued(plan: Plan, officer_client: Client) -> None:
    """Which language lacks which text, and what its readers get instead."""
    make_approved("initiative", countries=["NE"])
    french = DRAFT + "fr"
    officer_client.post(french, {**form("summary", "Une année"), **form("risks", "")})
    officer_client.post(french, form("comment:1.1-countries", "En retard."))
    page = officer_client.get(ISSUE).content.decode()
    assert "Not written yet" in page
    summary = ["given in French", "written", "given in French", "given in French"]
    assert cells(page, "The director’s summary") == summary
    assert cells(page, "Risks") == ["left out"] * 4
    comments = cells(page, "A comment on each variance")
    assert [cell.split()[0] for cell in comments] == ["0", "1", "0", "0"]
    assert "language=ar#risks" in page
    assert "#comment:1.1-initiatives" in page, "nobody said why"
    assert "#comment:1.1-countries" not in page, "somebody did, the control"


def test_readers_get_what_the_check_foretold(
    plan: Plan, officer_client: Client, board_client: Client
) -> None:
    officer_client.post(DRAFT + "fr", form("summary", "Une année de travail"))
    assert officer_client.post(ISSUE, {"confirmed": "on"}).status_code == 302
    board_client.cookies["django_language"] = "en"
    page = board_client.get("/reports/2018/1/page/").content.decode()
    assert "Une année de travail" in page
    assert "This text is in French" in plain_text(page) or 'lang="fr"' in page
    assert "Lessons" not in plain_text(page), "nobody wrote any"


def test_once_every_text_is_written_nothing_is_missing(plan: Plan, officer_client: Client) -> None:
    for language in ("en", "fr", "es", "ar"):
        written: dict[str, str] = {}
        for name in ("summary", "changed", "risks", "lessons", "decisions"):
            written |= form(name, f"Text {name}")
        officer_client.post(DRAFT + language, written)
    page = officer_client.get(ISSUE).content.decode()
    assert "Everything is written" in page
    assert "Not written yet" not in page


def test_issuing_asks_once_more(plan: Plan, officer_client: Client) -> None:
    """The button alone issues nothing: one must have said that one read what is open."""
    refused = officer_client.post(ISSUE, {})
    assert refused.status_code == 400
    assert not AnnualReport.objects.exists()
    assert officer_client.post(ISSUE, {"confirmed": "on"}).status_code == 302
    assert AnnualReport.objects.count() == 1


def test_a_correction_s_page_lists_every_changed_figure_with_its_reason(
    plan: Plan, officer: User, officer_client: Client, board_client: Client
) -> None:
    make_approved("initiative", countries=["SN"], starts_on="2018")
    first = issue_annual_report(plan, "2018", officer, MARCH_2019)
    before = board_client.get("/reports/2018/1/").content.decode()
    assert "corrected this one" not in before, "the control"
    for country in ("NE", "TG"):
        make_approved("initiative", countries=[country], starts_on="2018")
    draft = DRAFT.replace("/1/", "/2/") + "en"
    officer_client.post(draft, form("correction", "Two records were late."))
    officer_client.post(draft, form("reason:1.1-countries", "Niger and Togo were left out."))
    officer_client.post(ISSUE.replace("version=1", "version=2"), {"confirmed": "on"})
    second = AnnualReport.objects.get(corrects=first)
    page = board_client.get("/reports/2018/2/").content.decode()
    rows = [plain_text(row) for row in page.split("<tbody>")[1].split("</tbody>")[0].split("<tr")]
    rows = [row.split(">", 1)[-1].strip() for row in rows[1:]]
    assert len(rows) == len(second.changes) == 5
    for change, row in zip(second.changes, rows, strict=True):
        countries = change["target"] == "1.1-countries"
        reason = "Niger and Togo were left out." if countries else "Two records were late."
        assert row.endswith(reason), row
        if change["field"] == "value" and change["target"].startswith("1.1"):
            assert f" {change['old']} {change['new']} " in row, row
    assert "corrects in version 1" in page
    said = plain_text(board_client.get("/reports/2018/1/").content.decode())
    assert "Version 2 corrected this one" in said
    assert said.index("corrected this one") < said.rindex("Summary table"), "before any figure"
    shelf = plain_text(board_client.get("/reports/").content.decode())
    assert "Corrected by version 2" in shelf

"""Checking a PDF in the browser: the same verdict as the command's, in the reader's language."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from reporting.annual_report.issuing import issue_annual_report
from reporting.annual_report.pdf import document
from reporting.annual_report.snapshot.builder import build_report_rows
from reporting.forms import annual_report
from reporting.models import AnnualReport
from reporting.views import report_verify
from strategy.choices import Role
from strategy.models import Plan, User
from tests.conftest import client_of
from tests.factories import make_approved, make_user
from tests.reporting.annual_report.verification.conftest import make_officer
from tests.support.samples.documents.report_files import alter, target

MARCH_2019 = datetime(2019, 3, 14, 15, 0, tzinfo=UTC)
MAY_2019 = datetime(2019, 5, 2, 15, 0, tzinfo=UTC)


@pytest.fixture
def officer(db: None) -> User:
    return make_officer()


@pytest.fixture
def report(plan: Plan, officer: User) -> AnnualReport:
    make_approved("initiative", countries=["NE"], fields_of_activity=["justice"], starts_on="2018")
    return issue_annual_report(plan, "2018", officer, MARCH_2019)


@pytest.fixture
def content(report: AnnualReport, fake_pdf: None) -> bytes:
    return bytes(document.get_report_pdf(report, "en").content)


def check(client: Client, content: bytes, name: str = "report.pdf") -> Any:
    file = SimpleUploadedFile(name, content, "application/pdf")
    return client.post("/reports/verify/", {"file": file})


def read_text(answer: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


@pytest.mark.parametrize("role", [Role.BOARD, Role.MANAGER, Role.OFFICER])
def test_whoever_reads_reports_can_have_one_checked(role: Role, content: bytes) -> None:
    answer = check(client_of(make_user(role)), content)
    assert answer.status_code == 200
    told = read_text(answer)
    assert "Genuine. This is the annual report 2018, version 1, in English" in told
    assert "as Camille issued it on 14 March 2019." in told
    assert "Proved: Every byte of the file is signed with the key 8a88e3dd 7409f195 " in told
    assert re.search(r"\d{2,} figures and ratings in the file are those reported", told)
    assert "Do not rely on it" not in told


@pytest.mark.parametrize("role", [Role.STAFF, Role.ADMIN])
def test_nobody_else_can(role: Role, content: bytes) -> None:
    assert check(client_of(make_user(role)), content).status_code == 403


def test_a_byte_altered_is_told_at_once(content: bytes, board_client: Client) -> None:
    told = read_text(check(board_client, content + b"\n"))
    assert "Do not rely on it. It says that it is the annual report 2018, version 1, but" in told
    assert "Any change lies elsewhere, in its pages for example." in told
    assert "Genuine" not in told


def test_a_figure_altered_is_shown_beside_the_one_reported(
    content: bytes, board_client: Client
) -> None:
    def change(figures: dict[str, Any]) -> None:
        target(figures, "1.1-countries").update(value="7", rule="Counts whatever one likes.")

    told = read_text(check(board_client, alter(content, change)))
    assert "1 figure differs" in told
    assert "1.1-countries Value 7 1" in told
    assert "Other data that differ from the database" in told
    assert "/1.1-countries/rule" in told


def test_a_version_that_was_corrected_is_genuine_and_says_so(
    report: AnnualReport, content: bytes, officer: User, board_client: Client
) -> None:
    make_approved("initiative", countries=["SN"], starts_on="2018")
    issue_annual_report(
        report.plan, "2018", officer, MAY_2019, version=2, correction={"en": "One was late."}
    )
    told = read_text(check(board_client, content))
    assert "Genuine." in told
    assert "Version 2 corrected this one on 2 May 2019" in told
    second = document.get_report_pdf(AnnualReport.objects.get(version=2), "ar")
    told = read_text(check(board_client, bytes(second.content)))
    assert "version 2, in Arabic" in told
    assert "corrected this one" not in told


def test_a_draft_and_a_foreign_file_are_not_relied_on(
    report: AnnualReport, content: bytes, officer: User, board_client: Client
) -> None:
    rows = build_report_rows(report.plan, "2018", officer, MARCH_2019)
    draft = document.render(rows, "en", is_draft=True).content
    assert "This is a draft, and no draft is ever issued" in read_text(check(board_client, draft))
    foreign = read_text(check(board_client, b"%PDF-1.7\n%%EOF\n", "<b>photo</b>.jpg"))
    assert "No report with these contents was issued here" in foreign
    assert "It carries no figures that can be read" in foreign


def test_what_a_file_says_of_itself_is_text_and_nothing_else(
    content: bytes, board_client: Client
) -> None:
    def change(figures: dict[str, Any]) -> None:
        figures["<script>alert(1)</script>"] = 1

    page = check(board_client, alter(content, change)).content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_no_file_and_one_too_large_are_errors(
    board_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = board_client.post("/reports/verify/", {})
    assert answer.status_code == 400
    assert read_text(answer).count("Choose the PDF to check.") == 2, (
        "in the summary and at the field"
    )
    monkeypatch.setattr(annual_report, "MAX_CHECKED_SIZE", 10)
    answer = check(board_client, b"%PDF-1.7 more than ten")
    assert answer.status_code == 400
    assert "larger than any annual report" in read_text(answer)


def test_one_person_has_only_so_many_checked_in_an_hour(
    content: bytes, board_client: Client, manager_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report_verify, "MAX_PER_HOUR", 2)
    statuses = [check(board_client, content).status_code for _time in range(3)]
    assert statuses == [200, 200, 400]
    assert "Wait an hour" in read_text(check(board_client, content))
    assert check(manager_client, content).status_code == 200, "another person is not held up"

"""The files of a report: each made once and stored, by the pages and by the commands."""

import hashlib
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError

from reporting.annual_report.issuing import issue_annual_report
from reporting.annual_report.pdf import document
from reporting.annual_report.pdf.document import Pdf
from reporting.models import AnnualReport, ReportFile, ReportRows
from strategy.models import Plan, User

MARCH_2019 = datetime(2019, 3, 14, 15, 0, tzinfo=UTC)


@pytest.fixture
def fake_pdf(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files are made in no time, of the language alone."""

    def render(rows: ReportRows, language: str, *, is_draft: bool = False) -> Pdf:
        return Pdf(f"%PDF {rows.report.year} {language} {is_draft}".encode(), 7)

    monkeypatch.setattr(document, "render", render)


@pytest.fixture
def report(plan: Plan, officer: User) -> AnnualReport:
    return issue_annual_report(plan, "2018", officer, MARCH_2019)


def test_without_pango_a_report_is_issued_and_its_file_waits(
    report: AnnualReport, without_pango: None
) -> None:
    assert not document.is_available()
    with pytest.raises(document.PangoMissing, match="libpango"):
        document.create_files(report)
    assert not ReportFile.objects.exists()


def test_a_file_is_made_once(report: AnnualReport, fake_pdf: None) -> None:
    made = document.create_files(report)
    assert [(file.language, file.pages, file.size) for file in made] == [
        (language, 7, 18) for language in ("en", "fr", "es", "ar")
    ]
    assert document.create_files(report) == []
    stored = document.get_report_pdf(report, "en")
    assert bytes(stored.content) == b"%PDF 2018 en False"
    assert stored.sha256 == hashlib.sha256(stored.content).hexdigest()
    assert stored.name == "ibcr-annual-report-2018-en.pdf"


def test_a_file_that_another_made_meanwhile_is_taken(
    report: AnnualReport, fake_pdf: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def beaten(report: AnnualReport, languages: Any) -> None:
        ReportFile.objects.create(
            report=report, language="en", content=b"%PDF", sha256="1" * 64, size=4, pages=1
        )
        raise IntegrityError("one_file_a_language")

    monkeypatch.setattr(document, "create_files", beaten)
    assert document.get_report_pdf(report, "en").sha256 == "1" * 64


def run(*words: str, **options: Any) -> str:
    out = StringIO()
    call_command(*words, stdout=out, stderr=out, **options)
    return out.getvalue()


def test_the_command_issues_and_makes_the_files(plan: Plan, officer: User, fake_pdf: None) -> None:
    said = run("issue_report", plan="2017-2020", year="2018", user=officer.username)
    assert "report 2018 of 2017-2020, version 1: issued, figures as of 2018-12-31" in said
    assert "ibcr-annual-report-2018-fr.pdf: 7 pages, 18 bytes" in said
    assert AnnualReport.objects.get().files.count() == len(document.LANGUAGES)


def test_the_command_issues_without_pango(plan: Plan, officer: User, without_pango: None) -> None:
    said = run("issue_report", plan="2017-2020", year="2018", user=officer.username)
    assert "issued" in said
    assert "No PDF yet. The PDF needs Pango" in said
    assert AnnualReport.objects.count() == 1


@pytest.mark.parametrize(
    ("plan_code", "year", "user", "said"),
    [
        ("2010", "2018", "camille", "no plan “2010”. Plans here: 2017-2020"),
        ("2017-2020", "2021", "camille", "no year “2021”"),
        ("2017-2020", "2018", "nobody", "nobody is called “nobody”"),
        ("2017-2020", "2018", "aissa", "Nothing was issued. Only an M&E officer"),
    ],
)
def test_the_command_says_what_is_wrong(
    plan_code: str, year: str, user: str, said: str, plan: Plan, officer: User, staff: User
) -> None:
    with pytest.raises(CommandError, match=said):
        run("issue_report", plan=plan_code, year=year, user=user)
    assert not AnnualReport.objects.exists()


def test_the_command_writes_what_is_stored(
    report: AnnualReport, fake_pdf: None, tmp_path: Path
) -> None:
    path = tmp_path / "report.pdf"
    run("render_report", plan="2017-2020", year="2018", language="fr", output=path)
    assert path.read_bytes() == b"%PDF 2018 fr False"
    assert [file.language for file in report.files.all()] == ["fr"]


def test_the_command_writes_a_draft_and_keeps_nothing(
    plan: Plan, fake_pdf: None, tmp_path: Path
) -> None:
    path = tmp_path / "draft.pdf"
    run("render_report", "--draft", plan="2017-2020", year="2018", output=path)
    assert path.read_bytes() == b"%PDF 2018 en True"
    assert not AnnualReport.objects.exists()


def test_the_command_refuses_what_it_cannot_write(
    plan: Plan, fake_pdf: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: dict[str, Any] = {"plan": "2017-2020", "year": "2018"}
    with pytest.raises(CommandError, match="2018 is not issued"):
        run("render_report", output=tmp_path / "a.pdf", **asked)
    with pytest.raises(CommandError, match="--output"):
        run("render_report", "--draft", output=tmp_path / "no folder" / "a.pdf", **asked)

    def missing(*_asked: Any, **_how: Any) -> None:
        raise document.PangoMissing

    monkeypatch.setattr(document, "render", missing)
    with pytest.raises(CommandError, match="needs Pango"):
        run("render_report", "--draft", output=tmp_path / "a.pdf", **asked)

"""The PDF of a report: from its rows alone, the same every time, closed to the outside."""

import hashlib
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import page
import pytest
from django.conf import settings
from django.db import transaction
from django.utils.translation import override

from reporting.annual_report.content.annex import (
    format_citation_dates,
    format_thresholds,
)
from reporting.annual_report.content.pages import build_context
from reporting.annual_report.pdf import document
from reporting.annual_report.pdf.document import Pdf
from reporting.annual_report.snapshot.builder import build_report_rows
from reporting.annual_report.snapshot.citations import Citation
from reporting.annual_report.snapshot.reader import read_snapshot
from reporting.models import ReportRows
from reporting.wording import formatting
from strategy.choices import RecordKind, Role
from strategy.models import Plan, User
from tests.factories import make_approved, make_user
from tests.support.database.fixtures import load_fixtures

MARCH_2019 = datetime(2019, 3, 14, 15, 0, tzinfo=UTC)
HOSTILE = (
    '<img src="file:///etc/passwd"><link rel="stylesheet" href="http://attacker.example/x.css">'
    "<style>@import url(http://attacker.example/y.css)</style>"
)
pytestmark = pytest.mark.django_db
needs_pango = pytest.mark.skipif(not document.is_available(), reason="Pango is not installed")


def make_records() -> None:
    make_approved("initiative", countries=["NE"], fields_of_activity=["justice"])
    make_approved("initiative", countries=["SN", "TG"], fields_of_activity=["violence"])
    make_approved("initiative", title=HOSTILE, countries=["SN"], fields_of_activity=["justice"])
    make_approved(
        "initiative", countries=["MG"], evidence=["http://attacker.example/a?b=<script>&c=1"]
    )
    make_approved("country_support", country="CI")
    make_approved("decision", authority_country="BF")
    make_approved("sector_strengthened", sector="education")
    make_approved("policy_update")
    make_approved("policy_update", areas=["professional_development"])
    for year, amount in (("2016", "100"), ("2017", "115"), ("2018", "150")):
        make_approved("annual_budget", year=year, amount=amount)


@pytest.fixture(scope="module")
def rows(django_db_setup: None, django_db_blocker: Any) -> Iterator[ReportRows]:
    """A report of 2018, not written down; read once for all tests of this file."""
    with django_db_blocker.unblock(), transaction.atomic():
        load_fixtures("countries", "reference", "plan_2017_2020")
        make_records()
        officer = make_user(Role.OFFICER, "montreal", first_name="Camille")
        drafted = build_report_rows(Plan.objects.get(), "2018", officer, MARCH_2019)
        transaction.set_rollback(True)
    yield drafted


@contextmanager
def watch_fetches() -> Iterator[list[str]]:
    """Yield the addresses that are asked for in the block."""
    asked: list[str] = []
    own_style = document.load_typesetting().OwnStyle
    fetch = own_style.fetch

    def watched(self: Any, url: str, headers: dict[str, str] | None = None) -> Any:
        asked.append(url)
        return fetch(self, url, headers)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(own_style, "fetch", watched)
        yield asked


@pytest.fixture(scope="module")
def english_and_fetches(rows: ReportRows) -> tuple[Pdf, list[str]]:
    with watch_fetches() as asked:
        return document.render(rows, "en"), asked


@pytest.fixture(scope="module")
def english(english_and_fetches: tuple[Pdf, list[str]]) -> Pdf:
    return english_and_fetches[0]


def test_the_pages_say_what_was_reported(rows: ReportRows) -> None:
    html = document.render_html(rows, "en")
    assert '<html lang="en" dir="ltr">' in html
    assert "<title>IBCR annual report 2018</title>" in html
    assert "31 December 2018" in html
    assert "Issued on 14 March 2019 by Camille, version 1." in html
    for words in (
        "of 50 initiatives",
        "30.4\u00a0%",
        "15.0\u00a0%",
        "Madagascar",
        "Counts each country outside Canada once",
        "List “Countries targeted by Canadian foreign policy”, to confirm.",
        "90\u00a0% of what is expected",
        "12.5\u00a0% of the plan",
    ):
        assert words in html, words


def test_the_pages_cost_no_query(
    rows: ReportRows, django_assert_num_queries: Callable[..., Any], db: None
) -> None:
    with django_assert_num_queries(0):
        document.render_html(rows, "fr")


@pytest.mark.parametrize(
    ("language", "direction", "words"),
    [
        ("fr", "ltr", ["30,4\u00a0%", "Pays accompagnés", "Équilibre entre les trois domaines"]),
        ("es", "ltr", ["Equilibrio de los tres ámbitos"]),
        ("ar", "rtl", ["التوازن بين مجالات العمل الثلاثة"]),
    ],
)
def test_the_pages_stand_in_each_language(
    language: str, direction: str, words: list[str], rows: ReportRows
) -> None:
    html = document.render_html(rows, language)
    assert f'<html lang="{language}" dir="{direction}">' in html
    for text in words:
        assert text in html


def test_a_draft_says_so_on_the_cover_and_on_every_page(rows: ReportRows) -> None:
    draft = document.render_html(rows, "en", is_draft=True)
    assert "Draft, not issued: every figure may still change." in draft
    assert '<p class="draft">Draft, not issued</p>' in draft
    assert "Draft, not issued." in draft
    assert "Issued on" not in draft
    assert "Draft" not in document.render_html(rows, "en"), "the control"


def find_targets_behind(rows: ReportRows) -> list[tuple[str, str]]:
    behind = build_context(read_snapshot(rows))["behind"]
    assert isinstance(behind, list)
    return [(row.target.code, text) for row, text in behind]


def test_page_one_names_what_is_furthest_behind(rows: ReportRows) -> None:
    with override("en"):
        told = find_targets_behind(rows)
    assert len(told) == 3
    assert told[0][0] == "1.2-fields"
    assert ("2.1-countries", "1 of 25; 12.5 were to be expected by now.") in told


def test_a_yearly_target_that_lags_says_how_many_years_were_met(plan: Plan, officer: User) -> None:
    for year, amount in (("2016", "100"), ("2017", "101"), ("2018", "102")):
        make_approved("annual_budget", year=year, amount=amount)
    drafted = build_report_rows(plan, "2018", officer, MARCH_2019)
    told = dict(find_targets_behind(drafted))
    assert told == {"3.3-budget": "0 of 2 years met."}


def test_once_the_plan_is_over_nothing_is_foretold(plan: Plan, officer: User) -> None:
    make_records()
    drafted = build_report_rows(plan, "2020", officer, MARCH_2019)
    html = document.render_html(drafted, "en")
    assert "At this pace" not in html
    assert "Expected by" not in html
    assert "were to be expected" not in html
    earlier = document.render_html(build_report_rows(plan, "2019", officer, MARCH_2019), "en")
    assert "At this pace" in earlier, "the control"


def test_a_report_on_nothing_can_be_read(plan: Plan, officer: User) -> None:
    html = document.render_html(build_report_rows(plan, "2017", officer, MARCH_2019), "en")
    assert "No record counts towards any target yet." in html
    assert "countries reached" not in html
    assert "Countries reached" not in html


@needs_pango
def test_the_same_rows_give_the_same_bytes(rows: ReportRows, english: Pdf) -> None:
    again = document.render(rows, "en")
    assert again.sha256 == english.sha256
    assert again.content == english.content
    assert hashlib.sha256(english.content).hexdigest() == english.sha256


@needs_pango
@pytest.mark.parametrize("language", document.LANGUAGES)
def test_the_file_is_accessible_and_fit_for_archives(
    language: str, rows: ReportRows, english: Pdf
) -> None:
    made = english if language == "en" else document.render(rows, language)
    assert 10 <= made.pages <= 24
    assert len(made.content) < 1_500_000
    for profile in (page.ValidationProfile.PDF_UA_1, page.ValidationProfile.PDF_A_3A):
        found = page.validate_pdf_bytes(made.content, profile=profile)
        assert found.is_compliant, [failure.message for failure in found.failures]


@needs_pango
def test_a_file_that_nobody_finished_is_found_out(rows: ReportRows) -> None:
    """The control of the test above: the same pages by WeasyPrint alone."""
    plain = document.render_plain(document.render_html(rows, "en"))
    found = page.validate_pdf_bytes(plain, profile=page.ValidationProfile.PDF_UA_1)
    assert not found.is_compliant


@needs_pango
@pytest.mark.skipif(not shutil.which("pdftotext"), reason="poppler-utils are not installed")
def test_the_file_holds_the_values_as_text(english: Pdf, tmp_path: Path) -> None:
    path = tmp_path / "report.pdf"
    path.write_bytes(english.content)
    text = subprocess.run(
        ["pdftotext", "-layout", str(path), "-"], capture_output=True, text=True, check=True
    ).stdout
    for words in ("Annual report", "4 of 50", "1 of 25", "30.4", "Madagascar", "<img src="):
        assert words in text, words
    fonts = subprocess.run(
        ["pdffonts", str(path)], capture_output=True, text=True, check=True
    ).stdout.splitlines()[2:]
    assert fonts
    assert all("+IBM-Plex-Sans" in line for line in fonts)


def test_people_s_text_is_text(rows: ReportRows) -> None:
    html = document.render_html(rows, "en")
    assert "<img" not in html
    assert "&lt;img src=" in html
    assert html.count("<link") == 1
    assert "<style" not in html
    assert "<script" not in html


@needs_pango
def test_only_the_own_style_and_fonts_are_fetched(
    english_and_fetches: tuple[Pdf, list[str]],
) -> None:
    _english, fetches = english_and_fetches
    assert {Path(url).name.partition("-")[0] for url in fetches} == {"print.css", "print"}
    with watch_fetches() as asked:
        document.render_plain(f"<p>Unescaped: {HOSTILE}</p>")
    assert any("etc/passwd" in url for url in asked), "the control: these pages do ask"
    assert any("attacker" in url for url in asked)


@needs_pango
def test_a_page_that_asks_for_more_gets_none_of_it(tmp_path: Path) -> None:
    secret = tmp_path / "secret.svg"
    secret.write_text('<svg xmlns="http://www.w3.org/2000/svg"><text>SECRET</text></svg>')
    without = document.render_plain('<img alt="" src="file:///nowhere.svg">')
    assert len(document.render_plain(f'<img alt="" src="{secret.as_uri()}">')) == len(without)


@needs_pango
@pytest.mark.parametrize(
    "address",
    [
        "file:///etc/passwd",
        "http://attacker.example/",
        "https://attacker.example/x.woff2",
        "data:image/svg+xml,<svg/>",
        "ftp://attacker.example/x",
        "{folder}/app.css",
        "{folder}/fonts/latin-400.woff2",
        "{folder}/fonts/../../settings.py",
        "{folder}/fonts/print-latin-400.woff2?x=1",
    ],
)
def test_whatever_else_a_text_names_is_refused(address: str) -> None:
    folder = settings.BASE_DIR / "ibcr_rbm" / "static"
    fetcher = document.load_typesetting().OwnStyle(folder)
    with pytest.raises(ValueError, match="nothing but its own"):
        fetcher.fetch(address.format(folder=folder.as_uri()))
    font = fetcher.fetch(f"{folder.as_uri()}/fonts/print-latin-400.woff2")
    assert font.read(4) == b"wOF2", "the control: its own font is given"


@pytest.mark.parametrize(
    ("link", "site"),
    [
        ("https://www.ibcr.org/en/news", "ibcr.org"),
        ("http://example.org:8080/x", "example.org"),
        ("javascript:alert(1)", ""),
        ("ftp://example.org/file", ""),
        ("http://[broken", ""),
        ("", ""),
    ],
)
def test_a_link_is_named_by_its_site(link: str, site: str) -> None:
    assert formatting.get_site_name(link) == site


@pytest.mark.parametrize(
    ("begins", "ends", "year", "said"),
    [
        ("2018", "", "", "2018"),
        ("2018", "2018", "", "2018"),
        ("2018-03", "2019-06-30", "", "Mar 2018 – 30 Jun 2019"),
        ("2018-03-30", "", "", "30 Mar 2018"),
        ("2019-02-01", "", "2018", "2018, issued 1 Feb 2019"),
        ("", "", "2018", "2018"),
        ("", "", "", ""),
    ],
)
def test_a_date_is_told_as_far_as_it_is_known(begins: str, ends: str, year: str, said: str) -> None:
    citation = Citation(RecordKind.EVENT, "E", "Event", begins, ends, year, (), "", "")
    with override("en"):
        assert format_citation_dates(citation) == said


def test_thresholds_are_told_as_they_are(rows: ReportRows) -> None:
    with override("en"):
        assert format_thresholds(rows.report) == {
            "on_track_from": "90\u00a0%",
            "at_risk_from": "60\u00a0%",
            "too_early_below": "12.5\u00a0%",
            "level_at_risk_from": "80\u00a0%",
            "level_least_records": "4",
        }

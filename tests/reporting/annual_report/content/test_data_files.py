"""The data that a report carries: complete, of the sealed rows alone, and nothing restricted."""

import contextlib
import csv
import io
import json
import os
import pickle
import re
import shutil
import subprocess
import sys
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import page
import pytest
from django.conf import settings
from django.db import transaction
from django.utils.translation import override

from indicators.models import Evidence
from reporting.annual_report.content.data_files import DataFile, build_data_files, build_figures
from reporting.annual_report.pdf import document
from reporting.annual_report.pdf.document import Pdf
from reporting.annual_report.snapshot.builder import build_report_rows
from reporting.annual_report.snapshot.reader import read_snapshot
from reporting.annual_report.verification.extraction import extract_figures, extract_files
from reporting.models import ReportRows
from strategy.choices import Role
from strategy.models import Plan
from tests.factories import make_approved, make_record, make_user
from tests.support.database.fixtures import load_fixtures

MARCH_2019 = datetime(2019, 3, 14, 15, 0, tzinfo=UTC)
RESTRICTED = (
    "what only staff may read",
    "the summary of the work",
    "7654321",
    "photograph-of-a-meeting",
    "Aminata",
    "Ouedraogo",
)
pytestmark = pytest.mark.django_db
needs_pango = pytest.mark.skipif(not document.is_available(), reason="Pango is not installed")


def make_records() -> None:
    author = make_user(Role.STAFF, first_name="Aminata", last_name="Ouedraogo")
    hidden: dict[str, Any] = {"notes": "what only staff may read", "entered_by": author}
    project = make_approved("project", amount="7654321", currency="CAD", **hidden)
    record = make_approved(
        "initiative",
        title="=Police training",
        countries=["NE", "CA"],
        fields_of_activity=["justice", "violence"],
        project=project,
        summary="the summary of the work",
        **hidden,
    )
    Evidence.objects.create(
        record=record,
        file="evidence/2018/05/photograph-of-a-meeting.pdf",
        name="photograph-of-a-meeting.pdf",
        added_by=author,
    )
    make_approved("initiative", countries=["SN"], fields_of_activity=["emergencies"])
    make_approved("initiative", countries=["SN"], fields_of_activity=["justice"])
    make_record("initiative", status="submitted")
    make_approved("country_support", country="CI", **hidden)
    make_approved("decision", authority_country="BF", countries_concerned=["BF", "NE"])
    make_approved("sector_strengthened", sector="education")
    make_approved("policy_update", areas=["human_resources"], occurred_on="2018-03")
    make_approved("policy_update", areas=["professional_development"], occurred_on="2018-05")
    make_approved("sponsor", amount="7654321", currency="CAD", first_agreement_on="2018-02")
    make_approved("action_report", filed_under=["3.1"], year_covered="2017", issued_on="2018-02")
    for year, amount in (("2016", "1234567"), ("2017", "1370369.37"), ("2018", "1507406.31")):
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


@pytest.fixture(scope="module")
def english(rows: ReportRows) -> Pdf:
    return document.render(rows, "en")


@pytest.fixture(scope="module")
def french(rows: ReportRows) -> Pdf:
    return document.render(rows, "fr")


def carried(rows: ReportRows, language: str = "en") -> dict[str, DataFile]:
    """The files that the report carries, by what their names end in."""
    with override(language):
        files = build_data_files(rows, read_snapshot(rows), is_draft=False)
    return {file.name.rpartition("-")[2]: file for file in files}


def table(file: DataFile) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(file.content.decode("utf-8-sig"))))


def targets_of(figures: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {one["code"]: one for part in figures["objectives"] for one in part["targets"]}


def test_the_figures_are_those_of_the_rows(rows: ReportRows) -> None:
    figures = json.loads(carried(rows)["figures.json"].content)
    assert (figures["plan"], figures["year"], figures["version"]) == ("2017-2020", "2018", 1)
    assert (figures["as_of"], figures["language"]) == ("2018-12-31", "en")
    assert figures["thresholds"] == rows.report.thresholds
    found = targets_of(figures)
    assert list(found) == [actual.code for actual in rows.actuals]
    for actual, evidence in zip(rows.actuals, rows.evidence, strict=True):
        told = found[actual.code]
        for name in ("value", "this_year", "expected", "minimum", "maximum", "value_before"):
            held = told[name]
            assert (None if held is None else Decimal(held)) == getattr(actual, name), actual.code
        assert told["rating"] == actual.rating
        assert told["records"] == [one.reference for one in evidence]
        assert told["left_out"] == actual.left_out
        assert told["years"] == actual.years


def test_a_share_has_its_numerator_and_denominator(rows: ReportRows) -> None:
    found = targets_of(json.loads(carried(rows)["figures.json"].content))
    assert found["1.2-fields"]["denominator"] == "3"
    assert found["1.2-fields"]["numerator"] == "0.5"
    assert {tuple(one["codes"]) for one in found["1.2-fields"]["cited"]} == {
        ("justice", "violence"),
        ("emergencies",),
        ("justice",),
    }


def test_a_growth_is_told_without_its_amounts(rows: ReportRows) -> None:
    growth = targets_of(json.loads(carried(rows)["figures.json"].content))["3.3-budget"]
    assert growth["value"] is not None
    assert (growth["numerator"], growth["denominator"]) == (growth["value"], "100")


def test_a_citation_brings_only_the_values_that_its_target_wants(rows: ReportRows) -> None:
    found = targets_of(json.loads(carried(rows)["figures.json"].content))
    codes = [one["codes"] for one in found["1.1-countries"]["cited"]]
    assert sorted(codes) == [["NE"], ["SN"], ["SN"]], "Canada is not counted"


def test_every_record_cited_stands_once_with_its_targets(rows: ReportRows) -> None:
    listed = table(carried(rows)["records.csv"])
    cited = {(one.record_kind, one.reference) for group in rows.evidence for one in group}
    assert {(row["kind"], row["reference"]) for row in listed} == cited
    assert len(listed) == len(cited)
    initiative = next(row for row in listed if row["title"] == "'=Police training")
    assert initiative["targets"] == "1.1-initiatives;1.1-countries;1.2-fields"
    assert initiative["country_codes"] == "CA;NE"


@pytest.mark.parametrize("language", ["en", "fr", "es", "ar"])
def test_the_table_says_the_same_as_the_figures(rows: ReportRows, language: str) -> None:
    files = carried(rows, language)
    found = targets_of(json.loads(files["figures.json"].content))
    listed = table(files["summary.csv"])
    assert [row["target"] for row in listed] == list(found)
    for row in listed:
        told = found[row["target"]]
        pairs = {"value": "value", "value_of_year": "this_year", "expected": "expected"}
        for column, name in {**pairs, "minimum": "minimum", "maximum": "maximum"}.items():
            assert row[column] == (told[name] or ""), (row["target"], column)
        assert row["rule"] == told["rule"]
        assert row["version"] == "1"
        assert "address" not in row


def test_each_language_carries_the_same_numbers(rows: ReportRows) -> None:
    english, arabic = (
        json.loads(carried(rows, language)["figures.json"].content) for language in ("en", "ar")
    )
    words = {"title", "statement", "name", "unit", "rule", "conditions", "comment", "slices"}

    def numbers(figures: dict[str, Any]) -> list[dict[str, Any]]:
        return [
            {name: value for name, value in target.items() if name not in words}
            for target in targets_of(figures).values()
        ]

    assert numbers(english) == numbers(arabic)
    assert targets_of(english)["1.2-fields"]["rule"] != targets_of(arabic)["1.2-fields"]["rule"]


def test_the_order_of_keys_in_the_database_changes_no_byte(rows: ReportRows) -> None:
    """PostgreSQL gives the keys of JSON back in an order of its own."""
    before = carried(rows)["figures.json"].content
    actual = next(one for one in rows.actuals if one.years and one.conditions)
    kept = (rows.report.thresholds, actual.years, actual.conditions)
    rows.report.thresholds = _turned(rows.report.thresholds)
    actual.years, actual.conditions = _turned(actual.years), _turned(actual.conditions)
    try:
        assert list(rows.report.thresholds) != list(kept[0]), "the control"
        assert carried(rows)["figures.json"].content == before
    finally:
        rows.report.thresholds, actual.years, actual.conditions = kept


def _turned(value: Any) -> Any:
    """The same with the keys the other way round."""
    if isinstance(value, dict):
        return {key: _turned(value[key]) for key in reversed(value)}
    return [_turned(one) for one in value] if isinstance(value, list) else value


def test_a_draft_says_so_in_its_figures(rows: ReportRows) -> None:
    with override("en"):
        draft = build_figures(rows, read_snapshot(rows), is_draft=True)
        issued = build_figures(rows, read_snapshot(rows), is_draft=False)
    assert draft["is_draft"]
    assert not issued["is_draft"]


@pytest.mark.parametrize("language", ["en", "ar"])
def test_nothing_restricted_is_carried(rows: ReportRows, language: str) -> None:
    held = b"".join(file.content for file in carried(rows, language).values())
    assert held.count(b"1234567") == 1, "an amount of a budget stands in the chapter on money alone"
    for text in RESTRICTED:
        assert text.encode() not in held, text
    assert b"Police training" in held, "the control"
    assert b"Camille" in held, "who issued it is named"


def test_an_override_is_carried_with_who_set_it_and_when(rows: ReportRows) -> None:
    """In the figures and in the table, as on the pages."""
    actual = next(one for one in rows.actuals if one.code == "1.1-countries")
    said = {
        "calculated": actual.rating,
        "reason": "Two are signed",
        "by": "Fatou Diallo",
        "at": "2019-03-01T12:00:00Z",
    }
    actual.override = said
    try:
        files = carried(rows)
    finally:
        actual.override = None
    figures = json.loads(files["figures.json"].content)
    assert targets_of(figures)["1.1-countries"]["override"] == said
    [row] = [
        line
        for line in csv.DictReader(files["summary.csv"].content.decode("utf-8-sig").splitlines())
        if line["rating_reason"]
    ]
    assert (row["rating_set_by"], row["rating_set_on"]) == ("Fatou Diallo", "2019-03-01")


@needs_pango
def test_the_file_holds_them_byte_for_byte(rows: ReportRows, english: Pdf) -> None:
    held = list(extract_files(english.content))
    assert held == [file.content for file in carried(rows).values()]
    assert extract_figures(english.content)["plan"] == "2017-2020"
    for part in (english.content, *_inflated(english.content)):
        assert not any(text.encode() in part for text in RESTRICTED)


@needs_pango
def test_each_says_what_it_is_to_the_file(english: Pdf) -> None:
    told = english.content + b"".join(_inflated(english.content))
    assert told.count(b"/AFRelationship /Data") == 3
    assert told.count(b"/Subtype /text#2fcsv") == 2
    assert told.count(b"/Subtype /application#2fjson") == 1
    assert told.count(b"(D:20190314150000Z)") >= 6
    assert b"All figures of the annual report 2018, as JSON" in told


def _inflated(content: bytes) -> Iterator[bytes]:
    for stream in re.findall(rb"stream\n(.*?)\nendstream", content, re.DOTALL):
        with contextlib.suppress(zlib.error):
            yield zlib.decompress(stream)


@needs_pango
@pytest.mark.skipif(not shutil.which("pdfdetach"), reason="poppler-utils are not installed")
def test_another_program_takes_them_out(rows: ReportRows, english: Pdf, tmp_path: Path) -> None:
    path = tmp_path / "report.pdf"
    path.write_bytes(english.content)
    subprocess.run(["pdfdetach", "-saveall", "-o", str(tmp_path), str(path)], check=True)
    for file in carried(rows).values():
        assert (tmp_path / file.name).read_bytes() == file.content


@needs_pango
def test_a_file_with_its_data_is_fit_for_archives(french: Pdf) -> None:
    for profile in (page.ValidationProfile.PDF_UA_1, page.ValidationProfile.PDF_A_3A):
        found = page.validate_pdf_bytes(french.content, profile=profile)
        assert found.is_compliant, [failure.message for failure in found.failures]


RENDER = """
import pickle, sys, django
django.setup()
from reporting.annual_report.pdf import document
rows = pickle.load(sys.stdin.buffer)
print(document.render(rows, "fr").sha256)
"""


@needs_pango
def test_another_process_makes_the_same_bytes(rows: ReportRows, french: Pdf) -> None:
    env = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "ibcr_rbm.settings",
        "PYTHONHASHSEED": "7",
        "TZ": "Asia/Tokyo",
    }
    there = subprocess.run(
        [sys.executable, "-c", RENDER],
        input=pickle.dumps(rows),
        capture_output=True,
        check=True,
        env=env,
        cwd=settings.BASE_DIR,
    )
    assert there.stdout.decode().strip() == french.sha256

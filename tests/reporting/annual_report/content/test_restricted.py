"""What only staff may read is in no file of a report and on none of its pages.

Every column of every kind of record gets a text or an amount of its own, but for the few that a
citation is made of: a column that is added later is restricted until somebody lists it here.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import models
from django.test import Client
from django.utils.translation import override

from indicators.models import AnnualBudget, Evidence, Record
from reporting.annual_report.content.data_files import build_data_files
from reporting.annual_report.issuing import issue_annual_report
from reporting.annual_report.pdf import document
from reporting.annual_report.snapshot.reader import load_rows, read_snapshot
from reporting.models import AnnualReport
from strategy.choices import RecordKind, Role
from strategy.models import Plan, User
from tests.factories import MODELS, make_approved, make_user

MARCH_2019 = datetime(2019, 3, 14, 15, 0, tzinfo=UTC)
CITED = ("reference", "title", "year", "year_covered")
PUBLISHED = {"annual_budget": ("amount",), "lesson": ("applied_in",)}
"""The columns that the chapters on money and learning print."""
LATER = "7318111"
SEPARATORS = re.compile("[,. \u00a0\u202f\u066c'’]")
SHORTEST = 20
"""Characters of a column that can hold a text at all; codes and currencies are shorter."""


def columns_of(model: type[Record]) -> Iterator[models.Field[Any, Any]]:
    """Those in which people write what they like, or an amount."""
    for field in model._meta.concrete_fields:
        is_text = type(field) in (models.CharField, models.TextField) and not field.choices
        is_long = is_text and (field.max_length or SHORTEST) >= SHORTEST
        if field.name not in CITED and (is_long or isinstance(field, models.DecimalField)):
            yield field


def plant(record: Record) -> list[str]:
    """Fill every restricted column of the record and its evidence; what was put there."""
    kind = str(record.KIND)
    number = list(MODELS).index(record.KIND)
    values: dict[str, Any] = {
        field.name: Decimal(f"73190{number:02}.25")
        if isinstance(field, models.DecimalField)
        else f"planted-{kind}-{field.name}"
        for field in columns_of(type(record))
    }
    type(record)._base_manager.filter(pk=record.pk).update(**values)
    file_name = f"planted-{kind}-evidence.pdf"
    Evidence.objects.create(
        record=record, file=f"evidence/2018/{file_name}", name=file_name, added_by=record.entered_by
    )
    published = PUBLISHED.get(kind, ())
    hidden = (str(value) for name, value in values.items() if name not in published)
    return [value.removesuffix(".25") for value in hidden] + [file_name]


def held_of(planted: list[str], text: str) -> list[str]:
    """What of it is in the text; an amount also with something between its thousands."""
    plain = SEPARATORS.sub("", text)
    return [one for one in planted if one in text or one in plain]


def test_an_amount_is_found_however_it_is_written() -> None:
    """The control."""
    for text in ("7318999", "7,318,999.00", "7\u00a0318\u00a0999", "7.318.999", "7 318 999"):
        assert held_of(["7318999", "7318000"], f"<td>{text}</td>") == ["7318999"]


@pytest.fixture
def planted(plan: Plan) -> list[str]:
    """One record of each kind, all of it counted in 2018 where its kind counts at all."""
    author = make_user(
        Role.STAFF, username="planted-username", first_name="Plantée", email="planted@example.org"
    )
    project = make_approved("project", entered_by=author)
    initiative = make_approved("initiative", project=project, entered_by=author)
    more: dict[str, dict[str, Any]] = {
        RecordKind.ACTIVITY: {"initiative": initiative},
        RecordKind.ACTION_REPORT: {"filed_under": ["3.1"], "year_covered": "2017"},
        RecordKind.SECTOR_STRENGTHENED: {"sector": "education"},
    }
    others = [kind for kind in MODELS if kind not in (RecordKind.PROJECT, RecordKind.INITIATIVE)]
    records = [project, initiative]
    for kind in others:
        given = more.get(kind, {})
        if kind == RecordKind.ACTION_REPORT:
            given = {**given, "issued_on": "2018-03"}
        records.append(make_approved(kind, entered_by=author, **given))
    make_approved("annual_budget", year="2017", amount="7318999", entered_by=author)
    texts = [text for record in records for text in plant(record)]
    return [*texts, "planted-username", "Plantée", "planted@example.org"]


@pytest.fixture
def report(planted: list[str], plan: Plan, officer: User) -> AnnualReport:
    issued = issue_annual_report(plan, "2018", officer, MARCH_2019)
    return AnnualReport.objects.get(pk=issued.pk)


def test_something_is_planted_in_every_kind_of_record(planted: list[str]) -> None:
    """The control: a test that plants nothing finds nothing."""
    for kind in MODELS:
        assert f"planted-{kind}-notes" in planted
    for name in ("summary", "contribution", "authority", "note_on_return"):
        assert any(text.endswith(f"-{name}") for text in planted), name
    assert sum(text.startswith("7319") for text in planted) >= 3, "amounts"


@pytest.mark.parametrize("language", ["en", "fr", "es", "ar"])
def test_no_restricted_column_is_in_the_data_of_a_report(
    language: str, planted: list[str], report: AnnualReport
) -> None:
    rows = load_rows(report)
    with override(language):
        files = build_data_files(rows, read_snapshot(rows), is_draft=False)
    held = "\n".join(file.content.decode() for file in files)
    cited = {citation.reference for citation in report_citations(report)}
    assert len(cited) >= 8, "most kinds are cited"
    assert all(reference in held for reference in cited), "the control"
    assert held_of(planted, held) == []


@pytest.fixture
def corrected(report: AnnualReport, officer: User) -> AnnualReport:
    """The next version, after the amount of a budget was found to be wrong."""
    AnnualBudget.objects.filter(year="2017").update(amount=LATER)
    issued = issue_annual_report(
        report.plan, "2018", officer, MARCH_2019, version=2, correction={"en": "One was wrong."}
    )
    return AnnualReport.objects.get(pk=issued.pk)


def test_an_amount_that_was_corrected_is_in_the_chapter_on_money_alone(
    planted: list[str], corrected: AnnualReport, board_client: Client
) -> None:
    rows = load_rows(corrected)
    files = build_data_files(rows, read_snapshot(rows), is_draft=False)
    pages = [board_client.get(f"/reports/2018/2/{page}").content.decode() for page in ("", "page/")]
    held = [*(file.content.decode() for file in files), *pages, document.render_html(rows, "en")]
    assert all("3.3-budget" in text or "3.3 Annual budget" in text for text in held), held
    assert {change["field"] for change in corrected.changes} >= {"value"}, "the control"
    for text in held:
        assert held_of([*planted, "7318999"], text) == [], "as it was before"
    rows.report.money = None
    chapterless = build_data_files(rows, read_snapshot(rows), is_draft=False)
    told = [*(file.content.decode() for file in chapterless), document.render_html(rows, "en")]
    for text in told:
        assert held_of([*planted, LATER], text) == []


@pytest.mark.parametrize("page", ["", "page/", "page/method/", "?target=1.1-initiatives"])
def test_none_is_on_the_pages_that_the_board_reads(
    page: str, planted: list[str], report: AnnualReport, board_client: Client
) -> None:
    answer = board_client.get(f"/reports/2018/1/{page}")
    assert answer.status_code == 200
    text = answer.content.decode()
    assert held_of(planted, text) == []


@pytest.mark.parametrize("language", ["en", "ar"])
def test_none_is_in_the_words_of_the_pdf(
    language: str, planted: list[str], report: AnnualReport
) -> None:
    text = document.render_html(load_rows(report), language)
    assert held_of(planted, text) == []


def report_citations(report: AnnualReport) -> list[Any]:
    return [citation for found in load_rows(report).evidence for citation in found]

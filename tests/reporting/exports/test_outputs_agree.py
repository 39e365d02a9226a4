"""All outputs agree: pages, files and reports show the same values, cell by cell."""

import csv
import io
import json
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

import openpyxl
import pytest
import tinyhtml5
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from reporting.annual_report.issuing import issue_annual_report
from reporting.annual_report.pdf import document
from reporting.annual_report.snapshot.reader import load_rows
from reporting.exports.results import format_exact
from reporting.exports.summary_files import COLUMNS
from reporting.figures.rollup import Rollup, build_rollup
from reporting.models import AnnualReport, RatingOverride
from reporting.wording import formatting, sentences
from strategy.choices import Rating
from strategy.models import Plan, Target, User
from tests.conftest import client_of
from tests.factories import NOON
from tests.support.html_tree import seen_text_of, tree_of, with_class
from tests.support.samples.figure_records import make_records

END = date(2018, 12, 31)
MARCH_2019 = datetime(2019, 3, 14, 15, 0, tzinfo=UTC)

Cells = Mapping[tuple[str, str], str]
"""The cells of an output, by the target's code and the name of the cell."""


@dataclass(frozen=True)
class IssuedSample:
    """A plan with records behind every kind of measure, its issued report, and a reader."""

    plan: Plan
    report: AnnualReport
    client: Client


@pytest.fixture
def sample(plan: Plan, officer: User) -> IssuedSample:
    make_records()
    RatingOverride.objects.create(
        target=Target.objects.of_plan(plan).get(code="2.3-networks"),
        rating=Rating.AT_RISK,
        reason="Two networks signed in January.",
        valid_from=END,
        by=officer,
        made_at=NOON,
    )
    report = issue_annual_report(plan, "2018", officer, MARCH_2019)
    return IssuedSample(plan, report, client_of(officer))


def shown_by(rollup: Rollup) -> dict[tuple[str, str], str]:
    """Return the formatted cells that every output for people must show."""
    cells = {}
    for line in rollup.targets:
        target = line.target
        reached = formatting.format_value(line.value, target)
        cells[target.code, "since"] = (
            sentences.format_years_met(line) if target.is_yearly else reached
        )
        cells[target.code, "year"] = formatting.format_value(line.this_year.value, target)
        cells[target.code, "rating"] = str(line.rating.label)
        cells[target.code, "rule"] = str(line.calculated.label)
        cells[target.code, "years"] = " ".join(
            formatting.EN_DASH
            if one.year.starts_on > rollup.as_of
            else sentences.format_year_value(one, target)
            for one in line.years
        )
    return plain(cells)


def exact_of(rollup: Rollup) -> dict[tuple[str, str], str]:
    """Return the cells of outputs for programs: exact decimals, empty where unknown."""
    cells = {}
    for line in rollup.targets:
        code = line.target.code
        cells[code, "value"] = format_exact(line.value) or ""
        cells[code, "minimum"] = format_exact(line.target.minimum) or ""
        cells[code, "maximum"] = format_exact(line.target.maximum) or ""
        cells[code, "expected"] = format_exact(line.expected) or ""
        cells[code, "rating"] = line.rating.value
        cells[code, "rule"] = line.calculated.value
    return cells


def plain(cells: Mapping[tuple[str, str], str]) -> dict[tuple[str, str], str]:
    return {key: " ".join(text.split()) for key, text in cells.items()}


def differences(said: Cells, wanted: Cells) -> list[str]:
    """Return every cell of an output that differs from the rollup."""
    assert said, "the output has no cells"
    return [
        f"{code} {name}: {text!r}, not {wanted[code, name]!r}"
        for (code, name), text in said.items()
        if text != wanted[code, name]
    ]


def codes_of(plan: Plan) -> list[str]:
    return list(Target.objects.of_plan(plan).in_plan_order().values_list("code", flat=True))


def rated(cell: Element) -> dict[str, str]:
    [stands] = with_class(cell, "rating")
    found = {"rating": seen_text_of(stands)}
    for said in with_class(cell, "set"):
        found["rule"] = re.findall(r"By the rule: (.+?)\.", seen_text_of(said))[0]
    return found


def in_rows(codes: list[str], rows: list[dict[str, str]]) -> dict[tuple[str, str], str]:
    assert len(codes) == len(rows)
    return plain(
        {
            (code, name): text
            for code, row in zip(codes, rows, strict=True)
            for name, text in row.items()
        }
    )


def summary_page(sample: IssuedSample) -> Cells:
    tree = page(sample, "summary")
    rows = [
        {"year": seen_text_of(row[-4]), "since": seen_text_of(row[-3]), **rated(row[-2])}
        for table in with_class(tree, "summary-table")
        for row in table.findall("tbody/tr")
    ]
    return in_rows(codes_of(sample.plan), rows)


def dashboard_page(sample: IssuedSample) -> Cells:
    tree = page(sample, "dashboard", order="plan")
    [table] = with_class(tree, "plan")
    found = [_dashboard_row(row) for row in table.findall("tbody/tr")]
    return in_rows(codes_of(sample.plan), found)


def _dashboard_row(row: Element) -> dict[str, str]:
    cells = rated(with_class(row, "rate")[0])
    if years := with_class(row, "years"):
        cells["years"] = " ".join(seen_text_of(one) for one in years[0])
    else:
        [value] = with_class(row, "value")
        cells["since"] = re.split(r" of | / ", seen_text_of(value))[0]
    return cells


def target_pages(sample: IssuedSample) -> Cells:
    rows = []
    for code in codes_of(sample.plan):
        tree = page(sample, "target", code=code)
        [figure] = with_class(tree, "figure")
        found = [seen_text_of(one) for one in with_class(tree, "rating")]
        row = {"since": seen_text_of(figure[0]), "rating": found[0]}
        if "By the rule:" in seen_text_of(tree):
            row["rule"] = found[1]
        if years := with_class(tree, "years"):
            row["years"] = " ".join(seen_text_of(one) for one in years[0])
        rows.append(row)
    return in_rows(codes_of(sample.plan), rows)


def report_html(sample: IssuedSample) -> Cells:
    """Return the HTML of the PDF."""
    html = document.render_html(load_rows(sample.report), "en")
    tree: Element = tinyhtml5.parse(html, namespace_html_elements=False)
    table = next(one for one in with_class(tree, "closing"))
    rows = [
        {"year": seen_text_of(row[-3]), "since": seen_text_of(row[-2]), **rated(row[-1])}
        for row in table.iter("tr")
        if with_class(row, "rating")
    ]
    return in_rows(codes_of(sample.plan), rows)


def csv_file(sample: IssuedSample) -> Cells:
    """Return the summary table as CSV; the cells have the words of ratings."""
    text = answer(sample, reverse("reporting:summary_file", args=["csv"])).decode("utf-8-sig")
    return _of_columns(csv.DictReader(io.StringIO(text)))


def xlsx_file(sample: IssuedSample) -> Cells:
    content = answer(sample, reverse("reporting:summary_file", args=["xlsx"]))
    sheet = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
    lines = list(sheet.iter_rows(values_only=True))
    names_of = {str(column.head): column.name for column in COLUMNS if not column.is_code}
    names = [names_of[str(head)] for head in lines[0]]
    rows = [dict(zip(names, map(_cell, line), strict=True)) for line in lines[1:]]
    return _of_columns(rows)


def _cell(value: Any) -> str:
    return "" if value is None else str(value)


def _of_columns(rows: Any) -> dict[tuple[str, str], str]:
    labels = {str(rating.label): rating.value for rating in Rating}
    cells = {}
    for row in rows:
        code = row["target"]
        for name in ("value", "minimum", "maximum", "expected"):
            cells[code, name] = row[name]
        cells[code, "rating"] = labels[row["rating"]]
        cells[code, "rule"] = labels[row["rating_by_rule"]]
    return cells


def results_json(sample: IssuedSample) -> Cells:
    cells = {}
    for objective in json.loads(results("json"))["objectives"]:
        for target in objective["targets"]:
            code = target["code"]
            for name in ("value", "minimum", "maximum", "expected"):
                cells[code, name] = target[name] or ""
            cells[code, "rating"] = target["rating"]
            cells[code, "rule"] = target.get("calculated_rating", target["rating"])
    return cells


def results_csv(sample: IssuedSample) -> Cells:
    cells = {}
    for row in csv.DictReader(io.StringIO(results("csv"))):
        for name in ("value", "minimum", "maximum", "expected", "rating"):
            cells[row["target"], name] = row[name]
        cells[row["target"], "rule"] = row["calculated_rating"]
    return cells


def results(form: str) -> str:
    out = io.StringIO()
    call_command("results", "--as-of", END.isoformat(), "--format", form, stdout=out)
    return out.getvalue()


def page(sample: IssuedSample, name: str, order: str = "", **kwargs: str) -> Element:
    query = {"as_of": END.isoformat(), "order": order}
    return tree_of(sample.client.get(reverse(f"reporting:{name}", kwargs=kwargs), query))


def answer(sample: IssuedSample, address: str) -> bytes:
    return bytes(sample.client.get(address, {"as_of": END.isoformat()}).content)


READ = (summary_page, dashboard_page, target_pages, report_html)
COMPUTED = (csv_file, results_json, results_csv)


@pytest.mark.parametrize("output", READ, ids=lambda one: one.__name__)
def test_what_people_read_is_the_roll_up(
    sample: IssuedSample, output: Callable[[IssuedSample], Cells]
) -> None:
    said = output(sample)
    assert {code for code, _name in said} == set(codes_of(sample.plan))
    assert differences(said, shown_by(build_rollup(sample.plan, END))) == []
    other = differences(said, shown_by(build_rollup(sample.plan, date(2017, 12, 31))))
    assert len(other) > 10, "the control: another day's figures are seen to differ"


@pytest.mark.parametrize("output", COMPUTED, ids=lambda one: one.__name__)
def test_what_programs_read_is_the_roll_up(
    sample: IssuedSample, output: Callable[[IssuedSample], Cells]
) -> None:
    said = output(sample)
    assert differences(said, exact_of(build_rollup(sample.plan, END))) == []
    assert differences(said, exact_of(build_rollup(sample.plan, date(2017, 12, 31))))


def test_the_workbook_holds_the_numbers_themselves(sample: IssuedSample) -> None:
    wanted = exact_of(build_rollup(sample.plan, END))
    for (code, name), text in xlsx_file(sample).items():
        if name in ("rating", "rule") or not text:
            assert text == wanted[code, name]
        else:
            assert float(text) == pytest.approx(float(wanted[code, name]), rel=1e-13), name


def test_parts_of_a_figure_are_the_same_in_page_and_json(sample: IssuedSample) -> None:
    checked = 0
    for objective in json.loads(results("json"))["objectives"]:
        for target in objective["targets"]:
            targets = Target.objects.with_rules().of_plan(sample.plan)
            row = targets.get(code=target["code"]).as_of(sample.plan.ends_on)
            if not target["slices"] or target["value"] is None or row.is_yearly:
                continue
            [shares, *_others] = with_class(page(sample, "target", code=row.code), "shares")
            texts = [seen_text_of(one) for one in shares]
            said = dict(zip(texts[::3], texts[1::3], strict=True))
            wanted = {
                piece["label"]: formatting.format_value(Decimal(piece["value"]), row)
                if row.is_percentage
                else str(piece["records"])
                for piece in target["slices"]
            }
            assert {" ".join(k.split()): " ".join(v.split()) for k, v in wanted.items()} == said
            checked += 1
    assert checked >= 4


def test_quarters_end_at_the_figure_and_rise_as_the_roll_up_does(sample: IssuedSample) -> None:
    tree = page(sample, "dashboard", order="plan")
    table = next(one for one in tree.iter("table") if "end of each quarter" in seen_text_of(one[0]))
    days = [date(2017, 3, 31), date(2017, 12, 31), date(2018, 6, 30), END]
    rollup = {
        day: {line.target.code: line for line in build_rollup(sample.plan, day).targets}
        for day in days
    }
    counts = [line for line in rollup[END].values() if line.expected is not None]
    for line, row in zip(counts, table.findall("tbody/tr"), strict=True):
        if line.value is None:
            continue
        said = [seen_text_of(cell) for cell in row[1:]]
        for day, place in zip(days, (0, 3, 5, 7), strict=True):
            value = formatting.format_value(rollup[day][line.target.code].value, line.target)
            assert said[place].startswith(value), (line.target.code, day)


def _lines(text: str) -> Iterator[str]:
    for line in text.splitlines():
        yield " ".join(line.split())


@pytest.mark.skipif(
    not (document.is_available() and shutil.which("pdftotext")), reason="needs Pango and pdftotext"
)
def test_the_pdf_says_it_too(sample: IssuedSample, tmp_path: Path) -> None:
    file = tmp_path / "report.pdf"
    with override("en"):
        file.write_bytes(document.render(load_rows(sample.report), "en").content)
    ran = subprocess.run(
        ["pdftotext", "-layout", str(file), "-"], capture_output=True, text=True, check=True
    )
    wanted = shown_by(build_rollup(sample.plan, END))
    rows = iter(list(_lines(ran.stdout.partition("Summary table\n")[2] or ran.stdout)))
    for code in codes_of(sample.plan):
        year, since = wanted[code, "year"], wanted[code, "since"]
        first_word = wanted[code, "rating"].split()[0]
        said = f"{year} {since} {first_word}"
        assert any(said in row for row in rows), f"{code}: {said!r} is not in the PDF in its turn"

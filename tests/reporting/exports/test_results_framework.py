"""The logic model and the performance measurement framework: pages and files of one calculation."""

import io
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from docx import Document
from openpyxl import load_workbook

from reporting.dashboards.results_framework import (
    Variance,
    VarianceBasis,
    build_results_framework,
    calculate_variance,
)
from reporting.exports.results import build_json
from reporting.figures.rollup import build_rollup
from reporting.wording.formatting import format_baseline
from strategy.models import Plan, Target, TargetVersion
from strategy.plan.validation import validate_plan
from tests.factories import make_approved
from tests.support.database.fixtures import load_fixtures
from tests.support.html_tree import text_of, tree_of
from tests.support.query_baselines import Baseline

DAY = date(2019, 3, 31)
QUERY = f"?plan=gac&as_of={DAY}"


@pytest.fixture
def gac(db: None) -> Plan:
    """A logic model of three levels of outcome and outputs; to be set up before users."""
    load_fixtures("countries", "reference", "tests/fixtures/logic_model_plan.json")
    return Plan.objects.get(code="gac")


def test_a_logic_model_is_expressed_by_rows_alone(gac: Plan) -> None:
    assert validate_plan(gac) == []
    chain = [
        (
            group.heading,
            [(row.objective.objective.code, row.contributes_to) for row in group.results],
        )
        for group in build_results_framework(gac, DAY).logic_model
    ]
    assert chain == [
        ("Ultimate outcome", [("1000", "")]),
        ("Intermediate outcome", [("1100", "1000")]),
        ("Immediate outcome", [("1110", "1100")]),
        ("Output", [("1111", "1110"), ("1112", "1110")]),
    ]


def test_a_variance_is_the_actual_minus_the_value_expected_by_the_day(gac: Plan) -> None:
    for country in ("NE", "SN", "TG", "ML", "BF"):
        make_approved("initiative", countries=[country], starts_on="2018-06")
    rows = {row.target.code: row for row in build_rollup(gac, DAY).targets}
    # The first milestone asks for 4 by the end of March 2019.
    expected = Variance(Decimal(5 - 4), VarianceBasis.EXPECTED)
    assert calculate_variance(rows["1111.1-initiatives"]) == expected
    assert calculate_variance(rows["1100.1-decisions"]) is None, "no data"


def test_a_variance_from_a_bound(gac: Plan) -> None:
    for _number in range(5):
        make_approved("initiative", countries=["NE"], starts_on="2018-06")
    versions = TargetVersion.objects.filter(target__code="1111.1-initiatives")
    versions.update(minimum=None, maximum=3, milestones={})
    [row] = [row for row in build_rollup(gac, DAY).targets if row.value is not None]
    assert calculate_variance(row) == Variance(Decimal(2), VarianceBasis.MAXIMUM)


def test_the_pages_show_each_result(
    gac: Plan, officer_client: Client, query_baseline: Baseline
) -> None:
    make_approved("initiative", countries=["NE"], starts_on="2018-06")
    text = text_of(tree_of(officer_client.get(f"/plan/logic-model/{QUERY}")))
    assert "1111 Initiatives with national target groups" in text
    assert "Contributes to 1110" in text
    with query_baseline("results_framework"):
        response = officer_client.get(f"/plan/pmf/{QUERY}")
    text = text_of(tree_of(response))
    for words in (
        *("Output: 1111", "75% of the children asked (not calculated here)"),
        *("0 initiatives on 31 March 2018", "The project began on 1 April 2018"),
        *(
            "Not measured before",
            "Not asked before the project",
            "4 by the end of 2018-2019",
            "Programme officer",
        ),
        *("-3.0 from the value expected by this day", "Every quarter"),
    ):
        assert words in text.replace("\N{MINUS SIGN}", "-"), words


@pytest.mark.parametrize("language", [code for code, _name in settings.LANGUAGES])
def test_the_files_have_the_rows_of_the_page(
    gac: Plan, officer_client: Client, language: str
) -> None:
    make_approved("initiative", countries=["NE"], starts_on="2018-06")
    officer_client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    book = load_workbook(io.BytesIO(officer_client.get(f"/plan/framework.xlsx{QUERY}").content))
    rows = [row for row in book.worksheets[0].iter_rows(values_only=True) if row[3]]
    assert len(book.worksheets[0]["A"]) == 5
    assert rows[-1][4:8] == ("20 initiatives", 1, "initiatives", -3)
    assert book.worksheets[1]["D3"].value == "1000"
    response = officer_client.get(f"/plan/framework.docx{QUERY}")
    document = Document(io.BytesIO(response.content))
    results, framework = document.tables
    assert [cell.text for cell in results.columns[1].cells][1:] == [
        *("1000", "1100", "1110", "1111", "1112"),
    ]
    assert framework.rows[-1].cells[4].text == "20 initiatives"
    assert ("w:bidiVisual" in framework._tbl.xml) == (language == "ar")


def test_the_files_and_the_results_have_equal_figures(plan: Plan, officer_client: Client) -> None:
    """Figure by figure: value, unit and baseline of each target, in both files."""
    for number, country in enumerate(("NE", "SN", "TG")):
        make_approved("initiative", countries=[country], starts_on=f"2018-0{number + 1}")
    make_approved("decision", authority_country="BF", countries_concerned=["BF"])
    for year, amount in (("2016", "100"), ("2017", "115"), ("2018", "120.75")):
        make_approved("annual_budget", year=year, amount=amount)
    Target.objects.filter(code="1.1-initiatives").update(baseline_value=2, baseline_on="2017-06-30")
    rollup = build_rollup(plan, DAY)
    statements = {row.target.code: row.target.statement for row in rollup.targets}
    results: Any = build_json(rollup)["objectives"]
    stated = sorted(
        (
            statements[target["code"]],
            "no data" if target["value"] is None else _round(target["value"]),
            target["unit"],
            target["baseline"]["value"],
        )
        for objective in results
        for target in objective["targets"]
    )
    assert len(stated) == 14
    assert len({value for _words, value, _unit, _base in stated}) >= 4, "the control"
    query = f"?plan=2017-2020&as_of={DAY}"
    book = load_workbook(io.BytesIO(officer_client.get(f"/plan/framework.xlsx{query}").content))
    document = Document(io.BytesIO(officer_client.get(f"/plan/framework.docx{query}").content))
    in_word = [[cell.text for cell in row.cells] for row in document.tables[1].rows]
    for rows in (list(book.worksheets[0].iter_rows(values_only=True)), in_word):
        found = sorted(
            (str(row[4]), _round(row[5]), str(row[6]), _read_baseline(row[2])) for row in rows[1:]
        )
        assert found == stated


def _round(value: object) -> str:
    text = _plain(value).replace("\N{MINUS SIGN}", "-")
    return text if text == "no data" else str(round(float(text), 4))


def _read_baseline(cell: object) -> str | None:
    number, _space, rest = _plain(cell).partition(" ")
    return number if "on 30 June 2017" in rest else None


ON_THE_DAY = {
    "en": "2 decisions on 31 March 2018",
    "fr": "2 decisions au 31 mars 2018",
    "es": "2 decisions al 31 de marzo de 2018",
    "ar": "2 decisions في 31 مارس 2018",
}


@pytest.mark.parametrize("language", ON_THE_DAY)
def test_a_baseline_is_shown_with_its_day_and_its_source(
    gac: Plan, officer_client: Client, language: str
) -> None:
    officer_client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    for page in (f"/plan/pmf/{QUERY}", f"/plan/{QUERY}", f"/targets/1100.1-decisions/{QUERY}"):
        text = text_of(tree_of(officer_client.get(page))).replace("\N{NO-BREAK SPACE}", " ")
        assert ON_THE_DAY[language] in text, page
        assert "Records of the ministry" in text, page
    cell = f"{ON_THE_DAY[language]}\nRecords of the ministry"
    book = load_workbook(io.BytesIO(officer_client.get(f"/plan/framework.xlsx{QUERY}").content))
    document = Document(io.BytesIO(officer_client.get(f"/plan/framework.docx{QUERY}").content))
    in_word = [[cell.text for cell in row.cells] for row in document.tables[1].rows]
    for rows in (book.worksheets[0].iter_rows(values_only=True), in_word):
        [found] = [row[2] for row in rows if str(row[1]).startswith("1100.1 ")]
        assert _plain(found) == cell


def _plain(value: object) -> str:
    return str(value).replace("\N{NO-BREAK SPACE}", " ")


def test_a_baseline_stands_in_the_json(gac: Plan) -> None:
    objectives: Any = build_json(build_rollup(gac, DAY))["objectives"]
    found = [target["baseline"] for each in objectives for target in each["targets"]]
    assert found[0] == {"value": "2", "on": "2018-03-31", "words": "Records of the ministry"}
    Target.objects.update(baseline_value=None, baseline_on=None)
    objectives = build_json(build_rollup(gac, DAY))["objectives"]
    assert objectives[1]["targets"][0]["baseline"]["value"] is None


def test_a_baseline_in_percent(gac: Plan) -> None:
    target = Target(measure="share", unit_en="%", baseline_value=Decimal("62.50"))
    assert format_baseline(target) == "", "no day"
    target.baseline_on = date(2018, 3, 31)
    assert _plain(format_baseline(target)) == "62.5 % on 31 March 2018"


def test_a_plan_without_levels_is_grouped_by_its_priorities(
    plan: Plan, officer_client: Client
) -> None:
    groups = build_results_framework(plan, DAY).logic_model
    assert [group.heading for group in groups] == [str(row) for row in plan.priorities.all()]
    assert officer_client.get("/plan/pmf/").status_code == 200
    assert "/plan/pmf/?plan=2017-2020" in officer_client.get("/plan/").content.decode()

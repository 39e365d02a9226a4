"""The summary table: the plan's texts, and the same values on the page and in each file."""

import csv
import io
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any
from xml.etree.ElementTree import Element

import openpyxl
import pytest
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from reporting.exports.results import build_json
from reporting.exports.summary_files import COLUMNS, get_number_format
from reporting.figures.rollup import TargetRow, build_rollup
from reporting.wording import formatting, sentences
from strategy.choices import Rating
from strategy.models import Objective, Plan, Target
from tests.factories import make_approved
from tests.support.html_tree import links_in, seen_text_of, text_of, tree_of, with_class
from tests.support.query_baselines import Baseline

PAGE = reverse("reporting:summary")
DAYS = ["2016-05-01", "2017-12-31", "2019-09-30", "2020-12-31", "2026-02-03"]


@pytest.fixture
def records(plan: Plan) -> None:
    """Create values of every form: count, thirds of a share, growth above its range, zero, none."""
    for country, field in (("NE", "justice"), ("BF", "violence"), ("NE", "emergencies")):
        make_approved("initiative", countries=[country], fields_of_activity=[field])
    for field in ("justice", "violence", "justice", "emergencies"):
        make_approved("initiative", fields_of_activity=[field], starts_on="2019-02")
    make_approved("country_support", country="CA")
    make_approved("decision", occurred_on="2018-05-14")
    for year, amount in ((2016, "1000"), (2017, "1120.05"), (2018, "1400"), (2019, "1400")):
        make_approved("annual_budget", year=str(year), amount=amount)
    make_approved("sponsor", first_agreement_on="2018-02")
    make_approved("action_report", filed_under=["3.1"], year_covered="2018")


def page_rows(tree: Element) -> list[dict[str, str]]:
    """Return the cells of each row: target, year, since the start, rating, rule."""
    found = []
    for table in with_class(tree, "summary-table"):
        for row in table.iter("tr"):
            cells = {str(c.get("data-label")): c for c in row if c.get("data-label")}
            if "Target" in cells:
                numbers = [c for c in row if c.get("class") == "num-right"]
                found.append(
                    {
                        "target": text_of(cells["Target"]),
                        "year": seen_text_of(numbers[0]),
                        "since": seen_text_of(numbers[1]),
                        "rating": seen_text_of(cells["Rating"]),
                        "rule": text_of(cells["How it is counted"]),
                    }
                )
    return found


def csv_rows(client: Client, day: str, **query: str) -> list[dict[str, str]]:
    response = client.get(
        reverse("reporting:summary_file", kwargs={"extension": "csv"}), {"as_of": day, **query}
    )
    assert response.status_code == 200
    return list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))


def book_of(client: Client, day: str) -> Any:
    response = client.get(
        reverse("reporting:summary_file", kwargs={"extension": "xlsx"}), {"as_of": day}
    )
    assert response.status_code == 200
    return openpyxl.load_workbook(io.BytesIO(response.content))


def xlsx_rows(client: Client, day: str) -> list[dict[str, Any]]:
    sheet = book_of(client, day).worksheets[0]
    names = [column.name for column in COLUMNS if column.name != "version" and not column.is_code]
    return [dict(zip(names, row, strict=True)) for row in sheet.iter_rows(min_row=2)]


def plain(text: str) -> str:
    return text.replace(formatting.NO_BREAK, " ")


class TestTheSameEverywhere:
    @pytest.mark.parametrize("day", DAYS)
    @pytest.mark.usefixtures("records")
    def test_cell_by_cell(self, plan: Plan, manager_client: Client, day: str) -> None:
        rollup = build_rollup(plan, date.fromisoformat(day))
        targets = [one for part in build_json(rollup)["objectives"] for one in part["targets"]]
        on_page = page_rows(tree_of(manager_client.get(PAGE, {"as_of": day})))
        in_csv, in_xlsx = csv_rows(manager_client, day), xlsx_rows(manager_client, day)
        assert len(targets) == len(on_page) == len(in_csv) == len(in_xlsx) == 14
        for line, target, seen, text, cells in zip(
            rollup.targets, targets, on_page, in_csv, in_xlsx, strict=True
        ):
            self._page(line, seen)
            self._csv(line, target, text)
            self._xlsx(line, text, cells)

    def _page(self, line: TargetRow, seen: Mapping[str, str]) -> None:
        assert seen["target"] == line.target.statement
        assert seen["year"] == plain(formatting.format_value(line.this_year.value, line.target))
        since = formatting.format_value(line.value, line.target)
        if line.years:
            since = sentences.format_years_met(line)
        assert seen["since"] == plain(since)
        assert seen["rating"] == line.rating.label
        assert seen["rule"].startswith(" ".join(line.target.rule.split()))

    def _csv(self, line: TargetRow, target: Mapping[str, Any], text: Mapping[str, str]) -> None:
        for name in ("value", "minimum", "maximum", "expected"):
            assert text[name] == (target[name] or ""), (name, target["code"])
        assert text["target"] == target["code"]
        for name in ("rating_by_rule", "rating_of_objective"):
            assert text[name] == Rating(text[f"{name}_code"]).label
        assert text["rating"] == Rating(target["rating"]).label
        assert text["rating_code"] == target["rating"]
        assert text["rule"] == target["rule"]
        states = [year["state"] for year in target["years"]]
        if states:
            assert text["years_met"] == str(states.count("met"))
            assert int(text["years_closed"]) == len(states) - sum(
                state in ("due", "open") for state in states
            )
        else:
            assert text["years_met"] == text["years_closed"] == ""

    def _xlsx(self, line: TargetRow, text: Mapping[str, str], cells: Mapping[str, Any]) -> None:
        for name, cell in cells.items():
            if text[name] == "":
                assert cell.value in (None, "")
            elif cell.data_type == "n":
                assert cell.value == pytest.approx(float(text[name]), rel=1e-14)
            else:
                assert str(cell.value) == text[name]
        for name in ("value", "value_of_year", "minimum", "maximum", "expected"):
            assert cells[name].value is None or cells[name].data_type == "n"


class TestThePage:
    def test_it_has_the_plans_own_words(self, plan: Plan, manager_client: Client) -> None:
        text = text_of(tree_of(manager_client.get(PAGE)))
        for priority in plan.priorities.all():
            assert priority.title in text
            assert all(axis.title in text for axis in priority.axes.all())
        for objective in Objective.objects.filter(priority__plan=plan):
            assert objective.statement in text
        assert "Countries targeted by Canadian foreign policy" in text
        assert "to confirm" in text

    @pytest.mark.usefixtures("records")
    def test_a_year_that_missed_is_named(self, manager_client: Client) -> None:
        rows = page_rows(tree_of(manager_client.get(PAGE, {"as_of": "2019-09-30"})))
        rule = next(row["rule"] for row in rows if "budget" in row["target"])
        assert "2018: 25.0 %, above the range." in rule.replace(formatting.NO_BREAK, " ")

    @pytest.mark.usefixtures("records")
    def test_every_figure_leads_to_its_records(self, manager_client: Client) -> None:
        tree = tree_of(manager_client.get(PAGE, {"as_of": "2019-09-30"}))
        links = [link for link in links_in(tree) if link.startswith("/records/")]
        assert len(links) > 10
        assert all(manager_client.get(link).status_code == 200 for link in links)

    @pytest.mark.usefixtures("records")
    def test_the_board_reads_and_takes_it_away_without_a_way_to_records(
        self, board_client: Client
    ) -> None:
        tree = tree_of(board_client.get(PAGE))
        hidden = ("/records/", "/targets/")
        assert not [link for link in links_in(tree) if link.startswith(hidden)]
        downloads = [link for link in links_in(tree) if link.startswith("/summary.")]
        assert len(downloads) == 2
        assert all(board_client.get(link).status_code == 200 for link in downloads)

    def test_who_may_not(self, plan: Plan, admin_client: Client, client: Client) -> None:
        for name in (PAGE, "/summary.csv", "/summary.xlsx"):
            assert admin_client.get(name).status_code == 403
            assert client.get(name).status_code == 302

    def test_a_day_that_does_not_exist(self, plan: Plan, manager_client: Client) -> None:
        for name in (PAGE, "/summary.csv", "/summary.xlsx"):
            tree = tree_of(manager_client.get(name, {"as_of": "2018-02-30"}), 400)
            assert "as_of: “2018-02-30” is no day of the calendar." in text_of(tree)
        assert manager_client.get("/summary.pdf").status_code == 404

    def test_without_a_plan(self, manager_client: Client) -> None:
        for name in (PAGE, "/summary.csv"):
            assert "There is no plan yet" in text_of(tree_of(manager_client.get(name)))

    @pytest.mark.usefixtures("records")
    def test_what_it_costs(self, manager_client: Client, query_baseline: Baseline) -> None:
        for _time in range(2):
            with query_baseline("summary"):
                manager_client.get(PAGE, {"as_of": "2019-09-30"})
            for number in range(10):
                make_approved("initiative", countries=["MG"], starts_on=f"2018-0{1 + number % 9}")


class TestTheFiles:
    def test_texts_are_no_formulas(self, plan: Plan, manager_client: Client) -> None:
        Objective.objects.filter(code="1.1").update(statement_en="=1+1", statement="=1+1")
        assert csv_rows(manager_client, "2019-09-30")[0]["objective_statement"] == "'=1+1"
        cell = xlsx_rows(manager_client, "2019-09-30")[0]["objective_statement"]
        assert (cell.value, cell.data_type) == ("=1+1", "s")

    @pytest.mark.usefixtures("records")
    def test_a_negative_growth_stays_a_number(self, manager_client: Client) -> None:
        make_approved("annual_budget", year="2020", amount="700")
        growth = csv_rows(manager_client, "2020-12-31")[12]
        assert (growth["target"], growth["value"]) == ("3.3-budget", "-50")

    def test_a_sheet_shows_no_share_that_contradicts_its_rating(self, plan: Plan) -> None:
        fields = (
            Target.objects.of_plan(plan).with_rules().get(code="1.2-fields").as_of(plan.ends_on)
        )
        column = next(one for one in COLUMNS if one.name == "value")
        forms = [
            get_number_format(Decimal(text), fields, column) for text in ("24.94", "24.96", "25")
        ]
        percent = f'"{formatting.NO_BREAK}%"'
        assert forms == [f"0.0{percent}", f"0.00{percent}", f"0.0{percent}"]

    @pytest.mark.usefixtures("records")
    def test_the_book_says_what_it_is(self, plan: Plan, manager_client: Client) -> None:
        about = book_of(manager_client, "2019-09-30").worksheets[1]
        said = {row[0].value: row[1].value for row in about.iter_rows()}
        assert said["Plan"] == str(plan)
        assert said["As of"] == "30 September 2019"
        assert said["Taken from"] == "http://testserver/"
        assert "to confirm" in said["Countries targeted by Canadian foreign policy"]

    @pytest.mark.usefixtures("records")
    def test_the_same_day_gives_the_same_bytes(self, manager_client: Client) -> None:
        once, again = (
            manager_client.get("/summary.xlsx", {"as_of": "2019-09-30"}).content
            for _time in range(2)
        )
        assert once == again

    def test_an_arabic_sheet_runs_from_the_right(self, plan: Plan, officer_client: Client) -> None:
        officer_client.cookies["django_language"] = "ar"
        sheet = book_of(officer_client, "2019-09-30").worksheets[0]
        assert sheet.sheet_view.rightToLeft
        with override("ar"):
            assert str(plan.priorities.all()[0].title) in sheet["C2"].value

    def test_of_the_plan_that_is_asked_for(self, second: Plan, officer_client: Client) -> None:
        rows = csv_rows(officer_client, "2022-06-30", plan="april-plan")
        assert [row["target"][:2] for row in rows] == ["A1", "A1", "A2", "B1", "B1", "B2", "B2"]
        assert {row["year"] for row in rows} == {"2022-2023"}
        assert Decimal(rows[0]["minimum"]) > 0

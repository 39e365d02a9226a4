"""A report keeps the versions of targets that it was issued with, for each day that it shows."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.utils.translation import override

from reporting.annual_report.content.pages import build_context
from reporting.annual_report.issuing import issue_annual_report
from reporting.annual_report.pdf import document
from reporting.annual_report.sealing.seals import load_sealed_rows
from reporting.annual_report.snapshot.reader import load_rows, read_snapshot
from reporting.models import AnnualReport, ReportedActual
from strategy.models import Country, CountryList, Plan, TargetVersion, User
from tests.factories import make_approved
from tests.reporting.annual_report.issuing.issued_report import of, read
from tests.support.samples.target_versions import add_version

MARCH_2020 = datetime(2020, 3, 14, 15, 0, tzinfo=UTC)
needs_pango = pytest.mark.skipif(not document.is_available(), reason="Pango is not installed")


@pytest.fixture
def fewer_initiatives(plan: Plan) -> TargetVersion:
    for number in range(20):
        make_approved("initiative", title=f"Training {number}", starts_on="2018-05")
    return add_version(
        "1.1-initiatives", "2019-03-01", minimum=Decimal(40), statement_en="40 initiatives"
    )


@pytest.fixture
def report(plan: Plan, fewer_initiatives: TargetVersion, officer: User) -> AnnualReport:
    return issue_annual_report(plan, "2019", officer, MARCH_2020)


def test_each_day_has_the_version_of_that_day(report: AnnualReport) -> None:
    reported = read(report)
    target = of(reported, "1.1-initiatives").target
    assert (target.minimum, target.statement) == (40, "40 initiatives")
    for day, minimum in (("2018-12-31", 50), ("2019-02-28", 50), ("2019-03-01", 40)):
        assert target.version_at(date.fromisoformat(day)).minimum == minimum
    quarters = build_context(reported)["quarters"]
    rows = dict(quarters.rows)
    expected = dict(zip(quarters.days, rows["1.1 Initiatives"], strict=True))
    assert expected["31 Dec 2018"] == ("20", "25.0")
    assert expected["31 Mar 2019"] == ("20", "22.5")
    assert expected["31 Dec 2019"] == ("20", "30.0")


def test_a_year_is_worded_by_the_version_of_its_last_day(plan: Plan, officer: User) -> None:
    for year, amount in (("2016", "100"), ("2017", "125"), ("2018", "150"), ("2019", "180")):
        make_approved("annual_budget", year=year, amount=amount)
    add_version("3.3-budget", "2018-01-01", maximum=Decimal(25))
    reported = read(issue_annual_report(plan, "2019", officer, MARCH_2020))
    row = of(reported, "3.3-budget")
    bounds = [row.target.version_at(year.year.ends_on).maximum for year in row.years]
    assert bounds == [20, 25, 25, 25]
    with override("en"):
        chart = next(
            str(target.bar)
            for priority in build_context(reported)["priorities"]
            for objective in priority.objectives
            for target in objective.targets
            if target.row == row
        )
    assert "25.0\u00a0% ↑" in chart, "2017: above 20"
    assert "20.0\u00a0% ↑" not in chart


def test_a_report_has_no_version_of_a_later_day(
    plan: Plan, fewer_initiatives: TargetVersion, officer: User
) -> None:
    report = issue_annual_report(plan, "2018", officer, MARCH_2020)
    target = of(read(report), "1.1-initiatives").target
    assert [version.minimum for version in target.all_versions] == [50]
    assert target.statement == "50 initiatives"


def test_an_older_report_has_the_version_that_it_printed(report: AnnualReport) -> None:
    rows = load_rows(AnnualReport.objects.get())
    for actual in rows.actuals:
        actual.versions = None
    target = of(read_snapshot(rows), "1.1-initiatives").target
    assert [version.minimum for version in target.all_versions] == [40]
    assert target.statement == "40 initiatives"


def test_a_later_version_is_not_in_an_issued_report(report: AnnualReport) -> None:
    before = ReportedActual.objects.get(code="1.1-initiatives").versions
    assert [version["minimum"] for version in before] == ["50", "40"]
    add_version("1.1-initiatives", "2019-06-01", minimum=Decimal(30))
    assert ReportedActual.objects.get(code="1.1-initiatives").versions == before
    assert of(read(report), "1.1-initiatives").target.minimum == 40


@needs_pango
def test_the_pdf_stays_the_same_bytes_when_the_plan_changes(report: AnnualReport) -> None:
    before = document.render(load_sealed_rows(AnnualReport.objects.get()), "en").content
    add_version("1.1-initiatives", "2019-06-01", minimum=Decimal(30))
    add_version("3.3-sponsors", "2017-06-01", minimum=Decimal(1))
    Plan.objects.update(on_track_from=Decimal("0.5"), at_risk_from=Decimal("0.1"))
    for countries in CountryList.objects.all():
        countries.countries.set(Country.objects.filter(code="FR"))
    CountryList.objects.update(source_en="Another source", is_confirmed=True)
    after = document.render(load_sealed_rows(AnnualReport.objects.get()), "en").content
    assert after == before

"""What the tests of verify_report share: a report with something behind every measure, its file."""

from collections.abc import Callable
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from reporting.annual_report.issuing import issue_annual_report
from reporting.annual_report.pdf import document
from reporting.models import AnnualReport
from strategy.models import Plan, User
from tests.factories import make_approved, make_record

MARCH_2019 = datetime(2019, 3, 14, 15, 0, tzinfo=UTC)


def make_records() -> None:
    """Something behind every measure, records of several years, zero, and no data."""
    for country, fields, begins in (
        ("NE", ["justice"], "2017-03"),
        ("SN", ["violence", "justice"], "2018"),
        ("SN", ["emergencies"], "2018-06-30"),
        ("TG", ["violence"], "2019-02"),
        ("MG", [], "2018-02"),
    ):
        make_approved(
            "initiative", countries=[country], fields_of_activity=fields, starts_on=begins
        )
    make_record("initiative", status="submitted")
    make_approved("country_support", country="CI")
    make_approved("decision", authority_country="BF", countries_concerned=["NE"])
    make_approved("event", role="attended")
    make_approved("sector_strengthened", sector="education")
    make_approved("sponsor", first_agreement_on="2017-05")
    make_approved("sponsor", first_agreement_on="2018-05")
    make_approved("policy_update", areas=["human_resources"], occurred_on="2018-03")
    make_approved("action_report", filed_under=["3.1"], year_covered="2017", issued_on="2018-02")
    for year, amount in (("2016", "100"), ("2017", "115"), ("2018", "150.33")):
        make_approved("annual_budget", year=year, amount=amount)


@pytest.fixture
def records(plan: Plan) -> Plan:
    make_records()
    return plan


@pytest.fixture
def report(records: Plan, officer: User) -> AnnualReport:
    return issue_annual_report(records, "2018", officer, MARCH_2019)


@pytest.fixture
def content(report: AnnualReport, fake_pdf: None) -> bytes:
    return bytes(document.get_report_pdf(report, "en").content)


@pytest.fixture
def run(tmp_path: Path) -> Callable[[bytes], tuple[int, str]]:
    """Runs the command on a file with these bytes: its exit code and all that it says."""

    def verified(content: bytes) -> tuple[int, str]:
        path, out = tmp_path / "report.pdf", StringIO()
        path.write_bytes(content)
        try:
            call_command("verify_report", str(path), stdout=out)
        except CommandError as error:
            return error.returncode, f"{out.getvalue()}{error}"
        return 0, out.getvalue()

    return verified

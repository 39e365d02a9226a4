"""What the tests of verify_report share: a report with something behind every measure, its file."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from reporting.annual_report.issuing import issue_annual_report
from reporting.annual_report.pdf import document
from reporting.models import AnnualReport
from strategy.choices import Role
from strategy.models import Plan, User
from tests.factories import make_approved, make_record, make_user
from tests.support.database.fixtures import load_fixtures
from tests.support.samples.documents.report_files import leave_pages_out

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


def make_officer() -> User:
    return make_user(Role.OFFICER, "montreal", username="camille", first_name="Camille")


@pytest.fixture(scope="module")
def issued_file(django_db_setup: None, django_db_blocker: Any) -> Iterator[bytes]:
    """The file of a report that the database holds; each test begins with it in a savepoint."""
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch:
        leave_pages_out(patch)
        atomic = transaction.atomic()
        atomic.__enter__()
        load_fixtures("countries", "reference", "plan_2017_2020")
        make_records()
        report = issue_annual_report(Plan.objects.get(), "2018", make_officer(), MARCH_2019)
        content = bytes(document.get_report_pdf(report, "en").content)
    yield content
    with django_db_blocker.unblock():
        transaction.set_rollback(True)
        atomic.__exit__(None, None, None)


@pytest.fixture
def content(issued_file: bytes, db: None, fake_pdf: None) -> bytes:
    return issued_file


@pytest.fixture
def report(issued_file: bytes, db: None) -> AnnualReport:
    return AnnualReport.objects.get()


@pytest.fixture
def officer(issued_file: bytes, db: None) -> User:
    return User.objects.get(username="camille")


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

"""When a report can be issued and by whom; once, and whole or not at all."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from reporting.annual_report import issuing
from reporting.annual_report.issuing import IssueRejected, find_issue_problems, issue_annual_report
from reporting.models import (
    AnnualReport,
    ReportedActual,
    ReportedEvidence,
)
from strategy.choices import Role
from strategy.models import Plan, User
from tests.factories import make_user
from tests.reporting.annual_report.issuing.issued_report import MARCH_2019, ROWS
from tests.support.database.fixtures import load_fixtures


@pytest.mark.parametrize(
    ("year", "at", "problem"),
    [
        ("2019", MARCH_2019, "is not over"),
        ("2018", datetime(2018, 12, 31, 23, tzinfo=UTC), "is not over"),
        ("2021", MARCH_2019, "has no year “2021”"),
        ("abc", MARCH_2019, "has no year “abc”"),
    ],
)
def test_a_year_is_issued_once_it_is_over(
    year: str, at: datetime, problem: str, plan: Plan, officer: User
) -> None:
    assert problem in " ".join(find_issue_problems(plan, year, officer, at))
    with pytest.raises(IssueRejected, match=problem):
        issue_annual_report(plan, year, officer, at)
    assert not AnnualReport.objects.exists()


def test_the_year_is_over_where_the_organisation_is(plan: Plan, officer: User) -> None:
    at_midnight_in_montreal = datetime(2019, 1, 1, 5, 0, tzinfo=UTC)
    assert find_issue_problems(plan, "2018", officer, at_midnight_in_montreal) == []
    an_hour_before = datetime(2019, 1, 1, 4, 0, tzinfo=UTC)
    assert find_issue_problems(plan, "2018", officer, an_hour_before) != []


@pytest.mark.parametrize("role", [None, Role.STAFF, Role.MANAGER, Role.BOARD, Role.ADMIN])
def test_only_an_officer_issues(role: Role | None, plan: Plan) -> None:
    with pytest.raises(IssueRejected, match="Only an M&E officer"):
        issue_annual_report(plan, "2018", make_user(role), MARCH_2019)
    assert not AnnualReport.objects.exists()


def test_a_year_is_issued_once(report: AnnualReport, officer: User) -> None:
    with pytest.raises(IssueRejected, match="already issued"):
        issue_annual_report(report.plan, "2018", officer, MARCH_2019)
    assert AnnualReport.objects.count() == 1


def test_of_two_who_issue_at_once_one_is_told_so(
    report: AnnualReport, officer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other's report came in after the check: only the database noticed."""
    answers: Iterator[list[str]] = iter([[], ["The report of 2018 is already issued."]])
    monkeypatch.setattr(issuing, "find_issue_problems", lambda *_asked: next(answers))
    with pytest.raises(IssueRejected, match="already issued"):
        issue_annual_report(report.plan, "2018", officer, MARCH_2019)
    assert AnnualReport.objects.count() == 1


def test_another_fault_of_the_database_is_not_taken_for_a_report(
    records: Plan, officer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_rows: Any, **_how: Any) -> None:
        raise IntegrityError("disk")

    monkeypatch.setattr(ReportedEvidence.objects, "bulk_create", fail)
    with pytest.raises(IntegrityError, match="disk"):
        issue_annual_report(records, "2018", officer, MARCH_2019)


def test_a_failure_half_way_leaves_nothing(
    records: Plan, officer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    struck = []

    def fail(*_rows: Any, **_how: Any) -> None:
        struck.append((AnnualReport.objects.count(), ReportedActual.objects.count()))
        raise RuntimeError("The power went out.")

    with monkeypatch.context() as broken:
        broken.setattr(ReportedEvidence.objects, "bulk_create", fail)
        with pytest.raises(RuntimeError, match="power"):
            issue_annual_report(records, "2018", officer, MARCH_2019)
    assert struck == [(1, 14)], "it struck when most was written"
    assert not any(model._default_manager.exists() for model in ROWS)
    issue_annual_report(records, "2018", officer, MARCH_2019)
    assert ReportedEvidence.objects.exists(), "the control: without the failure it is there"


@pytest.mark.django_db(transaction=True)
def test_everything_is_read_from_one_state_of_the_records() -> None:
    with transaction.atomic():
        load_fixtures("countries", "reference", "plan_2017_2020")
    plan, officer = Plan.objects.get(), make_user(Role.OFFICER, "montreal")
    with CaptureQueriesContext(connection) as queries:
        issue_annual_report(plan, "2018", officer, MARCH_2019)
    asked = [query["sql"] for query in queries.captured_queries]
    if connection.vendor == "postgresql":
        assert "REPEATABLE READ" in asked[1]
        assert "LOCK TABLE reporting_reportseal" in asked[2], "before anything is read"
        assert "LOCK TABLE reporting_narrativetext" in asked[3], "before anything is read"
    else:
        assert asked[0] == "BEGIN IMMEDIATE"

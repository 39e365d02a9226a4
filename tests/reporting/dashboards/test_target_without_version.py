"""Pages still open for a target without a version, which the plan's checks refuse."""

from datetime import UTC, date, datetime

import pytest
from django.test import Client

from reporting.annual_report.issuing import issue_annual_report
from reporting.annual_report.pdf.document import render_html
from reporting.annual_report.snapshot.reader import load_rows
from reporting.figures.rollup import build_rollup
from strategy.choices import Rating
from strategy.models import Plan, TargetVersion, User
from strategy.plan.validation import validate_plan
from tests.factories import make_approved

CODES = ("1.1-initiatives", "1.2-fields", "3.3-sponsors")


@pytest.fixture(autouse=True)
def _without_versions(plan: Plan) -> None:
    make_approved("initiative", starts_on="2018-05")
    make_approved("sponsor", first_agreement_on="2018-05-02")
    TargetVersion.objects.filter(target__code__in=CODES).delete()


def test_the_plan_is_refused(plan: Plan) -> None:
    errors = [str(problem) for problem in validate_plan(plan) if not problem.is_warning]
    assert len(errors) == len(CODES)
    assert all("It has no version in force from 2017-01-01" in error for error in errors)


def test_it_is_measured_and_not_rated(plan: Plan) -> None:
    rows = {row.target.code: row for row in build_rollup(plan, date(2018, 12, 31)).targets}
    assert rows["1.1-initiatives"].value == 1
    assert {rows[code].rating for code in CODES} == {Rating.NO_TARGET}


@pytest.mark.parametrize("code", CODES)
def test_the_pages_of_the_target_say_that_none_is_set(officer_client: Client, code: str) -> None:
    page = officer_client.get(f"/targets/{code}/?as_of=2018-12-31").content.decode()
    assert "(no target set)" in page
    assert "From 1 January 2017" not in page
    assert officer_client.get(f"/targets/{code}/change/").status_code == 200


@pytest.mark.parametrize("url", ["/dashboard/", "/summary/", "/plan/", "/summary.csv"])
def test_the_pages_of_the_plan_open(officer_client: Client, url: str) -> None:
    assert officer_client.get(url).status_code == 200


def test_a_report_is_issued(plan: Plan, officer: User) -> None:
    report = issue_annual_report(plan, "2018", officer, datetime(2019, 3, 14, 15, tzinfo=UTC))
    assert "(no target set)" in render_html(load_rows(report), "en")


def test_the_first_version_can_be_entered(plan: Plan, officer_client: Client) -> None:
    texts = {f"{name}_{code}": "Initiatives"
             for name in ("statement", "rule") for code in ("en", "fr", "es", "ar")}  # fmt: skip
    answers = {
        **texts,
        "in_force_from": "2017-01-01",
        "minimum": "50",
        "decided_by": "Board",
        "reason": "It was missing",
        "seen": "",
    }
    url = "/targets/1.1-initiatives/change/"
    page = officer_client.post(url, answers)
    assert page.status_code == 200
    sent = {**answers, "previewed": page.context["token"]}
    assert officer_client.post(url, sent).status_code == 302
    assert TargetVersion.objects.get(target__code="1.1-initiatives").minimum == 50

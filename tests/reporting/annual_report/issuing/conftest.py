"""What the tests of issuing share."""

import pytest

from reporting.annual_report.issuing import issue_annual_report
from reporting.models import (
    AnnualReport,
)
from strategy.models import Plan, User
from tests.factories import make_approved, make_record
from tests.reporting.annual_report.issuing.issued_report import MARCH_2019


@pytest.fixture
def records(plan: Plan) -> Plan:
    """A plan with something behind every kind of measure, and with records left out."""
    for country, fields in (("NE", ["justice"]), ("SN", ["violence"]), ("SN", ["emergencies"])):
        make_approved(
            "initiative", countries=[country], fields_of_activity=fields, starts_on="2018"
        )
    make_approved("initiative", countries=["TG", "CA"], fields_of_activity=["justice", "violence"])
    make_record("initiative", status="submitted", evidence=1)
    make_approved("decision", authority_country="BF", countries_concerned=["BF", "NE"])
    make_approved("decision", authority_country="CA", countries_concerned=["HN"])
    make_approved("country_support", country="CI")
    make_approved("event", role="attended")
    make_approved("sector_strengthened", sector="education")
    for year, amount in (("2016", "100"), ("2017", "115"), ("2018", "120.75")):
        make_approved("annual_budget", year=year, amount=amount)
    make_approved("policy_update", areas=["human_resources"])
    make_approved("action_report", filed_under=["3.1"], year_covered="2017", issued_on="2018-02-01")
    return plan


@pytest.fixture
def report(records: Plan, officer: User) -> AnnualReport:
    return issue_annual_report(records, "2018", officer, MARCH_2019)

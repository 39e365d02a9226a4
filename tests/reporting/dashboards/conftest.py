"""Fixtures for the tests of the dashboard."""

import pytest

from indicators.models import Decision
from strategy.models import Plan, User
from tests.factories import NOON, make_approved, make_record


@pytest.fixture
def records(plan: Plan, staff: User) -> None:
    for country, begun, field in (
        ("NE", "2015-11-05", "justice"),
        ("NE", "2018-03", "justice"),
        ("BF", "2019-08-20", "violence"),
        ("SN", "2019-12-01", "emergencies"),
    ):
        make_approved(
            "initiative", countries=[country], starts_on=begun, fields_of_activity=[field]
        )
    make_approved("initiative", countries=[], scope="global", fields_of_activity=[])
    make_approved("country_support", country="TG", starts_on="2018")
    make_approved("decision", authority_country="NE", occurred_on="2019-08-22")
    make_approved("decision", authority_country="CA", countries_concerned=["CA"])
    make_record("initiative", status="submitted", evidence=1, entered_by=staff)
    make_record("initiative", status="returned", entered_by=staff)
    make_record("initiative", status="draft", evidence=0, entered_by=staff)
    again = make_record("decision", status="submitted", evidence=1, entered_by=staff)
    Decision.objects.filter(pk=again.pk).update(approved_at=NOON)

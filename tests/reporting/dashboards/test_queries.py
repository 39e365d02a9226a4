"""The pages of figures read all targets together: few queries, and the figures of each alone."""

from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from reporting.dashboards.dashboard import build_dashboard
from reporting.figures.progress import build_progress
from reporting.figures.rollup import build_rollup, build_target_row
from strategy.models import Plan
from tests.factories import make_approved

END_OF_2018 = date(2018, 12, 31)
ADDRESSES = {"/dashboard/": 20, "/summary/": 12}
"""Pages with their queries as a server makes them: outside a transaction, with the plan kept.

One of them reads the data version; on SQLite a connection of its own makes it.
"""


def make_records() -> None:
    """Create values of each measure, some of them zero."""
    for country, field in (("NE", "justice"), ("BF", "violence"), ("NE", "emergencies")):
        make_approved("initiative", countries=[country], fields_of_activity=[field])
    make_approved("initiative", fields_of_activity=["justice"], starts_on="2018-11-20")
    make_approved("country_support", country="NE")
    make_approved("event")


@pytest.mark.django_db(transaction=True)
def test_queries_of_a_page_that_nobody_has_seen(plan: Plan, manager_client: Client) -> None:
    make_records()
    for address, number in ADDRESSES.items():
        manager_client.get(address, {"as_of": "2018-12-30"})
        with CaptureQueriesContext(connection) as queries:
            manager_client.get(address, {"as_of": "2018-12-31"})
        statements = [query["sql"][:120] for query in queries]
        assert len(queries) <= number, "\n".join(statements)


def test_figures_read_together_are_those_of_each_target_alone(plan: Plan) -> None:
    make_records()
    rows = list(build_rollup(plan, END_OF_2018).targets)
    assert rows == [build_target_row(row.target, END_OF_2018) for row in rows]
    assert len({row.value for row in rows}) > 3
    page = build_dashboard(plan, END_OF_2018)
    for progress in (each for objective in page.objectives for each in objective.targets):
        assert progress == build_progress(progress.row, END_OF_2018)

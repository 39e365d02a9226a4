"""The pages of a project, a country and an office: who sees what, figures, people, links, cost."""

import re
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from reporting.figures.rollup import build_rollup, build_target_row
from strategy.choices import Role
from strategy.models import Plan, Subject, SubjectKind
from tests.conftest import client_of
from tests.factories import make_approved, make_office, make_record, make_user
from tests.support.html_tree import text_of, tree_of
from tests.support.query_baselines import Baseline

DAY = date(2018, 12, 31)
QUERY = f"?as_of={DAY}"
NIGER = Subject(SubjectKind.COUNTRY, "NE")


def make_work(reference: str = "PRJ-1", **values: Any) -> None:
    """Create a project with records of every kind that names it, and one record of no project."""
    if reference == "PRJ-1":
        make_approved("project", reference="PRJ-0", title="Another project")
    project = make_approved(
        "project", reference=reference, title=f"Police of Niger {reference}", **values
    )
    initiative = make_approved("initiative", project=project, countries=["NE", "SN"])
    make_approved("activity", initiative=initiative, country="NE", women=12, men=8, girls=5)
    make_record("activity", initiative=initiative, status="submitted", country="NE", women=100)
    make_approved("sector_strengthened", initiative=initiative, sector="justice", country="NE")
    make_approved("decision", project=project, authority_country="NE")
    evaluation = make_approved("evaluation", project=project)
    make_approved("recommendation", evaluation=evaluation)
    make_approved("lesson", project=project)
    make_approved("partner", projects=f"PRJ-0; {reference.lower()}", countries=["NE"])


@pytest.mark.parametrize("address", ["/projects/PRJ-1/", "/countries/NE/", "/offices/niamey/"])
def test_a_page_has_its_records_people_and_figures(
    plan: Plan, manager_client: Client, address: str
) -> None:
    make_work(direct_people=1200, people_basis="counted")
    text = text_of(tree_of(manager_client.get(address + QUERY)))
    for words in ("Niger: police training", "Final evaluation, Niger", "1,200", "Counted"):
        assert words in text
    assert "National school of social work" in text
    assert "1 waits for approval" in text


def test_people_are_sums_of_what_was_written_and_never_differences(
    plan: Plan, manager_client: Client
) -> None:
    make_work()
    page = manager_client.get("/projects/PRJ-1/" + QUERY).context["page"]
    total = page.people.total
    assert (total.sessions, total.women, total.men, total.sex_not_recorded) == (1, 12, 8, None)
    assert (total.girls, total.boys, total.children_sex_not_recorded) == (5, None, None)
    [row] = manager_client.get("/countries/NE/" + QUERY).context["page"].people.projects
    assert (row.project, row.women) == ("PRJ-1", 12)


def test_figures_of_a_subject_are_those_of_the_same_calculation(plan: Plan) -> None:
    make_work()
    make_approved("initiative", countries=["SN"], fields_of_activity=["violence"])
    whole = {row.target.code: row.value for row in build_rollup(plan, DAY).targets}
    niger = {row.target.code: row for row in build_rollup(plan, DAY, NIGER).targets}
    assert (whole["1.1-initiatives"], niger["1.1-initiatives"].value) == (2, 1)
    assert (whole["1.1-countries"], niger["1.1-countries"].value) == (2, 1), "Senegal is another"
    assert niger["1.2-fields"].value == Decimal(0)
    assert niger["3.3-budget"].value is None, "a budget has no country"
    project = Subject(SubjectKind.PROJECT, "prj-1")
    rows = list(build_rollup(plan, DAY, project).targets)
    assert [row.value for row in rows if row.target.code == "1.1-countries"] == [2]
    assert rows == [build_target_row(row.target, DAY) for row in rows]


@pytest.mark.parametrize("address", ["/projects/PRJ-1/", "/countries/NE/", "/offices/niamey/"])
def test_every_number_leads_to_as_many_records(
    plan: Plan, manager_client: Client, address: str
) -> None:
    make_work()
    make_approved("initiative", countries=["SN"], entered_by=make_user(office="dakar"))
    response = manager_client.get(address + QUERY)
    links = [
        (link.get("href", ""), "".join(link.itertext()))
        for link in tree_of(response).iter("a")
        if re.match(r"/records/\w+/\?", link.get("href", ""))
    ]
    counted = [(url, text) for url, text in links if "people=" not in url and text.isdigit()]
    assert len(counted) > 6
    for url, text in counted:
        listed = manager_client.get(url).context["page"].paginator.count
        assert listed >= 1, url
        if "target=" not in url:
            assert listed == int(text), url
    for url, _text in links:
        assert manager_client.get(url).status_code == 200, url


def test_staff_see_the_pages_of_their_office_only(plan: Plan) -> None:
    make_work()
    other = make_user(office="dakar")
    make_approved("project", reference="PRJ-2", title="Dakar’s", entered_by=other)
    make_approved("initiative", title="Dakar’s own", countries=["NE"], entered_by=other)
    client = client_of(make_user(Role.STAFF))
    assert client.get("/projects/PRJ-1/").status_code == 200
    assert client.get("/projects/PRJ-2/").status_code == 404
    assert client.get("/offices/dakar/").status_code == 404
    text = text_of(tree_of(client.get("/countries/NE/" + QUERY)))
    assert "Niger: police training" in text
    assert "Dakar’s own" not in text


@pytest.mark.parametrize("address", ["/projects/NO-1/", "/countries/XX/", "/offices/nowhere/"])
def test_unknown_subjects_are_not_found(plan: Plan, manager_client: Client, address: str) -> None:
    assert manager_client.get(address).status_code == 404


def test_an_empty_page_says_so(plan: Plan, manager_client: Client) -> None:
    make_approved("project", reference="PRJ-1")
    make_office("dakar")
    for address in ("/projects/PRJ-1/", "/countries/SN/", "/offices/dakar/"):
        assert "Nothing is recorded here yet" in text_of(tree_of(manager_client.get(address)))


@pytest.mark.parametrize("language", ["fr", "es", "ar"])
def test_long_names_and_other_languages(plan: Plan, manager_client: Client, language: str) -> None:
    manager_client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    make_work("PRJ-1")
    make_approved("project", reference="PRJ-9", title="تدريب الشرطة " * 19)
    assert manager_client.get("/projects/PRJ-9/").status_code == 200
    assert "Police of Niger" in text_of(tree_of(manager_client.get("/projects/PRJ-1/")))


@pytest.mark.parametrize("name", ["project", "country", "office"])
def test_a_page_costs_as_many_queries_with_many_records(
    plan: Plan, manager_client: Client, query_baseline: Baseline, name: str
) -> None:
    address = {"project": "/projects/PRJ-1/", "country": "/countries/NE/"}.get(
        name, "/offices/niamey/"
    )
    make_work()
    manager_client.get(address + "?as_of=2018-12-30")
    with query_baseline(f"{name}_page"):
        assert manager_client.get(address + QUERY).status_code == 200
    for number in range(2, 12):
        make_work(f"PRJ-{number}")
    make_work("PRJ-12")
    manager_client.get(address + "?as_of=2018-12-30")
    with query_baseline(f"{name}_page"):
        assert manager_client.get(address + QUERY).status_code == 200


def links(client: Client, url: str) -> set[str]:
    return {link.get("href", "") for link in tree_of(client.get(url)).iter("a")}


def test_lists_dashboard_and_records_link_to_the_pages(
    plan: Plan, manager_client: Client, board_client: Client
) -> None:
    make_work()
    make_approved("initiative", reference="INI-1", countries=["NE"])
    assert "/countries/NE/" in links(manager_client, "/dashboard/" + QUERY)
    assert "/countries/NE/" not in links(board_client, "/dashboard/" + QUERY)
    assert "/projects/PRJ-1/" in links(manager_client, "/records/project/")
    assert "/projects/PRJ-1/" in links(manager_client, "/records/project/PRJ-1/")
    record = links(manager_client, "/records/initiative/INI-1/")
    assert {"/countries/NE/", "/offices/niamey/"} <= record

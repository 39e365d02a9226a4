"""What is accepted of partners, strategies, teams and people reached, and what is refused."""

import pytest
from django.test import Client

from indicators.models import Activity, AdvocacyStrategy, Decision, Partner, Project, TeamYear
from strategy.choices import RecordKind
from strategy.models import User
from tests.factories import make_country, make_record
from tests.support.samples.form_answers import post_new, read_text
from tests.support.samples.import_files import check

pytestmark = pytest.mark.django_db

NO_STEP = "Line 2 is no step. Write a date, a colon and what is done"


def find_problems(kind: str, text: str, by: User) -> list[str]:
    return [str(problem) for problem in check(kind, text, by).outcome.problems]


def test_a_partner_names_projects_that_exist(officer: User, officer_client: Client) -> None:
    make_record("project", reference="PRJ-1", entered_by=officer)
    make_record("initiative", reference="INI-1", entered_by=officer)
    post_new(officer_client, RecordKind.PARTNER, projects="PRJ-1")
    assert Partner.objects.get().projects == "PRJ-1"

    # An initiative is a record, and no project.
    text = "title,projects\nAnother,PRJ-1;INI-1\n"
    assert find_problems("partner", text, officer) == [
        "row 2, projects: There is no record “INI-1”. Correct the reference, or record it first."
    ]


def test_a_name_is_that_of_one_partner(officer: User, officer_client: Client) -> None:
    make_record("partner", title="UNICEF Niger", entered_by=officer)
    response = post_new(officer_client, RecordKind.PARTNER, title="unicef  niger")
    assert response.context["form"].errors["title"]
    assert Partner.objects.count() == 1


@pytest.mark.parametrize("line", ["Draft law", "2019 Draft law", "2019:", "soon: Draft law"])
def test_a_step_has_its_date_and_what_is_done(
    line: str, officer: User, officer_client: Client
) -> None:
    steps = f"[x] 2018-03: Meeting\n{line}"
    response = post_new(officer_client, RecordKind.ADVOCACY_STRATEGY, steps=steps)
    assert NO_STEP in read_text(response)
    text = f'title,change_sought,steps\nA,B,"{steps}"\n'
    (problem,) = find_problems("advocacy_strategy", text, officer)
    assert problem.startswith(f"row 2, steps: {NO_STEP}")
    assert not AdvocacyStrategy.objects.exists()


def test_a_decision_names_the_strategy_that_it_followed_from(
    officer: User, officer_client: Client
) -> None:
    make_country("NE")
    steps = "[x] 2018-03: Meeting\n\n2019: Draft law"
    post_new(officer_client, RecordKind.ADVOCACY_STRATEGY, steps=steps, reference="STR-1")
    response = post_new(officer_client, RecordKind.DECISION, strategy="STR-1")
    assert response.status_code == 302, response.context["form"].errors
    assert Decision.objects.get().strategy == AdvocacyStrategy.objects.get()


def test_a_year_has_one_team_and_what_is_empty_is_not_zero(
    officer: User, officer_client: Client
) -> None:
    post_new(officer_client, RecordKind.TEAM_YEAR, interns="0")
    team = TeamYear.objects.get()
    assert (team.staff, team.interns, team.volunteers) == (30, 0, None)
    assert post_new(officer_client, RecordKind.TEAM_YEAR, staff="31").status_code == 400
    assert find_problems("team_year", "year,staff\n2019,-3\n", officer) == [
        "row 2, staff: “-3” is not a whole number. Write 12, or 0, or nothing if not recorded."
    ]


def test_people_reached_are_counted_or_estimated(officer: User, officer_client: Client) -> None:
    sentence = "Choose whether these people were counted or estimated."
    response = post_new(officer_client, RecordKind.PROJECT, direct_people="0")
    assert sentence in read_text(response)
    row = "title,indirect_people,people_basis\nA,17466,\n"
    assert find_problems("project", row, officer) == [f"row 2, people_basis: {sentence}"]

    post_new(officer_client, RecordKind.PROJECT, direct_people="120", people_basis="counted")
    project = Project.objects.get()
    assert (project.direct_people, project.indirect_people) == (120, None)


def test_children_are_counted_apart_from_adults(officer: User, officer_client: Client) -> None:
    make_record("initiative", entered_by=officer)
    post_new(officer_client, RecordKind.ACTIVITY, girls="7", children_sex_not_recorded="0")
    stored = Activity.objects.values_list("women", "men", "girls", "boys")
    assert stored.get() == (12, 0, 7, None)

    response = post_new(officer_client, RecordKind.ACTIVITY, boys="-1")
    assert "is not a whole number" in response.context["form"].errors["boys"][0]


def test_a_missing_country_opens_the_scope_that_would_mend_it(officer_client: Client) -> None:
    response = post_new(officer_client, RecordKind.INITIATIVE, countries="")
    assert "change the scope" in response.context["form"].errors["countries"][0]
    assert response.context["page"].are_details_open

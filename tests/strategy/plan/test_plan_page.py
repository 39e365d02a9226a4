"""The plan page: the complete plan in its own words, with the rule of every figure."""

import re
from datetime import date
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from strategy.models import CountryList, Objective, Passage, Plan, Section, Target
from strategy.plan.presentation import build_plan_page
from tests.conftest import client_of
from tests.factories import make_user

SECOND_PLAN = "tests/fixtures/april_plan.json"


def text_of(client: Client, address: str = "/plan/") -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode().replace("&#x27;", "'").replace("&nbsp;", " ")


@pytest.mark.django_db
def test_it_shows_the_plan_entire(plan: Plan, board_client: Client) -> None:
    text = text_of(board_client)
    for row in (*Section.objects.filter(text__gt=""), *Passage.objects.filter(text__gt="")):
        assert row.text.splitlines()[0][:60] in text
    for objective in Objective.objects.all():
        assert objective.statement in text
    for target in Target.objects.all():
        assert target.as_of(plan.ends_on).rule in text
        assert f'id="{target.code}"' in text
        assert f'href="#{target.code}"' in text
    for name in ("Baseline", "Data source", "Collection method", "Responsible"):
        assert name in text
    for wanted in ("50", "25\u00a0%", "1"):
        assert re.search(rf"at least {wanted}\s*</td>", text), (
            "1 has no unit in the plural behind it"
        )
    assert "10 to 20 %" in text
    assert "A count of at least 90 % of what is expected by the day." in text
    assert "12.5 %" in text
    assert "due 6 months after the year" in text


@pytest.mark.django_db
def test_every_part_is_in_the_contents_under_its_own_heading(
    plan: Plan, board_client: Client
) -> None:
    parts = board_client.get("/plan/").context["page"].parts
    codes = [part.code for part in parts]
    assert len(set(codes)) == len(codes)
    assert codes[-3:] == ["counting", "framework", "lists"]
    text = text_of(board_client)
    for part in parts:
        assert f'href="#{part.code}">{part.heading}</a>' in text
        assert f'<h2 id="{part.code}">{part.heading}</h2>' in text


@pytest.mark.django_db
def test_a_heading_alone_announces_the_next_section(plan: Plan) -> None:
    headings = {
        part.code: str(part.heading) for part in build_plan_page(plan, plan.starts_on).parts
    }
    assert headings["direct_target_groups"] == "Our target groups: Direct targets"
    assert headings["indirect_target_groups"] == "Indirect targets"
    assert headings["quality"] == "Quality criteria"


@pytest.mark.django_db
def test_a_list_to_confirm_says_so_with_its_source(plan: Plan, board_client: Client) -> None:
    CountryList.objects.filter(code="foreign_policy").update(valid_from=date(2014, 6, 1))
    text = text_of(board_client)
    assert text.count("to confirm") == 1
    assert "25 countries of focus announced in June 2014" in text
    assert "Valid from 1 June 2014." in text
    assert "Honduras" in text
    CountryList.objects.update(is_confirmed=True)
    assert "to confirm" not in text_of(board_client)


@pytest.mark.django_db
def test_a_list_that_no_rule_names_is_not_shown(plan: Plan, board_client: Client) -> None:
    CountryList.objects.create(code="moon", name="Countries of the moon")
    assert "Countries of the moon" not in text_of(board_client)


@pytest.mark.django_db
@pytest.mark.parametrize(("role", "is_linked"), [("staff", True), ("board", False)])
def test_links_lead_only_where_the_reader_may_go(plan: Plan, role: str, is_linked: bool) -> None:
    text = text_of(client_of(make_user(role)))
    assert ('href="/targets/1.1-countries/?plan=2017-2020"' in text) is is_linked
    assert 'href="/summary/"' in text


@pytest.mark.django_db
def test_it_is_shown_in_the_language_of_the_reader(plan: Plan, board_client: Client) -> None:
    board_client.cookies["django_language"] = "ar"
    text = text_of(board_client)
    assert '<html lang="ar" dir="rtl">' in text
    assert plan.title_ar in text  # type: ignore[attr-defined]
    assert "هندوراس" in text


@pytest.mark.django_db
def test_of_several_plans_one_is_chosen_by_its_code(plan: Plan, board_client: Client) -> None:
    call_command("loaddata", SECOND_PLAN, verbosity=0)
    second = Plan.objects.get(code="april-plan")
    assert board_client.get("/plan/").context["page"].plan == plan
    assert board_client.get("/plan/?plan=april-plan").context["page"].plan == second
    text = text_of(board_client, "/plan/?plan=april-plan")
    assert '<a href="?plan=2017-2020">' in text
    assert "2021-2022" in text
    assert board_client.get("/plan/?plan=1999").status_code == 404


@pytest.mark.django_db
def test_a_plan_without_texts_is_shown_all_the_same(plan: Plan, board_client: Client) -> None:
    Section.objects.all().delete()
    plan.pillars.all().delete()
    plan.quality_criteria.all().delete()
    CountryList.objects.all().delete()
    text = text_of(board_client)
    assert "Priorities" in text
    assert 'id="pillars"' not in text


@pytest.mark.django_db
def test_without_a_plan_it_says_what_to_do(board_client: Client) -> None:
    assert "No plan is loaded" in text_of(board_client)


@pytest.mark.django_db
def test_it_costs_the_same_for_a_larger_plan(plan: Plan, board_client: Client) -> None:
    with CaptureQueriesContext(connection) as few:
        text_of(board_client)
    double(plan)
    with CaptureQueriesContext(connection) as many:
        text_of(board_client)
    assert len(many) == len(few)
    assert len(few) <= 25


def double(plan: Plan) -> None:
    """Double the number of objectives with all levels below, and of sections."""
    for row in list(Objective.objects.all()):
        indicators = list(row.indicators.all())
        _copy(row, code=f"{row.code}b")
        for indicator in indicators:
            targets = list(indicator.targets.all())
            _copy(indicator, objective=row, code=f"{indicator.code}b")
            for target in targets:
                versions = list(target.versions.all())
                _copy(target, indicator=indicator, code=f"{target.code}b")
                for version in versions:
                    _copy(version, target=target)
    for section in list(plan.sections.all()):
        _copy(section, code=f"{section.code}-b")


def _copy(row: Any, **values: Any) -> None:
    row.pk = None
    row._state.adding = True
    for name, value in values.items():
        setattr(row, name, value)
    row.save()

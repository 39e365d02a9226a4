"""The plan shown first: the officer's choice, else the last plan begun that has targets."""

from datetime import date
from io import StringIO

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.test import Client

from reporting.annual_report.calendar import build_calendars, find_due_years
from strategy.models import Plan

DAY = date(2026, 6, 30)


@pytest.fixture
def outline(later_plan: Plan) -> Plan:
    """A plan begun after both others, without targets."""
    return Plan.objects.create(
        code="outline",
        title_en="Outline",
        starts_on=date(2026, 1, 1),
        ends_on=date(2029, 12, 31),
        is_outline=True,
        follows=later_plan,
    )


def code_on(day: date) -> str:
    plan = Plan.objects.current(day)
    return plan.code if plan else ""


def test_the_choice_of_an_officer_is_shown_first_on_any_day(outline: Plan) -> None:
    Plan.objects.filter(code="2017-2020").update(is_shown_first=True)
    assert code_on(DAY) == code_on(date(2010, 1, 1)) == "2017-2020"


def test_without_a_choice_it_is_the_last_plan_begun_that_has_targets(outline: Plan) -> None:
    assert code_on(DAY) == "repeat-plan", "an outline without targets never takes the first place"
    assert code_on(date(2024, 12, 31)) == "2017-2020"
    assert code_on(date(2010, 1, 1)) == "2017-2020", "before all plans it is the next one"


def test_without_targets_it_is_the_last_plan_begun(outline: Plan) -> None:
    Plan.objects.exclude(pk=outline.pk).delete()
    assert code_on(DAY) == "outline"
    outline.delete()
    assert code_on(DAY) == ""


def test_only_one_plan_is_shown_first(outline: Plan) -> None:
    Plan.objects.filter(code="2017-2020").update(is_shown_first=True)
    outline.is_shown_first = True
    with pytest.raises(ValidationError, match="Untick it there first"):
        outline.full_clean()
    with pytest.raises(IntegrityError), transaction.atomic():
        outline.save()


def test_pages_and_commands_agree(outline: Plan, officer_client: Client) -> None:
    for chosen in ("outline", "repeat-plan"):
        Plan.objects.update(is_shown_first=False)
        Plan.objects.filter(code=chosen).update(is_shown_first=True)
        plan = Plan.objects.get(code=chosen)
        for address in ("/plan/", "/dashboard/", "/summary/"):
            page = officer_client.get(address).content.decode()
            assert (
                f"<h1>{plan}" in page
                or f'<h1 class="eyebrow">{plan}' in page
                or (f"<h1>Summary table: {plan}" in page)
            ), (chosen, address)
            assert ("Public outline." in page) == plan.is_outline
        out = StringIO()
        call_command("results", stdout=out)
        assert out.getvalue().startswith(plan.title)


def test_a_plan_names_the_plan_that_it_follows(outline: Plan, officer_client: Client) -> None:
    page = officer_client.get("/plan/?plan=outline").content.decode()
    assert '<a href="?plan=repeat-plan">2025-2028 Strategic Plan</a>' in page
    outline.follows = outline
    with pytest.raises(ValidationError, match="Choose a plan that begins before this one"):
        outline.full_clean()


def test_no_report_of_an_outline_is_due(outline: Plan) -> None:
    codes = {calendar.plan.code for calendar in build_calendars(DAY)}
    assert codes == {"2017-2020", "repeat-plan"}
    Plan.objects.filter(code="repeat-plan").update(is_outline=True)
    assert {plan.code for plan, _year in find_due_years(DAY)} == {"2017-2020"}

"""Two plans compared, and a plan as it was on two days."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from strategy.models import Objective, Plan, Priority, Target
from strategy.workbench.cloning import clone_plan
from tests.strategy.workbench.test_rows import read_answers, read_text, row_url
from tests.support.query_baselines import Baseline

pytestmark = pytest.mark.django_db

TITLES = {f"title_{code}": "Copy" for code in ("en", "fr", "es", "ar")}


def compare(client: Client, plan: Plan, **answers: Any) -> Any:
    return client.get(reverse("strategy:workbench_compare", args=[plan.code]), answers)


def test_two_plans_differ_in_what_was_changed(
    officer_client: Client, plan: Plan, query_baseline: Baseline
) -> None:
    copy = clone_plan(plan, "copy", TITLES, 0)
    Objective.objects.filter(priority__plan=copy, code="1.1").update(short_title_fr="Autre")
    Target.objects.get(code="2.3-events", indicator__objective__priority__plan=copy).delete()
    Priority.objects.create(plan=copy, number=9, title="Learning")
    with query_baseline("workbench_compare"):
        page = compare(officer_client, plan, other=copy.pk)
    rows = {row.node.kind.word: row for row in page.context["rows"]}
    assert rows["priority"].is_added
    assert rows["target"].is_removed
    [change] = rows["objective"].changes
    assert (change.label, change.after) == ("Short title (français)", "Autre")
    assert "2 rows differ" not in read_text(page)


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_a_day_of_no_plan_is_refused_with_a_sentence(
    officer_client: Client, plan: Plan, day: str
) -> None:
    page = compare(officer_client, plan, since="2018-01-01", until=day)
    assert page.status_code == 400
    assert page.context["form"].errors["until"]


def test_a_plan_differs_between_two_days(
    officer_client: Client, plan: Plan, time_machine: Any
) -> None:
    objective = Objective.objects.get(code="1.1")
    for day, title in (("2018-03-01", "One"), ("2018-05-01", "Two")):
        time_machine.move_to(f"{day} 12:00 -0500")
        url = row_url(objective)
        answers = read_answers(officer_client, url) | {"short_title_en": title}
        assert officer_client.post(url, answers).status_code == 302
    page = compare(officer_client, plan, since="2018-04-01", until="2018-05-01")
    [row] = page.context["rows"]
    [change] = row.changes
    assert (change.before, change.after) == ("One", "Two")
    page = compare(officer_client, plan, since="2018-05-01", until="2018-06-01")
    assert page.context["rows"] == []
    assert "Every row is the same on both sides." in read_text(page)


def test_without_a_plan_or_two_days_a_sentence_is_beside_the_field(
    officer_client: Client, plan: Plan
) -> None:
    assert compare(officer_client, plan).context["rows"] is None
    page = compare(officer_client, plan, since="2018-05-01")
    assert page.status_code == 400
    assert page.context["form"].errors == {"until": ["Choose another plan, or enter two days."]}

"""Drafts: seen by officers only, counted nowhere, published without a problem."""

from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from indicators.counting.contributions import load_targets
from strategy.models import CountryList, Plan, PlanChange, Target
from strategy.plan.figure_data import read_figure_data
from strategy.plan.loading import load_plan
from tests.factories import make_record
from tests.strategy.workbench.test_rows import read_text, send

pytestmark = pytest.mark.django_db


def url_of(name: str, plan: Plan) -> str:
    return reverse(f"strategy:workbench_{name}", args=[plan.code])


@pytest.fixture
def draft(plan: Plan) -> Plan:
    Plan.objects.filter(pk=plan.pk).update(is_draft=True, is_shown_first=False)
    return Plan.including_drafts.get(pk=plan.pk)


def test_a_new_plan_is_a_draft(officer_client: Client, plan: Plan) -> None:
    answers = {
        "code": "2030",
        "title_en": "Plan 2030",
        "starts_on": "2029-01-01",
        "ends_on": "2030-12-31",
        "year_starts_in": "1",
    }
    url = reverse("strategy:workbench_new")
    assert officer_client.get(url).status_code == 200
    assert officer_client.post(url, answers).status_code == 302
    assert Plan.including_drafts.get(code="2030").is_draft
    page = officer_client.post(url, answers)
    assert page.status_code == 400
    assert "This code is used already. Choose another." in read_text(page)
    page = officer_client.post(url, answers | {"code": "2031", "ends_on": "2028-12-31"})
    assert page.context["form"].errors["ends_on"] == ["The last day must be after the first day."]


def test_a_draft_is_seen_by_officers_only(
    officer_client: Client, staff_client: Client, draft: Plan
) -> None:
    assert officer_client.get(url_of("plan", draft)).status_code == 200
    assert draft.title in read_text(officer_client.get(reverse("strategy:workbench")))
    assert staff_client.get(url_of("plan", draft)).status_code == 403
    for client in (officer_client, staff_client):
        for url in ("/plan/", "/dashboard/", "/summary/"):
            assert client.get(f"{url}?plan={draft.code}").status_code == 404
            assert draft.title not in read_text(client.get(url, follow=True))


def test_nothing_counts_towards_a_draft(draft: Plan, officer_client: Client) -> None:
    record = make_record("initiative", status="approved")
    assert not load_targets()
    assert {model for model, _pk in read_figure_data()} == {CountryList}
    page = officer_client.get(f"/records/initiative/{record.reference}/")
    assert "1.1-initiatives" not in read_text(page)
    out = StringIO()
    call_command("check_plan", draft.code, stdout=out, stderr=out)
    assert "errors 0" in out.getvalue()


def test_a_draft_is_published_without_a_problem(officer_client: Client, draft: Plan) -> None:
    Target.objects.get(code="2.1-decisions").versions.all().delete()
    page = officer_client.post(url_of("publish", draft))
    assert page.status_code == 400
    assert "It has no version in force from 2017-01-01" in read_text(page)
    assert Plan.including_drafts.get(pk=draft.pk).is_draft
    Target.objects.get(code="2.1-decisions").delete()
    assert officer_client.post(url_of("publish", draft)).status_code == 302
    assert Plan.objects.get(pk=draft.pk).history.latest().is_draft is False
    assert not PlanChange.objects.exists()
    assert officer_client.get(f"/dashboard/?plan={draft.code}").status_code == 200


def test_an_unfinished_draft_has_a_page(officer_client: Client, db: None) -> None:
    draft = Plan.including_drafts.create(
        code="new-plan", title="New", starts_on="2030-01-01", ends_on="2030-12-31", is_draft=True
    )
    page = officer_client.get(url_of("plan", draft))
    assert "It has no priority. Add the first one." in read_text(page)
    assert officer_client.post(url_of("publish", draft)).status_code == 400


def test_a_plan_is_taken_back_with_a_reason(officer_client: Client, plan: Plan) -> None:
    url = url_of("unpublish", plan)
    assert "Only M&E officers will see it" in read_text(officer_client.get(url))
    page = send(officer_client, url, {})
    assert "Removed: plan 2017-2020" in read_text(page)
    assert send(officer_client, url, {}, "Too early").status_code == 302
    assert not Plan.objects.exists()
    assert PlanChange.objects.get().plans.get() == Plan.including_drafts.get()


def test_a_plan_with_a_report_stays_published(officer_client: Client, plan: Plan) -> None:
    target = Target.objects.get(code="3.1-report")
    report = make_record("action_report", status="approved")
    report.filed_under.set([target.indicator])
    page = officer_client.post(url_of("unpublish", plan))
    assert page.status_code == 400
    assert "these depend on it" in read_text(page)
    assert Plan.objects.exists()


def test_another_plan_is_shown_first(officer_client: Client, later_plan: Plan) -> None:
    assert officer_client.post(url_of("first", later_plan)).status_code == 302
    assert list(Plan.objects.filter(is_shown_first=True)) == [later_plan]


def test_a_draft_is_removed(officer_client: Client, draft: Plan) -> None:
    url = reverse("strategy:workbench_remove", args=[draft.code, "plan", draft.pk])
    assert officer_client.get(url).status_code == 200
    assert officer_client.post(url).status_code == 302
    assert not Plan.including_drafts.exists()


def test_a_published_plan_is_not_removed(officer_client: Client, plan: Plan) -> None:
    url = reverse("strategy:workbench_remove", args=[plan.code, "plan", plan.pk])
    assert officer_client.post(url).status_code == 404


def test_a_fixture_brings_a_draft_that_is_not_finished(db: None, tmp_path: Any) -> None:
    path = tmp_path / "plan_draft.json"
    path.write_text(
        '[{"model": "strategy.plan", "fields": {"code": "d", "title_en": "D", "is_draft": true,'
        ' "starts_on": "2030-01-01", "ends_on": "2030-12-31", "fields_of_activity": []}}]'
    )
    assert load_plan(path).counts["new"] == 1
    assert load_plan(path).is_skipped

"""A change in the admin that can move figures is shown, explained and saved whole, or not."""

import re
from html import unescape
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.forms.models import model_to_dict
from django.test import Client
from django.urls import reverse

from strategy.choices import RecordKind, Role
from strategy.models import (
    Condition,
    Country,
    CountryList,
    FieldOfActivity,
    Objective,
    Plan,
    PlanChange,
    Target,
    TargetVersion,
    User,
)
from tests.conftest import client_of
from tests.factories import make_approved, make_record, make_user
from tests.strategy.admin.test_plan_admin import answers, send
from tests.support.query_baselines import Baseline

pytestmark = pytest.mark.django_db


def plan_form(plan: Plan, **values: Any) -> dict[str, Any]:
    form = model_to_dict(plan)
    form["fields_of_activity"] = [field.pk for field in form["fields_of_activity"]]
    return {name: value for name, value in form.items() if value is not None} | values


def change_url(row: Any) -> str:
    return reverse(f"admin:strategy_{row._meta.model_name}_change", args=[row.pk])


def read_page(response: Any) -> str:
    text = re.sub(r"<[^>]+>", " ", unescape(response.content.decode()))
    return " ".join(text.split())


def test_a_threshold_is_shown_with_its_effect_and_not_saved(
    officer_client: Client, plan: Plan, time_machine: Any
) -> None:
    time_machine.move_to("2018-12-31 12:00 -0500")
    make_record(RecordKind.DECISION)
    form = plan_form(plan, too_early_below="0.6")
    page = officer_client.post(change_url(plan), form)
    assert page.status_code == 200
    text = read_page(page)
    assert "plan 2017-2020, too early below: 0.6 instead of 0.125" in text
    assert "Nothing is saved yet." in text
    assert "2.1-decisions 31 December 2018 0 (15), Off track 0 (15), Too early" in text
    assert "2.1 31 December 2018 Off track No data" in text
    plan.refresh_from_db()
    assert str(plan.too_early_below) == "0.125"
    assert not PlanChange.objects.exists()
    assert not LogEntry.objects.exists()
    assert not plan.history.exists()
    assert not list(officer_client.get(reverse("admin:index")).context["messages"])


def test_it_is_saved_with_its_reason(officer_client: Client, plan: Plan, officer: User) -> None:
    form = plan_form(plan, too_early_below="0.6")
    answer = send(officer_client, change_url(plan), form, reason="The board asked", follow=True)
    assert "was changed successfully" in read_page(answer)
    plan.refresh_from_db()
    assert str(plan.too_early_below) == "0.600"
    change = PlanChange.objects.get()
    assert (change.reason, change.changed_by) == ("The board asked", officer)
    assert change.targets.count() == 14
    assert plan.history.first().history_change_reason == "The board asked"


def test_without_a_reason_nothing_is_saved(officer_client: Client, plan: Plan) -> None:
    form = plan_form(plan, too_early_below="0.6")
    page = send(officer_client, change_url(plan), form, reason=" \n")
    assert "Write the reason." in read_page(page)
    assert not PlanChange.objects.exists()
    plan.refresh_from_db()
    assert str(plan.too_early_below) == "0.125"


def test_a_reason_that_may_identify_a_child_is_refused(officer_client: Client, plan: Plan) -> None:
    form = plan_form(plan, too_early_below="0.6")
    page = send(officer_client, change_url(plan), form, reason="Asked by Awa, aged 12")
    assert "Take it out of the text." in read_page(page)
    assert page.context["reason"] == "Asked by Awa, aged 12"
    assert not PlanChange.objects.exists()


def test_a_change_after_which_no_figure_can_be_computed_is_refused(
    officer_client: Client, plan: Plan
) -> None:
    milestones = {"2018": "10", "2020": "50"}
    TargetVersion.objects.filter(target__code="1.1-initiatives").update(milestones=milestones)
    form = plan_form(plan, ends_on="2019-12-31")
    page = send(officer_client, change_url(plan), form)
    assert "Go back and correct it. Milestones: the plan has no year “2020”." in read_page(page)
    assert "figure_reason" not in page.content.decode()
    assert Plan.objects.get().ends_on.year == 2020
    assert not PlanChange.objects.exists()


@pytest.mark.parametrize(("name", "day"), [("starts_on", "0001-01-01"), ("ends_on", "9999-12-31")])
def test_a_plan_of_more_years_than_have_figures_is_refused(
    officer_client: Client, plan: Plan, name: str, day: str
) -> None:
    page = officer_client.post(change_url(plan), plan_form(plan, **{name: day}))
    (error,) = page.context["adminform"].form.errors[name]
    assert "is not plausible. Write a year from 1900" in error


def test_another_change_than_the_one_shown_is_shown_first(
    officer_client: Client, plan: Plan
) -> None:
    form = plan_form(plan, too_early_below="0.6")
    token = officer_client.post(change_url(plan), form).context["token"]
    form |= {"too_early_below": "0.7", "figure_previewed": token, "figure_reason": "Decided"}
    page = officer_client.post(change_url(plan), form)
    assert "somebody else has just changed this" in read_page(page)
    assert "0.7 instead of 0.125" in read_page(page)
    assert not PlanChange.objects.exists()


def test_words_are_saved_without_a_preview(officer_client: Client, plan: Plan) -> None:
    form = plan_form(plan, title_fr="Un autre titre")
    assert officer_client.post(change_url(plan), form).status_code == 302
    assert not PlanChange.objects.exists()
    assert Plan.objects.get().title_fr == "Un autre titre"


def test_the_preview_sends_every_answer_again(officer_client: Client, plan: Plan) -> None:
    form = plan_form(plan, too_early_below="0.6")
    page = officer_client.post(change_url(plan), {**form, "_continue": "1"})
    sent = dict(page.context["answers"])
    assert sent["_continue"] == "1"
    fields = [value for name, value in page.context["answers"] if name == "fields_of_activity"]
    assert fields == [str(pk) for pk in form["fields_of_activity"]]
    assert "csrfmiddlewaretoken" not in sent


def test_several_conditions_are_one_change(officer_client: Client) -> None:
    target = Target.objects.get(code="2.3-events")
    there = change_url(target)
    form = answers(
        target,
        due_months=2,
        **{"conditions-0-DELETE": "on", "conditions-1-codes": "conference; campaign"},
    )
    page = officer_client.post(there, form)
    assert "target 2.3-events, months until due: 2 instead of 0" in read_page(page)
    assert Condition.objects.filter(target=target).count() == 2
    assert send(officer_client, there, form).status_code == 302
    change = PlanChange.objects.get()
    assert {detail["row"] for detail in change.details} == {
        "2.3-events",
        "2.3-events 1",
        "2.3-events 2",
    }
    assert list(change.targets.all()) == [target]


def test_a_country_more_on_a_list_is_named(admin_client: Client, time_machine: Any) -> None:
    time_machine.move_to("2018-12-31 12:00 -0500")
    make_approved(RecordKind.INITIATIVE, countries=["NE"])
    canada = CountryList.objects.get(code="canada")
    form: dict[str, Any] = {"name_en": canada.name, "is_confirmed": "on"}
    form["countries"] = list(
        Country.objects.filter(code__in=["CA", "NE"]).values_list("pk", flat=True)
    )
    page = admin_client.post(change_url(canada), form)
    assert "list of countries canada, countries: added Niger" in read_page(page)
    assert "1.1-countries 31 December 2018 1 (25), Off track 0 (25), Off track" in read_page(page)
    assert send(admin_client, change_url(canada), form, reason="A treaty").status_code == 302
    assert PlanChange.objects.get().reason == "A treaty"


def test_deleting_a_target_asks_and_shows_its_figures(officer_client: Client) -> None:
    target = Target.objects.get(code="2.3-events")
    there = reverse("admin:strategy_target_delete", args=[target.pk])
    page = officer_client.post(there, {"post": "yes"})
    assert "Removed: target 2.3-events" in read_page(page)
    assert {effect.after for effect in page.context["effects"] if "-events" in effect.code} == {"-"}
    assert Target.objects.filter(pk=target.pk).exists()
    assert send(officer_client, there, {"post": "yes"}).status_code == 302
    assert not Target.objects.filter(pk=target.pk).exists()
    assert PlanChange.objects.get().plans.count() == 1


def test_deleting_selected_rows_is_one_change(officer_client: Client) -> None:
    objectives = Objective.objects.filter(code__in=["2.2", "2.3"])
    form = {
        "action": "delete_selected",
        "_selected_action": [row.pk for row in objectives],
        "post": "yes",
    }
    there = reverse("admin:strategy_objective_changelist")
    page = officer_client.post(there, form)
    assert read_page(page).count("Removed: target") == 3
    assert objectives.all().count() == 2
    assert send(officer_client, there, form).status_code == 302
    assert objectives.all().count() == 0
    assert len(PlanChange.objects.get().details) == 3


def test_deleting_a_field_of_activity_of_a_plan_asks(admin_client: Client, plan: Plan) -> None:
    field = FieldOfActivity.objects.create(code="sport", name="Sport")
    plan.fields_of_activity.add(field)
    there = reverse("admin:strategy_fieldofactivity_delete", args=[field.pk])
    page = admin_client.post(there, {"post": "yes"})
    assert "plan 2017-2020, fields of activity: removed Sport" in read_page(page)
    assert FieldOfActivity.objects.filter(pk=field.pk).exists()


def test_a_former_state_comes_back_only_with_a_reason(officer_client: Client, plan: Plan) -> None:
    plan.too_early_below = "0.3"
    plan.save()
    version = plan.history.get()
    Plan.objects.update(too_early_below="0.125")
    there = reverse("admin:strategy_plan_simple_history", args=[plan.pk, version.pk])
    form = plan_form(plan, too_early_below="0.3")
    page = officer_client.post(there, form)
    assert "0.3 instead of 0.125" in read_page(page)
    assert str(Plan.objects.get().too_early_below) == "0.125"
    send(officer_client, there, form)
    assert str(Plan.objects.get().too_early_below) == "0.300"
    assert PlanChange.objects.count() == 1


def test_a_target_keeps_the_code_by_which_reports_know_it(officer_client: Client) -> None:
    target = Target.objects.get(code="2.3-events")
    page = officer_client.get(change_url(target))
    assert "code" not in page.context["adminform"].form.fields
    assert "2.3-events" in read_page(page)


def _open_form(client: Client, plan: Plan, **values: Any) -> dict[str, Any]:
    page = client.get(change_url(plan))
    return plan_form(plan, seen_state=page.context["seen_state"], **values)


def test_the_second_of_two_officers_is_told_and_loses_nothing(
    officer_client: Client, plan: Plan
) -> None:
    other = client_of(make_user(Role.OFFICER, username="other"))
    form = _open_form(officer_client, plan, at_risk_from="0.5", title_en="The plan")
    first = _open_form(other, plan, too_early_below="0.6")
    assert send(other, change_url(plan), first).status_code == 302
    page = officer_client.post(change_url(plan), form)
    text = read_page(page)
    assert "This was changed after you opened it, so nothing is saved." in text
    assert "differ from what is stored: At risk from, Too early below, Title [en]." in text
    assert 'value="The plan"' in page.content.decode(), "the answers are still there"
    plan.refresh_from_db()
    assert (str(plan.too_early_below), str(plan.at_risk_from)) == ("0.600", "0.600")
    form |= {"seen_state": page.context["seen_state"], "too_early_below": "0.6"}
    assert send(officer_client, change_url(plan), form).status_code == 302
    plan.refresh_from_db()
    assert (str(plan.too_early_below), str(plan.at_risk_from)) == ("0.600", "0.500")


def test_a_change_of_the_rows_in_a_form_is_seen_too(officer_client: Client) -> None:
    target = Target.objects.get(code="2.3-events")
    seen = officer_client.get(change_url(target)).context["seen_state"]
    form = answers(target, **{"conditions-1-codes": "conference; campaign"})
    assert send(officer_client, change_url(target), form).status_code == 302
    again = answers(target, name_en="Occasions", seen_state=seen)
    page = officer_client.post(change_url(target), again)
    assert "This was changed after you opened it" in read_page(page)
    assert Target.objects.get(pk=target.pk).name_en != "Occasions"


@pytest.mark.parametrize("number", [1, 6])
def test_the_preview_costs_as_much_with_many_records(
    officer_client: Client,
    plan: Plan,
    number: int,
    query_baseline: Baseline,
    time_machine: Any,
) -> None:
    time_machine.move_to("2018-12-31 12:00 -0500")
    for _place in range(number):
        make_approved(RecordKind.INITIATIVE, countries=["NE"])
        make_approved(RecordKind.DECISION)
    form = plan_form(plan, too_early_below="0.6")
    officer_client.post(change_url(plan), form)
    with query_baseline("admin_figure_change_preview"):
        officer_client.post(change_url(plan), form)

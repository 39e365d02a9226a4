"""Rows of a plan in the workbench: changed in place, added, moved, removed."""

import re
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from strategy.choices import RecordKind
from strategy.models import (
    Condition,
    Indicator,
    Keyed,
    Objective,
    Plan,
    PlanChange,
    Priority,
    ResultLevel,
    Section,
    Target,
    TargetVersion,
    User,
)
from strategy.plan.validation import PARTS
from strategy.workbench.rows import KIND_OF_MODEL, KINDS
from tests.factories import make_record
from tests.support.query_baselines import Baseline

pytestmark = pytest.mark.django_db


def row_url(row: Keyed, name: str = "row", *args: object) -> str:
    word = KIND_OF_MODEL[type(row)].word
    plan = row.code if isinstance(row, Plan) else row.natural_key()[0]
    return reverse(f"strategy:workbench_{name}", args=[plan, word, row.pk, *args])


def read_text(response: Any) -> str:
    text = re.sub(r"<[^>]+>", " ", unescape(response.content.decode()))
    return " ".join(text.split())


def read_answers(client: Client, url: str) -> dict[str, Any]:
    """Return the answers that the open form is filled with."""
    opened = client.get(url).context["opened"]
    answers: dict[str, Any] = {"seen_state": opened.seen}
    for form in filter(None, (opened.form, opened.version_form)):
        for field in form:
            value = field.value()
            if value is not None and value is not False:
                answers[field.html_name] = "on" if value is True else value
    return answers


def send(client: Client, url: str, answers: dict[str, Any], reason: str = "") -> Any:
    """Send a form; with a reason also its preview."""
    page = client.post(url, answers)
    if not reason:
        return page
    token = page.context["opened"].extra["preview"]["token"]
    return client.post(url, answers | {"figure_previewed": token, "figure_reason": reason})


def test_every_row_of_a_plan_has_its_form() -> None:
    assert set(KIND_OF_MODEL) == {Plan, *PARTS}
    assert {word for kind in KINDS.values() for word in kind.parts} == set(KINDS) - {"plan"}


def test_the_owner_of_a_row_is_named_in_the_language_of_the_page(
    officer_client: Client, plan: Plan, settings: Any
) -> None:
    officer_client.cookies[settings.LANGUAGE_COOKIE_NAME] = "ar"
    form = officer_client.get(row_url(Objective.objects.get(code="1.1"))).context["form"]
    assert form["priority"].label == "الأولوية"


def test_the_tree_shows_every_row(
    officer_client: Client, plan: Plan, query_baseline: Baseline
) -> None:
    url = reverse("strategy:workbench_plan", args=[plan.code])
    with query_baseline("workbench_plan"):
        page = officer_client.get(url)
    html = page.content.decode()
    for model in PARTS:
        for row in model.objects.of_plan(plan):
            assert f'id="{KIND_OF_MODEL[model].word}-{row.pk}"' in html
    assert [each.missing for each in page.context["missing"]] == [0, 0, 0, 0]


@pytest.mark.parametrize("word", KINDS)
def test_every_kind_of_row_opens_and_is_saved_unchanged(
    officer_client: Client, plan: Plan, word: str
) -> None:
    kind = KINDS[word]
    if kind.model is ResultLevel:
        ResultLevel.objects.create(plan=plan, number=1, code="outcome", name="Outcome")
    rubric = plan.rubrics.create(code="views", name="Views")
    for number, code in enumerate(("weak", "strong"), 1):
        rubric.steps.create(number=number, code=code, name=code)
    row = kind.filter_rows(plan)[0]
    url = row_url(row)
    answer = officer_client.post(url, read_answers(officer_client, url))
    assert answer.status_code == 302
    assert answer.url.endswith(f"{plan.code}/#{word}-{row.pk}")
    assert not PlanChange.objects.exists()


def test_texts_are_saved_in_four_languages(
    officer_client: Client, officer: User, plan: Plan
) -> None:
    objective = Objective.objects.get(code="1.1")
    url = row_url(objective)
    answers = read_answers(officer_client, url) | {
        "short_title_en": "Systems",
        "short_title_ar": "",
    }
    assert officer_client.post(url, answers).status_code == 302
    objective.refresh_from_db()
    assert (objective.short_title_en, objective.short_title_ar or "") == ("Systems", "")
    assert objective.history.latest().history_user == officer
    page = officer_client.get(reverse("strategy:workbench_plan", args=[plan.code]))
    assert [each.missing for each in page.context["missing"]] == [0, 0, 0, 1]
    assert "No text in Arabic" in page.content.decode()


def test_a_missing_english_text_is_a_sentence_beside_its_field(
    officer_client: Client, plan: Plan
) -> None:
    objective = Objective.objects.get(code="1.1")
    url = row_url(objective)
    answers = read_answers(officer_client, url) | {"statement_en": "", "code": "1.2"}
    page = officer_client.post(url, answers)
    assert page.status_code == 400
    assert set(page.context["form"].errors) == {"statement_en", "code"}
    assert "This code is used already. Choose another." in read_text(page)


def test_a_changed_minimum_is_shown_with_its_effect_and_needs_a_reason(
    officer_client: Client, plan: Plan, officer: User, time_machine: Any
) -> None:
    time_machine.move_to("2018-12-31 12:00 -0500")
    make_record(RecordKind.DECISION)
    version = TargetVersion.objects.get(target__code="2.1-decisions")
    url = row_url(version)
    answers = read_answers(officer_client, url) | {
        "minimum": "20",
        **{f"statement_{code}": "20" for code in ("en", "fr", "es", "ar")},
    }
    page = send(officer_client, url, answers)
    text = read_text(page)
    assert "Nothing is saved yet." in text
    assert "2017-2020 2.1-decisions 31 December 2018 0 (15), Off track 0 (20), Off track" in text
    assert TargetVersion.objects.get(pk=version.pk).minimum == 15
    token = page.context["opened"].extra["preview"]["token"]
    page = officer_client.post(url, answers | {"figure_previewed": token, "figure_reason": " "})
    assert "Write the reason." in read_text(page)
    assert TargetVersion.objects.get(pk=version.pk).minimum == 15
    assert send(officer_client, url, answers, "The board decided").status_code == 302
    assert TargetVersion.objects.get(pk=version.pk).minimum == 20
    change = PlanChange.objects.get()
    assert (change.reason, change.changed_by) == ("The board decided", officer)
    assert version.history.latest().history_change_reason == "The board decided"


def test_from_the_preview_one_can_go_back_with_all_answers(
    officer_client: Client, plan: Plan
) -> None:
    url = row_url(plan)
    answers = read_answers(officer_client, url) | {"too_early_below": "0.6"}
    page = officer_client.post(url, answers | {"back": "1"})
    assert page.context["form"]["too_early_below"].value() == "0.6"
    assert "preview" not in page.context["opened"].extra


def test_two_people_who_edit_a_row_are_told(officer_client: Client, plan: Plan) -> None:
    objective = Objective.objects.get(code="1.1")
    url = row_url(objective)
    answers = read_answers(officer_client, url) | {"short_title_en": "Mine"}
    Objective.objects.filter(pk=objective.pk).update(short_title_en="Theirs")
    page = officer_client.post(url, answers)
    assert page.status_code == 409
    assert "This was changed after you opened it" in read_text(page)
    assert Objective.objects.get(pk=objective.pk).short_title_en == "Theirs"
    answers["seen_state"] = page.context["opened"].seen
    assert officer_client.post(url, answers).status_code == 302
    assert Objective.objects.get(pk=objective.pk).short_title_en == "Mine"


def test_a_published_plan_stays_well_formed(officer_client: Client, plan: Plan) -> None:
    version = TargetVersion.objects.get(target__code="1.2-fields")
    url = row_url(version)
    answers = read_answers(officer_client, url) | {
        "minimum": "40",
        **{f"statement_{code}": "40" for code in ("en", "fr", "es", "ar")},
    }
    page = officer_client.post(url, answers)
    assert page.status_code == 400
    assert "3 fields cannot each have 40" in read_text(page)


def test_a_text_that_may_identify_a_child_is_refused(officer_client: Client, plan: Plan) -> None:
    section = Section.objects.first()
    assert section is not None
    url = row_url(section)
    answers = read_answers(officer_client, url) | {"text_en": "Asked by Awa, aged 12"}
    page = officer_client.post(url, answers)
    assert "Take it out of the text." in page.context["form"].errors["text_en"][0]


def test_rows_are_added_last(officer_client: Client, plan: Plan) -> None:
    url = row_url(plan, "add", "priority")
    page = officer_client.post(url, {"title_en": "Learning"})
    priority = Priority.objects.get(title_en="Learning")
    assert page.url.endswith(f"#priority-{priority.pk}")
    assert priority.number == Priority.objects.filter(plan=plan).count()
    url = row_url(priority, "add", "objective")
    answers = {"code": "4.1", "statement_en": "Learn", "short_title_en": "Learn"}
    assert officer_client.post(url, answers).status_code == 302
    assert Objective.objects.get(code="4.1").priority == priority
    assert not PlanChange.objects.exists()


TARGET: dict[str, str] = {
    "code": "3.1-more",
    "name_en": "Decisions",
    "unit_en": "decisions",
    "record_kind": "decision",
    "measure": "count",
    "frequency": "whole_plan",
    "due_months": "0",
    "version-statement_en": "5 decisions",
    "version-rule_en": "Counts each decision.",
    "version-minimum": "5",
}


def test_a_target_is_added_with_its_first_version(
    officer_client: Client, officer: User, plan: Plan
) -> None:
    indicator = Target.objects.get(code="2.1-decisions").indicator
    url = row_url(indicator, "add", "target")
    page = send(officer_client, url, TARGET)
    assert "Added: target 3.1-more" in read_text(page)
    assert not Target.objects.filter(code="3.1-more").exists()
    assert send(officer_client, url, TARGET, "New").status_code == 302
    target = Target.objects.get(code="3.1-more")
    version = target.versions.get()
    assert (version.in_force_from, version.minimum) == (plan.starts_on, 5)
    assert version.created_by == officer


def test_a_target_with_a_wrong_version_is_not_half_saved(
    officer_client: Client, plan: Plan
) -> None:
    indicator = Target.objects.get(code="2.1-decisions").indicator
    url = row_url(indicator, "add", "target")
    page = officer_client.post(url, TARGET | {"version-maximum": "3", "dimension": "sector"})
    assert page.status_code == 400
    opened = page.context["opened"]
    assert "dimension" in opened.form.errors
    assert "maximum" in opened.version_form.errors
    assert not Target.objects.filter(code="3.1-more").exists()


def test_a_condition_names_codes_and_lists(officer_client: Client, plan: Plan) -> None:
    target = Target.objects.get(code="2.1-decisions")
    target.conditions.all().delete()
    url = row_url(target, "add", "condition")
    answers = {"dimension": "authority_country", "test": "inside", "codes": "NE; XX"}
    page = officer_client.post(url, answers)
    assert "there is no country XX" in read_text(page)
    assert not target.conditions.exists()
    assert send(officer_client, url, answers | {"codes": "NE"}, "Only there").status_code == 302
    assert target.conditions.get().codes == ["NE"]


def test_rows_move_up_and_down(officer_client: Client, plan: Plan) -> None:
    first, second, *_rest = Priority.objects.filter(plan=plan)
    officer_client.post(row_url(second, "move"), {"direction": "up"})
    assert [each.pk for each in Priority.objects.filter(plan=plan)[:2]] == [second.pk, first.pk]
    officer_client.post(row_url(second, "move"), {"direction": "up"})
    officer_client.post(row_url(second, "move"), {"direction": "down"})
    assert [each.pk for each in Priority.objects.filter(plan=plan)[:2]] == [first.pk, second.pk]
    assert not PlanChange.objects.exists()


def test_a_target_is_due_within_ten_years(officer_client: Client, plan: Plan) -> None:
    url = row_url(Target.objects.get(code="3.1-report"))
    page = officer_client.post(url, read_answers(officer_client, url) | {"due_months": "200000"})
    assert page.status_code == 400
    assert "less than or equal to 120" in read_text(page)


def test_a_rubric_is_added_step_by_step(officer_client: Client, plan: Plan) -> None:
    assert not plan.is_draft
    send(officer_client, row_url(plan, "add", "rubric"), {"code": "views", "name_en": "Views"})
    rubric = plan.rubrics.get()
    for code in ("weak", "strong"):
        url = row_url(rubric, "add", "step")
        assert send(officer_client, url, {"code": code, "name_en": code}).status_code == 302
    Indicator.objects.filter(code="3.1").update(rubric=rubric)
    page = officer_client.post(row_url(rubric.steps.latest("number"), "remove"))
    assert page.status_code == 400
    assert rubric.steps.count() == 2


def test_steps_have_codes_of_their_own_rubric(officer_client: Client, plan: Plan) -> None:
    first, second = (plan.rubrics.create(code=code, name=code) for code in ("views", "laws"))
    for number, code in enumerate(("weak", "strong"), 1):
        first.steps.create(number=number, code=code, name=code)
    second.steps.create(number=1, code="none", name="none")
    url = row_url(second, "add", "step")
    send(officer_client, url, {"code": "weak", "name_en": "Weak"})
    assert [step.code for step in second.steps.order_by("number")] == ["none", "weak"]
    page = read_text(officer_client.post(url, {"code": "weak", "name_en": "Weak"}))
    assert "This code is used already" in page


def test_an_indicator_takes_a_rubric_of_its_plan(officer_client: Client, plan: Plan) -> None:
    later = Plan.objects.create(
        code="2031", title="Later", starts_on="2031-01-01", ends_on="2031-12-31"
    )
    own = plan.rubrics.create(code="views", name="Views")
    other = later.rubrics.create(code="laws", name="Laws")
    indicator = Indicator.objects.filter(objective__priority__plan=plan).earliest("pk")
    page = officer_client.get(row_url(indicator)).content.decode()
    assert f'<option value="{own.pk}">' in page
    assert f'<option value="{other.pk}">Laws' not in page


def test_removing_a_target_asks_and_shows_its_figures(officer_client: Client, plan: Plan) -> None:
    target = Target.objects.get(code="2.3-events")
    url = row_url(target, "remove")
    assert "with all that belongs to it" in read_text(officer_client.get(url))
    page = officer_client.post(url)
    assert "Removed: target 2.3-events" in read_text(page)
    assert Target.objects.filter(pk=target.pk).exists()
    assert send(officer_client, url, {}, "Dropped").status_code == 302
    assert not Target.objects.filter(pk=target.pk).exists()
    assert not Condition.objects.filter(target=target.pk).exists()


def test_a_level_in_use_is_not_removed(officer_client: Client, plan: Plan) -> None:
    level = ResultLevel.objects.create(plan=plan, number=1, code="outcome", name="Outcome")
    Objective.objects.filter(code="1.1").update(level=level)
    page = officer_client.post(row_url(level, "remove"))
    assert page.status_code == 400
    assert "It is used by: 1.1" in read_text(page)
    assert ResultLevel.objects.filter(pk=level.pk).exists()


def test_a_row_of_another_plan_is_not_found(officer_client: Client, later_plan: Plan) -> None:
    objective = Objective.objects.of_plan(Plan.objects.get(code="2017-2020"))[0]
    url = reverse("strategy:workbench_row", args=[later_plan.code, "objective", objective.pk])
    assert officer_client.get(url).status_code == 404


def test_the_history_of_a_row_names_what_changed(
    officer_client: Client, officer: User, plan: Plan, query_baseline: Baseline
) -> None:
    priority = Priority.objects.filter(plan=plan)[0]
    url = row_url(priority, "history")
    assert "No change yet" in read_text(officer_client.get(url))
    for title in ("Systems", "Strong systems"):
        answers = read_answers(officer_client, row_url(priority)) | {"title_fr": title}
        officer_client.post(row_url(priority), answers)
    with query_baseline("workbench_history"):
        page = officer_client.get(url)
    newest, first = page.context["states"]
    assert (newest.by, first.is_first) == (str(officer), True)
    [change] = newest.changes
    assert (change.label, change.before, change.after) == (
        *("Title (français)", "Systems"),
        "Strong systems",
    )

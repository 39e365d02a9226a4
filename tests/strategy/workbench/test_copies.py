"""A plan copied, exported and loaded again has the same figures."""

import json
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from indicators.models import ActionReport
from strategy.models import Objective, Plan, ResultLevel, TargetVersion
from strategy.plan.loading import load_plan
from strategy.workbench.cloning import clone_plan, move_years
from strategy.workbench.exports import export_plan
from strategy.workbench.publishing import publish_plan
from tests.support.samples.figure_records import make_records

pytestmark = pytest.mark.django_db

TITLES = {f"title_{code}": "Copy" for code in ("en", "fr", "es", "ar")}


def read_results(code: str) -> Any:
    out = StringIO()
    options = {"plan": code, "as_of": "2020-12-31", "format": "json"}
    call_command("results", stdout=out, **options)
    return json.loads(out.getvalue().replace(f'"{code}"', '"CODE"'))


def export(code: str, path: Path) -> None:
    call_command("plan_export", code, str(path), stdout=StringIO())


def make_countable_records() -> None:
    """Make records of every kind but those that name an indicator of one plan themselves."""
    make_records()
    ActionReport.objects.all().delete()


def without_words_of_the_plan(results: Any) -> Any:
    return json.loads(json.dumps(results).replace("Copy", "2017-2020 Strategic Plan"))


def test_an_exported_plan_gives_the_same_results_in_an_empty_database(
    plan: Plan, tmp_path: Path
) -> None:
    make_countable_records()
    before, rows = read_results(plan.code), export_plan(plan)
    path = tmp_path / "plan.json"
    export(plan.code, path)
    plan.delete()
    load_plan(path)
    assert read_results(plan.code) == before
    values = [row["value"] for objective in before["objectives"] for row in objective["targets"]]
    assert len(set(values)) > 1
    assert export_plan(Plan.objects.get()) == rows


def test_a_copy_exported_and_loaded_gives_the_same_results(plan: Plan, tmp_path: Path) -> None:
    make_countable_records()
    before = read_results(plan.code)
    copy = clone_plan(plan, "copy", TITLES, 0)
    assert copy.is_draft
    assert not copy.is_shown_first
    assert publish_plan(copy) == []
    path = tmp_path / "plan.json"
    export("copy", path)
    Plan.objects.get(code="copy").delete()
    load_plan(path)
    assert without_words_of_the_plan(read_results("copy")) == without_words_of_the_plan(before)


def test_an_outline_and_a_results_chain_come_back(later_plan: Plan, tmp_path: Path) -> None:
    later, earlier, *_rest = Objective.objects.of_plan(later_plan).order_by("-pk")
    high, low = (
        ResultLevel.objects.create(plan=later_plan, number=number, code=code, name=code)
        for number, code in ((1, "high"), (2, "low"))
    )
    Objective.objects.filter(pk=later.pk).update(level=high)
    Objective.objects.filter(pk=earlier.pk).update(level=low, contributes_to=later)
    rows = export_plan(later_plan)
    path = tmp_path / "plan.json"
    export(later_plan.code, path)
    later_plan.delete()
    load_plan(path)
    assert export_plan(Plan.objects.get(code=later_plan.code)) == rows


def test_the_years_of_a_copy_move(plan: Plan) -> None:
    TargetVersion.objects.filter(target__code="1.1-initiatives").update(
        milestones={"2018": "10", "2020": "50"},
        statement_en="50 by 2020",
        statement_ar="50 في ٢٠٢٠",
    )
    copy = clone_plan(plan, "2021-2024", TITLES, 4)
    assert (copy.starts_on, copy.ends_on) == (date(2021, 1, 1), date(2024, 12, 31))
    version = TargetVersion.objects.get(
        target__code="1.1-initiatives", target__indicator__objective__priority__plan=copy
    )
    assert version.in_force_from == date(2021, 1, 1)
    assert version.milestones == {"2022": "10", "2024": "50"}
    assert (version.statement_en, version.statement_ar) == ("50 by 2024", "50 في ٢٠٢٤")
    assert publish_plan(copy) == []


def test_only_years_of_the_plan_move(plan: Plan) -> None:
    assert move_years("2016, 2017 and 12018 in 2018-2019", plan, 4) == (
        "2016, 2021 and 12018 in 2022-2023"
    )


def test_an_officer_copies_and_downloads_a_plan(officer_client: Client, plan: Plan) -> None:
    url = reverse("strategy:workbench_clone", args=[plan.code])
    assert officer_client.get(url).context["form"]["shift"].value() == 4
    answers = {"code": plan.code, "shift": "4", **TITLES}
    page = officer_client.post(url, answers)
    assert page.status_code == 400
    assert page.context["form"].errors["code"] == ["This code is used already. Choose another."]
    assert officer_client.post(url, answers | {"code": "copy"}).status_code == 302
    copy = Plan.including_drafts.get(code="copy")
    answer = officer_client.get(reverse("strategy:workbench_export", args=["copy"]))
    assert json.loads(answer.content) == export_plan(copy)
    assert 'filename="plan_copy.json"' in answer["Content-Disposition"]


def test_an_unknown_plan_and_a_wrong_folder_are_named(plan: Plan, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"There is no plan nothing \(there are: 2017-2020\)"):
        export("nothing", tmp_path / "plan.json")
    with pytest.raises(CommandError, match="cannot be written: No such file or directory"):
        export(plan.code, tmp_path / "nowhere" / "plan.json")

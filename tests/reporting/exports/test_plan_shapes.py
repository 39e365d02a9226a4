"""Pages, files and commands for plans of unusual shapes: without targets, without bounds, small."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from reporting.annual_report.issuing import issue_annual_report
from reporting.annual_report.pdf import document
from reporting.models import AnnualReport
from strategy.models import (
    Indicator,
    Objective,
    Plan,
    PlanPart,
    Priority,
    Target,
    TargetVersion,
    User,
)
from tests.factories import make_approved
from tests.support.html_tree import text_of, tree_of

AT = datetime(2019, 3, 14, 15, 0, tzinfo=UTC)


def _keep_targets(*codes: str) -> None:
    Target.objects.exclude(code__in=codes).delete()
    Indicator.objects.filter(targets=None).delete()
    Objective.objects.filter(indicators=None).delete()
    Priority.objects.filter(objectives=None).delete()


def _remove_bounds() -> None:
    TargetVersion.objects.update(minimum=None, maximum=None, milestones={})


def _record() -> None:
    make_approved("initiative", countries=["NE", "CA"], starts_on="2018")
    make_approved("annual_budget", year="2018", amount="100")


def _remove(model: type[PlanPart]) -> Callable[[], object]:
    return lambda: model._default_manager.all().delete()


SHAPES: dict[str, tuple[Callable[[], object], ...]] = {
    "no priorities": (_remove(Priority),),
    "no targets": (_record, _remove(Target)),
    "no bounds": (_record, _remove_bounds),
    "no bounds or records": (_remove_bounds,),
    "one share": (partial(_keep_targets, "1.2-fields"),),
    "one share without bounds": (partial(_keep_targets, "1.2-fields"), _remove_bounds),
    "one target a year": (_record, partial(_keep_targets, "3.3-budget")),
}


def _shape(name: str) -> None:
    for act in SHAPES[name]:
        act()


@pytest.fixture(params=SHAPES)
def shaped(plan: Plan, request: pytest.FixtureRequest) -> Plan:
    _shape(request.param)
    return plan


def _list_report_pages(report: AnnualReport) -> list[str]:
    parts = {"year": report.year, "version": report.version}
    data = ("summary.csv", "summary.xlsx", "records.csv", "figures.json")
    return [
        *(
            reverse(f"reporting:{name}", kwargs=parts)
            for name in ("report_detail", "report_web", "report_method", "report_files")
        ),
        *(reverse("reporting:report_data", kwargs={**parts, "data": name}) for name in data),
        reverse("reporting:draft_edit", args=[report.year, report.version + 1]),
        reverse("reporting:draft_preview", args=[report.year, report.version + 1]),
        f"{reverse('reporting:report_issue')}?year={report.year}&version={report.version + 1}",
        *(
            f"{reverse('reporting:report_detail', kwargs=parts)}?target={target.code}"
            for target in Target.objects.all()
        ),
    ]


class TestPlanShapes:
    def test_each_page_file_and_command_answers(self, shaped: Plan, officer_client: Client) -> None:
        pages = [
            *("/", "/plan/", "/dashboard/", "/summary/", "/summary.csv", "/summary.xlsx"),
            *("/reports/", "/reports/issue/?year=2018", "/my-work/", "/review/", "/records/"),
            *("/records/initiative/", "/records/initiative/new/", "/import/"),
            *("/reports/2018/1/draft/", "/reports/2018/1/draft/preview/"),
        ]
        for target in Target.objects.all():
            pages += [f"/targets/{target.code}/{end}" for end in ("", "change/", "rating/")]
        for page in pages:
            mark = "&" if "?" in page else "?"
            response = officer_client.get(f"{page}{mark}as_of=2018-12-31", follow=True)
            assert response.status_code == 200, (page, response.content[:500])
        for form in ("table", "csv", "json"):
            out = StringIO()
            call_command("results", "--as-of", "2018-12-31", "--format", form, stdout=out)
            assert out.getvalue()

    def test_a_report_is_issued_and_read(
        self, shaped: Plan, officer: User, officer_client: Client
    ) -> None:
        report = issue_annual_report(shaped, "2018", officer, AT)
        for page in _list_report_pages(report):
            response = officer_client.get(page)
            assert response.status_code == 200, (page, response.content[:500])


class TestWithoutTargets:
    def test_the_report_says_so(self, plan: Plan, officer: User, officer_client: Client) -> None:
        Target.objects.all().delete()
        issue_annual_report(plan, "2018", officer, AT)
        for page in ("/dashboard/?as_of=2018-12-31", "/reports/2018/1/", "/reports/2018/1/page/"):
            text = text_of(tree_of(officer_client.get(page)))
            assert "10 of the 10 objectives have no target set" in text, page

    def test_the_report_of_a_plan_without_parts_says_so(
        self, plan: Plan, officer: User, officer_client: Client
    ) -> None:
        Priority.objects.all().delete()
        issue_annual_report(plan, "2018", officer, AT)
        for page in ("/reports/2018/1/", "/reports/2018/1/page/"):
            assert "It has no objectives yet" in text_of(tree_of(officer_client.get(page))), page

    @pytest.mark.skipif(not document.is_available(), reason="needs Pango")
    @pytest.mark.parametrize("shape", ["no targets", "one share without bounds"])
    def test_the_pdf_is_made(self, plan: Plan, shape: str, officer: User, tmp_path: Path) -> None:
        _shape(shape)
        issue_annual_report(plan, "2018", officer, AT)
        file = tmp_path / "report.pdf"
        for more in ([], ["--draft"]):
            arguments = ["--plan", plan.code, "--year", "2018", "--output", str(file), *more]
            call_command("render_report", *arguments, stdout=StringIO())
            assert file.read_bytes().startswith(b"%PDF")

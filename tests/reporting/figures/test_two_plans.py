"""Two plans with a year of the same name: the URL of a report then names the plan."""

from datetime import UTC, date, datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from reporting.annual_report.issuing import issue_annual_report
from reporting.annual_report.pdf import document
from reporting.models import AnnualReport
from strategy.models import Plan, User
from tests.factories import make_approved

MARCH_2019 = datetime(2019, 3, 14, 15, 0, tzinfo=UTC)
MAY_2019 = datetime(2019, 5, 2, 15, 0, tzinfo=UTC)


@pytest.fixture
def later(plan: Plan) -> Plan:
    """A plan without targets that also has 2018; the default of URLs that name no plan."""
    return Plan.objects.create(
        code="2018-2021",
        title="Another",
        starts_on=date(2018, 1, 1),
        ends_on=date(2021, 12, 31),
        year_starts_in=1,
    )


@pytest.fixture
def reports(plan: Plan, later: Plan, officer: User) -> list[AnnualReport]:
    """The report of 2018 of both plans, and a correction of the earlier plan's report."""
    make_approved("initiative", countries=["NE"], starts_on="2018")
    issued = [issue_annual_report(one, "2018", officer, MARCH_2019) for one in (plan, later)]
    make_approved("initiative", countries=["SN"], starts_on="2018")
    again = issue_annual_report(
        plan, "2018", officer, MAY_2019, version=2, correction={"en": "A record was late."}
    )
    return [*issued, again]


def test_an_address_names_the_plan_where_it_must(reports: list[AnnualReport]) -> None:
    for report in reports:
        read = AnnualReport.objects.with_address().get(pk=report.pk)
        code = read.address_query.removeprefix("?plan=")
        assert list(AnnualReport.objects.called(report.year, report.version, code)) == [report]
        [first] = AnnualReport.objects.called(report.year, 1, code)
        assert first.plan == report.plan, "and from any version to another"
    both = AnnualReport.objects.called("2018", 1)
    assert list(both) == [reports[1], reports[0]], "the latest plan first"


def test_an_address_without_a_plan_asks_for_it(
    reports: list[AnnualReport], board_client: Client
) -> None:
    answer = board_client.get("/reports/2018/1/")
    page = answer.content.decode()
    assert answer.status_code == 300
    assert "Several plans cover this year." in page
    assert 'href="/reports/2018/1/?plan=2017-2020">2017-2020 Strategic Plan</a>' in page
    assert 'href="/reports/2018/1/?plan=2018-2021">Another</a>' in page
    number = board_client.get("/reports/2018/1/?target=1.1-initiatives").content.decode()
    assert 'href="/reports/2018/1/?target=1.1-initiatives&amp;plan=2017-2020"' in number
    for address in ("/reports/2018/1/?plan=2017-2020", "/reports/2018/2/"):
        assert board_client.get(address).status_code == 200, "nothing is to be chosen"


@pytest.mark.parametrize(
    "end",
    [
        *("", "page/", "page/method/", "files/", "en.pdf", "en.pdf.sig"),
        *("summary.xlsx", "summary.csv", "records.csv", "figures.json"),
        *("draft/", "draft/preview/", "draft/preview.pdf", "draft/earlier/text:summary/"),
    ],
)
def test_no_page_or_file_shows_one_plan_of_two(
    reports: list[AnnualReport], end: str, officer_client: Client
) -> None:
    address = f"/reports/2018/1/{end}"
    answer = officer_client.get(address, {"language": "en"})
    assert answer.status_code == 300
    for code in ("2017-2020", "2018-2021"):
        assert f'href="{address}?language=en&amp;plan={code}"' in answer.content.decode()


def test_no_act_chooses_one_plan_of_two(
    reports: list[AnnualReport], officer_client: Client
) -> None:
    for address in ("1/files/", "2/draft/", "2/draft/text/", "2/draft/preview/"):
        assert officer_client.post(f"/reports/2018/{address}").status_code == 300, address
    for method in (officer_client.get, officer_client.post):
        assert method("/reports/issue/?year=2018").status_code == 300
    assert officer_client.get("/reports/issue/?year=2017").status_code == 200, "one plan has it"


def test_an_address_holds_when_the_plan_is_called_otherwise(
    reports: list[AnnualReport], plan: Plan
) -> None:
    address = AnnualReport.objects.with_address().get(pk=reports[0].pk).address_query
    plan.code = "renamed"
    plan.save()
    assert address == "?plan=2017-2020"
    assert list(AnnualReport.objects.called("2018", 1, "2017-2020")) == [reports[0]]


def test_a_file_that_is_checked_leads_to_its_own_report(
    reports: list[AnnualReport], fake_pdf: None, board_client: Client
) -> None:
    content = bytes(document.get_report_pdf(reports[0], "en").content)
    for checked in (content, content + b"\n"):
        file = SimpleUploadedFile("report.pdf", checked, "application/pdf")
        page = board_client.post("/reports/verify/", {"file": file}).content.decode()
        assert '"/reports/2018/1/?plan=2017-2020"' in page


def test_who_issues_a_report_is_led_to_it(
    plan: Plan, later: Plan, officer: User, officer_client: Client
) -> None:
    issue_annual_report(later, "2018", officer, MARCH_2019)
    address = "/reports/issue/?year=2018&plan=2017-2020"
    answer = officer_client.post(address, {"confirmed": "on"})
    assert (answer.status_code, answer["Location"]) == (302, "/reports/2018/1/?plan=2017-2020")

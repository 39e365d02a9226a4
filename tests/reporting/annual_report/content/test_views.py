"""The screens of annual reports: list, page, files, issuing; for whom, and at what cost."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from indicators.models import Initiative
from reporting.annual_report.drafting.proposal import build_proposal
from reporting.annual_report.drafting.texts import DraftTextKey, get_draft, save_text
from reporting.annual_report.issuing import IssueRejected, issue_annual_report
from reporting.annual_report.pdf import document
from reporting.annual_report.pdf.document import Pdf
from reporting.annual_report.snapshot.reader import load_rows
from reporting.models import (
    AnnualReport,
    DraftTextType,
    RatingOverride,
    ReportFile,
    ReportPdfJob,
    ReportRows,
)
from reporting.views import report_issue, reports
from strategy.choices import Rating, Role
from strategy.dates.periods import PartialDate
from strategy.models import Plan, Target, TargetVersion, User
from tests.conftest import client_of
from tests.factories import make_approved, make_record, make_user
from tests.support.database.fixtures import load_fixtures

MARCH_2019 = datetime(2019, 3, 14, 15, 0, tzinfo=UTC)
ISSUE = "/reports/issue/?plan=2017-2020&year=2018"


@pytest.fixture(autouse=True)
def _in_march_2019(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Two years of the plan are over; files are made in no time."""

    def render(rows: ReportRows, language: str, *, is_draft: bool = False) -> Pdf:
        return Pdf(f"%PDF {rows.report.year} {language}".encode(), 7)

    monkeypatch.setattr(document, "render", render)
    with time_machine.travel(MARCH_2019, tick=False):
        yield


@pytest.fixture
def report(plan: Plan, officer: User) -> AnnualReport:
    make_approved("initiative", reference="INI-1", title="Niger: police training <b>")
    make_approved("initiative", reference="INI-2", countries=["SN"])
    make_record("initiative", evidence=1)
    return issue_annual_report(plan, "2018", officer, MARCH_2019)


def text_of(response: Any) -> str:
    return " ".join(response.content.decode().split())


def test_the_list_has_issued_due_and_running_years(
    report: AnnualReport, officer_client: Client
) -> None:
    document.create_files(report)
    page = text_of(officer_client.get("/reports/"))
    assert page.index(">2019<") < page.index(">2018<") < page.index(">2017<")
    assert "The year runs until 31 December 2019." in page
    assert "Issued on 14 March 2019 by Camille" in page
    assert "The year ended on 31 December 2017; its report is not issued." in page
    assert '/reports/issue/?plan=2017-2020&amp;year=2017">' in page
    assert "year=2018" not in page
    assert ">2020<" not in page, "a year that has not begun is no news"
    assert "7 pages" in page
    assert 'href="/reports/2018/1/fr.pdf"' in page
    assert report.files.get(language="fr").sha256 in text_of(officer_client.get("/reports/2018/1/"))


def test_the_records_of_a_number_come_in_pages(
    report: AnnualReport, officer_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = "/reports/2018/1/?target=1.1-initiatives"
    assert "1 to 2 of 2" not in text_of(officer_client.get(address)), "one page needs no pages"
    monkeypatch.setattr(reports, "RECORDS_PER_PAGE", 1)
    first, second = (text_of(officer_client.get(f"{address}&page={n}")) for n in (1, 2))
    assert "2 records, as they were cited" in first
    assert (">INI-1<" in first, ">INI-2<" in first) == (True, False)
    assert (">INI-1<" in second, ">INI-2<" in second) == (False, True)
    assert 'href="?target=1.1-initiatives&amp;page=2"' in first


def test_a_page_reads_the_citations_that_it_shows_and_no_others(
    report: AnnualReport, officer_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of 100,000 records a report cites as many: a page that shows none holds none."""
    read = []

    def spied(*asked: Any, **how: Any) -> ReportRows:
        rows = load_rows(*asked, **how)
        read.append({one.actual.code for cited in rows.evidence for one in cited})
        return rows

    monkeypatch.setattr(reports, "load_rows", spied)
    officer_client.get("/reports/2018/1/")
    officer_client.get("/reports/2018/1/?target=1.1-countries")
    assert read == [set(), {"1.1-countries"}]
    assert any(load_rows(report).evidence), "the control: there are others"


def test_the_list_of_an_empty_installation(db: None, officer_client: Client) -> None:
    assert "No annual report yet" in text_of(officer_client.get("/reports/"))
    assert "No report is due" in text_of(officer_client.get("/reports/issue/"))


def test_board_and_managers_read_and_do_not_issue(
    report: AnnualReport, board_client: Client, manager_client: Client
) -> None:
    for client in (board_client, manager_client):
        page = text_of(client.get("/reports/"))
        assert "/reports/2018/1/" in page
        assert "/reports/issue/" not in page
        assert client.get(ISSUE).status_code == 403
        assert client.post(ISSUE, {"confirmed": "on"}).status_code == 403
    assert AnnualReport.objects.count() == 1


@pytest.mark.parametrize(
    "address", ["/reports/", "/reports/2018/1/", "/reports/2018/1/en.pdf", ISSUE]
)
def test_staff_and_administrators_are_kept_out(
    address: str, report: AnnualReport, staff_client: Client, admin_client: Client
) -> None:
    assert staff_client.get(address).status_code == 403
    assert admin_client.get(address).status_code == 403
    assert Client().get(address).status_code == 302


def test_a_report_on_a_page_has_the_reported_values(
    report: AnnualReport, board_client: Client
) -> None:
    page = text_of(board_client.get("/reports/2018/1/"))
    assert "Annual report 2018: 2017-2020 Strategic Plan" in page
    assert "of the 10 objectives" in page
    assert '<a class="quiet" href="/reports/2018/1/?target=1.1-initiatives">2</a>' in page
    assert "now reads" not in page
    assert "reads differently" not in page


def test_a_report_on_a_page_says_what_reads_differently(
    report: AnnualReport, board_client: Client
) -> None:
    added = make_approved("initiative", countries=["NE"])
    page = text_of(board_client.get("/reports/2018/1/"))
    assert ">2</a></strong><br><span" in page
    assert "now reads 3" in page
    assert "Niger: now 2" in page, "countries are as many, and one has more"
    assert "2 figures read differently today" in page
    number = text_of(board_client.get("/reports/2018/1/?target=1.1-initiatives"))
    assert "As of 31 December 2018 this figure now reads 3" in number
    assert f"Record added: {added.reference}." in number


def test_a_report_on_a_page_marks_a_rating_that_changed(
    report: AnnualReport, officer: User, board_client: Client
) -> None:
    RatingOverride.objects.create(
        target=Target.objects.get(code="1.1-initiatives"),
        rating=Rating.ON_TRACK,
        reason="Counted by hand.",
        valid_from=report.as_of,
        by=officer,
        made_at=MARCH_2019,
    )
    page = text_of(board_client.get("/reports/2018/1/"))
    assert "today: On track" in page
    assert "now reads" not in page
    assert "1 figure reads differently today" in page
    number = text_of(board_client.get("/reports/2018/1/?target=1.1-initiatives"))
    assert "The rating is now “On track”. The report keeps what was issued." in number
    assert "An M&amp;E officer set the rating" in number
    assert "now reads" not in number


def test_a_report_on_a_page_marks_years_that_changed(
    report: AnnualReport, board_client: Client
) -> None:
    moved = Initiative.objects.get(reference="INI-2")
    moved.starts_on = moved.ends_on = PartialDate("2017-05-05")
    moved.save()
    page = text_of(board_client.get("/reports/2018/1/"))
    assert "differently today" in page
    assert '2<br><span class="small muted">now reads 1</span>' in page
    number = text_of(board_client.get("/reports/2018/1/?target=1.1-initiatives"))
    assert "2018 alone now reads" in number
    assert "this figure now reads" not in number


def test_a_report_speaks_the_reader_s_language(report: AnnualReport, board_client: Client) -> None:
    board_client.cookies["django_language"] = "fr"
    page = text_of(board_client.get("/reports/2018/1/"))
    assert "Équilibre entre les trois domaines" in page
    assert "25 % (minimum)" in page


def test_a_number_opens_the_records_that_it_stood_on(
    report: AnnualReport, board_client: Client, manager_client: Client
) -> None:
    address = "/reports/2018/1/?target=1.1-initiatives"
    for client in (board_client, manager_client):
        page = text_of(client.get(address))
        assert "2 records, as they were cited" in page
        assert "Niger: police training &lt;b&gt;" in page
        assert 'href="https://example.org/INI-1/1"' in page
        assert "example.org</a>" in page
        assert "Not approved" in page
    link = 'href="/records/initiative/INI-1/"'
    assert link in text_of(manager_client.get(address))
    assert "/records/" not in text_of(board_client.get(address)), "the board sees no records"


def test_a_number_without_records_says_so(report: AnnualReport, board_client: Client) -> None:
    page = text_of(board_client.get("/reports/2018/1/?target=2.3-networks"))
    assert "No record counted towards this target." in page
    assert "Left out, and why" not in page


@pytest.mark.parametrize(
    "address",
    [
        "/reports/2018/2/",
        "/reports/2016/1/",
        "/reports/abc/1/",
        "/reports/2018/1/?plan=2030",
        "/reports/2018/1/?target=9.9",
        "/reports/2018/1/de.pdf",
        "/reports/2018/1/xx.pdf",
        "/reports/2018/9/en.pdf",
    ],
)
def test_what_is_not_there_is_not_found(
    address: str, report: AnnualReport, board_client: Client
) -> None:
    assert board_client.get(address).status_code == 404
    assert not ReportFile.objects.exists()


def test_a_file_is_sent_as_it_is_stored(report: AnnualReport, board_client: Client) -> None:
    document.create_files(report)
    stored = report.files.get(language="fr")
    response = board_client.get("/reports/2018/1/fr.pdf")
    assert response.content == bytes(stored.content)
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"] == (
        'attachment; filename="ibcr-annual-report-2018-fr.pdf"'
    )
    assert response["ETag"] == f'"{stored.sha256}"'
    assert "private" in response["Cache-Control"]
    again = board_client.get("/reports/2018/1/fr.pdf", headers={"if-none-match": response["ETag"]})
    assert again.status_code == 304
    assert not again.content


def test_a_file_that_is_not_there_says_how_far_it_is_and_a_download_makes_nothing(
    report: AnnualReport, board_client: Client
) -> None:
    assert "not made yet" in text_of(board_client.get("/reports/"))
    answer = board_client.get("/reports/2018/1/en.pdf")
    assert answer.status_code == 503
    assert answer["Retry-After"] == "10"
    assert "This PDF is not there yet" in text_of(answer)
    assert not ReportFile.objects.exists()
    assert not ReportPdfJob.objects.exists()


def test_what_is_open_is_read_before_a_report_is_issued(
    report: AnnualReport, plan: Plan, officer_client: Client
) -> None:
    page = text_of(officer_client.get("/reports/issue/?plan=2017-2020&year=2017"))
    assert "Issue the annual report 2017" in page
    assert "targets could still change" in page
    assert "1 Not approved" in page
    assert "counts=no&amp;reason=not_approved" in page
    assert "2017</td>" in page, "a year without data"
    oldest = text_of(officer_client.get("/reports/issue/"))
    assert "Issue the annual report 2017" in oldest


def test_the_other_due_years_are_one_step_away(plan: Plan, officer_client: Client) -> None:
    page = text_of(officer_client.get(ISSUE))
    assert '<a href="/reports/issue/?plan=2017-2020&amp;year=2017">2017</a>' in page


def test_nothing_is_issued_without_the_tick(plan: Plan, officer_client: Client) -> None:
    answer = officer_client.post(ISSUE, {})
    assert answer.status_code == 400
    page = text_of(answer)
    assert "<title>Error: Issue the annual report 2018" in page
    assert page.count("Tick the box to issue the report") == 2
    assert not AnnualReport.objects.exists()


def test_an_officer_issues_and_the_board_downloads(
    plan: Plan, officer_client: Client, board_client: Client
) -> None:
    answer = officer_client.post(ISSUE, {"confirmed": "on"}, follow=True)
    assert answer.redirect_chain == [("/reports/2018/1/", 302)]
    assert "The annual report of 2018 is issued." in text_of(answer)
    report = AnnualReport.objects.get()
    assert (report.issued_by_name, report.issued_at) == ("Camille", MARCH_2019)
    assert list(report.requests.values_list("language", flat=True)) == list(document.LANGUAGES)
    assert text_of(board_client.get("/reports/")).count(">waiting ") == len(document.LANGUAGES)
    document.create_files(report)
    assert board_client.get("/reports/2018/1/en.pdf").content == b"%PDF 2018 en"


@pytest.mark.parametrize(
    ("year", "said"), [("2018", "already issued"), ("2019", "The year 2019 is not over")]
)
def test_what_forbids_it_is_said_instead_of_the_form(
    year: str, said: str, report: AnnualReport, officer_client: Client
) -> None:
    address = f"/reports/issue/?plan=2017-2020&year={year}"
    page = text_of(officer_client.get(address))
    assert said in page
    assert 'name="confirmed"' not in page
    assert officer_client.post(address, {"confirmed": "on"}).status_code == 400
    assert AnnualReport.objects.count() == 1


def test_what_is_issued_is_what_was_looked_at(plan: Plan, officer_client: Client) -> None:
    seen = officer_client.get(ISSUE).context["seen"]
    assert seen == officer_client.get(ISSUE).context["seen"], "the same while nothing changes"
    make_approved("initiative", countries=["NE"])
    answer = officer_client.post(ISSUE, {"confirmed": "on", "seen": seen})
    assert answer.status_code == 400
    assert "The report has changed since you opened this page" in text_of(answer)
    assert not AnnualReport.objects.exists()
    again = answer.context["seen"]
    assert f'name="seen" value="{again}"' in answer.content.decode()
    answer = officer_client.post(ISSUE, {"confirmed": "on", "seen": again})
    assert answer.status_code == 302


@pytest.mark.parametrize("change", ["a text", "a target"])
def test_a_draft_is_another_after(change: str, plan: Plan, officer: User) -> None:
    draft = get_draft(plan, "2018", 1)
    before = build_proposal(draft, officer, MARCH_2019).digest
    assert build_proposal(draft, officer, timezone.now()).digest == before
    if change == "a text":
        key = DraftTextKey(DraftTextType.SUMMARY, "en")
        save_text(draft, key, "All went well.", by=officer, at=MARCH_2019, seen_version=0)
    else:
        TargetVersion.objects.filter(target__code="1.1-initiatives").update(minimum=49)
    assert build_proposal(get_draft(plan, "2018", 1), officer, MARCH_2019).digest != before
    with pytest.raises(IssueRejected, match="has changed since"):
        issue_annual_report(plan, "2018", officer, timezone.now(), seen=before)


def test_who_is_beaten_to_it_is_told_so(
    report: AnnualReport, officer_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report_issue, "find_issue_problems", lambda *_asked: [])
    answer = officer_client.post(ISSUE, {"confirmed": "on"})
    assert answer.status_code == 400
    assert "already issued" in text_of(answer)


@pytest.mark.parametrize(
    "query", ["plan=2017-2020&year=2021", "plan=2017-2020&year=abc", "plan=2030&year=2018"]
)
def test_an_unknown_year_or_plan_is_not_found(
    query: str, plan: Plan, officer_client: Client
) -> None:
    assert officer_client.get(f"/reports/issue/?{query}").status_code == 404
    assert officer_client.post(f"/reports/issue/?{query}", {"confirmed": "on"}).status_code == 404


def test_reports_of_two_plans_with_one_year_are_told_apart(
    plan: Plan, officer: User, board_client: Client
) -> None:
    later = Plan.objects.create(
        code="bridge", title="Bridge", starts_on="2018-01-01", ends_on="2019-12-31"
    )
    first = issue_annual_report(plan, "2018", officer, MARCH_2019)
    issue_annual_report(Plan.objects.get(pk=later.pk), "2018", officer, MARCH_2019)
    document.create_files(first, ["en"])
    page = text_of(board_client.get("/reports/"))
    assert "/reports/2018/1/?plan=bridge" in page
    assert "/reports/2018/1/en.pdf?plan=2017-2020" in page
    assert "2017-2020 Strategic Plan" in text_of(
        board_client.get("/reports/2018/1/?plan=2017-2020")
    )
    assert board_client.get("/reports/2018/1/en.pdf?plan=2017-2020").status_code == 200
    assert [file.report for file in ReportFile.objects.all()] == [first]


def test_the_list_costs_the_same_however_many_reports(
    plan: Plan,
    officer: User,
    board_client: Client,
    django_assert_max_num_queries: Callable[..., Any],
) -> None:
    issue_annual_report(plan, "2017", officer, MARCH_2019)
    with django_assert_max_num_queries(12) as one:
        board_client.get("/reports/")
    document.create_files(issue_annual_report(plan, "2018", officer, MARCH_2019))
    with django_assert_max_num_queries(12) as two:
        board_client.get("/reports/")
    assert len(one) == len(two)


def test_a_list_never_reads_the_files_themselves(
    report: AnnualReport, board_client: Client, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    document.create_files(report)
    with django_assert_max_num_queries(12) as queries:
        board_client.get("/reports/")
    assert not any('"content"' in query["sql"] for query in queries.captured_queries)


def test_a_plan_of_other_years(db: None) -> None:
    load_fixtures("countries", "reference", "plan_2017_2020", "tests/fixtures/april_plan.json")
    with time_machine.travel(datetime(2022, 4, 2, 12, tzinfo=UTC), tick=False):
        officer_client = client_of(make_user(Role.OFFICER, "montreal"))
        page = text_of(officer_client.get("/reports/"))
        assert "plan=april-plan&amp;year=2021-2022" in page
        address = "/reports/issue/?plan=april-plan&year=2021-2022"
        answer = officer_client.post(address, {"confirmed": "on"}, follow=True)
        assert answer.redirect_chain == [("/reports/2021-2022/1/", 302)]
        assert officer_client.get("/reports/2021-2022/1/fr.pdf").status_code == 503

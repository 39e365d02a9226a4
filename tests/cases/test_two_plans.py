"""Two plans that share some codes: records answer to the plans of their dates."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from indicators.import_export.rows.results import RowStatus
from indicators.models import ActionReport, Record
from strategy.choices import Reason, RecordKind
from strategy.models import Indicator, Plan, User
from tests.factories import make_approved, make_record
from tests.support.html_tree import links_in, text_of, tree_of
from tests.support.samples.form_answers import answers, post_new
from tests.support.samples.import_files import check

pytestmark = pytest.mark.usefixtures("later_plan")

OLD, NEW = "2017-2020", "repeat-plan"


def list_records(client: Client, kind: RecordKind, query: str) -> list[tuple[str, str]]:
    """Return the references of a list, with what each record counts towards."""
    response = client.get(reverse("indicators:record_list", args=[kind]) + query)
    assert response.status_code == 200, response.content.decode()[:2000]
    return [(row.record.reference, row.counting_text) for row in response.context["rows"]]


def get_contributions(response: Any) -> list[tuple[str, str, Reason | None]]:
    return [
        (found.target.plan.code, found.target.code, found.reason)
        for found in response.context["contributions"]
    ]


def open_record(client: Client, record: Record) -> Any:
    return client.get(reverse("indicators:record_detail", args=[record.KIND, record.reference]))


@pytest.fixture
def initiatives(later_plan: Plan, staff: User) -> list[Record]:
    return [
        make_approved(
            "initiative",
            reference=reference,
            starts_on=starts_on,
            ends_on=ends_on,
            entered_by=staff,
        )
        for reference, starts_on, ends_on in (
            ("OLD", "2018-03", "2018-12"),
            ("BETWEEN", "2022", "2023"),
            ("BOTH", "2019", "2026"),
            ("NEW", "2025-02", "2025-03"),
        )
    ]


@pytest.mark.usefixtures("initiatives")
@pytest.mark.parametrize(
    ("year", "references"),
    [
        ("2016", set()),
        ("2018", {"OLD"}),
        ("2019", {"BOTH"}),
        ("2025", {"NEW", "BOTH"}),
        ("2026", {"BOTH"}),
    ],
)
def test_a_list_has_the_years_of_every_plan(
    year: str, references: set[str], staff_client: Client
) -> None:
    listed = list_records(staff_client, RecordKind.INITIATIVE, f"?year={year}")
    assert {reference for reference, _text in listed} == references


@pytest.mark.usefixtures("initiatives")
def test_the_years_to_choose_from_are_those_of_every_plan(staff_client: Client) -> None:
    page = staff_client.get(reverse("indicators:record_list", args=["initiative"]))
    years = [value for value, _label in page.context["form"].fields["year"].choices if value]
    assert years == [str(year) for year in (*range(2016, 2021), *range(2024, 2029))]


@pytest.mark.usefixtures("initiatives")
def test_a_list_names_the_plan_in_which_a_record_counts(staff_client: Client) -> None:
    assert dict(list_records(staff_client, RecordKind.INITIATIVE, "")) == {
        "OLD": f"{OLD}: 1.1, 1.2",
        "BETWEEN": "",
        "BOTH": f"{OLD}: 1.1, 1.2\n{NEW}: 1.1",
        "NEW": f"{NEW}: 1.1",
    }


def test_a_record_answers_to_the_plan_of_its_dates(
    initiatives: list[Record], staff_client: Client
) -> None:
    old, between, both, new = (open_record(staff_client, record) for record in initiatives)
    counted = [
        (OLD, "1.1-initiatives", None),
        (OLD, "1.1-countries", None),
        (OLD, "1.2-fields", None),
    ]
    assert get_contributions(old) == counted
    assert get_contributions(new) == [
        (NEW, "1.1-initiatives", None),
        (NEW, "1.1-countries", None),
    ]
    assert get_contributions(both) == counted + get_contributions(new)
    # Outside every plan, it says so of each.
    assert {(plan, reason) for plan, _code, reason in get_contributions(between)} == {
        (OLD, Reason.OUTSIDE_PERIOD),
        (NEW, Reason.OUTSIDE_PERIOD),
    }


def test_the_page_of_a_record_names_each_plan(
    initiatives: list[Record], staff_client: Client
) -> None:
    _old, _between, both, _new = initiatives
    page = tree_of(open_record(staff_client, both))
    text = text_of(page)
    assert "2017-2020 Strategic Plan" in text
    assert "2025-2028 Strategic Plan" in text
    addresses = [link for link in links_in(page) if "1.1-initiatives" in link]
    assert [address.partition("?")[2] for address in addresses] == [f"plan={OLD}", f"plan={NEW}"]
    for address in addresses:
        assert staff_client.get(address).status_code == 200


def test_a_form_says_in_which_plans_its_answers_would_count(staff_client: Client) -> None:
    address = reverse("indicators:record_contributions", args=["initiative"])
    for starts_on, ends_on, expected in (
        ("2018", "2018", f"it would count towards {OLD}: 1.1."),
        ("2025-03", "", f"it would count towards {NEW}: 1.1."),
        ("2018", "2026", f"it would count towards {OLD}: 1.1 · {NEW}: 1.1."),
        ("2022", "2023", "it would count towards nothing."),
    ):
        values = answers(RecordKind.INITIATIVE, starts_on=starts_on, ends_on=ends_on)
        assert expected in text_of(tree_of(staff_client.post(address, values)))


def test_an_empty_form_says_what_counts_in_each_plan(staff_client: Client) -> None:
    page = staff_client.get(reverse("indicators:record_create", args=["initiative"]))
    named = {(target.plan.code, target.code) for target in page.context["targets"]}
    assert {(OLD, "1.2-fields"), (OLD, "1.1-countries"), (NEW, "1.1-countries")} <= named
    text = text_of(tree_of(page))
    assert "2017-2020 Strategic Plan" in text
    assert "2025-2028 Strategic Plan" in text


def test_the_queues_name_the_plan_of_each_record(
    staff: User, staff_client: Client, manager_client: Client
) -> None:
    for reference, occurred_on in (("OLD", "2018-05"), ("NEW", "2025-05"), ("NONE", "2022-05")):
        make_record(
            "decision",
            reference=reference,
            occurred_on=occurred_on,
            status="submitted",
            evidence=1,
            entered_by=staff,
        )
    review = manager_client.get(reverse("indicators:review")).context["items"]
    own = staff_client.get(reverse("indicators:my_work")).context["submitted"]
    outside = Reason.OUTSIDE_PERIOD.label
    for items in (review, own):
        texts = {item.pending.reference: item.objectives or item.reason for item in items}
        assert texts == {
            "OLD": f"{OLD}: 2.1",
            "NEW": f"{NEW}: 2.1",
            "NONE": f"{OLD}: {outside} · {NEW}: {outside}",
        }


def test_a_figure_without_a_plan_is_that_of_the_plan_that_has_the_target(
    initiatives: list[Record], staff_client: Client
) -> None:
    listed = list_records(staff_client, RecordKind.INITIATIVE, "?target=1.2-fields")
    assert {reference for reference, _text in listed} == {"OLD", "BOTH"}


def get_indicator(plan: str, code: str) -> Indicator:
    return Indicator.objects.get(objective__priority__plan__code=plan, code=code)


def file_by_form(client: Client, year: str, *filed: Indicator) -> Any:
    keys = [indicator.pk for indicator in filed]
    values = {
        "title": f"Actions of {year}",
        "filed_under": keys,
        "year_covered": year,
        "issued_on": f"{int(year) + 1}-02",
    }
    return post_new(client, RecordKind.ACTION_REPORT, **values)


def load_filed() -> list[str]:
    """Return what the newest report is filed under."""
    report = ActionReport.objects.latest("pk")
    return [f"{indicator.plan.code}/{indicator.code}" for indicator in report.filed_under.all()]


def test_a_form_files_reports_under_the_plan_of_the_year(staff_client: Client) -> None:
    page = staff_client.get(reverse("indicators:record_create", args=["action_report"]))
    labels = [label for _key, label in page.context["form"].fields["filed_under"].choices]
    assert [label.partition(" Actions")[0] for label in labels] == [
        f"{OLD}: 3.1",
        f"{OLD}: 3.2",
        f"{NEW}: 3.1",
        f"{NEW}: 3.2",
    ]
    assert file_by_form(staff_client, "2018", get_indicator(OLD, "3.1")).status_code == 302
    assert load_filed() == [f"{OLD}/3.1"]
    assert file_by_form(staff_client, "2026", get_indicator(NEW, "3.1")).status_code == 302
    assert load_filed() == [f"{NEW}/3.1"]


def test_form_and_file_refuse_the_indicators_of_another_plan(
    staff_client: Client, officer: User
) -> None:
    for year, plan, other in (("2018", OLD, NEW), ("2026", NEW, OLD)):
        sentence = (
            f"The year {year} is in the plan {plan}, not in {other}. "
            "Choose from that plan, or correct the year."
        )
        both = get_indicator(plan, "3.2"), get_indicator(other, "3.1")
        refused = file_by_form(staff_client, year, *both)
        assert refused.status_code == 400
        assert refused.context["form"].errors["filed_under"] == [sentence]
        text = f"reference,title,filed_under,year_covered\nR,x,{other}/3.1;3.2,{year}\n"
        problems = [str(one) for one in check("action_report", text, officer).outcome.problems]
        assert [problem.partition(": ")[2] for problem in problems] == [sentence]


def test_a_year_of_no_plan_is_not_refused(staff_client: Client) -> None:
    assert file_by_form(staff_client, "2016", get_indicator(OLD, "3.1")).status_code == 302
    page = open_record(staff_client, ActionReport.objects.get())
    assert {reason for _plan, _code, reason in get_contributions(page)} == {Reason.OUTSIDE_PERIOD}


def test_a_file_means_the_indicator_of_the_plan_of_its_year(officer: User) -> None:
    checked = check(
        "action_report",
        "reference,title,filed_under,year_covered,issued_on\n"
        "R1,Actions of 2018,3.1;3.2,2018,2019-02\n"
        "R2,Actions of 2026,3.1,2026,2027-02\n",
        officer,
    )
    assert not list(checked.outcome.problems)
    notices = " ".join(map(str, checked.outcome.notices))
    for plan in (OLD, NEW):
        assert f"“3.1” was read as {plan}/3.1 (3.1 Actions" in notices
    checked.write()
    filed = {
        report.reference: {f"{row.plan.code}/{row.code}" for row in report.filed_under.all()}
        for report in ActionReport.objects.all()
    }
    assert filed == {"R1": {f"{OLD}/3.1", f"{OLD}/3.2"}, "R2": {f"{NEW}/3.1"}}


def test_a_file_without_the_year_takes_it_from_the_record(officer: User, staff: User) -> None:
    make_record(
        "action_report", reference="R", year_covered="2018", filed_under=[], entered_by=staff
    )
    check("action_report", "reference,filed_under\nR,3.1\n", officer).write()
    assert load_filed() == [f"{OLD}/3.1"]
    moved = check("action_report", "reference,year_covered\nR,2026\n", officer)
    assert "The year 2026 is in the plan repeat-plan" in str(next(moved.outcome.problems))


def test_a_file_written_before_there_was_a_second_plan_is_unchanged(
    officer: User, staff: User
) -> None:
    record = make_record(
        "action_report", reference="R", year_covered="2018", issued_on=None, entered_by=staff
    )
    record.filed_under.set([get_indicator(OLD, "3.1")])
    text = "reference,title,filed_under,year_covered,issued_on\n"
    text += f"R,{record.title},3.1,2018,\n"
    checked = check("action_report", text, officer)
    assert [row.state for row in checked.outcome.rows] == [RowStatus.UNCHANGED]


def test_without_a_year_a_file_is_asked_which_plan_it_means(officer: User) -> None:
    text = "reference,title,filed_under\nR,x,3.1\n"
    problem = str(next(check("action_report", text, officer).outcome.problems))
    assert f"“3.1” may mean any of these: {OLD}/3.1, {NEW}/3.1. Write the code." in problem


def test_a_report_is_named_and_counted_with_the_plan_that_it_is_filed_under(
    later_plan: Plan, staff: User, staff_client: Client
) -> None:
    record = make_approved(
        "action_report",
        year_covered="2018",
        issued_on="2019-02",
        filed_under=[],
        entered_by=staff,
    )
    record.filed_under.set([get_indicator(NEW, "3.1")])
    page = open_record(staff_client, record)
    # Its year is one of the old plan, whose own 3.1 it is not filed under.
    assert get_contributions(page) == [
        (OLD, "3.1-report", Reason.OTHER_INDICATOR),
        (OLD, "3.2-report", Reason.OTHER_INDICATOR),
    ]
    assert f"{NEW}: 3.1 Actions taken" in text_of(tree_of(page))
    record.filed_under.set([get_indicator(OLD, "3.1")])
    page = open_record(staff_client, record)
    assert get_contributions(page)[0] == (OLD, "3.1-report", None)
    assert f"{OLD}: 3.1 Actions taken" in text_of(tree_of(page))


def test_a_target_without_a_plan_is_that_of_the_plan_that_has_it(staff_client: Client) -> None:
    for code, plan in (("1.2-fields", OLD), ("1.1-initiatives", NEW)):
        page = staff_client.get(reverse("reporting:target", args=[code]))
        assert page.status_code == 200
        assert page.context["selection"].plan.code == plan


def test_the_page_of_a_plan_leads_to_its_own_figures(staff_client: Client) -> None:
    page = tree_of(staff_client.get(reverse("strategy:plan"), {"plan": OLD}))
    figures = [
        link
        for link in links_in(page)
        if link.startswith(("/targets/", reverse("reporting:summary")))
        and not link.endswith(reverse("reporting:summary"))
    ]
    assert len(figures) >= 15
    assert {link.partition("?")[2] for link in figures} == {f"plan={OLD}"}


def test_an_empty_figure_leads_back_to_its_own_plan_and_day(staff_client: Client) -> None:
    query = f"?target=1.1-initiatives&plan={OLD}&as_of=2018-12-31"
    page = staff_client.get(reverse("indicators:record_list", args=["initiative"]) + query)
    back = reverse("reporting:target", args=["1.1-initiatives"])
    assert f"{back}?plan={OLD}&as_of=2018-12-31" in links_in(tree_of(page))


def test_the_draft_of_a_year_is_that_of_the_plan_that_has_the_year(officer_client: Client) -> None:
    for year, plan in (("2018", OLD), ("2025", NEW)):
        page = officer_client.get(reverse("reporting:draft_edit", args=[year, 1]))
        assert page.status_code == 200
        assert f"plan={plan}" in page.context["plan_query"]


def test_what_is_exported_with_two_plans_is_read_back_as_unchanged(
    officer: User, officer_client: Client, staff: User
) -> None:
    for reference, year, plan in (("OLD", "2018", OLD), ("NEW", "2026", NEW)):
        record = make_record(
            "action_report",
            reference=reference,
            title=f"Actions of {year}",
            year_covered=year,
            filed_under=[],
            entered_by=staff,
        )
        record.filed_under.set([get_indicator(plan, "3.1"), get_indicator(plan, "3.2")])
    address = reverse("indicators:record_export", args=["action_report", "csv"])
    response = officer_client.get(address, {"year": "2018"})
    text = b"".join(response).decode("utf-8-sig")  # type: ignore[arg-type]
    assert f"{OLD}/3.1" in text
    assert f"{OLD}/3.2" in text
    assert NEW not in text
    checked = check("action_report", text, officer)
    assert [row.state for row in checked.outcome.rows] == [RowStatus.UNCHANGED]


def test_the_cost_of_a_list_is_the_same_with_two_plans(
    initiatives: list[Record], staff_client: Client
) -> None:
    address = reverse("indicators:record_list", args=["initiative"])
    numbers = []
    for _plans in range(2):
        with CaptureQueriesContext(connection) as queries:
            assert staff_client.get(address).status_code == 200
        numbers.append(len(queries))
        Plan.objects.filter(code=NEW).delete()
    assert numbers[0] == numbers[1]

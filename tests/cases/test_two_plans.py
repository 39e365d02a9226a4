"""Two plans, 2017-2020 and 2025-2028: records answer to the plans of their dates."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from indicators.models import Record
from strategy.choices import Reason, RecordKind
from strategy.models import Plan, User
from tests.factories import make_approved, make_record
from tests.support.html_tree import links_in, text_of, tree_of
from tests.support.samples.form_answers import answers

pytestmark = pytest.mark.usefixtures("later_plan")

OLD, NEW = "2017-2020", "2025-2028"


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
        "BOTH": f"{OLD}: 1.1, 1.2 · {NEW}: 1.1",
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

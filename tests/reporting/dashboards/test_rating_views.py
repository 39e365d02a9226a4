"""Rating overrides in the browser: permissions, the form, and the pages after it."""

import csv
import io
import json
from typing import Any
from xml.etree.ElementTree import Element

import openpyxl
import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from reporting.models import RatingOverride
from strategy.models import Plan, User
from tests.factories import make_approved
from tests.support.html_tree import links_in, text_of, tree_of, with_class

CODE = "2.3-networks"
DAY = "2018-12-31"
QUERY = f"?plan=2017-2020&as_of={DAY}"
REASON = "=Two networks <signed> in January."


def address(code: str = CODE) -> str:
    return reverse("reporting:rating_override", kwargs={"code": code}) + QUERY


def page(client: Client, name: str, **kwargs: Any) -> Element:
    return tree_of(client.get(reverse(f"reporting:{name}", kwargs=kwargs) + QUERY))


def answers(**values: Any) -> dict[str, Any]:
    given = {"rating": "at_risk", "reason": REASON, "confirmed": "on", "seen": ""}
    return {**given, **values}


@pytest.fixture(autouse=True)
def network(plan: Plan) -> None:
    make_approved("network", starts_on="2017-06")


@pytest.fixture
def is_set(officer_client: Client) -> RatingOverride:
    response = officer_client.post(address(), answers())
    assert response.status_code == 302, response.content.decode()
    return RatingOverride.objects.get()


class TestSetting:
    def test_it_says_until_when_it_applies_and_what_the_rule_says(
        self, officer_client: Client
    ) -> None:
        tree = tree_of(officer_client.get(address().replace(DAY, "2018-05-31")))
        assert "figures as of 31 May 2018 to 31 December 2018" in text_of(tree)
        tree = tree_of(officer_client.get(address()))
        offered = [one.get("value") for one in tree.iter("input") if one.get("name") == "rating"]
        assert "off_track" not in offered
        assert len(offered) == 6

    @pytest.mark.parametrize(
        ("wrong", "says"),
        [
            ({"reason": "  "}, "Write why the rating differs from what the rule says."),
            ({"rating": ""}, "Choose the rating that is to stand."),
            ({"rating": "off_track"}, "Select a valid choice"),
            ({"confirmed": ""}, "Tick the box to set the rating, or leave this page."),
        ],
        ids=str,
    )
    def test_what_is_missing_is_said_and_what_was_typed_is_kept(
        self, officer_client: Client, wrong: dict[str, str], says: str
    ) -> None:
        tree = tree_of(officer_client.post(address(), answers(**wrong)), 400)
        assert text_of(next(tree.iter("title"))).startswith("Error:")
        assert says in text_of(with_class(tree, "errors")[0])
        if "reason" not in wrong:
            assert REASON in text_of(tree)
        assert not RatingOverride.objects.exists()

    @pytest.mark.parametrize(
        ("day", "says"), [("2016-05-01", "has not begun"), ("2190-05-01", "has not come")]
    )
    def test_no_day_before_the_plan_and_none_to_come(
        self, officer_client: Client, day: str, says: str
    ) -> None:
        where = address().replace(DAY, day)
        assert not list(tree_of(officer_client.get(where)).iter("textarea"))
        assert says in text_of(tree_of(officer_client.post(where, answers()), 400))
        assert not RatingOverride.objects.exists()

    def test_of_two_officers_at_once_the_second_reads_the_first(
        self, officer_client: Client, is_set: RatingOverride
    ) -> None:
        tree = tree_of(officer_client.post(address(), answers(rating="achieved")), 400)
        assert "changed by somebody else meanwhile" in text_of(tree)
        assert RatingOverride.objects.count() == 1
        [seen] = [one for one in tree.iter("input") if one.get("name") == "seen"]
        assert seen.get("value") == str(is_set.pk)

    @pytest.mark.parametrize("who", ["staff", "manager", "board"])
    def test_only_an_officer_may(
        self, who: str, request: pytest.FixtureRequest, is_set: RatingOverride
    ) -> None:
        client: Client = request.getfixturevalue(f"{who}_client")
        withdrawing = reverse(
            "reporting:rating_override_withdraw", kwargs={"code": CODE, "number": is_set.pk}
        )
        for where in (address(), withdrawing):
            assert client.get(where).status_code == 403
            assert client.post(where, answers()).status_code == 403
        if who != "board":
            tree = page(client, "target", code=CODE)
            assert not [link for link in links_in(tree) if "/rating/" in link]


class TestWithdrawing:
    def test_it_asks_once_more_and_then_the_rule_stands(
        self, officer_client: Client, is_set: RatingOverride, officer: User
    ) -> None:
        where = (
            reverse(
                "reporting:rating_override_withdraw", kwargs={"code": CODE, "number": is_set.pk}
            )
            + QUERY
        )
        assert where in links_in(page(officer_client, "target", code=CODE))
        tree_of(officer_client.get(where))
        is_set.refresh_from_db()
        assert is_set.withdrawn_at is None
        officer_client.post(where)
        is_set.refresh_from_db()
        assert is_set.withdrawn_by == officer
        text = text_of(page(officer_client, "target", code=CODE))
        assert "Withdrawn by Camille" in text
        assert "Set by" not in text_of(page(officer_client, "summary"))

    def test_twice_is_once(self, officer_client: Client, is_set: RatingOverride) -> None:
        where = (
            reverse(
                "reporting:rating_override_withdraw", kwargs={"code": CODE, "number": is_set.pk}
            )
            + QUERY
        )
        officer_client.post(where)
        first = RatingOverride.objects.get().withdrawn_at
        assert "withdrawn already" in officer_client.post(where, follow=True).content.decode()
        assert RatingOverride.objects.get().withdrawn_at == first

    def test_that_of_another_target_is_not_there(
        self, officer_client: Client, is_set: RatingOverride
    ) -> None:
        names = {"code": "2.3-events", "number": is_set.pk}
        assert (
            officer_client.post(
                reverse("reporting:rating_override_withdraw", kwargs=names)
            ).status_code
            == 404
        )


@pytest.mark.usefixtures("is_set")
class TestBothAreShownEverywhere:
    @pytest.mark.parametrize("name", ["dashboard", "summary"])
    def test_to_the_board_too(self, board_client: Client, name: str) -> None:
        text = text_of(page(board_client, name))
        assert "At risk By the rule: Off track. Set by Camille, " in text
        assert REASON in text

    def test_the_verdict_says_how_many(self, board_client: Client) -> None:
        tree = page(board_client, "dashboard")
        assert "1 rating was set by an officer, beside what the rule says" in text_of(tree)
        assert "#set" in links_in(tree)

    def test_on_the_target_page(self, staff_client: Client) -> None:
        text = text_of(page(staff_client, "target", code=CODE))
        assert "By the rule: Off track" in text
        assert text.count(REASON) == 2
        assert "31 December 2018 Set by Camille" in text

    def test_in_csv_and_xlsx(self, board_client: Client) -> None:
        answer = board_client.get(reverse("reporting:summary_file", args=["csv"]) + QUERY)
        rows = csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))
        [row] = [row for row in rows if row["target"] == CODE]
        assert (row["rating"], row["rating_by_rule"], row["rating_set_by"]) == (
            "At risk",
            "Off track",
            "Camille",
        )
        assert row["rating_reason"] == f"'{REASON}"
        book = openpyxl.load_workbook(
            io.BytesIO(
                board_client.get(reverse("reporting:summary_file", args=["xlsx"]) + QUERY).content
            )
        )
        cells = [cell.value for line in book.worksheets[0].iter_rows() for cell in line]
        assert REASON in cells

    def test_in_the_json_only_where_there_is_one(self) -> None:
        out = io.StringIO()
        call_command("results", "--as-of", DAY, "--format", "json", stdout=out)
        targets = [
            target
            for objective in json.loads(out.getvalue())["objectives"]
            for target in objective["targets"]
        ]
        [overridden] = [target for target in targets if "override" in target]
        assert overridden["code"] == CODE
        assert (overridden["rating"], overridden["calculated_rating"]) == ("at_risk", "off_track")
        assert set(overridden["override"]) == {"reason", "by", "at"}
        assert not any("calculated_rating" in one for one in targets if one is not overridden)

"""Old figures in the texts of a correction are confirmed or changed before it is issued."""

from datetime import UTC, datetime
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from reporting.annual_report.drafting.proposal import build_proposal
from reporting.annual_report.drafting.stale_numbers import StaleNumber, find_numbers
from reporting.annual_report.drafting.texts import DraftTextKey, get_draft, save_text
from reporting.annual_report.issuing import IssueRejected, issue_annual_report
from reporting.models import AnnualReport, DraftTextType
from strategy.models import Plan, User
from tests.factories import make_approved

MARCH_2019 = datetime(2019, 3, 14, 15, 0, tzinfo=UTC)
MAY_2019 = datetime(2019, 5, 2, 15, 0, tzinfo=UTC)
REASON = {"en": "One record was entered late."}
SUMMARY = {
    "en": "The same 13 initiatives in 12 countries.",
    "fr": "Les mêmes 13 initiatives dans 12 pays.",
    "es": "Las mismas 13 iniciativas en 12 países.",
    "ar": "المبادرات نفسها وعددها ١٣ في ١٢ بلدًا.",
}
COUNTRIES = ("NE", "SN", "TG", "BF", "CI", "ML", "MG", "BI", "CM", "TD", "CD", "BJ")


def write(plan: Plan, by: User, version: int, texts: dict[str, str], **key: str) -> None:
    draft = get_draft(plan, "2018", version)
    part = DraftTextType(key.get("part", "summary"))
    for language, text in texts.items():
        place = DraftTextKey(part, language, key.get("target", ""))
        save_text(draft, place, text, by=by, at=MAY_2019, seen_version=0)


@pytest.fixture
def first(plan: Plan, officer: User) -> AnnualReport:
    for country in (*COUNTRIES, "NE"):
        make_approved("initiative", countries=[country], fields_of_activity=["justice"])
    write(plan, officer, 1, SUMMARY)
    return issue_annual_report(plan, "2018", officer, MARCH_2019)


@pytest.fixture
def late(first: AnnualReport) -> AnnualReport:
    """A fourteenth initiative, in a country that has one already."""
    make_approved("initiative", countries=["NE"], fields_of_activity=["justice"])
    return first


def find(plan: Plan, by: User) -> tuple[StaleNumber, ...]:
    return build_proposal(get_draft(plan, "2018", 2), by, MAY_2019, REASON).stale


def test_old_numbers_are_found_in_every_language(late: AnnualReport, officer: User) -> None:
    stale = [one for one in find(late.plan, officer) if one.text in ("13", "١٣")]
    assert [(one.language, one.text) for one in stale] == [
        ("en", "13"),
        ("fr", "13"),
        ("es", "13"),
        ("ar", "١٣"),
    ]
    figure = next(one for one in stale[0].figures if one.of == "1.1-initiatives")
    assert (figure.old, figure.new) == (13, 14)
    assert stale[0].snippet == "The same 13 initiatives in 12 countries."


def test_a_figure_that_did_not_change_is_not_listed(late: AnnualReport, officer: User) -> None:
    """Twelve countries are still twelve."""
    listed = [one for one in find(late.plan, officer) if one.text == "12"]
    assert all(figure.of != "1.1-countries" for one in listed for figure in one.figures)


def test_issuing_is_refused_until_each_number_is_confirmed_or_changed(
    late: AnnualReport, officer: User
) -> None:
    def issue(keys: list[str] | None) -> AnnualReport:
        return issue_annual_report(
            late.plan,
            "2018",
            officer,
            MAY_2019,
            version=2,
            correction=REASON,
            accepted_numbers=keys,
        )

    with pytest.raises(IssueRejected) as refusal:
        issue([])
    assert refusal.value.has_numbers
    told = str(refusal.value)
    assert "“The same 13 initiatives in 12 countries.”" in told
    assert "1.1-initiatives" in told
    assert "13, now 14" in told
    keys = [one.key for one in find(late.plan, officer)]
    with pytest.raises(IssueRejected):
        issue(keys[1:])
    rewritten = {
        code: text.replace("13", "14").replace("١٣", "١٤") for code, text in SUMMARY.items()
    }
    write(late.plan, officer, 2, rewritten)
    keys = [one.key for one in find(late.plan, officer)]
    assert all(one.text not in ("13", "١٣") for one in find(late.plan, officer))
    assert issue(keys).narrative["summary"] == rewritten


def test_a_confirmation_is_of_the_figures_that_were_shown(
    late: AnnualReport, officer: User
) -> None:
    keys = [one.key for one in find(late.plan, officer)]
    make_approved("initiative", countries=["NE"], fields_of_activity=["justice"])
    assert not {one.key for one in find(late.plan, officer) if one.text == "13"} & set(keys)


def test_comments_are_searched_and_reasons_are_not(late: AnnualReport, officer: User) -> None:
    target = "1.1-initiatives"
    write(late.plan, officer, 2, {"en": "Only 13."}, part="comment", target=target)
    write(late.plan, officer, 2, {"en": "It said 13."}, part="reason", target=target)
    found = {(one.part, one.snippet) for one in find(late.plan, officer) if one.language == "en"}
    assert (target, "Only 13.") in found
    assert not any("It said" in snippet for _part, snippet in found)


def test_the_command_refuses_without_accept_numbers(
    late: AnnualReport, officer: User, fake_pdf: None
) -> None:
    def run(*more: str) -> str:
        out, how = StringIO(), ["--plan", "2017-2020", "--year", "2018", "--user", officer.username]
        call_command("issue_report", *how, "--correction", "Late.", *more, stdout=out, stderr=out)
        return out.getvalue()

    with pytest.raises(CommandError, match="--accept-numbers") as refusal:
        run()
    assert "13, now 14" in str(refusal.value)
    assert AnnualReport.objects.count() == 1
    assert "version 2: issued" in run("--accept-numbers")


def test_the_page_lists_them_and_issues_with_each_ticked(
    late: AnnualReport, officer: User, officer_client: Client
) -> None:
    write(late.plan, officer, 2, REASON, part="correction")
    address = "/reports/issue/?plan=2017-2020&year=2018&version=2"
    page = officer_client.get(address).content.decode()
    assert "The same 13 initiatives in 12 countries." in page
    assert "13, now 14" in page
    assert "language=ar#summary" in page
    keys = [one.key for one in find(late.plan, officer)]
    assert all(key in page for key in keys)
    answer = officer_client.post(address, {"confirmed": "on", "numbers": keys[1:]})
    assert answer.status_code == 400
    assert "Tick each number that is right, or change its text." in answer.content.decode()
    assert AnnualReport.objects.count() == 1
    answer = officer_client.post(address, {"confirmed": "on", "numbers": keys})
    assert answer.status_code == 302
    assert AnnualReport.objects.count() == 2


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("13 initiatives, 12 countries", [["13"], ["12"]]),
        ("30,4 % or 30.4%", [["30.4"], ["30.4"]]),
        ("١٣ و٣٠٫٤", [["13"], ["30.4"]]),
        ("12 345 people, 1\u202f234", [["12345"], ["1234"]]),
        ("In 2018 13 of them", [["2018"], ["13"]]),
        ("1,234 people", [["1234", "1.234"]]),
        ("No number.", []),
    ],
)
def test_numbers_are_read_as_people_write_them(text: str, values: list[list[str]]) -> None:
    expected = [[Decimal(value) for value in options] for options in values]
    assert [read for _text, _snippet, read in find_numbers(text)] == expected

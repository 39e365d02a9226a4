"""Each change of a target is said in one sentence: from what to what, from which day, and why."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.test import Client
from django.utils.translation import override

from reporting.annual_report.issuing import issue_annual_report
from reporting.annual_report.pdf import document
from reporting.annual_report.snapshot.reader import load_rows
from reporting.wording.change_notes import ChangeNote, list_version_notes, list_versions
from strategy.models import Plan, Target, TargetVersion, User
from tests.support.html_tree import text_of, tree_of
from tests.support.samples.target_versions import add_version

MARCH_2020 = datetime(2020, 3, 14, 15, 0, tzinfo=UTC)
SENTENCE = "Target changed from 50 to 40 on 1 March 2019: Fewer funds"


@pytest.fixture
def version(plan: Plan) -> TargetVersion:
    return add_version(
        "1.1-initiatives",
        "2019-03-01",
        minimum=Decimal(40),
        statement_en="40 initiatives",
        reason="Fewer funds",
        document="https://www.example.org/minutes/12",
    )


def load(code: str) -> Target:
    return Target.objects.with_rules().get(code=code)


def test_from_what_to_what_and_why(version: TargetVersion) -> None:
    [note] = list_version_notes(load("1.1-initiatives"), date(2019, 3, 1))
    assert note.lead + note.reason == SENTENCE
    assert (note.document_name, note.has_link) == ("example.org", True)
    assert not note.restatement
    assert list(list_version_notes(load("1.1-initiatives"), date(2019, 2, 28))) == []


def test_a_range_and_a_percentage_have_their_signs(plan: Plan) -> None:
    add_version("3.3-budget", "2019-03-01", maximum=Decimal(25))
    [note] = list_version_notes(load("3.3-budget"), date(2019, 3, 1))
    assert note.text == "Target changed from 10–20\u00a0% to 10–25\u00a0% on 1 March 2019."


def test_a_version_of_the_same_range_is_a_change_too(plan: Plan) -> None:
    add_version("1.1-initiatives", "2019-03-01", rule_en="Another rule", reason="Clearer words")
    [note] = list_version_notes(load("1.1-initiatives"), date(2019, 3, 1))
    assert note.text == "Target changed on 1 March 2019: Clearer words"


def test_a_version_of_a_later_day_is_announced(version: TargetVersion) -> None:
    (_first, nothing), (_second, note) = list_versions(load("1.1-initiatives"), date(2018, 12, 31))
    assert nothing is None
    assert note is not None
    assert note.sentence == "Target changes from 50 to 40 on 1 March 2019"


@pytest.mark.parametrize(
    ("entered", "said"),
    [
        ("2019-03-01", ""),
        ("2019-02-01", ""),
        ("2019-06-03", "Restatement: entered on 3 June 2019."),
    ],
)
def test_a_day_in_the_past_is_a_restatement(
    version: TargetVersion, entered: str, said: str
) -> None:
    version.created_at = datetime.fromisoformat(f"{entered}T16:00:00+00:00")
    version.save()
    [note] = list_version_notes(load("1.1-initiatives"), date(2019, 12, 31))
    assert note.restatement == said


def test_a_reason_in_another_direction_is_marked() -> None:
    with override("ar"):
        assert ChangeNote("تغيّرت", "Fewer funds").direction == "ltr"
        assert ChangeNote("تغيّرت", "أموال أقل").direction == ""
    assert ChangeNote("Target changed", "أموال أقل").direction == "rtl"
    assert ChangeNote("Target changed", "").direction == ""


def test_target_page_and_summary_say_it(version: TargetVersion, manager_client: Client) -> None:
    for url in ("/targets/1.1-initiatives/", "/summary/"):
        page = manager_client.get(url, {"as_of": "2019-12-31"})
        assert SENTENCE in text_of(tree_of(page))
        assert 'href="https://www.example.org/minutes/12"' in page.content.decode()
    before = manager_client.get("/summary/", {"as_of": "2019-02-28"})
    assert "Target changed" not in before.content.decode()


def test_the_next_report_says_it_and_the_one_before_does_not(
    version: TargetVersion, plan: Plan, officer: User, board_client: Client
) -> None:
    for year in ("2018", "2019"):
        report = issue_annual_report(plan, year, officer, MARCH_2020)
        page = text_of(tree_of(board_client.get(f"/reports/{year}/1/page/")))
        html = " ".join(document.render_html(load_rows(report), "en").split())
        number = text_of(tree_of(board_client.get(f"/reports/{year}/1/?target=1.1-initiatives")))
        for text in (page, html, number):
            assert (SENTENCE in text) == (year == "2019"), year


def test_an_unsafe_document_is_no_link(version: TargetVersion, manager_client: Client) -> None:
    version.document = "javascript:alert(1)"
    version.save()
    page = manager_client.get("/targets/1.1-initiatives/").content.decode()
    assert "<bdi>javascript:alert(1)</bdi>" in page
    assert 'href="javascript' not in page

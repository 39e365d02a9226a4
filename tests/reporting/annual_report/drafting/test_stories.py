"""Results stories: a short text a priority, written in the draft, checked, sealed, on page one."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from django.test import Client

from reporting.annual_report.drafting.proposal import build_proposal
from reporting.annual_report.drafting.texts import (
    DraftTextKey,
    TextRejected,
    get_draft,
    load_texts,
    save_text,
)
from reporting.annual_report.issuing import issue_annual_report
from reporting.annual_report.pdf import document
from reporting.annual_report.sealing.keys import list_trusted_keys
from reporting.annual_report.sealing.seals import (
    SealFault,
    SealProblem,
    find_seal_problem,
    load_sealed_rows,
)
from reporting.models import AnnualReport, DraftTextType, NarrativeText
from strategy.models import Plan, User
from tests.factories import make_approved
from tests.support.html_tree import text_of, tree_of

MARCH_2019 = datetime(2019, 3, 14, 15, 0, tzinfo=UTC)
STORY = "Police in Senegal hear children with care. 13 schools teach it."
KEY = DraftTextKey(DraftTextType.STORY, "en", "1")


def write(plan: Plan, by: User, text: str, key: DraftTextKey = KEY, version: int = 1) -> None:
    save_text(get_draft(plan, "2018", version), key, text, by=by, at=MARCH_2019, seen_version=0)


@pytest.fixture
def report(plan: Plan, officer: User) -> AnnualReport:
    make_approved("initiative", countries=["SN"])
    write(plan, officer, STORY)
    return issue_annual_report(plan, "2018", officer, MARCH_2019)


@pytest.mark.parametrize(
    ("key", "text", "said"),
    [
        (KEY, "word " * 121, "A story may have 120 words; this has 121"),
        (KEY, "Aminata, 12 years old, was heard by the police.", "Aminata"),
        (replace(KEY, target=""), STORY, "for which target"),
        (replace(KEY, target="9"), STORY, "no place in the report"),
        (replace(KEY, target="1.1-initiatives"), STORY, "no place in the report"),
    ],
)
def test_a_story_that_cannot_be_saved(
    key: DraftTextKey, text: str, said: str, plan: Plan, officer: User
) -> None:
    with pytest.raises(TextRejected, match=said):
        write(plan, officer, text, key)
    assert not NarrativeText.objects.exists()


def test_a_story_of_120_words_is_saved(plan: Plan, officer: User) -> None:
    write(plan, officer, "word " * 120)
    assert NarrativeText.objects.get().target == "1"


def test_a_story_is_sealed_with_its_priority(report: AnnualReport) -> None:
    rows, trusted = load_sealed_rows(AnnualReport.objects.get()), list_trusted_keys()
    assert [row.story for row in rows.priorities] == [{"en": STORY}, None, None]
    assert find_seal_problem(rows, trusted) is None
    rows.priorities[0].story = {"en": "Another"}
    assert find_seal_problem(rows, trusted) == SealProblem(SealFault.ROW_CHANGED, ("priority", "1"))


def test_a_correction_starts_from_the_story_and_may_change_it(
    report: AnnualReport, plan: Plan, officer: User
) -> None:
    second = get_draft(plan, "2018", 2)
    assert load_texts(second)[KEY].text == STORY
    why = {"en": "One was wrong."}
    assert not build_proposal(second, officer, MARCH_2019, why).is_rewritten
    write(plan, officer, "Another story.", version=2)
    assert build_proposal(get_draft(plan, "2018", 2), officer, MARCH_2019, why).is_rewritten


def test_a_number_of_a_story_that_is_old_is_found(plan: Plan, officer: User) -> None:
    for _number in range(13):
        make_approved("initiative", countries=["SN"])
    write(plan, officer, STORY)
    issue_annual_report(plan, "2018", officer, MARCH_2019)
    make_approved("initiative", countries=["SN"])
    why = {"en": "One came late."}
    [stale] = build_proposal(get_draft(plan, "2018", 2), officer, MARCH_2019, why).stale
    assert (stale.text, stale.anchor) == ("13", "story:1")
    assert stale.label.startswith("1. ")


def test_page_one_begins_with_the_first_sentence(
    report: AnnualReport, board_client: Client
) -> None:
    page = tree_of(board_client.get("/reports/2018/1/page/"))
    text = text_of(page)
    assert text.index("Police in Senegal hear children with care.") < text.index("at a glance")
    assert text.count("13 schools teach it.") == 1, "the whole story stands with its priority"
    paper = document.render_html(load_sealed_rows(AnnualReport.objects.get()), "en")
    assert paper.count("Police in Senegal hear children with care.") == 2
    assert paper.count("13 schools teach it.") == 1


def test_an_officer_writes_it_on_the_page_of_the_draft(plan: Plan, officer_client: Client) -> None:
    address = "/reports/2018/1/draft/?language=en"
    page = officer_client.get(address)
    assert "Words:" in page.content.decode()
    name = "story:2"
    sent = {f"text:{name}": STORY, f"seen:{name}": "0", f"mark:{name}": ""}
    assert officer_client.post(address, sent).status_code == 302
    assert NarrativeText.objects.get().target == "2"
    text = text_of(tree_of(officer_client.get(address)))
    assert "Words: 11 / 120" in text

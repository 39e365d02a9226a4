"""Several officers at one report in one instant: no text is lost, and it is issued once."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.db import connection, transaction

from reporting.annual_report import issuing
from reporting.annual_report.drafting import texts
from reporting.annual_report.drafting.texts import (
    DraftText,
    DraftTextKey,
    TextRejected,
    get_draft,
    load_texts,
    save_text,
)
from reporting.annual_report.issuing import issue_annual_report
from reporting.models import (
    AnnualReport,
    DraftTextType,
    EarlierText,
    NarrativeText,
    ReportDraft,
    ReportedActual,
)
from strategy.choices import Role
from strategy.models import Plan, User
from tests.conftest import client_of
from tests.factories import make_approved, make_user
from tests.support.concurrency import Run, kinds

MARCH_2019 = datetime(2019, 3, 14, 15, 0, tzinfo=UTC)
SUMMARY = DraftTextKey(DraftTextType.SUMMARY, "en")
OFFICERS = 12
Stored = tuple[str, int, int]

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def officers(plan: Plan) -> list[User]:
    return [make_user(Role.OFFICER) for _person in range(OFFICERS)]


def stored() -> Stored:
    """The text as it now stands, its version, and how many earlier texts are kept."""
    row = NarrativeText.objects.get()
    return row.text, row.version, EarlierText.objects.count()


def saves_at_once(
    plan: Plan, officers: list[User], at_once: Run, seen: int
) -> tuple[list[object], Stored]:
    """Everybody saves a text of their own in one place: what each came to, and what is stored."""

    def save(place: int) -> DraftText:
        draft, words = get_draft(plan, "2018", 1), f"Text of {place}"
        return save_text(
            draft, SUMMARY, words, by=officers[place], at=MARCH_2019, seen_version=seen
        )

    outcomes = at_once(len(officers), save)
    [kept] = at_once(1, lambda _place: stored())
    assert isinstance(kept, tuple), kept
    return outcomes, kept


def check_that_one_succeeds(outcomes: list[object], kept: Stored, seen: int) -> None:
    assert kinds(outcomes) == {"DraftText": 1, "ConcurrentTextEdit": OFFICERS - 1}, outcomes
    winner = next(outcome for outcome in outcomes if isinstance(outcome, DraftText))
    assert kept == (winner.text, seen + 1, seen)
    others = [outcome for outcome in outcomes if isinstance(outcome, texts.ConcurrentTextEdit)]
    assert {other.current.text for other in others} == {winner.text}, "they are given what stands"


@pytest.mark.parametrize("seen", [0, 1], ids=["nothing_written_yet", "written_before"])
def test_of_officers_saving_one_text_at_once_one_succeeds_and_the_others_are_given_it(
    seen: int, plan: Plan, officer: User, officers: list[User], at_once: Run
) -> None:
    if seen:
        first = get_draft(plan, "2018", 1)
        save_text(first, SUMMARY, "The day before", by=officer, at=MARCH_2019, seen_version=0)
    check_that_one_succeeds(*saves_at_once(plan, officers, at_once, seen), seen)


def test_with_the_check_off_the_same_test_fails(
    plan: Plan,
    officer: User,
    officers: list[User],
    at_once: Run,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The control: nobody looks at the version, and what others wrote is written over."""
    checked = texts._update_text
    first = get_draft(plan, "2018", 1)
    save_text(first, SUMMARY, "The day before", by=officer, at=MARCH_2019, seen_version=0)
    monkeypatch.setattr(
        texts,
        "_update_text",
        lambda current, values, _seen: checked(current, values, current.version),
    )
    outcomes, kept = saves_at_once(plan, officers, at_once, 1)
    assert kinds(outcomes)["DraftText"] > 1
    with pytest.raises(AssertionError):
        check_that_one_succeeds(outcomes, kept, 1)


def test_texts_of_different_places_saved_at_once_all_stand(
    plan: Plan, officers: list[User], at_once: Run
) -> None:
    """The other control: it is the same text that two cannot save, and not the same draft."""
    places = [
        DraftTextKey(part, language)
        for part in (DraftTextType.SUMMARY, DraftTextType.RISKS, DraftTextType.LESSONS)
        for language in ("en", "fr", "es", "ar")
    ]

    def save(place: int) -> DraftText:
        draft = get_draft(plan, "2018", 1)
        by, at = officers[place], MARCH_2019
        return save_text(draft, places[place], f"Text of {place}", by=by, at=at, seen_version=0)

    assert kinds(at_once(OFFICERS, save)) == {"DraftText": OFFICERS}

    def written(_place: int) -> dict[DraftTextKey, str]:
        texts = load_texts(get_draft(plan, "2018", 1))
        return {place: text.text for place, text in texts.items()}

    expected = {place: f"Text of {number}" for number, place in enumerate(places)}
    assert at_once(1, written) == [expected]
    assert at_once(1, lambda _place: ReportDraft.objects.count()) == [1]


@pytest.fixture
def in_march_2019() -> Iterator[None]:
    with time_machine.travel(MARCH_2019, tick=True):
        yield


@pytest.mark.usefixtures("in_march_2019")
@pytest.mark.parametrize(
    ("address", "name", "done"),
    [
        ("/reports/2018/1/draft/text/?plan=2017-2020&language=en", "text", 200),
        ("/reports/2018/1/draft/?plan=2017-2020&language=en", "text:summary", 302),
    ],
    ids=["while_writing", "by_the_button"],
)
def test_of_forms_sent_at_once_one_is_saved_and_the_others_are_told(
    address: str, name: str, done: int, officers: list[User], at_once: Run
) -> None:
    browsers = [client_of(person) for person in officers]

    def send(place: int) -> int:
        form = {name: f"Text of {place}", "name": "summary", "seen": "0", "seen:summary": "0"}
        status: int = browsers[place].post(address, form).status_code
        return status

    assert Counter(at_once(OFFICERS, send)) == {done: 1, 409: OFFICERS - 1}
    [kept] = at_once(1, lambda _place: stored())
    assert isinstance(kept, tuple), kept
    assert kept[1:] == (1, 0)


@pytest.mark.parametrize(
    ("years", "made"),
    [(["2018"] * 6, 1), (["2017", "2018"] * 3, 2)],
    ids=["one_year", "two_years_the_control"],
)
def test_of_several_issues_at_once_each_year_s_report_is_made_once_and_whole(
    years: list[str], made: int, plan: Plan, officers: list[User], at_once: Run
) -> None:
    make_approved("initiative", countries=["NE"], fields_of_activity=["justice"])

    def issued(place: int) -> AnnualReport:
        return issue_annual_report(plan, years[place], officers[place], MARCH_2019)

    outcomes = at_once(len(years), issued)
    assert kinds(outcomes) == {"AnnualReport": made, "IssueRejected": len(years) - made}, outcomes
    told = [str(outcome) for outcome in outcomes if isinstance(outcome, issuing.IssueRejected)]
    assert all("already issued" in sentence for sentence in told), told
    reports = at_once(1, lambda _place: sorted(AnnualReport.objects.values_list("year", flat=True)))
    assert reports == [sorted(set(years))]
    assert at_once(1, lambda _place: ReportedActual.objects.count()) == [14 * made]


@pytest.mark.usefixtures("in_march_2019")
def test_of_two_who_press_issue_at_once_one_has_issued_it_and_one_is_told(
    plan: Plan, officers: list[User], at_once: Run
) -> None:
    browsers = [client_of(person) for person in officers[:2]]

    def send(place: int) -> tuple[int, bool]:
        address = "/reports/issue/?plan=2017-2020&year=2018&version=1"
        answer = browsers[place].post(address, {"confirmed": "on"})
        return answer.status_code, "already issued" in answer.content.decode()

    outcomes = at_once(2, send)
    assert set(outcomes) == {(302, False), (400, True)}, outcomes
    assert at_once(1, lambda _place: AnnualReport.objects.count()) == [1]


Meeting = Callable[[User, User], tuple[list[object], str]]


@pytest.fixture
def met(plan: Plan, at_once: Run, monkeypatch: pytest.MonkeyPatch) -> Meeting:
    """One issues; when the texts are read and nothing is written down yet, another saves one."""
    are_read, is_saving = threading.Event(), threading.Event()
    write_down = issuing._write_down

    def writing_down(rows: Any) -> AnnualReport:
        are_read.set()
        assert is_saving.wait(10)
        # Long enough for a save that does not wait to be through before the report is there.
        threading.Event().wait(0.5)
        return write_down(rows)

    def act(place: int, issuer: User, writer: User) -> str:
        if place == 0:
            return issue_annual_report(plan, "2018", issuer, MARCH_2019).narrative["summary"]["en"]
        assert are_read.wait(10)
        is_saving.set()
        draft = get_draft(plan, "2018", 1)
        return save_text(
            draft, SUMMARY, "In the last second", by=writer, at=MARCH_2019, seen_version=1
        ).text

    def meet(issuer: User, writer: User) -> tuple[list[object], str]:
        draft = get_draft(plan, "2018", 1)
        save_text(draft, SUMMARY, "In good time", by=writer, at=MARCH_2019, seen_version=0)
        monkeypatch.setattr(issuing, "_write_down", writing_down)
        outcomes = at_once(2, lambda place: act(place, issuer, writer))
        [kept] = at_once(1, lambda _place: stored()[0])
        return outcomes, str(kept)

    return meet


def test_a_text_saved_while_the_report_is_issued_is_in_it_or_its_writer_is_told(
    officers: list[User], met: Meeting
) -> None:
    [issued, saved], kept = met(officers[0], officers[1])
    assert issued == kept == "In good time"
    assert isinstance(saved, TextRejected), saved
    assert "This version is issued" in str(saved)


def test_without_the_lock_it_would_be_neither(
    officers: list[User], met: Meeting, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control, for PostgreSQL: on SQLite no two transactions write at the same time."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite lets one write after the other whatever one asks of it")

    @contextmanager
    def unlocked() -> Iterator[None]:
        with transaction.atomic():
            yield

    monkeypatch.setattr(issuing, "_one_state_of_the_records", unlocked)
    [issued, saved], kept = met(officers[0], officers[1])
    assert (issued, saved, kept) == ("In good time", "In the last second", "In the last second")

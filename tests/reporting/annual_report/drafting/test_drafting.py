"""Writing a report: each text by itself, nothing of anybody's lost, until it is issued."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils.translation import override

from reporting.annual_report.drafting.texts import (
    ConcurrentTextEdit,
    DraftText,
    DraftTextKey,
    TextRejected,
    build_narrative,
    get_draft,
    get_next_version,
    list_coverage,
    load_texts,
    save_text,
)
from reporting.annual_report.issuing import issue_annual_report
from reporting.annual_report.snapshot.multilingual import localize_text
from reporting.models import (
    MAX_TEXT_LENGTH,
    DraftTextType,
    EarlierText,
    NarrativeSection,
    NarrativeText,
    ReportDraft,
    ReportedActual,
)
from strategy.choices import Role
from strategy.models import Plan, Target, User
from tests.factories import make_user

MARCH_2019 = datetime(2019, 3, 14, 15, 0, tzinfo=UTC)
SUMMARY = DraftTextKey(DraftTextType.SUMMARY, "en")
COMMENT = DraftTextKey(DraftTextType.COMMENT, "fr", "1.1-initiatives")


@pytest.fixture
def draft(plan: Plan) -> ReportDraft:
    return get_draft(plan, "2018", 1)


def save(
    draft: ReportDraft,
    place: DraftTextKey,
    text: str,
    by: User,
    seen_version: int = 0,
    at: datetime = MARCH_2019,
) -> DraftText:
    return save_text(draft, place, text, by=by, at=at, seen_version=seen_version)


def test_what_is_written_is_what_the_report_will_say(draft: ReportDraft, officer: User) -> None:
    save(draft, SUMMARY, " A year of work.\r\nAnd more. ", officer)
    save(draft, DraftTextKey(DraftTextType.SUMMARY, "ar"), "سنة من العمل", officer)
    save(draft, COMMENT, "Deux projets ont commencé plus tard.", officer)
    written = build_narrative(get_draft(draft.plan, "2018", 1))
    assert written.narrative == {
        NarrativeSection.SUMMARY: {"en": "A year of work.\nAnd more.", "ar": "سنة من العمل"}
    }
    assert written.comments == {"1.1-initiatives": {"fr": "Deux projets ont commencé plus tard."}}
    assert (written.correction, written.reasons) == ({}, {})


def test_nothing_written_is_no_draft(draft: ReportDraft, officer: User) -> None:
    assert draft.pk is None
    assert load_texts(draft) == {}
    save(draft, SUMMARY, "  ", officer)
    assert not NarrativeText.objects.exists()


def test_each_save_is_the_next_version(draft: ReportDraft, officer: User) -> None:
    assert save(draft, SUMMARY, "One", officer).version == 1
    assert save(draft, SUMMARY, "Two", officer, seen_version=1).version == 2
    assert load_texts(get_draft(draft.plan, "2018", 1))[SUMMARY].text == "Two"
    assert ReportDraft.objects.count() == 1


def test_who_saves_second_is_told_and_gets_the_other_s_text(
    draft: ReportDraft, officer: User
) -> None:
    other = make_user(Role.OFFICER, username="ines", first_name="Inès")
    save(draft, SUMMARY, "Mine", officer)
    for seen_version in (0, 7):
        with pytest.raises(ConcurrentTextEdit, match="Camille changed this text") as refusal:
            save(draft, SUMMARY, "Hers", other, seen_version=seen_version)
        assert refusal.value.current.text == "Mine"
        assert refusal.value.current.version == 1
    assert NarrativeText.objects.get().text == "Mine"
    assert save(draft, SUMMARY, "Hers", other, seen_version=1).version == 2, "the control"


def test_two_texts_never_stand_in_each_other_s_way(draft: ReportDraft, officer: User) -> None:
    other = make_user(Role.OFFICER)
    save(draft, SUMMARY, "English", officer)
    save(draft, DraftTextKey(DraftTextType.SUMMARY, "fr"), "Français", other)
    save(draft, DraftTextKey(DraftTextType.RISKS, "en"), "Money", other)
    assert len(load_texts(get_draft(draft.plan, "2018", 1))) == 3


def test_a_repeated_save_changes_nothing(draft: ReportDraft, officer: User) -> None:
    save(draft, SUMMARY, "The answer got lost", officer)
    again = save(draft, SUMMARY, "The answer got lost\n", officer)
    assert again.version == 1
    assert not EarlierText.objects.exists()


def test_another_s_text_is_kept_when_it_is_replaced(draft: ReportDraft, officer: User) -> None:
    other = make_user(Role.OFFICER)
    save(draft, SUMMARY, "What she wrote", other)
    save(draft, SUMMARY, "What he wrote", officer, seen_version=1)
    kept = EarlierText.objects.get()
    assert (kept.text, kept.version, kept.changed_by) == ("What she wrote", 1, other)


@pytest.mark.parametrize(
    ("text", "later", "is_kept"),
    [
        ("A text that grows as it is typed", timedelta(seconds=3), False),
        ("A text that grew the next day", timedelta(days=1), True),
        ("A", timedelta(seconds=3), True),
    ],
)
def test_typing_in_one_go_is_one_change(
    text: str, later: timedelta, is_kept: bool, draft: ReportDraft, officer: User
) -> None:
    save(draft, SUMMARY, "A text that grows", officer)
    save(draft, SUMMARY, text, officer, seen_version=1, at=MARCH_2019 + later)
    assert EarlierText.objects.exists() == is_kept


@pytest.mark.parametrize("role", [None, Role.STAFF, Role.MANAGER, Role.BOARD, Role.ADMIN])
def test_only_an_officer_writes(role: Role | None, draft: ReportDraft) -> None:
    with pytest.raises(TextRejected, match="Only an M&E officer"):
        save(draft, SUMMARY, "Mine", make_user(role))
    assert not ReportDraft.objects.exists()


@pytest.mark.parametrize(
    ("place", "text", "said"),
    [
        (DraftTextKey(DraftTextType.SUMMARY, "xx"), "Mine", "no language “xx”"),
        (DraftTextKey(DraftTextType.COMMENT, "en"), "Mine", "for which target"),
        (DraftTextKey(DraftTextType.SUMMARY, "en", "1.1-initiatives"), "Mine", "for which target"),
        (SUMMARY, "a" * (MAX_TEXT_LENGTH + 1), "Shorten it"),
        (
            DraftTextKey(DraftTextType.COMMENT, "en", "9.9-nothing"),
            "Mine",
            "no place in the report",
        ),
        (DraftTextKey(DraftTextType.REASON, "en", "a" * 41), "Mine", "no place in the report"),
        (DraftTextKey(DraftTextType.COMMENT, "en", "a\0b"), "Mine", "no place in the report"),
    ],
)
def test_what_cannot_be_saved_is_said(
    place: DraftTextKey, text: str, said: str, draft: ReportDraft, officer: User
) -> None:
    with pytest.raises(TextRejected, match=said):
        save(draft, place, text, officer)
    assert not NarrativeText.objects.exists()


def test_the_database_knows_a_section_from_a_comment(draft: ReportDraft, officer: User) -> None:
    draft.save()
    for part, target in (("comment", ""), ("summary", "1.1-initiatives"), ("poem", "")):
        with pytest.raises(IntegrityError), transaction.atomic():
            NarrativeText.objects.create(
                draft=draft,
                part=part,
                target=target,
                language="en",
                changed_by=officer,
                changed_at=MARCH_2019,
            )


def test_it_is_known_which_language_gets_which_text(draft: ReportDraft, officer: User) -> None:
    """Own words first, else the first language that has any; who reads the report gets the same."""
    for language in ("en", "fr", "es", "ar"):
        save(draft, DraftTextKey(DraftTextType.SUMMARY, language), "Text", officer)
    save(draft, DraftTextKey(DraftTextType.RISKS, "fr"), "Texte", officer)
    written = build_narrative(get_draft(draft.plan, "2018", 1))
    readings = list_coverage(written)
    assert all(one.is_written for one in readings[NarrativeSection.SUMMARY])
    assert [one.given_in for one in readings[NarrativeSection.RISKS]] == ["fr"] * 4
    assert [one.is_written for one in readings[NarrativeSection.RISKS]] == [
        False,
        True,
        False,
        False,
    ]
    assert {one.given_in for one in readings[NarrativeSection.LESSONS]} == {""}
    for section, cells in readings.items():
        for one in cells:
            with override(one.language):
                text = localize_text(written.narrative.get(section, {}))
            assert (text.language if text else "") == one.given_in


def test_issuing_copies_the_narrative_and_ends_the_writing(
    draft: ReportDraft, officer: User
) -> None:
    save(draft, SUMMARY, "As issued", officer)
    save(draft, COMMENT, "Commentaire", officer)
    report = issue_annual_report(draft.plan, "2018", officer, MARCH_2019)
    assert report.narrative == {"summary": {"en": "As issued"}}
    actual = ReportedActual.objects.get(code="1.1-initiatives")
    assert actual.comment == {"fr": "Commentaire"}
    with pytest.raises(TextRejected, match="This version is issued"):
        save(draft, SUMMARY, "Too late", officer, seen_version=1)
    assert NarrativeText.objects.get(part="summary").text == "As issued"
    report.refresh_from_db()
    assert report.narrative == {"summary": {"en": "As issued"}}


def test_a_correction_starts_from_what_the_version_before_says(
    draft: ReportDraft, officer: User
) -> None:
    save(draft, SUMMARY, "As issued", officer)
    save(draft, COMMENT, "Commentaire", officer)
    issue_annual_report(draft.plan, "2018", officer, MARCH_2019)
    assert get_next_version(draft.plan, "2018") == 2
    second = get_draft(draft.plan, "2018", 2)
    texts = load_texts(second)
    assert texts[SUMMARY] == DraftText("As issued")
    assert texts[COMMENT] == DraftText("Commentaire")
    assert save(second, SUMMARY, "As issued\n", officer) == DraftText("As issued"), "nothing new"
    save(second, SUMMARY, "As corrected", officer)
    save(second, COMMENT, "", officer)
    written = build_narrative(get_draft(draft.plan, "2018", 2))
    assert written.narrative == {NarrativeSection.SUMMARY: {"en": "As corrected"}}
    assert written.comments == {}


def test_a_figure_that_the_plan_has_no_more_can_still_be_remarked_on_in_its_correction(
    draft: ReportDraft, officer: User
) -> None:
    issue_annual_report(draft.plan, "2018", officer, MARCH_2019)
    Target.objects.filter(code="1.1-initiatives").update(code="1.1-processes")
    second = get_draft(draft.plan, "2018", 2)
    for code in ("1.1-initiatives", "1.1-processes"):
        assert (
            save(second, DraftTextKey(DraftTextType.REASON, "en", code), "Renamed", officer).version
            == 1
        )
    with pytest.raises(TextRejected, match="no place in the report"):
        save(second, DraftTextKey(DraftTextType.REASON, "en", "1.1-countires"), "Renamed", officer)


def test_the_rows_say_what_they_are(draft: ReportDraft, officer: User) -> None:
    save(draft, COMMENT, "Un", officer)
    save(draft, COMMENT, "Deux", make_user(Role.OFFICER), seen_version=1)
    assert str(ReportDraft.objects.get()) == "2017-2020 2018, 1"
    assert str(NarrativeText.objects.get()) == "comment 1.1-initiatives fr"
    assert str(EarlierText.objects.get()) == "comment 1.1-initiatives fr, 1"

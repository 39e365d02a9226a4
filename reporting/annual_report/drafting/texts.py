"""The texts of a report draft: reading and saving them, and the languages that are missing.

Several officers may write at the same time. Saving a text names the version that was edited; after
a concurrent edit nothing is saved and the other text is returned.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypedDict

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from indicators.safeguarding.detection import find_text_error
from reporting.annual_report.snapshot.multilingual import Narrative, resolve_language
from reporting.models import (
    MAX_STORY_WORDS,
    MAX_TEXT_LENGTH,
    PLACED_TEXT_TYPES,
    AnnualReport,
    DraftTextType,
    EarlierText,
    NarrativeSection,
    NarrativeText,
    ReportDraft,
    ReportedActual,
)
from strategy.accounts.policy import can_issue_reports
from strategy.models import Plan, Target, User
from strategy.text import normalize_text

SAME_CHANGE_WITHIN = timedelta(minutes=10)
"""Saves by the same user within this time are one change of the text."""


class _Change(TypedDict):
    text: str
    changed_by: User
    changed_at: datetime


class TextRejected(Exception):
    """The text was rejected; ``str(error)`` is shown to the user."""


class ConcurrentTextEdit(TextRejected):
    """Another user saved the text first; ``current`` is their text."""

    def __init__(self, current: "DraftText") -> None:
        super().__init__(_("%(name)s changed this text meanwhile.") % {"name": current.by})
        self.current = current


@dataclass(frozen=True)
class DraftTextKey:
    """The place of a text: its type, its language and, for some types, its target or priority."""

    part: DraftTextType
    language: str
    target: str = ""


@dataclass(frozen=True)
class DraftText:
    """A stored text. Version 0 is unsaved: the text of the report that is corrected."""

    text: str = ""
    version: int = 0
    by: User | None = None
    at: datetime | None = None


NO_TEXT = DraftText()


def get_next_version(plan: Plan, year: str) -> int:
    """Return the version of a year's report to draft: 1, or the next correction."""
    latest = AnnualReport.objects.filter(plan=plan, year=year).order_by("-version").first()
    return latest.version + 1 if latest else 1


def get_draft(plan: Plan, year: str, version: int) -> ReportDraft:
    """Return the draft of a version; an unsaved draft if none exists."""
    draft = ReportDraft.objects.filter(plan=plan, year=year, version=version).first()
    return draft or ReportDraft(plan=plan, year=year, version=version)


def get_corrected_report(draft: ReportDraft) -> AnnualReport | None:
    before = {"plan": draft.plan, "year": draft.year, "version": draft.version - 1}
    return AnnualReport.objects.filter(**before).first()


def load_texts(draft: ReportDraft) -> dict[DraftTextKey, DraftText]:
    """Return the texts of the draft, with those of the report that it corrects as defaults."""
    texts = dict(_list_sealed_texts(get_corrected_report(draft)))
    rows = draft.texts.select_related("changed_by") if draft.pk else ()
    return texts | {_get_key(row): _read_text(row) for row in rows}


def build_narrative(draft: ReportDraft) -> Narrative:
    texts = load_texts(draft)
    known = [place for place in texts if texts[place].text]
    targets = dict.fromkeys(place.target for place in known)

    def words(part: DraftTextType, target: str = "") -> dict[str, str]:
        places = [DraftTextKey(part, language, target) for language, _name in settings.LANGUAGES]
        return {place.language: texts[place].text for place in places if place in known}

    narrative = {section: words(DraftTextType(section.value)) for section in NarrativeSection}
    stories = {target: words(DraftTextType.STORY, target) for target in targets}
    comments = {target: words(DraftTextType.COMMENT, target) for target in targets}
    reasons = {target: words(DraftTextType.REASON, target) for target in targets}
    return Narrative(
        narrative={section: text for section, text in narrative.items() if text},
        stories={int(number): text for number, text in stories.items() if text},
        comments={target: text for target, text in comments.items() if text},
        correction=words(DraftTextType.CORRECTION),
        reasons={target: text for target, text in reasons.items() if text},
    )


@dataclass(frozen=True)
class LanguageCoverage:
    """A section in one language; ``given_in`` is the language of its text, empty without a text."""

    language: str
    given_in: str

    @property
    def is_written(self) -> bool:
        return self.language == self.given_in


def list_coverage(written: Narrative) -> dict[NarrativeSection, list[LanguageCoverage]]:
    """Return for each section and language the language that its readers get."""
    return {
        section: [
            LanguageCoverage(
                language, resolve_language(written.narrative.get(section, {}), language)
            )
            for language, _name in settings.LANGUAGES
        ]
        for section in NarrativeSection
    }


def save_text(
    draft: ReportDraft, place: DraftTextKey, text: str, *, by: User, at: datetime, seen_version: int
) -> DraftText:
    """Save one text of a draft and return the stored text. Idempotent.

    Raises ConcurrentTextEdit if another user changed the text after ``seen_version``, and
    TextRejected for another reason.
    """
    text = _normalize(text)
    _validate(place, text, by)
    with transaction.atomic():
        row, _made = ReportDraft.objects.get_or_create(
            plan=draft.plan, year=draft.year, version=draft.version
        )
        current = _lock_text(row, place)
        stored = _read_text(current) if current else _get_sealed_text(row, place)
        if stored.text == text:
            return stored
        error = find_text_error(text, stored.text)
        if error:
            raise TextRejected(error)
        values: _Change = {"text": text, "changed_by": by, "changed_at": at}
        saved = (
            _update_text(current, values, seen_version)
            if current
            else _create_text(row, place, values)
        )
        # Checked last: issuing the report locks its texts until it is done.
        if AnnualReport.objects.filter(
            plan=draft.plan, year=draft.year, version=draft.version
        ).exists():
            raise TextRejected(
                _("This version is issued, and its texts never change. A correction is a new one.")
            )
    return _read_text(saved)


def _validate(place: DraftTextKey, text: str, by: User) -> None:
    if not can_issue_reports(by):
        raise TextRejected(
            _("Only an M&E officer writes annual reports; %(name)s is none.") % {"name": by}
        )
    if place.language not in dict(settings.LANGUAGES):
        raise TextRejected(_("There is no language “%(code)s”.") % {"code": place.language})
    if (place.part in PLACED_TEXT_TYPES) != bool(place.target):
        raise TextRejected(_("Say for which target it is, or for which section."))
    if "\0" in place.target:
        raise TextRejected(_("This text has no place in the report."))
    number = count_words(text)
    if place.part == DraftTextType.STORY and number > MAX_STORY_WORDS:
        raise TextRejected(
            _("A story may have %(most)s words; this has %(number)s. Shorten it.")
            % {"most": MAX_STORY_WORDS, "number": number}
        )
    if len(text) > MAX_TEXT_LENGTH:
        raise TextRejected(
            _("A text may have %(most)s characters; this has %(length)s. Shorten it.")
            % {"most": MAX_TEXT_LENGTH, "length": len(text)}
        )


def _lock_text(row: ReportDraft, place: DraftTextKey) -> NarrativeText | None:
    # Clear the ordering: its joins would make PostgreSQL lock the plan and miss a row that was
    # just changed.
    rows = NarrativeText.objects.order_by().select_for_update()
    return rows.filter(draft=row, **_get_columns(place)).first()


def _create_text(row: ReportDraft, place: DraftTextKey, values: _Change) -> NarrativeText:
    if place.target and not _has_place(row, place):
        raise TextRejected(_("This text has no place in the report."))
    try:
        with transaction.atomic():
            return NarrativeText.objects.create(draft=row, **_get_columns(place), **values)
    except IntegrityError as error:
        current = _lock_text(row, place)
        if current is None:
            raise
        raise ConcurrentTextEdit(_read_text(current)) from error


def _has_place(draft: ReportDraft, place: DraftTextKey) -> bool:
    """Return whether the plan, or the report that is corrected, has the target or priority."""
    if place.part == DraftTextType.STORY:
        numbers = draft.plan.priorities.values_list("number", flat=True)
        return place.target in map(str, numbers)
    if Target.objects.of_plan(draft.plan).filter(code=place.target).exists():
        return True
    before = get_corrected_report(draft)
    reported = ReportedActual.objects.filter(objective__priority__report=before, code=place.target)
    return before is not None and reported.exists()


def _update_text(current: NarrativeText, values: _Change, seen: int) -> NarrativeText:
    if current.version != seen:
        raise ConcurrentTextEdit(_read_text(current))
    if _is_new_change(current, values):
        EarlierText.objects.create(
            current=current,
            text=current.text,
            version=current.version,
            changed_by=current.changed_by,
            changed_at=current.changed_at,
        )
    for name, value in values.items():
        setattr(current, name, value)
    current.version += 1
    current.save(update_fields=[*values, "version"])
    return current


def _is_new_change(current: NarrativeText, values: _Change) -> bool:
    """Return whether to keep the old text: of another user, of some time ago, or twice as long."""
    return bool(current.text) and (
        current.changed_by != values["changed_by"]
        or values["changed_at"] - current.changed_at > SAME_CHANGE_WITHIN
        or len(values["text"]) * 2 < len(current.text)
    )


def _get_sealed_text(draft: ReportDraft, place: DraftTextKey) -> DraftText:
    return dict(_list_sealed_texts(get_corrected_report(draft))).get(place, NO_TEXT)


def _list_sealed_texts(report: AnnualReport | None) -> Iterator[tuple[DraftTextKey, DraftText]]:
    if report is None:
        return
    for section, words in report.narrative.items():
        for language, text in words.items():
            yield DraftTextKey(DraftTextType(section), language), DraftText(text)
    for number, words in report.priorities.values_list("number", "story"):
        for language, text in (words or {}).items():
            yield DraftTextKey(DraftTextType.STORY, language, str(number)), DraftText(text)
    comments = ReportedActual.objects.filter(objective__priority__report=report)
    for code, words in comments.values_list("code", "comment"):
        for language, text in words.items():
            yield DraftTextKey(DraftTextType.COMMENT, language, code), DraftText(text)


def _get_key(row: NarrativeText) -> DraftTextKey:
    return DraftTextKey(DraftTextType(row.part), row.language, row.target)


def _get_columns(place: DraftTextKey) -> dict[str, str]:
    return {"part": place.part.value, "language": place.language, "target": place.target}


def _read_text(row: NarrativeText) -> DraftText:
    return DraftText(row.text, row.version, row.changed_by, row.changed_at)


def count_words(text: str) -> int:
    return len(text.split())


def _normalize(text: str) -> str:
    return normalize_text(text).strip()

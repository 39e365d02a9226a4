"""The page of a report draft in one language: its fields, each next to its figure."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from reporting.annual_report.content.revisions import CorrectedFigure, build_corrected_figures
from reporting.annual_report.drafting.proposal import build_proposal
from reporting.annual_report.drafting.texts import (
    NO_TEXT,
    ConcurrentTextEdit,
    DraftText,
    DraftTextKey,
    TextRejected,
    count_words,
    get_corrected_report,
    load_texts,
    save_text,
)
from reporting.annual_report.snapshot.multilingual import LocalizedText, Narrative
from reporting.annual_report.snapshot.prior_year import load_prior_year
from reporting.annual_report.snapshot.reader import read_snapshot
from reporting.figures.rollup import TargetRow, build_rollup
from reporting.models import (
    MAX_STORY_WORDS,
    PLACED_TEXT_TYPES,
    DraftTextType,
    EarlierText,
    NarrativeSection,
    ReportDraft,
)
from strategy.choices import Rating
from strategy.models import Priority, User

AS_PLANNED = (Rating.ON_TRACK, Rating.ACHIEVED, Rating.NO_TARGET)
"""The ratings that need no comment; all others are variances."""

HINTS: Mapping[DraftTextType, str | Promise] = {
    DraftTextType.SUMMARY: _("What the board must know if it reads nothing else."),
    DraftTextType.CHANGED: _("What is different from a year ago, and why."),
    DraftTextType.RISKS: _("One a line; the first three stand on the first page."),
    DraftTextType.LESSONS: _("One a line."),
    DraftTextType.DECISIONS: _("One a line, so that the board can answer each."),
    DraftTextType.STORY: _(
        "At most 120 words on one change that you have evidence for. Its first sentence also "
        "stands on page one. Nothing in it may let anyone recognise a child."
    ),
    DraftTextType.CORRECTION: _("One language is enough."),
}


@dataclass(frozen=True)
class DraftTextField:
    """One text of the form. ``theirs`` is the text of another user after an edit conflict."""

    place: DraftTextKey
    text: str
    stored: DraftText
    elsewhere: tuple[LocalizedText, ...] = ()
    error: str = ""
    theirs: DraftText | None = None

    @property
    def name(self) -> str:
        return ":".join(filter(None, (self.place.part.value, self.place.target)))

    @property
    def mark(self) -> str:
        """A hash of the text that the form was filled with, to detect edits."""
        return hash_text(self.stored.text)

    @property
    def label(self) -> str:
        return str(self.place.part.label)

    @property
    def hint(self) -> str:
        return str(HINTS.get(self.place.part, ""))

    @property
    def words(self) -> int:
        return count_words(self.text)

    @property
    def most_words(self) -> int | None:
        """The limit of its words; None without one."""
        return MAX_STORY_WORDS if self.place.part == DraftTextType.STORY else None


@dataclass(frozen=True)
class StoryField:
    """One priority, and the field of its story."""

    priority: Priority
    field: DraftTextField


@dataclass(frozen=True)
class VarianceNote:
    """One target with its figure, those of a year ago, and the field of its comment."""

    row: TargetRow
    value_before: Decimal | None
    rating_before: Rating | None
    field: DraftTextField

    @property
    def is_variance(self) -> bool:
        return self.row.rating not in AS_PLANNED


@dataclass(frozen=True)
class ChangedTarget:
    """The figures of one target that a correction changes, and the field of the reason."""

    figures: tuple[CorrectedFigure, ...]
    field: DraftTextField


@dataclass(frozen=True)
class Tab:
    """One language with the number of sections that are written in it."""

    language: str
    written: int
    of: int


@dataclass(frozen=True)
class DraftPage:
    """All fields of a draft in one language."""

    draft: ReportDraft
    language: str
    tabs: tuple[Tab, ...]
    sections: tuple[DraftTextField, ...]
    stories: tuple[StoryField, ...]
    notes: tuple[VarianceNote, ...]
    correction: DraftTextField | None
    changed: tuple[ChangedTarget, ...]

    @property
    def fields(self) -> Iterator[DraftTextField]:
        yield from self.sections
        yield from (story.field for story in self.stories)
        yield from (note.field for note in self.notes)
        if self.correction:
            yield self.correction
        yield from (target.field for target in self.changed)

    @property
    def rejected(self) -> list[DraftTextField]:
        return [field for field in self.fields if field.error]


SubmittedTexts = Mapping[DraftTextKey, DraftTextField]
"""Fields whose text was rejected, to show with the user's input."""


def build_draft_page(
    draft: ReportDraft, language: str, by: User, at: datetime, sent: SubmittedTexts | None = None
) -> DraftPage:
    """Return the page of one language of a draft. Raises UnknownYear."""
    texts = load_texts(draft)

    def build_field(part: DraftTextType, target: str = "") -> DraftTextField:
        return _build_field(DraftTextKey(part, language, target), texts, sent or {})

    year = draft.plan.year(draft.year)
    rollup, before = build_rollup(draft.plan, year.ends_on), load_prior_year(draft.plan, year)
    notes = tuple(
        VarianceNote(
            row,
            before.values.get(row.target.code),
            before.ratings.get(row.target.code),
            build_field(DraftTextType.COMMENT, row.target.code),
        )
        for row in rollup.targets
    )
    stories = tuple(
        StoryField(priority, build_field(DraftTextType.STORY, str(priority.number)))
        for priority in draft.plan.priorities.order_by("number")
    )
    changes = _find_changes(draft, by, at) if get_corrected_report(draft) else None
    return DraftPage(
        draft,
        language,
        tuple(_list_tabs(texts)),
        tuple(build_field(DraftTextType(each.value)) for each in NarrativeSection),
        stories,
        notes,
        build_field(DraftTextType.CORRECTION) if changes is not None else None,
        tuple(
            ChangedTarget(tuple(figures), build_field(DraftTextType.REASON, code))
            for code, figures in (changes or {}).items()
        ),
    )


@dataclass(frozen=True)
class VarianceCoverage:
    """The number of variances with a comment, by language, and those without any comment."""

    variances: int
    by_language: Mapping[str, int]
    without: tuple[TargetRow, ...]


def count_commented(lines: Iterable[TargetRow], written: Narrative) -> VarianceCoverage:
    variances = [row for row in lines if row.rating not in AS_PLANNED]
    comments = [written.comments.get(row.target.code, {}) for row in variances]
    return VarianceCoverage(
        len(variances),
        {code: sum(1 for one in comments if one.get(code)) for code, _name in settings.LANGUAGES},
        tuple(row for row, words in zip(variances, comments, strict=True) if not words),
    )


def count_stories(written: Narrative) -> Mapping[str, int]:
    """Return the number of stories in each language."""
    return {
        code: sum(1 for story in written.stories.values() if story.get(code))
        for code, _name in settings.LANGUAGES
    }


def save_form(
    draft: ReportDraft, language: str, data: Mapping[str, str], *, by: User, at: datetime
) -> dict[DraftTextKey, DraftTextField]:
    """Save every edited text; return the rejected fields with the user's input."""
    rejected = {}
    for name, text in data.items():
        place = parse_key(name.removeprefix("text:"), language)
        if not name.startswith("text:") or place is None:
            continue
        key = name.removeprefix("text:")
        if hash_text(text) == data.get(f"mark:{key}"):
            continue
        seen = _parse_version(data.get(f"seen:{key}", ""))
        try:
            save_text(draft, place, text, by=by, at=at, seen_version=seen)
        except ConcurrentTextEdit as stale:
            rejected[place] = DraftTextField(
                place, text, stale.current, (), str(stale), stale.current
            )
        except TextRejected as refusal:
            stored = load_texts(draft).get(place, NO_TEXT)
            rejected[place] = DraftTextField(place, text, stored, (), str(refusal))
    return rejected


def parse_key(name: str, language: str) -> DraftTextKey | None:
    """Return the place of a field by its name in the form; None for an unknown name."""
    word, _separator, target = name.partition(":")
    if word not in DraftTextType.values or (DraftTextType(word) in PLACED_TEXT_TYPES) != bool(
        target
    ):
        return None
    return DraftTextKey(DraftTextType(word), language, target)


def hash_text(text: str) -> str:
    plain = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    return hashlib.sha256(plain.encode()).hexdigest()[:16]


def load_earlier_texts(draft: ReportDraft, place: DraftTextKey) -> list[EarlierText]:
    rows = EarlierText.objects.filter(
        current__draft__plan=draft.plan,
        current__draft__year=draft.year,
        current__draft__version=draft.version,
        current__part=place.part,
        current__target=place.target,
        current__language=place.language,
    )
    return list(rows.select_related("changed_by"))


def _build_field(
    place: DraftTextKey, texts: Mapping[DraftTextKey, DraftText], rejected: SubmittedTexts
) -> DraftTextField:
    stored = texts.get(place, NO_TEXT)
    others = (
        (language, texts.get(replace(place, language=language), NO_TEXT).text)
        for language, _name in settings.LANGUAGES
        if language != place.language
    )
    field = DraftTextField(
        place,
        stored.text,
        stored,
        tuple(LocalizedText(text, code) for code, text in others if text),
    )
    refused = rejected.get(place)
    return replace(refused, elsewhere=field.elsewhere) if refused else field


def _list_tabs(texts: Mapping[DraftTextKey, DraftText]) -> Iterator[Tab]:
    for language, _name in settings.LANGUAGES:
        places = [
            DraftTextKey(DraftTextType(section.value), language) for section in NarrativeSection
        ]
        written = sum(1 for place in places if texts.get(place, NO_TEXT).text)
        yield Tab(language, written, len(places))


def _find_changes(draft: ReportDraft, by: User, at: datetime) -> dict[str, list[CorrectedFigure]]:
    figures: dict[str, list[CorrectedFigure]] = {}
    for figure in build_corrected_figures(read_snapshot(build_proposal(draft, by, at).rows)):
        figures.setdefault(figure.code, []).append(figure)
    return figures


def _parse_version(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0

"""What stands in a report besides its figures of the year: what an officer wrote, which figures a
correction changed, and which earlier ones read differently now."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.utils.translation import get_language

from reporting.models import NarrativeSection
from strategy.choices import Rating

MultilingualText = Mapping[str, str]
"""One text by the codes of the languages that it is written in."""


@dataclass(frozen=True)
class Narrative:
    """What an officer wrote for a report, in words; comments and reasons under a target's code.

    ``correction`` says why a version corrects the one before, ``reasons`` why one of its figures
    changed, where that is another reason.
    """

    narrative: Mapping[NarrativeSection, MultilingualText] = field(default_factory=dict)
    comments: Mapping[str, MultilingualText] = field(default_factory=dict)
    correction: MultilingualText = field(default_factory=dict)
    reasons: Mapping[str, MultilingualText] = field(default_factory=dict)


@dataclass(frozen=True)
class LocalizedText:
    """A text as a reader gets it, with the code of the language that it is in."""

    text: str
    language: str

    @property
    def is_fallback(self) -> bool:
        """Whether it is not in the reader's language, because nobody wrote it in that."""
        return self.language != get_language()

    @property
    def paragraphs(self) -> list[str]:
        return [text.strip() for text in self.text.split("\n\n") if text.strip()]

    @property
    def lines(self) -> list[str]:
        return [text.strip() for text in self.text.splitlines() if text.strip()]


@dataclass(frozen=True)
class FigureCorrection:
    """One figure that a correction changed. None is "no data"; of a rating, its word."""

    target: str
    field: str
    old: str | None
    new: str | None
    reason: LocalizedText | None


@dataclass(frozen=True)
class FigureRestatement:
    """One figure of an earlier year's report that would read differently now; None is no data."""

    year: str
    version: int
    target: str
    old: Decimal | None
    new: Decimal | None
    old_rating: Rating
    new_rating: Rating


def localize_text(texts: MultilingualText) -> LocalizedText | None:
    """The text in the reader's language, else in the first that it is written in; None: nowhere."""
    language = resolve_language(texts, get_language() or "")
    return LocalizedText(texts[language].strip(), language) if language else None


def resolve_language(texts: MultilingualText, language: str) -> str:
    """The language in which a reader of this one gets the text; empty where nobody wrote it."""
    order = [language, *(code for code, _name in settings.LANGUAGES)]
    return next((one for one in order if texts.get(one, "").strip()), "")


def load_corrections(
    rows: list[Mapping[str, Any]], correction: MultilingualText
) -> Iterator[FigureCorrection]:
    for row in rows:
        reason = localize_text(row["reason"]) or localize_text(correction)
        yield FigureCorrection(row["target"], row["field"], row["old"], row["new"], reason)


def load_restatements(rows: list[Mapping[str, Any]]) -> Iterator[FigureRestatement]:
    for row in rows:
        yield FigureRestatement(
            row["year"],
            row["version"],
            row["target"],
            _parse_number(row["old"]),
            _parse_number(row["new"]),
            Rating(row["old_rating"]),
            Rating(row["new_rating"]),
        )


def _parse_number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)

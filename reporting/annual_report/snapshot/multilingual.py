"""The texts of a report in several languages, its corrections and its restatements."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from django.conf import settings
from django.utils.translation import get_language

from reporting.annual_report.snapshot.stored import (
    StoredCause,
    StoredCorrection,
    StoredPart,
    StoredRestatement,
)
from reporting.models import NarrativeSection
from strategy.choices import Rating

_SENTENCE_END = re.compile(r"(?<=[.!?؟])\s+|\n")

MultilingualText = Mapping[str, str]
"""One text by the code of its language."""


@dataclass(frozen=True)
class Narrative:
    """The officers' texts; stories are by a priority's number, comments by a target's code."""

    narrative: Mapping[NarrativeSection, MultilingualText] = field(default_factory=dict)
    stories: Mapping[int, MultilingualText] = field(default_factory=dict)
    comments: Mapping[str, MultilingualText] = field(default_factory=dict)
    correction: MultilingualText = field(default_factory=dict)
    reasons: Mapping[str, MultilingualText] = field(default_factory=dict)


@dataclass(frozen=True)
class LocalizedText:
    """A text with the code of its language."""

    text: str
    language: str

    @property
    def is_fallback(self) -> bool:
        return self.language != get_language()

    @property
    def paragraphs(self) -> list[str]:
        return [text.strip() for text in self.text.split("\n\n") if text.strip()]

    @property
    def first_sentence(self) -> str:
        return _SENTENCE_END.split(self.text, maxsplit=1)[0].strip()

    @property
    def lines(self) -> list[str]:
        return [text.strip() for text in self.text.splitlines() if text.strip()]


@dataclass(frozen=True)
class FigureCorrection:
    """One figure that a correction changed. None is no data; a rating is its code.

    With a ``reference`` it is a field of the record's citation, as text; None is empty.
    """

    target: str
    field: str
    old: str | None
    new: str | None
    reason: LocalizedText | None
    reference: str


@dataclass(frozen=True)
class FigureRestatement:
    """One figure of an earlier report that differs today; None is no data.

    ``causes`` and ``parts`` are as stored, empty in older reports. A number of the people trained
    has neither target nor rating.
    """

    year: str
    version: int
    target: str
    field: str
    old: Decimal | None
    new: Decimal | None
    old_rating: Rating | None
    new_rating: Rating | None
    causes: tuple[StoredCause, ...]
    parts: tuple[StoredPart, ...]


def localize_text(texts: MultilingualText) -> LocalizedText | None:
    """Return the text in the active language, else in another; None if it is empty in all."""
    language = resolve_language(texts, get_language() or "")
    return LocalizedText(texts[language].strip(), language) if language else None


def resolve_language(texts: MultilingualText, language: str) -> str:
    """Return the language of the text for a reader of ``language``; empty without a text."""
    order = [language, *(code for code, _name in settings.LANGUAGES)]
    return next((one for one in order if texts.get(one, "").strip()), "")


def load_corrections(
    rows: Iterable[StoredCorrection], correction: MultilingualText
) -> Iterator[FigureCorrection]:
    for row in rows:
        reason = localize_text(row["reason"]) or localize_text(correction)
        figure = (row["target"], row["field"], row["old"], row["new"])
        yield FigureCorrection(*figure, reason, row.get("reference", ""))


def load_restatements(rows: Iterable[StoredRestatement]) -> Iterator[FigureRestatement]:
    for row in rows:
        yield FigureRestatement(
            row["year"],
            row["version"],
            row["target"],
            row.get("field", "value"),
            _parse_number(row["old"]),
            _parse_number(row["new"]),
            Rating(row["old_rating"]) if row["old_rating"] else None,
            Rating(row["new_rating"]) if row["new_rating"] else None,
            tuple(row.get("causes", ())),
            tuple(row.get("parts", ())),
        )


def _parse_number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)

"""Free text that may tell who a child is: found here, before anything keeps it.

The application holds no child's identity (``product.md`` section 3). ``find_identifiers`` looks at
one
text, in any of the four languages, and touches nothing. What it refuses (coordinates, numbers of
identity papers, a date of birth) has no place in any record. What only resembles a child's identity
may be something else, such as the telephone of an office: a person has to say so of every phrase.

Whoever is about to keep what people typed asks ``unresolved_findings`` first, and where it answers
with a finding keeps nothing of that text: no row, no draft, no log, no preview.

- A form gives the phrases that the person ticked as ``confirmed`` and what was stored as ``before``
  (``RecordForm`` does; the tick boxes are named ``CONFIRMED_FIELD``).
- A draft is kept without asking: it is kept only when ``find_identifiers`` finds nothing in it.
- An imported cell and a note on a record have nobody to ask: ``find_cell_errors`` and
  ``find_note_error`` say what to do.
"""

import re
import unicodedata
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from indicators.safeguarding.names import (
    find_named_children,
    find_names_with_ages,
    find_names_with_numbers,
)
from indicators.safeguarding.numbers import (
    BIRTH_LABEL,
    BORN,
    CASE,
    COORDINATES,
    Spans,
    find_long_numbers,
    find_papers,
    find_phones,
)

NOTE_LENGTH = MaxLengthValidator(5_000)

CONFIRMED_FIELD = "not_a_child"
"""The name of the tick boxes of a form; the value of each is the phrase that it is about."""


class FindingType(TextChoices):
    """What a phrase looks like."""

    NAME_WITH_AGE = "name_with_age", pgettext_lazy("looks like", "a name with an age")
    NAMED_CHILD = "named_child", pgettext_lazy("looks like", "the name of a child")
    BORN = "born", pgettext_lazy("looks like", "a date of birth")
    TELEPHONE = "telephone", pgettext_lazy("looks like", "a telephone number")
    LONG_NUMBER = "number", pgettext_lazy("looks like", "a telephone or identity number")
    CASE_NUMBER = "case", pgettext_lazy("looks like", "the number of a case")
    IDENTITY_NUMBER = "identity", pgettext_lazy("looks like", "the number of an identity paper")
    COORDINATES = "coordinates", pgettext_lazy("looks like", "the coordinates of a place")


@dataclass(frozen=True)
class Finding:
    """A phrase, as it was typed, that may tell who a child is."""

    phrase: str
    why: FindingType
    is_refused: bool

    @property
    def sentence(self) -> str:
        """What to do about it, at a question of a form."""
        if self.is_refused:
            said = _("“%(phrase)s” looks like %(why)s. Take it out: no record may hold it.")
        else:
            said = _(
                "“%(phrase)s” looks like %(why)s. Take it out, or confirm that it is not a child’s."
            )
        return said % self.as_words()

    def as_words(self) -> dict[str, str]:
        return {"phrase": self.phrase, "why": str(self.why.label)}


def find_identifiers(text: str) -> list[Finding]:
    """The phrases of a text that may tell who a child is, each once, in the order of the text."""
    plain = _plain(text)
    lowered, digits = plain.lower(), len(_DIGIT.findall(plain))
    looks = [look for look in _LOOKS if look.is_worth_it(lowered, digits)]
    if not looks:
        return []
    found: dict[str, tuple[int, Finding]] = {}
    taken = bytearray(len(plain))
    without_links = _LINK.sub(lambda link: " " * len(link.group()), plain)
    for look in looks:
        for start, end in look.spans(
            plain if look.why == FindingType.COORDINATES else without_links
        ):
            phrase = plain[start:end].strip(" ,;:،؛-–—")
            if phrase and not any(taken[start:end]):
                taken[start:end] = b"\1" * (end - start)
                found.setdefault(phrase, (start, Finding(phrase, look.why, look.is_refused)))
    return [finding for _start, finding in sorted(found.values(), key=lambda one: one[0])]


def unresolved_findings(
    text: str, confirmed: Collection[str] = (), before: str | None = None
) -> list[Finding]:
    """What stands between a text and its being kept; nothing when it is what was kept ``before``.

    A phrase that stood there before was confirmed then.
    """
    if text == before:
        return []
    findings = find_identifiers(text)
    if not findings:
        return []
    known = {*map(_plain, confirmed), *(one.phrase for one in find_identifiers(before or ""))}
    return [one for one in findings if one.is_refused or one.phrase not in known]


def find_cell_errors(
    cells: Mapping[str, str], before: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Column -> why its new text cannot be imported, and what to do; nothing where it can."""
    known = before or {}
    errors = {}
    for column, text in cells.items():
        for finding in unresolved_findings(text, before=known.get(column, ""))[:1]:
            by_hand = _(
                "“%(phrase)s” looks like %(why)s. Take it out, or enter this record by hand, "
                "where you can confirm that it is not a child’s."
            )
            errors[column] = (
                finding.sentence if finding.is_refused else by_hand % finding.as_words()
            )
    return errors


def find_note_error(note: str) -> str:
    """Why a note to a colleague cannot be kept; empty when it can. Nobody is asked about a note.

    Nor is one so long that looking through it takes long.
    """
    try:
        NOTE_LENGTH(note)
    except ValidationError as long:
        return " ".join(long.messages)
    for finding in find_identifiers(note):
        return _("“%(phrase)s” looks like %(why)s. Take it out of the note.") % finding.as_words()
    return ""


# Reading a text


_UNSEEN = dict.fromkeys(
    (0xAD, 0x640, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2066, 0x206A), 0xFEFF)
)
_DIGITS = {ord(c): str(n) for row in ("٠١٢٣٤٥٦٧٨٩", "۰۱۲۳۴۵۶۷۸۹") for n, c in enumerate(row)}
_TABLE = {**_UNSEEN, **_DIGITS, 0xA0: " ", 0x202F: " ", 0x2007: " ", 0x66B: ".", 0x66C: ","}

_DIGIT = re.compile(r"\d")
_LINK = re.compile(r"(?:https?://|www\.)\S+")


def _plain(text: str) -> str:
    """The text with digits of one sort and without marks that nobody sees."""
    if text.isascii():
        return text
    return unicodedata.normalize("NFKC", text).translate(_TABLE)


def _spans(pattern: re.Pattern[str]) -> Callable[[str], Spans]:
    return lambda text: (found.span() for found in pattern.finditer(text))


@dataclass(frozen=True)
class _Detector:
    """One thing that is looked for, where the text has the digits and one of the stems for it."""

    spans: Callable[[str], Spans]
    """Begin and end of each phrase that it finds."""
    why: FindingType
    is_refused: bool
    least_digits: int = 0
    stems: Sequence[str] = ()

    def is_worth_it(self, lowered: str, digits: int) -> bool:
        if digits < self.least_digits:
            return False
        return not self.stems or any(stem in lowered for stem in self.stems)


_AGE_STEMS = (
    *("old", "age", "âge", "year", "yr", "month", "y/o", "yo", " an", "mois", "año", "ano"),
    *("mes", "edad", "سن", "عام", "عوام", "شهر", "شهور", "عمر"),
)
_BIRTH_STEMS = ("birth", "dob", "d.o.b", "naissance", "nacimiento", "ميلاد", "ولادة")
_CASE_STEMS = (
    *("case", "file", "dossier", "affaire", "cas", "expediente", "causa", "قضية", "ملف", "حالة"),
)
_PAPER_STEMS = (
    *("pass", "pasaporte", "ident", "card", "cni", "nni", "dula", "dni", "curp", "supplétif"),
    *("social", "national id", "id number", "بطاقة", "هوية", "جواز", "الرقم", *_BIRTH_STEMS),
)
_CHILD_STEMS = (
    *("named", "called", "nomm", "appel", "llamad", "nombr", "nom de", "peti", "jeune", "young"),
    *("little", "pequeñ", "child", "girl", "boy", "daughter", "son ", "pupil", "teenager", "baby"),
    *("orphan", "enfant", "fille", "garçon", "mineur", "bébé", "élève", "orphel", "écoli", "niñ"),
    *("menor", "hij", "muchach", "adolesc", "alumn", "huérfan", "bebé", "دعى", "سم", "مدعو"),
    *("طفل", "فتا", "فتى", "صبي", "بنت", "ولد", "ابن", "قاصر", "رضيع", "تلميذ", "مراهق", "يتيم"),
)

_LOOKS = (
    _Detector(_spans(COORDINATES), FindingType.COORDINATES, True, 6),
    _Detector(find_papers, FindingType.IDENTITY_NUMBER, True, 4, _PAPER_STEMS),
    _Detector(_spans(BIRTH_LABEL), FindingType.BORN, True, 4, _BIRTH_STEMS),
    _Detector(_spans(BORN), FindingType.BORN, False, 4, ("born", "né", "nacid", "مولود", "ولد")),
    _Detector(find_names_with_ages, FindingType.NAME_WITH_AGE, False, 0, _AGE_STEMS),
    _Detector(find_names_with_numbers, FindingType.NAME_WITH_AGE, False, 1, ("(", ",", "،")),
    _Detector(find_named_children, FindingType.NAMED_CHILD, False, 0, _CHILD_STEMS),
    _Detector(find_phones, FindingType.TELEPHONE, False, 7),
    _Detector(_spans(CASE), FindingType.CASE_NUMBER, False, 1, _CASE_STEMS),
    _Detector(find_long_numbers, FindingType.LONG_NUMBER, False, 8),
)
"""What is looked for, the surest first: a phrase that one look found is left by the next."""

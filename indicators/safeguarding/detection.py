"""Detection of free text that may identify a child, before it is stored.

The application stores no child's identity (``product.md`` section 3). ``find_identifiers`` reads a
text in any of the four languages. What it refuses (coordinates, numbers of identity papers, dates
of birth) has no place in a record. Everything else may be harmless, such as an office's telephone:
the user has to confirm each phrase.

Call ``unresolved_findings`` before storing a text, and store nothing of it if there are findings.

- A record's form passes the phrases that the user ticked (``CONFIRMED_FIELD``) and the text stored
  before.
- A form draft is stored only when there are no unresolved findings.
- An imported cell, a note, a name and a text of figures or reports cannot be confirmed: see
  ``find_cell_errors``, ``find_note_error``, ``has_child_name`` and ``find_text_error``.
"""

import re
import unicodedata
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from pathlib import PurePosixPath

from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from indicators.safeguarding.names import (
    find_named_children,
    find_names_before_numbers,
    find_names_with_ages,
    find_names_with_numbers,
    find_names_with_short_ages,
)
from indicators.safeguarding.numbers import (
    BIRTH_LABEL,
    BORN,
    CASE,
    COORDINATES,
    Span,
    find_long_numbers,
    find_papers,
    find_phones,
)
from indicators.safeguarding.relatives import find_births, find_relatives
from strategy.text import DIGITS, UNSTORABLE, is_storable

_COPY = re.compile(r"\s*\(\d+\)$")
"""The suffix that browsers add to a second copy."""

NOTE_LENGTH = MaxLengthValidator(5_000)

CONFIRMED_FIELD = "not_a_child"
"""The name of a form's tick boxes; the value of each is a phrase."""


class FindingType(TextChoices):
    """The type of a phrase that may identify a child."""

    NAME_WITH_AGE = "name_with_age", pgettext_lazy("looks like", "a name with an age")
    NAMED_CHILD = "named_child", pgettext_lazy("looks like", "the name of a child")
    BORN = "born", pgettext_lazy("looks like", "a date of birth")
    TELEPHONE = "telephone", pgettext_lazy("looks like", "a telephone number")
    LONG_NUMBER = "number", pgettext_lazy("looks like", "a telephone or identity number")
    CASE_NUMBER = "case", pgettext_lazy("looks like", "the number of a case")
    IDENTITY_NUMBER = "identity", pgettext_lazy("looks like", "the number of an identity paper")
    COORDINATES = "coordinates", pgettext_lazy("looks like", "the coordinates of a place")


NAME_FINDINGS = frozenset(
    {
        FindingType.NAME_WITH_AGE,
        FindingType.NAMED_CHILD,
        FindingType.BORN,
        FindingType.IDENTITY_NUMBER,
    }
)
"""The findings that matter in the name of a file and in a reference."""


@dataclass(frozen=True)
class Finding:
    """A phrase that may identify a child, as it was entered."""

    phrase: str
    type: FindingType
    is_refused: bool

    @property
    def sentence(self) -> str:
        if self.is_refused:
            text = _("“%(phrase)s” looks like %(why)s. Take it out: no record may hold it.")
        else:
            text = _(
                "“%(phrase)s” looks like %(why)s. Take it out, or confirm that it is not a child’s."
            )
        return text % self.as_parameters()

    def as_parameters(self) -> dict[str, str]:
        return {"phrase": self.phrase, "why": str(self.type.label)}


def find_identifiers(text: str) -> list[Finding]:
    """Return the phrases of a text that may identify a child, each once, in the text's order."""
    plain = _normalise(text)
    lowered, digit_count = plain.lower(), len(_DIGIT.findall(plain))
    detectors = [one for one in _DETECTORS if one.is_relevant(lowered, digit_count)]
    if not detectors:
        return []
    findings: dict[str, tuple[int, Finding]] = {}
    taken = bytearray(len(plain))
    without_links = _LINK.sub(lambda link: " " * len(link.group()), plain)
    for detector in detectors:
        is_place = detector.type == FindingType.COORDINATES
        for start, end in detector.find_spans(plain if is_place else without_links):
            phrase = plain[start:end].strip(" ,;:،؛-–—")
            if phrase and not any(taken[start:end]):
                taken[start:end] = b"\1" * (end - start)
                finding = Finding(phrase, detector.type, detector.is_refused)
                findings.setdefault(phrase, (start, finding))
    return [finding for _start, finding in sorted(findings.values(), key=itemgetter(0))]


def unresolved_findings(
    text: str, confirmed: Collection[str] = (), before: str | None = None
) -> list[Finding]:
    """Return the findings that forbid storing a text; none if it is the text stored ``before``.

    The phrases of the text stored before were confirmed then.
    """
    if text == before:
        return []
    findings = find_identifiers(text)
    if not findings:
        return []
    known = {*map(_normalise, confirmed)}
    known |= {finding.phrase for finding in find_identifiers(before or "")}
    return [one for one in findings if one.is_refused or one.phrase not in known]


def find_cell_errors(
    cells: Mapping[str, str], before: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Return the errors of cells; they quote nothing, as they are stored with a preview."""
    stored = before or {}
    errors = {}
    for column, text in cells.items():
        for finding in unresolved_findings(text, before=stored.get(column, ""))[:1]:
            sentence = (
                _("The cell holds what looks like %(why)s. Take it out: no record may hold it.")
                if finding.is_refused
                else _(
                    "The cell holds what looks like %(why)s. Take it out, or enter this record by "
                    "hand, where you can confirm that it is not a child’s."
                )
            )
            errors[column] = sentence % {"why": finding.type.label}
    return errors


def has_child_name(name: str) -> bool:
    """Whether the name of a file, or a reference, looks like that of a child.

    The numbers of scans and codes identify nobody.
    """
    words = re.sub(r"[_.+-]+", " ", name)
    return any(finding.type in NAME_FINDINGS for finding in find_identifiers(words))


def find_file_name_error(name: str) -> str:
    if not has_child_name(_COPY.sub("", PurePosixPath(name).stem)):
        return ""
    sentence = _("The name “%(name)s” looks like a child’s. Rename the file, then choose it again.")
    return sentence % {"name": name}


def find_reference_error(reference: str) -> str:
    if not has_child_name(reference):
        return ""
    return _("The reference looks like a child’s name. Write a code instead.")


def find_text_error(text: str, before: str = "") -> str:
    """Return why a text for readers of figures and reports cannot be stored; empty when it can.

    Nobody can confirm its phrases; those of the text stored ``before`` stay.
    """
    if not is_storable(text):
        return str(UNSTORABLE)
    for finding in unresolved_findings(text, before=before):
        sentence = _("“%(phrase)s” looks like %(why)s. Take it out of the text.")
        return sentence % finding.as_parameters()
    return ""


def find_note_error(note: str) -> str:
    """Return why a note cannot be stored; empty when it can. Texts too long to search cannot."""
    try:
        NOTE_LENGTH(note)
    except ValidationError as error:
        return " ".join(error.messages)
    if not is_storable(note):
        return str(UNSTORABLE)
    for finding in find_identifiers(note):
        return (
            _("“%(phrase)s” looks like %(why)s. Take it out of the note.") % finding.as_parameters()
        )
    return ""


_INVISIBLE = dict.fromkeys(
    (0xAD, 0x640, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2066, 0x206A), 0xFEFF)
)
_TABLE = {**_INVISIBLE, **DIGITS, 0xA0: " ", 0x202F: " ", 0x2007: " ", 0x66B: ".", 0x66C: ","}

_DIGIT = re.compile(r"\d")
_LINK = re.compile(r"(?:https?://|www\.)\S+")


def _normalise(text: str) -> str:
    # ASCII digits only, and no invisible characters.
    if text.isascii():
        return text
    return unicodedata.normalize("NFKC", text).translate(_TABLE)


def _matches(pattern: re.Pattern[str]) -> Callable[[str], Iterator[Span]]:
    return lambda text: (match.span() for match in pattern.finditer(text))


@dataclass(frozen=True)
class _Detector:
    """A search for one type; it runs where the text has enough digits and one of the stems."""

    find_spans: Callable[[str], Iterator[Span]]
    type: FindingType
    is_refused: bool
    min_digits: int = 0
    stems: Sequence[str] = ()

    def is_relevant(self, lowered: str, digit_count: int) -> bool:
        if digit_count < self.min_digits:
            return False
        # A plain loop: twice as quick as any(), for each cell of a file.
        for stem in self.stems:
            if stem in lowered:
                return True
        return not self.stems


_AGE_STEMS = (
    *("old", "age", "âge", "year", "yr", "month", "y/o", "yo", "y.", " an", "ans", "mois", "año"),
    *("ano", "mes", "edad", "سن", "عام", "عوام", "شهر", "شهور", "عمر"),
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

_AFTER_NAME = (",", "،", ":", "/", "-", "–", "—")
_SHORT_UNITS = ("a", "y", "س")
_BORN_STEMS = ("born", "b.", "né", "nacid", "مولود", "ولد", "مواليد")
_RELATIVE_STEMS = (
    *("other", "ather", "aunt", "uncle", "sist", "cous", "niece", "neph", "daughter", "son "),
    *("mum", "mom", "dad", "parent", "guard", "mère", "père", "mama", "mamá", "papa", "papá"),
    *("tante", "oncle", "sœur", "soeur", "frère", "tut", "nièce", "neveu", "fil", "adr", "abuel"),
    *("tía", "tío", "herman", "prim", "sobrin", "hij", "vict", "víct", "viv", "rescap"),
    *("والد", "أم", "أب", "أخ", "شقيق", "عم", "خال", "جد", "ابن", "بنت", "ضحية", "ناجي"),
)

_DETECTORS = (
    _Detector(_matches(COORDINATES), FindingType.COORDINATES, True, 6),
    _Detector(find_papers, FindingType.IDENTITY_NUMBER, True, 4, _PAPER_STEMS),
    _Detector(_matches(BIRTH_LABEL), FindingType.BORN, True, 4, _BIRTH_STEMS),
    _Detector(_matches(BORN), FindingType.BORN, False, 4, _BORN_STEMS),
    _Detector(find_names_with_ages, FindingType.NAME_WITH_AGE, False, 0, _AGE_STEMS),
    _Detector(find_names_with_numbers, FindingType.NAME_WITH_AGE, False, 1, ("(",)),
    _Detector(find_names_before_numbers, FindingType.NAME_WITH_AGE, False, 0, _AFTER_NAME),
    _Detector(find_names_with_short_ages, FindingType.NAME_WITH_AGE, False, 1, _SHORT_UNITS),
    _Detector(find_births, FindingType.BORN, False, 4, _BORN_STEMS),
    _Detector(find_relatives, FindingType.NAMED_CHILD, False, 0, _RELATIVE_STEMS),
    _Detector(find_named_children, FindingType.NAMED_CHILD, False, 0, _CHILD_STEMS),
    _Detector(find_phones, FindingType.TELEPHONE, False, 7),
    _Detector(_matches(CASE), FindingType.CASE_NUMBER, False, 1, _CASE_STEMS),
    _Detector(find_long_numbers, FindingType.LONG_NUMBER, False, 8),
)
"""The surest first: a phrase that one detector found is ignored by the next."""

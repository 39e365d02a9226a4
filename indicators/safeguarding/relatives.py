"""Children told by a relative, by initials or by the year of birth, in the four languages."""

import re
from collections.abc import Iterator

from indicators.safeguarding.names import (
    INITIAL,
    INITIALS,
    MAX_DISTANCE,
    WORD,
    find_name_start,
    is_name,
)
from indicators.safeguarding.numbers import Span
from indicators.safeguarding.word_lists import CHILD, GIVEN_NAMES, PARENT, RELATIVE, VICTIM
from strategy.text import fold_accents

_KIN = rf"(?<!\w)(?:(?P<parent>{PARENT})|{RELATIVE})"
_OF = (
    rf"(?:\s+(?:of|de|على)\s+|\s+d['’]|\s+)(?:(?:the|la|le|el|l['’])\s*)?(?:(?:{CHILD})\s+)?"
    rf"(?P<name>{WORD})"
)
_RELATIVE_OF = re.compile(_KIN + _OF, re.IGNORECASE)
_OWN_RELATIVE = re.compile(
    rf"(?<!\w)(?P<name>[^\W\d_]{{2,40}})['’]s\s+(?:(?P<parent>{PARENT})|{RELATIVE})(?!\w)",
    re.IGNORECASE,
)
_VICTIM_INITIALS = re.compile(rf"(?<!\w)(?i:{VICTIM})\s*[:,،–—-]?\s*{INITIALS}")
_NAMED_VICTIM = re.compile(rf"(?<!\w)(?:{VICTIM})\s*[:,،–—-]?\s*(?P<name>{WORD})", re.IGNORECASE)
_BORN_IN = re.compile(
    r"(?<!\w)(?:born|b\.|née?|nacid[oa]|(?:من\s+)?مواليد|مولودة?|ولدت?)\s*"
    r"(?:(?:in|en|le|el|في|سنة|عام)\s+){0,2}(?:[^\W\d_]{3,10}\s+(?:de\s+|del\s+)?)?20[0-2]\d\b",
    re.IGNORECASE,
)
_PERSON_BEFORE = re.compile(
    rf"({WORD}(?:\s{WORD}){{0,3}})[\s,;:،(–—-]{{1,4}}"
    r"(?:(?:who\s+was|was|is|qui\s+est|est|fue|es|هي|هو)\s+)?$",
    re.IGNORECASE,
)


def find_relatives(text: str) -> Iterator[Span]:
    """Yield ``mother of Awa`` and ``victim: A. Sow``."""
    for pattern in (_RELATIVE_OF, _OWN_RELATIVE):
        for match in pattern.finditer(text):
            name = match.group("name")
            is_child = bool(match.group("parent")) and name[0].isascii()
            if _is_given(name) or (is_child and is_name(name, is_sure=False)):
                yield match.span()
    for match in _VICTIM_INITIALS.finditer(text):
        yield match.span()
    for match in _NAMED_VICTIM.finditer(text):
        if _is_given(match.group("name")):
            yield match.span()


def find_births(text: str) -> Iterator[Span]:
    """Yield a name with the year of a child's birth."""
    for birth in _BORN_IN.finditer(text):
        start = max(0, birth.start() - MAX_DISTANCE)
        before = _PERSON_BEFORE.search(text, start, birth.start())
        if not before:
            continue
        name = before.group(1)
        name_start = find_name_start(name, is_sure=bool(INITIAL.search(name)))
        if name_start is not None:
            yield before.start(1) + name_start, birth.end()


def _is_given(name: str) -> bool:
    return fold_accents(name) in GIVEN_NAMES

"""Names beside an age or a child, as people write them in the four languages."""

import re
from collections.abc import Iterator

from indicators.safeguarding.numbers import Spans
from indicators.safeguarding.word_lists import (
    CALLED,
    CHILD,
    GIVEN_NAMES,
    LIFE_OF_NO_PERSON,
    NO_NAMES,
    NUMBERS_IN_WORDS,
    country_words,
)
from strategy.text import fold_accents

MAX_DISTANCE = 60
"""Characters within which a name, a child and an age are about one person."""

_NUMBER = rf"(?<![\w.,/])(?P<age>\d{{1,2}}|{NUMBERS_IN_WORDS})"
_SURE_AGE = re.compile(
    rf"\b(?:aged?|at\s+the\s+age\s+of|âgée?\s+de|agée?\s+de|de\s+edad|edad(?:\s+de)?"
    rf"|البالغة?\s+من\s+العمر|تبلغ\s+من\s+العمر|يبلغ\s+من\s+العمر|عمره|عمرها|العمر)[\s:]*"
    rf"(?P<sure>\d{{1,2}}|{NUMBERS_IN_WORDS})\b(?:\s*(?:years?|ans|mois|años|سنوات|سنة|عاما?))?"
    rf"|{_NUMBER}[\s-]*(?:years?|yrs?|months?)[\s-]*old\b"
    rf"|{_NUMBER.replace('age', 'years')}\s*y/?o\b",
    re.IGNORECASE,
)
_AGE = re.compile(
    rf"{_NUMBER}\s*(?:ans?|mois|a[nñ]os?|meses|years?|yrs|months?"
    rf"|سنوات|سنين|سنة|عاما|عامًا|عام|أعوام|اعوام|شهرا|شهرًا|شهور|أشهر|اشهر)\b"
    rf"(?!\s+(?:de|d['’]|of|من|{LIFE_OF_NO_PERSON})\s*(?!edad|l['’]?âge|العمر)[a-zà-ÿء-ي]"
    rf"|\s+(?:{LIFE_OF_NO_PERSON})\b)",
    re.IGNORECASE,
)
_BARE_AGE = re.compile(
    r"\(\s*(?:[FMHGfmhg]\s*[,/;]?\s*)?(?P<age>\d{1,2})(?:\s*[,/;]?\s*[FMHGfmhg])?\s*\)"
)
_LIMIT_BEFORE = re.compile(
    r"(?:\d\s*(?:-|–|—|to|and|or|à|a|et|ou|au|y|o|إلى|الى|و)|\b(?:under|over|below|above|than|least"
    r"|most|between|from|moins\s+de|plus\s+de|au\s+moins|entre|dès|menos\s+de|más\s+de|menores\s+de"
    r"|mayores\s+de|les|des|les\s+enfants\s+de|دون|تحت|فوق|من|أقل\s+من|أكثر\s+من)"
    r"(?:\s+(?:the\s+age\s+of|l['’]âge\s+de|سن))?)\s*(?:\b(?:aged?|âgée?\s+de)\s*)?$",
    re.IGNORECASE,
)
_LIMIT_AFTER = re.compile(
    r"\s*(?:-|–|—|to|à|a|y|et|إلى|الى)\s*\d|\s*(?:et\s+(?:plus|moins)|and\s+(?:over|above|under|more)"
    r"|or\s+(?:older|younger|more)|y\s+más|o\s+más|فأكثر|وما\s+فوق)",
    re.IGNORECASE,
)
_WORD = r"(?<![^\W_])[^\W\d_](?:[^\W\d_]|['’.-](?=[^\W\d_])){0,40}\.?"
_TO_AGE = (
    r"[\s,;:،؛(\[–—-]{1,4}(?:(?:who|qui|que|و)?\s*(?:is|was|turned|a|est|était|avait|tiene|tenía"
    r"|cumplió|هي|هو)\s+(?:only|just|seulement|solo)?\s*)?"
    rf"(?:(?:an?|the|une?|la|le|el|petite?)\s+)?(?:(?:{CHILD})\s*,?\s*(?:de|d['’]|of)?\s*)?"
    r"(?:aged|âgée?\s+de|de)?\s*\(?"
)
_ANY_WORD = re.compile(_WORD)
_NAME_BEFORE = re.compile(rf"({_WORD}(?:\s{_WORD}){{0,3}}){_TO_AGE}$", re.IGNORECASE)
_NAME_COMMA_AGE = re.compile(
    rf"({_WORD})\s?[,،]\s?(\d{{1,2}})(?=\s*(?:[,،.;)]|$|(?:and|et|y|و)\b))"
)
_NAME_AFTER = re.compile(rf"[\s,،)]{{1,3}}(?:(?:{CALLED}|{CHILD})\s+){{0,2}}({_WORD})")
_A_CHILD = re.compile(rf"(?<!\w)(?:{CHILD})(?!\w)", re.IGNORECASE)
_NAMED = re.compile(
    rf"(?<!\w)(?:{CHILD})(?!\w)[^.!?;\n]{{0,40}}?(?<!\w)(?:{CALLED}|del?\s+nombre|du\s+nom\s+de)"
    rf"\s+({_WORD})|(?<!\w)(?:prénommée?|المدعوة?)\s+({_WORD})",
    re.IGNORECASE,
)
_BESIDE = re.compile(
    rf"(?<!\w)(?:{CHILD}|petite|petit|jeune|little|young|pequeña|pequeño)\s+({_WORD})",
    re.IGNORECASE,
)
_ROMAN = re.compile(r"[IVX]+")
_SENTENCE_END = re.compile(r"[.!?؟;\n]\s")


def _is_name(word: str, *, is_sure: bool) -> bool:
    """Whether the word may be someone's name: as a capital, or as a known given name, tells."""
    plain = fold_accents(word)
    if plain in GIVEN_NAMES:
        return True
    if (len(plain) < 2 and not word.endswith(".")) or _ROMAN.fullmatch(word):
        return False
    if plain in NO_NAMES or plain in country_words():
        return False
    if "\u0600" <= word[0] <= "\u06ff":
        return is_sure and not word.startswith(("ال", "لل", "بال", "وال"))
    return word[0].isupper() and (is_sure or not word.isupper())


def _name_in(run: str, *, is_sure: bool) -> int:
    """Where in a run of words the name at its end begins; -1 when it ends with none."""
    if fold_accents(run) in country_words():
        return -1
    words = list(_ANY_WORD.finditer(run))
    start = -1
    for place in range(len(words) - 1, -1, -1):
        rest = run[words[place].start() :]
        if fold_accents(rest) in country_words():
            return -1
        if not _is_name(words[place].group(), is_sure=is_sure):
            break
        start = words[place].start()
    return start


def _child_ages(text: str, pattern: re.Pattern[str]) -> Iterator[re.Match[str]]:
    """Ages of one child: below 18, and neither a limit nor one end of a range."""
    for found in pattern.finditer(text):
        number = next(one for one in found.groups() if one)
        if number.isdigit() and not 0 < int(number) < 18:
            continue
        if _LIMIT_BEFORE.search(text[max(0, found.start() - MAX_DISTANCE) : found.start()]):
            continue
        if not _LIMIT_AFTER.match(text, found.end()):
            yield found


def _around(text: str, found: re.Match[str]) -> tuple[int, int]:
    """The part of a sentence near what was found."""
    start, end = max(0, found.start() - MAX_DISTANCE), min(len(text), found.end() + MAX_DISTANCE)
    for stop in _SENTENCE_END.finditer(text, start, found.start()):
        start = stop.end()
    stop_after = _SENTENCE_END.search(text, found.end(), end)
    return start, stop_after.start() if stop_after else end


def _with_age(text: str, found: re.Match[str], *, is_sure_age: bool) -> tuple[int, int] | None:
    """From the name to the age, or the reverse, where somebody's name stands near the age."""
    start, end = _around(text, found)
    before = _NAME_BEFORE.search(text, start, found.start())
    if before:
        place = _name_in(before.group(1), is_sure=True)
        if place >= 0:
            return before.start(1) + place, found.end()
    after = _NAME_AFTER.match(text, found.end(), end)
    if after and is_sure_age and _is_name(after.group(1), is_sure=True):
        is_arabic = "\u0600" <= after.group(1)[0] <= "\u06ff"
        if not is_arabic or fold_accents(after.group(1)) in GIVEN_NAMES:
            return found.start(), after.end()
    return _in_sentence(text, found, start, end)


def _in_sentence(text: str, found: re.Match[str], start: int, end: int) -> tuple[int, int] | None:
    """From a name to the age, where both stand in a sentence: a given name, or that of a child."""
    has_child = _A_CHILD.search(text, start, end)
    for word in _ANY_WORD.finditer(text, start, end):
        is_capital = word.group()[0].isupper() and _is_name(word.group(), is_sure=False)
        is_child = has_child and is_capital and word.start() > start
        if is_child or fold_accents(word.group()) in GIVEN_NAMES:
            return min(word.start(), found.start()), max(word.end(), found.end())
    return None


def find_names_with_ages(text: str) -> Spans:
    for pattern, is_sure in ((_SURE_AGE, True), (_AGE, False)):
        for found in _child_ages(text, pattern):
            span = _with_age(text, found, is_sure_age=is_sure)
            if span:
                yield span


def find_names_with_numbers(text: str) -> Spans:
    """``Ahmed (12)``; and ``Ahmed, 12`` where Ahmed is a given name."""
    for found in _child_ages(text, _BARE_AGE):
        before = _NAME_BEFORE.search(text, max(0, found.start() - MAX_DISTANCE), found.start())
        place = _name_in(before.group(1), is_sure=False) if before else -1
        if before and place >= 0:
            yield before.start(1) + place, found.end()
    for found in _NAME_COMMA_AGE.finditer(text):
        if fold_accents(found.group(1)) in GIVEN_NAMES and 0 < int(found.group(2)) < 18:
            yield found.span()


def find_named_children(text: str) -> Spans:
    for found in _NAMED.finditer(text):
        name = found.group(1) or found.group(2)
        if _is_name(name, is_sure=True):
            yield found.span()
    for found in _BESIDE.finditer(text):
        if fold_accents(found.group(1)) in GIVEN_NAMES:
            yield found.span()

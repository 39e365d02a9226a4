"""Names near an age or a child, in English, French, Spanish and Arabic."""

import re
from collections.abc import Iterator

from indicators.safeguarding.numbers import Span
from indicators.safeguarding.word_lists import (
    AGES_IN_WORDS,
    CHILD,
    GIVEN_NAMES,
    NAMED,
    NO_NAMES,
    NOT_AN_AGE,
    load_country_words,
)
from strategy.text import fold_accents

MAX_DISTANCE = 60
"""Characters within which a name, a child and an age belong together."""

_NUMBER = rf"(?<![\w.,/])(?P<age>\d{{1,2}}|{AGES_IN_WORDS})"
_SURE_AGE = re.compile(
    rf"\b(?:aged?|at\s+the\s+age\s+of|âgée?\s+de|agée?\s+de|de\s+edad|edad(?:\s+de)?"
    rf"|البالغة?\s+من\s+العمر|تبلغ\s+من\s+العمر|يبلغ\s+من\s+العمر|عمره|عمرها|العمر)[\s:]*"
    rf"(?P<sure>\d{{1,2}}|{AGES_IN_WORDS})\b(?:\s*(?:years?|ans|mois|años|سنوات|سنة|عاما?))?"
    rf"|{_NUMBER}[\s-]*(?:years?|yrs?|months?)[\s-]*old\b"
    rf"|{_NUMBER.replace('age', 'years')}\s*y(?:/?o\b|\.\s?o\.)",
    re.IGNORECASE,
)
_AGE = re.compile(
    rf"{_NUMBER}\s*(?:ans?|mois|a[nñ]os?|meses|years?|yrs|months?"
    rf"|سنوات|سنين|سنة|عاما|عامًا|عام|أعوام|اعوام|شهرا|شهرًا|شهور|أشهر|اشهر)\b"
    rf"(?!\s+(?:de|d['’]|of|من|{NOT_AN_AGE})\s*(?!edad|l['’]?âge|العمر)[a-zà-ÿء-ي]"
    rf"|\s+(?:{NOT_AN_AGE})\b)",
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
WORD = r"(?<![^\W_])[^\W\d_](?:[^\W\d_]|['’.-](?=[^\W\d_])){0,40}\.?"
_TO_AGE = (
    r"[\s,;:،؛(\[–—-]{1,4}(?:(?:who|qui|que|و)?\s*(?:is|was|turned|a|est|était|avait|tiene|tenía"
    r"|cumplió|هي|هو)\s+(?:only|just|seulement|solo)?\s*)?"
    rf"(?:(?:an?|the|une?|la|le|el|petite?)\s+)?(?:(?:{CHILD})\s*,?\s*(?:de|d['’]|of)?\s*)?"
    r"(?:aged|âgée?\s+de|de)?\s*\(?"
)
_WORDS = re.compile(WORD)
_RUN_BEFORE = re.compile(rf"({WORD}(?:\s{WORD}){{0,3}})[\s,;:،(/–—-]{{0,4}}$")
INITIAL = re.compile(r"(?<!\w)[A-Z]\.")
_NAME_BEFORE = re.compile(rf"({WORD}(?:\s{WORD}){{0,3}}?){_TO_AGE}$", re.IGNORECASE)
_BARE_NUMBER = re.compile(
    rf"[,،:/–—-]\s?(\d{{1,2}}|{AGES_IN_WORDS})(?=\s*(?:[,،.;)]|$|(?:and|et|y|و)\b))",
    re.IGNORECASE,
)
_SHORT_AGE = re.compile(
    r"(?<![\w.,/])(?P<age>\d{1,2})\s*(?:a|y|yr|س)\b(?!\.?\s?m\b)\.?(?!\s*[-/]?\s*\w)", re.IGNORECASE
)
"""A unit of one letter, which counts after a person's name alone."""
_NAME_AFTER = re.compile(rf"[\s,،)]{{1,3}}(?:(?:{NAMED}|{CHILD})\s+){{0,2}}({WORD})")
_CHILD = re.compile(rf"(?<!\w)(?:{CHILD})(?!\w)", re.IGNORECASE)
_NAMED_CHILD = re.compile(
    rf"(?<!\w)(?:{CHILD})(?!\w)[^.!?;\n]{{0,40}}?(?<!\w)(?:{NAMED}|del?\s+nombre|du\s+nom\s+de)"
    rf"\s+({WORD})|(?<!\w)(?:prénommée?|المدعوة?)\s+({WORD})",
    re.IGNORECASE,
)
_AFTER_CHILD = re.compile(
    rf"(?<!\w)(?:{CHILD}|petite|petit|jeune|little|young|pequeña|pequeño)\s+({WORD})",
    re.IGNORECASE,
)
INITIALS = r"(?:[A-Z]\.\s?[A-Z][^\W\d_]+|(?:[A-Z]\.\s?){2,3}|[A-Z]\.[A-Z](?![\w.]))"
_CHILD_INITIALS = re.compile(rf"(?<!\w)(?i:{CHILD})\s*[:,،–—-]?\s*{INITIALS}")
_ROMAN = re.compile(r"[IVX]+")
_SENTENCE_END = re.compile(r"[.!?؟;\n]\s")


def is_name(word: str, *, is_sure: bool) -> bool:
    """Whether it is a name by its capital or as a given name; ``is_sure`` next to an age."""
    plain = fold_accents(word)
    if plain in GIVEN_NAMES:
        return True
    if (len(plain) < 2 and not word.endswith(".")) or _ROMAN.fullmatch(word):
        return False
    if plain in NO_NAMES or plain in load_country_words():
        return False
    if _is_arabic(word):
        return is_sure and not word.startswith(("ال", "لل", "بال", "وال"))
    return word[0].isupper() and (is_sure or not word.isupper())


def _is_arabic(word: str) -> bool:
    return "\u0600" <= word[0] <= "\u06ff"


def find_name_start(run: str, *, is_sure: bool) -> int | None:
    """Return where the name at the end of a run of words begins; None without a name."""
    if fold_accents(run) in load_country_words():
        return None
    start = None
    for word in reversed(list(_WORDS.finditer(run))):
        if fold_accents(run[word.start() :]) in load_country_words():
            return None
        if not is_name(word.group(), is_sure=is_sure):
            break
        start = word.start()
    return start


def _find_person_start(text: str, end: int) -> int | None:
    """Return where a person's name before ``end`` begins: a given name, or one with an initial."""
    before = _RUN_BEFORE.search(text, max(0, end - MAX_DISTANCE), end)
    if not before:
        return None
    for word in _WORDS.finditer(before.group(1)):
        if fold_accents(word.group()) in GIVEN_NAMES:
            return before.start(1) + word.start()
    start = find_name_start(before.group(1), is_sure=False)
    name = before.group(1)[start or 0 :]
    has_initial = start is not None and " " in name and INITIAL.search(name)
    return before.start(1) + (start or 0) if has_initial else None


def _find_child_ages(text: str, pattern: re.Pattern[str]) -> Iterator[re.Match[str]]:
    for match in pattern.finditer(text):
        number = next(group for group in match.groups() if group)
        if number.isdigit() and not 0 < int(number) < 18:
            continue
        if _LIMIT_BEFORE.search(text[max(0, match.start() - MAX_DISTANCE) : match.start()]):
            continue
        if not _LIMIT_AFTER.match(text, match.end()):
            yield match


def _find_surroundings(text: str, match: re.Match[str]) -> Span:
    start = max(0, match.start() - MAX_DISTANCE)
    end = min(len(text), match.end() + MAX_DISTANCE)
    for stop in _SENTENCE_END.finditer(text, start, match.start()):
        start = stop.end()
    stop_after = _SENTENCE_END.search(text, match.end(), end)
    return start, stop_after.start() if stop_after else end


def _find_name_with_age(text: str, age: re.Match[str], *, is_sure_age: bool) -> Span | None:
    start, end = _find_surroundings(text, age)
    before = _NAME_BEFORE.search(text, start, age.start())
    if before:
        name_start = find_name_start(before.group(1), is_sure=True)
        if name_start is not None:
            return before.start(1) + name_start, age.end()
    after = _NAME_AFTER.match(text, age.end(), end)
    name = after.group(1) if after and is_sure_age else ""
    is_known = not name or not _is_arabic(name) or fold_accents(name) in GIVEN_NAMES
    if after and name and is_known and is_name(name, is_sure=True):
        return age.start(), after.end()
    return _find_name_in_sentence(text, age, start, end)


def _find_name_in_sentence(text: str, age: re.Match[str], start: int, end: int) -> Span | None:
    has_child = _CHILD.search(text, start, end)
    for word in _WORDS.finditer(text, start, end):
        is_capital = word.group()[0].isupper() and is_name(word.group(), is_sure=False)
        is_child = has_child and is_capital and word.start() > start
        if is_child or fold_accents(word.group()) in GIVEN_NAMES:
            return min(word.start(), age.start()), max(word.end(), age.end())
    return None


def find_names_with_ages(text: str) -> Iterator[Span]:
    for pattern, is_sure in ((_SURE_AGE, True), (_AGE, False)):
        for age in _find_child_ages(text, pattern):
            span = _find_name_with_age(text, age, is_sure_age=is_sure)
            if span:
                yield span


def find_names_with_numbers(text: str) -> Iterator[Span]:
    """Yield ``Ahmed (12)``."""
    for age in _find_child_ages(text, _BARE_AGE):
        before = _NAME_BEFORE.search(text, max(0, age.start() - MAX_DISTANCE), age.start())
        start = find_name_start(before.group(1), is_sure=False) if before else None
        if before and start is not None:
            yield before.start(1) + start, age.end()


def find_names_before_numbers(text: str) -> Iterator[Span]:
    """Yield ``Fatou Diop - twelve`` and ``Ahmed, 12``, where Ahmed is a given name."""
    for match in _BARE_NUMBER.finditer(text):
        number = match.group(1)
        if number.isdigit() and not 0 < int(number) < 18:
            continue
        start = _find_person_start(text, match.start())
        if start is not None:
            yield start, match.end()


def find_names_with_short_ages(text: str) -> Iterator[Span]:
    """Yield ``Aminata S. 12 a.``"""
    for age in _find_child_ages(text, _SHORT_AGE):
        start = _find_person_start(text, age.start())
        if start is not None:
            yield start, age.end()


def find_named_children(text: str) -> Iterator[Span]:
    for match in _NAMED_CHILD.finditer(text):
        if is_name(match.group(1) or match.group(2), is_sure=True):
            yield match.span()
    for match in _CHILD_INITIALS.finditer(text):
        yield match.span()
    for match in _AFTER_CHILD.finditer(text):
        if fold_accents(match.group(1)) in GIVEN_NAMES:
            yield match.span()

"""Numbers that may identify a person: of papers, cases, telephones, birth dates and places."""

import re
from collections.abc import Iterator

Span = tuple[int, int]
"""Where a phrase begins and ends in a text."""

COORDINATES = re.compile(
    r"[-+]?\b\d{1,2}\.\d{3,}\s*°?\s*[NSns]?\s*[,;/ ]\s*[-+]?\d{1,3}\.\d{3,}\s*°?\s*(?:[EWOewo]\b)?"
    r"|\b\d{1,2}\s*°\s*\d{1,2}(?:[.,]\d+)?\s*['’′´]\s*(?:\d{1,2}(?:[.,]\d+)?\s*(?:[\"”″]|''|’’|′′)\s*)?"
    r"[NSns]\b.{0,4}?\d{1,3}\s*°\s*\d{1,2}(?:[.,]\d+)?\s*['’′´]"
    r"(?:\s*\d{1,2}(?:[.,]\d+)?\s*(?:[\"”″]|''|’’|′′))?\s*(?:[EWOewo]\b)?"
)
_NUMBER_SIGN = (
    r"(?:\s*(?:(?:number|no|nr|num|numéro|numero|núm|n)\b\s*[.:°º]?|n[°º]|№|#|:|رقم)\s*){1,2}"
)
_PAPERS = (
    r"passports?|passeports?|pasaportes?|identity\s+cards?|national\s+id(?:\s+card)?|id\s+card"
    r"|carte\s+(?:nationale\s+)?d['’]identité(?:\s+nationale)?|cni|nni|cédula(?:\s+de\s+identidad)?"
    r"|cedula(?:\s+de\s+identidad)?|dni|curp|documento\s+(?:nacional\s+)?de\s+identidad"
    r"|birth\s+certificate|(?:acte|extrait|certificat)\s+(?:d['’]acte\s+)?de\s+naissance"
    r"|(?:acta|partida|certificado)\s+de\s+nacimiento|jugement\s+supplétif"
    r"|social\s+(?:insurance|security)|sécurité\s+sociale|assurance\s+sociale|seguro\s+social"
    r"|numéro\s+d['’]identité|identity\s+number|id\s+number|número\s+de\s+identidad"
    r"|(?:رقم\s+)?(?:ال)?(?:بطاقة\s+الهوية|هوية|جواز\s+السفر|جواز\s+سفر|شهادة\s+(?:ال)?ميلاد)"
    r"|بطاقة\s+التعريف(?:\s+الوطنية)?|الرقم\s+الوطني"
)
_PAPER_VALUE = (
    r"(?=[A-Z0-9 /.-]{0,40}\d{2})(?:[A-Z]{1,3}[ -]?)?\d[A-Z0-9/.-]*(?:[ -]\d[A-Z0-9/.-]*)*"
)
_PAPER = re.compile(rf"\b(?:{_PAPERS})(?:{_NUMBER_SIGN}|\s+)({_PAPER_VALUE})", re.IGNORECASE)
_YEARS = re.compile(r"(?:19|20)\d\d(?:\s*[-/–]\s*(?:19|20)?\d\d)?[.,]?")
_GROUPED = re.compile(r"\d{1,3}(?:[ ,.]\d{3})+[.,]?")

CASE = re.compile(
    r"\b(?:case|case\s+file|file|dossier|affaire|cas|expediente|caso|causa"
    rf"|(?:ال)?(?:قضية|ملف|حالة)){_NUMBER_SIGN}[A-Z]{{0,5}}[ /.-]?\d[\w/.-]*",
    re.IGNORECASE,
)
BIRTH_LABEL = re.compile(
    r"\b(?:date\s+of\s+birth|birth\s*date|d\.?o\.?b\.?|date\s+de\s+naissance"
    r"|fecha\s+de\s+nacimiento|تاريخ\s+(?:ال)?(?:ميلاد|ولادة))\s*[:=]?\s*(?:le\s+|el\s+)?"
    r"\d{1,4}(?:[\s/.-]+\w{1,10}[\s/.-]+\d{2,4})?",
    re.IGNORECASE,
)
BORN = re.compile(
    r"\b(?:born(?:\s+on)?|née?s?(?:\s+le)?|nacid[oa]s?(?:\s+el)?|(?:مولود|مولودة|ولد|ولدت)(?:\s+في)?)"
    r"\s+\d{1,4}[\s/.-]+(?:de\s+)?[^\W_]{1,10}[\s/.-]+(?:de\s+)?\d{2,4}\b",
    re.IGNORECASE,
)
_LABELLED_PHONE = re.compile(
    r"\b(?:tel|tél|phone|telephone|téléphone|telefono|teléfono|mobile|portable|cell|cellulaire"
    r"|celular|móvil|gsm|whatsapp|fax|contact|هاتف|الهاتف|جوال|الجوال|واتساب|تلفون)"
    r"\b\s*(?:[.:]|n[°º]|number|no\.?|رقم)?\s*[:.]?\s*(\+?\(?\d[\d\s().-]{5,18}\d)",
    re.IGNORECASE,
)
_PHONE = re.compile(
    r"(?<![\w.,/-])(?:(?:\+|00)\d{1,3}[\s.-]?(?:\(\d{1,4}\)[\s.-]?)?\d(?:[\s.-]?\d){5,12}"
    r"|\(\d{3}\)\s?\d{3}[\s.-]\d{4}|\d{3}[.-]\d{3}[.-]\d{4}|\d{3}\s\d{3}\s\d{4}"
    r"|\d{2}(?:[\s.-]\d{2}){3,4}|\d{2}[\s.-]\d{3}(?:[\s.-]\d{2}){2}|\d{4}[\s-]\d{4})(?![\w/]|[-.,]\d)"
)
_LONG = re.compile(r"(?<![\w.,/-])\d{8,18}(?![\w/]|[-.,]\d)")
_DAY = re.compile(r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])")
_MONEY_BEFORE = re.compile(r"(?:\b[A-Z]{3}|[$€£])\s*$")
_MAX_BEFORE = 8
"""Characters before a number that may be its currency: searching a whole text takes too long."""
_MONEY_AFTER = re.compile(r"\s*(?:[A-Z]{3}\b|FCFA|[$€£]|dollars?|francs?|euros?)")


def find_papers(text: str) -> Iterator[Span]:
    """Yield the numbers of identity papers, not a year or a quantity after their name."""
    for match in _PAPER.finditer(text):
        value = match.group(1)
        digit_count = sum(character.isdigit() for character in value)
        is_plain = _YEARS.fullmatch(value) or _GROUPED.fullmatch(value)
        if digit_count >= 4 and not is_plain:
            yield match.span()


def find_phones(text: str) -> Iterator[Span]:
    yield from (match.span() for match in _LABELLED_PHONE.finditer(text))
    for match in _PHONE.finditer(text):
        if not re.fullmatch(r"(?:19|20)\d\d[\s-](?:19|20)\d\d", match.group()):
            yield match.span()


def find_long_numbers(text: str) -> Iterator[Span]:
    for match in _LONG.finditer(text):
        before = text[max(0, match.start() - _MAX_BEFORE) : match.start()]
        is_money = _MONEY_BEFORE.search(before) or _MONEY_AFTER.match(text, match.end())
        if not is_money and not _DAY.fullmatch(match.group()):
            yield match.span()

"""References and codes as people write them."""

from functools import cache

from babel.core import get_global
from django.utils.translation import gettext as _

from strategy.text import fold_accents, normalize_text

CURRENCY = "currency"
"""The name of each column with the code of a currency."""

FIRST_YEAR = 2000
"""Currencies that nobody used in this year or later are refused."""

MAX_LENGTH = 40

CFA_FRANCS = frozenset({"cfa", "fcfa", "cfaf"})
"""Words that people use of two currencies alike."""


def normalize_reference(text: str) -> str:
    """Return a reference as it is stored and looked up: one line, with single spaces."""
    return " ".join(normalize_text(text).split())


def parse_currency(text: str) -> str:
    """Return the code of ISO 4217; raises ValueError with a sentence for the user."""
    code = text.strip().upper()
    if code in load_currencies():
        return code
    if not CFA_FRANCS.isdisjoint(fold_accents(text[:MAX_LENGTH]).split()):
        raise ValueError(
            _(
                "“%(text)s” is the name of two currencies. "
                "Write XOF (West Africa) or XAF (Central Africa)."
            )
            % {"text": text.strip()}
        )
    raise ValueError(
        _("“%(text)s” is not the code of a currency. Write its three letters, such as CAD or EUR.")
        % {"text": text.strip()[:MAX_LENGTH]}
    )


@cache
def load_currencies() -> frozenset[str]:
    """Return the codes of the currencies that are, or lately were, legal tender somewhere."""
    return frozenset(
        code
        for territory in get_global("territory_currencies").values()
        for code, _start, end, is_tender in territory
        if is_tender and (end is None or end[0] >= FIRST_YEAR)
    )

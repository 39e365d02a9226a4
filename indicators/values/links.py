"""Links to the evidence, in one normal form."""

import re

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils.translation import gettext as _

MAX_LENGTH = 1000

_NEXT_LINK = r"(?=[a-z][a-z0-9+.-]*://|www\.)"
_BETWEEN_LINKS = re.compile(rf"\s*(?:;\s*{_NEXT_LINK}|\n)\s*", re.IGNORECASE)
_WITHIN_LINK = re.compile(rf";{_NEXT_LINK}", re.IGNORECASE)

_PLAIN_LINK = re.compile(r"https?://(?:[a-z0-9]{1,60}\.){1,3}[a-z]{2,60}(?:[/?#][!-~]*)?")
"""Most links: Django's slower validator accepts all that match."""

_validate_url = URLValidator(schemes=["http", "https"])


def split_links(text: str) -> list[str]:
    """Return the links of a cell, which ``;`` separates before the beginning of an address."""
    links = (link.strip(" ;") for link in _BETWEEN_LINKS.split(text))
    return [link for link in links if link]


def parse_link(text: str) -> str:
    """Return the link as it is stored; raises ValueError with a sentence for the user.

    A ``;`` at which ``split_links`` would divide the link is encoded.
    """
    link = _WITHIN_LINK.sub("%3B", text.strip(" ;"))
    if "://" not in link.partition("?")[0]:
        link = f"https://{link}"
    if len(link) > MAX_LENGTH:
        sentence = _("The link has %(length)s characters; at most %(most)s are kept.")
        raise ValueError(sentence % {"length": len(link), "most": MAX_LENGTH})
    if not _PLAIN_LINK.fullmatch(link):
        try:
            _validate_url(link)
        except ValidationError:
            raise ValueError(
                _("“%(text)s” is not a link. Copy the whole address, beginning with https://.")
                % {"text": text}
            ) from None
    return link

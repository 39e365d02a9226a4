"""Addresses of the records of a page: one look-up of the route for each kind of record."""

from urllib.parse import quote

from django.urls import reverse
from django.utils.http import RFC3986_SUBDELIMS

from strategy.choices import RecordKind

STAND_IN = "REFERENCE"
UNQUOTED = RFC3986_SUBDELIMS + "~:@"
"""What Django leaves as it is in a part of an address."""


class RecordAddresses:
    """The addresses of records of any kind, for one page."""

    def __init__(self) -> None:
        self._parts: dict[RecordKind, tuple[str, str]] = {}

    def find(self, kind: RecordKind, reference: str) -> str:
        if kind not in self._parts:
            address = reverse("indicators:record_detail", args=[kind, STAND_IN])
            before, _stand_in, after = address.partition(STAND_IN)
            self._parts[kind] = (before, after)
        before, after = self._parts[kind]
        return f"{before}{quote(reference, safe=UNQUOTED)}{after}"

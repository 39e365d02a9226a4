"""The linked numbers of a page, and the lists of their records, read without a browser."""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from urllib.parse import urlencode, urljoin, urlsplit
from xml.etree.ElementTree import Element

from cssselect2 import ElementWrapper
from django.test import Client

from tests.support.html_tree import query_of, text_of, tree_of

Rows = Sequence[Mapping[str, str]]

DISTINCT = {
    "1.1-countries": "countries",
    "1.3-sectors": "sector",
    "2.1-countries": "country",
    "3.4-policies": "areas",
}
"""Targets that count values, and the column of the file that contains them."""


@dataclass(frozen=True)
class LinkedNumber:
    """A number on a page, and the URL of its records."""

    text: str
    address: str

    @property
    def query(self) -> Mapping[str, str]:
        return query_of(self.address)

    @property
    def figure(self) -> str:
        """The number without the words around it: `12.5`, `4`."""
        found = re.search(r"\d+(\.\d+)?", self.text.replace(",", ""))
        return found.group() if found else self.text


@dataclass(frozen=True)
class RecordList:
    """A list of records: the rows on all its pages, and those of its file."""

    on_pages: int
    in_file: Rows
    left_out: str
    """The URL of the records that the figure excludes; empty without a link."""
    reasons: Sequence[str]
    """The exclusion reasons on the first page."""


def select(root: Element, selector: str) -> list[Element]:
    matches = ElementWrapper.from_html_root(root).query_all(selector)
    return [match.etree_element for match in matches]


def find_numbers(root: Element, within: str = "main") -> list[LinkedNumber]:
    links = select(root, f"{within} a[href^='/records/']")
    return list(dict.fromkeys(LinkedNumber(text_of(a), str(a.get("href"))) for a in links))


class RecordLists:
    """The lists of records as one user sees them; each is read once."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._lists: dict[str, RecordList] = {}
        self._files: dict[str, Rows] = {}

    def open(self, address: str) -> RecordList:
        """Read all pages of a list; raise AssertionError on a redirect or an error."""
        if address not in self._lists:
            self._lists[address] = self._read(address)
        return self._lists[address]

    def open_file(self, address: str) -> Rows:
        if address not in self._files:
            response = self._client.get(address)
            assert response.status_code == 200, f"{response.status_code} {address}"
            content = b"".join(response).decode("utf-8-sig")
            self._files[address] = list(csv.DictReader(io.StringIO(content)))
        return self._files[address]

    def _read(self, address: str) -> RecordList:
        first, *others = self._read_pages(address)
        main = select(first, "main")[0]
        links = {text_of(a): urljoin(address, str(a.get("href"))) for a in main.iter("a")}
        rows = [len(select(page, "main table.reflow > tbody > tr")) for page in (first, *others)]
        return RecordList(
            on_pages=sum(rows),
            in_file=self.open_file(links["CSV"]) if "CSV" in links else [],
            left_out=links.get("those left out, and why", ""),
            reasons=[text_of(cell) for cell in select(first, "td[data-label=Reason]")],
        )

    def _read_pages(self, address: str) -> Iterator[Element]:
        next_address = address
        while next_address:
            page = tree_of(self._client.get(next_address))
            yield page
            further = select(page, "main a[rel=next]")
            next_address = urljoin(next_address, str(further[0].get("href"))) if further else ""


def find_faults(lists: RecordLists, number: LinkedNumber) -> Iterator[str]:
    """Yield the faults of a number and of the list that it links to."""
    records = lists.open(number.address)
    if records.on_pages != len(records.in_file):
        yield f"{number}: {records.on_pages} rows, but {len(records.in_file)} in the file"
    counted = count_again(lists, number, records.in_file)
    if counted != number.figure:
        yield f"{number}: the list makes it {counted}"


def find_faults_of_left_out(lists: RecordLists, number: LinkedNumber) -> Iterator[str]:
    """Yield a fault unless all other records of the kind are excluded, each with a reason."""
    counted = lists.open(number.address)
    rest = lists.open(counted.left_out)
    everything = len(lists.open_file(f"{urlsplit(number.address).path}export.csv"))
    if len(counted.in_file) + rest.on_pages != everything:
        yield f"{number}: {len(counted.in_file)} count, {rest.on_pages} left out, of {everything}"
    if rest.on_pages and not (rest.reasons and all(len(text) > 3 for text in rest.reasons)):
        yield f"{number}: left out without a reason: {rest.reasons}"


def count_again(lists: RecordLists, number: LinkedNumber, rows: Rows) -> str:
    """Calculate the number from the rows of its file alone."""
    asked = number.query
    target, people = asked.get("target", ""), asked.get("people", "none")
    if people != "none":
        return str(sum(int(row[people]) for row in rows))
    if "after" in asked and (target in DISTINCT or target == "1.2-fields"):
        return number.figure if rows else "0"
    if target == "3.3-budget":
        before, amount = (Decimal(row["amount"]) for row in sorted(rows, key=_year)[-2:])
        return round_to_tenth((amount - before) / before * 100)
    if "%" in number.text:
        return round_to_tenth(_share(lists, number, rows))
    if target in DISTINCT and "slice" not in asked:
        words = {word for row in rows for word in row[DISTINCT[target]].split(";")}
        return str(len(words - {"CA", ""}))
    return str(len(rows))


def round_to_tenth(value: Decimal) -> str:
    return str(value.quantize(Decimal("0.1"), ROUND_HALF_UP))


def _year(row: Mapping[str, str]) -> str:
    return row["year"]


def _share(lists: RecordLists, number: LinkedNumber, rows: Rows) -> Decimal:
    # Of one field, or the smallest of the three; each record is split among its fields.
    asked = dict(number.query)
    field = asked.pop("slice", "")
    kind = urlsplit(number.address).path
    everything = lists.open_file(f"{kind}export.csv?{urlencode(asked)}") if field else rows
    weights = dict.fromkeys(("justice", "violence", "emergencies"), Fraction(0))
    for row in everything:
        fields = row["fields_of_activity"].split(";")
        for name in fields:
            weights[name] += Fraction(1, len(fields))
    weight = weights[field] if field else min(weights.values())
    share = weight * 100 / len(everything)
    return Decimal(share.numerator) / share.denominator

"""What stands behind a number of a page that is a link: the list, its address, its file."""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from urllib.parse import parse_qsl, urlencode, urlsplit

from playwright.sync_api import Page

Rows = Sequence[Mapping[str, str]]

DISTINCT = {
    "1.1-countries": "countries",
    "1.3-sectors": "sector",
    "2.1-countries": "country",
    "3.4-policies": "areas",
}
"""Targets that count values, and the column of the file that holds them."""


@dataclass(frozen=True)
class Number:
    """A number as it stands on a page, and the address of the records behind it."""

    text: str
    address: str

    @property
    def query(self) -> Mapping[str, str]:
        return dict(parse_qsl(urlsplit(self.address).query))

    @property
    def figure(self) -> str:
        """The number alone, without what is said around it: `12.5`, `4`."""
        found = re.search(r"\d+(\.\d+)?", self.text.replace(",", ""))
        return found.group() if found else self.text


@dataclass(frozen=True)
class Listed:
    """What a list showed: the rows on all its pages, those of its file, where it leads on."""

    query: str
    on_pages: int
    in_file: Rows
    left_out: str


def numbers_on(page: Page, within: str = "main") -> list[Number]:
    """Every link to records, once."""
    found = page.locator(f"{within} a[href^='/records/']").evaluate_all(
        "all => all.map((a) => [a.textContent.trim(), a.getAttribute('href')])"
    )
    return [Number(*one) for one in dict.fromkeys(map(tuple, found))]


def listed(page: Page, address: str) -> Listed:
    """Open a list and turn all its pages."""
    page.goto(address)
    query, on_pages = urlsplit(page.url).query, 0
    file = page.get_by_role("main").get_by_role("link", name="CSV", exact=True)
    rows = in_file(page, str(file.get_attribute("href"))) if file.count() else []
    away = page.get_by_role("link", name="those left out, and why")
    left_out = page.evaluate("a => a.href", away.element_handle()) if away.count() else ""
    while True:
        on_pages += page.locator("main table.reflow > tbody > tr").count()
        further = page.locator("main a[rel=next]")
        if not further.count():
            return Listed(query, on_pages, rows, left_out)
        page.goto(str(further.evaluate("a => a.href")))


def in_file(page: Page, address: str) -> Rows:
    answer = page.request.get(address)
    assert answer.ok, f"{answer.status} {address}"
    return list(csv.DictReader(io.StringIO(answer.body().decode("utf-8-sig"))))


def faults_of(page: Page, number: Number, found: Listed) -> Iterator[str]:
    """What is wrong with a number, given the list that it leads to."""
    if found.query != urlsplit(number.address).query:
        yield f"{number}: the address became {found.query}"
    if found.on_pages != len(found.in_file):
        yield f"{number}: {found.on_pages} rows, but {len(found.in_file)} in the file"
    counted = counted_in(page, number, found.in_file)
    if counted != number.figure:
        yield f"{number}: the list makes it {counted}"


def counted_in(page: Page, number: Number, rows: Rows) -> str:
    """The number again, from the rows of its file alone."""
    asked = number.query
    target, people = asked.get("target", ""), asked.get("people", "none")
    if people != "none":
        return str(sum(int(row[people]) for row in rows))
    if "after" in asked and (target in DISTINCT or target == "1.2-fields"):
        return number.figure if rows else "0"
    if target == "3.3-budget":
        before, amount = (Decimal(row["amount"]) for row in sorted(rows, key=_year)[-2:])
        return rounded((amount - before) / before * 100)
    if "%" in number.text:
        return rounded(_share(page, number, rows))
    if target in DISTINCT and "slice" not in asked:
        words = {word for row in rows for word in row[DISTINCT[target]].split(";")}
        return str(len(words - {"CA", ""}))
    return str(len(rows))


def rounded(value: Decimal) -> str:
    return str(value.quantize(Decimal("0.1"), ROUND_HALF_UP))


def _year(row: Mapping[str, str]) -> str:
    return row["year"]


def _share(page: Page, number: Number, rows: Rows) -> Decimal:
    """Of one field, or the smallest of the three, each record being split among its fields."""
    asked = dict(number.query)
    field = asked.pop("slice", "")
    kind = urlsplit(number.address).path
    everything = in_file(page, f"{kind}export.csv?{urlencode(asked)}") if field else rows
    weights = {one: Fraction(0) for one in ("justice", "violence", "emergencies")}
    for row in everything:
        fields = row["fields_of_activity"].split(";")
        for one in fields:
            weights[one] += Fraction(1, len(fields))
    weight = weights[field] if field else min(weights.values())
    share = weight * 100 / len(everything)
    return Decimal(share.numerator) / share.denominator

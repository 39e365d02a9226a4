"""Helpers that read the dashboard: its URL, its table and its cells."""

from datetime import date
from urllib.parse import urlencode
from xml.etree.ElementTree import Element

from django.test import Client
from django.urls import reverse

from tests.support.html_tree import seen_text_of, tree_of, with_class

DAY = "2019-09-30"
AUTUMN = date(2019, 9, 30)


def address(**query: str) -> str:
    return reverse("reporting:dashboard") + (f"?{urlencode(query)}" if query else "")


def page(client: Client, **query: str) -> Element:
    return tree_of(client.get(address(**query)))


def rows(tree: Element) -> dict[str, Element]:
    """Return the rows of the plan table by objective and target name."""
    found = {}
    [table] = with_class(tree, "plan")
    for body in table.iter("tbody"):
        for row in body.iter("tr"):
            [name] = with_class(row, "name")
            found[f"{str(body.get('id'))[1:]} {seen_text_of(name)}"] = row
    return found


def cell(row: Element, name: str) -> str:
    [found] = with_class(row, name)
    return seen_text_of(found)

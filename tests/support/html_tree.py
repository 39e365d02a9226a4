"""A page as a tree, to look at what a reader sees: the text of its cells, and where links lead."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from xml.etree.ElementTree import Element

import tinyhtml5


def tree_of(response: Any, status: int = 200) -> Element:
    """The page of an answer with this status."""
    assert response.status_code == status, (response.status_code, response.content[:2000])
    root: Element = tinyhtml5.parse(response.content.decode(), namespace_html_elements=False)
    return root


def text_of(element: Element) -> str:
    """What a person reads there, with single spaces; what only screen readers say is included."""
    return " ".join("".join(element.itertext()).split())


def seen_text_of(element: Element) -> str:
    """What the eye reads there: without titles of pictures and what only screen readers say."""
    return " ".join("".join(_seen(element)).split())


def local_name(element: Element) -> str:
    """The name of a tag; that of a picture's part has its namespace before it."""
    return str(element.tag).rpartition("}")[2]


def _seen(element: Element) -> Iterator[str]:
    if local_name(element) == "title" or "visually-hidden" in element.get("class", "").split():
        return
    yield element.text or ""
    for child in element:
        yield from _seen(child)
        yield child.tail or ""


def with_class(element: Element, name: str) -> list[Element]:
    """Everything below of that class, in the order of the page."""
    return [one for one in element.iter() if name in str(one.get("class", "")).split()]


def links_in(element: Element) -> list[str]:
    return [str(one.get("href")) for one in element.iter("a")]


def query_of(address: str) -> dict[str, str]:
    """The names and values after the question mark."""
    return dict(parse_qsl(urlsplit(address).query))


def numbers_in(text: str) -> list[int]:
    return [int(found) for found in re.findall(r"\d+", text)]

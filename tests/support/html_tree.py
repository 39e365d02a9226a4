"""A page as a tree of elements: the text of its cells, the targets of its links."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from xml.etree.ElementTree import Element

import tinyhtml5


def tree_of(response: Any, status: int = 200) -> Element:
    """Return the page of a response, after checking its status."""
    assert response.status_code == status, (response.status_code, response.content[:2000])
    root: Element = tinyhtml5.parse(response.content.decode(), namespace_html_elements=False)
    return root


def text_of(element: Element) -> str:
    """Return the text with single spaces, including text for screen readers."""
    return " ".join("".join(element.itertext()).split())


def seen_text_of(element: Element) -> str:
    """Return the visible text, without titles of images and text for screen readers."""
    return " ".join("".join(_seen(element)).split())


def local_name(element: Element) -> str:
    """Return the element's tag without its namespace."""
    return str(element.tag).rpartition("}")[2]


def _seen(element: Element) -> Iterator[str]:
    if local_name(element) == "title" or "visually-hidden" in element.get("class", "").split():
        return
    yield element.text or ""
    for child in element:
        yield from _seen(child)
        yield child.tail or ""


def with_class(element: Element, name: str) -> list[Element]:
    """Return the descendants with that class, in the order of the page."""
    return [one for one in element.iter() if name in str(one.get("class", "")).split()]


def links_in(element: Element) -> list[str]:
    return [str(one.get("href")) for one in element.iter("a")]


def query_of(address: str) -> dict[str, str]:
    """Return the parameters of the URL's query string."""
    return dict(parse_qsl(urlsplit(address).query))


def numbers_in(text: str) -> list[int]:
    return [int(found) for found in re.findall(r"\d+", text)]

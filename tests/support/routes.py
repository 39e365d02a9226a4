"""Every route of the application, with a URL to request."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver, reverse

VALUES: dict[str, Any] = {
    "act": "submit",
    "action": "submit",
    "app_label": "strategy",
    "code": "1.1-countries",
    "content_type_id": "1",
    "country_code": "NE",
    "data": "summary.csv",
    "ext": "csv",
    "extension": "csv",
    "file_type": "xlsx",
    "identifier": "7b1fd1ac-2a1c-4d5e-9a0e-2f3b4c5d6e7f",
    "key": "set-password",
    "kind": "initiative",
    "language": "en",
    "name": "summary",
    "new": "indicator",
    "number": 1,
    "pk": 1,
    "object_id": "1",
    "office_code": "niamey",
    "owner": 1,
    "plan_code": "2017-2020",
    "reference": "INI-TEST",
    "report_type": "docx",
    "uidb36": "1",
    "url": "nothing",
    "uuid": "7b1fd1ac-2a1c-4d5e-9a0e-2f3b4c5d6e7f",
    "version": 1,
    "word": "objective",
    "year": "2018",
}
"""A value for each part of an address, by its name."""


@dataclass(frozen=True)
class Route:
    """A route by its name, with an example URL."""

    name: str
    address: str


def routes(
    resolver: Any = None, namespaces: tuple[str, ...] = (), words: tuple[str, ...] = ()
) -> Iterator[Route]:
    """Yield every route of the application, as its URL resolver lists them."""
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            inner = (*namespaces, entry.namespace) if entry.namespace else namespaces
            yield from routes(entry, inner, (*words, *entry.pattern.regex.groupindex))
        else:
            yield _route(entry, namespaces, words)


def _route(entry: URLPattern, namespaces: tuple[str, ...], outer: tuple[str, ...]) -> Route:
    name = ":".join((*namespaces, entry.name or entry.lookup_str))
    if not entry.name:
        return Route(name, "/admin/no-such-application/")
    pattern = entry.pattern.regex
    words = {word: VALUES[word] for word in (*outer, *pattern.groupindex)}
    if words:
        return Route(name, reverse(name, kwargs=words))
    return Route(name, reverse(name, args=["1"] * pattern.groups))

"""A crawler that follows links breadth-first until it finds no new page."""

from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urljoin, urlsplit

from django.conf import settings
from django.test import Client
from django.urls import resolve

MOST_PAGES = 400

Features = Callable[[str], AbstractSet[object]]
"""The features of a URL; it is opened if one of them is new."""


@dataclass(frozen=True)
class Answer:
    """The response of a URL; ``at`` is the URL after redirects."""

    address: str
    at: str
    status: int
    links: Collection[str] = ()
    missing: Collection[str] = ()
    """Fragments in the page's own links without an element."""


def crawl(
    start: Iterable[str], open_address: Callable[[str], Answer], features: Features
) -> Iterator[tuple[Answer, str]]:
    """Return every response with the URL of the page that links to it (empty for ``start``)."""
    queue = deque((address, "") for address in start)
    met = {one for address, _from in queue for one in features(address)}
    for _number in range(MOST_PAGES):
        if not queue:
            return
        address, source = queue.popleft()
        answer = open_address(address)
        yield answer, source
        for link in _own(answer):
            new = features(link) - met
            if new:
                met |= new
                queue.append((link, address))
    raise AssertionError(f"more than {MOST_PAGES} pages: what is new about {queue[0]}?")


def _own(answer: Answer) -> Iterator[str]:
    site = urlsplit(answer.at).netloc
    for link in answer.links:
        parts = urlsplit(urljoin(answer.at, link))
        is_own = parts.scheme in ("", "http") and parts.netloc == site
        if is_own and not parts.path.startswith(settings.STATIC_URL):
            yield parts._replace(scheme="", netloc="", fragment="").geturl()


def opened_by(client: Client) -> Callable[[str], Answer]:
    """Return a function that opens URLs as that client, without a browser."""

    def opened(address: str) -> Answer:
        response = client.get(address, follow=True)
        last = response.redirect_chain[-1][0] if response.redirect_chain else address
        at = urljoin(address, last)
        content = b"".join(response)
        if "text/html" not in response.headers.get("Content-Type", ""):
            return Answer(address, at, response.status_code)
        page = _Page()
        page.feed(content.decode())
        missing = {link[1:] for link in page.links if link.startswith("#")} - page.places
        return Answer(address, at, response.status_code, page.links, missing)

    return opened


class _Page(HTMLParser):
    """The links of a page, and the elements that a fragment can name."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.places = {""}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "a" and values.get("href") is not None:
            self.links.append(str(values["href"]))
        if values.get("id"):
            self.places.add(str(values["id"]))


def route_of(address: str) -> str:
    """Return the name of the route; in the administration the kind of page: `change`, `add`."""
    name = resolve(urlsplit(address).path).view_name
    return name.rpartition("_")[2] if name.startswith("admin:strategy_") else name


def conditions(address: str) -> AbstractSet[object]:
    """Return the route, or its pairs with the names of the query's parameters.

    A filter works the same on every kind of record, so it is tried once.
    """
    pairs = parse_qsl(urlsplit(address).query)
    return {(route_of(address), name) for name, _value in pairs} or {route_of(address)}


def kinds_and_conditions(address: str) -> AbstractSet[object]:
    """Return the same for every kind of record, and for lists for every figure behind them."""
    parts = urlsplit(address)
    match = resolve(parts.path)
    if not parts.query:
        return {(match.view_name, match.kwargs.get("kind"))}
    figure = ("target", "counts") if match.view_name == "indicators:record_list" else ()
    pairs = parse_qsl(parts.query)
    return {(route_of(address), name, value) for name, value in pairs if name in figure} | (
        conditions(address)
    )

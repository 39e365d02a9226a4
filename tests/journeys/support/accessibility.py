"""Barriers that axe-core finds on a page: WCAG 2.2, level AA."""

from collections.abc import Iterator, Mapping

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

COLOUR_RULES = ("color-contrast", "link-in-text-block")
"""The rules whose result depends on colours; they need four fifths of the time."""

BY_LEVEL: Mapping[str, object] = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
}
BY_LEVEL_WITHOUT_COLOURS = {
    **BY_LEVEL,
    "rules": {rule: {"enabled": False} for rule in COLOUR_RULES},
}
OF_COLOURS = {"runOnly": {"type": "rule", "values": COLOUR_RULES}}

AXE = Axe()
NARROW = 320


def find_barriers(page: Page) -> Iterator[str]:
    yield from _run(page, BY_LEVEL)


def find_barriers_in_dark(page: Page) -> list[str]:
    """Return the barriers of the open page that only dark colours cause."""
    page.emulate_media(color_scheme="dark")
    found = [f"dark: {barrier}" for barrier in _run(page, OF_COLOURS)]
    page.emulate_media(color_scheme="light")
    return found


def find_barriers_in_narrow(page: Page) -> list[str]:
    """Return the barriers of the open page in a small window; colours stay the same."""
    size = page.viewport_size
    assert size is not None
    page.set_viewport_size({"width": NARROW, "height": 800})
    found = [f"narrow: {barrier}" for barrier in _run(page, BY_LEVEL_WITHOUT_COLOURS)]
    page.set_viewport_size(size)
    return found


def _run(page: Page, rules: Mapping[str, object]) -> Iterator[str]:
    options = {**rules, "resultTypes": ["violations"]}
    for violation in AXE.run(page, options=options).response["violations"]:
        for node in violation["nodes"]:
            yield f"{violation['id']}: {node['html'][:200]} {node.get('failureSummary', '')}"

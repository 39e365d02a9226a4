"""The layout of a report's pages, read from the boxes of WeasyPrint. Sizes are in points."""

import re
from collections.abc import Iterator, Sequence

from weasyprint.document import Page
from weasyprint.formatting_structure.boxes import Box, MarginBox, ReplacedBox, TextBox

PX_PER_POINT = 96 / 72
MIN_SIZE, MIN_SIZE_IN_ANNEX = 9.0, 8.0


def fill(page: Page) -> float:
    """Return the share of the page's height that its content reaches, from 0 to 1."""
    area = page._page_box
    bottoms = [_bottom(box) for box, _tags in _walk(area)]
    return max((bottom - area.content_box_y() for bottom in bottoms), default=0) / area.height


def stranded_headings(pages: Sequence[Page]) -> Iterator[str]:
    """Yield the headings that are the last content of their page."""
    for page in pages[:-1]:
        content = [(_bottom(box), box, tags) for box, tags in _walk(page._page_box)]
        lowest = max(bottom for bottom, _box, _tags in content)
        last = [(box, tags) for bottom, box, tags in content if bottom > lowest - 4]
        if all(re.search(r"\bh[1-6]\b", tags) for _box, tags in last):
            yield " ".join(getattr(box, "text", "") for box, _tags in last)


def small_texts(pages: Sequence[Page]) -> Iterator[tuple[float, str]]:
    """Yield the texts below the minimum size, in charts and footers too."""
    for page in pages:
        for box, tags in _walk(page._page_box, margins=True):
            minimum = MIN_SIZE_IN_ANNEX if "cited" in tags else MIN_SIZE
            sizes = _chart_sizes(box) if isinstance(box, ReplacedBox) else _text_sizes(box)
            yield from ((size, text) for size, text in sizes if size < minimum - 0.01)


def _text_sizes(box: Box) -> Iterator[tuple[float, str]]:
    yield box.style["font_size"] / PX_PER_POINT, box.text


def _chart_sizes(box: Box) -> Iterator[tuple[float, str]]:
    view_box = box.element.get("viewBox")
    scale = box.width / float(view_box.split()[2]) if view_box else 1.0
    inherited = box.element.get("font-size", "16")
    for text in box.element.iter():
        if text.tag.endswith("text"):
            size = float(text.get("font-size", inherited)) * scale / PX_PER_POINT
            yield size, "".join(text.itertext())


def _walk(box: Box, tags: str = "", *, margins: bool = False) -> Iterator[tuple[Box, str]]:
    """Yield the boxes of texts and images, each with its enclosing tags and classes."""
    if isinstance(box, MarginBox) and not margins:
        return
    if isinstance(box, ReplacedBox) or (isinstance(box, TextBox) and box.text.strip()):
        yield box, tags
    if box.element is not None and box.element_tag:
        tags = f"{tags} {box.element_tag} {box.element.get('class', '')}"
    for child in getattr(box, "children", ()):
        yield from _walk(child, tags, margins=margins)


def _bottom(box: Box) -> float:
    return float(box.position_y + box.height)

"""A bounded store of pages, in the memory of one process."""

import threading
from collections import OrderedDict
from collections.abc import Hashable, Sequence

from strategy.caching.data_version import DataVersion

MAX_BYTES = 64 * 1024 * 1024
MAX_PAGES = 2000

Page = Sequence[bytes]
"""The parts of a page's content."""


class PageStore:
    """The pages of the latest data version; those unused for longest go first."""

    def __init__(self, max_bytes: int = MAX_BYTES, max_pages: int = MAX_PAGES) -> None:
        self._max_bytes, self._max_pages = max_bytes, max_pages
        self._lock = threading.Lock()
        self._version: DataVersion = ()
        self._pages: OrderedDict[Hashable, Page] = OrderedDict()
        self._bytes = 0

    def get(self, version: DataVersion, key: Hashable) -> Page | None:
        """Return a page of exactly this version; pages of other versions are dropped."""
        with self._lock:
            if version != self._version:
                self._pages.clear()
                self._version, self._bytes = version, 0
            page = self._pages.get(key)
            if page is not None:
                self._pages.move_to_end(key)
            return page

    def put(self, version: DataVersion, key: Hashable, page: Page) -> None:
        """Store a page; ``version`` was read before the page's data."""
        with self._lock:
            if version != self._version:
                return
            self._bytes += _measure(page) - _measure(self._pages.pop(key, ()))
            self._pages[key] = page
            while self._bytes > self._max_bytes or len(self._pages) > self._max_pages:
                _key, oldest = self._pages.popitem(last=False)
                self._bytes -= _measure(oldest)


def _measure(page: Page) -> int:
    return sum(map(len, page))

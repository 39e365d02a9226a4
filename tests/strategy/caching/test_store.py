"""The store of pages: bounded, and of one version only."""

from strategy.caching.store import PageStore

FIRST, SECOND = (1,), (2,)


def fill(store: PageStore, version: tuple[int], *keys: str, size: int = 10) -> None:
    for key in keys:
        store.get(version, key)
        store.put(version, key, [b"x" * size])


def find_stored(store: PageStore, version: tuple[int], *keys: str) -> list[str]:
    return [key for key in keys if store.get(version, key) is not None]


def test_pages_of_another_version_are_dropped() -> None:
    store = PageStore()
    fill(store, FIRST, "a")
    assert find_stored(store, SECOND, "a") == []
    assert find_stored(store, FIRST, "a") == []


def test_a_page_that_was_computed_before_a_change_is_not_stored() -> None:
    store = PageStore()
    store.get(FIRST, "a")
    store.get(SECOND, "a")
    store.put(FIRST, "a", [b"old"])
    assert find_stored(store, SECOND, "a") == []


def test_the_page_unused_for_longest_goes_first() -> None:
    store = PageStore(max_bytes=30)
    fill(store, FIRST, "a", "b", "c")
    store.get(FIRST, "a")
    fill(store, FIRST, "d")
    assert find_stored(store, FIRST, "a", "b", "c", "d") == ["a", "c", "d"]


def test_the_number_of_pages_is_bounded() -> None:
    store = PageStore(max_pages=2)
    fill(store, FIRST, "a", "b", "c")
    assert find_stored(store, FIRST, "a", "b", "c") == ["b", "c"]


def test_a_page_that_is_stored_twice_counts_once() -> None:
    store = PageStore(max_bytes=30)
    fill(store, FIRST, "a", "b", "a", "a", "c")
    assert find_stored(store, FIRST, "a", "b", "c") == ["a", "b", "c"]


def test_a_page_larger_than_the_store_is_not_stored() -> None:
    store = PageStore(max_bytes=30)
    fill(store, FIRST, "a", size=40)
    fill(store, FIRST, "b")
    assert find_stored(store, FIRST, "a", "b") == ["b"]

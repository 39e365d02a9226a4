"""The number of queries of a page, stored in ``query_baselines.json`` in this folder.

    def test_list(query_baseline, manager_client):
        with query_baseline("record_list"):
            manager_client.get("/records/initiative/")

``pytest --rewrite-baselines`` stores the measured numbers. A number must not grow with the records:
measure with few and with many records under the same name.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from strategy.caching.changes import TABLE

FILE = Path(__file__).with_name("query_baselines.json")
OPTION = "--rewrite-baselines"

Baseline = Callable[[str], AbstractContextManager[None]]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        OPTION, action="store_true", help="write down how many queries each page makes"
    )


@pytest.fixture
def query_baseline(request: pytest.FixtureRequest, db: None) -> Baseline:
    """Compare the number of queries inside the block with the stored number of that name."""
    written: set[str] = set()
    is_rewriting = request.config.getoption(OPTION)
    return partial(_measured, written=written, is_rewriting=is_rewriting)


@contextmanager
def _measured(name: str, *, written: set[str], is_rewriting: bool) -> Iterator[None]:
    """Count queries; the first measurement of a name in a test is stored, others must equal it."""
    with CaptureQueriesContext(connection) as queries:
        yield
    # On SQLite another connection reads the data version.
    statements = [query["sql"] for query in queries.captured_queries if TABLE not in query["sql"]]
    kept = json.loads(FILE.read_text()) if FILE.exists() else {}
    if is_rewriting and name not in written:
        kept[name] = len(statements)
        FILE.write_text(json.dumps(dict(sorted(kept.items())), indent=2) + "\n")
    written.add(name)
    if kept.get(name) != len(statements):
        pytest.fail(_difference(name, kept.get(name), statements))


def _difference(name: str, kept: int | None, statements: list[str]) -> str:
    """Return the actual number, and the most frequent statements."""
    repeated = Counter(sql[:160] for sql in statements).most_common(5)
    lines = [f"  {number} x {sql}" for sql, number in repeated if number > 1]
    return "\n".join(
        [
            f"{name}: {len(statements)} queries, kept are {kept}.",
            f"Right as it is? Run this test with {OPTION}. Made most often:",
            *lines,
        ]
    )

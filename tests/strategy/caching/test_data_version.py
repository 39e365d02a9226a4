"""The data version: another one after each committed change, the same one without a change."""

import subprocess
import sys
from collections.abc import Callable

import pytest
from django.db import connection, transaction

from strategy.caching.data_version import read_data_version
from strategy.models import Office
from tests.factories import make_office
from tests.support.concurrency import Run

pytestmark = pytest.mark.django_db(transaction=True)

RAW = "UPDATE strategy_office SET name_en = 'Dakar, Senegal' WHERE code = 'dakar'"
"""Raw SQL of any connection, past Django's signals."""


def write_raw_sql() -> None:
    with connection.cursor() as cursor:
        cursor.execute(RAW)


def rename_in_bulk() -> None:
    offices = list(Office.objects.all())
    for office in offices:
        office.name_en = "Renamed"
    Office.objects.bulk_update(offices, ["name_en"])


def save_in_transaction() -> None:
    with transaction.atomic(), transaction.atomic():
        make_office("montreal")


WRITES: dict[str, Callable[[], object]] = {
    "saved": lambda: make_office("niamey"),
    "saved in a transaction": save_in_transaction,
    "changed in bulk": rename_in_bulk,
    "changed by a queryset": lambda: Office.objects.update(name_en="Renamed"),
    "deleted": lambda: Office.objects.all().delete(),
    "raw SQL": write_raw_sql,
}


def is_equal_when_read_again(read: Callable[[], object] | None = None) -> bool:
    """Read the version twice, and something between.

    Several times, since on PostgreSQL tests that run next to this one change the version.
    """
    for _attempt in range(50):
        before = read_data_version()
        if read:
            with transaction.atomic():
                read()
        if read_data_version() == before:
            return True
    return False


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_each_committed_change_has_another_version(write: Callable[[], object]) -> None:
    make_office("dakar")
    before = read_data_version()
    assert before is not None
    write()
    after = read_data_version()
    assert after != before
    assert is_equal_when_read_again()


def test_reading_leaves_the_version_as_it_is(at_once: Run) -> None:
    make_office("dakar")

    def read(_place: int) -> bool:
        return is_equal_when_read_again(Office.objects.count)

    assert at_once(1, read) == [True]


def test_inside_a_transaction_the_data_has_no_version() -> None:
    with transaction.atomic():
        assert read_data_version() is None


def test_a_change_of_another_process_has_another_version(at_once: Run) -> None:
    make_office("dakar")

    def compare(_place: int) -> tuple[bool, bool]:
        is_equal = is_equal_when_read_again()
        before = read_data_version()
        subprocess.run([sys.executable, "-c", _build_script(), _get_target(), RAW], check=True)
        return is_equal, read_data_version() == before

    assert at_once(1, compare) == [(True, False)]


def _build_script() -> str:
    """Return a program that knows the database's driver and nothing of Django."""
    driver = "sqlite3" if connection.vendor == "sqlite" else "psycopg"
    return (
        f"import sys, {driver}\n"
        f"other = {driver}.connect(sys.argv[1])\n"
        "other.execute(sys.argv[2])\n"
        "other.commit()\n"
    )


def _get_target() -> str:
    if connection.vendor == "sqlite":
        return str(connection.settings_dict["NAME"])
    values = connection.get_connection_params()
    names = ("dbname", "user", "password", "host", "port")
    return " ".join(f"{name}='{values[name]}'" for name in names if values.get(name))


def test_threads_share_the_version(at_once: Run) -> None:
    attempts = [at_once(4, lambda _place: read_data_version()) for _attempt in range(20)]
    assert any(len(set(versions)) == 1 for versions in attempts), attempts

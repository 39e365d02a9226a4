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


def save_after_a_savepoint() -> None:
    """Write what is rolled back to a savepoint, and then what is committed."""
    with transaction.atomic():
        with transaction.atomic():
            write_raw_sql()
            transaction.set_rollback(True)
        make_office("montreal")


WRITES: dict[str, Callable[[], object]] = {
    "saved": lambda: make_office("niamey"),
    "saved in a transaction": save_in_transaction,
    "saved after a savepoint": save_after_a_savepoint,
    "changed in bulk": rename_in_bulk,
    "changed by a queryset": lambda: Office.objects.update(name_en="Renamed"),
    "deleted": lambda: Office.objects.all().delete(),
    "raw SQL": write_raw_sql,
}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_each_committed_change_has_another_version(write: Callable[[], object]) -> None:
    make_office("dakar")
    before = read_data_version()
    assert before is not None
    write()
    after = read_data_version()
    assert after != before
    assert read_data_version() == after


def test_reading_leaves_the_version_as_it_is(at_once: Run) -> None:
    make_office("dakar")

    def read(_place: int) -> bool:
        before = read_data_version()
        with transaction.atomic():
            Office.objects.count()
        return read_data_version() == before

    assert at_once(1, read) == [True]


def test_inside_a_transaction_the_data_has_no_version() -> None:
    with transaction.atomic():
        assert read_data_version() is None


def test_a_change_of_another_process_has_another_version(at_once: Run) -> None:
    make_office("dakar")

    def compare(_place: int) -> tuple[bool, bool]:
        before = read_data_version()
        is_equal = read_data_version() == before
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
    versions = at_once(4, lambda _place: read_data_version())
    assert len(set(versions)) == 1, versions

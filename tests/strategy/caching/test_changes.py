"""What counts as a change on PostgreSQL: every table that a stored page may show, and no other."""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.apps import apps
from django.contrib.sessions.backends.db import SessionStore
from django.core.management import call_command
from django.db import connection, connections, transaction
from django.utils import timezone

from indicators.forms.autosave import EditorPage, FormAnswers, save_draft
from indicators.models import FormDraft
from strategy.caching.changes import (
    TABLE,
    TRIGGER,
    UNSHOWN_COLUMNS,
    UNSHOWN_TABLES,
    create_triggers,
    fold_changes,
)
from strategy.caching.data_version import read_data_version
from strategy.choices import RecordKind
from strategy.models import User
from tests.factories import make_office, make_user

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite counts its own commits."),
]

MEANWHILE = datetime(2019, 1, 2, 3, 4, tzinfo=UTC)


def list_tables() -> set[str]:
    models = apps.get_models(include_auto_created=True)
    return {model._meta.db_table for model in models if model._meta.managed}


def execute(sql: str) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return list(cursor.fetchall()) if cursor.description else []


def save_session() -> None:
    session = SessionStore()
    session["place"] = "Dakar"
    session.save()


def commit_in_another_database() -> None:
    other = connections.create_connection("default")
    other.settings_dict = {**connection.settings_dict, "NAME": "postgres"}
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id()")
    other.close()


def type_in_draft() -> None:
    draft = FormDraft.objects.get()
    answers = {"title": [f"Judges, {draft.version}"]}
    form = FormAnswers(RecordKind.INITIATIVE, draft.token, answers, EditorPage(draft.page))
    assert save_draft(form, by=draft.owner, at=timezone.now())
    assert FormDraft.objects.get().answers == answers


UNSHOWN: dict[str, Callable[[], object]] = {
    "session": save_session,
    "sign-in": lambda: User.objects.update(last_login=MEANWHILE),
    "user saved as it was": lambda: User.objects.get().save(),
    "draft typed": type_in_draft,
    "draft of the same record": lambda: FormDraft.objects.update(reference="", version=9),
    "another database": commit_in_another_database,
    "folded": fold_changes,
    "folded daily": lambda: call_command("purge_deleted", verbosity=0),
}
SHOWN: dict[str, Callable[[], object]] = {
    "user renamed": lambda: User.objects.update(first_name="Aïssa", last_login=MEANWHILE),
    "draft of another record": lambda: FormDraft.objects.update(reference="INI-2"),
    "draft that was saved": lambda: FormDraft.objects.update(saved_at=MEANWHILE),
    "draft thrown away": lambda: FormDraft.objects.all().delete(),
    "emptied": lambda: execute("TRUNCATE indicators_formdraft"),
}


@pytest.fixture(autouse=True)
def draft() -> None:
    FormDraft.objects.create(
        owner=make_user(),
        kind="initiative",
        token=uuid.uuid4(),
        answers={},
        changed_at=timezone.now(),
    )


@pytest.mark.parametrize("write", UNSHOWN.values(), ids=UNSHOWN)
def test_what_no_stored_page_shows_is_no_change(write: Callable[[], object]) -> None:
    before = read_data_version()
    write()
    assert read_data_version() == before


@pytest.mark.parametrize("write", SHOWN.values(), ids=SHOWN)
def test_what_a_page_may_show_is_a_change(write: Callable[[], object]) -> None:
    before = read_data_version()
    write()
    assert read_data_version() != before


def test_each_table_has_a_trigger_or_a_reason_to_have_none() -> None:
    found = execute(
        "SELECT tgrelid::regclass::text FROM pg_trigger"
        f" WHERE tgname = '{TRIGGER}' AND tgenabled = 'O'"
    )
    assert {str(name) for (name,) in found} == list_tables() - {*UNSHOWN_TABLES}
    # A line for a table that was renamed would count all its changes, or none.
    assert {*UNSHOWN_TABLES, *UNSHOWN_COLUMNS} <= list_tables()


def test_a_new_table_has_its_trigger_after_migrate() -> None:
    execute(f"DROP TRIGGER {TRIGGER} ON strategy_office")
    before = read_data_version()
    make_office("dakar")
    create_triggers(using="default", plan=[])
    assert read_data_version() != before
    test_each_table_has_a_trigger_or_a_reason_to_have_none()


def test_a_transaction_counts_once() -> None:
    fold_changes()
    with transaction.atomic():
        make_office("dakar")
        make_office("montreal")
    assert execute(f"SELECT count(*) FROM {TABLE}") == [(2,)]


def test_a_restored_database_has_another_version() -> None:
    before = read_data_version()
    rows = execute(f"SELECT transactions FROM {TABLE}")
    execute(f"ALTER TABLE {TABLE} RENAME TO former")
    try:
        execute(f"CREATE TABLE {TABLE} AS SELECT * FROM former")
        assert execute(f"SELECT transactions FROM {TABLE}") == rows
        assert read_data_version() != before
    finally:
        execute(f"DROP TABLE {TABLE}")
        execute(f"ALTER TABLE former RENAME TO {TABLE}")

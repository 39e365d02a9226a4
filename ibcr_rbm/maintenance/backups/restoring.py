"""Restoring a backup into an empty database and an empty place for evidence."""

from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from django.apps.registry import Apps
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor

from ibcr_rbm.maintenance.backups.apart import WORTH, find_missing_keys
from ibcr_rbm.maintenance.backups.archive import HEAD, MANIFEST
from ibcr_rbm.maintenance.backups.checking import BackupSummary, Head, check_backup, read_members
from ibcr_rbm.maintenance.backups.database.rows import Model, find_model, insert_rows, list_models
from ibcr_rbm.maintenance.backups.database.sequences import set_sequences
from ibcr_rbm.maintenance.backups.database.triggers import stop_triggers
from ibcr_rbm.maintenance.backups.encryption import Keys
from ibcr_rbm.maintenance.backups.errors import RestoreRefused

FILLED_BY_MIGRATE = ("contenttypes.ContentType", "auth.Permission")
"""The models that have rows in an empty database."""


def restore_backup(path: Path, keys: Keys, *, without: Collection[str] = ()) -> BackupSummary:
    """Restore a whole backup. Raises BackupError before anything is changed.

    ``without`` names settings whose keys are lost for good.
    """
    summary = check_backup(path, keys)
    _refuse_missing_keys(summary.head.keys, without)
    executor = MigrationExecutor(connection)
    _refuse_unknown_migrations(executor, summary.head)
    _refuse_rows(list_models())
    _refuse_files()
    targets = _find_last(executor, summary.head)
    executor.migrate(targets)
    # The tables as they were when the backup was written: later migrations follow.
    apps = MigrationExecutor(connection).loader.project_state(targets).apps
    written: list[str] = []
    try:
        with transaction.atomic():
            _fill(path, keys, apps, summary, written)
    except BaseException:
        for name in written:
            with suppress(OSError):
                default_storage.delete(name)
        raise
    call_command("migrate", verbosity=0, interactive=False)
    call_command("createcachetable", verbosity=0)
    return summary


def _refuse_missing_keys(
    fingerprints: Mapping[str, Iterable[str]], without: Collection[str]
) -> None:
    missing = find_missing_keys({name: list(keys) for name, keys in fingerprints.items()})
    sentences = [
        f"{name}: the key with the fingerprint {key} is missing; {WORTH.get(name, '')}."
        for name, keys in missing.items()
        if name not in without
        for key in keys
    ]
    if sentences:
        advice = (
            "Nothing was changed. Set these keys first (a former one in SECRET_KEY_FALLBACKS or "
            "REPORT_FORMER_KEYS). Only for a key that is lost for good: --without NAME."
        )
        raise RestoreRefused("\n".join([*sentences, advice]))


def _refuse_unknown_migrations(executor: MigrationExecutor, head: Head) -> None:
    known = set(executor.loader.disk_migrations)
    unknown = [".".join(one) for one in head.migrations if one not in known]
    if unknown:
        raise RestoreRefused(
            f"Nothing was changed: version {head.version} wrote the backup, and this version does "
            f"not know its tables ({unknown[0]}). Restore it with that version, then upgrade."
        )


def _find_last(executor: MigrationExecutor, head: Head) -> list[tuple[str, str]]:
    """Return the migrations of the backup that no other of them follows."""
    applied = set(head.migrations)
    graph = executor.loader.graph
    nodes = {node.key: node for node in graph.node_map.values() if node.key in applied}
    return sorted(
        key
        for key, node in nodes.items()
        if not any(child.key in applied and child.key[0] == key[0] for child in node.children)
    )


def _refuse_rows(tables: Iterable[Model]) -> None:
    existing = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        for model in tables:
            table = model._meta.db_table
            if table not in existing or model._meta.label in FILLED_BY_MIGRATE:
                continue
            cursor.execute(f"SELECT 1 FROM {connection.ops.quote_name(table)} LIMIT 1")
            if cursor.fetchone():
                raise RestoreRefused(
                    f"Nothing was changed: the database is not empty ({table} has rows). "
                    "Set DATABASE_URL to a new one."
                )


def _refuse_files() -> None:
    try:
        folders, files = default_storage.listdir("")
    except FileNotFoundError:
        return
    if folders or files:
        name = [*folders, *files][0]
        raise RestoreRefused(
            f"Nothing was changed: the place of evidence is not empty ({name}). "
            "Set MEDIA_ROOT to a new folder."
        )


def _fill(path: Path, keys: Keys, apps: Apps, summary: BackupSummary, written: list[str]) -> None:
    head = summary.head
    tables = [find_model(apps, label) for label in head.fields]
    with stop_triggers(connection, tables):
        for label in FILLED_BY_MIGRATE:
            table = connection.ops.quote_name(find_model(apps, label)._meta.db_table)
            with connection.cursor() as cursor:
                cursor.execute(f"DELETE FROM {table}")
        for name, content in read_members(path, keys):
            folder, _slash, rest = name.partition("/")
            if name in (HEAD, MANIFEST):
                continue
            if folder == "rows":
                label = rest.partition("/")[0]
                insert_rows(connection, find_model(apps, label), head.fields[label], content)
            else:
                written.append(default_storage.save(rest, ContentFile(content)))
        set_sequences(connection, tables, head.sequences)
    connection.check_constraints()

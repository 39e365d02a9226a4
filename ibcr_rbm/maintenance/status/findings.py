"""What is looked at, one after the other, and what to do where something is wrong."""

import platform
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import django
from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from ibcr_rbm.maintenance.models import SignOfLife, Work, remember_work
from ibcr_rbm.maintenance.version import read_version
from strategy.models import QueuedEmail

MAX_AGES = {
    Work.WORKER: timedelta(minutes=15),
    Work.BACKUP: timedelta(hours=30),
    Work.CHECK: timedelta(days=100),
    Work.DAILY: timedelta(hours=30),
}
MAX_MAIL_WAIT = timedelta(hours=1)
MIN_FREE_BYTES = 1_000_000_000


@dataclass(frozen=True)
class StatusFinding:
    """A thing that was looked at; ``problem`` is empty where all is well."""

    label: str
    value: str
    problem: str = ""


def find_state(at: datetime) -> list[StatusFinding]:
    """Return all findings; those of a database that does not answer stop after it."""
    migrations = check_migrations()
    database = migrations if migrations.problem else check_database(at)
    if database.problem:
        return [database, *find_setting_faults(), _describe_versions("")]
    return [
        database,
        migrations,
        *find_late_work(at),
        *find_setting_faults(),
        _describe_versions(str(connection.vendor)),
    ]


def find_late_work(at: datetime) -> list[StatusFinding]:
    """Return what worker, backups and nights did, and the e-mails that wait."""
    if check_migrations().problem:
        return []
    return [*_check_work(at), _check_mail(at)]


def find_setting_faults() -> list[StatusFinding]:
    """Return what can be said without the database."""
    return [*_check_disk(), _check_signing_key(), _check_backup_settings(), _check_hosts()]


def is_ready() -> bool:
    """Return whether pages can be served: the database answers and has all migrations.

    It writes nothing, since a stranger may ask.
    """
    return not check_migrations().problem


def check_database(at: datetime) -> StatusFinding:
    """Write what is taken back again."""
    try:
        with transaction.atomic():
            remember_work(Work.DAILY, at)
            transaction.set_rollback(True)
    except DatabaseError:
        return _describe_closed_database()
    return StatusFinding(_("Database"), _("takes writes"))


def _describe_closed_database() -> StatusFinding:
    problem = _("The database takes no writes. Does it run, and is its disk full?")
    return StatusFinding(_("Database"), _("takes no writes"), problem)


def check_migrations() -> StatusFinding:
    try:
        executor = MigrationExecutor(connection)
    except DatabaseError:
        return _describe_closed_database()
    missing = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    label = _("Migrations")
    if not missing:
        return StatusFinding(label, _("all applied"))
    value = _("%(count)d missing") % {"count": missing}
    return StatusFinding(label, value, _("Run manage.py migrate, then start the web server again."))


def _check_work(at: datetime) -> Iterator[StatusFinding]:
    remedies: dict[Work, str] = {
        Work.WORKER: _("No worker runs, so no e-mail leaves. Start manage.py db_worker."),
        Work.BACKUP: _("There is no recent backup. Look why manage.py daily did not write one."),
        Work.CHECK: _("No backup was proved for long. Run manage.py backup --check FILE."),
        Work.DAILY: _("The daily work did not run. Let a timer start manage.py daily every night."),
    }
    signs = {sign.work: sign for sign in SignOfLife.objects.all()}
    for work, remedy in remedies.items():
        sign = signs.get(work)
        value = date_format(localtime(sign.at), "DATETIME_FORMAT") if sign else _("never")
        is_late = sign is None or at - sign.at > MAX_AGES[work]
        yield StatusFinding(str(work.label), value, remedy if is_late else "")


def _check_mail(at: datetime) -> StatusFinding:
    waiting = list(QueuedEmail.objects.values_list("queued_at", flat=True))
    is_late = bool(waiting) and at - waiting[0] > MAX_MAIL_WAIT
    problem = _("E-mails wait for more than an hour. Check EMAIL_URL and the worker.")
    return StatusFinding(_("E-mails that wait"), str(len(waiting)), problem if is_late else "")


def _check_disk() -> Iterator[StatusFinding]:
    """Yield the free room where the database, the evidence and the backups are, each disk once."""
    places = {_("Disk of the evidence"): Path(settings.MEDIA_ROOT)}
    if connection.vendor == "sqlite":
        places[_("Disk of the database")] = Path(str(connection.settings_dict["NAME"])).parent
    if settings.BACKUP_FOLDER:
        places[_("Disk of the backups")] = Path(settings.BACKUP_FOLDER)
    for label, place in places.items():
        existing = next((each for each in (place, *place.parents) if each.exists()), Path("/"))
        free = shutil.disk_usage(existing).free
        value = _("%(size)s GB free") % {"size": f"{free / 1e9:.1f}"}
        problem = _("The disk is almost full. Make room before nothing can be saved.")
        yield StatusFinding(label, value, problem if free < MIN_FREE_BYTES else "")


def _check_signing_key() -> StatusFinding:
    label = _("Key of the reports")
    if settings.REPORT_SIGNING_KEY:
        return StatusFinding(label, _("present"))
    return StatusFinding(label, _("missing"), _("No report can be issued. Set REPORT_SIGNING_KEY."))


def _check_backup_settings() -> StatusFinding:
    label = _("Backups")
    if settings.BACKUP_FOLDER and (settings.BACKUP_PASSPHRASE or settings.BACKUP_RECIPIENTS):
        return StatusFinding(label, _("encrypted, every night"))
    problem = _("Set BACKUP_FOLDER, and BACKUP_PASSPHRASE or BACKUP_RECIPIENTS.")
    return StatusFinding(label, _("no place or no key"), problem)


def _check_hosts() -> StatusFinding:
    label, hosts = _("Addresses of the pages"), ", ".join(settings.ALLOWED_HOSTS)
    problem = _("Name the hosts in ALLOWED_HOSTS: with * anyone’s address is accepted.")
    return StatusFinding(label, hosts, problem if "*" in hosts else "")


def _describe_versions(database: str) -> StatusFinding:
    versions = (
        f"{read_version()} · Django {django.__version__} · Python {platform.python_version()}"
    )
    return StatusFinding(_("Versions"), f"{versions} · {database}".rstrip(" ·"))

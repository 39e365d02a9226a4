"""The work of every night: each step is done also when another fails."""

import logging
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.core.files.storage import default_storage
from django.core.mail import send_mail
from django.core.management import call_command
from django.utils import translation
from django.utils.translation import gettext as _

from ibcr_rbm.maintenance.backups.encryption import Keys
from ibcr_rbm.maintenance.backups.errors import BackupError
from ibcr_rbm.maintenance.backups.writing import PART_SUFFIX, write_backup
from ibcr_rbm.maintenance.models import Work, remember_work
from ibcr_rbm.maintenance.status.findings import find_state
from ibcr_rbm.maintenance.version import read_version
from indicators.models import Evidence
from indicators.workflow.deletion import purge
from strategy.accounts.security_log.events import delete_old_events, log_event
from strategy.caching.changes import fold_changes
from strategy.choices import Role
from strategy.models import SecurityAction, User

logger = logging.getLogger(__name__)

SUFFIX = ".backup"
KEPT_ALWAYS = 3
"""The newest backups stay, however old they are."""
PART_AGE = timedelta(days=1)
ORPHAN_AGE = timedelta(days=30)
"""A file that no record names is removed after this time: an upload may still be under way."""

MAX_ORPHANS = 20
MAX_ORPHAN_SHARE = 0.1
"""More than both are not removed."""

Step = Callable[[datetime], str]


def run_daily(at: datetime) -> tuple[list[str], list[str]]:
    """Return what was done, and the problems, which the administrators get by e-mail."""
    lines, problems = [], []
    for step in (save_backup, remove_old_backups, remove_expired, remove_orphans):
        try:
            lines.append(step(at))
        except Exception as error:
            logger.exception("A step of the daily work failed")
            problems.append(f"{step.__name__}: {error}")
    remember_work(Work.DAILY, at)
    send_problems(problems, at)
    return lines, [*problems, *_list_state_problems(at)]


def save_backup(at: datetime) -> str:
    if not settings.BACKUP_FOLDER:
        raise BackupError("BACKUP_FOLDER is not set, so no backup was written.")
    path = Path(settings.BACKUP_FOLDER) / f"ibcr-{at:%Y-%m-%d-%H%M%S}{SUFFIX}"
    keys = Keys(settings.BACKUP_PASSPHRASE, settings.BACKUP_RECIPIENTS)
    summary = write_backup(path, keys, at=at, version=read_version())
    remember_work(Work.BACKUP, at, path.name)
    log_event(SecurityAction.BACKED_UP, path.name)
    return f"written: {path} ({summary.size:,} bytes)"


def remove_old_backups(at: datetime) -> str:
    """Remove backups past their time, and what killed ones left; the newest stay."""
    if not settings.BACKUP_FOLDER:
        return "removed backups: 0"
    folder = Path(settings.BACKUP_FOLDER)
    backups = sorted(folder.glob(f"ibcr-*{SUFFIX}"))[:-KEPT_ALWAYS]
    old = [path for path in backups if _is_older(path, at, timedelta(settings.BACKUP_KEEP_DAYS))]
    old += [path for path in folder.glob(f".*{PART_SUFFIX}") if _is_older(path, at, PART_AGE)]
    for path in old:
        path.unlink()
    return f"removed backups: {len(old)}"


def remove_expired(at: datetime) -> str:
    removed = purge(at)
    delete_old_events(at)
    fold_changes()
    call_command("clearsessions")
    call_command("prune_db_task_results", verbosity=0)
    return f"removed records that were deleted long ago: {removed}"


def remove_orphans(at: datetime) -> str:
    """Remove files of evidence that no record names.

    Raises ValueError where they are many: the database is then not that of the files.
    """
    named = set(Evidence.objects.exclude(file="").values_list("file", flat=True))
    files = list(_list_files("evidence/"))
    orphans = [
        name
        for name in files
        if name not in named and at - default_storage.get_modified_time(name) > ORPHAN_AGE
    ]
    if len(orphans) > max(MAX_ORPHANS, len(files) * MAX_ORPHAN_SHARE):
        raise ValueError(
            _(
                "%(orphans)d of %(files)d files have no record. Is this the right database? "
                "Nothing was removed."
            )
            % {"orphans": len(orphans), "files": len(files)}
        )
    for name in orphans:
        default_storage.delete(name)
    return f"removed files without a record: {len(orphans)}"


def send_problems(failures: list[str], at: datetime) -> None:
    """Tell each administrator, in the language of the account; nothing if all is well."""
    people = User.objects.filter(is_active=True, groups__name=str(Role.ADMIN)).exclude(email="")
    for person in people:
        with translation.override(person.email_language):
            problems = [*failures, *_list_state_problems(at)]
            text = "\n".join(f"- {problem}" for problem in problems)
            if problems:
                subject = _("Results: something needs you")
                send_mail(subject, text, settings.DEFAULT_FROM_EMAIL, [person.email])


def _list_state_problems(at: datetime) -> list[str]:
    return [finding.problem for finding in find_state(at) if finding.problem]


def _is_older(path: Path, at: datetime, age: timedelta) -> bool:
    return at.timestamp() - path.stat().st_mtime > age.total_seconds()


def _list_files(folder: str) -> Iterator[str]:
    try:
        folders, files = default_storage.listdir(folder)
    except FileNotFoundError:
        return
    yield from (f"{folder}{name}" for name in files)
    for name in folders:
        yield from _list_files(f"{folder}{name}/")

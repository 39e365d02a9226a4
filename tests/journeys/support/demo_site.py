"""The demonstration: public records, annual reports and pending work."""

import shutil
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from django.core.files.base import ContentFile
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from indicators.import_export.previews import make_preview
from indicators.models import ImportPreview, Initiative, Status
from indicators.workflow import actions
from indicators.workflow.evidence import EvidenceEdit
from strategy.choices import RecordKind, Role
from strategy.models import User
from tests.conftest import client_of
from tests.factories import make_record
from tests.support.database.template import hold_lock

ROLES = [role.value for role in Role]

ROWS = "title,countries,starts_on\nTogo: guide for judges,TG,2019\nTogo,Togoo,2019-13\n"
"""A file of two initiatives, the second with two errors."""


@dataclass(frozen=True)
class Visitor:
    """A signed-in user of a role, and the URLs where a crawl starts."""

    client: Client
    starts: tuple[str, ...]


def make_demonstration(evidence: Path, copy: Path) -> Mapping[str, Visitor]:
    """Fill the database and the evidence folder; return the sample accounts by role.

    On SQLite it is filled once: later calls copy the files of the first call from `copy`.
    """
    with hold_lock():
        if copy.exists():
            _copy_back(evidence, copy)
        else:
            _fill()
            if connection.vendor == "sqlite":
                _copy_to(copy, evidence)
    starts = {Role.OFFICER: ("/", f"/import/{ImportPreview.objects.get().uuid}/")}
    return {
        role.value: Visitor(
            client_of(User.objects.get(username=role.value)), starts.get(role, ("/",))
        )
        for role in Role
    }


def _copy_to(copy: Path, evidence: Path) -> None:
    shutil.copytree(evidence, copy / "evidence")
    with closing(sqlite3.connect(copy / "filled.sqlite3")) as file:
        connection.connection.backup(file)


def _copy_back(evidence: Path, copy: Path) -> None:
    shutil.copytree(copy / "evidence", evidence, dirs_exist_ok=True)
    connection.ensure_connection()
    with closing(sqlite3.connect(copy / "filled.sqlite3")) as file:
        file.backup(connection.connection)


def _fill() -> None:
    call_command("bootstrap", verbosity=0)
    call_command("demo", verbosity=0)
    _add_what_waits(*(User.objects.get(username=role.value) for role in (Role.STAFF, Role.OFFICER)))


def _add_what_waits(staff: User, officer: User) -> None:
    now = timezone.now()
    for status in (Status.SUBMITTED, Status.RETURNED, Status.WITHDRAWN):
        title = f"Senegal: guide for judges, {status.label}"
        reference = f"INI-{status.value.upper()}"
        make_record(
            "initiative",
            reference=reference,
            title=title,
            status=status,
            evidence=2,
            entered_by=staff,
            at=now,
        )
    approved = Initiative.objects.filter(status=Status.APPROVED).latest("pk")
    approved.summary = "Said in other words."
    file = ContentFile(b"%PDF-1.7 of a signed list", name="list.pdf")
    evidence = EvidenceEdit(files=[file])
    actions.save_record(approved, by=officer, at=now, evidence=evidence)
    make_preview(RecordKind.INITIATIVE, ROWS.encode(), "initiatives.csv", by=officer, at=now)

"""The installation that people try: public records, annual reports, and something that waits."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.core.files.base import ContentFile
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from indicators.import_export.previews import make_preview
from indicators.models import Initiative, Status
from indicators.workflow import actions
from indicators.workflow.evidence import EvidenceEdit
from strategy.choices import RecordKind, Role
from strategy.models import User
from tests.conftest import client_of
from tests.factories import make_record

ROLES = [role.value for role in Role]

ROWS = "title,countries,starts_on\nTogo: guide for judges,TG,2019\nTogo,Togoo,2019-13\n"
"""A file of two initiatives, the second of them with two errors."""


@dataclass(frozen=True)
class Visitor:
    """Somebody of a role, signed in, and the addresses where their ways begin."""

    client: Client
    starts: tuple[str, ...]


def make_demonstration() -> Mapping[str, Visitor]:
    """Fill the database; the people of the sample accounts by their role."""
    call_command("bootstrap", verbosity=0)
    call_command("demo", verbosity=0)
    people = {role: User.objects.get(username=role.value) for role in Role}
    preview = _add_what_waits(people[Role.STAFF], people[Role.OFFICER])
    return {
        role.value: Visitor(client_of(user), ("/", preview) if role == Role.OFFICER else ("/",))
        for role, user in people.items()
    }


def _add_what_waits(staff: User, officer: User) -> str:
    """Records in every state of their life, and a file to import; the address of its preview."""
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
    preview = make_preview(
        RecordKind.INITIATIVE, ROWS.encode(), "initiatives.csv", by=officer, at=now
    )
    return f"/import/{preview.uuid}/"

"""Restoring: everything is equal afterwards, on SQLite and on PostgreSQL, or nothing is changed."""

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse

from ibcr_rbm.maintenance.backups.database.rows import list_models, read_chunks
from ibcr_rbm.maintenance.backups.errors import BackupError, RestoreRefused
from ibcr_rbm.maintenance.backups.restoring import restore_backup
from indicators.models import Evidence
from reporting.annual_report.issuing import issue_annual_report
from reporting.annual_report.sealing.keys import list_trusted_keys
from reporting.annual_report.sealing.seals import find_seal_problem, load_sealed_rows
from reporting.models import AnnualReport, ReportedActual
from strategy.choices import Role
from strategy.models import Office, Plan, User
from tests.factories import make_approved, make_record, make_user
from tests.maintenance.backups.backup_samples import OPENING, save
from tests.reporting.annual_report.issuing.issued_report import MARCH_2019
from tests.support.database.elsewhere import empty_database
from tests.support.samples.signing_keys import OTHER_KEY, public_key_of

pytestmark = pytest.mark.django_db(transaction=True)

GOOD = "a-long-and-varied-word-7"
FILE = "evidence/2026/01/a.pdf"


def read_rows() -> dict[str, list[bytes]]:
    return {
        model._meta.label: [chunk for chunk, _values in read_chunks(model, "default")]
        for model in list_models()
    }


def read_figures() -> str:
    out = StringIO()
    call_command("results", "--plan=2017-2020", "--as-of=2019-06-30", "--format=json", stdout=out)
    return out.getvalue()


def read_seal_problems() -> list[object]:
    trusted = list_trusted_keys()
    return [
        find_seal_problem(load_sealed_rows(report), trusted)
        for report in AnnualReport.objects.all()
    ]


def sign_in(code: str) -> int:
    """Sign in with password and second factor; return the status of a page for members."""
    browser = Client()
    browser.post(reverse("account_login"), {"login": "mia", "password": GOOD})
    browser.post(reverse("mfa_authenticate"), {"code": code})
    return browser.get(reverse("strategy:plan")).status_code


@pytest.fixture
def content(plan: Plan, officer: User) -> set[str]:
    """Fill the database; return recovery codes."""
    for year in ("2017", "2018"):
        make_approved(
            "initiative", countries=["NE"], fields_of_activity=["justice"], starts_on=year
        )
    record = make_record("event")
    name = default_storage.save(FILE, ContentFile(bytes(range(256)) * 40))
    Evidence.objects.create(record=record, file=name, added_by=officer)
    issue_annual_report(plan, "2018", officer, MARCH_2019)
    member = make_user(Role.STAFF, username="mia", password=GOOD, email="mia@example.org")
    TOTP.activate(member, generate_totp_secret())
    codes = RecoveryCodes.activate(member).get_unused_codes()
    # Its key is given to nothing else, also after a restore.
    Office.objects.create(code="gone", name="gone", name_en="gone", country=member.office.country)
    Office.objects.filter(code="gone").delete()
    return set(codes)


@pytest.fixture
def backup(content: set[str], tmp_path: Path) -> Path:
    path = tmp_path / "one.backup"
    save(path)
    return path


def check_everything(rows: dict[str, list[bytes]], figures: str, last_office: int) -> None:
    assert read_rows() == rows
    assert read_figures() == figures
    assert read_seal_problems() == [None]
    with default_storage.open(FILE) as file:
        assert file.read() == bytes(range(256)) * 40
    with pytest.raises(IntegrityError, match="never changes"), transaction.atomic():
        ReportedActual.objects.update(value=7)
    country = Office.objects.first().country
    with transaction.atomic():
        new = Office.objects.create(code="new", name="new", name_en="new", country=country)
        assert new.pk > last_office, "a key is given twice"
        transaction.set_rollback(True)


def test_all_is_equal_after_a_way_there_and_back(
    backup: Path, content: set[str], tmp_path: Path, settings: Any
) -> None:
    """From SQLite to SQLite, from PostgreSQL to SQLite and back to PostgreSQL."""
    vendor = connection.vendor
    rows, figures = read_rows(), read_figures()
    last_office = max(Office.objects.values_list("pk", flat=True)) + 1
    codes = sorted(content)
    settings.MEDIA_ROOT = tmp_path / "there"
    with empty_database("sqlite", tmp_path / "there.sqlite3"):
        restore_backup(backup, OPENING)
        check_everything(rows, figures, last_office)
        second = tmp_path / "two.backup"
        save(second)
        assert sign_in(codes[0]) == 200
    settings.MEDIA_ROOT = tmp_path / "back"
    with empty_database(vendor, tmp_path / "back.sqlite3"):
        restore_backup(second, OPENING)
        check_everything(rows, figures, last_office)
        assert sign_in("000000") == 302, "the control: a code of nobody"
        assert sign_in(codes[1]) == 200


def test_a_damaged_backup_changes_nothing(backup: Path, tmp_path: Path, settings: Any) -> None:
    content = bytearray(backup.read_bytes())
    content[len(content) // 2] ^= 1
    backup.write_bytes(content)
    settings.MEDIA_ROOT = tmp_path / "there"
    with empty_database("sqlite", tmp_path / "there.sqlite3"):
        before = read_rows()
        with pytest.raises(BackupError, match="damaged"):
            restore_backup(backup, OPENING)
        assert read_rows() == before
    assert not (tmp_path / "there").exists()


def test_a_missing_key_is_named_and_refused(backup: Path, tmp_path: Path, settings: Any) -> None:
    signing_key, secret = settings.REPORT_SIGNING_KEY, settings.SECRET_KEY
    settings.MEDIA_ROOT = tmp_path / "there"
    settings.SECRET_KEY = "another-" * 10
    settings.REPORT_SIGNING_KEY = OTHER_KEY
    with empty_database("sqlite", tmp_path / "there.sqlite3"):
        before = read_rows()
        with pytest.raises(RestoreRefused) as refusal:
            restore_backup(backup, OPENING)
        assert "SECRET_KEY: the key with the fingerprint" in str(refusal.value)
        assert "REPORT_SIGNING_KEY: the key with the fingerprint" in str(refusal.value)
        assert read_rows() == before
        # Both are there as former keys.
        settings.SECRET_KEY_FALLBACKS = [secret]
        settings.REPORT_FORMER_KEYS = [public_key_of(signing_key)]
        restore_backup(backup, OPENING)
        assert read_seal_problems() == [None]


def test_a_lost_key_is_accepted_when_it_is_named(
    backup: Path, tmp_path: Path, settings: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path / "there"
    settings.SECRET_KEY = "another-" * 10
    with empty_database("sqlite", tmp_path / "there.sqlite3"):
        restore_backup(backup, OPENING, without=["SECRET_KEY"])
        assert Plan.objects.count() == 1


def test_a_place_that_is_not_empty_is_refused(backup: Path, tmp_path: Path, settings: Any) -> None:
    with pytest.raises(RestoreRefused, match="the database is not empty"):
        restore_backup(backup, OPENING)
    with empty_database("sqlite", tmp_path / "there.sqlite3"):
        before = read_rows()
        with pytest.raises(RestoreRefused, match="place of evidence is not empty"):
            restore_backup(backup, OPENING)
        assert read_rows() == before


def test_a_backup_of_a_later_version_is_refused(
    backup: Path, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.MEDIA_ROOT = tmp_path / "there"
    with empty_database("sqlite", tmp_path / "there.sqlite3"):
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO django_migrations (app, name, applied)"
                " VALUES ('reporting', '9999_of_later', '2026-01-01')"
            )
        later = tmp_path / "later.backup"
        save(later)
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM django_migrations WHERE name = '9999_of_later'")
        with pytest.raises(RestoreRefused, match="does not know its tables"):
            restore_backup(later, OPENING)


def test_what_fails_halfway_leaves_an_empty_place(
    backup: Path, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_arguments: object) -> None:
        raise KeyboardInterrupt

    settings.MEDIA_ROOT = tmp_path / "there"
    with empty_database("sqlite", tmp_path / "there.sqlite3"):
        before = read_rows()
        with monkeypatch.context() as patch:
            patch.setattr("ibcr_rbm.maintenance.backups.restoring.set_sequences", fail)
            with pytest.raises(KeyboardInterrupt):
                restore_backup(backup, OPENING)
        assert read_rows() == before
        assert not default_storage.exists(FILE)

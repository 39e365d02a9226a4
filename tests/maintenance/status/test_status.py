"""The state of the installation, for people, load balancers and collectors of metrics."""

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from ibcr_rbm.maintenance.models import SignOfLife, Work, remember_work
from ibcr_rbm.maintenance.status import findings
from ibcr_rbm.maintenance.status.findings import find_state
from ibcr_rbm.maintenance.status.heartbeat import start_heartbeat
from strategy.models import QueuedEmail
from tests.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _backups_are_set_up(settings: Any) -> None:
    settings.BACKUP_FOLDER, settings.BACKUP_PASSPHRASE = "var/backups", "a passphrase"


def list_problems() -> str:
    return "\n".join(finding.problem for finding in find_state(timezone.now()))


def note_all() -> None:
    for work in Work:
        remember_work(work, timezone.now())


def test_all_is_well_after_all_work() -> None:
    note_all()
    assert list_problems().strip() == ""


@pytest.mark.parametrize(
    ("work", "age", "sentence"),
    [
        (Work.WORKER, timedelta(minutes=16), "No worker runs"),
        (Work.BACKUP, timedelta(hours=31), "no recent backup"),
        (Work.CHECK, timedelta(days=101), "No backup was proved"),
        (Work.DAILY, timedelta(hours=31), "daily work did not run"),
    ],
)
def test_late_work_is_a_problem_in_words(work: Work, age: timedelta, sentence: str) -> None:
    note_all()
    remember_work(work, timezone.now() - age)
    assert sentence in list_problems()
    SignOfLife.objects.filter(work=work).delete()
    assert sentence in list_problems()


def test_an_email_that_waits_for_long_is_a_problem() -> None:
    now = timezone.now()
    email = QueuedEmail.objects.create(content="", queued_at=now, next_at=now)
    assert "E-mails wait" not in list_problems()
    QueuedEmail.objects.filter(pk=email.pk).update(queued_at=now - timedelta(minutes=61))
    assert "E-mails wait" in list_problems()


def test_a_full_disk_a_missing_key_and_a_missing_migration_are_problems(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "disk is almost full" not in list_problems()
    monkeypatch.setattr(findings, "MIN_FREE_BYTES", 10**18)
    settings.REPORT_SIGNING_KEY = ""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'maintenance'")
    problems = list_problems()
    assert "disk is almost full" in problems
    assert "REPORT_SIGNING_KEY" in problems
    assert "manage.py migrate" in problems


def test_ready_says_no_more_than_that(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    response = client.get("/readyz")
    assert (response.status_code, response.content) == (200, b"ready\n")

    def fail(*_arguments: object) -> None:
        raise DatabaseError("disk I/O error at /secret/path")

    with monkeypatch.context() as patch:
        patch.setattr(findings, "MigrationExecutor", fail)
        response = client.get("/readyz")
        assert (response.status_code, response.content) == (503, b"not ready\n")
        assert "takes no writes" in list_problems()
    monkeypatch.setattr(findings, "remember_work", fail)
    assert "takes no writes" in list_problems()
    assert client.get("/readyz").status_code == 200, "pages can be read"


def test_a_stranger_s_question_writes_nothing(client: Client) -> None:
    with CaptureQueriesContext(connection) as queries:
        client.get("/readyz")
    acts = {query["sql"].split()[0] for query in queries}
    assert acts and not acts & {"BEGIN", "DELETE", "INSERT", "SAVEPOINT", "UPDATE"}


def test_looking_writes_nothing() -> None:
    find_state(timezone.now())
    assert not SignOfLife.objects.exists()


def test_metrics_are_for_the_holder_of_the_token(client: Client, settings: Any) -> None:
    assert client.get("/metrics", headers={"authorization": "Bearer "}).status_code == 404
    settings.METRICS_TOKEN = "a-long-token-of-the-collector"
    assert client.get("/metrics").status_code == 404
    assert client.get("/metrics", headers={"authorization": "Bearer no"}).status_code == 404
    remember_work(Work.BACKUP, timezone.now())
    response = client.get(
        "/metrics", headers={"authorization": "Bearer a-long-token-of-the-collector"}
    )
    text = response.content.decode()
    assert "ibcr_database_up 1\n" in text
    assert "ibcr_emails_waiting 0\n" in text
    assert 'ibcr_last_done_timestamp_seconds{work="backup"} ' in text


def test_the_page_is_for_administrators(admin_client: Client, officer_client: Client) -> None:
    page = admin_client.get("/status/").content.decode()
    assert "No worker runs" in page
    assert officer_client.get("/status/").status_code == 403
    note_all()
    assert "All is well." in admin_client.get("/status/").content.decode()


def test_the_command_ends_with_1_where_something_is_wrong() -> None:
    out = StringIO()
    with pytest.raises(SystemExit):
        call_command("status", stdout=out)
    assert "No worker runs" in out.getvalue()
    note_all()
    call_command("status", stdout=StringIO())


@pytest.mark.django_db(transaction=True)
def test_the_worker_gives_a_sign_of_life_at_once() -> None:
    make_user()
    stop = start_heartbeat()
    try:
        for _attempt in range(200):
            if SignOfLife.objects.filter(work=Work.WORKER).exists():
                break
            stop.wait(0.05)
        else:
            pytest.fail("no sign of life")
    finally:
        stop.set()


def test_check_speaks_of_settings_and_of_late_work(settings: Any) -> None:
    def warn(*arguments: str) -> str:
        errors = StringIO()
        call_command("check", *arguments, stderr=errors)
        return errors.getvalue()

    note_all()
    assert "maintenance" not in warn("--deploy", "--tag", "maintenance")
    assert "maintenance" not in warn("--database", "default")
    settings.BACKUP_PASSPHRASE, settings.REPORT_SIGNING_KEY = "", ""
    settings.ALLOWED_HOSTS = ["*"]
    SignOfLife.objects.filter(work=Work.WORKER).delete()
    said = warn("--deploy", "--tag", "maintenance")
    assert all(
        name in said for name in ("BACKUP_PASSPHRASE", "REPORT_SIGNING_KEY", "ALLOWED_HOSTS")
    )
    assert "No worker runs" not in said
    assert "No worker runs" in warn("--database", "default")
    SignOfLife.objects.all().delete()
    assert "maintenance" not in warn("--database", "default")

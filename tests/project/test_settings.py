"""A wrong value in the environment stops the start with a sentence that names it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from ibcr_rbm import environment as env
from tests.support.samples.signing_keys import SIGNING_KEY

ROOT = Path(__file__).resolve().parents[2]
KEY = "of-no-installation-but-as-long-and-as-varied-as-a-real-one-0123456789"


def manage(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run manage.py without any settings of this process."""
    clean = {
        name: value
        for name, value in os.environ.items()
        if name in ("PATH", "HOME", "LANG", "LD_LIBRARY_PATH", "VIRTUAL_ENV")
    }
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env={**clean, "DATABASE_URL": "sqlite://:memory:", **variables},
        capture_output=True,
        text=True,
        check=False,
    )


BAD = [
    ("DATABASE_URL", "nonsense"),
    ("DATABASE_URL", "mysql://user:secret-word@localhost/name"),
    ("DATABASE_URL", "postgres://user:secret-word@localhost:port/name"),
    ("DATABASE_URL", "postgres://user:secret-word@localhost/"),
    ("DEBUG", "perhaps"),
    ("PRODUCTION", "yess"),
    ("IBCR_DEMO", "2"),
    ("TIME_ZONE", "Mars/Olympus"),
    ("TIME_ZONE", "../etc/passwd"),
    ("SESSION_HOURS", "many"),
    ("SESSION_HOURS", "0"),
    ("INVITATION_DAYS", "-1"),
    ("SESSION_IDLE_MINUTES", "1"),
    ("TWO_FACTOR_ROLES", "king"),
    ("CONCERN_URL", "javascript:alert(1)"),
    ("TRUSTED_PROXIES", "1.5"),
    ("EMAIL_URL", "a mail server"),
    ("EMAIL_URL", "smtp://user:secret-word@host:port"),
    ("CSRF_TRUSTED_ORIGINS", "results.example.org"),
    ("LOG_LEVEL", "loud"),
    ("REPORT_SIGNING_KEY", "/nowhere/secret-word.pem"),
    ("REPORT_SIGNING_KEY", "-----BEGIN PRIVATE KEY-----\nsecret-word\n-----END PRIVATE KEY-----"),
    ("REPORT_FORMER_KEYS", "ab12"),
]


@pytest.mark.parametrize(("name", "value"), BAD)
def test_a_bad_value_stops_with_a_sentence_naming_the_variable(name: str, value: str) -> None:
    run = manage("check", **{name: value})
    assert run.returncode != 0
    assert len(run.stderr.strip().splitlines()) == 1, run.stderr
    assert name in run.stderr
    assert "Traceback" not in run.stderr
    assert "secret-word" not in run.stderr


PRODUCTION = {"PRODUCTION": "1", "SECRET_KEY": KEY, "EMAIL_URL": "dummymail://"}
COMPLETE = {
    "BACKUP_FOLDER": "var/backups",
    "BACKUP_PASSPHRASE": KEY,
    "REPORT_SIGNING_KEY": SIGNING_KEY,
}


@pytest.mark.parametrize(
    ("missing", "remedy"),
    [
        ({"SECRET_KEY": ""}, "SECRET_KEY is empty"),
        ({"SECRET_KEY": "not-secret-" + "development-only-" * 4}, "SECRET_KEY is"),
        ({"SECRET_KEY": "x" * 49}, "at least 50 characters"),
        ({"EMAIL_URL": ""}, "EMAIL_URL is empty"),
    ],
)
def test_production_needs_a_key_of_its_own_and_a_mail_server(
    missing: dict[str, str], remedy: str
) -> None:
    run = manage("check", **{**PRODUCTION, **missing})
    assert run.returncode != 0
    assert remedy in run.stderr
    assert len(run.stderr.strip().splitlines()) == 1
    assert "development-only" not in run.stderr


@pytest.mark.parametrize("host", ["results.example.org", "*", "localhost,192.168.1.5"])
def test_another_host_needs_production(host: str) -> None:
    run = manage("check", ALLOWED_HOSTS=host)
    assert run.returncode != 0
    assert "PRODUCTION=1" in run.stderr
    assert manage("check", ALLOWED_HOSTS=host, **PRODUCTION).returncode == 0


def test_cookies_of_production_belong_to_the_host_alone() -> None:
    names = [
        "SESSION_COOKIE_NAME",
        "CSRF_COOKIE_NAME",
        "LANGUAGE_COOKIE_NAME",
        "DEVICE_COOKIE_NAME",
    ]
    code = f"from django.conf import settings as s; print([getattr(s, n) for n in {names}])"
    printed = manage("shell", "-v0", "-c", code, **PRODUCTION).stdout
    assert printed.count("'__Host-") == len(names)


def test_the_signing_key_is_a_file_or_its_text(tmp_path: Path) -> None:
    (tmp_path / "key.pem").write_text(SIGNING_KEY, encoding="ascii")
    for value in (str(tmp_path / "key.pem"), SIGNING_KEY):
        run = manage("check", REPORT_SIGNING_KEY=value, REPORT_FORMER_KEYS="0A" * 32)
        assert (run.returncode, run.stderr) == (0, "")


def test_a_key_may_hold_any_letter() -> None:
    """Check `$`, which generated keys may start with, and `=` and `#`."""
    run = manage("check", **{**PRODUCTION, "SECRET_KEY": f"$#={KEY}"})
    assert (run.returncode, run.stderr) == (0, "")


@pytest.mark.parametrize("name", ["DEBUG", "IBCR_DEMO"])
def test_production_refuses_what_lets_strangers_in(name: str) -> None:
    run = manage("check", **PRODUCTION, **{name: "1"})
    assert run.returncode != 0
    assert name in run.stderr


def test_the_deployment_check_is_clean_under_production_settings() -> None:
    run = manage("check", "--deploy", "--fail-level", "WARNING", **PRODUCTION, **COMPLETE)
    assert run.returncode == 0, run.stderr
    assert "no issues" in run.stdout


def test_without_any_variable_the_start_is_good() -> None:
    assert manage("check").returncode == 0


@pytest.mark.parametrize(
    ("text", "is_on"), [("1", True), ("Yes", True), ("off", False), ("", False)]
)
def test_a_switch_has_several_words(
    text: str, is_on: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("A_SWITCH", text)
    assert env.read_flag("A_SWITCH") is is_on


def test_a_switch_that_is_not_set_is_its_default() -> None:
    assert env.read_flag("NOT_SET_AT_ALL", default=True)
    assert not env.read_flag("NOT_SET_AT_ALL")


def test_good_addresses_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(
        "ADDRESS", "postgres://ada:p%40ss@db.example.org:5433/results?sslmode=require"
    )
    found = env.read_database("ADDRESS", default="")
    assert (found["NAME"], found["USER"], found["PASSWORD"]) == ("results", "ada", "p@ss")
    assert (found["HOST"], found["PORT"]) == ("db.example.org", 5433)
    assert found["OPTIONS"] == {"sslmode": "require"}
    monkeypatch.setenv("MAIL", "smtp+tls://ada:word@mail.example.org:587")
    assert env.read_email("MAIL", default="")["EMAIL_USE_TLS"] is True
    monkeypatch.setenv("SITES", "https://a.example.org, https://b.example.org")
    assert env.read_origins("SITES") == ["https://a.example.org", "https://b.example.org"]


def test_an_empty_number_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOURS", "")
    with pytest.raises(ImproperlyConfigured, match="HOURS"):
        env.read_whole_number("HOURS", default=12)


@pytest.mark.parametrize(
    ("variables", "level"),
    [
        ({**PRODUCTION, "LOG_LEVEL": "ERROR"}, "INFO"),
        ({"LOG_LEVEL": "ERROR"}, "ERROR"),
        ({}, "WARNING"),
    ],
)
def test_the_security_log_goes_to_standard_error_in_production_at_every_level(
    variables: dict[str, str], level: str
) -> None:
    show = "from django.conf import settings; print(settings.LOGGING['loggers']['security'])"
    run = manage("shell", "--no-imports", "-c", show, **variables)
    assert run.stdout.strip() == str({"level": level})

"""Run every check and every test.

The quick checks come first, then the suite on SQLite, then on PostgreSQL the tests that depend on
the database (not marked ``one_database``). Everything runs even after a failure; the exit code is
then 1, and the summary names the failed checks.

    checks.py                  everything
    checks.py ARGUMENT...      pytest alone, with these arguments, on both databases
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTHON = sys.executable
PROGRAMS = Path(PYTHON).parent
MANAGE = (PYTHON, "manage.py")
PYTEST = (PYTHON, "-m", "pytest")
WITH_POSTGRES = (PYTHON, "tools/with_postgres.py")

APPS = ("strategy", "indicators", "reporting")
LEAST_COVERAGE = 95
"""The minimum coverage of an app's lines and branches by the suite, in percent."""

SETTINGS_VARIABLES = (
    "ALLOWED_HOSTS",
    "BACKUP_FOLDER",
    "BACKUP_PASSPHRASE",
    "BACKUP_RECIPIENTS",
    "CONCERN_URL",
    "CONN_MAX_AGE",
    "CSRF_TRUSTED_ORIGINS",
    "DATABASE_URL",
    "DEBUG",
    "DJANGO_SETTINGS_MODULE",
    "EMAIL_FROM",
    "EMAIL_URL",
    "HSTS_SECONDS",
    "IBCR_DEMO",
    "INVITATION_DAYS",
    "LOG_LEVEL",
    "MEDIA_ROOT",
    "PRODUCTION",
    "REPORT_FORMER_KEYS",
    "REPORT_SIGNING_KEY",
    "SECRET_KEY",
    "SECRET_KEY_FALLBACKS",
    "SESSION_HOURS",
    "SESSION_IDLE_MINUTES",
    "SSL_REDIRECT",
    "STATIC_ROOT",
    "TIME_ZONE",
    "TRUSTED_PROXIES",
    "TWO_FACTOR_ROLES",
)
"""Settings of an installation, removed from the environment so that they change no check."""

PRODUCTION = {
    "PRODUCTION": "1",
    "SECRET_KEY": "of-no-installation-but-as-long-and-as-varied-as-a-real-one-0123456789",
    "ALLOWED_HOSTS": "results.example.org",
    "EMAIL_URL": "dummymail://",
    "BACKUP_FOLDER": "var/backups",
    "BACKUP_PASSPHRASE": "of-no-installation",
    "REPORT_SIGNING_KEY": (
        "-----BEGIN PRIVATE KEY-----\n"
        "MC4CAQAwBQYDK2VwBCIEIAcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcH\n"
        "-----END PRIVATE KEY-----\n"
    ),
}


@dataclass(frozen=True)
class Check:
    """Commands that run in order; the check fails with the first that fails."""

    name: str
    commands: tuple[tuple[str, ...], ...]
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class CheckResult:
    """The result of a check. ``output`` is that of a failed check."""

    name: str
    is_passed: bool
    seconds: float
    output: str = ""

    def __str__(self) -> str:
        mark = "ok    " if self.is_passed else "FAILED"
        return f"  {mark}  {self.name:<38}{self.seconds:6.1f} s"


def list_quick_checks(database: Path) -> tuple[Check, ...]:
    """Return all checks but the tests; `database` is a SQLite file to be made."""
    return (
        Check("lint", ((PYTHON, "-m", "ruff", "check"),)),
        Check(
            "format", ((PYTHON, "-m", "ruff", "format", "--check", "--output-format", "concise"),)
        ),
        Check("types", ((PYTHON, "-m", "mypy"),)),
        Check("direction of imports", ((str(PROGRAMS / "lint-imports"),),)),
        Check("templates", ((PYTHON, "-m", "djlint", "templates", "--lint", "--quiet"),)),
        Check("migrations", ((*MANAGE, "makemigrations", "--check", "--dry-run"),)),
        Check(
            "plans",
            (
                # The tests then find it migrated.
                (PYTHON, "-m", "tests.support.database.template", str(database)),
                (*MANAGE, "bootstrap"),
                (*MANAGE, "check_plan"),
            ),
            {
                "DATABASE_URL": f"sqlite:///{database}",
                "DJANGO_SETTINGS_MODULE": "ibcr_rbm.settings",
            },
        ),
        Check(
            "settings of production",
            ((*MANAGE, "check", "--deploy", "--fail-level", "WARNING"),),
            PRODUCTION,
        ),
    )


def make_environment(extra: Mapping[str, str]) -> dict[str, str]:
    kept = {name: text for name, text in os.environ.items() if name not in SETTINGS_VARIABLES}
    return {**kept, "PYTHONUNBUFFERED": "1", **extra}


def run_check(check: Check) -> CheckResult:
    begun = time.perf_counter()
    output = ""
    for command in check.commands:
        done = subprocess.run(
            command,
            cwd=ROOT,
            env=make_environment(check.environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
        )
        output += done.stdout
        if done.returncode != 0:
            return CheckResult(check.name, False, time.perf_counter() - begun, output)
    return CheckResult(check.name, True, time.perf_counter() - begun)


def run_quick_checks() -> list[CheckResult]:
    outcomes = []
    print_title("Checks")
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(max_workers=2) as pool:
        checks = list_quick_checks(Path(folder, "plans.sqlite3"))
        for outcome in pool.map(run_check, checks):
            print(outcome, flush=True)
            if not outcome.is_passed:
                print(outcome.output.rstrip(), end="\n\n", flush=True)
            outcomes.append(outcome)
    return outcomes


def run_tests(name: str, command: Sequence[str], variables: Mapping[str, str]) -> CheckResult:
    print_title(name)
    begun = time.perf_counter()
    code = subprocess.call(command, cwd=ROOT, env=make_environment(variables))
    return CheckResult(name, code == 0, time.perf_counter() - begun)


def run_tests_on_both(on_sqlite: Iterable[str], on_postgres: Iterable[str]) -> list[CheckResult]:
    sqlite = {"DATABASE_URL": "sqlite:///var/tests.sqlite3"}
    return [
        run_tests("tests on SQLite", (*PYTEST, *on_sqlite), sqlite),
        run_tests("tests on PostgreSQL", (*WITH_POSTGRES, *PYTEST, *on_postgres), {}),
    ]


def check_coverage() -> list[CheckResult]:
    print_title("Coverage")
    report = (PYTHON, "-m", "coverage", "report", f"--fail-under={LEAST_COVERAGE}")
    outcomes = []
    for app in APPS:
        outcome = run_check(Check(f"coverage of {app}", ((*report, f"--include={app}/*"),)))
        print(outcome, flush=True)
        if not outcome.is_passed:
            print(outcome.output.rstrip(), end="\n\n", flush=True)
        outcomes.append(outcome)
    return outcomes


def print_title(text: str) -> None:
    print(f"\n== {text[0].upper()}{text[1:]}", flush=True)


def run_everything() -> list[CheckResult]:
    # One more than processors: a worker often waits for its browser or for its database. By
    # default a worker may be handed most of the slow tests, while the rest is soon done.
    number = min(4, (os.cpu_count() or 1) + 1)
    workers = ("--numprocesses", str(number), "--dist", "worksteal")
    outcomes = run_quick_checks()
    outcomes += run_tests_on_both(
        (*workers, "--cov", "--cov-report="), (*workers, "-m", "not one_database")
    )
    return outcomes + check_coverage()


def main(arguments: Sequence[str]) -> int:
    """Return the exit code: 0 if everything passed."""
    outcomes = run_tests_on_both(arguments, arguments) if arguments else run_everything()
    print_title("Summary")
    print(*outcomes, sep="\n", flush=True)
    return 0 if all(outcome.is_passed for outcome in outcomes) else 1


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit("\nInterrupted: nothing is said about what did not run.")

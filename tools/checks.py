"""Every check and every test: the quick checks first, then the suite on SQLite, and on PostgreSQL
what depends on the database (not marked ``one_database``).

    checks.py                  everything
    checks.py ARGUMENT...      pytest alone, with these arguments, on both databases

All of it runs even where a part fails; the exit code is 1 when any did, and the end says which.
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
"""Percent of an app's lines and branches that the suite has to reach."""

SETTINGS_VARIABLES = (
    "ALLOWED_HOSTS",
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
    "SECRET_KEY",
    "SESSION_HOURS",
    "SSL_REDIRECT",
    "STATIC_ROOT",
    "TIME_ZONE",
    "TRUSTED_PROXIES",
)
"""What a person may have set for an installation, and must not change what the checks say."""

PRODUCTION = {
    "PRODUCTION": "1",
    "SECRET_KEY": "of-no-installation-but-as-long-and-as-varied-as-a-real-one-0123456789",
    "ALLOWED_HOSTS": "results.example.org",
}


@dataclass(frozen=True)
class Check:
    """Something that either holds or not: commands, one after the other until one fails."""

    name: str
    commands: tuple[tuple[str, ...], ...]
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class CheckResult:
    """What a check came to."""

    name: str
    is_passed: bool
    seconds: float
    output: str = ""

    def __str__(self) -> str:
        mark = "ok    " if self.is_passed else "FAILED"
        return f"  {mark}  {self.name:<38}{self.seconds:6.1f} s"


def quick_checks(database: str) -> tuple[Check, ...]:
    """Everything but the tests; `database` is the address of an empty one that may be filled."""
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
                (*MANAGE, "migrate", "--verbosity", "0"),
                (*MANAGE, "bootstrap"),
                (*MANAGE, "check_plan"),
            ),
            {"DATABASE_URL": database},
        ),
        Check(
            "settings of production",
            ((*MANAGE, "check", "--deploy", "--fail-level", "WARNING"),),
            PRODUCTION,
        ),
    )


def environment(extra: Mapping[str, str]) -> dict[str, str]:
    """The present environment without any setting of an installation, and with the extra ones."""
    kept = {name: text for name, text in os.environ.items() if name not in SETTINGS_VARIABLES}
    return {**kept, "PYTHONUNBUFFERED": "1", **extra}


def outcome_of(check: Check) -> CheckResult:
    """Run a check, keeping what it prints."""
    begun = time.perf_counter()
    output = ""
    for command in check.commands:
        done = subprocess.run(
            command,
            cwd=ROOT,
            env=environment(check.environment),
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


def outcomes_of_checks() -> list[CheckResult]:
    """Run the quick checks, two at a time, and print each one's outcome in their order."""
    outcomes = []
    title("Checks")
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(max_workers=2) as pool:
        checks = quick_checks(f"sqlite:///{folder}/plans.sqlite3")
        for outcome in pool.map(outcome_of, checks):
            print(outcome, flush=True)
            if not outcome.is_passed:
                print(outcome.output.rstrip(), end="\n\n", flush=True)
            outcomes.append(outcome)
    return outcomes


def outcome_of_tests(
    name: str, command: Sequence[str], variables: Mapping[str, str]
) -> CheckResult:
    """Run tests, showing what they print as they go."""
    title(name)
    begun = time.perf_counter()
    code = subprocess.call(command, cwd=ROOT, env=environment(variables))
    return CheckResult(name, code == 0, time.perf_counter() - begun)


def outcomes_of_tests(on_sqlite: Iterable[str], on_postgres: Iterable[str]) -> list[CheckResult]:
    """Run the suite on both databases, with the arguments of pytest for each."""
    sqlite = {"DATABASE_URL": "sqlite:///var/tests.sqlite3"}
    return [
        outcome_of_tests("tests on SQLite", (*PYTEST, *on_sqlite), sqlite),
        outcome_of_tests("tests on PostgreSQL", (*WITH_POSTGRES, *PYTEST, *on_postgres), {}),
    ]


def outcomes_of_coverage() -> list[CheckResult]:
    """Whether the tests that ran reach enough of each app, and which lines they do not."""
    title("Coverage")
    report = (PYTHON, "-m", "coverage", "report", f"--fail-under={LEAST_COVERAGE}")
    outcomes = []
    for app in APPS:
        outcome = outcome_of(Check(f"coverage of {app}", ((*report, f"--include={app}/*"),)))
        print(outcome, flush=True)
        if not outcome.is_passed:
            print(outcome.output.rstrip(), end="\n\n", flush=True)
        outcomes.append(outcome)
    return outcomes


def title(text: str) -> None:
    """Say what comes now."""
    print(f"\n== {text[0].upper()}{text[1:]}", flush=True)


def everything() -> list[CheckResult]:
    """Run all checks and all tests."""
    workers = ("--numprocesses", str(min(4, os.cpu_count() or 1)))
    outcomes = outcomes_of_checks()
    outcomes += outcomes_of_tests(
        (*workers, "--cov", "--cov-report="), (*workers, "-m", "not one_database")
    )
    return outcomes + outcomes_of_coverage()


def main(arguments: Sequence[str]) -> int:
    """The exit code: 0 when all that ran passed."""
    outcomes = outcomes_of_tests(arguments, arguments) if arguments else everything()
    title("Summary")
    print(*outcomes, sep="\n", flush=True)
    return 0 if all(outcome.is_passed for outcome in outcomes) else 1


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit("\nInterrupted: nothing is said about what did not run.")

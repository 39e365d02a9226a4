"""Change the code of a room at one place at a time, and show the changes that no test notices.

    mutation.py              every room
    mutation.py ROOM...      these: counting, figures, import, values, workflow

The tests of a room run on each change, in a copy of the last commit. A change costs some seconds:
a room takes an hour or more, so this is a command of its own and no part of CI. It needs mutmut:
pip install 'mutmut>=3.8,<4'.
"""

import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MUTMUT = (sys.executable, "-m", "mutmut")

ROOMS: dict[str, tuple[str, str]] = {
    "counting": ("indicators/counting/*", "tests/indicators/counting tests/reporting/figures"),
    "figures": ("reporting/figures/*", "tests/reporting/figures"),
    "import": ("indicators/import_export/*", "tests/indicators/import_export"),
    "values": ("indicators/values/*", "tests/indicators/values tests/indicators/forms"),
    "workflow": ("indicators/workflow/*", "tests/indicators/workflow tests/indicators/lists"),
}
"""The code of each room, and the tests that guard it."""

CONFIGURATION = """
[mutmut]
source_paths=
    indicators/
    reporting/
    strategy/
only_mutate=
    {code}
also_copy=
    fixtures/
    ibcr_rbm/
    manage.py
    templates/
    tools/
pytest_add_cli_args_test_selection=
    {tests}
process_isolation=forkserver
"""
NOT_NOTICED = ("survived", "no tests", "suspicious")


def copy_last_commit(folder: Path) -> None:
    """Copy what git has: files that are not committed take no part."""
    archive = subprocess.run(
        ("git", "archive", "HEAD"), cwd=ROOT, check=True, capture_output=True
    ).stdout
    subprocess.run(("tar", "--extract", "--directory", folder), input=archive, check=True)
    subprocess.run((sys.executable, "tools/compile_translations.py"), cwd=folder, check=True)


def mutate(room: str, folder: Path) -> dict[str, str]:
    """Return the outcome of each change by its name: "killed", "survived", "timeout", ..."""
    code, tests = ROOMS[room]
    configuration = CONFIGURATION.format(code=code, tests="\n    ".join(tests.split()))
    (folder / "setup.cfg").write_text(configuration)
    subprocess.run((*MUTMUT, "run"), cwd=folder, check=True)
    results = (*MUTMUT, "results", "--all", "true")
    listed = subprocess.run(results, cwd=folder, check=True, capture_output=True, text=True).stdout
    return dict(line.strip().rsplit(": ", 1) for line in listed.splitlines() if ": " in line)


def show_change(name: str, folder: Path) -> str:
    show = (*MUTMUT, "show", name)
    shown = subprocess.run(show, cwd=folder, check=False, capture_output=True, text=True)
    return shown.stdout.rstrip()


def run_room(room: str) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        copy_last_commit(folder)
        outcomes = mutate(room, folder)
        for change in sorted(name for name in outcomes if outcomes[name] in NOT_NOTICED):
            print(f"\n{change}: {outcomes[change]}\n{show_change(change, folder)}")
        counted = ", ".join(f"{count} {word}" for word, count in Counter(outcomes.values()).items())
        print(f"\n{room}: {len(outcomes)} changes: {counted}", flush=True)


def main(rooms: Sequence[str]) -> int:
    """Return the exit code: 2 for a room that does not exist, or without mutmut."""
    unknown = set(rooms) - set(ROOMS)
    if unknown or find_spec("mutmut") is None:
        print(__doc__, file=sys.stderr)
        return 2
    for room in rooms or ROOMS:
        run_room(room)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

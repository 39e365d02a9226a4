"""Change the code of a room at one place at a time, and show the changes that no test notices.

    python -m tools.mutation             every room
    python -m tools.mutation ROOM...     these: counting, figures, import, values, workflow
    python -m tools.mutation FILE...     files of rooms: indicators/counting/rules.py
    python -m tools.mutation CHANGE...   changes, by the names that are printed
    python -m tools.mutation ... TESTS   by these tests (tests/...), not by all of the room
    python -m tools.mutation ... NUMBER  a sample: one change of so many

The tests run once, to learn which of them use which function. Then each change is tried in a
process of its own, forked when the database is there, by the tests that use the function: those
first that have noticed a change before, then the quickest, until one fails or the time is up. A
change takes a third of a second, and seconds if it survives: hours for all rooms, so this is a
command of its own and no part of CI. It works on a copy of the last commit, and prints at once what
survives. It needs mutmut: pip install 'mutmut>=3.8,<3.9'.
"""

import subprocess
import sys
import tempfile
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from tools.mutation.rooms import ROOMS, TESTS, find_tests

ROOT = Path(__file__).resolve().parent.parent.parent


def copy_last_commit(folder: Path) -> None:
    """Copy what git has: files that are not committed take no part."""
    archive = subprocess.run(
        ("git", "archive", "HEAD"), cwd=ROOT, check=True, capture_output=True
    ).stdout
    subprocess.run(("tar", "--extract", "--directory", folder), input=archive, check=True)
    subprocess.run((sys.executable, "tools/compile_translations.py"), cwd=folder, check=True)


def main(names: Sequence[str]) -> int:
    """Return the exit code: 2 for a room that does not exist, or without mutmut."""
    is_known = all(name.isdecimal() or name.startswith(TESTS) or find_tests(name) for name in names)
    if find_spec("mutmut") is None or not is_known:
        print(__doc__, file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as folder:
        copy_last_commit(Path(folder))
        command = (sys.executable, "-m", "tools.mutation.trial", *(names or ROOMS))
        return subprocess.run(command, cwd=folder, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Trying changes: each in a process of its own, forked from one where the database is ready."""

import itertools
import os
import resource
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from pathlib import Path
from typing import TextIO

import hypothesis
import pytest
from _pytest.runner import runtestprotocol
from mutmut.mutation import trampoline
from mutmut.mutation.diff_apply import get_diff_for_mutant
from mutmut.mutation.file_mutation import mutate_file_contents
from mutmut.utils.format_utils import get_mutant_name

from tools.mutation.rooms import MARK, TESTS, find_file, find_tests

SECONDS_A_CHANGE = 3
"""Of processor time, after which no further test of a change is begun."""

SURVIVED, KILLED = 0, 1


@dataclass(frozen=True)
class Change:
    """One change of one function; the mutated file holds it next to the original."""

    name: str
    path: Path

    @property
    def function(self) -> str:
        return self.name.partition(MARK)[0]

    def show(self) -> str:
        lines = get_diff_for_mutant(self.name, self.path.read_text(), self.path).splitlines()
        return "\n".join(line for line in lines[2:] if line.startswith(("-", "+", "@@")))


def mutate_file(path: Path) -> list[Change]:
    """Rewrite the file: each function with all its changes, of which one at most is active."""
    changed = mutate_file_contents(str(path), path.read_text())
    path.write_text(changed.code)
    return [Change(get_mutant_name(path, name), path) for name in changed.mutant_names]


@dataclass
class Mutations:
    """Take pytest's place in running the tests: once as they are, then on each change."""

    changes: list[Change]
    out: TextIO
    seconds: dict[str, float] = field(default_factory=dict)
    uses: defaultdict[str, list[pytest.Item]] = field(default_factory=lambda: defaultdict(list))
    killers: Counter[str] = field(default_factory=Counter)

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection(self) -> None:
        """Draw no simpler examples of what fails: that it fails is enough."""
        profile = hypothesis.settings(
            hypothesis.settings.get_profile("same"),
            phases=[hypothesis.Phase.explicit, hypothesis.Phase.generate],
            database=None,
        )
        hypothesis.settings.register_profile("mutation", profile)
        hypothesis.settings.load_profile("mutation")

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        items = list(session.items)
        self.measure_tests(items)
        print(f"{len(self.changes)} changes, {len(items)} tests", flush=True, file=self.out)
        most_used = max(self.uses, key=lambda function: len(self.uses[function]))
        if self.run_tests(Change(f"{most_used}{MARK}none", Path())) == "killed":
            pytest.exit("tests fail in a process of their own without any change", returncode=1)
        for path, changes in itertools.groupby(self.changes, attrgetter("path")):
            outcomes = Counter(self.show_outcome(change) for change in changes)
            counted = ", ".join(f"{count} {word}" for word, count in outcomes.most_common())
            print(f"\n{path}: {outcomes.total()} changes: {counted}", flush=True, file=self.out)
        return True

    def show_outcome(self, change: Change) -> str:
        """Return the outcome in a word, and show the change if no test notices it."""
        outcome = self.run_tests(change)
        if outcome not in ("killed", "timeout"):
            print(f"\n{change.name}: {outcome}\n{change.show()}", flush=True, file=self.out)
        return outcome.partition(":")[0]

    def measure_tests(self, items: list[pytest.Item]) -> None:
        used: set[str] = set()
        trampoline.record_trampoline_hit = lambda name, caller=None: used.add(name)
        trampoline.set_mutant_under_test("stats")
        for item, following in zip(items, [*items[1:], items[0]], strict=True):
            used.clear()
            started = time.process_time()
            if has_failed(item, following):
                pytest.exit(f"{item.nodeid} fails without any change", returncode=1)
            self.seconds[item.nodeid] = time.process_time() - started
            for function in used:
                self.uses[function].append(item)
        trampoline.set_mutant_under_test("")

    def run_tests(self, change: Change) -> str:
        """Return what came of it: "killed", "timeout", "no tests", "survived: 7 of 9 tests"."""
        items = self.uses[change.function]
        if not items:
            return "no tests"
        items.sort(key=lambda item: (self.killers[item.nodeid] == 0, self.seconds[item.nodeid]))
        reading, writing = os.pipe()
        child = os.fork()
        if not child:
            os.close(reading)
            run_in_child(change, items, writing)
        os.close(writing)
        with os.fdopen(reading) as pipe:
            ran = pipe.read().split("\n")[:-1]
        status = os.waitpid(child, 0)[1]
        if os.WIFSIGNALED(status):
            return "timeout"
        if os.WEXITSTATUS(status) == SURVIVED:
            return f"survived: {len(ran)} of {len(items)} tests"
        self.killers[ran[-1]] += 1
        return "killed"


def has_failed(item: pytest.Item, following: pytest.Item) -> bool:
    return any(report.failed for report in runtestprotocol(item, log=False, nextitem=following))


def run_in_child(change: Change, items: list[pytest.Item], pipe: int) -> None:
    """Run the tests until one fails, then end the process."""
    limit = int(time.process_time()) + 5 * SECONDS_A_CHANGE
    resource.setrlimit(resource.RLIMIT_CPU, (limit, limit))
    trampoline.set_mutant_under_test(change.name)
    started, outcome = time.process_time(), SURVIVED
    try:
        for item, following in itertools.pairwise([*items, items[-1]]):
            if time.process_time() - started > SECONDS_A_CHANGE:
                break
            os.write(pipe, f"{item.nodeid}\n".encode())
            if has_failed(item, following):
                outcome = KILLED
                break
    except BaseException:  # noqa: BLE001 - also after SystemExit the process ends here
        outcome = KILLED
    finally:
        os._exit(outcome)


def mutate_code(name: str) -> Iterator[Change]:
    path = Path(find_file(name))
    for file in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
        yield from mutate_file(file)


def run_trials(names: Sequence[str]) -> int:
    """Try the changes in the copy, which is the folder here."""
    Path("setup.cfg").write_text("[mutmut]\nsource_paths = .\n")
    step = next((int(name) for name in names if name.isdecimal()), 1)
    code = [name for name in names if not name.startswith(TESTS) and not name.isdecimal()]
    tests = [name for name in names if name.startswith(TESTS)]
    changes = [
        change for file in dict.fromkeys(map(find_file, code)) for change in mutate_code(file)
    ]
    if any(MARK in name for name in code):
        changes = [change for change in changes if change.name in code]
    changes = changes[::step]
    tests = tests or " ".join(find_tests(name) or "" for name in code).split()
    arguments = ["-q", "-p", "no:cacheprovider", *dict.fromkeys(tests)]
    with os.fdopen(os.dup(sys.stdout.fileno()), "w") as out:  # pytest captures the other
        return int(pytest.main(arguments, plugins=[Mutations(changes, out)]))


if __name__ == "__main__":
    sys.exit(run_trials(sys.argv[1:]))

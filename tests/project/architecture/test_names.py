"""Names: a class has one meaning, a function that acts begins with a verb."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from tests.project.architecture.source import (
    LAYERS,
    TOOLS_AND_TESTS,
    name_of,
    python_files,
    tree_of,
)

SHARED_CLASS_NAMES = {"Command", "Meta"}
"""Names that Django prescribes."""

VERBS = frozenset(Path(__file__).with_name("verbs.txt").read_text(encoding="utf-8").split())
NOUN_SUFFIXES = ("_for",)
"""Look-ups that are a noun, such as ``label_for(field)``."""

WITHOUT_A_VERB = Path(__file__).with_name("functions_without_verb.txt")
"""The functions named otherwise, as module and name: pure look-ups, and those to be renamed."""

NAMED_BY_OTHERS = (
    "*/views.py",
    "*/views/*.py",
    "*/templatetags/*.py",
    "tools/demo/gunicorn_conf.py",
)
"""Views and tags are nouns, as in their URLs and templates; gunicorn names its hooks."""


def find_public_functions() -> Iterator[tuple[str, str]]:
    """Yield the module and the name of every public function of applications and tools."""
    for path in [path for top in (*LAYERS, "tools") for path in python_files(top)]:
        if any(path.match(pattern) for pattern in NAMED_BY_OTHERS):
            continue
        for node in tree_of(path).body:
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                yield name_of(path), node.name


def starts_with_verb(name: str) -> bool:
    return name.partition("_")[0] in VERBS or name.endswith(NOUN_SUFFIXES)


def test_a_class_name_has_one_meaning() -> None:
    places: dict[str, list[str]] = defaultdict(list)
    for path in [path for top in (*LAYERS, *TOOLS_AND_TESTS) for path in python_files(top)]:
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.ClassDef) and node.name not in SHARED_CLASS_NAMES:
                places[node.name].append(name_of(path))
    assert {name: paths for name, paths in places.items() if len(paths) > 1} == {}


def test_a_function_begins_with_a_verb_or_is_a_known_look_up() -> None:
    known = WITHOUT_A_VERB.read_text(encoding="utf-8").splitlines()
    found = [
        f"{file} {name}" for file, name in find_public_functions() if not starts_with_verb(name)
    ]
    assert sorted(set(found) - set(known)) == [], "begin these with a verb"
    assert sorted(set(known) - set(found)) == [], f"take these out of {WITHOUT_A_VERB.name}"
    assert known == sorted(set(known))


def test_verbs_and_look_ups_are_recognised() -> None:
    assert all(starts_with_verb(name) for name in ("load_rows", "is_open", "label_for", "verify"))
    assert not any(starts_with_verb(name) for name in ("rows_of", "kept", "loaded_rows"))

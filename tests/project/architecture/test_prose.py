"""Docstrings and comments: every module has one, short first lines, no archaic words."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.project.architecture.source import (
    LAYERS,
    TOOLS_AND_TESTS,
    modules,
    name_of,
    python_files,
    tree_of,
)

MAX_FIRST_LINE_WORDS = 20

BANNED = re.compile(
    r"\b(anew|beside|besides|meanwhile|whatever|whoever|TODO|FIXME|XXX|HACK)\b", re.IGNORECASE
)


def find_prose(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the docstrings, strings that stand alone and comments of a file, with line numbers."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            yield node.lineno, str(node.value.value)
    text = io.StringIO(path.read_text(encoding="utf-8"))
    for token in tokenize.generate_tokens(text.readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string


def find_faults(path: Path) -> Iterator[str]:
    """Yield each banned word and each first line with too many words, by its place."""
    for line, text in find_prose(path):
        for match in BANNED.finditer(text):
            yield f"{name_of(path)}:{line} says “{match.group()}”"
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            docstring = ast.get_docstring(node) or ""
            if len(docstring.partition("\n")[0].split()) > MAX_FIRST_LINE_WORDS:
                yield f"{name_of(path)} begins a docstring with too many words: {docstring}"


@pytest.mark.parametrize("top", (*LAYERS, *TOOLS_AND_TESTS))
def test_docstrings_and_comments_are_plain_and_short(top: str) -> None:
    assert not [fault for path in python_files(top) for fault in find_faults(path)]


def test_every_module_says_what_it_is_about() -> None:
    silent = [
        name_of(path)
        for path in modules()
        if path.read_text(encoding="utf-8").strip() and not ast.get_docstring(tree_of(path))
    ]
    assert [name for name in silent if not name.endswith("/apps.py")] == []

"""The project's Python files and their syntax trees."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from django.conf import settings

LAYERS = ("strategy", "indicators", "reporting", "ibcr_rbm")
"""The applications: each may import those before it and nothing after it."""

TOOLS_AND_TESTS = ("tools", "tests")


def modules() -> list[Path]:
    return [path for layer in LAYERS for path in python_files(layer)]


def python_files(folder: str) -> list[Path]:
    """Return the Python files below a top-level folder, migrations excepted."""
    files = sorted((settings.BASE_DIR / folder).rglob("*.py"))
    return [path for path in files if "migrations" not in path.parts]


def name_of(path: Path) -> str:
    return str(path.relative_to(settings.BASE_DIR))


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def find_imports(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Yield the modules that the code imports, each with its line number."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((f"{node.module}.{alias.name}", node.lineno) for alias in node.names)


def find_functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node

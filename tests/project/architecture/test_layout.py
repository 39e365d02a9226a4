"""The size of folders, files and functions."""

from pathlib import Path

import pytest
from django.conf import settings

from tests.project.architecture.source import (
    LAYERS,
    TOOLS_AND_TESTS,
    find_functions,
    modules,
    name_of,
    tree_of,
)

MAX_ROOMS = 10
"""Modules and packages, or pages and folders of templates, on one level."""
MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 40

UNCOUNTED_MODULES = {"__init__.py", "apps.py", "conftest.py", "translation.py", "urls.py"}
UNCOUNTED_FOLDERS = {"__pycache__", "locale", "management", "migrations", "static", "templatetags"}

UNCOUNTED_TEMPLATES = {"400.html", "401.html", "403.html", "403_csrf.html", "404.html", "500.html"}
"""The error pages, whose names and place are Django's."""
UNCOUNTED_TEMPLATE_FOLDERS = {"components", "allauth/elements"}
"""Partials only, and the names of allauth's elements."""


def find_rooms(folder: Path) -> list[str]:
    """Return the names of the modules and packages of a level, Django's own excepted."""
    modules = {path.name for path in folder.glob("*.py")} - UNCOUNTED_MODULES
    packages = {path.parent.name for path in folder.glob("*/*.py")}
    packages |= {path.parent.parent.name for path in folder.glob("*/*/*.py")}
    return sorted(modules | (packages - UNCOUNTED_FOLDERS))


def find_folders(top: Path) -> list[Path]:
    folders = [top, *(path for path in top.rglob("*") if path.is_dir())]
    return [path for path in folders if UNCOUNTED_FOLDERS.isdisjoint(path.parts)]


@pytest.mark.parametrize("top", (*LAYERS, *TOOLS_AND_TESTS))
def test_a_level_has_at_most_ten_modules_and_packages(top: str) -> None:
    rooms = {folder: find_rooms(folder) for folder in find_folders(settings.BASE_DIR / top)}
    assert not {name_of(path): names for path, names in rooms.items() if len(names) > MAX_ROOMS}


def test_a_template_folder_has_at_most_ten_pages_and_folders() -> None:
    templates = settings.BASE_DIR / "templates"
    full = {}
    for folder in find_folders(templates):
        names = {path.name for path in folder.iterdir() if not path.name.startswith("_")}
        counted = sorted(names - UNCOUNTED_TEMPLATES if folder == templates else names)
        is_counted = str(folder.relative_to(templates)) not in UNCOUNTED_TEMPLATE_FOLDERS
        if is_counted and len(counted) > MAX_ROOMS:
            full[name_of(folder)] = counted
    assert not full


def test_django_s_own_modules_are_no_rooms(tmp_path: Path) -> None:
    (tmp_path / "counting" / "rules").mkdir(parents=True)
    (tmp_path / "migrations").mkdir()
    for name in ("apps.py", "text.py", "counting/rules/a.py", "migrations/0001_initial.py"):
        (tmp_path / name).touch()
    assert find_rooms(tmp_path) == ["counting", "text.py"]


def test_no_file_and_no_function_is_too_long() -> None:
    long = []
    for path in modules():
        lines = path.read_text(encoding="utf-8").count("\n")
        if lines > MAX_FILE_LINES:
            long.append(f"{name_of(path)}: {lines} lines")
        for node in find_functions(tree_of(path)):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > MAX_FUNCTION_LINES:
                long.append(f"{name_of(path)}:{node.lineno} {node.name}: {length} lines")
    assert not long

"""The rooms whose code is changed, and the tests that guard each."""

import re

ROOMS: dict[str, tuple[str, str]] = {
    "counting": ("indicators/counting", "tests/indicators/counting tests/reporting/figures"),
    "figures": ("reporting/figures", "tests/reporting/figures"),
    "import": ("indicators/import_export", "tests/indicators/import_export"),
    "values": ("indicators/values", "tests/indicators/values tests/indicators/forms"),
    "workflow": ("indicators/workflow", "tests/indicators/workflow tests/indicators/lists"),
}
"""The code of each room, and the tests that guard it."""

MARK = "__mutmut_"
"""Stands in the name of a change, between its function and its number."""

TESTS = "tests/"


def find_file(name: str) -> str:
    """Return the file or folder of what is named: a room, a file or a change."""
    if name in ROOMS:
        return ROOMS[name][0]
    if MARK in name:
        return re.split(r"\.x[_ǁ]", name)[0].replace(".", "/") + ".py"
    return name


def find_tests(name: str) -> str | None:
    """Return the tests of the room that this belongs to, if it is of a room."""
    return next((tests for code, tests in ROOMS.values() if find_file(name).startswith(code)), None)

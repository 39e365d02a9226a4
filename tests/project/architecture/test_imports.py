"""The direction of imports, packages without cycles, and restricted imports."""

import ast
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping

import pytest
from django.conf import settings

from tests.project.architecture.source import (
    LAYERS,
    find_functions,
    find_imports,
    modules,
    name_of,
    tree_of,
)

WEB = ("django.http", "django.shortcuts")
SPEAKS_HTTP = (
    "*/views.py",
    "*/views/*.py",
    "*/management/commands/*.py",  # they build requests, for the benchmark
    "strategy/admin/*.py",  # Django's own screens
    "ibcr_rbm/access_policy.py",  # middleware
    "ibcr_rbm/web/account_adapter.py",  # allauth's adapter receives requests
    "strategy/accounts/mail_queue.py",  # a form of allauth receives a request
    "ibcr_rbm/admin.py",
    "ibcr_rbm/web/middleware.py",  # middleware
    "ibcr_rbm/web/request_log.py",  # middleware
    "ibcr_rbm/navigation.py",  # a context processor
)
"""Modules that handle requests, by their purpose or because a library passes a request."""

IMPORTED_LATE = [
    "reporting/annual_report/pdf/document.py imports reporting.annual_report.pdf.typesetting"
]
"""WeasyPrint loads more than all else, and needs libraries that may be missing."""

ALL_VIEWS_AND_COMMANDS = """
import sys
import django
from django.core.management import get_commands, load_command_class
django.setup()
from tests.support.routes import routes
list(routes())
for name, app in get_commands().items():
    load_command_class(app, name)
print(*sys.modules)
"""


def test_imports_run_one_way() -> None:
    backward = []
    for path in modules():
        layer = path.relative_to(settings.BASE_DIR).parts[0]
        later = LAYERS[LAYERS.index(layer) + 1 :]
        for imported, line in find_imports(tree_of(path)):
            if imported.split(".")[0] in later:
                backward.append(f"{name_of(path)}:{line} imports {imported}")
    assert not backward


def test_requests_and_answers_belong_to_views() -> None:
    speaking = []
    for path in modules():
        if any(path.match(pattern) for pattern in SPEAKS_HTTP):
            continue
        for imported, line in find_imports(tree_of(path)):
            if imported.startswith(WEB):
                speaking.append(f"{name_of(path)}:{line} imports {imported}")
    assert not speaking


def test_one_thing_is_imported_inside_a_function_and_nothing_for_types_alone() -> None:
    hidden = []
    for path in modules():
        tree = tree_of(path)
        inside = [*find_functions(tree), *(n for n in ast.walk(tree) if _is_for_types(n))]
        for node in inside:
            hidden += [f"{name_of(path)} imports {name}" for name, _line in find_imports(node)]
    assert hidden == IMPORTED_LATE


def test_no_page_and_no_command_waits_for_weasyprint_until_it_makes_a_file() -> None:
    imported = subprocess.run(
        [sys.executable, "-c", ALL_VIEWS_AND_COMMANDS],
        capture_output=True,
        check=True,
        cwd=settings.BASE_DIR,
        text=True,
    ).stdout.split()
    assert {
        "reporting.annual_report.pdf.document",
        "reporting.management.commands.render_report",
    } <= set(imported)
    assert {"weasyprint", "reporting.annual_report.pdf.typesetting"}.isdisjoint(imported)


def _is_for_types(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)


Edges = Mapping[str, set[str]]


def module_name(file: str) -> str:
    """Return the dotted name of a file, a package's own for its ``__init__``."""
    return file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def find_module_imports() -> Iterator[tuple[str, str]]:
    """Yield each import between modules of the project, as importer and imported module."""
    files = {module_name(name_of(path)): path for path in modules()}
    for module, path in files.items():
        for imported, _line in find_imports(tree_of(path)):
            target = imported
            while target and target not in files:
                target = target.rpartition(".")[0]
            if target and target != module:
                yield module, target


def sibling_imports(module_imports: list[tuple[str, str]], package: str) -> Edges:
    """Return which modules or packages directly below the package import which."""
    edges: dict[str, set[str]] = defaultdict(set)
    prefix = f"{package}." if package else ""
    for importer, imported in module_imports:
        if importer.startswith(prefix) and imported.startswith(prefix):
            source = importer.removeprefix(prefix).partition(".")[0]
            target = imported.removeprefix(prefix).partition(".")[0]
            if source != target:
                edges[source].add(target)
    return edges


def find_cycle(edges: Edges) -> set[str]:
    """Return the nodes that can be reached from themselves; empty for an acyclic graph."""
    return {node for node in edges if node in _reachable(edges, node)}


def _reachable(edges: Edges, start: str) -> set[str]:
    reached: set[str] = set()
    waiting = [start]
    while waiting:
        new = edges.get(waiting.pop(), set()) - reached
        reached |= new
        waiting += new
    return reached


def test_packages_and_modules_import_each_other_without_a_cycle() -> None:
    found = list(find_module_imports())
    packages = {module.rpartition(".")[0] for pair in found for module in pair}
    cycles = {package: find_cycle(sibling_imports(found, package)) for package in packages}
    assert {package: cycle for package, cycle in cycles.items() if cycle} == {}


@pytest.mark.parametrize(
    ("edges", "cycle"),
    [
        ({"a": {"b"}, "b": {"c"}}, set()),
        ({"a": {"b"}, "b": {"c"}, "c": {"b"}}, {"b", "c"}),
    ],
)
def test_a_cycle_is_found(edges: Edges, cycle: set[str]) -> None:
    assert find_cycle(edges) == cycle


def test_imports_are_attributed_to_siblings() -> None:
    pairs = [("strategy.plan.views", "strategy.models.targets"), ("strategy.text", "ibcr_rbm")]
    assert sibling_imports(pairs, "strategy") == {"plan": {"models"}}
    assert sibling_imports(pairs, "") == {"strategy": {"ibcr_rbm"}}


def test_records_are_read_through_their_own_querysets() -> None:
    generic = [
        f"{name_of(path)}:{node.lineno} {node.attr}"
        for path in modules()
        if not name_of(path).startswith("strategy/")
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Attribute) and node.attr in ("_default_manager", "_base_manager")
    ]
    assert not generic

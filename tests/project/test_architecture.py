"""The shape of the code: which way imports run, who may speak HTTP, no word without a meaning.

import-linter and ruff hold parts of this too; here it is held in the project's own terms, and for
what they cannot see.
"""

import ast
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.db.models import Model
from django.utils.functional import Promise

from ibcr_rbm.navigation import PLACES
from ibcr_rbm.views import FIRST_PAGES
from indicators.counting.registry import RECORD_SOURCES
from indicators.forms.registry import RECORD_TYPES
from indicators.models.validation import CHECKS
from reporting.figures.measures import MEASURES
from reporting.models import AnnualReport
from strategy.choices import CODES, DIMENSIONS, Dimension, Measure, RecordKind, Role
from strategy.models import User
from strategy.plan.validation import PARTS, REFERENCE
from tests.factories import DEFAULTS
from tests.support.samples.form_answers import ANSWERS
from tests.support.samples.import_files import VALUES

LAYERS = ("strategy", "indicators", "reporting", "ibcr_rbm")
"""Each may import those before it and nothing after it."""

WEB = ("django.http", "django.shortcuts")
SPEAKS_HTTP = (
    "*/views.py",
    "*/views/*.py",
    "*/management/commands/*.py",  # they build requests, for the benchmark
    "strategy/admin/*.py",  # Django's own screens
    "ibcr_rbm/access_policy.py",  # middleware
    "ibcr_rbm/account_adapter.py",  # what allauth asks about a request
    "ibcr_rbm/admin.py",
    "ibcr_rbm/middleware.py",  # middleware
    "ibcr_rbm/navigation.py",  # a context processor
)
"""What handles requests, by its nature or because a library hands it one."""

LINES_OF_KINDS: Mapping[str, Collection[RecordKind]] = {
    "DIMENSIONS in strategy/choices.py": DIMENSIONS,
    "RECORD_SOURCES in indicators/counting/registry.py": RECORD_SOURCES,
    "CHECKS in indicators/models/validation.py": CHECKS,
    "RECORD_TYPES in indicators/forms/registry.py": RECORD_TYPES,
    "DEFAULTS in tests/factories.py": DEFAULTS,
    "ANSWERS in tests/support/samples/form_answers.py": ANSWERS,
    "VALUES in tests/support/samples/import_files.py": VALUES,
}
"""What has a line for every kind of record."""

IMPORTED_LATE = [
    "reporting/annual_report/pdf/document.py imports reporting.annual_report.pdf.typesetting"
]
"""WeasyPrint takes more than all the rest, and needs what an installation may lack."""

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

ROLE_POLICY = "strategy/accounts/policy.py"
"""The only module that compares roles."""
ROLE_IN_TEMPLATE = re.compile(
    r"{%\s*(?:el)?if\b[^%]*\brole\b(?:\.\w+)?\s*(?:[=!]=|(?:not )?in\b|is\b)"
)

LONGEST_FILE = 400
LONGEST_FUNCTION = 40


def modules() -> list[Path]:
    files = [path for layer in LAYERS for path in (settings.BASE_DIR / layer).rglob("*.py")]
    return [path for path in files if "migrations" not in path.parts]


def name_of(path: Path) -> str:
    return str(path.relative_to(settings.BASE_DIR))


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imports_in(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """The modules that a piece of code imports, with the line."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((f"{node.module}.{alias.name}", node.lineno) for alias in node.names)


def functions_in(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def test_imports_run_one_way() -> None:
    backward = []
    for path in modules():
        layer = path.relative_to(settings.BASE_DIR).parts[0]
        later = LAYERS[LAYERS.index(layer) + 1 :]
        for imported, line in imports_in(tree_of(path)):
            if imported.split(".")[0] in later:
                backward.append(f"{name_of(path)}:{line} imports {imported}")
    assert not backward


def test_requests_and_answers_belong_to_views() -> None:
    speaking = []
    for path in modules():
        if any(path.match(pattern) for pattern in SPEAKS_HTTP):
            continue
        for imported, line in imports_in(tree_of(path)):
            if imported.startswith(WEB):
                speaking.append(f"{name_of(path)}:{line} imports {imported}")
    assert not speaking


def test_one_thing_is_imported_inside_a_function_and_nothing_for_types_alone() -> None:
    hidden = []
    for path in modules():
        tree = tree_of(path)
        inside = [*functions_in(tree), *(n for n in ast.walk(tree) if _is_for_types(n))]
        for node in inside:
            hidden += [f"{name_of(path)} imports {name}" for name, _line in imports_in(node)]
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


def test_only_the_policy_compares_roles() -> None:
    elsewhere = [
        f"{name_of(path)}:{node.lineno}"
        for path in modules()
        if name_of(path) != ROLE_POLICY
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Compare | ast.Set | ast.MatchValue) and _names_a_role(node)
    ]
    assert not elsewhere


def test_a_comparison_of_roles_is_seen() -> None:
    for code in ("user.role == 'officer'", "role in {Role.STAFF}", "Role.BOARD != role"):
        assert any(
            isinstance(node, ast.Compare | ast.Set) and _names_a_role(node)
            for node in ast.walk(ast.parse(code))
        )
    for code in ("{% if user.role.value == 'board' %}", '{% elif a and role in "staff" %}'):
        assert ROLE_IN_TEMPLATE.search(code)
    assert not ROLE_IN_TEMPLATE.search("{% if user.role %}{{ user.role.label }}{% endif %}")


def test_no_template_compares_roles() -> None:
    elsewhere = [
        name_of(path)
        for path in (settings.BASE_DIR / "templates").rglob("*.*")
        if ROLE_IN_TEMPLATE.search(path.read_text(encoding="utf-8"))
    ]
    assert not elsewhere


def _names_a_role(node: ast.expr | ast.pattern) -> bool:
    """Whether the expression directly compares or collects a role or a user's role."""
    parts = node.elts if isinstance(node, ast.Set) else list(ast.iter_child_nodes(node))
    return any(
        isinstance(part, ast.Attribute)
        and (part.attr == "role" or (isinstance(part.value, ast.Name) and part.value.id == "Role"))
        for part in parts
    )


def test_no_file_and_no_function_is_too_long() -> None:
    long = []
    for path in modules():
        lines = path.read_text(encoding="utf-8").count("\n")
        if lines > LONGEST_FILE:
            long.append(f"{name_of(path)}: {lines} lines")
        for node in functions_in(tree_of(path)):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > LONGEST_FUNCTION:
                long.append(f"{name_of(path)}:{node.lineno} {node.name}: {length} lines")
    assert not long


def test_every_module_says_what_it_is_about() -> None:
    silent = [
        name_of(path)
        for path in modules()
        if path.read_text(encoding="utf-8").strip() and not ast.get_docstring(tree_of(path))
    ]
    assert set(silent) <= {f"{layer}/apps.py" for layer in LAYERS}


def test_every_measure_has_its_arithmetic() -> None:
    without = [measure.value for measure in Measure if measure not in MEASURES]
    assert not without, "no line in MEASURES (reporting/figures/measures.py)"


@pytest.mark.parametrize("place", LINES_OF_KINDS)
def test_every_kind_of_record_has_its_line(place: str) -> None:
    without = [kind.value for kind in RecordKind if kind not in LINES_OF_KINDS[place]]
    assert not without, f"no line in {place}"


def test_every_kind_of_record_has_its_own_model_form_and_references() -> None:
    assert all(kind == source.model.KIND for kind, source in RECORD_SOURCES.items())
    assert all(kind == screen.form.KIND for kind, screen in RECORD_TYPES.items())
    prefixes = Counter(source.model.PREFIX for source in RECORD_SOURCES.values())
    assert [prefix for prefix, times in prefixes.items() if times > 1] == []


def test_every_kind_of_record_keeps_the_history_of_all_its_columns() -> None:
    """What is many to many is kept only where ``RecordHistory(m2m_fields=...)`` names it."""
    forgotten = []
    for kind, source in RECORD_SOURCES.items():
        assert hasattr(source.model, "history"), f"{kind} has no history"
        history: Any = source.model.history
        kept = {field.name for field in history.model._history_m2m_fields}
        several = {field.name for field in source.model._meta.many_to_many}
        forgotten += [f"{kind} {name}" for name in several - kept]
    assert not forgotten


def test_a_history_has_an_index_only_where_somebody_asks_by_it() -> None:
    for kind, source in RECORD_SOURCES.items():
        history: Any = source.model.history
        indexed = {field.name for field in history.model._meta.fields if field.db_index}
        assert indexed == {"id", "history_date", "history_user"}, kind


def test_every_dimension_of_a_kind_has_its_facet() -> None:
    for kind, source in RECORD_SOURCES.items():
        assert set(source.facets) == set(DIMENSIONS.get(kind, ())), f"the facets of {kind}"


def test_every_dimension_is_offered_by_a_kind() -> None:
    assert {dimension for some in DIMENSIONS.values() for dimension in some} == set(Dimension)


def test_the_codes_of_every_dimension_are_a_closed_list_or_rows() -> None:
    assert set(CODES) | set(REFERENCE) == set(Dimension)
    assert not set(CODES) & set(REFERENCE)


def test_every_column_of_a_kind_is_a_field_of_its_model() -> None:
    for kind, source in RECORD_SOURCES.items():
        names = {field.name for field in source.model._meta.get_fields()}
        assert set(source.model.COLUMNS) <= names, kind


def test_every_role_has_its_first_page_and_its_places() -> None:
    assert set(FIRST_PAGES) == set(Role)
    assert set(PLACES) == set(Role)
    for role in Role:
        assert FIRST_PAGES[role] in {place.route for place in PLACES[role]}


def test_every_level_of_a_plan_is_checked() -> None:
    parts = {model for model, _path in PARTS}
    models = apps.get_app_config("strategy").get_models()
    of_a_plan = {model for model in models if _belongs_to_a_plan(model)}
    assert parts == of_a_plan


def _belongs_to_a_plan(model: type[Model]) -> bool:
    owners = {"plan", "priority", "objective", "indicator", "target", "section"}
    is_history = model.__name__.startswith("Historical")
    return not is_history and any(field.name in owners for field in model._meta.concrete_fields)


def models_for_people() -> list[type[Model]]:
    """The models whose names people read; the rows inside an issued report are not among them."""
    models = [
        m for app in ("strategy", "indicators") for m in apps.get_app_config(app).get_models()
    ]
    current = [model for model in models if not model.__name__.startswith("Historical")]
    return [*current, AnnualReport]


@pytest.mark.parametrize("model", models_for_people(), ids=lambda model: model._meta.label)
def test_every_model_has_a_name_that_can_be_translated(model: type[Model]) -> None:
    assert isinstance(model._meta.verbose_name, Promise)
    assert isinstance(model._meta.verbose_name_plural, Promise)


@pytest.mark.parametrize("kind", RECORD_SOURCES)
def test_every_column_that_people_see_has_a_label_that_can_be_translated(kind: RecordKind) -> None:
    model = RECORD_SOURCES[kind].model
    for name in (*model.COLUMNS, "reference", "notes", "status"):
        label = model._meta.get_field(name).verbose_name  # type: ignore[union-attr]
        assert isinstance(label, Promise), f"{kind} {name}"


def test_the_person_is_the_application_s_own() -> None:
    assert User._meta.label == settings.AUTH_USER_MODEL

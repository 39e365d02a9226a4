"""Roles are compared in one module."""

import ast
import re

from django.conf import settings

from tests.project.architecture.source import modules, name_of, tree_of

ROLE_POLICY = "strategy/accounts/policy.py"
"""The only module that compares roles."""
ROLE_IN_TEMPLATE = re.compile(
    r"{%\s*(?:el)?if\b[^%]*\brole\b(?:\.\w+)?\s*(?:[=!]=|(?:not )?in\b|is\b)"
)


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

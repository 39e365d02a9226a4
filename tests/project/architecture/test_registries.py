"""Every kind, measure, dimension, role and level has its entry in each registry."""

from collections import Counter
from collections.abc import Collection, Mapping
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.db.models import Model
from django.utils.functional import Promise

from ibcr_rbm.navigation import NAV_SECTIONS
from ibcr_rbm.views import FIRST_PAGES
from indicators.counting.registry import RECORD_SOURCES
from indicators.forms.registry import KIND_GROUPS, RECORD_TYPES
from indicators.models.validation import CHECKS
from reporting.figures.measures import MEASURES
from reporting.models import AnnualReport
from strategy.choices import CODES, DIMENSIONS, Dimension, Measure, RecordKind, Role
from strategy.models import User
from strategy.plan.validation import PARTS, REFERENCE
from tests.factories import DEFAULTS
from tests.support.samples.form_answers import ANSWERS
from tests.support.samples.import_files import VALUES

LINES_OF_KINDS: Mapping[str, Collection[RecordKind]] = {
    "DIMENSIONS in strategy/choices.py": DIMENSIONS,
    "RECORD_SOURCES in indicators/counting/registry.py": RECORD_SOURCES,
    "CHECKS in indicators/models/validation.py": CHECKS,
    "RECORD_TYPES in indicators/forms/registry.py": RECORD_TYPES,
    "DEFAULTS in tests/factories.py": DEFAULTS,
    "ANSWERS in tests/support/samples/form_answers.py": ANSWERS,
    "VALUES in tests/support/samples/import_files.py": VALUES,
}
"""The registries with an entry for every kind of record."""


def test_every_measure_has_its_arithmetic() -> None:
    without = [measure.value for measure in Measure if measure not in MEASURES]
    assert not without, "no line in MEASURES (reporting/figures/measures.py)"


@pytest.mark.parametrize("place", LINES_OF_KINDS)
def test_every_kind_of_record_has_its_line(place: str) -> None:
    without = [kind.value for kind in RecordKind if kind not in LINES_OF_KINDS[place]]
    assert not without, f"no line in {place}"


def test_every_kind_of_record_is_under_one_heading() -> None:
    grouped = [kind for group in KIND_GROUPS for kind in group.kinds]
    assert sorted(grouped) == sorted(RecordKind)


def test_every_kind_of_record_has_its_own_model_form_and_references() -> None:
    assert all(kind == source.model.KIND for kind, source in RECORD_SOURCES.items())
    assert all(kind == screen.form.KIND for kind, screen in RECORD_TYPES.items())
    prefixes = Counter(source.model.PREFIX for source in RECORD_SOURCES.values())
    assert [prefix for prefix, times in prefixes.items() if times > 1] == []


def test_every_kind_of_record_keeps_the_history_of_all_its_columns() -> None:
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
        assert set(source.paths) == set(DIMENSIONS.get(kind, ())), f"the paths of {kind}"


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
    assert set(NAV_SECTIONS) == set(Role)
    for role in Role:
        assert FIRST_PAGES[role] in {place.route for place in NAV_SECTIONS[role]}


def test_every_level_of_a_plan_is_checked() -> None:
    models = apps.get_app_config("strategy").get_models()
    of_a_plan = {model for model in models if _belongs_to_a_plan(model)}
    assert set(PARTS) == of_a_plan


def _belongs_to_a_plan(model: type[Model]) -> bool:
    owners = {"plan", "priority", "objective", "indicator", "target", "section", "rubric"}
    is_history = model.__name__.startswith("Historical")
    return not is_history and any(field.name in owners for field in model._meta.concrete_fields)


def models_for_people() -> list[type[Model]]:
    """Return the models whose names users read; rows inside an issued report are excluded."""
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

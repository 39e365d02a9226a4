"""The fixtures: complete, in four languages, well formed, the same when loaded twice."""

from collections.abc import Iterator

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.db.models import Model
from django.utils.translation import override
from modeltranslation.translator import translator

from strategy.choices import Frequency, Role
from strategy.countries import CountryNames
from strategy.models import Condition, Country, Plan, Target
from strategy.text import fold_accents

SECOND_PLAN = "tests/fixtures/april_plan.json"
LANGUAGES = [code for code, _name in settings.LANGUAGES]


@pytest.fixture
def second_plan(plan: Plan) -> Plan:
    """Load a plan from April, with other levels, fields, targets and thresholds than the first."""
    call_command("loaddata", SECOND_PLAN, verbosity=0)
    return Plan.objects.get(code="april-plan")


def rows() -> Iterator[Model]:
    """Yield every row of the plan's and the reference models."""
    for model in apps.get_app_config("strategy").get_models():
        if not model.__name__.startswith("Historical"):
            yield from model._default_manager.all()


def test_every_text_has_its_four_languages(plan: Plan) -> None:
    for model in translator.get_registered_models(abstract=False):
        for row in model._default_manager.all():
            for column in translator.get_options_for_model(model).get_field_names():
                texts = [getattr(row, f"{column}_{code}") for code in LANGUAGES]
                assert all(texts) or not any(texts), (row, column)


def test_every_row_is_well_formed(second_plan: Plan) -> None:
    for row in rows():
        row.full_clean()
    for condition in Condition.objects.all():
        condition.clean_lists()


def test_loading_twice_changes_nothing(second_plan: Plan) -> None:
    before = sorted((row._meta.label, row.pk) for row in rows())
    call_command("loaddata", "countries", "reference", "plan_2017_2020", SECOND_PLAN, verbosity=0)
    assert sorted((row._meta.label, row.pk) for row in rows()) == before


def test_the_plan_has_its_levels(plan: Plan) -> None:
    assert [priority.axes.count() for priority in plan.priorities.all()] == [2, 2, 3]
    assert [priority.objectives.count() for priority in plan.priorities.all()] == [3, 3, 4]
    assert Target.objects.of_plan(plan).count() == 14
    assert plan.quality_criteria.count() == 6
    assert [pillar.examples.count("\n") + 1 for pillar in plan.pillars.all()] == [6, 5]


def test_a_plan_from_april_names_its_years_after_two(second_plan: Plan) -> None:
    assert [year.label for year in second_plan.years] == ["2021-2022", "2022-2023", "2023-2024"]


def test_every_role_is_a_group_of_its_name(db: None) -> None:
    call_command("loaddata", "roles", verbosity=0)
    assert set(Group.objects.values_list("name", flat=True)) == set(Role.values)


def test_no_name_leads_to_two_countries(plan: Plan) -> None:
    owners: dict[str, set[str]] = {}
    for country in Country.objects.all():
        names = [getattr(country, f"name_{code}") for code in LANGUAGES]
        for name in (*names, *country.aliases):
            owners.setdefault(fold_accents(name), set()).add(country.code)
    assert {name: codes for name, codes in owners.items() if len(codes) > 1} == {}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("DRC", "CD"), ("RDC", "CD"), ("République démocratique du Congo", "CD"),
        ("Ivory Coast", "CI"), ("Côte d’Ivoire", "CI"), ("Burkina", "BF"), ("Palestine", "PS"),
        ("Haïti", "HT"), ("Pérou", "PE"), ("بنين", "BJ"), ("Estados Unidos", "US"), ("UK", "GB"),
    ],
)  # fmt: skip
def test_countries_are_found_by_what_people_call_them(plan: Plan, text: str, code: str) -> None:
    found = CountryNames().find(text)
    assert found is not None
    assert found.code == code


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_unit_has_the_form_that_its_number_asks_for(plan: Plan, language: str) -> None:
    """Check Arabic plural forms: `25 بلداً`, but `3 قطاعات`."""
    counts = Target.objects.filter(frequency=Frequency.WHOLE_PLAN).exclude(unit_en="%")
    with override(language):
        wrong = [
            target.code
            for target in (target.as_of(plan.starts_on) for target in counts)
            if f"{target.minimum:.0f} {target.unit}" not in target.statement
        ]
    assert len(counts) > 5
    assert wrong == []


PLAN_WORDS = {
    "1.1": "50 initiatives in 25 countries",
    "1.2": "25% (minimum)",
    "1.3": "3 sectors",
    "2.1": "25 countries and 15 decisions",
    "2.2": "5 decisions",
    "2.3": "5 networks and 5 events",
    "3.1": "annual report on actions taken",
    "3.2": "annual report on actions taken",
    "3.3": "2 new sponsors and a 10% to 20% budget increase annually",
    "3.4": "annual updates",
}
"""The targets of the plan's summary table, word for word."""


def test_targets_have_the_plans_own_words(plan: Plan) -> None:
    with override("en"):
        for target in Target.objects.of_plan(plan):
            statement = target.as_of(plan.starts_on).statement
            assert statement in PLAN_WORDS[target.indicator.objective.code]

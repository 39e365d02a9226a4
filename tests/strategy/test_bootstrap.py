"""Bootstrap: all or nothing, repeatable, never over users' edits."""

import json
import shutil
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import Group
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from pytest_django import DjangoDbBlocker

from strategy.choices import Role
from strategy.models import (
    Condition,
    Country,
    CountryList,
    Objective,
    Passage,
    Plan,
    PlanChange,
    Sector,
    Target,
    TargetVersion,
)

FIXTURES = settings.BASE_DIR / "fixtures"
PLAN = "plan_2017_2020.json"

pytestmark = pytest.mark.django_db


def bootstrap(**options: Any) -> str:
    out = StringIO()
    call_command("bootstrap", stdout=out, **options)
    return out.getvalue()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Copy the fixtures, to be spoilt; only the countries that the others name, for speed."""
    for name in ("countries.json", "reference.json", "roles.json", PLAN):
        shutil.copy(FIXTURES / name, tmp_path)
    second_plan = settings.BASE_DIR / "tests" / "fixtures" / "april_plan.json"
    files = (FIXTURES / "reference.json", second_plan)
    named = "".join(path.read_text(encoding="utf-8") for path in files)
    countries = tmp_path / "countries.json"
    rows = json.loads(countries.read_text(encoding="utf-8"))
    kept = [row for row in rows if f'["{row["fields"]["code"]}"]' in named]
    countries.write_text(json.dumps(kept), encoding="utf-8")
    return tmp_path


def spoil(path: Path, model: str, number: int = 0, **fields: Any) -> None:
    """Change fields of the n-th row of a model; None removes a field."""
    rows = json.loads(path.read_text(encoding="utf-8"))
    row = [row for row in rows if row["model"] == model][number]
    row["fields"] |= {name: value for name, value in fields.items() if value is not None}
    for name, value in fields.items():
        if value is None:
            del row["fields"][name]
    path.write_text(json.dumps(rows), encoding="utf-8")


@pytest.fixture(scope="class")
def loaded(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """Bootstrap everything, and return what the command says."""
    with django_db_blocker.unblock():
        atomic = transaction.atomic()
        atomic.__enter__()
        output = bootstrap()
    yield output
    with django_db_blocker.unblock():
        transaction.set_rollback(True)
        atomic.__exit__(None, None, None)


@pytest.mark.usefixtures("loaded")
class TestLoaded:
    """What follows a bootstrap of everything, which is run once for all of these tests."""

    def test_it_loads_everything_and_says_so(self, loaded: str) -> None:
        assert "countries.json: new 249" in loaded
        assert Target.objects.of_plan(Plan.objects.get(code="2017-2020")).count() == 14
        assert {group.name for group in Group.objects.all()} == set(Role.values)
        assert (
            Group.objects.get(name="officer").permissions.filter(codename="change_target").exists()
        )

    def test_it_makes_the_table_of_the_shared_cache(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE shared_cache")
        bootstrap()
        cache.set("counted", 3)
        assert cache.get("counted") == 3

    def test_a_second_time_changes_nothing(self) -> None:
        passages, changes = Passage.objects.count(), Target.history.count()
        output = bootstrap()
        assert "countries.json" not in output
        assert "new" not in output
        assert "plan_2017_2020.json: is there already, left as it is" in output
        assert (Passage.objects.count(), Target.history.count()) == (passages, changes)

    def test_what_people_changed_stays(self) -> None:
        Sector.objects.filter(code="health").update(name_en="Health care")
        TargetVersion.objects.filter(target__code="1.1-countries").update(minimum=30)
        Objective.objects.get(code="3.4").delete()
        output = bootstrap()
        assert "reference.json: kept 1\n" in output
        assert "--refresh" in output
        assert Sector.objects.get(code="health").name_en == "Health care"
        assert TargetVersion.objects.get(target__code="1.1-countries").minimum == 30
        assert not Objective.objects.filter(code="3.4").exists()

    def test_what_is_missing_comes_in(self) -> None:
        Sector.objects.filter(code="health").delete()
        assert "reference.json: new 1" in bootstrap()
        assert Sector.objects.filter(code="health").exists()

    def test_refreshing_brings_the_files_words_back_and_keeps_the_change_in_the_history(
        self,
    ) -> None:
        version = TargetVersion.objects.get(target__code="1.1-countries")
        version.minimum = 30
        version.save()
        lists = CountryList.objects.get(code="canada")
        lists.countries.add(Country.objects.get(code="FR"))
        with pytest.raises(CommandError, match=r"Nothing was loaded.*Say why with --reason"):
            bootstrap(refresh=True)
        version.refresh_from_db()
        assert version.minimum == 30

        output = bootstrap(refresh=True, reason="The minimum was a typing mistake")
        assert "2017-2020 1.1-countries, 31 December 2018: " in output
        assert "plan_2017_2020.json: changed 1\n" in output
        assert "reference.json: changed 1\n" in output
        version.refresh_from_db()
        assert version.minimum == 25
        assert [country.code for country in lists.countries.all()] == ["CA"]
        newest = version.history.first()
        assert (newest.minimum, newest.history_change_reason) == (
            25,
            f"{PLAN}: The minimum was a typing mistake",
        )
        change = PlanChange.objects.get()
        assert (change.reason, change.changed_by) == ("The minimum was a typing mistake", None)
        assert [(detail["row"], detail["field"]) for detail in change.details] == [
            ("1.1-countries 2017-01-01", "minimum"),
            ("canada", "countries"),
        ]

    @pytest.mark.one_database
    def test_a_reason_that_may_identify_a_child_is_refused(self) -> None:
        Target.objects.filter(code="1.1-countries").update(due_months=3)
        with pytest.raises(CommandError, match="Take it out of the text"):
            bootstrap(refresh=True, reason="Asked by Awa, aged 12")
        assert Target.objects.get(code="1.1-countries").due_months == 3

    def test_the_roles_are_always_those_of_the_application(self) -> None:
        Group.objects.get(name="admin").permissions.clear()
        bootstrap()
        assert Group.objects.get(name="admin").permissions.filter(codename="add_office").exists()

    def test_every_condition_of_the_plan_has_something_to_test(self) -> None:
        assert all(condition.values for condition in Condition.objects.all())


def write_milestones(folder: Path, milestones: object) -> None:
    """Give the target 1.1-initiatives of the folder's plan these milestones."""
    rows = json.loads((folder / PLAN).read_text(encoding="utf-8"))
    for row in rows:
        if (
            row["model"] == "strategy.targetversion"
            and "1.1-initiatives" in row["fields"]["target"]
        ):
            row["fields"]["milestones"] = milestones
    (folder / PLAN).write_text(json.dumps(rows), encoding="utf-8")


def test_a_plan_comes_in_with_milestones_and_refreshing_prints_what_they_move(
    folder: Path,
) -> None:
    write_milestones(folder, {"2018": 10, "2020": 50})
    bootstrap(fixtures=folder)
    version = TargetVersion.objects.get(target__code="1.1-initiatives")
    assert [(each.year.label, each.value) for each in version.dated_milestones] == [
        ("2018", 10),
        ("2020", 50),
    ]
    write_milestones(folder, {"2018": 20, "2020": 50})
    output = bootstrap(fixtures=folder, refresh=True, reason="A typing mistake")
    assert "milestones: 10 by the end of 2018 and 50 by the end of 2020" in output
    assert "milestones: 20 by the end of 2018 and 50 by the end of 2020" in output
    (detail,) = PlanChange.objects.get().details
    assert (detail["row"], detail["field"]) == ("1.1-initiatives 2017-01-01", "milestones")


@pytest.mark.one_database
def test_a_plan_with_milestones_that_fall_is_refused(folder: Path) -> None:
    write_milestones(folder, {"2018": 20, "2019": 10, "2020": 50})
    message = r"1.1-initiatives.*The milestone of 2019 is below that of 2018"
    with pytest.raises(CommandError, match=message):
        bootstrap(fixtures=folder)
    assert not Plan.objects.exists()


def test_refreshing_asks_why_a_target_comes_back() -> None:
    bootstrap(refresh=True)
    assert not PlanChange.objects.exists()
    Target.objects.get(code="1.1-countries").delete()
    with pytest.raises(CommandError, match=r"plan_2017_2020.json: new .*Say why with --reason"):
        bootstrap(refresh=True)
    bootstrap(refresh=True, reason="It was deleted by mistake")
    (detail,) = PlanChange.objects.get().details
    assert (detail["before"], detail["after"]) == (None, "1.1-countries")


def test_a_second_plan_is_a_file_more(folder: Path) -> None:
    shutil.copy(
        settings.BASE_DIR / "tests" / "fixtures" / "april_plan.json", folder / "plan_april.json"
    )
    bootstrap(fixtures=folder)
    assert list(Plan.objects.values_list("code", flat=True)) == ["2017-2020", "april-plan"]


BAD_ROWS = [
    (
        "strategy.target",
        {"dimension": "colour"},
        ["plan_2017_2020.json, row", "(strategy.target 2017-2020 1.1 1.1-initiatives)", "colour"],
    ),
    ("strategy.target", {"indicator": ["2017-2020", "9.9"]}, ["no Indicator", "9.9"]),
    ("strategy.targetversion", {"minimum": "many"}, ["1.1-initiatives", "many"]),
    ("strategy.target", {"code": "a b"}, ["code: ", "letters, digits"]),
    ("strategy.plan", {"ends_on": "2016-12-31"}, ["(strategy.plan 2017-2020)", "ends_on: "]),
    ("strategy.plan", {"fields_of_activity": [["none"]]}, ["no FieldOfActivity ['none']"]),
    ("strategy.condition", {"country_lists": [["moon"]]}, ["no CountryList ['moon']"]),
    ("strategy.condition", {"codes": "CA"}, ["codes: ", "list of codes"]),
    ("strategy.condition", {"country_lists": []}, ["condition", "at least one code or list"]),
    ("strategy.objective", {"colour": "blue"}, ["colour"]),
]


@pytest.mark.one_database
@pytest.mark.parametrize(("model", "fields", "said"), BAD_ROWS)
def test_a_bad_row_is_named_and_nothing_is_loaded(
    folder: Path, model: str, fields: dict[str, Any], said: list[str]
) -> None:
    spoil(folder / PLAN, model, **fields)
    with pytest.raises(CommandError) as failure:
        bootstrap(fixtures=folder)
    text = str(failure.value)
    assert PLAN in text
    assert "Nothing was loaded." in text
    for words in said:
        assert words in text
    assert not Country.objects.exists()
    assert not Plan.objects.exists()


@pytest.mark.one_database
@pytest.mark.parametrize("content", ["", "[", "{}", '[{"model": "strategy.plan"}]', "[3]"])
def test_a_file_that_is_no_list_of_rows_is_named(folder: Path, content: str) -> None:
    (folder / PLAN).write_text(content, encoding="utf-8")
    with pytest.raises(CommandError, match=PLAN):
        bootstrap(fixtures=folder)
    assert not Country.objects.exists()


@pytest.mark.one_database
def test_a_missing_file_is_named(folder: Path) -> None:
    (folder / "reference.json").unlink()
    with pytest.raises(CommandError, match=r"reference\.json"):
        bootstrap(fixtures=folder)


def test_two_rows_with_one_key_are_named(folder: Path) -> None:
    rows = json.loads((folder / PLAN).read_text(encoding="utf-8"))
    targets = [row for row in rows if row["model"] == "strategy.target"]
    targets[1]["fields"]["code"] = targets[2]["fields"]["code"]
    (folder / PLAN).write_text(json.dumps(rows), encoding="utf-8")
    with pytest.raises(CommandError, match=PLAN):
        bootstrap(fixtures=folder)


def test_before_migrating_it_says_so() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE strategy_sector RENAME TO not_there_any_more")
    with pytest.raises(CommandError, match=r"manage\.py migrate"):
        bootstrap()

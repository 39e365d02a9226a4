"""Values computed from the plan are kept by its version, and never read after a change of it."""

from datetime import date
from functools import partial

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from reporting.dashboards.dashboard import build_dashboard
from reporting.figures.rollup import Rollup, build_rollup
from strategy.caching.plan_version import EVENTS, build_trigger_name, list_watched_tables
from strategy.models import Country, Plan, PlanVersion, Target, TargetVersion
from strategy.plan.cache import PlanCache, read_version_once
from tests.factories import make_approved
from tests.support.concurrency import Run

END_OF_2018 = date(2018, 12, 31)


def list_triggers() -> set[str]:
    by_vendor = {
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
        "postgresql": "SELECT tgname FROM pg_trigger WHERE tgenabled <> 'D'",
    }
    with connection.cursor() as cursor:
        cursor.execute(by_vendor[connection.vendor])
        return {name for (name,) in cursor.fetchall()}


def name_countries(rollup: Rollup) -> list[str]:
    [row] = [row for row in rollup.targets if row.target.code == "1.1-countries"]
    return [each.label for each in row.actual.measurement.slices]


def name_countries_now(plan: Plan, language: str = "en") -> list[str]:
    with translation.override(language):
        return name_countries(build_rollup(plan, END_OF_2018))


def rename_niger(_place: int = 0) -> int:
    return Country.objects.filter(code="NE").update(name_en="The Niger")


@pytest.fixture
def in_niger(transactional_db: None, plan: Plan) -> Plan:
    """The plan with one initiative in Niger, whose figures have been read."""
    make_approved("initiative", countries=["NE"], starts_on="2017-06")
    assert name_countries_now(plan) == ["Niger"]
    return plan


@pytest.mark.django_db
def test_every_table_of_plans_and_words_is_watched() -> None:
    triggers = list_triggers()
    missing = [
        name
        for table in list_watched_tables()
        for event in EVENTS[connection.vendor]
        if (name := build_trigger_name(table, event)) not in triggers
    ]
    assert not missing


def test_each_change_of_a_watched_row_is_a_new_version(plan: Plan) -> None:
    tokens = [PlanVersion.objects.read_token()]
    with connection.cursor() as cursor:
        for table in list_watched_tables():
            cursor.execute(f"UPDATE {table} SET id = id")
            if cursor.rowcount:
                tokens.append(PlanVersion.objects.read_token())
    TargetVersion.objects.all().delete()
    tokens.append(PlanVersion.objects.read_token())
    assert len(tokens) > 15
    assert len(set(tokens)) == len(tokens)


@pytest.mark.django_db(transaction=True)
class TestKept:
    def test_what_is_kept_is_not_read_again(self, in_niger: Plan) -> None:
        with CaptureQueriesContext(connection) as queries:
            assert name_countries_now(in_niger) == ["Niger"]
        read = " ".join(query["sql"] for query in queries)
        assert "strategy_planversion" in read
        assert 'SELECT "strategy_country"' not in read
        assert 'FROM "strategy_target"' not in read

    def test_change_by_another_connection_shows_at_once(self, in_niger: Plan, at_once: Run) -> None:
        assert at_once(1, rename_niger) == [1]
        assert at_once(1, lambda _place: name_countries_now(in_niger)) == [["The Niger"]]

    def test_without_a_new_version_the_change_would_not_show(
        self, in_niger: Plan, at_once: Run
    ) -> None:
        token = PlanVersion.objects.read_token()
        at_once(1, rename_niger)
        at_once(1, lambda _place: PlanVersion.objects.update(token=token))
        assert at_once(1, lambda _place: name_countries_now(in_niger)) == [["Niger"]]

    def test_rollback_leaves_no_trace(self, in_niger: Plan) -> None:
        token = PlanVersion.objects.read_token()
        with transaction.atomic():
            rename_niger()
            assert name_countries_now(in_niger) == ["The Niger"]
            transaction.set_rollback(True)
        assert PlanVersion.objects.read_token() == token
        assert name_countries_now(in_niger) == ["Niger"]

    def test_words_are_those_of_the_language(self, in_niger: Plan) -> None:
        Country.objects.filter(code="NE").update(name_en="Niger", name_fr="Le Niger")
        assert name_countries_now(in_niger) == ["Niger"]
        assert name_countries_now(in_niger, "fr") == ["Le Niger"]
        assert name_countries_now(in_niger) == ["Niger"]

    def test_change_of_a_condition_changes_the_figure(self, in_niger: Plan) -> None:
        target = Target.objects.get(code="1.1-countries")
        target.conditions.create(number=9, dimension="country", test="outside", codes=["NE"])
        assert name_countries_now(in_niger) == []

    def test_kept_figures_are_equal_to_those_read_in_a_transaction(self, in_niger: Plan) -> None:
        days = [date(2016, 1, 1), date(2017, 7, 1), END_OF_2018, in_niger.ends_on]
        for day in [*days, *days]:
            kept = build_dashboard(in_niger, day)
            with transaction.atomic():
                assert build_dashboard(in_niger, day) == kept

    def test_cache_is_bounded(self, in_niger: Plan) -> None:
        cache: PlanCache[int, int] = PlanCache(3)
        with read_version_once():
            for key in (1, 2, 3, 1, 4):
                cache.get(key, partial(int, key))
            assert len(cache) == 3
            assert cache.get(1, lambda: 0) == 1
            assert cache.get(2, lambda: 0) == 0
        assert cache.get(1, lambda: 5) == 5

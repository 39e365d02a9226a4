"""A stored change of a plan is neither altered nor deleted: the database itself says so."""

from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, connection, models, transaction

from strategy.models import Plan, PlanChange, Target
from tests.support.database.triggers import drop_triggers, migration_undone

MARCH_2019 = datetime(2019, 3, 14, 15, 0, tzinfo=UTC)
REFUSAL = "A stored change of a plan never changes"


@pytest.fixture
def change(plan: Plan) -> PlanChange:
    stored = PlanChange.objects.create(changed_at=MARCH_2019, reason="Decided", details=[])
    stored.plans.set([plan])
    stored.targets.set(Target.objects.all()[:2])
    return stored


def test_the_database_lets_no_change_of_a_plan_change_or_go(change: PlanChange) -> None:
    changes = PlanChange.objects.filter(pk=change.pk)
    with pytest.raises(IntegrityError, match=REFUSAL), transaction.atomic():
        changes.update(reason="Another")
    with pytest.raises(IntegrityError, match=REFUSAL), transaction.atomic():
        changes._raw_delete(changes.db)
    PlanChange.objects.create(changed_at=MARCH_2019, reason="A second", details=[])
    drop_triggers(PlanChange)
    assert changes.update(reason=models.F("reason")), "the control: it is the trigger that refuses"
    assert change.delete()[0]


def test_a_target_that_a_change_names_can_still_be_removed(change: PlanChange) -> None:
    change.targets.first().versions.all()._raw_delete("default")
    change.targets.first().conditions.all().delete()
    change.targets.first().delete()
    assert change.targets.count() == 1


def test_no_other_statement_replaces_or_empties_the_changes(change: PlanChange) -> None:
    table = PlanChange._meta.db_table
    statement = (
        f"TRUNCATE {table} CASCADE"
        if connection.vendor == "postgresql"
        else f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}"
    )
    connection.check_constraints()  # PostgreSQL truncates no table whose keys wait to be checked
    with pytest.raises(IntegrityError, match=REFUSAL), transaction.atomic():
        connection.cursor().execute(statement)


@pytest.mark.django_db(transaction=True)
def test_the_migration_goes_back_and_forth(db: None) -> None:
    with migration_undone("strategy.migrations.0002_changes_of_plans_never_change"):
        changes = PlanChange.objects.filter(reason="Decided")
        PlanChange.objects.create(changed_at=MARCH_2019, reason="Decided", details=[])
        assert changes.update(changed_at=MARCH_2019)
    with pytest.raises(IntegrityError, match=REFUSAL), transaction.atomic():
        changes.update(changed_at=MARCH_2019)

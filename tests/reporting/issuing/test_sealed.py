"""An issued report never changes and never goes: the database itself says so."""

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, models, transaction

from reporting.issue import (
    issue_annual_report,
)
from reporting.models import (
    AnnualReport,
    FileRequest,
)
from strategy.models import Plan, User
from strategy.vocabulary import Role
from tests.factories import make_user
from tests.loading import load_fixtures
from tests.reporting.issuing.issued import MARCH_2019, ROWS, stored_file


@pytest.mark.parametrize("model", ROWS)
def test_the_database_lets_no_issued_row_change(
    model: type[models.Model], report: AnnualReport
) -> None:
    stored_file(report)
    key = {model._meta.pk.attname: models.F(model._meta.pk.attname)}  # type: ignore[union-attr]
    with pytest.raises(IntegrityError, match="never changes"), transaction.atomic():
        model._base_manager.update(**key)
    row = model._base_manager.first()
    assert row is not None
    with pytest.raises(IntegrityError, match="never changes"), transaction.atomic():
        row.save()
    drop_trigger(model, "never_changes")
    assert model._base_manager.update(**key), "the control: it is the trigger that refuses"


@pytest.mark.parametrize("model", ROWS)
def test_the_database_lets_no_issued_row_go(
    model: type[models.Model], report: AnnualReport
) -> None:
    stored_file(report)
    row = model._base_manager.first()
    assert row is not None
    with pytest.raises(IntegrityError, match="never changes"), transaction.atomic():
        row.delete()
    rows = model._base_manager.filter(pk=row.pk)
    with pytest.raises(IntegrityError, match="never changes"), transaction.atomic():
        rows._raw_delete(rows.db)
    for each in ROWS:
        drop_trigger(each, "never_goes")
    FileRequest.objects.all().delete()
    assert row.delete()[0], "the control: it is the trigger that refuses"


def drop_trigger(model: type[models.Model], name: str) -> None:
    table = model._meta.db_table
    where = f" ON {table}" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER {table}_{name}{where}")


@pytest.mark.django_db(transaction=True)
def test_between_tests_the_tables_are_emptied_and_sealed_again(db: None) -> None:
    """Of the tests themselves: what ends one that is not rolled back."""
    for _time in range(2):
        call_command("flush", interactive=False, verbosity=0)
        assert not AnnualReport.objects.exists()
        with transaction.atomic():
            load_fixtures("countries", "reference", "plan_2017_2020")
        officer = make_user(Role.OFFICER, "montreal")
        issue_annual_report(Plan.objects.get(), "2018", officer, MARCH_2019)
    with pytest.raises(IntegrityError, match="never changes"):
        AnnualReport.objects.all().delete()


def test_a_report_keeps_its_plan_and_its_officer(report: AnnualReport, officer: User) -> None:
    with pytest.raises(models.ProtectedError):
        report.plan.delete()
    with pytest.raises(models.ProtectedError):
        officer.delete()

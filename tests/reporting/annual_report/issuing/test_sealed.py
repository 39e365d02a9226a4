"""An issued report never changes and never goes: the database itself says so."""

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, models, transaction
from django.db.backends.base.operations import BaseDatabaseOperations

from reporting.annual_report.issuing import issue_annual_report
from reporting.models import (
    AnnualReport,
    ReportedActual,
    ReportedEvidence,
    ReportedObjective,
    ReportedPriority,
    ReportPdfJob,
    ReportSeal,
)
from strategy.choices import Role
from strategy.models import Plan, User
from tests.factories import make_user
from tests.reporting.annual_report.issuing.issued_report import MARCH_2019, ROWS, stored_file
from tests.support.database.fixtures import load_fixtures
from tests.support.database.triggers import migration_undone

CHILDREN = (ReportedPriority, ReportedObjective, ReportedActual, ReportedEvidence)


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
    ReportPdfJob.objects.all().delete()
    assert row.delete()[0], "the control: it is the trigger that refuses"


@pytest.mark.parametrize("model", [*CHILDREN, ReportSeal])
def test_the_database_lets_nothing_be_added_to_an_issued_report(
    model: type[models.Model], report: AnnualReport
) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        one_more(model).save(force_insert=True)
    if model is ReportSeal:
        return
    with pytest.raises(IntegrityError, match="never changes"), transaction.atomic():
        model._base_manager.bulk_create([one_more(model)])
    drop_trigger(model, "never_grows")
    before = model._base_manager.count()
    one_more(model).save(force_insert=True)
    assert model._base_manager.count() == before + 1, "the control: it is the trigger that refuses"


def one_more(model: type[models.Model]) -> models.Model:
    """A row of the report like one of its own, but for what may be there only once."""
    row = model._base_manager.order_by("pk").last()
    assert row is not None
    row.pk = None
    for name, other in {"number": 99, "code": "another", "reference": "another"}.items():
        if hasattr(row, name):
            setattr(row, name, other)
    return row


def test_a_report_is_added_to_until_it_has_its_seal(report: AnnualReport) -> None:
    later = AnnualReport.objects.get(pk=report.pk)
    later.pk, later.version, later.corrects = None, 2, report
    later.save(force_insert=True)
    later.priorities.create(number=1, title={}, axes=[])
    ReportSeal.objects.create(report=later)
    with pytest.raises(IntegrityError, match="never changes"), transaction.atomic():
        later.priorities.create(number=2, title={}, axes=[])


def test_files_are_added_to_an_issued_report_once_a_language(report: AnnualReport) -> None:
    first = stored_file(report)
    with pytest.raises(IntegrityError), transaction.atomic():
        stored_file(report)
    first.pk, first.language = None, "fr"
    first.save(force_insert=True)
    assert {file.language for file in report.files.all()} == {"en", "fr"}


@pytest.mark.skipif(connection.vendor != "sqlite", reason="SQLite alone has the statement")
@pytest.mark.parametrize("model", ROWS)
def test_the_database_lets_no_issued_row_be_replaced(
    model: type[models.Model], report: AnnualReport
) -> None:
    stored_file(report)
    table = model._meta.db_table
    replace = f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}"
    with connection.cursor() as cursor:
        with pytest.raises(IntegrityError, match="never changes"), transaction.atomic():
            cursor.execute(replace)
        drop_trigger(model, "never_grows")
        cursor.execute(replace)
        assert cursor.rowcount, "the control: it is the trigger that refuses"


@pytest.mark.skipif(connection.vendor != "postgresql", reason="PostgreSQL alone has the statement")
@pytest.mark.parametrize("model", ROWS)
def test_the_database_lets_no_table_of_issued_reports_be_emptied(
    model: type[models.Model], report: AnnualReport
) -> None:
    stored_file(report)
    empty = f"TRUNCATE {model._meta.db_table} CASCADE"
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        with pytest.raises(IntegrityError, match="never changes"), transaction.atomic():
            cursor.execute(empty)
        for each in ROWS:
            drop_trigger(each, "never_emptied")
        cursor.execute(empty)
    assert not model._base_manager.exists(), "the control: it is the trigger that refuses"


def test_emptying_the_whole_database_is_refused_with_the_reason(
    report: AnnualReport, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        type(connection.ops), "execute_sql_flush", BaseDatabaseOperations.execute_sql_flush
    )
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    with pytest.raises(CommandError, match="there are issued reports, and those never go"):
        call_command("flush", interactive=False, verbosity=0)
    assert AnnualReport.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_the_migration_that_seals_goes_back_and_forth(db: None) -> None:
    with transaction.atomic():
        load_fixtures("countries", "reference", "plan_2017_2020")
    officer = make_user(Role.OFFICER, "montreal")
    report = issue_annual_report(Plan.objects.get(), "2018", officer, MARCH_2019)
    with migration_undone("reporting.migrations.0002_issued_reports_are_sealed"):
        report.priorities.create(number=98, title={}, axes=[])
    with pytest.raises(IntegrityError, match="never changes"), transaction.atomic():
        report.priorities.create(number=99, title={}, axes=[])
    with pytest.raises(IntegrityError, match="never changes"), transaction.atomic():
        ReportSeal.objects.get().delete()


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

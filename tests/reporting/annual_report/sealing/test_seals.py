"""Issuing signs the digests of all rows, chained to the report before, or is refused."""

from datetime import UTC, datetime
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.db.models import IntegerField, Model
from django.test import Client

from reporting.annual_report.issuing import IssueRejected, issue_annual_report
from reporting.annual_report.sealing.digests import (
    LATER_COLUMNS,
    build_canonical,
    build_digest,
    build_row_digests,
    format_digests,
)
from reporting.annual_report.sealing.keys import (
    find_signer,
    is_signature_valid,
    list_trusted_keys,
    parse_public_key,
    sign,
)
from reporting.annual_report.sealing.seals import (
    SealFault,
    SealProblem,
    find_seal_problem,
    get_signed_text,
    load_sealed_rows,
)
from reporting.annual_report.snapshot.reader import load_rows
from reporting.models import (
    AnnualReport,
    ReportedActual,
    ReportedEvidence,
    ReportedObjective,
    ReportedPriority,
    ReportRows,
    ReportSeal,
)
from strategy.choices import Role
from strategy.models import Plan, User
from tests.factories import make_approved, make_user
from tests.support.concurrency import Run, kinds
from tests.support.database.fixtures import load_fixtures
from tests.support.samples.signing_keys import OTHER_KEY, SIGNING_KEY, public_key_of

MARCH_2019 = datetime(2019, 3, 14, 15, 0, tzinfo=UTC)
ROWS = (AnnualReport, ReportedPriority, ReportedObjective, ReportedActual, ReportedEvidence)


@pytest.fixture
def report(plan: Plan, officer: User) -> AnnualReport:
    make_approved("initiative", countries=["NE"], fields_of_activity=["justice"], starts_on="2018")
    return issue_annual_report(plan, "2018", officer, MARCH_2019)


def test_the_seal_names_each_row_and_is_signed(report: AnnualReport) -> None:
    seal = ReportSeal.objects.get()
    signed = get_signed_text(seal)
    rows = format_digests(build_row_digests(load_rows(AnnualReport.objects.get())))
    assert rows == seal.rows
    assert signed.is_signed
    assert seal.public_key == public_key_of(SIGNING_KEY)
    assert signed.read() == {
        "format": "ibcr-report-seal",
        "format_version": 1,
        "plan": "2017-2020",
        "year": "2018",
        "version": 1,
        "number": 1,
        "previous": "",
        "rows": build_digest(build_canonical(rows)),
    }
    names = {tuple(name[:-1]) for _digest, *name in seal.rows if name[0] == "citation"}
    assert ("citation", "1.1-countries", "initiative") in names
    assert {name[1] for _digest, *name in seal.rows if name[0] == "report"} >= {
        "narrative",
        "issued_by_name",
        "corrects_id",
    }


def test_every_column_of_every_row_is_in_the_digest(report: AnnualReport) -> None:
    """All but the row's own number and the link to its parent, whose code is in the name."""
    rows = load_rows(AnnualReport.objects.get())
    before = build_row_digests(rows)
    samples = (rows.report, rows.priorities[0], rows.objectives[0], rows.actuals[0])
    for row in (*samples, next(one for cited in rows.evidence for one in cited)):
        for field in row._meta.concrete_fields:
            links = {"priority": "report", "objective": "priority", "actual": "objective"}
            is_link = field.name in {*links, "report"}
            if field.primary_key or (is_link and row is not rows.report):
                continue
            value = getattr(row, field.attname)
            setattr(row, field.attname, "changed")
            assert build_row_digests(rows) != before, field
            setattr(row, field.attname, value)
    assert build_row_digests(rows) == before, "the control"


def test_a_row_has_the_digest_that_it_had_before_later_columns() -> None:
    """Reports sealed by the first release with seals verify: the digests are from its code."""
    priority = ReportedPriority(
        report=AnnualReport(plan_code="2017-2020", year="2018"), number=1, title={"en": "Priority"}
    )
    objective = ReportedObjective(priority=priority, number=1, code="1.1", rating="on_track")
    actual = ReportedActual(
        objective=objective, number=1, code="1.1-initiatives", minimum=Decimal(50)
    )
    cited = ReportedEvidence(actual=actual, reference="INI-1", title="A training")
    rows = ReportRows(priority.report, (priority,), (objective,), (actual,), ((cited,),))
    digests = build_row_digests(rows)
    assert digests["target", "1.1-initiatives"] == (
        "d7ee8424f1984985d0527435e2032ddff8410219806d2e8735fdeec11640c515"
    )
    assert build_digest(build_canonical(format_digests(digests))) == (
        "cc3552e08237e6a447b7fe18554e63c4fb77818fe1b905bd5b097882f82dfa3a"
    )


def test_a_column_added_later_leaves_earlier_seals_valid(
    report: AnnualReport, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows, trusted = load_sealed_rows(AnnualReport.objects.get()), list_trusted_keys()
    later = IntegerField(null=True)
    later.set_attributes_from_name("later")
    for actual in rows.actuals:
        vars(actual)["later"] = None
    columns = (*ReportedActual._meta.concrete_fields, later)
    monkeypatch.setattr(ReportedActual._meta, "concrete_fields", columns)
    first = rows.actuals[0]
    changed = SealProblem(SealFault.ROW_CHANGED, ("target", first.code))
    assert find_seal_problem(rows, trusted) == changed, "no later column of the seals"
    names = LATER_COLUMNS["ReportedActual"] | {"later"}
    monkeypatch.setitem(LATER_COLUMNS, "ReportedActual", names)
    assert find_seal_problem(rows, trusted) is None
    values: tuple[object, ...] = ([], "", 0, {"minimum": "40"})
    for value in values:
        vars(first)["later"] = value
        assert find_seal_problem(rows, trusted) == changed, "written into an earlier report"
    vars(first)["later"] = None
    first.versions = None
    assert find_seal_problem(rows, trusted) == changed, "removed from a report that has it"


@pytest.mark.parametrize("model", ROWS)
def test_a_later_column_may_be_empty(model: type[Model]) -> None:
    for name in LATER_COLUMNS.get(model.__name__, ()):
        assert model._meta.get_field(name).null


def test_each_report_continues_the_one_before(report: AnnualReport, officer: User) -> None:
    issue_annual_report(report.plan, "2017", officer, MARCH_2019)
    first, second = ReportSeal.objects.order_by("number")
    assert get_signed_text(second).read()["previous"] == get_signed_text(first).digest
    assert (second.number, second.report.year) == (2, "2017")


@pytest.mark.django_db(transaction=True)
def test_reports_issued_at_once_continue_each_other(db: None, at_once: Run) -> None:
    with transaction.atomic():
        load_fixtures("countries", "reference", "plan_2017_2020")
    plan, officer = Plan.objects.get(), make_user(Role.OFFICER, "montreal")
    years = ("2017", "2018")
    seals = at_once(2, lambda at: issue_annual_report(plan, years[at], officer, MARCH_2019).seal)
    assert kinds(seals) == {"ReportSeal": 2}, seals
    first, second = sorted(
        (seal for seal in seals if isinstance(seal, ReportSeal)), key=lambda seal: seal.number or 0
    )
    assert (first.number, second.number) == (1, 2)
    assert get_signed_text(second).read()["previous"] == get_signed_text(first).digest


def test_without_a_key_issuing_is_refused(
    plan: Plan, officer: User, officer_client: Client, settings: Any
) -> None:
    settings.REPORT_SIGNING_KEY = ""
    with pytest.raises(IssueRejected, match="set REPORT_SIGNING_KEY"):
        issue_annual_report(plan, "2018", officer, MARCH_2019)
    with pytest.raises(CommandError, match="set REPORT_SIGNING_KEY"):
        call_command(
            "issue_report", plan=plan.code, year="2018", user=officer.username, stdout=StringIO()
        )
    page = officer_client.get("/reports/issue/?year=2018").content.decode()
    assert "set REPORT_SIGNING_KEY" in page
    assert not AnnualReport.objects.exists()


def test_a_signature_belongs_to_its_bytes_and_its_key() -> None:
    signature, key = sign(b"figures"), public_key_of(SIGNING_KEY)
    assert is_signature_valid(signature, b"figures", key)
    assert signature == sign(b"figures"), "the same each time"
    assert not is_signature_valid(signature, b"figure5", key)
    assert not is_signature_valid(signature, b"figures", public_key_of(OTHER_KEY))
    for malformed in ("", "no hex", "ab"):
        assert not is_signature_valid(malformed, b"figures", key)
        assert not is_signature_valid(signature, b"figures", malformed)
    both = frozenset({public_key_of(OTHER_KEY), key})
    assert find_signer(signature, b"figures", both) == key
    assert find_signer(signature, b"figures", frozenset()) == ""


def test_a_public_key_is_read_in_groups_or_as_pem() -> None:
    key = public_key_of(SIGNING_KEY)
    groups = " ".join(key[start : start + 8] for start in range(0, 64, 8))
    assert parse_public_key(groups.upper()) == key
    with pytest.raises(ValueError, match="PEM"):
        parse_public_key("key")

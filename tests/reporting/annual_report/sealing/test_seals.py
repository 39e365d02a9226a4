"""Issuing signs the digests of all rows, chained to the report before, or is refused."""

from datetime import UTC, datetime
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test import Client

from reporting.annual_report.issuing import IssueRejected, issue_annual_report
from reporting.annual_report.sealing.digests import (
    build_canonical,
    build_digest,
    build_row_digests,
    format_digests,
)
from reporting.annual_report.sealing.keys import (
    find_signer,
    is_signature_valid,
    parse_public_key,
    sign,
)
from reporting.annual_report.sealing.seals import get_signed_text
from reporting.annual_report.snapshot.reader import load_rows
from reporting.models import AnnualReport, ReportSeal
from strategy.choices import Role
from strategy.models import Plan, User
from tests.factories import make_approved, make_user
from tests.support.concurrency import Run, kinds
from tests.support.database.fixtures import load_fixtures
from tests.support.samples.signing_keys import OTHER_KEY, SIGNING_KEY, public_key_of

MARCH_2019 = datetime(2019, 3, 14, 15, 0, tzinfo=UTC)


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

"""PDFs of a sealed report: signed, with a signed statement inside, and not made of altered rows."""

import hashlib
import json
import os
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from shutil import which
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from django.core.management import CommandError, call_command
from django.test import Client

from reporting.annual_report.issuing import issue_annual_report
from reporting.annual_report.pdf import document
from reporting.annual_report.sealing.attachments import FORMAT, build_file_seal, parse_file_seal
from reporting.annual_report.sealing.keys import SigningKeyMissing, is_signature_valid
from reporting.annual_report.sealing.seals import SealBroken, get_signed_text, load_sealed_rows
from reporting.annual_report.snapshot.reader import load_rows
from reporting.annual_report.verification.extraction import extract_files
from reporting.models import AnnualReport, ReportedEvidence, ReportSeal
from strategy.models import Plan, User
from tests.factories import make_approved
from tests.support.database.triggers import drop_triggers
from tests.support.samples.signing_keys import SIGNING_KEY, public_key_of

MARCH_2019 = datetime(2019, 3, 14, 15, 0, tzinfo=UTC)
needs_pango = pytest.mark.skipif(not document.is_available(), reason="Pango is not installed")


@pytest.fixture
def report(plan: Plan, officer: User) -> AnnualReport:
    make_approved("initiative", countries=["NE"], fields_of_activity=["justice"], starts_on="2018")
    return issue_annual_report(plan, "2018", officer, MARCH_2019)


def test_a_pdf_embeds_the_signed_digests_of_its_data(report: AnnualReport, fake_pdf: None) -> None:
    file = document.get_report_pdf(report, "fr")
    *data, held = extract_files(bytes(file.content))
    seal = parse_file_seal(held)
    assert seal
    assert seal.file.is_signed
    assert seal.report == get_signed_text(ReportSeal.objects.get())
    stated = seal.file.read()
    assert stated["report"] == seal.report.digest
    assert (stated["format"], stated["year"], stated["language"]) == (FORMAT, "2018", "fr")
    assert list(stated["files"].values()) == [hashlib.sha256(part).hexdigest() for part in data]


def test_a_file_is_signed_and_its_signature_is_beside_it(
    report: AnnualReport, fake_pdf: None, board_client: Client, staff_client: Client
) -> None:
    file = document.get_report_pdf(report, "en")
    key = public_key_of(SIGNING_KEY)
    assert is_signature_valid(file.signature, bytes(file.content), key)
    answer = board_client.get("/reports/2018/1/en.pdf.sig")
    assert answer.content == bytes.fromhex(file.signature)
    assert "ibcr-annual-report-2018-en.pdf.sig" in answer["Content-Disposition"]
    assert board_client.get("/reports/2018/1/fr.pdf.sig").status_code == 404
    assert staff_client.get("/reports/2018/1/en.pdf.sig").status_code == 403
    page = board_client.get("/reports/2018/1/").content.decode()
    assert "/reports/2018/1/en.pdf.sig" in page
    assert key in page


@pytest.mark.skipif(not which("openssl"), reason="openssl is not installed")
def test_another_program_checks_the_signature(
    report: AnnualReport, fake_pdf: None, tmp_path: Path
) -> None:
    file = document.get_report_pdf(report, "en")
    private = serialization.load_pem_private_key(SIGNING_KEY.encode(), password=None)
    (tmp_path / "key.pem").write_bytes(
        private.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
    )
    (tmp_path / "report.pdf.sig").write_bytes(bytes.fromhex(file.signature))

    def check(content: bytes) -> int:
        (tmp_path / "report.pdf").write_bytes(content)
        order = "openssl pkeyutl -verify -pubin -inkey key.pem -rawin -in report.pdf -sigfile"
        run = subprocess.run(
            [*order.split(), "report.pdf.sig"], cwd=tmp_path, capture_output=True, check=False
        )
        return run.returncode

    assert check(bytes(file.content)) == 0
    assert check(bytes(file.content) + b"\n") != 0


@needs_pango
def test_a_signed_file_is_the_same_each_time_and_prints_its_key(report: AnnualReport) -> None:
    rows = load_sealed_rows(report)
    first, second = (document.render(rows, "en").content for _time in range(2))
    assert first == second
    key = public_key_of(SIGNING_KEY)
    assert f'<span dir="ltr">{key[:8]} {key[8:16]} ' in document.render_html(rows, "en")
    assert key[:8] not in document.render_html(load_rows(report), "en"), "not of a draft"
    assert parse_file_seal(list(extract_files(first))[-1])


def test_no_pdf_is_made_of_rows_that_were_altered(report: AnnualReport, fake_pdf: None) -> None:
    drop_triggers(ReportedEvidence)
    ReportedEvidence.objects.filter(actual__code="1.1-countries").update(title="Another title")
    with pytest.raises(SealBroken, match="row_changed citation"):
        document.get_report_pdf(report, "en")
    with pytest.raises(CommandError, match="Restore them from a backup"):
        _render(report)
    assert not report.files.exists()


def _render(report: AnnualReport) -> None:
    names = ("--plan", report.plan_code, "--year", report.year, "--output", os.devnull)
    call_command("render_report", *names)


def test_without_a_key_no_pdf_is_made_of_a_signed_report(
    report: AnnualReport, fake_pdf: None, settings: Any
) -> None:
    settings.REPORT_FORMER_KEYS = [public_key_of(SIGNING_KEY)]
    settings.REPORT_SIGNING_KEY = ""
    with pytest.raises(SigningKeyMissing, match="openssl genpkey"):
        document.get_report_pdf(report, "en")
    with pytest.raises(CommandError, match="openssl genpkey"):
        _render(report)
    assert not report.files.exists()


def test_a_report_from_before_signatures_gets_unsigned_files(
    report: AnnualReport, fake_pdf: None
) -> None:
    drop_triggers(ReportSeal)
    ReportSeal.objects.update(number=None, statement="", rows=[], signature="", public_key="")
    file = document.get_report_pdf(report, "en")
    assert (file.signature, file.public_key, len(list(extract_files(bytes(file.content))))) == (
        "",
        "",
        3,
    )


@pytest.mark.parametrize(
    "damaged", [b"", b"[]", b"{}", b'{"file":1,"report":2}', b"[" * 100_000, b"\xff"]
)
def test_a_damaged_seal_of_a_file_is_none(damaged: bytes) -> None:
    assert parse_file_seal(damaged) is None


def test_a_seal_of_a_file_with_numbers_for_texts_is_none(report: AnnualReport) -> None:
    held = json.loads(build_file_seal(report, ReportSeal.objects.get(), "en", {}))
    assert parse_file_seal(json.dumps(held).encode())
    held["file"]["signature"] = 1
    assert parse_file_seal(json.dumps(held).encode()) is None

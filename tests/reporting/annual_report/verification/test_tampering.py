"""Changes by a person who may write to the database are caught and named, by command and page."""

from collections.abc import Callable
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client

from reporting.annual_report.issuing import issue_annual_report
from reporting.annual_report.pdf import document
from reporting.annual_report.sealing.digests import (
    build_canonical,
    build_digest,
    build_row_digests,
    format_digests,
)
from reporting.annual_report.sealing.seals import sign_statement
from reporting.annual_report.snapshot.reader import load_rows
from reporting.annual_report.verification.compare import verify
from reporting.annual_report.verification.extraction import extract_files
from reporting.models import (
    AnnualReport,
    ReportedActual,
    ReportedEvidence,
    ReportedObjective,
    ReportedPriority,
    ReportFile,
    ReportSeal,
)
from strategy.models import User
from tests.support.database.triggers import drop_triggers
from tests.support.samples.documents.report_files import alter, target, wrap
from tests.support.samples.signing_keys import OTHER_KEY, SIGNING_KEY, public_key_of

MARCH_2019 = datetime(2019, 3, 14, 15, 0, tzinfo=UTC)
TABLES = (
    AnnualReport,
    ReportedPriority,
    ReportedObjective,
    ReportedActual,
    ReportedEvidence,
    ReportFile,
    ReportSeal,
)
Run = Callable[[bytes], tuple[int, str]]


@pytest.fixture(autouse=True)
def _open_database(content: bytes) -> None:
    """Drop the triggers once the report and its PDF are stored."""
    drop_triggers(*TABLES)


def change_title() -> None:
    first = ReportedEvidence.objects.filter(actual__code="1.1-countries").first()
    ReportedEvidence.objects.filter(pk=first.pk).update(title="Another title")


def change_narrative() -> None:
    AnnualReport.objects.update(narrative={"summary": {"en": "All went well."}})


def change_figure() -> None:
    ReportedActual.objects.filter(code="1.1-countries").update(value=9)


def change_amount_of_growth() -> None:
    """No figure in the PDF shows this amount."""
    ReportedActual.objects.filter(code="3.3-budget").update(numerator=1, denominator=2)


def delete_citation() -> None:
    ReportedEvidence.objects.filter(actual__code="1.1-countries").first().delete()


def delete_target() -> None:
    ReportedActual.objects.filter(code="1.1-countries").delete()


def add_citation() -> None:
    row = ReportedEvidence.objects.filter(actual__code="1.1-countries").first()
    row.pk, row.reference = None, "INI-9999"
    row.save(force_insert=True)


def change_name_of_objective() -> None:
    ReportedObjective.objects.filter(code="1.1").update(statement={"en": "Another"})


def change_priority() -> None:
    ReportedPriority.objects.filter(number=1).update(title={"en": "Another"})


def change_issuer() -> None:
    AnnualReport.objects.update(issued_by_name="Somebody Else")


@pytest.mark.parametrize(
    ("change", "row"),
    [
        (change_title, "First: the citation of %s under 1.1-countries."),
        (change_narrative, "First: “narrative” of the report."),
        (change_figure, "First: the figures of target 1.1-countries."),
        (change_amount_of_growth, "First: the figures of target 3.3-budget."),
        (delete_citation, "First: the citation of %s under 1.1-countries (deleted)."),
        (delete_target, "First: the figures of target 1.1-countries (deleted)."),
        (add_citation, "First: the citation of INI-9999 under 1.1-countries (added)."),
        (change_name_of_objective, "First: objective 1.1."),
        (change_priority, "First: priority 1."),
        (change_issuer, "First: “name of who issued it” of the report."),
    ],
)
def test_the_first_row_that_differs_is_named(
    change: Callable[[], None], row: str, content: bytes, run: Run, board_client: Client
) -> None:
    assert run(content)[0] == 0, "the control"
    if "%s" in row:
        row %= ReportedEvidence.objects.filter(actual__code="1.1-countries").first().reference
    change()
    code, told = run(content)
    assert code == 1
    assert f"NOT PROVED: The database was altered after the issue. {row}" in told, told
    assert "the file is as it was signed, but the database is not" in told
    assert "genuine" not in told.lower()
    page = post(board_client, content)
    assert row in page
    assert "Genuine" not in page
    assert "The file is as it was signed, but the database is not." in page


def test_a_pdf_replaced_with_its_hash_is_not_genuine(content: bytes, run: Run) -> None:
    other = alter(content, lambda figures: target(figures, "1.1-countries").update(value="9"))
    change_figure()
    ReportFile.objects.update(content=other, sha256=build_digest(other), size=len(other))
    code, told = run(other)
    assert code == 1
    assert "NOT PROVED: The signature does not belong to these bytes" in told
    assert "NOT PROVED: The embedded file ibcr-annual-report-2018-figures.json is not" in told
    assert "NOT PROVED: The PDF that the database holds was replaced" in told
    code, told = run(content)
    assert code == 1
    assert "NOT PROVED: The PDF that the database holds was replaced" in told


def test_a_pdf_signed_with_another_key_is_not_genuine(
    report: AnnualReport, content: bytes, run: Run, settings: Any
) -> None:
    """The writer signs everything again, with a key of their own."""
    settings.REPORT_SIGNING_KEY = OTHER_KEY
    change_figure()
    ReportFile.objects.all().delete()
    rows = format_digests(build_row_digests(load_rows(AnnualReport.objects.get())))
    stated = {"plan": "2017-2020", "year": "2018", "version": 1, "number": 1, "previous": ""}
    signed = sign_statement({**stated, "rows": build_digest(build_canonical(rows))})
    ReportSeal.objects.update(
        rows=rows,
        statement=signed.statement,
        signature=signed.signature,
        public_key=signed.public_key,
    )
    other = bytes(document.get_report_pdf(report, "en").content)
    assert run(other)[0] == 0, "the control: it is only the key"
    settings.REPORT_SIGNING_KEY = SIGNING_KEY
    code, told = run(other)
    assert code == 1
    key = public_key_of(OTHER_KEY)
    assert f"NOT PROVED: It was signed with the key {key[:8]} " in told
    assert "NOT PROVED: The seal in the database was signed with a key that is not trusted" in told
    assert "report number 1 of the chain was signed with a key that is not trusted here" in told


def test_altered_digests_do_not_hide_an_altered_row(content: bytes, run: Run) -> None:
    change_narrative()
    rows = format_digests(build_row_digests(load_rows(AnnualReport.objects.get())))
    ReportSeal.objects.update(rows=rows)
    assert "NOT PROVED: The digests in the seal were altered in the database." in run(content)[1]
    ReportSeal.objects.update(statement="{}")
    assert "NOT PROVED: The seal in the database was altered" in run(content)[1]
    ReportSeal.objects.update(signature="", number=None)
    code, told = run(content)
    assert (code, "The report has no signed seal in the database" in told) == (1, True)


def test_the_seal_of_another_report_does_not_do(
    report: AnnualReport, content: bytes, officer: User, run: Run
) -> None:
    other = issue_annual_report(report.plan, "2017", officer, MARCH_2019)
    held = ReportSeal.objects.filter(report=other).values("statement", "signature", "rows").get()
    ReportSeal.objects.filter(report=report).update(**held)
    code, told = run(content)
    assert code == 1
    assert "NOT PROVED: The database was altered after the issue. First: “year” of the re" in told
    assert "NOT PROVED: The seal of report number 1 of the chain was altered." in told


def test_a_report_removed_from_the_chain_is_named(
    report: AnnualReport, content: bytes, officer: User, run: Run
) -> None:
    middle = issue_annual_report(report.plan, "2017", officer, MARCH_2019)
    removed = bytes(document.get_report_pdf(middle, "en").content)
    last = issue_annual_report(report.plan, "2019", officer, datetime(2020, 3, 1, tzinfo=UTC))
    content_of_last = bytes(document.get_report_pdf(last, "en").content)
    assert "proved: The chain of 3 sealed reports has no gap." in run(content_of_last)[1]
    remove(middle)
    for each in (content, content_of_last):
        code, told = run(each)
        assert code == 1
        assert "NOT PROVED: Report number 2 of the chain was removed." in told
    code, told = run(removed)
    assert code == 1
    assert "sealed here as number 2 and removed from the database" in told


def test_a_report_put_in_the_place_of_another_is_named(
    report: AnnualReport, content: bytes, officer: User, run: Run
) -> None:
    """Even with the right key: the next seal names the one that it followed."""
    middle = issue_annual_report(report.plan, "2017", officer, MARCH_2019)
    issue_annual_report(report.plan, "2019", officer, datetime(2020, 3, 1, tzinfo=UTC))
    seal = ReportSeal.objects.get(report=middle)
    signed = sign_statement({"number": 2, "previous": "none", "rows": ""})
    ReportSeal.objects.filter(pk=seal.pk).update(
        statement=signed.statement, signature=signed.signature
    )
    assert "Report number 2 of the chain does not follow the one before it" in run(content)[1]


def test_the_newest_report_removed_is_shown_by_its_own_pdf(content: bytes, run: Run) -> None:
    remove(AnnualReport.objects.get())
    code, told = run(content)
    assert code == 1
    assert "sealed here as number 1 and removed from the database" in told


def test_a_pdf_filed_under_another_report_is_named(content: bytes, run: Run) -> None:
    ReportFile.objects.update(language="fr")
    code, told = run(content)
    assert code == 1
    assert "The database holds this file as ibcr-annual-report-2018-fr.pdf" in told


def test_a_signature_from_a_file_proves_every_byte(
    report: AnnualReport, content: bytes, tmp_path: Path, board_client: Client
) -> None:
    signature = bytes.fromhex(ReportFile.objects.get().signature)
    ReportFile.objects.all().delete()
    assert "No signature of this file is known here" in post(board_client, content)
    page = post(board_client, content, signature)
    assert "Genuine." in page
    assert "Every byte of the file is signed with the key" in page
    assert "does not belong to these bytes" in post(board_client, content + b"\n", signature)
    assert "choose the .sig file of this PDF" in post(board_client, content, signature + b"\n")


def test_a_public_key_from_elsewhere_needs_no_report_in_the_database(
    content: bytes, tmp_path: Path, settings: Any
) -> None:
    settings.REPORT_SIGNING_KEY = OTHER_KEY
    (tmp_path / "en.sig").write_bytes(bytes.fromhex(ReportFile.objects.get().signature))
    (tmp_path / "en.pdf").write_bytes(content)
    remove(AnnualReport.objects.get())

    def run(key: str) -> str:
        out = StringIO()
        options = ["--signature", str(tmp_path / "en.sig"), "--public-key", key]
        call_command("verify_report", str(tmp_path / "en.pdf"), *options, stdout=out)
        return out.getvalue()

    told = run(public_key_of(SIGNING_KEY))
    assert "not checked: This database does not have the report" in told
    assert "as it was signed. No database was compared with it." in told
    assert "genuine" not in told
    with pytest.raises(CommandError, match=r"not proved\. Do not rely on it"):
        run(public_key_of(OTHER_KEY))
    for wrong in ("12", str(tmp_path / "none.pem")):
        with pytest.raises(CommandError, match="--public-key: write the 64 digits"):
            run(wrong)


def test_a_former_key_is_trusted_only_if_it_is_listed(
    content: bytes, run: Run, settings: Any
) -> None:
    settings.REPORT_SIGNING_KEY = OTHER_KEY
    assert run(content)[0] == 1
    settings.REPORT_FORMER_KEYS = [public_key_of(SIGNING_KEY)]
    assert run(content)[0] == 0
    settings.REPORT_SIGNING_KEY = ""
    assert run(content)[0] == 0, "a key that signs is not needed to check"
    settings.REPORT_FORMER_KEYS = []
    code, told = run(content)
    assert (code, "No public key is trusted here" in told) == (1, True)


def test_a_file_without_its_seal_or_with_another_is_not_proved(content: bytes, run: Run) -> None:
    *data, seal = extract_files(content)
    assert "embeds no signed statement" in run(wrap(*data))[1]
    damaged = seal.replace(b"2018", b"2017", 1)
    assert "statement about its data was altered" in run(wrap(*data, damaged))[1]
    assert "embeds a file that nobody signed" in run(wrap(*data, b"more", seal))[1]
    assert "records.csv is not as it was signed" in run(wrap(data[0], data[2], seal))[1]


def test_what_it_costs(content: bytes, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(10):
        assert verify(content).is_genuine


def remove(report: AnnualReport) -> None:
    ReportSeal.objects.filter(report=report).delete()
    report.delete()


def post(client: Client, content: bytes, signature: bytes = b"") -> str:
    files = {"file": SimpleUploadedFile("report.pdf", content, "application/pdf")}
    if signature:
        files["signature"] = SimpleUploadedFile("report.pdf.sig", signature)
    return client.post("/reports/verify/", files).content.decode()

"""What may be attached, and who gets it back."""

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from indicators.evidence import BadFile, check_file, shown_name
from indicators.models import Evidence
from strategy.models import User
from strategy.vocabulary import Role
from tests.conftest import client_of
from tests.factories import make_record, make_user

PDF = b"%PDF-1.7\n%the decree"
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20
JPEG = b"\xff\xd8\xff\xe0" + b"\0" * 20


def archive(*members: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as packed:
        for member in members:
            packed.writestr(member, "x")
    return content.getvalue()


DOCX = archive("[Content_Types].xml", "word/document.xml")
XLSX = archive("[Content_Types].xml", "xl/workbook.xml")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("decree.pdf", PDF),
        ("DECREE.PDF", PDF),
        ("photo.png", PNG),
        ("photo.jpg", JPEG),
        ("photo.jpeg", JPEG),
        ("report.docx", DOCX),
        ("list.xlsx", XLSX),
    ],
)
def test_a_file_that_is_what_its_ending_says_may_be_evidence(name: str, content: bytes) -> None:
    check_file(SimpleUploadedFile(name, content))


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("empty.pdf", b"", "is empty"),
        ("page.html", b"<script>", "not a PDF"),
        ("noending", PDF, "not a PDF"),
        ("decree.pdf", JPEG, "does not hold"),
        ("photo.png", b"<svg onload=alert(1)>", "does not hold"),
        ("report.docx", XLSX, "does not hold"),
        ("report.docx", PDF, "does not hold"),
        ("list.xlsx", archive("xl/workbook.xml", "xl/vbaProject.bin"), "does not hold"),
        ("list.xlsx", b"PK\x03\x04 broken", "does not hold"),
    ],
)
def test_any_other_file_is_refused_by_its_name(name: str, content: bytes, sentence: str) -> None:
    with pytest.raises(BadFile, match=sentence) as refused:
        check_file(SimpleUploadedFile(name, content))
    assert name in str(refused.value)


def test_a_file_that_is_too_large_is_refused_with_the_size(settings: Any) -> None:
    settings.EVIDENCE_MAX_BYTES = 10
    with pytest.raises(BadFile, match="larger than 10"):
        check_file(SimpleUploadedFile("decree.pdf", PDF))


def test_a_name_is_shown_without_folders_and_not_endlessly_long() -> None:
    def shown(name: str) -> str:
        file = SimpleUploadedFile("x", PDF)
        file._name = name  # type: ignore[attr-defined]
        return shown_name(file)

    assert shown("C:\\secret\\plan.pdf") == "plan.pdf"
    assert shown("../../etc/passwd.pdf") == "passwd.pdf"
    assert len(shown("a" * 300 + ".pdf")) == 200
    assert shown("a" * 300 + ".pdf").endswith(".pdf")


@pytest.fixture
def item(staff: User) -> Evidence:
    record = make_record("decision", entered_by=staff)
    file = SimpleUploadedFile("stored.pdf", PDF)
    return Evidence.objects.create(record=record, file=file, name="Décret signé.pdf")


def test_a_file_comes_back_as_an_attachment_that_the_browser_does_not_guess_about(
    item: Evidence, staff_client: Client
) -> None:
    response = staff_client.get(reverse("evidence_file", args=[item.uuid]))

    assert b"".join(response) == PDF
    assert response["Content-Type"] == "application/pdf"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Disposition"].startswith("attachment;")
    assert "D%C3%A9cret" in response["Content-Disposition"]
    assert "sandbox" in response["Content-Security-Policy"]


def test_a_file_of_another_office_is_not_there(item: Evidence) -> None:
    stranger = client_of(make_user(Role.STAFF, "dakar"))
    assert stranger.get(reverse("evidence_file", args=[item.uuid])).status_code == 404


def test_managers_and_officers_get_every_file(
    item: Evidence, manager_client: Client, officer_client: Client
) -> None:
    for client in (manager_client, officer_client):
        assert client.get(reverse("evidence_file", args=[item.uuid])).status_code == 200


def test_board_and_administrators_get_none(
    item: Evidence, board_client: Client, admin_client: Client
) -> None:
    for client in (board_client, admin_client):
        assert client.get(reverse("evidence_file", args=[item.uuid])).status_code == 403


def test_a_link_has_no_file(staff: User, staff_client: Client) -> None:
    record = make_record("decision", entered_by=staff, evidence=1)
    address = reverse("evidence_file", args=[record.evidence.get().uuid])
    assert staff_client.get(address).status_code == 404


def test_a_file_that_is_lost_is_said_to_be_lost(item: Evidence, staff_client: Client) -> None:
    Path(item.file.path).unlink()
    response = staff_client.get(reverse("evidence_file", args=[item.uuid]))
    assert response.status_code == 404

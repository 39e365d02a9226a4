"""Which files may be evidence, and who may download them."""

import io
import struct
import zlib
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image

from indicators.models import Evidence
from indicators.safeguarding.files.uploads import InvalidFile, get_file_name, validate_upload
from strategy.choices import RecordKind, Role
from strategy.models import Plan, User
from tests.conftest import client_of
from tests.factories import make_record, make_user
from tests.support.samples.documents.evidence_files import DOCX, PDF, TYPES, XLSX, pack
from tests.support.samples.form_answers import answers


def picture(picture_format: str, mode: str = "RGB", **options: Any) -> bytes:
    """Return a wide image whose left half is red."""
    image = Image.new(mode, (40, 20))
    if mode in ("RGB", "RGBA"):
        image.paste((200, 0, 0), (0, 0, 20, 20))
    content = io.BytesIO()
    image.save(content, picture_format, **options)
    return content.getvalue()


PNG = picture("PNG")
JPEG = picture("JPEG")


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
    validate_upload(SimpleUploadedFile(name, content))


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("empty.pdf", b"", "is empty"),
        ("page.html", b"<script>", "not a PDF"),
        ("noending", PDF, "not a PDF"),
        ("decree.pdf", JPEG, "does not hold"),
        ("photo.png", b"<svg onload=alert(1)>", "does not hold"),
        ("photo.png", PNG[:40], "does not hold"),
        ("photo.jpg", JPEG[:200], "does not hold"),
        ("photo.jpg", PNG, "does not hold"),
        ("photo.png", b"\x89PNG\r\n\x1a\n" + b"\0" * 20, "does not hold"),
        ("Amina, 9 ans.pdf", PDF, "Rename the file"),
        ("Kouadio_Yao_9_ans.pdf", PDF, "Rename the file"),
        ("report.docx", XLSX, "does not hold"),
        ("report.docx", PDF, "does not hold"),
        ("list.xlsx", pack({"[Content_Types].xml": TYPES, "word/document.xml": ""}), "does not"),
        ("list.xlsx", b"PK\x03\x04 broken", "does not hold"),
    ],
)
def test_any_other_file_is_refused_by_its_name(name: str, content: bytes, sentence: str) -> None:
    with pytest.raises(InvalidFile, match=sentence) as refused:
        validate_upload(SimpleUploadedFile(name, content))
    assert name in str(refused.value)


@pytest.mark.parametrize(
    "name", ["Rapport (12).pdf", "IMG-20190313-WA0012.pdf", "20190313_ibcr_rapport2017-2018.pdf"]
)
def test_numbers_of_copies_and_cameras_are_no_childs(name: str) -> None:
    validate_upload(SimpleUploadedFile(name, PDF))


def kept(name: str, content: bytes) -> bytes:
    stored = validate_upload(SimpleUploadedFile(name, content))
    assert stored.name == name
    return bytes(stored.read())


def opened(content: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(content))
    image.load()
    return image


@pytest.mark.parametrize(("name", "picture_format"), [("a.jpg", "JPEG"), ("a.png", "PNG")])
def test_a_picture_is_kept_upright_and_without_what_the_camera_wrote(
    name: str, picture_format: str
) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by a quarter
    exif[0x010F] = "SecretCamera"
    exif.get_ifd(0x8825)[2] = (13.0, 30.0, 45.0)  # where it was taken
    content = picture(picture_format, exif=exif.tobytes(), dpi=(300, 300), comment=b"SecretNote")
    assert opened(content).getexif()

    stored = kept(name, content)
    image = opened(stored)
    assert image.size == (20, 40)
    red, *_others = image.convert("RGB").getpixel((10, 5))  # type: ignore[misc]
    assert red > 150
    assert image.convert("RGB").getpixel((10, 35))[0] < 50  # type: ignore[index]
    assert not image.getexif()
    assert image.info.keys() <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    assert b"Secret" not in stored and b"Exif" not in stored


@pytest.mark.parametrize("mode", ["L", "LA", "P", "1", "I;16", "RGBA"])
def test_a_png_of_any_sort_stays_what_it_is(mode: str) -> None:
    image = opened(kept("a.png", picture("PNG", mode)))
    assert (image.format, image.mode, image.size) == ("PNG", mode, (40, 20))


def test_a_transparent_colour_stays_transparent() -> None:
    image = opened(kept("a.png", picture("PNG", "P", transparency=0)))
    assert image.convert("RGBA").getpixel((0, 0))[3] == 0  # type: ignore[index]


def test_a_picture_for_printing_can_be_shown() -> None:
    assert opened(kept("a.jpg", picture("JPEG", "CMYK"))).mode == "RGB"


def test_a_picture_that_would_take_all_memory_is_refused_unread() -> None:
    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    chunk = b"IHDR" + header
    bomb = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk
    bomb += struct.pack(">I", zlib.crc32(chunk)) + struct.pack(">I", 0) + b"IDAT"
    with pytest.raises(InvalidFile, match="too many pixels"):
        validate_upload(SimpleUploadedFile("bomb.png", bomb))


def test_several_files_at_once_are_kept_and_the_script_is_told_where_the_record_is(
    plan: Plan, staff_client: Client
) -> None:
    files = [SimpleUploadedFile("decree.pdf", PDF), SimpleUploadedFile("photo.png", PNG)]
    new = answers(RecordKind.EVENT, new_files=files)
    address = reverse("indicators:record_create", args=["event"])
    response = staff_client.post(address, new, headers={"X-Sending": "yes"})
    assert response.status_code == 201
    assert staff_client.get(response["Location"]).status_code == 200
    assert [item.name for item in Evidence.objects.all()] == ["decree.pdf", "photo.png"]


def test_a_file_that_is_too_large_is_refused_with_the_size(settings: Any) -> None:
    settings.EVIDENCE_MAX_BYTES = 10
    with pytest.raises(InvalidFile, match="larger than 10"):
        validate_upload(SimpleUploadedFile("decree.pdf", PDF))


def test_a_name_is_shown_without_folders_and_not_endlessly_long() -> None:
    def shown(name: str) -> str:
        file = SimpleUploadedFile("x", PDF)
        file._name = name  # type: ignore[attr-defined]
        return get_file_name(file)

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
    response = staff_client.get(reverse("indicators:evidence_file", args=[item.uuid]))

    assert b"".join(response) == PDF
    assert response["Content-Type"] == "application/pdf"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Disposition"].startswith("attachment;")
    assert "D%C3%A9cret" in response["Content-Disposition"]
    assert "sandbox" in response["Content-Security-Policy"]


def test_a_file_of_another_office_is_not_there(item: Evidence) -> None:
    stranger = client_of(make_user(Role.STAFF, "dakar"))
    assert stranger.get(reverse("indicators:evidence_file", args=[item.uuid])).status_code == 404


def test_managers_and_officers_get_every_file(
    item: Evidence, manager_client: Client, officer_client: Client
) -> None:
    for client in (manager_client, officer_client):
        assert client.get(reverse("indicators:evidence_file", args=[item.uuid])).status_code == 200


def test_board_and_administrators_get_none(
    item: Evidence, board_client: Client, admin_client: Client
) -> None:
    for client in (board_client, admin_client):
        assert client.get(reverse("indicators:evidence_file", args=[item.uuid])).status_code == 403


def test_a_link_has_no_file(staff: User, staff_client: Client) -> None:
    record = make_record("decision", entered_by=staff, evidence=1)
    address = reverse("indicators:evidence_file", args=[record.evidence.get().uuid])
    assert staff_client.get(address).status_code == 404


def test_a_file_that_is_lost_is_said_to_be_lost(item: Evidence, staff_client: Client) -> None:
    Path(item.file.path).unlink()
    response = staff_client.get(reverse("indicators:evidence_file", args=[item.uuid]))
    assert response.status_code == 404

"""Word and Excel files as evidence: metadata of cameras is removed from their images."""

import io
import time
import zipfile
from collections.abc import Mapping

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import load_workbook
from PIL import Image
from xlsxwriter import Workbook

from indicators.models import Evidence
from indicators.safeguarding.files import office_documents
from indicators.safeguarding.files.uploads import InvalidFile, validate_upload
from strategy.choices import RecordKind
from strategy.models import Plan
from tests.support.samples.form_answers import post_new

TYPES = """<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Default Extension="xml" ContentType="application/xml"/>
<Default Extension="jpeg" ContentType="image/jpeg"/>
<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument\
.wordprocessingml.document.main+xml"/></Types>"""
RELATIONS = """<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/\
{type}" Target="{target}"/></Relationships>"""
BODY = """<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"
 xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"
 xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"
 xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"
 xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture">
<w:body><w:p><w:r><w:t>Signed list</w:t></w:r></w:p><w:p><w:r><w:drawing><wp:inline>
<wp:extent cx="381000" cy="190500"/><wp:docPr id="1" name="Picture 1"/><a:graphic>
<a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:pic>
<pic:nvPicPr><pic:cNvPr id="1" name="a"/><pic:cNvPicPr/></pic:nvPicPr>
<pic:blipFill><a:blip r:embed="rId1"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill>
<pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="381000" cy="190500"/></a:xfrm>
<a:prstGeom prst="rect"><a:avLst/></a:prstGeom></pic:spPr></pic:pic></a:graphicData></a:graphic>
</wp:inline></w:drawing></w:r></w:p></w:body></w:document>"""


def photograph() -> bytes:
    """Return a JPEG with GPS and camera metadata, to be turned by a quarter."""
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "SecretCamera"
    exif.get_ifd(0x8825)[2] = (13.0, 30.0, 45.0)
    content = io.BytesIO()
    Image.new("RGB", (40, 20), (200, 0, 0)).save(content, "JPEG", exif=exif.tobytes())
    return content.getvalue()


PHOTOGRAPH = photograph()


def packed(parts: Mapping[str, bytes | str], comment: bytes = b"") -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.comment = comment
        for name, part in parts.items():
            archive.writestr(name, part)
    return content.getvalue()


def word_file(picture: bytes = PHOTOGRAPH, **more: bytes) -> bytes:
    """Return a document that Word opens, with one image; ``more`` are other parts by name."""
    return packed(
        {
            "[Content_Types].xml": TYPES,
            "_rels/.rels": RELATIONS.format(type="officeDocument", target="word/document.xml"),
            "word/document.xml": BODY,
            "word/_rels/document.xml.rels": RELATIONS.format(
                type="image", target="media/image1.jpeg"
            ),
            "word/media/image1.jpeg": picture,
            **more,
        }
    )


def excel_file() -> bytes:
    content = io.BytesIO()
    with Workbook(content, {"in_memory": True}) as book:
        sheet = book.add_worksheet("People")
        sheet.write("A1", "Women trained")
        sheet.write("B1", 12)
        sheet.insert_image("A3", "a.jpg", {"image_data": io.BytesIO(PHOTOGRAPH)})
    return content.getvalue()


def kept(name: str, content: bytes) -> bytes:
    stored = validate_upload(SimpleUploadedFile(name, content))
    assert stored.name == name
    return bytes(stored.read())


def parts_of(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def test_the_pictures_of_the_tests_say_where_they_were_taken() -> None:
    """Check that the images have metadata to remove."""
    for content in (word_file(), excel_file()):
        [picture] = [part for part in parts_of(content).values() if part.startswith(b"\xff\xd8")]
        assert Image.open(io.BytesIO(picture)).getexif().get_ifd(0x8825)
        assert b"SecretCamera" in picture


@pytest.mark.parametrize(
    ("name", "content", "picture"),
    [
        ("list.docx", word_file(), "word/media/image1.jpeg"),
        ("people.xlsx", excel_file(), "xl/media/image1.jpeg"),
    ],
)
def test_a_picture_in_a_document_is_kept_without_what_the_camera_wrote(
    name: str, content: bytes, picture: str
) -> None:
    before, after = parts_of(content), parts_of(kept(name, content))
    assert list(after) == list(before)
    assert {part for part in before if after[part] != before[part]} == {picture}
    image = Image.open(io.BytesIO(after[picture]))
    # The document itself states the image's rotation and width.
    assert (image.format, image.size) == ("JPEG", (40, 20))
    assert not image.getexif()
    assert b"Secret" not in after[picture] and b"Exif" not in after[picture]


def test_a_workbook_with_a_picture_still_opens() -> None:
    sheet = load_workbook(io.BytesIO(kept("people.xlsx", excel_file())))["People"]
    assert [cell.value for cell in sheet[1]] == ["Women trained", 12]
    [image] = sheet._images
    assert (image.width, image.height) == (40, 20)


def test_a_document_in_a_document_is_looked_into() -> None:
    outer = word_file(**{"word/embeddings/list.xlsx": excel_file()})
    inner = parts_of(parts_of(kept("report.docx", outer))["word/embeddings/list.xlsx"])
    assert b"Secret" not in inner["xl/media/image1.jpeg"]
    assert load_workbook(io.BytesIO(packed(inner)))["People"]["B1"].value == 12


def test_a_document_without_a_picture_is_kept_byte_for_byte() -> None:
    content = packed({"word/document.xml": BODY}, comment=b"signed")
    assert kept("plain.docx", content) == content


def test_what_is_written_between_the_parts_goes_with_the_pictures() -> None:
    parts = parts_of(word_file())
    content = packed(parts, comment=b"SecretRemark")
    assert b"SecretRemark" in content
    assert b"SecretRemark" not in kept("list.docx", content)


TIFF, WEBP = io.BytesIO(), io.BytesIO()
Image.new("RGB", (4, 4)).save(TIFF, "TIFF")
Image.new("RGB", (4, 4)).save(WEBP, "WEBP")


@pytest.mark.parametrize(
    "picture",
    [PHOTOGRAPH[:200], TIFF.getvalue(), WEBP.getvalue(), b"\0\0\0\x18ftypheic" + b"\0" * 20],
)
def test_a_picture_that_cannot_be_written_anew_is_said(picture: bytes) -> None:
    with pytest.raises(InvalidFile, match=r"A picture in “list.docx” cannot be read\."):
        validate_upload(SimpleUploadedFile("list.docx", word_file(picture)))


def deep(levels: int) -> bytes:
    content = word_file()
    for _level in range(levels):
        content = word_file(**{"word/embeddings/inner.docx": content})
    return content


def locked() -> bytes:
    """Return an archive whose parts are marked as encrypted."""
    content = bytearray(word_file())
    for opening, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = content.find(opening)
        while start >= 0:
            content[start + place] |= 1
            start = content.find(opening, start + 4)
    return bytes(content)


def crowded() -> bytes:
    """Return an archive of many documents, each with an acceptable number of parts."""
    inner = packed({f"part{number}": b"" for number in range(1000)})
    return word_file(**{f"word/embeddings/{number}.docx": inner for number in range(60)})


@pytest.mark.parametrize(
    "content",
    [
        deep(2),
        crowded(),
        locked(),
        word_file().replace(b"word/media", b"word/medib", 1),
        packed({"word/document.xml": BODY, "word/media/a.jpg": b"x", "big": b"\0" * 310_000_000}),
    ],
    ids=["too deep", "crowded", "locked", "names that differ", "bomb"],
)
def test_an_archive_that_is_no_honest_document_is_refused(content: bytes) -> None:
    started = time.process_time()
    with pytest.raises(InvalidFile, match="does not hold what its ending says"):
        validate_upload(SimpleUploadedFile("list.docx", content))
    assert time.process_time() - started < 2


def test_more_pixels_than_a_document_needs_are_refused_unread(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(office_documents, "MAX_PIXELS", 2 * 40 * 20)
    second = {"word/media/image2.jpeg": PHOTOGRAPH}
    validate_upload(SimpleUploadedFile("list.docx", word_file(**second)))
    third = {**second, "word/media/image3.jpeg": PHOTOGRAPH}
    with pytest.raises(InvalidFile, match=r"The pictures in “list.docx” are too large\."):
        validate_upload(SimpleUploadedFile("list.docx", word_file(**third)))


def test_the_document_that_is_stored_says_nothing_of_the_camera(
    plan: Plan, staff_client: Client
) -> None:
    file = SimpleUploadedFile("list.docx", word_file())
    response = post_new(staff_client, RecordKind.EVENT, new_files=[file])
    assert response.status_code == 302
    item = Evidence.objects.get()
    with item.file.open("rb") as stored:
        assert b"Secret" not in parts_of(stored.read())["word/media/image1.jpeg"]

"""Documents that could harm who opens them, or tell where a picture was taken, are refused."""

import io
import resource
import time
import zlib
from collections.abc import Mapping

import pikepdf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from indicators.safeguarding.files import pdf_child
from indicators.safeguarding.files.uploads import InvalidFile, validate_upload
from tests.support.samples.documents.evidence_files import (
    PDF,
    TYPES,
    build_pdf,
    build_stream,
    pack,
)

OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600


def relations(kind: str, target: str, mode: str = "External") -> str:
    return (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="r" Type="{OFFICE}/{kind}" Target="{target}" TargetMode="{mode}"/>'
        "</Relationships>"
    )


def word(body: str = "", parts: Mapping[str, bytes | str] | None = None) -> bytes:
    document = f'<w:document xmlns:w="urn:w"><w:body><w:p>{body}</w:p></w:body></w:document>'
    return pack({"[Content_Types].xml": TYPES, "word/document.xml": document, **(parts or {})})


def typed(content_type: str) -> bytes:
    return TYPES.replace(
        b"</Types>", f'<Override PartName="/a" ContentType="{content_type}"/></Types>'.encode()
    )


def field(*runs: str) -> str:
    return "".join(f"<w:r><w:instrText>{run}</w:instrText></w:r>" for run in runs)


SETTINGS = "word/_rels/settings.xml.rels"
DOCUMENTS = {
    "macros": (word("", {"word/vbaProject.bin": b"x"}), "contains macros"),
    "macros by another name": (word("", {"word/notes.dat": OLE}), "contains an object"),
    "macros by their type": (
        word("", {"[content_types].xml": typed("application/vnd.ms-office.vbaProject")}),
        "contains macros",
    ),
    "a document type with macros": (
        pack(
            {
                "[Content_Types].xml": typed(
                    "application/vnd.ms-word.document.macroEnabled.main+xml"
                ),
                "word/document.xml": "<x/>",
            }
        ),
        "contains macros",
    ),
    "macros by their relation": (
        word("", {SETTINGS: relations("vbaProject", "notes.dat", "Internal")}),
        "contains an object",
    ),
    "a web page inside": (
        word("", {SETTINGS: relations("aFChunk", "page.html", "Internal")}),
        "contains an object",
    ),
    "template": (
        word("", {SETTINGS: relations("attachedTemplate", "https://example.org/t.dotm")}),
        "loads a part from elsewhere",
    ),
    "template of a neighbour": (
        word("", {SETTINGS: relations("attachedTemplate", r"\\10.0.0.1\t\t.dotx")}),
        "loads a part from elsewhere",
    ),
    "remote picture": (
        word("", {"word/_rels/document.xml.rels": relations("image", "http://example.org/a.png")}),
        "loads a part from elsewhere",
    ),
    "remote object": (
        word("", {"word/_rels/x.rels": relations("oleObject", "mhtml:http://example.org!x")}),
        "loads a part from elsewhere",
    ),
    "link that starts a program": (
        word("", {"word/_rels/document.xml.rels": relations("hyperlink", "ms-msdt:/id")}),
        "loads a part from elsewhere",
    ),
    "exchange of data": (word(field('DDEAUTO c:\\\\cmd.exe "/k calc"')), "contains a field"),
    "exchange in pieces": (word(field("D", "DE", "AUTO c:\\\\cmd.exe")), "contains a field"),
    "exchange in a character block": (word(field("<![CDATA[DDE cmd]]>")), "contains a field"),
    "exchange in a simple field": (
        word('<w:fldSimple w:instr=" DDE cmd "/>'),
        "contains a field",
    ),
    "exchange in a header": (
        word("", {"word/header1.xml": f'<a xmlns:w="urn:w">{field("DDE cmd")}</a>'}),
        "contains a field",
    ),
    "spelled by numbers": (word(field("QUOTE 68 68 69")), "contains a field"),
    "another file": (word(field('INCLUDETEXT "c:\\\\secret.txt"')), "contains a field"),
    "declared entities": (
        word("", {"word/a.xml": '<!DOCTYPE a [<!ENTITY b "DDE">]><a>&b;</a>'}),
        "does not hold",
    ),
}


@pytest.mark.parametrize("case", DOCUMENTS)
def test_a_dangerous_document_is_refused_with_the_reason(case: str) -> None:
    content, sentence = DOCUMENTS[case]
    with pytest.raises(InvalidFile, match=sentence):
        validate_upload(SimpleUploadedFile("list.docx", content))


@pytest.mark.parametrize(
    ("parts", "sentence"),
    [
        ({"xl/media/a.bin": OLE}, "contains an object"),
        ({"xl/_rels/a.rels": relations("externalLinkPath", "file:///c:/a.xlsx")}, "elsewhere"),
        (
            {
                "[Content_Types].xml": typed(
                    "application/vnd.openxmlformats-officedocument.spreadsheetml.externalLink+xml"
                )
            },
            "elsewhere",
        ),
    ],
)
def test_a_dangerous_workbook_is_refused(parts: dict[str, bytes | str], sentence: str) -> None:
    plain = {"[Content_Types].xml": TYPES, "xl/workbook.xml": b"<x/>"}
    with pytest.raises(InvalidFile, match=sentence):
        validate_upload(SimpleUploadedFile("list.xlsx", pack({**plain, **parts})))


@pytest.mark.parametrize(
    "content",
    [
        word(field(' HYPERLINK "https://example.org/dde/link/database" ')),
        word(field(" PAGE "), {SETTINGS: relations("hyperlink", "https://www.ibcr.org")}),
        word("", {SETTINGS: relations("hyperlink", "mailto:a@example.org")}),
        word("<w:r><w:t>DDEAUTO is a danger</w:t></w:r>"),
    ],
)
def test_an_ordinary_document_is_kept_as_it_is(content: bytes) -> None:
    assert validate_upload(SimpleUploadedFile("list.docx", content)).read() == content


def test_a_page_before_the_archive_is_no_document() -> None:
    with pytest.raises(InvalidFile, match="does not hold"):
        validate_upload(SimpleUploadedFile("list.docx", b"<html><script></script>" + word()))


def bomb(pictures: int, size: int) -> bytes:
    """Return a small document whose pictures take long to decode."""
    image = io.BytesIO()
    Image.new("1", (size, size)).save(image, "PNG", optimize=True)
    return word("", {f"word/media/{number}.png": image.getvalue() for number in range(pictures)})


@pytest.mark.parametrize(("pictures", "size"), [(2, 7000), (15, 3000), (1500, 130), (1, 5000)])
def test_a_small_document_with_many_pixels_is_refused_soon(pictures: int, size: int) -> None:
    content = bomb(pictures, size)
    started = time.process_time()
    with pytest.raises(InvalidFile, match=r"The pictures in “list.docx” are too large\."):
        validate_upload(SimpleUploadedFile("list.docx", content))
    assert time.process_time() - started < 2


# PDF


HOSTILE_PDFS = {
    "script when opened": (
        build_pdf(catalog=b"/OpenAction<</S/JavaScript/JS(app.alert\\(1\\))>>"),
        "contains a script",
    ),
    "script by name": (
        build_pdf(b"<</Names[(a) 5 0 R]>>", catalog=b"/Names<</JavaScript 4 0 R>>"),
        "contains a script",
    ),
    "script with a coded name": (
        build_pdf(b"<</S/Java#53cript/J#53(x)>>"),
        "contains a script",
    ),
    "form with a script": (build_pdf(catalog=b"/AcroForm<</XFA(x)>>"), "contains a script"),
    "program": (build_pdf(b"<</S/Launch/F(cmd.exe)>>"), "starts a program"),
    "neighbour's file": (build_pdf(b"<</S/GoToR/F(//10.0.0.1/a)>>"), "starts a program"),
    "data sent": (build_pdf(b"<</S/SubmitForm/F(http://a)>>"), "starts a program"),
    "file inside": (
        build_pdf(
            b"<</Type/Filespec/F(a.exe)/EF<</F 5 0 R>>>>",
            build_stream(b"MZ", b"/Type/EmbeddedFile"),
        ),
        "contains other files",
    ),
    "file in a note": (build_pdf(b"<</Subtype/FileAttachment>>"), "contains other files"),
    "page for a browser": (
        build_pdf(head=b"%<html><script>alert(1)</script>\n"),
        "another type of file",
    ),
    "page after the end": (PDF + b"<!DOCTYPE html><body>x", "another type of file"),
    "script between objects": (
        PDF.replace(b"xref", b"<script>alert(1)</script>\nxref", 1),
        "another type of file",
    ),
    "archive after the end": (PDF + pack({"a.exe": b"MZ"}), "another type of file"),
    "no objects": (b"%PDF-1.7\n%nothing", "does not hold"),
}


@pytest.mark.parametrize("case", HOSTILE_PDFS)
def test_a_dangerous_pdf_is_refused_with_the_reason(case: str) -> None:
    content, sentence = HOSTILE_PDFS[case]
    with pytest.raises(InvalidFile, match=sentence) as refused:
        validate_upload(SimpleUploadedFile("decree.pdf", content))
    assert "decree.pdf" in str(refused.value)
    with pytest.raises(pdf_child.Refusal):
        pdf_child.check_pdf(content)


def saved(pdf: pikepdf.Pdf, **options: object) -> bytes:
    written = io.BytesIO()
    pdf.save(written, **options)  # type: ignore[arg-type]
    return written.getvalue()


def test_a_script_in_a_packed_object_is_found() -> None:
    pdf = pikepdf.open(io.BytesIO(build_pdf(b"<</S/JavaScript/JS(x)>>", catalog=b"/X 4 0 R")))
    content = saved(pdf, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    assert b"JavaScript" not in content
    with pytest.raises(InvalidFile, match="contains a script"):
        validate_upload(SimpleUploadedFile("decree.pdf", content))


def test_a_pdf_with_a_password_is_refused() -> None:
    pdf = pikepdf.open(io.BytesIO(PDF))
    content = saved(pdf, encryption=pikepdf.Encryption(user="a", owner="b"))
    with pytest.raises(InvalidFile, match="opens with a password"):
        validate_upload(SimpleUploadedFile("decree.pdf", content))


def photograph(*, is_located: bool = True) -> bytes:
    exif = Image.Exif()
    exif[0x010F] = "SecretCamera"
    if is_located:
        exif.get_ifd(0x8825)[2] = (13.0, 30.0, 45.0)
    content = io.BytesIO()
    Image.new("RGB", (40, 20), (200, 0, 0)).save(content, "JPEG", exif=exif.tobytes())
    return content.getvalue()


def scan(image: bytes, filters: bytes = b"/DCTDecode", *more: bytes) -> bytes:
    entries = b"/Subtype/Image/Width 40/Height 20/ColorSpace/DeviceRGB/BitsPerComponent 8/Filter"
    return build_pdf(build_stream(image, entries + filters), *more, catalog=b"/X 4 0 R/Y 5 0 R")


@pytest.mark.parametrize(
    "content",
    [
        scan(photograph()),
        scan(zlib.compress(photograph()), b"[/FlateDecode/DCTDecode]"),
    ],
)
def test_a_picture_in_a_pdf_loses_its_place_and_nothing_else(content: bytes) -> None:
    stored = validate_upload(SimpleUploadedFile("scan.pdf", content)).read()
    assert pdf_child.check_pdf(content) == stored, "the same without the process of its own"
    with pikepdf.open(io.BytesIO(stored)) as pdf:
        [image] = [each for each in pdf.objects if isinstance(each, pikepdf.Stream)]
        jpeg = image.read_raw_bytes()
    assert b"Secret" not in jpeg and b"Exif" not in jpeg
    before, after = Image.open(io.BytesIO(photograph())), Image.open(io.BytesIO(jpeg))
    assert after.tobytes() == before.tobytes()


def test_a_pdf_without_a_place_is_kept_byte_for_byte() -> None:
    plain = io.BytesIO()
    Image.new("RGB", (40, 20)).save(plain, "JPEG")
    content = scan(plain.getvalue())
    assert validate_upload(SimpleUploadedFile("scan.pdf", content)).read() == content


SIGNATURE = b"<</Type/Sig/ByteRange[0 1 2 3]/Contents<00>>>"


def test_a_signed_pdf_stays_as_it_was_signed_or_is_refused() -> None:
    harmless = scan(photograph(is_located=False), b"/DCTDecode", SIGNATURE)
    assert validate_upload(SimpleUploadedFile("scan.pdf", harmless)).read() == harmless
    with pytest.raises(InvalidFile, match="tells where it was taken"):
        validate_upload(
            SimpleUploadedFile("scan.pdf", scan(photograph(), b"/DCTDecode", SIGNATURE))
        )


def test_a_place_in_a_description_is_taken_out() -> None:
    xmp = build_stream(b"<x exif:GPSLatitude='13,30N'/>", b"/Type/Metadata/Subtype/XML")
    content = build_pdf(xmp, catalog=b"/Metadata 4 0 R")
    assert b"GPS" not in validate_upload(SimpleUploadedFile("scan.pdf", content)).read()


@pytest.mark.parametrize(
    ("image", "filters", "sentence"),
    [
        (b"....jP GPSLatitude", b"/JPXDecode", "tells where it was taken"),
        (photograph(), b"[/LZWDecode/DCTDecode]", "cannot be read"),
        (b"no picture", b"/DCTDecode", "cannot be read"),
        (zlib.compress(bytes(60_000_000)), b"[/FlateDecode/DCTDecode]", "cannot be read"),
    ],
)
def test_a_picture_that_cannot_be_cleaned_is_refused(
    image: bytes, filters: bytes, sentence: str
) -> None:
    with pytest.raises(InvalidFile, match=sentence):
        validate_upload(SimpleUploadedFile("scan.pdf", scan(image, filters)))


def test_a_pdf_of_more_objects_than_a_document_has_ends_with_its_check() -> None:
    content = build_pdf(b"[" + b"[0]" * 600_000 + b"]", catalog=b"/X 4 0 R")
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with pytest.raises(InvalidFile, match="does not hold"):
        validate_upload(SimpleUploadedFile("scan.pdf", content))
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert after.ru_utime - before.ru_utime < pdf_child.MAX_SECONDS + 1

"""Small files that may be evidence, and hostile ones."""

import io
import zipfile
from collections.abc import Mapping

TYPES = (
    b'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    b'<Default Extension="xml" ContentType="application/xml"/></Types>'
)


def build_pdf(*objects: bytes, catalog: bytes = b"", head: bytes = b"") -> bytes:
    """Return a PDF with one page; ``objects`` have the numbers from 4 on."""
    bodies = [
        b"<</Type/Catalog/Pages 2 0 R" + catalog + b">>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 72 72]>>",
        *objects,
    ]
    written, places = bytearray(b"%PDF-1.7\n" + head), []
    for number, body in enumerate(bodies, 1):
        places.append(len(written))
        written += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(written)
    written += b"xref\n0 %d\n0000000000 65535 f \n" % (len(bodies) + 1)
    written += b"".join(b"%010d 00000 n \n" % place for place in places)
    written += b"trailer\n<</Size %d/Root 1 0 R>>\n" % (len(bodies) + 1)
    written += b"startxref\n%d\n%%%%EOF\n" % start
    return bytes(written)


def build_stream(content: bytes, entries: bytes = b"") -> bytes:
    return b"<<%s/Length %d>>\nstream\n%s\nendstream" % (entries, len(content), content)


def pack(parts: Mapping[str, bytes | str]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return content.getvalue()


PDF = build_pdf(b"(the decree)")
DOCX = pack({"[Content_Types].xml": TYPES, "word/document.xml": b"<x/>"})
XLSX = pack({"[Content_Types].xml": TYPES, "xl/workbook.xml": b"<x/>"})

"""The check of a PDF in a process of its own, since a hostile file takes all that it gets.

``pdf_documents`` starts it with the PDF on standard input. It imports nothing of Django.
"""

import io
import json
import re
import resource
import sys
import zipfile
import zlib
from collections.abc import Iterator

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, Pdf, Stream

MAX_MEMORY = 1_500_000_000
MAX_SECONDS = 5
MAX_IMAGE_BYTES = 50_000_000
MAX_OBJECTS = 500_000

SCRIPT_KEYS = frozenset({"/JS", "/JavaScript", "/XFA"})
SCRIPT_ACTIONS = frozenset({"/JavaScript", "/Rendition"})
OTHER_ACTIONS = frozenset({"/Launch", "/GoToE", "/GoToR", "/ImportData", "/SubmitForm"})
FILE_KEYS = frozenset({"/EmbeddedFiles", "/EF", "/RichMediaContent"})
FILE_TYPES = frozenset({"/EmbeddedFile", "/FileAttachment", "/RichMedia", "/Movie", "/Sound"})

_FIRST_OBJECT = re.compile(rb"\d+\s+\d+\s+obj\b")
_STREAM = re.compile(rb"\bstream\r?\n.*?endstream", re.DOTALL)
_MARKUP = re.compile(
    rb"<\s*(?:!doctype|html|head|body|script|iframe|svg|\?php|\?xml)", re.IGNORECASE
)
_SCRIPT = re.compile(rb"<\s*script\b", re.IGNORECASE)

METADATA_MARKERS = frozenset({0xE1, 0xED, 0xFE, *range(0xE3, 0xEE)})
"""Segments of a JPEG for Exif, XMP, IPTC and comments; not for its colours."""
LOCATION = re.compile(rb"GPS|\x88\x25\0\x04|\x25\x88\x04\0")
"""A place in XMP, or the entry of Exif that leads to one, in either order of bytes."""


class Refusal(Exception):
    """The reason, as a value of ``Danger``, or "unreadable" or "picture"."""


def check_pdf(content: bytes) -> bytes | None:
    """Return the PDF without the metadata of its pictures; None if there is none.

    Raises Refusal.
    """
    _refuse_second_format(content)
    try:
        with pikepdf.open(io.BytesIO(content)) as pdf:
            for each in _walk(pdf):
                _refuse_danger(each)
            found = [_strip_stream(stream) for stream in _list_streams(pdf)]
            if not any(found):
                return None
            if _is_signed(pdf):
                if any(LOCATION.search(metadata) for metadata in found):
                    raise Refusal("location")
                return None
            written = io.BytesIO()
            pdf.save(written)
            return written.getvalue()
    except pikepdf.PasswordError:
        raise Refusal("password") from None
    except (pikepdf.PdfError, ValueError, TypeError, RecursionError, UnicodeError):
        raise Refusal("unreadable") from None


def _refuse_second_format(content: bytes) -> None:
    """Refuse what a browser or an archiver could read as another type of file."""
    first = _FIRST_OBJECT.search(content)
    head = content[: first.start() if first else 1024]
    tail = content[content.rfind(b"%%EOF") :]
    if _MARKUP.search(head) or _MARKUP.search(tail) or zipfile.is_zipfile(io.BytesIO(content)):
        raise Refusal("second format")
    if _SCRIPT.search(_STREAM.sub(b"", content)):
        raise Refusal("second format")


def _walk(pdf: Pdf) -> Iterator[Object]:
    """Yield each dictionary of the file, those in others and in lists too."""
    waiting: list[object] = [pdf.trailer, *pdf.objects]
    count = 0
    while waiting:
        each = waiting.pop()
        count += 1
        if count > MAX_OBJECTS:
            raise Refusal("unreadable")
        if isinstance(each, Dictionary | Stream):
            yield each
            waiting += [value for _key, value in each.items() if _is_direct(value)]
        elif isinstance(each, Array):
            waiting += [value for value in each if _is_direct(value)]


def _is_direct(value: object) -> bool:
    # An indirect object is in the list of all.
    return isinstance(value, Object) and not value.is_indirect


def _refuse_danger(each: Object) -> None:
    keys = set(each.keys())
    action, kinds = str(each.get("/S")), {str(each.get("/Type")), str(each.get("/Subtype"))}
    if keys & SCRIPT_KEYS or action in SCRIPT_ACTIONS:
        raise Refusal("script")
    if action in OTHER_ACTIONS:
        raise Refusal("action")
    if keys & FILE_KEYS or kinds & FILE_TYPES:
        raise Refusal("embedded file")


def _list_streams(pdf: Pdf) -> Iterator[Stream]:
    for each in pdf.objects:
        if isinstance(each, Stream):
            yield each


def _strip_stream(stream: Stream) -> bytes:
    """Remove where and by what a picture was taken; return what was removed."""
    if stream.get("/Type") == Name.Metadata:
        return _strip_description(stream)
    if stream.get("/Subtype") != Name.Image:
        return b""
    filters = _list_filters(stream)
    if filters[-1:] == ["/JPXDecode"]:
        raw = stream.read_raw_bytes()
        if any(mark in raw for mark in (b"GPS", b"JpgTiffExif", b"Exif\0\0")):
            raise Refusal("location")
        return b""
    if filters[-1:] != ["/DCTDecode"]:
        return b""
    stripped, metadata = strip_jpeg(_read_limited(stream, filters[:-1]))
    if metadata:
        stream.write(stripped, filter=Name.DCTDecode)
    return metadata


def _strip_description(stream: Stream) -> bytes:
    description = _read_limited(stream, _list_filters(stream))
    if b"GPS" not in description:
        return b""
    stream.write(b'<x:xmpmeta xmlns:x="adobe:ns:meta/"/>')
    return description


def _list_filters(stream: Stream) -> list[str]:
    value = stream.get("/Filter")
    if value is None:
        return []
    return [str(one) for one in value] if isinstance(value, Array) else [str(value)]


def _read_limited(stream: Stream, filters: list[str]) -> bytes:
    raw = stream.read_raw_bytes()
    if not filters:
        return raw
    if filters != ["/FlateDecode"]:
        raise Refusal("picture")
    unpacker = zlib.decompressobj()
    try:
        content = unpacker.decompress(raw, MAX_IMAGE_BYTES)
    except zlib.error:
        raise Refusal("picture") from None
    if unpacker.unconsumed_tail:
        raise Refusal("picture")
    return content


def strip_jpeg(image: bytes) -> tuple[bytes, bytes]:
    """Return the JPEG without Exif, XMP, IPTC and comments, and these."""
    if image[:2] != b"\xff\xd8":
        raise Refusal("picture")
    parts, removed, place = [b"\xff\xd8"], [b""], 2
    while place + 4 <= len(image):
        if image[place] != 0xFF:
            raise Refusal("picture")
        marker = image[place + 1]
        if marker == 0xFF:
            place += 1
            continue
        if marker == 0xDA:
            break
        length = int.from_bytes(image[place + 2 : place + 4], "big")
        end = place + 2 + length
        if length < 2 or end > len(image):
            raise Refusal("picture")
        (removed if marker in METADATA_MARKERS else parts).append(image[place:end])
        place = end
    return b"".join([*parts, image[place:]]), b"".join(removed)


def _is_signed(pdf: Pdf) -> bool:
    return any("/ByteRange" in each for each in _walk(pdf))


def _limit_resources() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (MAX_SECONDS, MAX_SECONDS))
    if sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY, MAX_MEMORY))


def main() -> None:
    _limit_resources()
    try:
        changed, refusal = check_pdf(sys.stdin.buffer.read()), ""
    except Refusal as error:
        changed, refusal = None, str(error)
    except MemoryError:
        changed, refusal = None, "unreadable"
    answer = {"refusal": refusal, "is_changed": changed is not None}
    sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n" + (changed or b""))


if __name__ == "__main__":
    main()

"""Word and Excel files as evidence: their pictures are written anew, all else stays as it is.

They are ZIP archives, which may hold others: the sheet behind a chart. What a camera wrote into a
picture (``pictures``) stays in it when it is put into a document, so it is taken out there too.
"""

import io
import shutil
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from indicators.safeguarding.images import (
    InvalidImage,
    TooManyPixels,
    count_pixels,
    strip_image_metadata,
)

MAX_MEMBERS = 2000
"""More parts than an honest document has, with those of the documents in it."""

MAX_UNPACKED_BYTES = 300_000_000
"""Bytes of all parts together: more than an honest document of the permitted size has."""

MAX_IMAGE_BYTES = 50_000_000
"""Bytes of one picture, which is held in memory."""

MAX_TOTAL_PIXELS = 150_000_000
"""Pixels of all pictures together: a dozen as a telephone takes them."""

MAX_DEPTH = 2
"""A document in a document; what lies deeper is not looked into but refused."""

OPENINGS: Mapping[bytes, str] = {b"\xff\xd8\xff": "JPEG", b"\x89PNG\r\n\x1a\n": "PNG"}
NOT_WRITTEN_ANEW = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
"""How TIFF begins, which holds such notes too; WebP and HEIC are told by bytes 4 to 12."""

ARCHIVE = b"PK\x03\x04"

BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    OSError,
    EOFError,
    ValueError,
    RuntimeError,
    NotImplementedError,
)
"""What reading an archive raises when it is broken, locked, or packed in a way of its own."""


class InvalidDocument(ValueError):
    """An archive that cannot be read, or that holds more than a document does."""


class UnreadableImage(ValueError):
    """A picture in a document that cannot be written anew: broken, or neither JPEG nor PNG."""


@dataclass
class _Left:
    """What may still be unpacked, of a document and of those in it."""

    members: int
    size: int
    pixels: int


def is_document(file: Any, part: str) -> bool:
    """Whether the file is an archive with the document's main part and no macros."""
    file.seek(0)
    try:
        with zipfile.ZipFile(file) as archive:
            names = archive.namelist()
    except BROKEN:
        return False
    has_macros = any(name.casefold().endswith("vbaproject.bin") for name in names)
    return part in names and not has_macros and len(names) <= MAX_MEMBERS


def strip_document_images(file: Any) -> bytes | None:
    """The document with every picture written anew; None where it holds none.

    Raises InvalidDocument, UnreadableImage and TooManyPixels.
    """
    file.seek(0)
    try:
        return _anew(file, _Left(MAX_MEMBERS, MAX_UNPACKED_BYTES, MAX_TOTAL_PIXELS), depth=1)
    except (UnreadableImage, InvalidDocument, TooManyPixels):
        raise
    except BROKEN as error:
        raise InvalidDocument(str(error)) from error


def _anew(file: Any, left: _Left, *, depth: int) -> bytes | None:
    with zipfile.ZipFile(file) as archive:
        members = archive.infolist()
        left.members -= len(members)
        left.size -= sum(member.file_size for member in members)
        is_twofold = len({member.filename for member in members}) < len(members)
        if min(left.members, left.size) < 0 or is_twofold or depth > MAX_DEPTH:
            raise InvalidDocument
        changed = {}
        for member in members:
            content = _member_anew(archive, member, left, depth)
            if content is not None:
                changed[member.filename] = content
        return _packed(archive, changed) if changed else None


def _member_anew(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, left: _Left, depth: int
) -> bytes | None:
    """What takes the place of one part; None when it stays as it is."""
    with archive.open(member) as part:
        opening = part.read(16)
    picture_format = next((OPENINGS[one] for one in OPENINGS if opening.startswith(one)), "")
    is_archive = opening.startswith(ARCHIVE)
    if opening.startswith(NOT_WRITTEN_ANEW) or opening[8:12] == b"WEBP" or opening[4:8] == b"ftyp":
        raise UnreadableImage(member.filename)
    if not picture_format and not is_archive:
        return None
    if member.file_size > MAX_IMAGE_BYTES:
        raise TooManyPixels
    content = io.BytesIO(archive.read(member))
    if is_archive:
        return _anew(content, left, depth=depth + 1)
    return _picture_anew(content, picture_format, left)


def _picture_anew(content: io.BytesIO, picture_format: str, left: _Left) -> bytes:
    """Not turned: the document says itself how it shows what the file holds."""
    try:
        left.pixels -= count_pixels(content, picture_format)
        if left.pixels < 0:
            raise TooManyPixels
        return strip_image_metadata(content, picture_format, is_turned=False)
    except InvalidImage as error:
        raise UnreadableImage(str(error)) from error


def _packed(archive: zipfile.ZipFile, changed: Mapping[str, bytes]) -> bytes:
    """The archive again, its parts in the same order, some of them changed."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as packed:
        for member in archive.infolist():
            # Without the extra fields and remarks, in which anything may stand.
            entry = zipfile.ZipInfo(member.filename, member.date_time)
            entry.compress_type = zipfile.ZIP_DEFLATED
            if member.filename in changed:
                packed.writestr(entry, changed[member.filename])
                continue
            with archive.open(member) as part, packed.open(entry, "w") as copy:
                shutil.copyfileobj(part, copy)
    return written.getvalue()

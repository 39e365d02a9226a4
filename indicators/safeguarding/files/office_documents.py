"""Word and Excel files as evidence: their images are rewritten, all other content is copied.

The files are ZIP archives, which may contain others, such as the sheet of a chart. An image in a
document still has the metadata of its camera (``images``).
"""

import io
import shutil
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import IO

from indicators.safeguarding.files.images import (
    InvalidImage,
    TooManyPixels,
    count_pixels,
    strip_image_metadata,
)

MAX_MEMBERS = 2000
"""Members of an archive and of those in it: more than a document has."""

MAX_UNPACKED_BYTES = 300_000_000
"""Bytes of all members: more than a document of the permitted size has."""

MAX_IMAGE_BYTES = 50_000_000
"""Bytes of one image, which is read into memory."""

MAX_TOTAL_PIXELS = 150_000_000
"""Pixels of all images: a dozen of a telephone's."""

MAX_DEPTH = 2
"""A document in a document; deeper archives are refused."""

IMAGE_OPENINGS: Mapping[bytes, str] = {b"\xff\xd8\xff": "JPEG", b"\x89PNG\r\n\x1a\n": "PNG"}
OTHER_IMAGES = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
"""The openings of TIFF; bytes 4 to 12 identify WebP and HEIC. They have metadata too."""

ARCHIVE_OPENING = b"PK\x03\x04"

ARCHIVE_ERRORS = (
    zipfile.BadZipFile,
    zlib.error,
    OSError,
    EOFError,
    ValueError,
    RuntimeError,
    NotImplementedError,
)
"""Errors of reading an archive that is broken, encrypted or compressed unusually."""


class InvalidDocument(ValueError):
    """The archive cannot be read, or contains more than a document."""


class UnreadableImage(ValueError):
    """An image of the document cannot be rewritten: broken, or neither JPEG nor PNG."""


@dataclass
class _Budget:
    """The bytes, pixels and members still allowed for a document and those in it."""

    members: int
    size: int
    pixels: int


def is_document(file: IO[bytes], part: str) -> bool:
    """Whether the file is an archive with the document's main part and without macros."""
    file.seek(0)
    try:
        with zipfile.ZipFile(file) as archive:
            names = archive.namelist()
    except ARCHIVE_ERRORS:
        return False
    has_macros = any(name.casefold().endswith("vbaproject.bin") for name in names)
    return part in names and not has_macros and len(names) <= MAX_MEMBERS


def strip_document_images(file: IO[bytes]) -> bytes | None:
    """Return the document with every image rewritten; None if it has no image.

    Raises InvalidDocument, UnreadableImage and TooManyPixels.
    """
    file.seek(0)
    try:
        return _rewrite_archive(
            file, _Budget(MAX_MEMBERS, MAX_UNPACKED_BYTES, MAX_TOTAL_PIXELS), depth=1
        )
    except (UnreadableImage, InvalidDocument, TooManyPixels):
        raise
    except ARCHIVE_ERRORS as error:
        raise InvalidDocument(str(error)) from error


def _rewrite_archive(file: IO[bytes], budget: _Budget, *, depth: int) -> bytes | None:
    with zipfile.ZipFile(file) as archive:
        members = archive.infolist()
        budget.members -= len(members)
        budget.size -= sum(member.file_size for member in members)
        has_duplicates = len({member.filename for member in members}) < len(members)
        if min(budget.members, budget.size) < 0 or has_duplicates or depth > MAX_DEPTH:
            raise InvalidDocument
        changed = {}
        for member in members:
            content = _rewrite_member(archive, member, budget, depth)
            if content is not None:
                changed[member.filename] = content
        return _pack(archive, changed) if changed else None


def _rewrite_member(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, budget: _Budget, depth: int
) -> bytes | None:
    with archive.open(member) as part:
        opening = part.read(16)
    formats = (IMAGE_OPENINGS[start] for start in IMAGE_OPENINGS if opening.startswith(start))
    image_format = next(formats, "")
    is_archive = opening.startswith(ARCHIVE_OPENING)
    if opening.startswith(OTHER_IMAGES) or opening[8:12] == b"WEBP" or opening[4:8] == b"ftyp":
        raise UnreadableImage(member.filename)
    if not image_format and not is_archive:
        return None
    if member.file_size > MAX_IMAGE_BYTES:
        raise TooManyPixels
    content = io.BytesIO(archive.read(member))
    if is_archive:
        return _rewrite_archive(content, budget, depth=depth + 1)
    return _rewrite_image(content, image_format, budget)


def _rewrite_image(content: io.BytesIO, image_format: str, budget: _Budget) -> bytes:
    # Not turned: the document itself states how it shows the stored image.
    try:
        budget.pixels -= count_pixels(content, image_format)
        if budget.pixels < 0:
            raise TooManyPixels
        return strip_image_metadata(content, image_format, is_turned=False)
    except InvalidImage as error:
        raise UnreadableImage(str(error)) from error


def _pack(archive: zipfile.ZipFile, changed: Mapping[str, bytes]) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as packed:
        for member in archive.infolist():
            # Without extra fields and comments, which may contain anything.
            entry = zipfile.ZipInfo(member.filename, member.date_time)
            entry.compress_type = zipfile.ZIP_DEFLATED
            if member.filename in changed:
                packed.writestr(entry, changed[member.filename])
                continue
            with archive.open(member) as part, packed.open(entry, "w") as copy:
                shutil.copyfileobj(part, copy)
    return written.getvalue()

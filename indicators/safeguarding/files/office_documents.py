"""Word and Excel files as evidence: their images are rewritten, all other content is copied.

The files are ZIP archives, which may contain others, such as the sheet of a chart. An image in a
document still has the metadata of its camera (``images``). All is counted and checked before the
first image is decoded, which takes most of the time.
"""

import io
import shutil
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import IO

from indicators.safeguarding.files.dangers import DangerousFile
from indicators.safeguarding.files.images import (
    MAX_PIXELS,
    InvalidImage,
    TooManyPixels,
    count_pixels,
    strip_image_metadata,
)
from indicators.safeguarding.files.office_contents import InvalidPart, check_archive

MAX_MEMBERS = 2000
"""Members of an archive and of those in it: more than a document has."""

MAX_UNPACKED_BYTES = 150_000_000
"""Bytes of all members: more than a document of the permitted size has."""

MAX_IMAGE_BYTES = 50_000_000
"""Bytes of one image, which is read into memory."""

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
    """Whether the file is an archive, from its first byte on, with the document's main part."""
    file.seek(0)
    if file.read(len(ARCHIVE_OPENING)) != ARCHIVE_OPENING:
        return False
    try:
        with zipfile.ZipFile(file) as archive:
            names = archive.namelist()
    except ARCHIVE_ERRORS:
        return False
    return part in names and len(names) <= MAX_MEMBERS


def strip_document_images(file: IO[bytes]) -> bytes | None:
    """Return the document with every image rewritten; None if it has no image.

    Raises DangerousFile, InvalidDocument, UnreadableImage and TooManyPixels.
    """
    file.seek(0)
    try:
        _check_archive(file, _Budget(MAX_MEMBERS, MAX_UNPACKED_BYTES, MAX_PIXELS), depth=1)
        return _rewrite_archive(file)
    except (DangerousFile, UnreadableImage, InvalidDocument, TooManyPixels):
        raise
    except InvalidImage as error:
        raise UnreadableImage(str(error)) from error
    except InvalidPart as error:
        raise InvalidDocument(str(error)) from error
    except ARCHIVE_ERRORS as error:
        raise InvalidDocument(str(error)) from error


def _check_archive(file: IO[bytes], budget: _Budget, *, depth: int) -> None:
    with zipfile.ZipFile(file) as archive:
        members = archive.infolist()
        budget.members -= len(members)
        budget.size -= sum(member.file_size for member in members)
        has_duplicates = len({member.filename for member in members}) < len(members)
        if min(budget.members, budget.size) < 0 or has_duplicates or depth > MAX_DEPTH:
            raise InvalidDocument
        check_archive(archive)
        for member in members:
            _check_member(archive, member, budget, depth)


def _check_member(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, budget: _Budget, depth: int
) -> None:
    opening = _read_opening(archive, member)
    if opening.startswith(OTHER_IMAGES) or opening[8:12] == b"WEBP" or opening[4:8] == b"ftyp":
        raise UnreadableImage(member.filename)
    image_format, is_archive = _find_image_format(opening), opening.startswith(ARCHIVE_OPENING)
    if (image_format or is_archive) and member.file_size > MAX_IMAGE_BYTES:
        raise TooManyPixels
    if is_archive:
        _check_archive(io.BytesIO(archive.read(member)), budget, depth=depth + 1)
    elif image_format:
        with archive.open(member) as image:
            budget.pixels -= count_pixels(image, image_format)
        if budget.pixels < 0:
            raise TooManyPixels


def _read_opening(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    with archive.open(member) as part:
        return part.read(16)


def _find_image_format(opening: bytes) -> str:
    formats = (IMAGE_OPENINGS[start] for start in IMAGE_OPENINGS if opening.startswith(start))
    return next(formats, "")


def _rewrite_archive(file: IO[bytes]) -> bytes | None:
    with zipfile.ZipFile(file) as archive:
        changed = {}
        for member in archive.infolist():
            content = _rewrite_member(archive, member)
            if content is not None:
                changed[member.filename] = content
        return _pack(archive, changed) if changed else None


def _rewrite_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes | None:
    opening = _read_opening(archive, member)
    if opening.startswith(ARCHIVE_OPENING):
        return _rewrite_archive(io.BytesIO(archive.read(member)))
    image_format = _find_image_format(opening)
    if not image_format:
        return None
    # Not turned: the document itself states how it shows the stored image.
    content = io.BytesIO(archive.read(member))
    return strip_image_metadata(content, image_format, is_turned=False)


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

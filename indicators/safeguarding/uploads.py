"""Files that people attach: what may come in, and under which name it is kept.

The content must be what the ending says; pictures are written anew (``pictures``), those in Word
and Excel files too (``documents``). Files lie
outside what the server publishes, under names that tell nothing; ``views.evidence`` sends them
after an access check.
"""

import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import PurePosixPath

from django.conf import settings
from django.core.files import File
from django.core.files.base import ContentFile
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from indicators.safeguarding.detection import FindingType, find_identifiers
from indicators.safeguarding.images import InvalidImage, TooManyPixels, strip_image_metadata
from indicators.safeguarding.office_documents import (
    InvalidDocument,
    UnreadableImage,
    is_document,
    strip_document_images,
)

MAX_NAME_LENGTH = 200
_COPY = re.compile(r"\s*\(\d+\)$")
"""What browsers add to the name of a second copy."""

TOLD_BY_NAMES = frozenset(
    {
        FindingType.NAME_WITH_AGE,
        FindingType.NAMED_CHILD,
        FindingType.BORN,
        FindingType.IDENTITY_NUMBER,
    }
)


class InvalidFile(ValueError):
    """A file that cannot be evidence; its text says why and what to do."""


@dataclass(frozen=True)
class FileType:
    """A kind of file that evidence may be: how it is sent, and how its content is recognised."""

    media_type: str
    is_content: Callable[[File], bool]  # type: ignore[type-arg]
    picture_format: str = ""
    """For pictures, what they are written anew as."""
    is_archive: bool = False
    """Whether it may hold pictures of its own."""


def _begins_with(*openings: bytes) -> Callable[[File], bool]:  # type: ignore[type-arg]
    def is_content(file: File) -> bool:  # type: ignore[type-arg]
        file.seek(0)
        return bool(file.read(16).startswith(openings))

    return is_content


def _office_document(part: str) -> Callable[[File], bool]:  # type: ignore[type-arg]
    return partial(is_document, part=part)


_JPEG = FileType("image/jpeg", _begins_with(b"\xff\xd8\xff"), "JPEG")

FILE_TYPES: Mapping[str, FileType] = {
    "pdf": FileType("application/pdf", _begins_with(b"%PDF-")),
    "docx": FileType(
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        _office_document("word/document.xml"),
        is_archive=True,
    ),
    "xlsx": FileType(
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        _office_document("xl/workbook.xml"),
        is_archive=True,
    ),
    "png": FileType("image/png", _begins_with(b"\x89PNG\r\n\x1a\n"), "PNG"),
    "jpg": _JPEG,
    "jpeg": _JPEG,
}
"""The endings that evidence may have."""


def get_extension(name: str) -> str:
    return PurePosixPath(name).suffix.removeprefix(".").casefold()


def validate_upload(file: File) -> File:  # type: ignore[type-arg]
    """The file as it may be kept. Raises InvalidFile when it cannot be evidence."""
    name = get_file_name(file)
    if not file.size:
        raise InvalidFile(_("“%(name)s” is empty. Choose another file.") % {"name": name})
    if file.size > settings.EVIDENCE_MAX_BYTES:
        raise InvalidFile(
            _("“%(name)s” is larger than %(most)s. Choose a smaller file, or give a link to it.")
            % {"name": name, "most": filesizeformat(settings.EVIDENCE_MAX_BYTES)}
        )
    kind = FILE_TYPES.get(get_extension(name))
    if kind is None:
        raise InvalidFile(
            _("“%(name)s” is not a PDF, Word, Excel, PNG or JPEG file. Save it as one of these.")
            % {"name": name}
        )
    if not kind.is_content(file):
        raise InvalidFile(_not_what_it_says(name))
    if _tells_of_child(name):
        raise InvalidFile(
            _("The name “%(name)s” looks like a child’s. Rename the file, then choose it again.")
            % {"name": name}
        )
    file.seek(0)
    if kind.is_archive:
        return _with_pictures_anew(file, name)
    return _rewritten(file, name, kind.picture_format) if kind.picture_format else file


def _with_pictures_anew(file: File, name: str) -> File:  # type: ignore[type-arg]
    try:
        content = strip_document_images(file)
    except UnreadableImage:
        raise InvalidFile(
            _(
                "A picture in “%(name)s” cannot be read. Take it out, or put it in again as PNG or "
                "JPEG. Then choose the file again."
            )
            % {"name": name}
        ) from None
    except TooManyPixels:
        raise InvalidFile(
            _("The pictures in “%(name)s” are too large. Make them smaller, then choose it again.")
            % {"name": name}
        ) from None
    except InvalidDocument:
        raise InvalidFile(_not_what_it_says(name)) from None
    file.seek(0)
    return file if content is None else ContentFile(content, name=name)


def _tells_of_child(name: str) -> bool:
    """Whether the name of a file may tell who a child is; numbers of scans and copies do not."""
    stem = _COPY.sub("", PurePosixPath(name).stem)
    words = re.sub(r"[_.+-]+", " ", stem)
    return any(finding.why in TOLD_BY_NAMES for finding in find_identifiers(words))


def _rewritten(file: File, name: str, picture_format: str) -> File:  # type: ignore[type-arg]
    try:
        return ContentFile(strip_image_metadata(file, picture_format), name=name)
    except TooManyPixels:
        raise InvalidFile(
            _("“%(name)s” has too many pixels. Save it smaller, then choose it again.")
            % {"name": name}
        ) from None
    except InvalidImage:
        raise InvalidFile(_not_what_it_says(name)) from None


def _not_what_it_says(name: str) -> str:
    return _("“%(name)s” does not hold what its ending says. Open it, save it anew, try again.") % {
        "name": name
    }


def get_file_name(file: File) -> str:  # type: ignore[type-arg]
    """The file's own name without folders, at most 200 characters, its ending kept."""
    name = PurePosixPath((file.name or "").replace("\\", "/")).name
    if len(name) <= MAX_NAME_LENGTH:
        return name
    suffix = PurePosixPath(name).suffix[:10]
    return name[: MAX_NAME_LENGTH - len(suffix)] + suffix


def with_random_name(file: File) -> File:  # type: ignore[type-arg]
    """The same content to store under a name that nobody can guess and that tells nothing."""
    return File(file, name=f"{uuid.uuid4().hex}.{get_extension(get_file_name(file))}")

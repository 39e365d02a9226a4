"""Evidence files: which are accepted, and under which names they are stored.

The content must match the extension. Images are rewritten (``images``), those in Word and Excel
files too (``office_documents``). Files are stored outside the public folder under random names;
``views.evidence`` sends them after an access check.
"""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import PurePosixPath
from typing import TypeAlias

from django.conf import settings
from django.core.files import File
from django.core.files.base import ContentFile
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from indicators.safeguarding.detection import find_file_name_error
from indicators.safeguarding.files.images import InvalidImage, TooManyPixels, strip_image_metadata
from indicators.safeguarding.files.office_documents import (
    InvalidDocument,
    UnreadableImage,
    is_document,
    strip_document_images,
)

Upload: TypeAlias = "File[bytes]"

MAX_NAME_LENGTH = 200


class InvalidFile(ValueError):
    """The file cannot be evidence; ``str(error)`` is shown to the user."""


@dataclass(frozen=True)
class FileType:
    """A type of evidence file: its media type, and how its content is recognised."""

    media_type: str
    is_content: Callable[[Upload], bool]
    image_format: str = ""
    """The format in which an image is written again."""
    is_archive: bool = False
    """Whether it may contain images."""


def _starts_with(file: Upload, opening: bytes) -> bool:
    file.seek(0)
    return bool(file.read(16).startswith(opening))


_JPEG = FileType("image/jpeg", partial(_starts_with, opening=b"\xff\xd8\xff"), "JPEG")

FILE_TYPES: Mapping[str, FileType] = {
    "pdf": FileType("application/pdf", partial(_starts_with, opening=b"%PDF-")),
    "docx": FileType(
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        partial(is_document, part="word/document.xml"),
        is_archive=True,
    ),
    "xlsx": FileType(
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        partial(is_document, part="xl/workbook.xml"),
        is_archive=True,
    ),
    "png": FileType("image/png", partial(_starts_with, opening=b"\x89PNG\r\n\x1a\n"), "PNG"),
    "jpg": _JPEG,
    "jpeg": _JPEG,
}
"""Extension -> type."""


def get_extension(name: str) -> str:
    return PurePosixPath(name).suffix.removeprefix(".").casefold()


def validate_upload(file: Upload) -> Upload:
    """Return the file as it may be stored; raises InvalidFile if it cannot be evidence."""
    name = get_file_name(file)
    if not file.size:
        raise InvalidFile(_("“%(name)s” is empty. Choose another file.") % {"name": name})
    if file.size > settings.EVIDENCE_MAX_BYTES:
        raise InvalidFile(
            _("“%(name)s” is larger than %(most)s. Choose a smaller file, or give a link to it.")
            % {"name": name, "most": filesizeformat(settings.EVIDENCE_MAX_BYTES)}
        )
    file_type = FILE_TYPES.get(get_extension(name))
    if file_type is None:
        raise InvalidFile(
            _("“%(name)s” is not a PDF, Word, Excel, PNG or JPEG file. Save it as one of these.")
            % {"name": name}
        )
    if not file_type.is_content(file):
        raise InvalidFile(_content_error(name))
    error = find_file_name_error(name)
    if error:
        raise InvalidFile(error)
    file.seek(0)
    if file_type.is_archive:
        return _rewrite_images(file, name)
    return _rewrite_image(file, name, file_type.image_format) if file_type.image_format else file


def _rewrite_images(file: Upload, name: str) -> Upload:
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
        raise InvalidFile(_content_error(name)) from None
    file.seek(0)
    return file if content is None else ContentFile(content, name=name)


def _rewrite_image(file: Upload, name: str, image_format: str) -> Upload:
    try:
        return ContentFile(strip_image_metadata(file, image_format), name=name)
    except TooManyPixels:
        raise InvalidFile(
            _("“%(name)s” has too many pixels. Save it smaller, then choose it again.")
            % {"name": name}
        ) from None
    except InvalidImage:
        raise InvalidFile(_content_error(name)) from None


def _content_error(name: str) -> str:
    return _("“%(name)s” does not hold what its ending says. Open it, save it anew, try again.") % {
        "name": name
    }


def get_file_name(file: Upload) -> str:
    """Return the file's name without folders, at most 200 characters with its extension."""
    name = PurePosixPath((file.name or "").replace("\\", "/")).name
    if len(name) <= MAX_NAME_LENGTH:
        return name
    suffix = PurePosixPath(name).suffix[:10]
    return name[: MAX_NAME_LENGTH - len(suffix)] + suffix


def with_random_name(file: Upload) -> Upload:
    return File(file, name=f"{uuid.uuid4().hex}.{get_extension(get_file_name(file))}")

"""Evidence files: which are accepted, and under which names they are stored.

The content must match the extension. Images are rewritten (``images``), those in Word and Excel
files and in PDFs too; what could harm a reader is refused (``dangers``), and what the virus scanner
finds. Files are stored outside the public folder under random names; ``views.evidence`` sends them
after an access check.
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
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from indicators.safeguarding.detection import find_file_name_error
from indicators.safeguarding.files.check_slots import lock_check_slot
from indicators.safeguarding.files.dangers import Danger, DangerousFile
from indicators.safeguarding.files.images import InvalidImage, TooManyPixels, strip_image_metadata
from indicators.safeguarding.files.office_documents import (
    InvalidDocument,
    UnreadableImage,
    is_document,
    strip_document_images,
)
from indicators.safeguarding.files.pdf_documents import strip_pdf_images
from indicators.safeguarding.files.virus_scanner import ScannerUnavailable, find_virus

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
    strip_images: Callable[[Upload], bytes | None] | None = None
    """Checks a document and returns it without the metadata of its images, or None as it is."""


def _starts_with(file: Upload, opening: bytes) -> bool:
    file.seek(0)
    return bool(file.read(16).startswith(opening))


_JPEG = FileType("image/jpeg", partial(_starts_with, opening=b"\xff\xd8\xff"), "JPEG")

FILE_TYPES: Mapping[str, FileType] = {
    "pdf": FileType(
        "application/pdf",
        partial(_starts_with, opening=b"%PDF-"),
        strip_images=strip_pdf_images,
    ),
    "docx": FileType(
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        partial(is_document, part="word/document.xml"),
        strip_images=strip_document_images,
    ),
    "xlsx": FileType(
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        partial(is_document, part="xl/workbook.xml"),
        strip_images=strip_document_images,
    ),
    "png": FileType("image/png", partial(_starts_with, opening=b"\x89PNG\r\n\x1a\n"), "PNG"),
    "jpg": _JPEG,
    "jpeg": _JPEG,
}
"""Extension -> type."""


_DANGERS: Mapping[Danger, Promise] = {
    Danger.MACROS: gettext_lazy(
        "“%(name)s” contains macros. Save it without macros, or as PDF, then choose it again."
    ),
    Danger.OBJECT: gettext_lazy(
        "“%(name)s” contains an object of another program. Save it as PDF, then choose that."
    ),
    Danger.REMOTE_PART: gettext_lazy(
        "“%(name)s” loads a part from elsewhere, such as a template, a picture or another "
        "workbook. Save it as PDF, then choose that."
    ),
    Danger.COMMAND: gettext_lazy(
        "“%(name)s” contains a field that starts a program or reads another file. Save it as PDF, "
        "then choose that."
    ),
    Danger.SCRIPT: gettext_lazy(
        "“%(name)s” contains a script or a form with one. Print it to a new PDF, then choose that."
    ),
    Danger.ACTION: gettext_lazy(
        "“%(name)s” starts a program, opens another file or sends data. Print it to a new PDF, "
        "then choose that."
    ),
    Danger.EMBEDDED_FILE: gettext_lazy(
        "“%(name)s” contains other files. Print it to a new PDF, and add each of them by itself."
    ),
    Danger.SECOND_FORMAT: gettext_lazy(
        "“%(name)s” is a PDF and another type of file at once. Print it to a new PDF, then choose "
        "that."
    ),
    Danger.PASSWORD: gettext_lazy(
        "“%(name)s” opens with a password only. Save it without one, then choose it again."
    ),
    Danger.LOCATION: gettext_lazy(
        "A picture in “%(name)s” tells where it was taken, and it cannot be taken out of this "
        "file. Print it to a new PDF, then choose that."
    ),
}


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
    error = find_file_name_error(name)
    if error:
        raise InvalidFile(error)
    with lock_check_slot():
        return _check_content(file, name, file_type)


def _check_content(file: Upload, name: str, file_type: FileType) -> Upload:
    if not file_type.is_content(file):
        raise InvalidFile(_content_error(name))
    _refuse_virus(file, name)
    file.seek(0)
    if file_type.strip_images:
        return _rewrite_images(file, name, file_type.strip_images)
    return _rewrite_image(file, name, file_type.image_format)


def _refuse_virus(file: Upload, name: str) -> None:
    try:
        virus = find_virus(file)
    except ScannerUnavailable:
        raise InvalidFile(
            _("The virus scanner does not answer, so “%(name)s” was not taken. Try again later.")
            % {"name": name}
        ) from None
    if virus:
        raise InvalidFile(
            _("The virus scanner found %(virus)s in “%(name)s”. Do not open it; tell your IT team.")
            % {"virus": virus, "name": name}
        )


def _rewrite_images(file: Upload, name: str, strip: Callable[[Upload], bytes | None]) -> Upload:
    try:
        content = strip(file)
    except DangerousFile as error:
        raise InvalidFile(str(_DANGERS[error.danger]) % {"name": name}) from None
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

"""Pictures as evidence: written anew, so that only what one sees is kept.

A camera writes into its files where and when a picture was taken, by which telephone, and often a
smaller picture of what was cropped away. None of that comes through.
"""

import io
import struct
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from PIL import Image, ImageOps

MAX_PIXELS = 60_000_000
"""More than a telephone takes; what would need more memory than that is refused unread."""

KEPT = ("transparency",)
"""What a picture says besides its pixels and is kept: it is needed to show them."""

JPEG_MODES = ("L", "RGB")
WRITING: Mapping[str, Mapping[str, Any]] = {"JPEG": {"quality": 88}, "PNG": {}}
"""How each of the two formats is written."""


class InvalidImage(ValueError):
    """A file that cannot be shown as a picture of its format."""


class TooManyPixels(ValueError):
    """A picture that would take too much memory."""


def strip_image_metadata(content: Any, picture_format: str, *, is_turned: bool = True) -> bytes:
    """The picture as it is to be seen, upright where ``is_turned``, and nothing else of the file.

    ``picture_format`` is JPEG or PNG. Raises InvalidImage and TooManyPixels.
    """
    with _opened(content, picture_format) as picture:
        if picture.width * picture.height > MAX_PIXELS:
            raise TooManyPixels
        picture.load()
        shown = ImageOps.exif_transpose(picture) if is_turned else picture
        return _written(shown, picture_format)


def count_pixels(content: Any, picture_format: str) -> int:
    """How many pixels the picture says that it has. Raises as ``strip_image_metadata`` does."""
    with _opened(content, picture_format) as picture:
        return picture.width * picture.height


@contextmanager
def _opened(content: Any, picture_format: str) -> Iterator[Image.Image]:
    try:
        with Image.open(content, formats=[picture_format]) as picture:
            yield picture
    except Image.DecompressionBombError:
        raise TooManyPixels from None
    except TooManyPixels:
        raise
    except (OSError, SyntaxError, ValueError, EOFError, struct.error, zlib.error) as error:
        raise InvalidImage(str(error)) from error


def _written(picture: Image.Image, picture_format: str) -> bytes:
    picture.info = {name: picture.info[name] for name in KEPT if name in picture.info}
    if picture_format == "JPEG" and picture.mode not in JPEG_MODES:
        picture = picture.convert("RGB")
    written = io.BytesIO()
    picture.save(written, picture_format, **WRITING[picture_format])
    return written.getvalue()

"""Images as evidence: rewritten without metadata.

A camera stores where, when and by which telephone an image was taken, and often a small copy of
the parts that were cropped.
"""

import io
import struct
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import IO

from PIL import Image, ImageOps

MAX_PIXELS = 24_000_000
"""Pixels of all images of a file; more are refused undecoded, for the time that they take."""

DISPLAY_INFO = ("transparency",)
"""The metadata that is needed to show the pixels."""

JPEG_MODES = ("L", "RGB")
SAVE_OPTIONS: Mapping[str, Mapping[str, int]] = {"JPEG": {"quality": 88}, "PNG": {}}


class InvalidImage(ValueError):
    """The file is no image of its format."""


class TooManyPixels(ValueError):
    """The image needs too much memory."""


def strip_image_metadata(content: IO[bytes], image_format: str, *, is_turned: bool = True) -> bytes:
    """Return the pixels, upright where ``is_turned``; raises InvalidImage and TooManyPixels."""
    with _open(content, image_format) as image:
        if image.width * image.height > MAX_PIXELS:
            raise TooManyPixels
        image.load()
        upright = ImageOps.exif_transpose(image) if is_turned else image
        return _write(upright, image_format)


def count_pixels(content: IO[bytes], image_format: str) -> int:
    """Return the number of pixels by the file's header; raises as ``strip_image_metadata``."""
    with _open(content, image_format) as image:
        return image.width * image.height


@contextmanager
def _open(content: IO[bytes], image_format: str) -> Iterator[Image.Image]:
    try:
        with Image.open(content, formats=[image_format]) as image:
            yield image
    except Image.DecompressionBombError:
        raise TooManyPixels from None
    except TooManyPixels:
        raise
    except (OSError, SyntaxError, ValueError, EOFError, struct.error, zlib.error) as error:
        raise InvalidImage(str(error)) from error


def _write(image: Image.Image, image_format: str) -> bytes:
    image.info = {name: image.info[name] for name in DISPLAY_INFO if name in image.info}
    if image_format == "JPEG" and image.mode not in JPEG_MODES:
        image = image.convert("RGB")
    written = io.BytesIO()
    image.save(written, image_format, **SAVE_OPTIONS[image_format])
    return written.getvalue()

"""Values kept small while they are many: lines of JSON, compressed as they come."""

import json
import zlib
from collections.abc import Iterator
from itertools import islice
from typing import Any

_LEVEL = 1
_PIECE = 64 * 1024
_UNPACKED = 1024**2
"""Bytes that are unpacked at a time."""


class PackedRows:
    """Takes values one by one; ``len`` is their number, ``content`` all of them packed."""

    def __init__(self) -> None:
        self._packer = zlib.compressobj(_LEVEL)
        self._packed = bytearray()
        self._number = 0

    def __len__(self) -> int:
        return self._number

    def add(self, value: Any) -> None:
        """Take one more value, of those that JSON knows."""
        # As ASCII: half a character, which a file may hold, is then written like any other.
        self._add_line(json.dumps(value, separators=(",", ":")).encode("ascii"))

    def add_all_of(self, other: "PackedRows") -> None:
        """Take the values of others too, without reading them."""
        for line in _lines(other.content()):
            self._add_line(line)

    def content(self) -> bytes:
        """What ``values_in`` reads; more can be added afterwards."""
        return bytes(self._packed) + self._packer.copy().flush()

    def _add_line(self, line: bytes) -> None:
        self._packed += self._packer.compress(line + b"\n")
        self._number += 1


def values_in(
    content: bytes | memoryview, start: int = 0, stop: int | None = None
) -> Iterator[Any]:
    """The values from place ``start`` to before ``stop``, in their order; others are not read."""
    return map(json.loads, islice(_lines(content), start, stop))


def _lines(content: bytes | memoryview) -> Iterator[bytes]:
    unpacker = zlib.decompressobj()
    rest = b""
    for start in range(0, len(content), _PIECE):
        packed: bytes | memoryview = content[start : start + _PIECE]
        while packed:
            *lines, rest = (rest + unpacker.decompress(packed, _UNPACKED)).split(b"\n")
            packed = unpacker.unconsumed_tail
            yield from lines

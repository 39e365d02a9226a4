"""The rows of a file as they were read, kept small: lines of JSON, compressed."""

import json
import zlib
from collections.abc import Collection, Iterator, Sequence
from typing import Any

from indicators.exchange.outcome import Table

_LEVEL = 1
_PIECE = 64 * 1024


class KeptRows:
    """Takes the rows of a table one by one; ``content`` is then what ``kept_table`` reads."""

    def __init__(self, table: Table) -> None:
        self._packer = zlib.compressobj(_LEVEL)
        self._pieces: list[bytes] = []
        self._add([table.columns, table.headings])

    def take(self, number: int, cells: Sequence[str]) -> None:
        self._add([number, cells])

    def content(self) -> bytes:
        """All of it; nothing is taken any more."""
        return b"".join([*self._pieces, self._packer.flush()])

    def _add(self, told: Any) -> None:
        # As ASCII: half a character, which a file may hold, is then written like any other.
        line = json.dumps(told, separators=(",", ":"))
        self._pieces.append(self._packer.compress(line.encode("ascii") + b"\n"))


def kept_table(content: bytes | memoryview, without: Collection[int] = ()) -> Table:
    """The table again, as it was read; ``without`` are the numbers of rows that it leaves out."""
    lines = _lines(content)
    columns, headings = json.loads(next(lines))
    told = map(json.loads, lines)
    rows = ((number, cells) for number, cells in told if number not in without)
    return Table(tuple(columns), tuple(headings), rows)


def _lines(content: bytes | memoryview) -> Iterator[bytes]:
    unpacker = zlib.decompressobj()
    rest = b""
    for start in range(0, len(content), _PIECE):
        *lines, rest = (rest + unpacker.decompress(content[start : start + _PIECE])).split(b"\n")
        yield from lines

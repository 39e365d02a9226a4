"""The rows of a file as they were read, kept until the file is confirmed."""

from collections.abc import Collection, Sequence

from indicators.exchange.lines import Lines, values_in
from indicators.exchange.outcome import Table


class KeptRows:
    """Takes the rows of a table one by one; ``content`` is then what ``kept_table`` reads."""

    def __init__(self, table: Table) -> None:
        self._lines = Lines()
        self._lines.add([table.columns, table.headings])

    def take(self, number: int, cells: Sequence[str]) -> None:
        self._lines.add([number, cells])

    def content(self) -> bytes:
        """All of it."""
        return self._lines.content()


def kept_table(content: bytes | memoryview, without: Collection[int] = ()) -> Table:
    """The table again, as it was read; ``without`` are the numbers of rows that it leaves out."""
    told = values_in(content)
    columns, headings = next(told)
    rows = ((number, cells) for number, cells in told if number not in without)
    return Table(tuple(columns), tuple(headings), rows)

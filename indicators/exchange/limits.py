"""How much of a file is read: beyond it a file is refused, never cut."""

MAX_BYTES = 32 * 1024**2
"""Of a file as it comes."""

MAX_UNPACKED = 160 * 1024**2
"""Of all the parts of a workbook together, unpacked."""

MAX_RATIO = 150
"""Unpacked to packed: a workbook of repeated words reaches 50, a bomb a thousand."""

MAX_PARTS = 1_000
"""Of a workbook."""

MAX_ROWS = 100_000
"""Below the headings."""

MAX_COLUMNS = 100

MAX_CELL = 32_767
"""Characters that a cell of a workbook can hold."""

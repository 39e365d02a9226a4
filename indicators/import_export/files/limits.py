"""Limits of files: a larger file is refused, never cut."""

MAX_BYTES = 32 * 1024**2
"""Of an uploaded file."""

MAX_UNPACKED = 160 * 1024**2
"""Bytes of all parts of a workbook together, unpacked."""

MAX_RATIO = 150
"""Unpacked to packed above ``MIN_SUSPECT``: a bomb reaches a thousand, and so do blank rows."""

MIN_SUSPECT = 16 * 1024**2
"""Bytes of all parts together, unpacked, below which repetition does no harm."""

MAX_PARTS = 1_000
"""Of a workbook."""

MAX_DESCRIPTION = 2 * 1024**2
"""Bytes of a part that is read whole, such as the styles of a workbook."""

MAX_ROWS = 20_000
"""Below the headings."""

MAX_COLUMNS = 100

MAX_TEXTS = MAX_ROWS * 10
"""Different texts of a workbook: the texts of a row, without those of closed lists."""

MAX_CELL = 32_767
"""Characters of a cell of a workbook."""

MAX_EMPTY = 3 * 1024**2 // 2
"""Bytes of a sheet that contain no value, in addition to ``MAX_CELL_MARKUP`` for each value."""

MAX_CELL_MARKUP = 500

MAX_BLANK = 5 * 1024**2
"""Bytes of formatted rows without a value, in addition to ``MAX_EMPTY``."""

MIN_BLANK_CELL = 20
"""Bytes that a cell without a value counts at least, since parsing it costs as much."""

MAX_DEPTH = 30
"""Of elements inside each other in a part of a workbook."""

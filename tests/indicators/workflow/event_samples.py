"""An event that is not stored yet, and the files that are."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from indicators.models import Event

AT = datetime(2019, 9, 2, 14, 30, tzinfo=UTC)
LATER = datetime(2019, 9, 3, 9, 0, tzinfo=UTC)


def new_event(**values: Any) -> Event:
    values = {"title": "Conference on child witnesses", "role": "organised"} | values
    return Event(kind="conference", occurred_on="2019-03", **values)


def stored_files(folder: Path) -> list[str]:
    return [path.name for path in folder.rglob("*") if path.is_file()]

"""Write the records of one kind into a file that ``import_records`` reads back as unchanged."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from indicators.import_export.exports.records import (
    TooLongForWorkbook,
    exported_records,
    stream_csv,
    write_workbook,
)
from indicators.import_export.rows.columns import parse_kind
from strategy.choices import RecordKind


class Command(BaseCommand):
    help = (
        "Write all records of KIND, those withdrawn excepted, into FILE, whose ending says how: "
        ".csv (UTF-8, commas) or .xlsx. import_records reads it back as unchanged."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("kind", metavar="KIND", help=", ".join(RecordKind.values))
        parser.add_argument("file", metavar="FILE", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            kind = parse_kind(options["kind"])
        except ValueError as error:
            raise CommandError(str(error)) from None
        path: Path = options["file"]
        records = exported_records(kind)
        try:
            self._write(kind, path, records)
        except (OSError, TooLongForWorkbook) as error:
            raise CommandError(f"{path} was not written: {error}") from None
        self.stdout.write(f"{path}: {records.count()} records of the kind {kind}")

    def _write(self, kind: RecordKind, path: Path, records: Any) -> None:
        """Write beside the file and put it in place whole, so that a failure leaves the old one."""
        ending = path.suffix.lower()
        if ending not in (".csv", ".xlsx"):
            raise CommandError(f"{path}: end the name of the file in .csv or .xlsx.")
        beside = path.with_name(f".{path.name}.part")
        try:
            if ending == ".csv":
                with beside.open("w", encoding="utf-8", newline="") as target:
                    target.writelines(stream_csv(kind, records))
            else:
                with beside.open("wb") as target:
                    write_workbook(kind, records, target)
            beside.replace(path)
        finally:
            beside.unlink(missing_ok=True)

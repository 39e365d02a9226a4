"""Export the records of one kind; importing the file again changes nothing."""

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
from indicators.models import Record, RecordQuerySet
from strategy.accounts.security_log.events import log_event
from strategy.choices import RecordKind
from strategy.models import SecurityAction


class Command(BaseCommand):
    help = (
        "Write all records of KIND, those withdrawn excepted, into FILE, whose ending says how: "
        ".csv (UTF-8, commas) or .xlsx. import_records reads it back as unchanged. Confidential "
        "records are included: who runs a command sees all."
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
        log_event(SecurityAction.EXPORTED, f"{kind}: {records.count()}")
        self.stdout.write(f"{path}: {records.count()} records of the kind {kind}")

    def _write(self, kind: RecordKind, path: Path, records: RecordQuerySet[Record]) -> None:
        ending = path.suffix.lower()
        if ending not in (".csv", ".xlsx"):
            raise CommandError(f"{path}: end the name of the file in .csv or .xlsx.")
        temporary = path.with_name(f".{path.name}.part")
        try:
            if ending == ".csv":
                with temporary.open("w", encoding="utf-8", newline="") as target:
                    target.writelines(stream_csv(kind, records))
            else:
                with temporary.open("wb") as target:
                    write_workbook(kind, records, target)
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)

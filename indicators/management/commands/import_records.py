"""Import the records of a file, all or nothing."""

import hashlib
from argparse import ArgumentParser, _ArgumentGroup
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from indicators.import_export.files.csv import ENCODINGS
from indicators.import_export.files.headings import UNKNOWN_COLUMNS
from indicators.import_export.files.limits import MAX_BYTES
from indicators.import_export.files.sheets import FIRST, LEAVE_OUT, READ, REPEAT
from indicators.import_export.files.table import ALL, Answers
from indicators.import_export.importer import Import, find_import_duplicates, validate_file
from indicators.import_export.rows.columns import parse_kind
from indicators.import_export.rows.results import RowStatus
from indicators.models import ImportRun
from indicators.safeguarding.detection import find_file_name_error
from indicators.workflow.actions import WorkflowError
from strategy.accounts.policy import OFFICERS, can_record, can_review
from strategy.choices import RecordKind, Role
from strategy.dates.parsing import DateOrder
from strategy.models import User

QUESTIONS = (
    "sheet",
    "hidden-rows",
    "hidden-columns",
    "merged-cells",
    "date-order",
    "encoding",
    UNKNOWN_COLUMNS,
)
"""The questions about a file that an option of the same name answers."""


class Command(BaseCommand):
    help = (
        "Bring the records of FILE (CSV, XLSX or ODS) in, all or nothing. They come in as "
        "submitted by NAME, to that person's office; the column reference tells records that are "
        "there already. Without --user it is the one M&E officer; where there are several, name "
        "one."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("kind", metavar="KIND", help=", ".join(RecordKind.values))
        parser.add_argument("file", metavar="FILE", type=Path)
        parser.add_argument(
            "--user",
            metavar="NAME",
            help="the account that submits the records; default: the only M&E officer's",
        )
        parser.add_argument(
            "--approve-as",
            metavar="NAME",
            help="the account of a manager or M&E officer that approves what it may approve: "
            "records with evidence that it neither entered nor last changed",
        )
        parser.add_argument(
            "--accept-duplicates",
            action="store_true",
            help="import records too that resemble others: same country, similar title, near dates",
        )
        parser.add_argument("--dry-run", action="store_true", help="only say what would happen")
        parser.add_argument(
            "--reason", default="", help="why records change that issued reports cite"
        )
        parser.add_argument(
            "--accept-rare-dates",
            action="store_true",
            help="the dates before 1990 or more than ten years ahead are right",
        )
        _add_answers(parser.add_argument_group("answers to questions about the file"))

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            kind = parse_kind(options["kind"])
        except ValueError as error:
            raise CommandError(str(error)) from None
        name_error = find_file_name_error(options["file"].name)
        if name_error:
            raise CommandError(name_error)
        content = _read_content(options["file"])
        approver = self._get_approver(options["approve_as"])
        try:
            checked = validate_file(
                kind,
                content,
                by=self._get_user(options["user"]),
                at=timezone.now(),
                answers=_collect_answers(options),
            )
        except WorkflowError as error:
            raise CommandError(str(error)) from None
        self._print_outcome(checked)
        if not checked.outcome.is_good:
            raise CommandError("Nothing was written. Correct the file and import it again.")
        self._check_duplicates(checked, is_accepted=options["accept_duplicates"])
        if options["dry_run"]:
            self._print_dry_run(checked, approver)
        else:
            fingerprint = hashlib.sha256(content).hexdigest()
            run = ImportRun(file_name=options["file"].name[:200], sha256=fingerprint)
            self._write(checked, approver, run, options)

    def _check_duplicates(self, checked: Import, *, is_accepted: bool) -> None:
        found = find_import_duplicates(checked)
        for number, duplicates in found.items():
            others = [f"“{one.title}” ({one.reference})" for one in duplicates.records]
            others += [f"row {row}" for row in duplicates.rows]
            if duplicates.elsewhere:
                others.append(f"{duplicates.elsewhere} of other offices")
            self.stdout.write(f"row {number}: may be recorded already: {', '.join(others)}")
        if found and not is_accepted:
            raise CommandError(
                "Nothing was written. Take these rows out of the file, or import them as other "
                "records with --accept-duplicates."
            )

    def _write(
        self, checked: Import, approver: User | None, run: ImportRun, options: Mapping[str, Any]
    ) -> None:
        try:
            logged = run if checked.outcome.has_changes else None
            approved = checked.write(
                approver,
                logged,
                reason=options["reason"],
                accepts_rare_dates=options["accept_rare_dates"],
            )
        except WorkflowError as error:
            raise CommandError(str(error)) from None
        if approver:
            self.stdout.write(f"approved {approved}")

    def _print_dry_run(self, checked: Import, approver: User | None) -> None:
        if approver:
            self.stdout.write(f"approved {len(checked.approvable(approver))}")
        self.stdout.write("A rehearsal: nothing was written.")

    def _print_outcome(self, checked: Import) -> None:
        counts = checked.outcome.counts
        self.stdout.write(
            f"new {counts[RowStatus.NEW]}, changed {counts[RowStatus.CHANGED]}, "
            f"unchanged {counts[RowStatus.UNCHANGED]}, errors {counts[RowStatus.ERROR]}"
        )
        for problem in checked.outcome.problems:
            self.stdout.write(str(problem))
        for notice in checked.outcome.notices:
            self.stdout.write(f"note: {notice}")

    def _get_user(self, name: str | None) -> User:
        if name is not None:
            return _get_account(name)
        officers = [user for user in _load_accounts(*OFFICERS) if can_record(user)]
        if len(officers) == 1:
            return officers[0]
        if officers:
            names = ", ".join(user.username for user in officers)
            raise CommandError(f"There are several M&E officers: {names}. Name one with --user.")
        raise CommandError(
            "There is no M&E officer with an office to submit the records. "
            f"Name an account with --user. {_list_names()}"
        )

    def _get_approver(self, name: str | None) -> User | None:
        if name is None:
            return None
        user = _get_account(name)
        if not can_review(user):
            raise CommandError(f"“{name}” may not approve records: only managers and officers do.")
        return user


def _add_answers(group: _ArgumentGroup) -> None:
    group.add_argument("--sheet", metavar="NAME", help="the sheet of a workbook to import")
    for name in ("hidden-rows", "hidden-columns"):
        group.add_argument(f"--{name}", choices=(READ, LEAVE_OUT))
    group.add_argument(
        "--merged-cells",
        choices=(REPEAT, FIRST),
        help="whether each row of merged cells has their value, or the first alone",
    )
    group.add_argument("--date-order", choices=[*DateOrder], help="of dates such as 02/01/2018")
    group.add_argument("--encoding", choices=[*ENCODINGS], help="of a CSV file that is not UTF-8")
    unknown = group.add_mutually_exclusive_group()
    unknown.add_argument(
        f"--{UNKNOWN_COLUMNS}",
        action="append",
        metavar="COLUMN",
        help="a column that is not of this kind of record; may be repeated",
    )
    unknown.add_argument(
        "--leave-out-unknown",
        action="store_const",
        const=[ALL],
        dest=_name_option(UNKNOWN_COLUMNS),
        help="leave out all columns that are not of this kind of record",
    )


def _collect_answers(options: Mapping[str, Any]) -> Answers:
    given = {name: options[_name_option(name)] for name in QUESTIONS}
    return {
        name: value if isinstance(value, list) else [value]
        for name, value in given.items()
        if value is not None
    }


def _name_option(name: str) -> str:
    return name.replace("-", "_")


def _read_content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}.") from None


def _load_accounts(*roles: Role) -> list[User]:
    users = User.objects.filter(is_active=True, groups__name__in=roles) if roles else User.objects
    today = timezone.localdate()
    accounts = users.select_related("office").prefetch_related("groups").order_by("username")
    return [user for user in accounts.distinct() if user.has_access_on(today)]


def _get_account(name: str) -> User:
    user = next((user for user in _load_accounts() if user.username == name), None)
    if user is None:
        raise CommandError(f"There is no account “{name}” that may be used today. {_list_names()}")
    return user


def _list_names() -> str:
    names = ", ".join(user.username for user in _load_accounts())
    return f"Accounts: {names}." if names else "There is no account yet."

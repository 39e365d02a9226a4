"""One value of one column, given to the form and to a file: both must make the same of it."""

import csv
import io
from pathlib import Path
from typing import Any

from django.test import Client

from indicators.counting.registry import RECORD_SOURCES
from indicators.import_export.importer import Import
from strategy.choices import RecordKind
from strategy.models import User
from tests.factories import make_record
from tests.support.samples.form_answers import ANSWERS, post_new
from tests.support.samples.import_files import check

CASES = Path(__file__).parents[2] / "indicators/values/cases"


def read_at_both(
    kind: RecordKind, column: str, text: str, officer: User, client: Client
) -> tuple[list[Any], list[Any]]:
    """Return the value, or the sentences about it, that form and file give."""
    if kind == RecordKind.ACTIVITY:
        make_record("initiative", reference="INI-1", entered_by=officer)
    return _read_in_form(kind, column, text, client), _read_in_file(kind, column, text, officer)


def _read_in_form(kind: RecordKind, column: str, text: str, client: Client) -> list[Any]:
    response = post_new(client, kind, **{column: text})
    if response.status_code == 400:
        return list(response.context["form"].errors[column])
    record = RECORD_SOURCES[kind].model.objects.latest("pk")
    value = getattr(record, column)
    record.delete()
    return [value]


def _read_in_file(kind: RecordKind, column: str, text: str, officer: User) -> list[Any]:
    cells = {**ANSWERS[kind], column: text}
    if kind == RecordKind.ACTIVITY:
        cells["initiative"] = "INI-1"
    file = io.StringIO()
    csv.writer(file).writerows([cells.keys(), cells.values()])
    checked = check(kind, file.getvalue(), officer)
    wrong = [str(p).split(": ", 1)[1] for p in checked.outcome.problems]
    if wrong:
        return wrong
    checked.write()
    return [getattr(RECORD_SOURCES[kind].model.objects.latest("pk"), column)]


def check_case(name: str, kind: RecordKind, by: User) -> Import:
    """Return the check of a file of ``cases``."""
    return check(kind, (CASES / name).read_text(encoding="utf-8-sig"), by)

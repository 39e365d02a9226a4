"""Any uploaded file gets a response without a server error; an exported file changes nothing."""

import csv
import io
from collections.abc import Sequence

import pytest
from django.db import transaction
from django.http import HttpResponseBase
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from xlsxwriter import Workbook

from indicators.models import ImportPreview
from strategy.choices import RecordKind
from tests.support.samples.import_files import FULL, INITIATIVE
from tests.support.samples.random_records import TEXT, random_record

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("plan")]

FEW = settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)

LIKELY = st.sampled_from(
    [
        *("", "country", "NE", "Niger;Mali", "justice", "training", "2018", "27 3 2018"),
        *("3/4/2018", "https://example.org/a", "INI-1", "=1+1", "'=1+1", "NaN", "1e999", "-0", "ﷺ"),
    ]
)
"""Cells that mean something, or nearly."""


@st.composite
def nearly_good_rows(draw: st.DrawFn) -> list[str]:
    """Draw a row that can be imported, with at most two cells replaced by any text."""
    row = FULL.replace("PRJ-1", "").strip().split(",")
    row[0] = draw(st.sampled_from(["", "INI-1", "INI-2", "INI-3"]))
    for place in draw(st.lists(st.integers(1, len(row) - 1), max_size=2)):
        row[place] = draw(LIKELY | TEXT)
    return row


ROWS = st.lists(nearly_good_rows(), max_size=4) | st.lists(
    st.lists(LIKELY | TEXT, max_size=15), max_size=6
)


def as_csv(rows: Sequence[Sequence[str]], delimiter: str) -> bytes:
    target = io.StringIO(newline="")
    csv.writer(target, delimiter=delimiter).writerows(rows)
    return target.getvalue().encode()


def as_workbook(rows: Sequence[Sequence[str]]) -> bytes:
    target = io.BytesIO()
    with Workbook(target, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            for place, text in enumerate(row):
                sheet.write_string(number, place, text)
    return target.getvalue()


def sent(client: Client, kind: str, content: bytes, name: str = "file.csv") -> str | None:
    """Upload a file and open every page it leads to; return the preview's URL, None if refused."""
    file = io.BytesIO(content)
    # Any name, as a program may send it: Django's SimpleUploadedFile refuses some.
    file.name = name  # type: ignore[attr-defined]
    answer = client.post(reverse("indicators:import_start"), {"kind": kind, "file": file})
    if answer.status_code == 400:
        assert "Error:" in answer.content.decode()
        assert not ImportPreview.objects.exists()
        return None
    assert answer.status_code == 302
    address: str = answer["Location"]
    while address.endswith("/questions/"):
        following = answer_first(client, address)
        if following.status_code == 400:
            assert not ImportPreview.objects.exists()
            return None
        address = following["Location"]
    for state in ("error", "changed", "new", "unchanged"):
        assert client.get(address, {"show": state}).status_code == 200
    for ending in ("csv", "xlsx"):
        identifier = ImportPreview.objects.get().uuid
        given_back = client.get(reverse("indicators:import_errors", args=[identifier, ending]))
        assert given_back.status_code in (200, 404)
        if given_back.status_code == 200:
            b"".join(given_back)  # type: ignore[arg-type]
    return address


def answer_first(client: Client, address: str) -> HttpResponseBase:
    """Give the first answer to each question about a file."""
    page = client.get(address)
    assert page.status_code == 200
    fields = page.context["form"].fields
    return client.post(address, {name: field.choices[0][0] for name, field in fields.items()})


@FEW
@given(rows=ROWS, delimiter=st.sampled_from(",;\t"), is_workbook=st.booleans())
def test_any_cells_are_looked_at_and_imported_or_refused(
    rows, delimiter, is_workbook, officer_client
):
    whole = [INITIATIVE.strip().split(","), *rows]
    content = as_workbook(whole) if is_workbook else as_csv(whole, delimiter)
    with transaction.atomic():
        address = sent(officer_client, "initiative", content)
        for choice in ({"rows": "good"}, {}) if address else ():
            answer = officer_client.post(address, choice, follow=True)
            assert answer.status_code in (200, 404)
        transaction.set_rollback(True)


@FEW
@example(content=b"title\nx", kind="event", name="/")
@example(content=b"title\nx", kind="event", name="..")
@given(
    content=st.binary(max_size=400)
    | st.binary(max_size=200).map(lambda b: b"PK\x03\x04" + b)
    | st.text(max_size=200).map(lambda text: f"title,role\n{text}".encode()),
    kind=st.sampled_from(RecordKind.values) | st.text(max_size=10),
    name=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=300),
)
def test_any_bytes_under_any_name_are_refused_and_never_fail(content, kind, name, officer_client):
    with transaction.atomic():
        sent(officer_client, kind, content, name)
        transaction.set_rollback(True)


@FEW
@given(data=st.data())
@pytest.mark.parametrize("kind", ["initiative", "activity", "sponsor"])
def test_the_export_of_any_records_changes_nothing_when_it_is_sent_back(kind, data, officer_client):
    with transaction.atomic():
        number = data.draw(st.integers(1, 3))
        for _one in range(number):
            random_record(RecordKind(kind), data)
        for ending in ("csv", "xlsx"):
            answer = officer_client.get(reverse("indicators:record_export", args=[kind, ending]))
            content = b"".join(answer.streaming_content)
            address = sent(officer_client, kind, content, f"back.{ending}")
            assert address
            preview = ImportPreview.objects.get()
            assert preview.outcome["counts"] == {
                "new": 0, "changed": 0, "unchanged": number, "error": 0,
            }  # fmt: skip
            assert not preview.outcome["problems"]
            preview.delete()
        transaction.set_rollback(True)


def test_a_row_that_is_nearly_good_is_good_where_nothing_was_changed(officer_client):
    """Check that the random rows reach the import at all."""
    row = FULL.replace("PRJ-1", "").strip().split(",")
    whole = [INITIATIVE.strip().split(","), row]
    for content in (as_csv(whole, ";"), as_workbook(whole)):
        address = sent(officer_client, "initiative", content)
        assert address
        assert ImportPreview.objects.get().outcome["counts"]["new"] == 1
        ImportPreview.objects.all().delete()

"""Values as people write them, in files and forms: read as one value, told or asked."""

import unicodedata
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from indicators.counting.registry import RECORD_SOURCES
from indicators.models import Event, Sponsor
from strategy.choices import RecordKind
from tests.support.samples.case_files import refuse_import, run_import
from tests.support.samples.form_answers import post_new

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("plan", "officer")]


def test_cells_with_a_time_of_day_are_read_as_their_day():
    lines = run_import("event", "date-time-cells.xlsx")
    assert lines[0] == "new 3, changed 0, unchanged 0, errors 0"
    assert "note: occurred_on: “2018-03-05 14:30:00” was read as 2018-03-05." in lines
    assert not any("“2018-03-06”" in line for line in lines)
    days = Event.objects.order_by("reference").values_list("occurred_on", flat=True)
    assert [str(day) for day in days] == ["2018-03-05", "2018-03-05", "2018-03-06"]


def test_numbers_with_separators_are_told_as_what_they_were_read(tmp_path: Path):
    amounts = ["125000,50", "١٢٥٠٫٥", "1'250'000", "12.50", "7"]
    rows = [f'Sponsor {place};2018-01-15;"{text}";CAD' for place, text in enumerate(amounts)]
    path = tmp_path / "sponsors.csv"
    path.write_text("\n".join(["title;first_agreement_on;amount;currency", *rows]))
    told = [line for line in run_import("sponsor", path) if "was read as" in line]
    assert told == [
        "note: amount: “125000,50” was read as 125000.50.",
        "note: amount: “١٢٥٠٫٥” was read as 1250.50.",
        "note: amount: “1'250'000” was read as 1250000.",
    ]
    assert Sponsor.objects.filter(amount="125000.50").exists()


def test_a_column_of_other_dates_names_the_first_ten(tmp_path: Path):
    rows = [f"Forum {day},organised,workshop,{day} March 2018" for day in range(1, 31)]
    path = tmp_path / "events.csv"
    path.write_text("\n".join(["title,role,kind,occurred_on", *rows]))
    told = [line for line in run_import("event", path) if "read" in line]
    assert len(told) == 11
    assert told[0] == "note: occurred_on: “1 March 2018” was read as 2018-03-01."
    assert told[10] == "note: occurred_on: 20 other values were read in the same way."


def test_a_date_that_is_refused_is_not_to_be_checked_too(tmp_path: Path):
    path = tmp_path / "events.csv"
    path.write_text("title,role,kind,occurred_on\nx,organised,workshop,3018\n")
    (line,) = (line for line in refuse_import("event", path) if "occurred_on" in line)
    assert line.startswith("row 2, occurred_on: “3018” is not plausible.")


@pytest.mark.parametrize(
    ("language", "kind", "field", "typed", "saved"),
    [
        ("fr", "sponsor", "amount", "125000,50", "125000.50"),
        ("fr", "sponsor", "amount", "125\u202f000,50", "125000.50"),
        ("es", "sponsor", "amount", "12,5", "12.50"),
        ("ar", "sponsor", "amount", "١٢٬٥٠٠٫٥٠", "12500.50"),
        ("ar", "event", "occurred_on", "٥ مارس ٢٠١٨", "2018-03-05"),
        ("ar", "event", "country__code", "Democratic Republic of Congo", "CD"),
        ("en", "event", "title", unicodedata.normalize("NFD", "Réunion à Saint-Étienne"), ""),
    ],
)
def test_what_is_typed_is_saved_as_one_value_in_every_language(
    language: str, kind: str, field: str, typed: str, saved: str, staff_client: Client
):
    staff_client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    answers = {"currency": "CAD"} if kind == "sponsor" else {}
    response = post_new(
        staff_client, RecordKind(kind), **answers, **{field.removesuffix("__code"): typed}
    )
    assert response.status_code == 302
    stored = RECORD_SOURCES[RecordKind(kind)].model.objects.values_list(field, "status").get()
    assert (str(stored[0]), stored[1]) == (saved or unicodedata.normalize("NFC", typed), "draft")


@pytest.mark.parametrize(
    ("language", "kind", "field", "typed", "named"),
    [
        ("ar", "event", "occurred_on", "0218-03-05", ["1900"]),
        ("es", "event", "occurred_on", "3018", ["1900"]),
        ("fr", "event", "country", "Congo", ["CD", "Kinshasa", "CG", "Brazzaville"]),
        ("es", "sponsor", "currency", "FCFA", ["XOF", "XAF"]),
        ("fr", "sponsor", "amount", "1,250", ["1250", "1.25"]),
    ],
)
def test_what_has_no_one_reading_is_asked_at_its_field_in_every_language(
    language: str, kind: str, field: str, typed: str, named: list[str], staff_client: Client
):
    staff_client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    response = post_new(staff_client, RecordKind(kind), **{field: typed})
    (sentence,) = response.context["form"].errors[field]
    assert [word for word in named if word not in sentence] == []
    assert not RECORD_SOURCES[RecordKind(kind)].model.objects.exists()

"""Values that a file writes in another way than the product: told as what they were read."""

from pathlib import Path

import pytest

from indicators.models import Event, Sponsor
from tests.support.samples.case_files import refuse_import, run_import

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
    lines = refuse_import("event", path)
    assert [line for line in lines if "occurred_on" in line] == [
        "row 2, occurred_on: “3018” is not plausible. Write a year from 1900 to 2051."
    ]

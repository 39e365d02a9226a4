"""Records that resemble others: listed before an import and in review, and decided by people."""

import io
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from indicators.forms.duplicates import (
    DuplicateSearch,
    find_duplicates,
)
from indicators.import_export.previews import (
    PreviewOutdated,
    confirm,
    load_duplicates,
    load_rows,
    make_preview,
)
from indicators.import_export.rows.results import RowStatus
from indicators.models import Event, ImportPreview
from indicators.values.similarity import ComparedRecord
from indicators.workflow.actions import InvalidTransition, save_record
from strategy.choices import RecordKind, Role
from strategy.dates.periods import PartialDate
from strategy.models import User
from tests.factories import NOON, make_record, make_user
from tests.support.samples.form_answers import read_text

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("plan")]

HEAD = "reference,title,role,kind,country,occurred_on\n"
ROWS = (
    HEAD + "E-1,Forum on safe schools,organised,workshop,SN,2018-03-05\n"
    "E-2,FORUM – Safe schools,organised,workshop,SN,2018-03-06\n"
    "E-3,Hearing of the senate,organised,workshop,SN,2018-03-06\n"
)


def preview_rows(text: str, by: User) -> ImportPreview:
    return make_preview(RecordKind.EVENT, text.encode(), "events.csv", by=by, at=NOON)


def event(title: str = "Forum on safe schools", **values: Any) -> Event:
    given = {"country": "SN", "occurred_on": "2018-03-01", "title": title, **values}
    record: Event = make_record("event", **given)
    return record


def test_a_row_is_compared_with_the_records_and_with_earlier_rows(officer):
    there = event(reference="OLD")
    found = load_duplicates(preview_rows(ROWS, officer))
    assert {number: [one.reference for one in each.records] for number, each in found.items()} == {
        2: [there.reference],
        3: [there.reference],
    }
    assert (found[2].rows, found[3].rows) == ([], [2])


@pytest.mark.parametrize(
    "other",
    [
        {"country": "NE"},
        {"occurred_on": "2019-03-01"},
        {"title": "Fair in Thiès"},
        {"title": "Forum 2 on safe schools"},
        {"status": "withdrawn"},
    ],
)
def test_another_country_date_title_or_number_is_another_record(officer, other):
    event(**other)
    text = HEAD + "E-1,Forum 1 on safe schools,organised,workshop,SN,2018-03-05\n"
    assert not load_duplicates(preview_rows(text, officer))


def test_changed_and_unchanged_rows_are_not_compared(officer):
    event(reference="E-1", title="Forum on safe schools")
    event(reference="E-9", title="Forum on safe school")
    text = HEAD + "E-1,Forum on safe schools!,organised,workshop,SN,2018-03-05\n"
    assert not load_duplicates(preview_rows(text, officer))


def test_each_row_needs_a_choice_and_what_is_left_out_is_not_imported(officer):
    event(reference="OLD")
    preview = preview_rows(ROWS, officer)
    with pytest.raises(InvalidTransition, match="Choose for each row"):
        confirm(preview, by=officer, at=NOON, choices={2: True})
    run = confirm(preview, by=officer, at=NOON, choices={2: True, 3: False})
    assert (run.new, run.left_out) == (2, 1)
    assert set(Event.objects.values_list("reference", flat=True)) == {"OLD", "E-1", "E-3"}


def test_a_likely_duplicate_saved_meanwhile_is_shown_first(officer):
    preview = preview_rows(HEAD + "E-1,Forum on safe schools,organised,workshop,SN,2018\n", officer)
    event(reference="NEW")
    with pytest.raises(PreviewOutdated):
        confirm(preview, by=officer, at=NOON)
    preview.refresh_from_db()
    assert list(load_duplicates(preview)) == [2]
    assert confirm(preview, by=officer, at=NOON, choices={2: True}).new == 1


def test_the_page_links_to_the_other_and_takes_the_choice(officer: User, officer_client: Client):
    event(reference="OLD")
    preview = preview_rows(ROWS, officer)
    ImportPreview.objects.update(created_at=timezone.now())
    address = reverse("indicators:import_preview", args=[preview.uuid])
    page = officer_client.get(address).content.decode()
    assert reverse("indicators:record_detail", args=["event", "OLD"]) in page
    assert 'name="row-2"' in page
    assert 'name="row-4"' not in page
    officer_client.post(address)
    assert Event.objects.count() == 1
    officer_client.post(address, {"row-2": "leave", "rest": "import"})
    assert set(Event.objects.values_list("reference", flat=True)) == {"OLD", "E-2", "E-3"}


def test_the_command_goes_on_only_when_duplicates_are_accepted(officer, tmp_path: Path, capsys):
    event(reference="OLD")
    path = tmp_path / "events.csv"
    path.write_text(ROWS)
    with pytest.raises(CommandError) as caught:
        call_command("import_records", "event", str(path))
    assert caught.value.returncode == 1
    assert "--accept-duplicates" in str(caught.value)
    output = capsys.readouterr().out
    assert "row 2: may be recorded already: “Forum on safe schools” (OLD)\n" in output
    assert "row 3: may be recorded already: “Forum on safe schools” (OLD), row 2\n" in output
    assert Event.objects.count() == 1
    call_command("import_records", "event", str(path), "--accept-duplicates", stdout=io.StringIO())
    assert Event.objects.count() == 4


def test_review_lists_what_a_record_resembles(manager_client: Client):
    there, waiting = event(reference="OLD"), event("Forum on safe school", status="submitted")
    response = manager_client.get(reverse("indicators:review"))
    assert "It may be recorded already:" in read_text(response)
    page = response.content.decode()
    assert page.count("data-duplicate") == 1
    assert reverse("indicators:record_detail", args=["event", there.reference]) in page
    there.delete()
    assert "data-duplicate" not in manager_client.get(reverse("indicators:review")).content.decode()
    assert waiting.pk


@pytest.mark.parametrize(("language", "office"), [("fr", "Montréal"), ("ar", "مونتريال")])
def test_the_office_of_what_a_record_resembles_is_named_in_the_reader_s_language(
    language, office, officer
):
    event(entered_by=officer)
    compared = ComparedRecord(1, "Forum on safe schools", PartialDate("2018"), frozenset())
    answers = {"title": "Forum on safe schools", "occurred_on": PartialDate("2018")}
    with override(language):
        of_many = DuplicateSearch(RecordKind.EVENT, [compared], user=officer).find()[1]
        of_form = find_duplicates(RecordKind.EVENT, answers, user=officer)
    assert [one.office for one in (*of_many.records, *of_form.records)] == [office, office]


def test_records_of_other_offices_are_counted_and_not_named(staff):
    event(entered_by=make_user(Role.STAFF, "dakar"))
    compared = ComparedRecord(1, "Forum on safe schools", PartialDate("2018"), frozenset())
    found = DuplicateSearch(RecordKind.EVENT, [compared], user=staff).find()[1]
    assert (found.records, found.elsewhere) == ([], 1)


def test_a_cell_that_was_withheld_stays_an_error_when_records_change(officer):
    there = event(reference="E-1", title="Hearing")
    text = (
        "reference,title,role,kind,notes\n"
        "E-1,Hearing in Dakar,organised,conference,\n"
        'E-2,Fair,organised,conference,"Fatou, 12 ans, Thiès"\n'
    )
    preview = preview_rows(text, officer)
    assert [row.number for row in load_rows(preview, RowStatus.ERROR)] == [3]
    there.place = "Dakar"
    save_record(there, by=officer, at=NOON)
    with pytest.raises(PreviewOutdated):
        confirm(preview, by=officer, at=NOON, is_partial=True)
    preview.refresh_from_db()
    assert [row.number for row in load_rows(preview, RowStatus.ERROR)] == [3]
    assert confirm(preview, by=officer, at=NOON, is_partial=True).new == 0
    assert not Event.objects.filter(reference="E-2").exists()

"""No text that may identify a child, and no control character, is stored by any door."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from indicators.import_export.previews import make_preview
from indicators.models import Event, FormDraft, ImportPreview
from indicators.safeguarding.detection import FindingType, find_identifiers
from indicators.workflow import actions
from reporting.annual_report.drafting.texts import (
    DraftTextKey,
    TextRejected,
    get_draft,
    save_text,
)
from reporting.figures.rating_overrides import OverrideInput, OverrideRejected, override_rating
from reporting.models import DraftTextType, NarrativeText, RatingOverride
from strategy.choices import Rating, RecordKind
from strategy.models import Plan, Target, User
from tests.factories import NOON, make_approved, make_record
from tests.support.samples.form_answers import answers, post_new

pytestmark = pytest.mark.usefixtures("plan")

MARCH_2019 = datetime(2019, 3, 14, 15, 0, tzinfo=UTC)
PHRASE = "Fatou, 12 ans"
REFUSED = (f"It was told by {PHRASE}, of Zinder.", "A null\0 character", "A bell\x07")


@pytest.mark.parametrize("text", REFUSED)
def test_the_texts_of_a_report(text: str, plan: Plan, officer: User) -> None:
    place = DraftTextKey(DraftTextType.SUMMARY, "en", "")
    with pytest.raises(TextRejected):
        save_text(get_draft(plan, "2018", 1), place, text, by=officer, at=NOON, seen_version=0)
    assert not NarrativeText.objects.exists()


@pytest.mark.parametrize("text", REFUSED)
def test_the_reason_of_a_rating(text: str, plan: Plan, officer: User) -> None:
    target = Target.objects.get(code="1.1-initiatives")
    rating = OverrideInput(Rating.OFF_TRACK, text, date(2018, 12, 31), None)
    with pytest.raises(OverrideRejected):
        override_rating(target, rating, officer, MARCH_2019)
    assert not RatingOverride.objects.exists()


@pytest.mark.parametrize("text", REFUSED)
@pytest.mark.parametrize("act", [actions.return_record, actions.withdraw])
def test_notes(text: str, act: Any, plan: Plan, manager: User, staff: User) -> None:
    record = make_approved("event") if act is actions.withdraw else make_record("event")
    if act is actions.return_record:
        actions.submit(record, by=record.entered_by, at=NOON)
    with pytest.raises(actions.InvalidTransition):
        act(record, by=manager, at=NOON, note=text)
    record.refresh_from_db()
    assert record.note_on_return == ""


def test_the_reference_of_a_form(staff_client: Client) -> None:
    page = post_new(staff_client, RecordKind.EVENT, reference="Fatou Diallo 12 ans")
    assert "looks like a child’s name" in page.context["form"].errors["reference"][0]
    assert not Event.objects.exists()
    typed = answers(RecordKind.EVENT, reference="Fatou Diallo 12 ans")
    kept = staff_client.post(reverse("indicators:form_draft_save", args=["event"]), typed)
    assert kept.status_code == 422
    assert not FormDraft.objects.exists()


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("reference", "Fatou Diallo 12 ans"),
        ("title", "Visit of Fatou, 12 ans"),
        ("notes", "Visit of Fatou, 12 ans"),
        ("occurred_on", "Fatou, 12 ans"),
        ("country", "Fatou, 12 ans"),
    ],
)
def test_no_part_of_a_preview_holds_a_refused_cell(column: str, cell: str, officer: User) -> None:
    row = {"reference": "EVE-1", "title": "Visit", "role": "organised", "kind": "conference"}
    row |= {"occurred_on": "2018-03", "country": "NE", "notes": ""}
    row |= {column: f'"{cell}"'}
    content = f"{','.join(row)}\n{','.join(row.values())}\n".encode()
    preview = make_preview(RecordKind.EVENT, content, "events.csv", by=officer, at=NOON)
    stored = json.dumps(
        list(ImportPreview.objects.values("table", "rows", "outcome", "file_name")),
        ensure_ascii=False,
    )
    assert preview.outcome["tally"]["error"] == 1
    assert "Fatou" not in stored
    assert "looks like" in stored


def test_a_number_that_names_a_child(officer: User) -> None:
    content = b'reference,title,amount,currency\nP-1,Project,"Fatou, 12 ans",CAD\n'
    make_preview(RecordKind.PROJECT, content, "projects.csv", by=officer, at=NOON)
    stored = str(ImportPreview.objects.values("table", "rows", "outcome").get())
    assert "Fatou" not in stored


def test_the_name_of_an_imported_file(
    tmp_path: Path, officer: User, officer_client: Client
) -> None:
    content = b"reference,title\nP-1,Project\n"
    file = SimpleUploadedFile("Fatou Diallo 12 ans.csv", content, "text/csv")
    page = officer_client.post(
        reverse("indicators:import_start"), {"kind": "project", "file": file}
    )
    assert page.status_code == 400
    assert "looks like a child’s" in page.content.decode()
    assert not ImportPreview.objects.exists()
    path = tmp_path / "Fatou Diallo 12 ans.csv"
    path.write_bytes(content)
    with pytest.raises(CommandError, match="looks like a child"):
        call_command("import_records", "project", str(path), user=officer.username)


AGES = [
    ("Amina, 17 ans", True),
    ("Amina, 18 ans", False),
    ("Amina, 0 ans", False),
    ("Amina is 17 years old", True),
    ("Amina is 18 years old", False),
    ("Amina (17)", True),
    ("Amina (18)", False),
    ("Amina, 17.", True),
    ("Amina, 18.", False),
    ("Amina, 12 ans et plus", False),
    ("Amina, 12-17 ans", False),
    ("Formation, 14 ans Kouassi", False),
    ("aged 14 Kouassi", True),
]


@pytest.mark.parametrize(("text", "is_found"), AGES)
def test_boundaries_of_ages(text: str, is_found: bool) -> None:
    found = {finding.type for finding in find_identifiers(text)}
    assert (FindingType.NAME_WITH_AGE in found) == is_found


@pytest.mark.parametrize(("number", "is_found"), [("A123", False), ("A1234", True)])
def test_papers_have_four_digits(number: str, is_found: bool) -> None:
    found = {finding.type for finding in find_identifiers(f"passport no. {number}")}
    assert (FindingType.IDENTITY_NUMBER in found) == is_found

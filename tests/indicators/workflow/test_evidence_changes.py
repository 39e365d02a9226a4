"""Evidence added and removed with its record, and files that are deleted with it."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from pytest_django import DjangoCaptureOnCommitCallbacks

from indicators.models import Event, Evidence, Status
from indicators.workflow import actions
from indicators.workflow.actions import UniqueValueTaken, save_record
from indicators.workflow.evidence import EvidenceEdit
from indicators.workflow.history import EvidenceChange, load_evidence_changes
from strategy.models import User
from tests.factories import make_record
from tests.indicators.workflow.event_samples import AT, LATER, new_event, stored_files
from tests.support.samples.documents.evidence_files import PDF

pytestmark = pytest.mark.django_db


def test_links_are_brought_to_what_is_asked_and_kept_in_the_history(staff: User) -> None:
    event = save_record(
        new_event(),
        by=staff,
        at=AT,
        evidence=EvidenceEdit(links=["https://a.org", "https://b.org"]),
    )
    save_record(
        event, by=staff, at=LATER, evidence=EvidenceEdit(links=["https://b.org", "https://c.org"])
    )

    assert [item.url for item in event.evidence.all()] == ["https://b.org", "https://c.org"]
    assert load_evidence_changes(Event, [event.pk])[event.pk] == {
        1: EvidenceChange(added=("https://a.org", "https://b.org")),
        2: EvidenceChange(added=("https://c.org",), removed=("https://a.org",)),
    }
    removed, *added = Evidence.history.order_by("history_type", "history_id")[::-1]
    assert (removed.history_date, removed.history_user, removed.url) == (
        LATER,
        staff,
        "https://a.org",
    )
    assert [row.history_date for row in added] == [LATER, AT, AT]


def test_a_file_is_kept_under_a_name_that_tells_nothing(staff: User, settings: Any) -> None:
    upload = SimpleUploadedFile("Décret 2019-612 signé.pdf", PDF)
    event = save_record(new_event(), by=staff, at=AT, evidence=EvidenceEdit(files=[upload]))

    item = event.evidence.get()
    assert item.name == "Décret 2019-612 signé.pdf"
    assert item.file.read() == PDF
    assert re.fullmatch(r"evidence/\d{4}/\d{2}/[0-9a-f]{32}\.pdf", item.file.name)
    assert stored_files(settings.MEDIA_ROOT) == [Path(item.file.name).name]


def test_nothing_is_left_of_a_file_whose_record_is_refused(staff: User, settings: Any) -> None:
    make_record("event", reference="EVT-1")

    with pytest.raises(UniqueValueTaken):
        save_record(
            new_event(reference="EVT-1"),
            by=staff,
            at=AT,
            evidence=EvidenceEdit(files=[SimpleUploadedFile("a.pdf", PDF)]),
        )
    assert Evidence.objects.count() == 0
    assert stored_files(settings.MEDIA_ROOT) == []


def test_nothing_is_left_of_a_file_when_writing_breaks_off(
    staff: User, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_args: Any, **_kwargs: Any) -> None:
        raise RuntimeError("the power went")

    monkeypatch.setattr(actions, "write_history", broken)
    upload = SimpleUploadedFile("a.pdf", PDF)
    with pytest.raises(RuntimeError):
        save_record(new_event(), by=staff, at=AT, evidence=EvidenceEdit(files=[upload]))
    assert (Event.objects.count(), Evidence.objects.count()) == (0, 0)
    assert stored_files(settings.MEDIA_ROOT) == []


def test_a_removed_file_goes_when_the_change_is_there_to_stay(
    staff: User,
    settings: Any,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    upload = SimpleUploadedFile("a.pdf", PDF)
    event = save_record(new_event(), by=staff, at=AT, evidence=EvidenceEdit(files=[upload]))
    item = event.evidence.get()

    with django_capture_on_commit_callbacks(execute=True):
        save_record(event, by=staff, at=LATER, evidence=EvidenceEdit(removed=[item.uuid]))
        assert len(stored_files(settings.MEDIA_ROOT)) == 1
    assert not event.evidence.exists()
    assert stored_files(settings.MEDIA_ROOT) == []


def test_removing_a_file_alone_is_a_change_like_any_other(
    staff: User, manager: User, settings: Any
) -> None:
    upload = SimpleUploadedFile("a.pdf", PDF)
    event = save_record(new_event(), by=staff, at=AT, evidence=EvidenceEdit(files=[upload]))
    actions.approve(actions.submit(event, by=staff, at=AT), by=manager, at=AT)
    version, item = event.version, event.evidence.get()
    event = save_record(event, by=staff, at=LATER, evidence=EvidenceEdit(removed=[item.uuid]))
    assert (event.status, event.version) == (Status.SUBMITTED, version + 1)
    changes = load_evidence_changes(type(event), [event.pk])
    assert changes[event.pk][event.version].removed == ("a.pdf",)

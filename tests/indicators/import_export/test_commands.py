"""The commands that import and export records."""

import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from indicators.models import Event, Status
from strategy.choices import Role
from tests.factories import make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("plan")]


def run(*args: str) -> list[str]:
    out = io.StringIO()
    call_command(*args, stdout=out)
    return out.getvalue().splitlines()


@pytest.fixture
def events(tmp_path: Path) -> Path:
    path = tmp_path / "events.csv"
    path.write_text(
        "reference,title,role,kind,country,evidence_url\n"
        "A,x,organised,conference,Sénégal,https://example.org/a\n"
        "B,y,attended,workshop,,\n",
        encoding="utf-8",
    )
    return path


def test_the_command_says_what_it_did(events, officer, manager):
    assert run("import_records", "event", str(events), "--approve-as", "rosalie") == [
        "new 2, changed 0, unchanged 0, errors 0",
        "note: country: “Sénégal” was read as SN (Senegal).",
        "approved 1",
    ]
    assert run("import_records", "event", str(events), "--user", "camille")[0] == (
        "new 0, changed 0, unchanged 2, errors 0"
    )


def test_the_command_writes_nothing_in_a_rehearsal(events, officer, manager):
    lines = run("import_records", "event", str(events), "--approve-as", "rosalie", "--dry-run")
    assert lines[0] == "new 2, changed 0, unchanged 0, errors 0"
    assert lines[2:] == ["approved 1", "A rehearsal: nothing was written."]
    assert not Event.objects.exists()


def test_the_command_names_every_error_and_ends_with_1(events, officer, capsys):
    events.write_text("reference,title,role,kind\nA,x,organized,conference\nB,,attended,visit\n")
    with pytest.raises(CommandError, match="Nothing was written") as caught:
        call_command("import_records", "event", str(events))
    assert caught.value.returncode == 1
    first, second, third = capsys.readouterr().out.splitlines()
    assert first == "new 0, changed 0, unchanged 0, errors 2"
    assert second.startswith("row 2, role: “organized” is not one of these: Organised, ")
    assert second.endswith(" Did you mean Organised?")
    assert third == "row 3, title: Enter the title."
    assert not Event.objects.exists()


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("evnt", "FILE"), "There is no kind of record “evnt”. Did you mean event? The kinds are"),
        (("event", "missing.csv"), "missing.csv cannot be read: No such file"),
        (("event", "."), "cannot be read: Is a directory"),
        (("event", "FILE", "--user", "nobody"), "no account “nobody”.*Accounts: aissa, camille"),
        (("event", "FILE", "--approve-as", "gone"), "There is no account “gone”"),
        (("event", "FILE", "--approve-as", "aissa"), "“aissa” may not approve records"),
    ],
)  # fmt: skip
def test_the_command_says_which_argument_is_wrong(args, words, events, officer, manager, staff):
    make_user(Role.MANAGER, username="gone", is_active=False)
    args = [str(events) if arg == "FILE" else arg for arg in args]
    words = words.replace("?", "[?]")
    with pytest.raises(CommandError, match=words):
        call_command("import_records", *args)


def test_without_a_name_it_is_the_only_officer_and_never_a_guess(events, manager):
    with pytest.raises(CommandError, match="There is no M&E officer"):
        call_command("import_records", "event", str(events))
    make_user(Role.OFFICER, None, username="no-office")  # type: ignore[arg-type]
    only = make_user(Role.OFFICER, username="only")
    call_command("import_records", "event", str(events))
    assert Event.objects.first().entered_by == only
    make_user(Role.OFFICER, username="second")
    with pytest.raises(CommandError, match="several M&E officers: only, second"):
        call_command("import_records", "event", str(events))
    with pytest.raises(CommandError, match="may not enter records"):
        call_command("import_records", "event", str(events), "--user", "no-office")


def test_a_deleted_record_is_not_approved_by_an_unchanged_row(events, officer, manager):
    run("import_records", "event", str(events))
    deleted = Event.objects.get(reference="A")
    Event.all_objects.filter(pk=deleted.pk).update(
        deleted_at=timezone.now(), deleted_by=officer, status=Status.SUBMITTED
    )
    assert run("import_records", "event", str(events), "--approve-as", "rosalie") == [
        "new 0, changed 0, unchanged 2, errors 0",
        "note: country: “Sénégal” was read as SN (Senegal).",
        "approved 0",
    ]
    assert Event.all_objects.get(pk=deleted.pk).status == Status.SUBMITTED

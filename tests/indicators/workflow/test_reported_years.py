"""Years closed for entry, and changes of records that issued reports cite."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from indicators.import_export.importer import validate_file
from indicators.import_export.previews import make_preview
from indicators.lists.work_queue import apply_bulk_action
from indicators.models import CitedChange, ClosedYear, Evidence, ImportRun, Initiative, Record
from indicators.workflow import actions, deletion
from indicators.workflow.reported_years import close_year, explain_closed_years, reopen_year
from indicators.workflow.transitions import Action
from reporting.annual_report.issuing import issue_annual_report
from strategy.choices import RecordKind, Role
from strategy.models import Plan, User
from tests.factories import make_approved, make_record, make_user
from tests.support.samples.form_answers import post_edit, post_new

MARCH_2019 = datetime(2019, 3, 14, 15, 0, tzinfo=UTC)
MAY_2019 = datetime(2019, 5, 2, 15, 0, tzinfo=UTC)
YEARS = reverse("indicators:reported_years")
OF_2018 = "2018-01-01/2018-12-31"


@pytest.fixture
def closed(plan: Plan, officer: User) -> ClosedYear:
    close_year(plan.year("2018"), by=officer, at=MARCH_2019)
    return ClosedYear.objects.get()


@pytest.fixture
def cited(plan: Plan, officer: User) -> Record:
    """An initiative that the issued report of 2018 cites."""
    record = make_approved("initiative", title="Niger: cited")
    issue_annual_report(plan, "2018", officer, MARCH_2019)
    return record


def act(client: Client, record: Record, name: str, **posted: Any) -> Any:
    address = reverse("indicators:record_action", args=[record.KIND, record.reference, name])
    return client.post(address, {"version": record.version, **posted}, follow=True)


def test_a_closed_year_takes_no_new_record_and_says_who_closed_it(
    closed: ClosedYear, officer: User, staff_client: Client
) -> None:
    page = post_new(staff_client, RecordKind.INITIATIVE, starts_on="2018-03", countries="Niger")
    assert page.status_code == 400
    (error,) = page.context["form"].errors["starts_on"]
    assert error.startswith(f"2018 is closed for entry: {officer} closed it on 14 March 2019.")
    assert "An M&E officer can open it again" in error
    assert not Initiative.objects.exists()
    post_new(staff_client, RecordKind.INITIATIVE, starts_on="2019-03", countries="Niger")
    assert Initiative.objects.count() == 1


@pytest.mark.parametrize("dates", [{"starts_on": "2018"}, {"starts_on": "2017", "ends_on": "2018"}])
def test_a_record_of_a_closed_year_is_neither_changed_nor_moved_out_of_it(
    dates: dict[str, Any], closed: ClosedYear, staff: User, staff_client: Client
) -> None:
    record = make_record("initiative", entered_by=staff, **dates)
    for change in ({"title": "Another"}, {"starts_on": "2019", "ends_on": ""}):
        page = post_edit(staff_client, record, countries="Niger", **{**dates, **change})
        assert page.status_code == 400
        assert "2018 is closed for entry" in page.content.decode()
    record.refresh_from_db()
    assert record.version == 1


def test_no_record_is_moved_into_a_closed_year(
    closed: ClosedYear, staff: User, staff_client: Client
) -> None:
    record = make_record("initiative", entered_by=staff, starts_on="2019")
    page = post_edit(staff_client, record, countries="Niger", starts_on="2018-12")
    assert "starts_on" in page.context["form"].errors


@pytest.mark.parametrize("kind", ["annual_budget", "action_report"])
def test_labels_of_years_are_dates_too(kind: Any, closed: ClosedYear, staff_client: Client) -> None:
    page = post_new(staff_client, kind)
    assert page.status_code == 400
    assert "2018 is closed for entry" in page.content.decode()


def test_records_of_a_closed_year_are_neither_withdrawn_nor_deleted_nor_brought_back(
    closed: ClosedYear, staff: User, officer: User, officer_client: Client, staff_client: Client
) -> None:
    approved = make_approved("initiative", starts_on="2018")
    draft = make_record("initiative", entered_by=staff, starts_on="2018", title="Draft")
    assert (
        b"2018 is closed for entry"
        in act(officer_client, approved, "withdraw", note="Wrong").content
    )
    assert b"2018 is closed for entry" in act(staff_client, draft, "delete").content
    assert not Initiative.all_objects.exclude(deleted_at=None, status__in=["approved", "draft"])
    reopen_year(closed.period, by=officer, at=MARCH_2019)
    actions.withdraw(approved, by=officer, at=MARCH_2019, note="Wrong")
    deletion.delete(draft, by=staff, at=MARCH_2019)
    close_year(closed.period, by=officer, at=MARCH_2019)
    with pytest.raises(actions.InvalidTransition, match="2018 is closed"):
        actions.restore(approved, by=officer, at=MARCH_2019)
    with pytest.raises(actions.InvalidTransition, match="2018 is closed"):
        deletion.restore_deleted(draft, by=staff, at=MARCH_2019)


def test_no_record_of_a_closed_year_begins_to_count(
    closed: ClosedYear, officer: User, manager: User, manager_client: Client, staff: User
) -> None:
    record = make_record("initiative", entered_by=staff, starts_on="2018")
    Evidence.objects.create(record=record, url="https://example.org")
    actions.submit(record, by=staff, at=MARCH_2019)
    page = act(manager_client, record, "approve").content.decode()
    assert f"2018 is closed for entry: {officer} closed it on 14 March 2019." in page
    key = f"{record.KIND}/{record.reference}/{record.version}"
    summary = apply_bulk_action([key], Action.APPROVE, {}, by=manager, at=MARCH_2019)
    assert not summary.done
    assert "An M&E officer can open it again" in "".join(summary.failed.values())
    returned = actions.return_record(record, by=manager, at=MARCH_2019, note="Not this year")
    actions.submit(returned, by=staff, at=MARCH_2019)
    reopen_year(closed.period, by=officer, at=MARCH_2019)
    actions.approve(returned, by=manager, at=MARCH_2019)
    assert returned.approved_by == manager


def test_the_form_of_a_record_of_a_closed_year_says_so_when_it_opens(
    closed: ClosedYear, staff: User, staff_client: Client
) -> None:
    def opened(**dates: Any) -> str:
        record = make_record("initiative", entered_by=staff, **dates)
        address = reverse("indicators:record_edit", args=[record.KIND, record.reference])
        return staff_client.get(address).content.decode()

    assert opened(starts_on="2018", ends_on="2018-05").count("2018 is closed for entry") == 1
    assert "closed for entry" not in opened(starts_on="2019")


def test_who_closes_a_year_is_told_what_waits_for_review(
    plan: Plan, staff: User, officer_client: Client
) -> None:
    for day in ("2018-03", "2018", "2019"):
        make_record("event", entered_by=staff, occurred_on=day, status="submitted")
    make_record("event", entered_by=staff, occurred_on="2018")

    def close(year: str) -> str:
        posted = {"year": f"{year}-01-01/{year}-12-31", "act": "close"}
        return officer_client.post(YEARS, posted, follow=True).content.decode()

    assert "2 records of it wait for review, and cannot be approved" in close("2018")
    assert "1 record of it waits for review, and cannot be approved" in close("2019")
    assert "cannot be approved" not in close("2017")


def test_a_file_with_a_record_of_a_closed_year_is_refused(
    closed: ClosedYear, officer: User
) -> None:
    old = make_record("event", entered_by=officer, occurred_on="2018-05", reference="EVE-OLD")
    lines = (
        "reference,title,role,kind,occurred_on",
        "EVE-1,Conference,organised,conference,2018-03-05",
        "EVE-2,Conference,organised,conference,2019-03-05",
        f"{old.reference},{old.title} again,organised,conference,2019-05",
    )
    prepared = validate_file(RecordKind.EVENT, "\n".join(lines).encode(), by=officer, at=MARCH_2019)
    problems = prepared.outcome.problems
    assert [(problem.row, problem.column) for problem in problems] == [
        (2, "occurred_on"),
        (4, "occurred_on"),
    ]
    assert all("2018 is closed for entry" in problem.text for problem in problems)


def test_an_officer_closes_a_year_and_opens_it_and_the_history_says_so(
    plan: Plan, officer: User, officer_client: Client
) -> None:
    for number in range(2):
        officer_client.post(YEARS, {"year": OF_2018, "act": "close"})
        officer_client.post(YEARS, {"year": OF_2018, "act": "close"})
        assert ClosedYear.objects.filter(reopened_at=None).count() == 1
        officer_client.post(YEARS, {"year": OF_2018, "act": "reopen"})
        assert not ClosedYear.objects.filter(reopened_at=None).exists()
        assert ClosedYear.objects.count() == number + 1
    page = officer_client.get(YEARS).content.decode()
    assert page.count("opened again by") == 2
    for year, name in [("1066", "close"), ("1066", "reopen"), ("2018\0", "reopen"), ("2018", "")]:
        assert officer_client.post(YEARS, {"year": year, "act": name}).status_code == 400


def test_years_of_two_plans_with_one_label_are_closed_apart(
    plan: Plan, officer: User, officer_client: Client
) -> None:
    Plan.objects.create(
        code="2018-mid", title="Second half of 2018", starts_on="2018-07-01", ends_on="2019-12-31"
    )
    page = officer_client.get(YEARS).content.decode()
    assert "1 July 2018 – 31 December 2018" in page
    assert "1 January 2018 – 31 December 2018" in page
    assert "1 January 2017" not in page
    officer_client.post(YEARS, {"year": "2018-07-01/2018-12-31", "act": "close"})
    early, late = (make_record("initiative", starts_on=month) for month in ("2018-06", "2018-07"))
    assert not explain_closed_years(early)
    assert len(explain_closed_years(late)) == 1
    officer_client.post(YEARS, {"year": OF_2018, "act": "close"})
    assert len(explain_closed_years(early)) == 1
    officer_client.post(YEARS, {"year": OF_2018, "act": "reopen"})
    assert len(explain_closed_years(late)) == 1


def test_only_officers_close_years(manager_client: Client, staff_client: Client) -> None:
    for client in (manager_client, staff_client):
        assert client.post(YEARS, {"year": OF_2018, "act": "close"}).status_code == 403
    assert not ClosedYear.objects.exists()


def test_a_cited_record_is_changed_only_with_a_reason(
    cited: Record, plan: Plan, officer: User, staff_client: Client, officer_client: Client
) -> None:
    User.objects.filter(pk=officer.pk).update(email="officer@example.org")
    cited.refresh_from_db()
    edit = reverse("indicators:record_edit", args=[cited.KIND, cited.reference])
    assert "The report of 2018 cites this record." in staff_client.get(edit).content.decode()
    page = post_edit(staff_client, cited, countries="Niger", title="Niger: renamed")
    assert "Write why you change it." in page.context["form"].errors["change_reason"][0]
    cited.refresh_from_db()
    assert cited.title == "Niger: cited"
    assert not mail.outbox
    reason = {"change_reason": "The title was wrong."}
    post_edit(staff_client, cited, countries="Niger", title="Niger: renamed", **reason)
    change = CitedChange.objects.get()
    assert (change.reason, change.reports) == ("The title was wrong.", ["2018"])
    told = [letter.body for letter in mail.outbox if letter.to == ["officer@example.org"]]
    assert any(YEARS in body for body in told)
    cited.refresh_from_db()
    pages = (
        reverse("indicators:record_detail", args=[cited.KIND, cited.reference]),
        YEARS,
        reverse("reporting:draft_edit", args=["2018", 2]) + f"?plan={plan.code}&language=en",
    )
    for address in pages:
        assert "The title was wrong." in officer_client.get(address).content.decode()


def test_a_cited_record_saved_unchanged_needs_no_reason(cited: Record, staff: User) -> None:
    actions.save_record(cited, by=staff, at=MAY_2019)
    assert not CitedChange.objects.exists()


def test_a_renamed_record_is_cited_all_the_same(cited: Record, staff: User) -> None:
    cited.reference = "INI-RENAMED"
    actions.save_record(cited, by=staff, at=MAY_2019, reason="A code of ours.")
    cited.title = "Changed again"
    with pytest.raises(actions.ValueRefused):
        actions.save_record(cited, by=staff, at=MAY_2019)


def test_a_file_changes_a_cited_record_only_with_a_reason(
    cited: Record, officer: User, officer_client: Client
) -> None:
    content = f"reference,title\n{cited.reference},Niger: of the file\n".encode()
    preview = make_preview(RecordKind.INITIATIVE, content, "a.csv", by=officer, at=timezone.now())
    address = reverse("indicators:import_preview", args=[preview.uuid])
    assert 'name="change_reason"' in officer_client.get(address).content.decode()
    refused = officer_client.post(address, {"change_reason": " "}, follow=True)
    assert "The file changes 1 record that an issued report cites." in refused.content.decode()
    for text in ("Told by Fatou, 12 ans", "A null\0"):
        officer_client.post(address, {"change_reason": text})
    cited.refresh_from_db()
    assert cited.title == "Niger: cited"
    officer_client.post(address, {"change_reason": "The register was mended."})
    cited.refresh_from_db()
    change = CitedChange.objects.get()
    assert cited.title == change.name == "Niger: of the file"
    assert (change.reason, change.reports) == ("The register was mended.", ["2018"])


def test_the_command_asks_for_the_reason_too(cited: Record, officer: User, tmp_path: Path) -> None:
    file = tmp_path / "initiatives.csv"
    file.write_text(f"reference,title\n{cited.reference},Niger: of the file\n")
    command = ("import_records", "initiative", str(file))
    with pytest.raises(CommandError, match="issued report cites"):
        call_command(*command, user=officer.username)
    call_command(*command, user=officer.username, reason="The register was mended.")
    assert CitedChange.objects.get().reason == "The register was mended."


def test_taking_back_a_file_of_cited_records_is_listed_and_told(
    cited: Record, officer: User, officer_client: Client
) -> None:
    content = f"reference,title\n{cited.reference},Niger: of the file\n".encode()
    run, now = ImportRun(file_name="a.csv", sha256="0" * 64), timezone.now()
    checked = validate_file(RecordKind.INITIATIVE, content, by=officer, at=now)
    checked.write(run=run, reason="The register was mended.")
    other = make_user(Role.OFFICER, email="second@example.org")
    officer_client.post(reverse("indicators:import_detail", args=[run.uuid]))
    cited.refresh_from_db()
    undone, written = CitedChange.objects.all()
    assert cited.title == undone.name == "Niger: cited"
    assert (undone.reason, undone.reports) == ("The import was taken back.", ["2018"])
    assert written.reason == "The register was mended."
    assert [message.to for message in mail.outbox] == [[other.email]]


def test_merging_cited_records_is_told_to_the_other_officers(
    cited: Record, officer_client: Client
) -> None:
    twin, other = make_approved("initiative"), make_user(Role.OFFICER, email="second@example.org")
    answers = {"with": twin.reference, "kept": "this", "note": "One course."}
    versions = {"version-this": cited.version, "version-other": twin.version}
    address = reverse("indicators:record_merge", args=[cited.KIND, cited.reference])
    assert officer_client.post(address, {**answers, **versions}).status_code == 302
    assert [change.reference for change in CitedChange.objects.all()] == [cited.reference]
    assert [message.to for message in mail.outbox] == [[other.email]]


def test_withdrawing_a_cited_record_is_listed_with_its_reason(cited: Record, officer: User) -> None:
    actions.withdraw(cited, by=officer, at=MAY_2019, note="It never took place.")
    change = CitedChange.objects.get()
    assert (change.is_withdrawal, change.reason) == (True, "It never took place.")


def test_a_record_that_no_report_cites_is_changed_as_ever(
    plan: Plan, staff: User, staff_client: Client
) -> None:
    record = make_approved("initiative", title="Niger: not cited", entered_by=staff)
    assert post_edit(staff_client, record, countries="Niger").status_code == 302
    assert not CitedChange.objects.exists()

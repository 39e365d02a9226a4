"""Two records of one thing become one: what stays, what moves, and who may merge them."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from indicators.counting.rules import excluded_records, plan_window
from indicators.import_export.importer import validate_file
from indicators.import_export.rows.results import RowStatus
from indicators.models import Activity, HistoryAction, Initiative, Record, Status
from indicators.workflow import actions
from indicators.workflow.audit_log import load_history
from indicators.workflow.merging import merge_records
from strategy.choices import Reason, RecordKind, Role
from strategy.models import Plan, Target, User
from tests.conftest import client_of
from tests.factories import NOON, make_approved, make_record, make_user
from tests.support.samples.form_answers import read_text

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("plan")]

LATER = NOON + timedelta(days=1)


@pytest.fixture
def twins(plan: Plan) -> tuple[Any, Any]:
    first = make_approved(
        "initiative", reference="A", title="Police training", evidence=["https://example.org/a"]
    )
    second = make_approved(
        "initiative",
        reference="B",
        title="Training of police",
        countries=["NE", "SN"],
        evidence=["https://example.org/a", "https://example.org/b"],
    )
    return first, second


def merge(kept: Record, other: Record, by: User, *taken: str) -> Any:
    return merge_records(kept, other, taken=taken, note="One course.", by=by, at=LATER)


def page_of(record: Record) -> str:
    return reverse("indicators:record_merge", args=[record.KIND, record.reference])


def test_evidence_parts_and_history_are_kept_and_one_record_counts(twins, officer):
    first, second = twins
    session = make_record("activity", initiative=second)
    kept = merge(first, second, officer)
    assert (kept.status, kept.title, kept.version) == (Status.APPROVED, "Police training", 2)
    assert [item.url for item in kept.evidence.all()] == [
        "https://example.org/a",
        "https://example.org/b",
    ]
    session.refresh_from_db()
    assert (session.initiative_id, session.version, session.status) == (first.pk, 2, Status.DRAFT)
    second.refresh_from_db()
    assert (second.status, second.merged_into_id) == (Status.WITHDRAWN, first.pk)
    assert second.approved_at
    last = load_history(second)[0]
    assert (last.act, last.note, last.by) == (HistoryAction.MERGED, "One course.", officer)
    last = load_history(kept)[0]
    assert (last.act, last.comment) == (
        HistoryAction.ABSORBED,
        "“B” was merged into this record.",
    )
    assert last.evidence.added == ("https://example.org/b",)


def test_answers_of_the_other_are_taken_field_by_field_and_need_approval(twins, officer):
    first, second = twins
    kept = merge(first, second, officer, "title", "countries")
    assert kept.title == "Training of police"
    assert {country.code for country in kept.countries.all()} == {"NE", "SN"}
    assert (kept.status, kept.changed_by, kept.submitted_at) == (Status.SUBMITTED, officer, LATER)
    with pytest.raises(actions.ActionDenied):
        actions.approve(kept, by=officer, at=LATER)


def test_figures_say_what_was_merged(twins, officer, plan):
    merge(*twins, officer)
    target = Target.objects.of_plan(plan).get(code="1.1-initiatives")
    reasons: Any = excluded_records(target, plan_window(target, date(2018, 12, 31)))
    assert list(reasons.values_list("reference", "reason")) == [("B", Reason.MERGED)]


def test_a_sponsor_takes_the_name_of_its_twin(officer):
    first, second = (make_record("sponsor", title=title) for title in ("UNICEF", "Unicef Canada"))
    assert merge(first, second, officer, "title").title == "Unicef Canada"


def test_answers_that_do_not_fit_together_are_refused(officer):
    first = make_record("event", occurred_on="2018-05", ends_on="2018-06")
    second = make_record("event", occurred_on="2018-07", ends_on="2018-08")
    with pytest.raises(actions.InvalidTransition, match="not before"):
        merge(first, second, officer, "occurred_on")
    second.refresh_from_db()
    assert second.merged_into is None


def test_the_other_reference_leads_to_the_record_that_stays(twins, officer, officer_client: Client):
    first, second = twins
    merge(first, second, officer)
    address = reverse("indicators:record_detail", args=["initiative", "B"])
    response = officer_client.get(address, follow=True)
    assert response.redirect_chain == [
        (reverse("indicators:record_detail", args=["initiative", "A"]), 302)
    ]
    assert "“B” was merged into this record." in read_text(response)
    assert reverse("indicators:record_history", args=["initiative", "B"]) in str(response.content)


def test_an_import_finds_the_record_that_stays(twins, officer):
    merge(*twins, officer)
    row = b"reference,title\nb,Police training\n"
    checked = validate_file(RecordKind.INITIATIVE, row, by=officer, at=LATER)
    assert checked.outcome.tally[RowStatus.UNCHANGED] == 1
    both = b"reference,title\nA,Police training\nB,Police training\n"
    checked = validate_file(RecordKind.INITIATIVE, both, by=officer, at=LATER)
    assert [str(problem) for problem in checked.outcome.problems] == [
        "row 3, reference: “A” is in row 2 too. Give each record its own reference."
    ]
    session = b"reference,title,initiative\nS-1,Session,B\n"
    validate_file(RecordKind.ACTIVITY, session, by=officer, at=LATER).write()
    assert Activity.objects.get().initiative.reference == "A"


def test_a_record_merged_before_leads_on(twins, officer):
    first, second = twins
    third = make_record("initiative", title="Course", countries=["NE"], reference="C")
    merge(second, third, officer)
    merge(first, Initiative.objects.get(pk=second.pk), officer)
    assert set(Initiative.objects.exclude(pk=first.pk).values_list("merged_into", flat=True)) == {
        first.pk
    }


def test_a_merger_is_undone_by_restoring_the_other(twins, officer):
    first, second = twins
    merge(first, second, officer)
    second.refresh_from_db()
    restored = actions.restore(second, by=officer, at=LATER, seen_version=second.version)
    assert (restored.status, restored.merged_into) == (Status.DRAFT, None)


@pytest.mark.parametrize("role", [Role.STAFF, Role.MANAGER, Role.BOARD, Role.ADMIN])
def test_only_officers_merge(twins, role):
    first, second = twins
    user = make_user(role)
    assert client_of(user).get(page_of(first)).status_code in (403, 404)
    with pytest.raises(actions.ActionDenied):
        merge(first, second, user)


def test_nobody_merges_a_record_with_itself_without_a_reason_or_when_withdrawn(twins, officer):
    first, second = twins
    with pytest.raises(actions.InvalidTransition, match="two different"):
        merge(first, first, officer)
    with pytest.raises(actions.InvalidTransition, match="two different"):
        merge(first, make_record("event"), officer)
    with pytest.raises(actions.InvalidTransition, match="Write why"):
        merge_records(first, second, taken=(), note=" ", by=officer, at=LATER)
    with pytest.raises(actions.InvalidTransition, match="name with an age"):
        merge_records(first, second, taken=(), note="Fatou, 12 ans", by=officer, at=LATER)
    merge(first, second, officer)
    second.refresh_from_db()
    with pytest.raises(actions.ActionDenied):
        merge(first, second, officer)


@pytest.mark.parametrize("edited", ["A", "B"])
def test_a_record_that_changed_meanwhile_is_not_merged(twins, officer, edited):
    first, second = twins
    stored = Initiative.objects.get(reference=edited)
    stored.summary = "Edited."
    actions.save_record(stored, by=officer, at=NOON)
    with pytest.raises(actions.ConcurrentEdit):
        merge(first, second, officer)
    assert not Initiative.objects.exclude(merged_into=None).exists()


def test_the_page_compares_and_merges(twins, officer_client: Client):
    first, second = twins
    choice = officer_client.get(page_of(first))
    assert "?with=B" in choice.content.decode()
    assert officer_client.get(page_of(first), {"with": "none"}).status_code == 400
    refused = officer_client.get(page_of(first), {"with": "X" * 5000}).content.decode()
    assert f"no other record “{'X' * 79}…” of this kind" in refused
    page = officer_client.get(page_of(first), {"with": "b"}).content.decode()
    assert 'name="answer-title"' in page
    assert 'name="answer-starts_on"' not in page
    # On a narrow screen each answer stands on a line of its own, with its record.
    assert page.count('data-label="A"') == page.count('data-label="B"') > 1
    form = {
        "with": "B",
        "version-this": first.version,
        "version-other": second.version,
        "answer-title": "other",
        "note": "One course.",
    }
    assert officer_client.post(page_of(first), form).status_code == 400
    response = officer_client.post(page_of(first), {**form, "kept": "other"})
    assert response.url == reverse("indicators:record_detail", args=["initiative", "B"])
    second.refresh_from_db()
    assert (second.title, second.status) == ("Training of police", Status.APPROVED)
    stale = officer_client.post(page_of(second), {**form, "with": "A", "kept": "this"})
    assert stale.status_code in (400, 403)

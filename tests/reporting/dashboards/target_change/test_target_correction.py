"""An officer corrects a plain error in a version of a target, and the target's page says so."""

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from reporting.annual_report.issuing import issue_annual_report
from reporting.annual_report.snapshot.reader import load_rows, read_snapshot
from reporting.dashboards.target_change import VersionRejected, save_correction
from strategy.choices import Role
from strategy.models import Plan, PlanChange, TargetVersion, User
from tests.conftest import client_of
from tests.factories import make_approved, make_user
from tests.support.html_tree import text_of, tree_of

pytestmark = pytest.mark.django_db

CODE = "1.1-initiatives"
TEXTS = tuple(
    f"{name}_{code}" for name in ("statement", "rule") for code in ("en", "fr", "es", "ar")
)


@pytest.fixture
def officer_client(officer: User) -> Client:
    return client_of(officer)


def get_version() -> TargetVersion:
    return TargetVersion.objects.get(target__code=CODE)


def url(version: TargetVersion) -> str:
    return f"/targets/{CODE}/versions/{version.pk}/correct/"


def answers(version: TargetVersion, **values: Any) -> dict[str, Any]:
    texts = {name: getattr(version, name) for name in TEXTS}
    texts |= {name: text.replace("50", "40") for name, text in texts.items() if "statement" in name}
    return {**texts, "minimum": "40", "reason": "The plan says 40", **values}


def test_the_effect_is_shown_and_the_correction_is_said_on_the_page(
    plan: Plan, officer: User, officer_client: Client
) -> None:
    for number in range(20):
        make_approved("initiative", title=f"Training {number}", starts_on="2018-05")
    version = get_version()
    page = officer_client.post(url(version), answers(version))
    assert page.status_code == 200
    assert "version of a target 1.1-initiatives 2017-01-01, minimum: 40 instead of 50" in (
        text_of(tree_of(page))
    )
    effects = {effect.day: effect for effect in page.context["effects"]}
    changed = effects[date(2018, 12, 31)]
    assert (changed.before.target.minimum, changed.after.target.minimum) == (50, 40)
    assert get_version().minimum == 50
    assert not PlanChange.objects.exists()

    sent = answers(version, previewed=page.context["token"])
    assert officer_client.post(url(version), sent).status_code == 302
    version = get_version()
    assert (version.minimum, version.in_force_from) == (40, plan.starts_on)
    newest = version.history.first()
    assert (newest.minimum, newest.history_change_reason) == (40, "The plan says 40")
    change = PlanChange.objects.get()
    assert (change.changed_by, list(change.targets.all())) == (officer, [version.target])
    text = text_of(tree_of(officer_client.get(f"/targets/{CODE}/")))
    assert f"by {officer}: The plan says 40" in text
    assert "Corrected on" in text


def test_a_correction_without_a_reason_or_a_difference_is_refused(
    plan: Plan, officer_client: Client
) -> None:
    version = get_version()
    page = officer_client.post(url(version), answers(version, reason=""))
    assert page.status_code == 400
    assert "Write the reason." in text_of(tree_of(page, 400))
    same = {name: getattr(version, name) for name in TEXTS}
    page = officer_client.post(url(version), {**same, "minimum": "50.0", "reason": "None"})
    assert "Nothing is different." in text_of(tree_of(page, 400))


def test_a_statement_that_contradicts_the_numbers_is_refused(
    plan: Plan, officer_client: Client
) -> None:
    version = get_version()
    page = officer_client.post(url(version), answers(version, minimum="45"))
    assert "The number 40 is no minimum, maximum or milestone." in text_of(tree_of(page, 400))


def test_only_the_day_of_a_later_version_can_be_corrected(
    plan: Plan, officer_client: Client
) -> None:
    first = get_version()
    assert "in_force_from" not in officer_client.get(url(first)).context["form"].fields
    later = TargetVersion.objects.get(pk=first.pk)
    later.pk, later.in_force_from = None, date(2019, 3, 1)
    later.save()
    same = {name: getattr(later, name) for name in TEXTS}
    sent = {**same, "minimum": "50", "reason": "It was May", "in_force_from": "2017-01-01"}
    page = officer_client.post(url(later), sent)
    assert "A version is in force from this day already." in text_of(tree_of(page, 400))
    sent["in_force_from"] = "2019-05-01"
    sent["previewed"] = officer_client.post(url(later), sent).context["token"]
    assert officer_client.post(url(later), sent).status_code == 302
    later.refresh_from_db()
    assert later.in_force_from == date(2019, 5, 1)


def test_a_version_corrected_meanwhile_is_shown_again(plan: Plan, officer_client: Client) -> None:
    version = get_version()
    token = officer_client.post(url(version), answers(version)).context["token"]
    TargetVersion.objects.filter(pk=version.pk).update(minimum=45)
    page = officer_client.post(url(version), answers(version, previewed=token))
    assert "minimum: 40 instead of 45" in text_of(tree_of(page))
    assert get_version().minimum == 45


def test_a_version_corrected_between_reading_and_saving_is_not_overwritten(
    plan: Plan, officer: User
) -> None:
    stored, version = get_version(), get_version()
    version.minimum = 40
    TargetVersion.objects.filter(pk=version.pk).update(minimum=45)
    with pytest.raises(VersionRejected):
        save_correction(stored, version, reason="Late", by=officer, at=timezone.now())
    assert get_version().minimum == 45
    assert not PlanChange.objects.exists()


def test_an_issued_report_keeps_the_version_as_it_was(plan: Plan, officer: User) -> None:
    report = issue_annual_report(plan, "2018", by=officer, at=timezone.now())
    stored, version = get_version(), get_version()
    version.minimum = 40
    save_correction(stored, version, reason="The plan says 40", by=officer, at=timezone.now())
    rows = read_snapshot(load_rows(report)).rollup.targets
    assert {row.target.code: row.target.minimum for row in rows}[CODE] == 50


@pytest.mark.parametrize("role", [Role.STAFF, Role.MANAGER, Role.BOARD, Role.ADMIN])
def test_nobody_but_an_officer_corrects_a_version(plan: Plan, role: Role) -> None:
    version = get_version()
    assert client_of(make_user(role)).post(url(version), answers(version)).status_code == 403


def test_the_version_of_another_target_is_404(plan: Plan, officer_client: Client) -> None:
    other = TargetVersion.objects.exclude(target__code=CODE).first()
    assert other is not None
    assert officer_client.get(url(other)).status_code == 404
    page = officer_client.get(f"/targets/{CODE}/").content.decode()
    assert url(get_version()) in page


def test_a_first_version_is_corrected_after_the_first_day_of_the_plan_moved(
    plan: Plan, officer_client: Client
) -> None:
    Plan.objects.update(starts_on=date(2017, 2, 1))
    version = get_version()
    page = officer_client.post(url(version), answers(version))
    assert page.status_code == 200
    assert page.context["form"].instance.in_force_from == date(2017, 2, 1)


def test_characters_that_turn_digits_round_are_taken_out(
    plan: Plan, officer_client: Client
) -> None:
    """After U+202E a page shows 04 as 40."""
    version = get_version()
    posted = answers(version, statement_en="40 initiatives \u202e", reason="A\u202e zero")
    form = officer_client.post(url(version), posted).context["form"]
    assert form.cleaned_data["statement_en"] == "40 initiatives "
    assert form.cleaned_data["reason"] == "A zero"

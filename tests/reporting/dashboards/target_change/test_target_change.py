"""An officer changes a target from a day on, and sees first what that changes."""

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from reporting.annual_report.issuing import issue_annual_report
from reporting.annual_report.snapshot.reader import load_rows, read_snapshot
from strategy.choices import Role
from strategy.models import Plan, TargetVersion, User
from tests.conftest import client_of
from tests.factories import make_approved, make_user
from tests.support.query_baselines import Baseline

pytestmark = pytest.mark.django_db

URL = "/targets/1.1-initiatives/change/"


@pytest.fixture
def officer_client(officer: User) -> Client:
    return client_of(officer)


def answers(plan: Plan, **values: Any) -> dict[str, Any]:
    first = TargetVersion.objects.get(target__code="1.1-initiatives")
    texts = {f"{name}_{code}": getattr(first, f"{name}_{code}")
             for name in ("statement", "rule") for code in ("en", "fr", "es", "ar")}  # fmt: skip
    texts |= {name: text.replace("50", "40") for name, text in texts.items() if "statement" in name}
    return {
        **texts,
        "in_force_from": "2019-03-01",
        "minimum": "40",
        "decided_by": "Board of directors",
        "reason": "Fewer funds",
        "document": "Minutes 12",
        "seen": first.pk,
        **values,
    }


def test_the_effect_is_shown_before_the_version_is_saved(
    plan: Plan, officer: User, officer_client: Client
) -> None:
    for number in range(20):
        make_approved("initiative", title=f"Training {number}", starts_on="2018-05")
    page = officer_client.post(URL, answers(plan))
    assert page.status_code == 200
    assert TargetVersion.objects.filter(target__code="1.1-initiatives").count() == 1
    effects = {effect.day: effect for effect in page.context["effects"]}
    assert [day.year for day, effect in effects.items() if effect.is_change][:2] == [2019, 2020]
    changed = effects[date(2019, 12, 31)]
    assert (changed.before.target.minimum, changed.after.target.minimum) == (50, 40)
    assert page.context["is_past"]
    sent = answers(plan, previewed=page.context["token"])
    assert officer_client.post(URL, sent).status_code == 302
    version = TargetVersion.objects.get(in_force_from="2019-03-01")
    assert (version.minimum, version.created_by, version.reason) == (40, officer, "Fewer funds")
    assert "Minutes 12" in officer_client.get("/targets/1.1-initiatives/").content.decode()


def test_the_preview_makes_the_same_queries_with_many_records(
    plan: Plan, officer_client: Client, query_baseline: Baseline
) -> None:
    for total in (1, 12):
        for number in range(total):
            make_approved("initiative", title=f"Training {total} {number}", starts_on="2018-05")
        with query_baseline("target_change_preview"):
            assert officer_client.post(URL, answers(plan)).status_code == 200


def test_answers_changed_after_the_preview_are_previewed_again(
    plan: Plan, officer_client: Client
) -> None:
    token = officer_client.post(URL, answers(plan)).context["token"]
    page = officer_client.post(URL, answers(plan, reason="Another", previewed=token))
    assert page.status_code == 200
    assert TargetVersion.objects.filter(target__code="1.1-initiatives").count() == 1


def test_the_second_of_two_officers_is_told(plan: Plan, officer_client: Client) -> None:
    first = answers(plan)
    second = answers(plan, in_force_from="2019-04-01")
    tokens = [officer_client.post(URL, each).context["token"] for each in (first, second)]
    assert officer_client.post(URL, {**first, "previewed": tokens[0]}).status_code == 302
    page = officer_client.post(URL, {**second, "previewed": tokens[1]})
    assert page.status_code == 400
    assert "Somebody else has just changed this target" in page.content.decode()
    assert TargetVersion.objects.filter(target__code="1.1-initiatives").count() == 2


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"statement_en": "45 initiatives"}, "The number 45 is no minimum"),
        ({"statement_ar": "٤٥ مبادرة"}, "The number ٤٥ is no minimum"),
        ({"statement_fr": "40 initiatives en 2019"}, ""),
        ({"in_force_from": "2016-12-31"}, "Choose a day of the plan."),
        ({"in_force_from": "2017-01-01"}, "A version is in force from this day already."),
        ({"reason": ""}, "Write the reason."),
        ({"decided_by": ""}, "Write who decided it."),
        ({"maximum": "30"}, "The maximum must not be below the minimum."),
        ({"milestone_2018": "20", "milestone_2020": "40"}, ""),
        ({"milestone_2018": "20"}, "The last milestone, that of 2018, must equal the minimum."),
        (
            {"milestone_2018": "20", "milestone_2019": "10", "milestone_2020": "40"},
            "The milestone of 2019 is below that of 2018.",
        ),
        ({"milestone_2018": "-1", "milestone_2020": "40"}, "greater than or equal to 0"),
        ({"minimum": "40,0", "milestone_2018": "٢٠", "milestone_2020": "40,0"}, ""),
        ({"minimum": "40,000"}, "can be read in two ways. Write 40000, or 40."),
        ({"minimum": "forty"}, "“forty” is not a number."),
        ({"statement_en": "40 initiatives, 12 by 2018"}, "The number 12 is no minimum"),
    ],
)
def test_a_version_that_contradicts_itself_is_refused(
    plan: Plan, officer_client: Client, values: dict[str, str], sentence: str
) -> None:
    page = officer_client.post(URL, answers(plan, **values))
    assert page.status_code == (400 if sentence else 200)
    assert sentence in page.content.decode()
    assert TargetVersion.objects.filter(target__code="1.1-initiatives").count() == 1


@pytest.mark.parametrize("role", [Role.STAFF, Role.MANAGER, Role.BOARD, Role.ADMIN])
def test_nobody_but_an_officer_changes_a_target(plan: Plan, role: Role) -> None:
    assert client_of(make_user(role)).get(URL).status_code == 403


def test_milestones_are_a_change_that_is_previewed(plan: Plan, officer_client: Client) -> None:
    same = answers(plan, minimum="50")
    same |= {name: text.replace("40", "50") for name, text in same.items() if "statement" in name}
    page = officer_client.post(URL, same)
    assert not any(effect.is_change for effect in page.context["effects"])
    values = {**same, "milestone_2018": "10", "milestone_2020": "50.0"}
    page = officer_client.post(URL, {**values, "previewed": page.context["token"]})
    changed = [effect.day.year for effect in page.context["effects"] if effect.is_change]
    assert changed[:2] == [2019, 2020]
    assert "Milestones: 10 by the end of 2018" in page.content.decode()
    sent = {**values, "previewed": page.context["token"]}
    assert officer_client.post(URL, sent).status_code == 302
    version = TargetVersion.objects.get(in_force_from="2019-03-01")
    assert version.milestones == {"2018": "10", "2020": "50.0"}
    assert version.history.latest().milestones == version.milestones
    form = officer_client.get(f"{URL}?as_of=2019-12-31").context["form"]
    assert [form[f"milestone_{year}"].value() for year in (2017, 2018, 2020)] == [None, "10", "50"]


def test_a_target_for_every_year_is_not_asked_for_milestones(
    plan: Plan, officer_client: Client
) -> None:
    form = officer_client.get("/targets/3.3-sponsors/change/").context["form"]
    assert not [name for name in form.fields if name.startswith("milestone")]


def test_an_issued_report_keeps_its_version(plan: Plan, officer: User) -> None:
    report = issue_annual_report(plan, "2019", officer, timezone.now())
    before = list(report.priorities.values_list("objectives__actuals__minimum", flat=True))
    version = TargetVersion.objects.get(target__code="1.1-initiatives")
    version.pk, version.in_force_from, version.minimum = None, date(2019, 3, 1), 40
    version._state.adding = True
    version.save()
    after = list(report.priorities.values_list("objectives__actuals__minimum", flat=True))
    assert after == before
    targets = read_snapshot(load_rows(report)).rollup.targets
    assert next(iter(targets)).target.minimum == 50


def test_the_form_has_the_present_numbers_and_asks_for_every_language(
    plan: Plan, officer_client: Client
) -> None:
    page = officer_client.get(URL)
    assert 'name="minimum" value="50"' in page.content.decode()
    assert page.context["form"]["statement_ar"].label == "Statement (العربيّة)"
    refused = officer_client.post(URL, answers(plan, statement_es=""))
    assert refused.status_code == 400
    assert "Write this text in every language." in refused.content.decode()

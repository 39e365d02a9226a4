"""An indicator without a target is measured and never rated (counting rules, 4.2)."""

import csv
import io
from datetime import UTC, date, datetime

import pytest
from django.test import Client
from django.utils.translation import override

from reporting.annual_report.issuing import issue_annual_report
from reporting.annual_report.pdf.document import render_html
from reporting.annual_report.sealing.seals import load_sealed_rows
from reporting.annual_report.snapshot.reader import load_rows, read_snapshot
from reporting.figures.rating_overrides import OverrideInput, OverrideRejected, override_rating
from reporting.figures.rollup import ObjectiveRow, TargetRow, build_rollup, build_target_row
from reporting.wording import target_notes
from strategy.choices import Rating, YearState
from strategy.models import Plan, Target, TargetVersion, User
from strategy.plan.validation import validate_plan
from tests.factories import make_approved
from tests.support.samples.target_versions import add_version

AS_OF = date(2019, 12, 31)
MARCH_2020 = datetime(2020, 3, 14, 15, 0, tzinfo=UTC)
WORDS = {f"statement_{code}": "Events" for code in ("en", "fr", "es", "ar")}
EVENTS, SPONSORS, SHARE = "2.3-events", "3.3-sponsors", "1.2-fields"


def unset(*codes: str) -> None:
    """Leave both bounds of these targets empty."""
    versions = TargetVersion.objects.filter(target__code__in=codes)
    versions.update(minimum=None, maximum=None, **WORDS)


def row(plan: Plan, code: str, as_of: date = AS_OF) -> TargetRow:
    return build_target_row(Target.objects.of_plan(plan).with_rules().get(code=code), as_of)


def objective(plan: Plan, code: str) -> ObjectiveRow:
    rows = build_rollup(plan, AS_OF).objectives
    return next(each for each in rows if each.objective.code == code)


@pytest.fixture
def measured(plan: Plan) -> Plan:
    """Count an event, two sponsors and a share of fields, for none of which a target is set."""
    unset(EVENTS, SPONSORS, SHARE)
    make_approved("event", occurred_on="2018-05-14")
    make_approved("sponsor", title="First", first_agreement_on="2018-05-02")
    make_approved("sponsor", title="Second", first_agreement_on="2019-05-02")
    for field in ("justice", "violence", "emergencies"):
        make_approved("initiative", fields_of_activity=[field], starts_on="2018-05")
    return plan


def test_a_plan_may_set_no_target(measured: Plan) -> None:
    assert [problem for problem in validate_plan(measured) if not problem.is_warning] == []


@pytest.mark.parametrize("as_of", [date(2017, 1, 31), AS_OF, date(2021, 1, 31)])
@pytest.mark.parametrize("code", [EVENTS, SPONSORS, SHARE])
def test_what_has_no_target_is_measured_and_not_rated(
    measured: Plan, code: str, as_of: date
) -> None:
    found = row(measured, code, as_of)
    assert (found.rating, found.expected) == (Rating.NO_TARGET, None)
    assert {year.state for year in found.years} <= {YearState.NO_TARGET}
    if as_of == AS_OF:
        assert found.value == {EVENTS: 1, SPONSORS: 1}.get(code, found.value)
        assert found.value is not None


def test_it_never_pulls_an_objective_down_or_up(measured: Plan) -> None:
    for number in range(6):
        make_approved("network", title=f"Network {number}", starts_on="2018")
    assert objective(measured, "2.3").rating == Rating.ACHIEVED
    unset("2.3-networks")
    assert objective(measured, "2.3").rating == Rating.NO_TARGET
    TargetVersion.objects.filter(target__code="2.3-networks").update(minimum=50)
    assert objective(measured, "2.3").rating == Rating.OFF_TRACK


def test_years_before_and_after_a_target_is_set(measured: Plan) -> None:
    add_version(SPONSORS, "2019-01-01", minimum=1)
    found = row(measured, SPONSORS)
    states = [year.state for year in found.years]
    assert states == [YearState.NO_TARGET, YearState.NO_TARGET, YearState.MET, YearState.OPEN]
    assert found.rating == Rating.ON_TRACK
    make_approved("sponsor", title="Third", first_agreement_on="2020-05-02")
    assert row(measured, SPONSORS, date(2020, 12, 31)).rating == Rating.ACHIEVED


def test_an_officer_sets_no_rating_where_no_target_is_set(
    measured: Plan, officer: User, officer_client: Client
) -> None:
    target = Target.objects.get(code=EVENTS)
    rating = OverrideInput(Rating.ON_TRACK, "Seems fine", AS_OF, None)
    with override("en"), pytest.raises(OverrideRejected, match="nothing to rate"):
        override_rating(target, rating, officer, MARCH_2020)
    page = officer_client.get(f"/targets/{EVENTS}/?as_of={AS_OF}").content.decode()
    assert "Set another rating" not in page


def test_a_rating_set_before_the_target_was_dropped_no_longer_shows(
    plan: Plan, officer: User
) -> None:
    make_approved("event", occurred_on="2018-05-14")
    target = Target.objects.get(code=EVENTS)
    rating = OverrideInput(Rating.ACHIEVED, "Seems fine", AS_OF, None)
    override_rating(target, rating, officer, MARCH_2020)
    assert row(plan, EVENTS).rating == Rating.ACHIEVED
    unset(EVENTS)
    assert row(plan, EVENTS).rating == Rating.NO_TARGET


def test_pages_and_files_say_that_no_target_is_set(measured: Plan, officer_client: Client) -> None:
    query = {"as_of": str(AS_OF), "plan": measured.code}
    for code, value in ((EVENTS, "1"), (SPONSORS, "1 in 2019"), (SHARE, "")):
        page = officer_client.get(f"/targets/{code}/", query).content.decode()
        assert "No target is set: the figure is measured and not rated." in page
        assert "(no target set)" in page
        assert f">{value}</a>" in page or not value or value in page
        assert "No target set" in page
        assert "minimum" not in page.split("<footer")[0].lower()
    dashboard = officer_client.get("/dashboard/", query).content.decode()
    assert "(no target set)" in dashboard
    assert "No target set" in officer_client.get("/summary/", query).content.decode()
    assert "no target set" in officer_client.get("/plan/", query).content.decode()
    text = officer_client.get("/summary.csv", query).content.decode("utf-8-sig")
    rows = {each["target"]: each for each in csv.DictReader(io.StringIO(text))}
    event = rows[EVENTS]
    assert (event["minimum"], event["maximum"], event["value"]) == ("", "", "1")
    assert (event["rating"], event["rating_code"]) == ("No target set", "no_target")
    assert rows["2.3-networks"]["rating_of_objective_code"] == "no_data"
    assert officer_client.get("/summary.xlsx", query).status_code == 200
    assert officer_client.get(f"/targets/{SHARE}/change/", query).status_code == 200


def test_a_report_says_that_no_target_is_set(measured: Plan, officer: User) -> None:
    report = issue_annual_report(measured, "2019", officer, MARCH_2020)
    rows = {each.target.code: each for each in read_snapshot(load_rows(report)).rollup.targets}
    for code in (EVENTS, SPONSORS, SHARE):
        assert rows[code].rating == Rating.NO_TARGET
    html = render_html(load_sealed_rows(report), "en")
    assert "(no target set)" in html
    assert "No target set" in html
    for language in ("fr", "es", "ar"):
        assert "No target set" not in render_html(load_rows(report), language)


def test_a_change_may_take_the_target_away(plan: Plan, officer_client: Client) -> None:
    make_approved("event", occurred_on="2018-05-14")
    version = TargetVersion.objects.get(target__code=EVENTS)
    texts = {f"{name}_{code}": "Events"
             for name in ("statement", "rule") for code in ("en", "fr", "es", "ar")}  # fmt: skip
    answers = {
        **texts,
        "in_force_from": "2019-03-01",
        "minimum": "",
        "decided_by": "Board",
        "reason": "No longer a target",
        "seen": version.pk,
    }
    url = f"/targets/{EVENTS}/change/"
    page = officer_client.post(url, answers)
    assert page.status_code == 200
    assert "(no target set)" in page.content.decode()
    sent = {**answers, "previewed": page.context["token"]}
    assert officer_client.post(url, sent).status_code == 302
    assert row(plan, EVENTS).rating == Rating.NO_TARGET
    assert row(plan, EVENTS, date(2019, 2, 28)).rating != Rating.NO_TARGET
    assert row(plan, EVENTS).target.has_bounds is False
    with override("en"):
        assert target_notes.format_range(row(plan, EVENTS).target) == "no target set"

"""What is written down when a report is issued, and that it reads the same ever after."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override

from reporting.annual_report.issuing import find_outstanding_items, issue_annual_report
from reporting.annual_report.snapshot.builder import build_report_rows
from reporting.annual_report.snapshot.reader import (
    IssuedReportData,
    find_changed_rows,
    localize_words,
    read_snapshot,
    round_for_report,
)
from reporting.figures.geographic_reach import calculate_reach
from reporting.figures.rollup import build_rollup
from reporting.figures.trends import build_trend
from reporting.models import (
    AnnualReport,
    ReportedActual,
    ReportedEvidence,
    ReportedObjective,
    ReportedPriority,
)
from strategy.choices import Rating, Reason, Role
from strategy.models import Country, Plan, Target, TargetVersion, UnknownYear, User
from tests.factories import make_approved, make_user, with_version
from tests.reporting.annual_report.issuing.issued_report import (
    END_OF_2018,
    MARCH_2019,
    of,
    read,
    stored_file,
)
from tests.support.database.fixtures import load_fixtures


def test_every_value_is_that_of_the_roll_up(report: AnnualReport) -> None:
    then = read(report).rollup
    now = build_rollup(report.plan, END_OF_2018)
    assert (then.as_of, then.year.label) == (END_OF_2018, "2018")
    assert then.elapsed == round_for_report(now.elapsed)
    assert [(one.objective.code, one.rating) for one in then.objectives] == [
        (one.objective.code, one.rating) for one in now.objectives
    ]
    for was, live in zip(then.targets, now.targets, strict=True):
        reading = live.actual.measurement
        assert was.target.code == live.target.code
        assert was.rating == live.rating
        assert was.years == live.years, live.target
        assert was.actual.measurement.slices == reading.slices, live.target
        pairs = [
            (was.value, live.value),
            (was.this_year.value, live.this_year.value),
            (was.expected, live.expected),
            (was.actual.measurement.numerator, reading.numerator),
            (was.actual.measurement.denominator, reading.denominator),
        ]
        for reported, value in pairs:
            assert reported == (None if value is None else round_for_report(value)), live.target


def test_the_figures_are_those_that_the_records_give(report: AnnualReport) -> None:
    found = {line.target.code: line.value for line in read(report).rollup.targets}
    assert found["1.1-initiatives"] == 4
    assert found["1.1-countries"] == 3
    assert found["1.2-fields"] == 25
    assert found["3.3-budget"] == 5
    assert found["2.3-networks"] is None
    assert found["2.3-events"] == 0


def test_one_citation_stands_for_each_record_that_counts(report: AnnualReport) -> None:
    basis_by_target = read(report).basis_by_target
    for line in build_rollup(report.plan, END_OF_2018).targets:
        cited = sorted(
            citation.reference for citation in basis_by_target[line.target.code].citations
        )
        counted = line.actual.evidence.order_by("reference").values_list("reference", flat=True)
        assert cited == sorted(counted), line.target
        excluded: list[Any] = list(line.actual.excluded)
        reasons = [record.reason for record in excluded]
        left_out = {reason: reasons.count(reason) for reason in reasons}
        assert dict(basis_by_target[line.target.code].left_out) == left_out


def test_a_citation_says_what_the_record_was(plan: Plan, officer: User) -> None:
    decision = make_approved(
        "decision",
        title="Decree on interview rooms",
        authority_country="BF",
        countries_concerned=["NE", "BF"],
        occurred_on="2018-05",
        evidence=["https://example.org/decree", "https://example.org/more"],
        entered_by=make_user(Role.STAFF, "dakar"),
    )
    report = issue_annual_report(plan, "2018", officer, MARCH_2019)
    [citation] = read(report).basis_by_target["2.1-decisions"].citations
    assert citation.kind == "decision"
    assert citation.reference == decision.reference
    assert citation.title == "Decree on interview rooms"
    assert (citation.begins, citation.ends, citation.year) == ("2018-05", "", "")
    assert citation.countries[0] == "Burkina Faso"
    assert len(citation.countries) == 2
    assert citation.office == "Dakar"
    assert citation.link == "https://example.org/decree"


@pytest.mark.parametrize(
    ("kind", "target", "values", "dates"),
    [
        (
            "initiative",
            "1.1-initiatives",
            {"starts_on": "2015", "ends_on": "2018-06-30"},
            ("2015", "2018-06-30", ""),
        ),
        ("event", "2.3-events", {"occurred_on": "2018-09-11"}, ("2018-09-11", "", "")),
        ("annual_budget", "3.3-budget", {"year": "2018"}, ("", "", "2018")),
        (
            "action_report",
            "3.1-report",
            {"filed_under": ["3.1"], "year_covered": "2017", "issued_on": "2018-02"},
            ("2018-02", "", "2017"),
        ),
    ],
)
def test_dates_are_cited_as_they_were_entered(
    kind: str,
    target: str,
    values: dict[str, Any],
    dates: tuple[str, str, str],
    plan: Plan,
    officer: User,
) -> None:
    make_approved(kind, **values)
    report = issue_annual_report(plan, "2018", officer, MARCH_2019)
    [citation] = read(report).basis_by_target[target].citations
    assert (citation.begins, citation.ends, citation.year) == dates


def test_trends_and_the_countries_reached_are_kept(report: AnnualReport) -> None:
    then = read(report)
    for line in build_rollup(report.plan, END_OF_2018).targets:
        assert then.basis_by_target[line.target.code].trend == build_trend(line.target, END_OF_2018)
    reach = calculate_reach(build_rollup(report.plan, END_OF_2018))
    assert then.reach is not None
    assert reach is not None
    assert then.reach.countries == reach.countries
    assert [tie.dimension for tie in then.reach.targets] == [tie.dimension for tie in reach.targets]


def test_a_plan_that_counts_no_country_has_no_reach(plan: Plan, officer: User) -> None:
    Target.objects.filter(code__in=["1.1-countries", "2.1-countries"]).delete()
    report = issue_annual_report(plan, "2018", officer, MARCH_2019)
    assert read(report).reach is None


def test_the_words_are_there_in_every_language(report: AnnualReport) -> None:
    for language, _name in settings.LANGUAGES:
        with override(language):
            then = read(report)
            for line in build_rollup(report.plan, END_OF_2018).targets:
                was = of(then, line.target.code).target
                indicator = line.target.indicator
                assert was.rule == line.target.rule
                assert was.name == line.target.name
                assert was.indicator.statement == indicator.statement
                assert was.indicator.baseline == indicator.baseline
                assert was.indicator.objective.short_title == indicator.objective.short_title
                assert was.plan.title == report.plan.title


def test_a_list_that_is_to_be_confirmed_is_kept_as_such(report: AnnualReport) -> None:
    lists = read(report).basis_by_target["2.2-decisions"].lists
    assert any(not one.is_confirmed and one.source for one in lists)


def test_changing_a_record_changes_the_dashboard_and_not_the_report(report: AnnualReport) -> None:
    before = read(report)
    make_approved("initiative", countries=["MG"], fields_of_activity=["justice"])
    Country.objects.filter(code="SN").update(name_en="Senegambia", name="Senegambia")
    versions = TargetVersion.objects.filter(target__code="1.1-countries")
    versions.update(rule_en="Another rule", minimum=7)
    Plan.objects.update(on_track_from=Decimal("0.5"), at_risk_from=Decimal("0.1"))
    today = build_rollup(Plan.objects.get(), END_OF_2018)
    assert next(line.value for line in today.targets) == 5
    then = read(report)
    assert [line.value for line in then.rollup.targets] == [
        line.value for line in before.rollup.targets
    ]
    countries = of(then, "1.1-countries")
    assert countries.target.minimum == 25
    assert countries.target.rule == of(before, "1.1-countries").target.rule
    assert countries.rating == Rating.OFF_TRACK
    assert then.rollup.plan.on_track_from == Decimal("0.9")
    assert {piece.label for piece in countries.actual.measurement.slices} == {
        "Niger",
        "Senegal",
        "Togo",
    }
    assert len(then.basis_by_target["1.1-initiatives"].citations) == 4


def test_what_reads_differently_today_is_known(report: AnnualReport) -> None:
    assert find_changed_rows(read(report), build_rollup(report.plan, END_OF_2018)) == {}
    make_approved("initiative", countries=["MG"], fields_of_activity=["justice"])
    changed = find_changed_rows(read(report), build_rollup(report.plan, END_OF_2018))
    assert changed["1.1-initiatives"].value == 5
    assert changed["1.1-countries"].value == 4
    assert changed["1.2-fields"].value == 20
    assert set(changed) == {"1.1-initiatives", "1.1-countries", "1.2-fields"}
    Target.objects.filter(code="1.1-initiatives").delete()
    assert "1.1-initiatives" not in find_changed_rows(
        read(report), build_rollup(report.plan, END_OF_2018)
    )


def test_what_was_reported_never_asks_for_the_records_of_today(report: AnnualReport) -> None:
    line = of(read(report), "1.1-initiatives")
    with pytest.raises(TypeError, match="citations"):
        line.actual.evidence  # noqa: B018
    with pytest.raises(TypeError, match="left out"):
        line.actual.excluded  # noqa: B018


def test_reading_a_report_costs_the_same_however_many_records(
    plan: Plan, officer: User, django_assert_num_queries: Callable[..., Any]
) -> None:
    few = issue_annual_report(plan, "2017", officer, MARCH_2019)
    for number in range(12):
        make_approved("event", title=f"Event {number}")
    many = issue_annual_report(plan, "2018", officer, MARCH_2019)
    for report in (few, many):
        with CaptureQueriesContext(connection) as queries:
            read(report)
        assert len(queries) == 5, queries.captured_queries


def test_issuing_costs_the_same_however_many_records(records: Plan, officer: User) -> None:
    issue_annual_report(records, "2017", officer, MARCH_2019)
    counts = []
    for _round in range(2):
        with CaptureQueriesContext(connection) as queries, transaction.atomic():
            issue_annual_report(records, "2018", officer, MARCH_2019)
            transaction.set_rollback(True)
        counts.append(len(queries))
        # Few enough for one insertion of citations, of which SQLite takes 71.
        for number in range(10):
            make_approved("initiative", title=f"Training {number}", countries=["NE", "SN"])
    assert counts[0] == counts[1]


def compare_grounds(reported: IssuedReportData) -> dict[str, object]:
    """Return the bases with their lists as values: unsaved model objects are never equal."""
    return {
        code: (
            replace(basis, lists=()),
            [(used.name, used.source, used.valid_from, used.is_confirmed) for used in basis.lists],
        )
        for code, basis in reported.basis_by_target.items()
    }


def test_a_draft_is_what_would_be_issued(records: Plan, officer: User) -> None:
    draft = read_snapshot(build_report_rows(records, "2018", officer, MARCH_2019))
    assert not AnnualReport.objects.exists()
    issued = read(issue_annual_report(records, "2018", officer, MARCH_2019))
    assert compare_grounds(draft) == compare_grounds(issued)
    assert [(line.target.code, line.actual.measurement) for line in draft.rollup.targets] == [
        (line.target.code, line.actual.measurement) for line in issued.rollup.targets
    ]


def test_a_second_plan_is_issued_by_its_own_years(db: None) -> None:
    load_fixtures("countries", "reference", "plan_2017_2020", "tests/fixtures/april_plan.json")
    officer = make_user(Role.OFFICER, "montreal")
    plan = Plan.objects.get(code="april-plan")
    with pytest.raises(UnknownYear):
        build_report_rows(plan, "2021", officer, MARCH_2019)
    report = issue_annual_report(plan, "2021-2022", officer, datetime(2022, 4, 1, 12, tzinfo=UTC))
    assert report.as_of == date(2022, 3, 31)
    assert read(report).rollup.year == plan.year("2021-2022")
    assert read(report).rollup.plan.years == plan.years


def test_what_is_still_open_is_named_before_it_is_issued(records: Plan) -> None:
    matters = {one.target.code: one for one in find_outstanding_items(records, "2018")}
    assert matters["1.1-initiatives"].left_out == {Reason.NOT_APPROVED: 1}
    assert matters["3.1-report"].years == ("2018",)
    assert matters["3.3-sponsors"].years == ("2017", "2018")
    assert "2.3-events" not in matters, "that one only attended is nothing to be settled"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("24.99999999999", "24.9999999999"),
        ("25.00000000001", "25.0000000000"),
        ("20.00000000001", "20.0000000001"),
        ("19.99999999999", "20.0000000000"),
        ("9.99999999999", "9.9999999999"),
        ("23.80952380952", "23.8095238095"),
    ],
)
def test_no_kept_value_is_on_the_other_side_of_a_bound(value: str, expected: str) -> None:
    minimum = 25 if value.startswith("2") and not value.startswith("20") else 10
    maximum = None if minimum == 25 else Decimal(20)
    target = with_version(Target(), minimum=Decimal(minimum), maximum=maximum)
    assert round_for_report(Decimal(value), target) == Decimal(expected)


def test_a_text_that_a_language_lacks_is_given_in_another() -> None:
    with override("ar"):
        assert localize_words({"en": "Niger", "fr": "Niger (le)"}) == "Niger"
        assert localize_words({"fr": "Niger (le)"}) == "Niger (le)"
        assert localize_words({}) == ""


def test_the_rows_say_what_they_are(report: AnnualReport) -> None:
    assert str(report) == "2017-2020 2018, 1"
    assert str(ReportedPriority.objects.get(number=1)).startswith("1. Promoting")
    assert str(ReportedObjective.objects.get(code="2.3")) == "2.3"
    assert str(ReportedActual.objects.get(code="1.2-fields")) == "1.2-fields"
    assert {str(row)[:3] for row in ReportedEvidence.objects.filter(record_kind="decision")} == {
        "DEC"
    }
    assert str(stored_file(report)) == "ibcr-annual-report-2018-en.pdf"

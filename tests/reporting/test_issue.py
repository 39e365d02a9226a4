"""Issuing a report: what is written down, whole or not at all, and that it never changes."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import IntegrityError, connection, models, transaction
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override

from reporting import issue
from reporting.issue import (
    NotIssued,
    issue_annual_report,
    issue_problems,
    open_matters,
)
from reporting.models import (
    AnnualReport,
    FileRequest,
    ReportedActual,
    ReportedEvidence,
    ReportedObjective,
    ReportedPriority,
    ReportFile,
)
from reporting.places import reach_of
from reporting.report.reported import Reported, as_reported, in_words, kept, now_reads, rows_of
from reporting.report.rows import draft_report
from reporting.rollup import TargetLine, rollup
from reporting.trends import trend_for
from strategy.models import Country, Plan, Target, UnknownYear, User
from strategy.vocabulary import Rating, Reason, Role
from tests.factories import make_approved, make_record, make_user
from tests.loading import load_fixtures

MARCH_2019 = datetime(2019, 3, 14, 15, 0, tzinfo=UTC)
END_OF_2018 = date(2018, 12, 31)
ROWS: tuple[type[models.Model], ...] = (
    AnnualReport,
    ReportedPriority,
    ReportedObjective,
    ReportedActual,
    ReportedEvidence,
    ReportFile,
)


@pytest.fixture
def records(plan: Plan) -> Plan:
    """A plan with something behind every kind of measure, and with records left out."""
    for country, fields in (("NE", ["justice"]), ("SN", ["violence"]), ("SN", ["emergencies"])):
        make_approved(
            "initiative", countries=[country], fields_of_activity=fields, starts_on="2018"
        )
    make_approved("initiative", countries=["TG", "CA"], fields_of_activity=["justice", "violence"])
    make_record("initiative", status="submitted", evidence=1)
    make_approved("decision", authority_country="BF", countries_concerned=["BF", "NE"])
    make_approved("decision", authority_country="CA", countries_concerned=["HN"])
    make_approved("country_support", country="CI")
    make_approved("event", role="attended")
    make_approved("sector_strengthened", sector="education")
    for year, amount in (("2016", "100"), ("2017", "115"), ("2018", "120.75")):
        make_approved("annual_budget", year=year, amount=amount)
    make_approved("policy_update", areas=["human_resources"])
    make_approved("action_report", filed_under=["3.1"], year_covered="2017", issued_on="2018-02-01")
    return plan


@pytest.fixture
def report(records: Plan, officer: User) -> AnnualReport:
    return issue_annual_report(records, "2018", officer, MARCH_2019)


def read(report: AnnualReport) -> Reported:
    return as_reported(rows_of(AnnualReport.objects.get(pk=report.pk)))


def of(reported: Reported, code: str) -> TargetLine:
    return next(line for line in reported.rolled.targets if line.target.code == code)


def test_every_value_is_that_of_the_roll_up(report: AnnualReport) -> None:
    then = read(report).rolled
    now = rollup(report.plan, END_OF_2018)
    assert (then.as_of, then.year.label) == (END_OF_2018, "2018")
    assert then.elapsed == kept(now.elapsed)
    assert [(one.objective.code, one.rating) for one in then.objectives] == [
        (one.objective.code, one.rating) for one in now.objectives
    ]
    for was, live in zip(then.targets, now.targets, strict=True):
        reading = live.actual.reading
        assert was.target.code == live.target.code
        assert was.rating == live.rating
        assert was.years == live.years, live.target
        assert was.actual.reading.slices == reading.slices, live.target
        pairs = [
            (was.value, live.value),
            (was.this_year.value, live.this_year.value),
            (was.expected, live.expected),
            (was.actual.reading.numerator, reading.numerator),
            (was.actual.reading.denominator, reading.denominator),
        ]
        for reported, value in pairs:
            assert reported == (None if value is None else kept(value)), live.target


def test_the_figures_are_those_that_the_records_give(report: AnnualReport) -> None:
    found = {line.target.code: line.value for line in read(report).rolled.targets}
    assert found["1.1-initiatives"] == 4
    assert found["1.1-countries"] == 3
    assert found["1.2-fields"] == 25
    assert found["3.3-budget"] == 5
    assert found["2.3-networks"] is None
    assert found["2.3-events"] == 0


def test_one_citation_stands_for_each_record_that_counts(report: AnnualReport) -> None:
    grounds = read(report).grounds
    for line in rollup(report.plan, END_OF_2018).targets:
        cited = sorted(citation.reference for citation in grounds[line.target.code].citations)
        counted = line.actual.evidence.order_by("reference").values_list("reference", flat=True)
        assert cited == sorted(counted), line.target
        reasons = list(line.actual.left_out.values_list("reason", flat=True))
        left_out = {Reason(reason): reasons.count(reason) for reason in reasons}
        assert dict(grounds[line.target.code].left_out) == left_out


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
    [citation] = read(report).grounds["2.1-decisions"].citations
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
    [citation] = read(report).grounds[target].citations
    assert (citation.begins, citation.ends, citation.year) == dates


def test_trends_and_the_countries_reached_are_kept(report: AnnualReport) -> None:
    then = read(report)
    for line in rollup(report.plan, END_OF_2018).targets:
        assert then.grounds[line.target.code].trend == trend_for(line.target, END_OF_2018)
    reach = reach_of(rollup(report.plan, END_OF_2018))
    assert then.reach is not None
    assert reach is not None
    assert then.reach.places == reach.places
    assert [tie.dimension for tie in then.reach.ties] == [tie.dimension for tie in reach.ties]


def test_a_plan_that_counts_no_country_has_no_reach(plan: Plan, officer: User) -> None:
    Target.objects.filter(code__in=["1.1-countries", "2.1-countries"]).delete()
    report = issue_annual_report(plan, "2018", officer, MARCH_2019)
    assert read(report).reach is None


def test_the_words_are_there_in_every_language(report: AnnualReport) -> None:
    for language, _name in settings.LANGUAGES:
        with override(language):
            then = read(report)
            for line in rollup(report.plan, END_OF_2018).targets:
                was = of(then, line.target.code).target
                indicator = line.target.indicator
                assert was.rule == line.target.rule
                assert was.name == line.target.name
                assert was.indicator.statement == indicator.statement
                assert was.indicator.baseline == indicator.baseline
                assert was.indicator.objective.short_title == indicator.objective.short_title
                assert was.plan.title == report.plan.title


def test_a_list_that_is_to_be_confirmed_is_kept_as_such(report: AnnualReport) -> None:
    lists = read(report).grounds["2.2-decisions"].lists
    assert any(not one.is_confirmed and one.source for one in lists)


def test_changing_a_record_changes_the_dashboard_and_not_the_report(report: AnnualReport) -> None:
    before = read(report)
    make_approved("initiative", countries=["MG"], fields_of_activity=["justice"])
    Country.objects.filter(code="SN").update(name_en="Senegambia", name="Senegambia")
    Target.objects.filter(code="1.1-countries").update(rule_en="Another rule", minimum=7)
    Plan.objects.update(on_track_from=Decimal("0.5"), at_risk_from=Decimal("0.1"))
    today = rollup(Plan.objects.get(), END_OF_2018)
    assert next(line.value for line in today.targets) == 5
    then = read(report)
    assert [line.value for line in then.rolled.targets] == [
        line.value for line in before.rolled.targets
    ]
    countries = of(then, "1.1-countries")
    assert countries.target.minimum == 25
    assert countries.target.rule == of(before, "1.1-countries").target.rule
    assert countries.rating == Rating.OFF_TRACK
    assert then.rolled.plan.on_track_from == Decimal("0.9")
    assert {piece.label for piece in countries.actual.reading.slices} == {
        "Niger",
        "Senegal",
        "Togo",
    }
    assert len(then.grounds["1.1-initiatives"].citations) == 4


def test_what_reads_differently_today_is_known(report: AnnualReport) -> None:
    assert now_reads(read(report), rollup(report.plan, END_OF_2018)) == {}
    make_approved("initiative", countries=["MG"], fields_of_activity=["justice"])
    changed = now_reads(read(report), rollup(report.plan, END_OF_2018))
    assert changed["1.1-initiatives"] == 5
    assert changed["1.1-countries"] == 4
    assert changed["1.2-fields"] == 20
    assert set(changed) == {"1.1-initiatives", "1.1-countries", "1.2-fields"}
    Target.objects.filter(code="1.1-initiatives").delete()
    assert "1.1-initiatives" not in now_reads(read(report), rollup(report.plan, END_OF_2018))


def test_what_was_reported_never_asks_for_the_records_of_today(report: AnnualReport) -> None:
    line = of(read(report), "1.1-initiatives")
    with pytest.raises(TypeError, match="citations"):
        line.actual.evidence  # noqa: B018
    with pytest.raises(TypeError, match="left out"):
        line.actual.left_out  # noqa: B018


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
        for number in range(20):
            make_approved("initiative", title=f"Training {number}", countries=["NE", "SN"])
    assert counts[0] == counts[1]


@pytest.mark.parametrize(
    ("year", "at", "problem"),
    [
        ("2019", MARCH_2019, "is not over"),
        ("2018", datetime(2018, 12, 31, 23, tzinfo=UTC), "is not over"),
        ("2021", MARCH_2019, "has no year “2021”"),
        ("abc", MARCH_2019, "has no year “abc”"),
    ],
)
def test_a_year_is_issued_once_it_is_over(
    year: str, at: datetime, problem: str, plan: Plan, officer: User
) -> None:
    assert problem in " ".join(issue_problems(plan, year, officer, at))
    with pytest.raises(NotIssued, match=problem):
        issue_annual_report(plan, year, officer, at)
    assert not AnnualReport.objects.exists()


def test_the_year_is_over_where_the_organisation_is(plan: Plan, officer: User) -> None:
    at_midnight_in_montreal = datetime(2019, 1, 1, 5, 0, tzinfo=UTC)
    assert issue_problems(plan, "2018", officer, at_midnight_in_montreal) == []
    an_hour_before = datetime(2019, 1, 1, 4, 0, tzinfo=UTC)
    assert issue_problems(plan, "2018", officer, an_hour_before) != []


@pytest.mark.parametrize("role", [None, Role.STAFF, Role.MANAGER, Role.BOARD, Role.ADMIN])
def test_only_an_officer_issues(role: Role | None, plan: Plan) -> None:
    with pytest.raises(NotIssued, match="Only an M&E officer"):
        issue_annual_report(plan, "2018", make_user(role), MARCH_2019)
    assert not AnnualReport.objects.exists()


def test_a_year_is_issued_once(report: AnnualReport, officer: User) -> None:
    with pytest.raises(NotIssued, match="already issued"):
        issue_annual_report(report.plan, "2018", officer, MARCH_2019)
    assert AnnualReport.objects.count() == 1


def test_of_two_who_issue_at_once_one_is_told_so(
    report: AnnualReport, officer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other's report came in after the check: only the database noticed."""
    answers: Iterator[list[str]] = iter([[], ["The report of 2018 is already issued."]])
    monkeypatch.setattr(issue, "issue_problems", lambda *_asked: next(answers))
    with pytest.raises(NotIssued, match="already issued"):
        issue_annual_report(report.plan, "2018", officer, MARCH_2019)
    assert AnnualReport.objects.count() == 1


def test_another_fault_of_the_database_is_not_taken_for_a_report(
    records: Plan, officer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_rows: Any, **_how: Any) -> None:
        raise IntegrityError("disk")

    monkeypatch.setattr(ReportedEvidence.objects, "bulk_create", fail)
    with pytest.raises(IntegrityError, match="disk"):
        issue_annual_report(records, "2018", officer, MARCH_2019)


def test_a_failure_half_way_leaves_nothing(
    records: Plan, officer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    struck = []

    def fail(*_rows: Any, **_how: Any) -> None:
        struck.append((AnnualReport.objects.count(), ReportedActual.objects.count()))
        raise RuntimeError("The power went out.")

    with monkeypatch.context() as broken:
        broken.setattr(ReportedEvidence.objects, "bulk_create", fail)
        with pytest.raises(RuntimeError, match="power"):
            issue_annual_report(records, "2018", officer, MARCH_2019)
    assert struck == [(1, 14)], "it struck when most was written"
    assert not any(model._default_manager.exists() for model in ROWS)
    issue_annual_report(records, "2018", officer, MARCH_2019)
    assert ReportedEvidence.objects.exists(), "the control: without the failure it is there"


@pytest.mark.django_db(transaction=True)
def test_everything_is_read_from_one_state_of_the_records() -> None:
    with transaction.atomic():
        load_fixtures("countries", "reference", "plan_2017_2020")
    plan, officer = Plan.objects.get(), make_user(Role.OFFICER, "montreal")
    with CaptureQueriesContext(connection) as queries:
        issue_annual_report(plan, "2018", officer, MARCH_2019)
    asked = [query["sql"] for query in queries.captured_queries]
    if connection.vendor == "postgresql":
        assert "REPEATABLE READ" in asked[1]
        assert "LOCK TABLE reporting_narrativetext" in asked[2], "before anything is read"
    else:
        assert asked[0] == "BEGIN IMMEDIATE"


def stored_file(report: AnnualReport) -> ReportFile:
    return ReportFile.objects.create(
        report=report, language="en", content=b"%PDF", sha256="0" * 64, size=4, pages=1
    )


@pytest.mark.parametrize("model", ROWS)
def test_the_database_lets_no_issued_row_change(
    model: type[models.Model], report: AnnualReport
) -> None:
    stored_file(report)
    key = {model._meta.pk.attname: models.F(model._meta.pk.attname)}  # type: ignore[union-attr]
    with pytest.raises(IntegrityError, match="never changes"), transaction.atomic():
        model._base_manager.update(**key)
    row = model._base_manager.first()
    assert row is not None
    with pytest.raises(IntegrityError, match="never changes"), transaction.atomic():
        row.save()
    drop_trigger(model, "never_changes")
    assert model._base_manager.update(**key), "the control: it is the trigger that refuses"


@pytest.mark.parametrize("model", ROWS)
def test_the_database_lets_no_issued_row_go(
    model: type[models.Model], report: AnnualReport
) -> None:
    stored_file(report)
    row = model._base_manager.first()
    assert row is not None
    with pytest.raises(IntegrityError, match="never changes"), transaction.atomic():
        row.delete()
    rows = model._base_manager.filter(pk=row.pk)
    with pytest.raises(IntegrityError, match="never changes"), transaction.atomic():
        rows._raw_delete(rows.db)
    for each in ROWS:
        drop_trigger(each, "never_goes")
    FileRequest.objects.all().delete()
    assert row.delete()[0], "the control: it is the trigger that refuses"


def drop_trigger(model: type[models.Model], name: str) -> None:
    table = model._meta.db_table
    where = f" ON {table}" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER {table}_{name}{where}")


@pytest.mark.django_db(transaction=True)
def test_between_tests_the_tables_are_emptied_and_sealed_again(db: None) -> None:
    """Of the tests themselves: what ends one that is not rolled back."""
    for _time in range(2):
        call_command("flush", interactive=False, verbosity=0)
        assert not AnnualReport.objects.exists()
        with transaction.atomic():
            load_fixtures("countries", "reference", "plan_2017_2020")
        officer = make_user(Role.OFFICER, "montreal")
        issue_annual_report(Plan.objects.get(), "2018", officer, MARCH_2019)
    with pytest.raises(IntegrityError, match="never changes"):
        AnnualReport.objects.all().delete()


def test_a_report_keeps_its_plan_and_its_officer(report: AnnualReport, officer: User) -> None:
    with pytest.raises(models.ProtectedError):
        report.plan.delete()
    with pytest.raises(models.ProtectedError):
        officer.delete()


def test_a_draft_is_what_would_be_issued(records: Plan, officer: User) -> None:
    draft = as_reported(draft_report(records, "2018", officer, MARCH_2019))
    assert not AnnualReport.objects.exists()
    issued = read(issue_annual_report(records, "2018", officer, MARCH_2019))
    assert dict(draft.grounds) == dict(issued.grounds)
    assert [(line.target.code, line.actual.reading) for line in draft.rolled.targets] == [
        (line.target.code, line.actual.reading) for line in issued.rolled.targets
    ]


def test_a_second_plan_is_issued_by_its_own_years(db: None) -> None:
    load_fixtures("countries", "reference", "plan_2017_2020", "tests/fixtures/plan_2021_2024.json")
    officer = make_user(Role.OFFICER, "montreal")
    plan = Plan.objects.get(code="2021-2024")
    with pytest.raises(UnknownYear):
        draft_report(plan, "2021", officer, MARCH_2019)
    report = issue_annual_report(plan, "2021-2022", officer, datetime(2022, 4, 1, 12, tzinfo=UTC))
    assert report.as_of == date(2022, 3, 31)
    assert read(report).rolled.year == plan.year("2021-2022")
    assert read(report).rolled.plan.years == plan.years


def test_what_is_still_open_is_named_before_it_is_issued(records: Plan) -> None:
    matters = {one.target.code: one for one in open_matters(records, "2018")}
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
    target = Target(minimum=Decimal(minimum), maximum=None if minimum == 25 else Decimal(20))
    assert kept(Decimal(value), target) == Decimal(expected)


def test_a_text_that_a_language_lacks_is_given_in_another() -> None:
    with override("ar"):
        assert in_words({"en": "Niger", "fr": "Niger (le)"}) == "Niger"
        assert in_words({"fr": "Niger (le)"}) == "Niger (le)"
        assert in_words({}) == ""


def test_the_rows_say_what_they_are(report: AnnualReport) -> None:
    assert str(report) == "2017-2020 2018, 1"
    assert str(ReportedPriority.objects.get(number=1)).startswith("1. Promoting")
    assert str(ReportedObjective.objects.get(code="2.3")) == "2.3"
    assert str(ReportedActual.objects.get(code="1.2-fields")) == "1.2-fields"
    assert {str(row)[:3] for row in ReportedEvidence.objects.filter(record_kind="decision")} == {
        "DEC"
    }
    assert str(stored_file(report)) == "ibcr-annual-report-2018-en.pdf"

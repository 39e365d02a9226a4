"""A restated figure names its cause, and never records where only the target or the plan moved."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.translation import override

from indicators.models import AnnualBudget, Initiative
from reporting.annual_report.content.data_files import write_figures
from reporting.annual_report.content.revisions import build_restated_figures
from reporting.annual_report.issuing import issue_annual_report
from reporting.annual_report.pdf import document
from reporting.annual_report.snapshot import builder
from reporting.annual_report.snapshot.reader import load_rows, read_snapshot
from reporting.figures import rollup
from reporting.models import AnnualReport, RatingOverride, ReportedActual
from strategy.choices import Rating
from strategy.dates.periods import PartialDate
from strategy.models import Country, CountryList, Plan, Target, TargetVersion, User
from strategy.plan.figure_data import FigureDataChange, read_figure_data, save_change
from tests.factories import make_approved, make_record
from tests.reporting.annual_report.issuing.issued_report import read
from tests.support.database.triggers import drop_triggers
from tests.support.html_tree import text_of, tree_of
from tests.support.samples.target_versions import add_version

Causes = dict[str, list[tuple[str, list[str]]]]


@pytest.fixture
def initiative(plan: Plan) -> Initiative:
    record = make_approved("initiative", countries=["NE"], starts_on="2017-02-01")
    assert isinstance(record, Initiative)
    return record


@pytest.fixture
def first(plan: Plan, officer: User, initiative: Initiative) -> AnnualReport:
    for _number in range(11):
        make_approved("initiative", countries=["SN"], starts_on="2017-03-01")
    return issue_annual_report(plan, "2017", officer, timezone.now())


@contextmanager
def correct_plan(reason: str) -> Iterator[None]:
    before = read_figure_data()
    yield
    change = FigureDataChange(before, read_figure_data())
    save_change(change, reason=reason, by=None, at=timezone.now())


def issue_next(first: AnnualReport, officer: User) -> AnnualReport:
    return issue_annual_report(first.plan, "2018", officer, timezone.now())


def list_causes(report: AnnualReport) -> Causes:
    return {
        row["target"]: [(cause["kind"], cause["records"]) for cause in row["causes"]]
        for row in report.restatements
    }


def write_causes(report: AnnualReport, code: str) -> Sequence[str]:
    with override("en"):
        reported = read(report)
        figures = zip(reported.restatements, build_restated_figures(reported), strict=True)
        return [
            note.text
            for stored, figure in figures
            if stored.target == code
            for note in figure.causes
        ]


def test_a_record_added_is_named(first: AnnualReport, officer: User) -> None:
    added = make_approved("initiative", countries=["TG"], starts_on="2017-04-01")
    report = issue_next(first, officer)
    assert list_causes(report) == {
        "1.1-initiatives": [("added", [added.reference])],
        "1.1-countries": [("added", [added.reference])],
    }
    assert write_causes(report, "1.1-countries") == [f"Record added: {added.reference}."]


def test_a_record_withdrawn_is_named(
    first: AnnualReport, officer: User, initiative: Initiative
) -> None:
    initiative.status = "withdrawn"
    initiative.save()
    report = issue_next(first, officer)
    assert list_causes(report)["1.1-countries"] == [("withdrawn", [initiative.reference])]
    [text] = write_causes(report, "1.1-countries")
    assert text == f"Record that no longer counts: {initiative.reference}."


def test_a_record_changed_is_named(
    first: AnnualReport, officer: User, initiative: Initiative
) -> None:
    initiative.countries.set(Country.objects.filter(code="SN"))
    initiative.save()
    report = issue_next(first, officer)
    assert list_causes(report) == {"1.1-countries": [("changed", [initiative.reference])]}
    assert write_causes(report, "1.1-countries") == [f"Record changed: {initiative.reference}."]


def test_the_count_of_a_year_alone_is_restated(
    first: AnnualReport, officer: User, initiative: Initiative
) -> None:
    """A span that ends earlier still counts in the plan, and no more in the second year."""
    second = issue_next(first, officer)
    initiative.ends_on = PartialDate("2017-12-31")
    initiative.save()
    report = issue_annual_report(second.plan, "2019", officer, timezone.now())
    rows = {row["target"]: row for row in report.restatements}
    assert set(rows) == {"1.1-initiatives", "1.1-countries"}
    row = rows["1.1-initiatives"]
    assert (row["year"], row["field"], row["old"], row["new"]) == ("2018", "this_year", "12", "11")
    assert list_causes(report)["1.1-initiatives"] == [("changed", [initiative.reference])]
    stored = load_rows(AnnualReport.objects.get(pk=report.pk))
    with override("en"):
        figures = list(build_restated_figures(read(report)))
    assert figures[0].target == "1.1 Initiatives, Value of the year alone"
    data = json.loads(write_figures(stored, read_snapshot(stored)))
    assert {row["field"] for row in data["restatements"]} == {"this_year"}


def test_a_record_that_moved_is_named_though_the_count_is_equal(
    first: AnnualReport, officer: User, initiative: Initiative, officer_client: Client
) -> None:
    """A country in the place of another: the count stays 2, and the map differs."""
    initiative.countries.set(Country.objects.filter(code="ML"))
    initiative.save()
    report = issue_next(first, officer)
    assert list_causes(report) == {"1.1-countries": [("changed", [initiative.reference])]}
    [row] = report.restatements
    assert (row["field"], row["old"], row["new"]) == ("value", "2", "2")
    assert [(part["code"], part["old"], part["new"]) for part in row["parts"]] == [
        ("ML", "0", "1"),
        ("NE", "1", "0"),
    ]
    with override("en"):
        [figure] = build_restated_figures(read(report))
    assert (figure.old, figure.new) == ("Mali: 0 and Niger: 1", "Mali: 1 and Niger: 0")
    stored = load_rows(AnnualReport.objects.get(pk=report.pk))
    data = json.loads(write_figures(stored, read_snapshot(stored)))
    assert data["restatements"][0]["parts"] == row["parts"]
    page = text_of(tree_of(officer_client.get("/reports/2017/1/?target=1.1-countries")))
    assert "“Mali” now reads 1." in page
    assert "“Niger” now reads 0." in page
    assert f"Record changed: {initiative.reference}." in page


def test_a_country_of_the_map_that_no_target_counts_is_restated(
    first: AnnualReport, officer: User, plan: Plan
) -> None:
    decision = make_approved("decision", authority_country="SN", occurred_on="2018-04-01")
    second = issue_next(first, officer)
    decision.authority_country = Country.objects.get(code="NE")
    decision.save()
    report = issue_annual_report(plan, "2019", officer, timezone.now())
    [row] = report.restatements
    assert (row["year"], row["target"]) == (second.year, "2.1-decisions")
    assert [(part["label"]["fr"], part["old"], part["new"]) for part in row["parts"]] == [
        ("Niger", "0", "1"),
        ("Sénégal", "1", "0"),
    ]
    assert list_causes(report) == {"2.1-decisions": [("changed", [decision.reference])]}


def test_a_share_that_is_not_the_smallest_is_restated(plan: Plan, officer: User) -> None:
    for fields in (["justice"], ["justice"], ["violence"], ["violence"], ["emergencies"]):
        last = make_approved("initiative", fields_of_activity=fields, starts_on="2017-03-01")
    moved = Initiative.objects.filter(fields_of_activity__code="justice").first()
    assert moved and last
    first = issue_annual_report(plan, "2017", officer, timezone.now())
    moved.fields_of_activity.set(plan.fields_of_activity.filter(code="violence"))
    moved.save()
    report = issue_next(first, officer)
    [row] = [row for row in report.restatements if row["target"] == "1.2-fields"]
    assert [(part["code"], part["old"], part["new"]) for part in row["parts"]] == [
        ("justice", "40", "20"),
        ("violence", "40", "60"),
    ]


def test_a_session_that_moved_is_named_though_the_people_are_as_many(
    plan: Plan, officer: User
) -> None:
    session = make_approved("activity", starts_on="2017-05-02", country="SN", women=4, men=None)
    first = issue_annual_report(plan, "2017", officer, timezone.now())
    session.country = Country.objects.get(code="NE")
    session.save()
    report = issue_next(first, officer)
    rows = {row["field"]: row for row in report.restatements}
    assert set(rows) == {"sessions", "women"}
    assert [(part["code"], part["old"], part["new"]) for part in rows["women"]["parts"]] == [
        ("NE", None, "4"),
        ("SN", "4", None),
    ]
    with override("en"):
        figures = {each.target: each for each in build_restated_figures(read(report))}
    assert figures["People trained, Sessions"].new == "Niger: 1 and Senegal: 0"
    assert [(cause["kind"], cause["records"]) for cause in rows["women"]["causes"]] == [
        ("changed", [session.reference])
    ]


def test_a_target_that_was_removed_is_named(first: AnnualReport, officer: User) -> None:
    with correct_plan("Counted twice"):
        Target.objects.get(code="1.1-countries").delete()
    report = issue_next(first, officer)
    [row] = report.restatements
    assert (row["target"], row["old"], row["new"]) == ("1.1-countries", "2", None)
    assert write_causes(report, "1.1-countries") == ["Correction of the plan: Counted twice"]


def test_people_trained_are_restated(plan: Plan, officer: User) -> None:
    session = make_approved("activity", starts_on="2017-05-02", women=4, men=None)
    first = issue_annual_report(plan, "2017", officer, timezone.now())
    session.women = 104
    session.save()
    now = timezone.now()
    added = make_approved("activity", starts_on="2017-06-02", women=None, men=5, at=now)
    report = issue_next(first, officer)
    rows = [row for row in report.restatements if not row["target"]]
    assert [(row["year"], row["field"], row["old"], row["new"]) for row in rows] == [
        ("2017", "sessions", "1", "2"),
        ("2017", "women", "4", "104"),
        ("2017", "men", None, "5"),
    ]
    causes = [("added", [added.reference]), ("changed", [session.reference])]
    assert [(cause["kind"], cause["records"]) for cause in rows[1]["causes"]] == causes
    stored = load_rows(AnnualReport.objects.get(pk=report.pk))
    assert "People trained, Women" in document.render_html(stored, "en")
    data = json.loads(write_figures(stored, read_snapshot(stored)))
    assert [row["old_rating"] for row in data["restatements"]] == [None] * 3


def test_an_amount_changed_is_named_though_no_citation_has_it(plan: Plan, officer: User) -> None:
    for year, amount in (("2016", "100"), ("2017", "115")):
        make_approved("annual_budget", year=year, amount=amount)
    first = issue_annual_report(plan, "2017", officer, timezone.now())
    budget = AnnualBudget.objects.get(year="2017")
    budget.amount = Decimal(105)
    budget.save()
    report = issue_next(first, officer)
    assert list_causes(report) == {"3.3-budget": [("changed", [budget.reference])]}


def test_a_record_that_makes_no_data_zero_is_named(first: AnnualReport, officer: User) -> None:
    draft = make_record("decision", occurred_on="2017-05-01")
    causes = list_causes(issue_next(first, officer))
    assert causes["2.1-decisions"] == [("added", [draft.reference])]


def test_only_ten_records_are_named_on_a_page(first: AnnualReport, officer: User) -> None:
    for number in range(12):
        make_approved("initiative", reference=f"NEW-{number:02}", starts_on="2017-04-01")
    report = issue_next(first, officer)
    [(_kind, references)] = list_causes(report)["1.1-initiatives"]
    assert len(references) == 12
    [text] = write_causes(report, "1.1-initiatives")
    assert text.endswith("NEW-08, NEW-09 and 2 more.")
    assert "NEW-10" not in text


def test_a_target_changed_is_the_only_cause(first: AnnualReport, officer: User) -> None:
    add_version(
        "1.1-initiatives",
        "2017-06-01",
        minimum=Decimal(12),
        reason="The board asks for fewer.",
        document="https://www.example.org/minutes/7",
    )
    report = issue_next(first, officer)
    assert list_causes(report) == {"1.1-initiatives": [("target", [])]}
    [row] = report.restatements
    assert (row["old"], row["new"]) == ("12", "12")
    assert (row["old_rating"], row["new_rating"]) == ("on_track", "achieved")
    [text] = write_causes(report, "1.1-initiatives")
    assert text == (
        "Target changed from 50 to 12 on 1 June 2017: The board asks for fewer."
        " https://www.example.org/minutes/7"
    )


def test_a_version_of_a_later_day_restates_nothing(first: AnnualReport, officer: User) -> None:
    add_version("1.1-initiatives", "2018-06-01", minimum=Decimal(12))
    assert issue_next(first, officer).restatements == []


def test_a_version_corrected_is_named(first: AnnualReport, officer: User) -> None:
    versions = TargetVersion.objects.filter(target__code="1.1-initiatives")
    with correct_plan("A typing mistake."):
        versions.update(minimum=12)
    report = issue_next(first, officer)
    assert list_causes(report) == {"1.1-initiatives": [("target", [])]}
    [text] = write_causes(report, "1.1-initiatives")
    assert text == "Target corrected from 50 to 12: A typing mistake."


def test_a_version_removed_is_named(plan: Plan, officer: User, initiative: Initiative) -> None:
    version = add_version("1.1-initiatives", "2017-06-01", minimum=Decimal(1))
    first = issue_annual_report(plan, "2017", officer, timezone.now())
    version.delete()
    report = issue_next(first, officer)
    assert list_causes(report) == {"1.1-initiatives": [("target", [])]}
    assert write_causes(report, "1.1-initiatives") == ["Target corrected from 1 to 50."]


def test_records_and_target_are_both_named(first: AnnualReport, officer: User) -> None:
    added = make_approved("initiative", countries=["SN"], starts_on="2017-04-01")
    add_version("1.1-initiatives", "2017-06-01", minimum=Decimal(13))
    causes = list_causes(issue_next(first, officer))
    assert causes == {
        "1.1-initiatives": [("added", [added.reference]), ("target", [])],
        "1.1-countries": [("added", [added.reference])],
    }, "Senegal has one more on the map"


def test_a_list_of_countries_changed_is_a_correction_of_the_plan(plan: Plan, officer: User) -> None:
    make_approved(
        "decision", authority_country="CA", countries_concerned=["HN"], occurred_on="2017-05-01"
    )
    first = issue_annual_report(plan, "2017", officer, timezone.now())
    with correct_plan("Honduras was never on the list."):
        for countries in CountryList.objects.all():
            countries.countries.remove(Country.objects.get(code="HN"))
    report = issue_next(first, officer)
    assert list_causes(report) == {"2.2-decisions": [("plan", [])]}
    [text] = write_causes(report, "2.2-decisions")
    assert text == "Correction of the plan: Honduras was never on the list."


def test_a_threshold_changed_is_a_correction_of_the_plan(
    first: AnnualReport, officer: User
) -> None:
    Plan.objects.update(too_early_below=Decimal("0.9"))
    causes = list_causes(issue_next(first, officer))
    assert set(map(str, causes.values())) == {"[('plan', [])]"}


def test_a_rating_set_by_an_officer_is_named(first: AnnualReport, officer: User) -> None:
    target = TargetVersion.objects.get(target__code="1.1-initiatives").target
    RatingOverride.objects.create(
        target=target,
        rating=Rating.AT_RISK,
        reason="Two are disputed.",
        valid_from=first.as_of,
        by=officer,
        made_at=timezone.now(),
    )
    report = issue_next(first, officer)
    assert list_causes(report) == {"1.1-initiatives": [("rating", [])]}
    [text] = write_causes(report, "1.1-initiatives")
    assert text == "An M&E officer set the rating: Two are disputed."


def test_a_difference_without_a_change_is_the_software(
    plan: Plan, initiative: Initiative, officer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as older:
        older.setattr(builder, "build_code_digest", lambda: "0" * 64)
        older.setattr(rollup, "rate_target", lambda _inputs: Rating.AT_RISK)
        first = issue_annual_report(plan, "2017", officer, timezone.now())
    report = issue_next(first, officer)
    assert list_causes(report)["1.1-initiatives"] == [("rule", [])]
    [text] = write_causes(report, "1.1-initiatives")
    assert text == "A new version of the software counts differently."


def test_records_that_did_not_change_are_no_cause_when_the_software_did(
    plan: Plan, initiative: Initiative, officer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as older:
        older.setattr(builder, "build_code_digest", lambda: "0" * 64)
        first = issue_annual_report(plan, "2017", officer, timezone.now())
    Initiative.objects.filter(pk=initiative.pk).update(status="withdrawn")
    for reference in ("NEW-1", "NEW-2"):
        make_approved("initiative", reference=reference, starts_on="2017-05", at=timezone.now())
    causes = list_causes(issue_next(first, officer))
    assert causes["1.1-initiatives"] == [("added", ["NEW-1", "NEW-2"]), ("rule", [])]


def test_of_the_same_software_records_are_the_cause(
    first: AnnualReport, officer: User, initiative: Initiative
) -> None:
    """Also where somebody writes past the application, so that no time of a change is stored."""
    Initiative.objects.filter(pk=initiative.pk).update(status="withdrawn")
    causes = list_causes(issue_next(first, officer))
    assert causes["1.1-initiatives"] == [("withdrawn", [initiative.reference])]


def test_a_difference_that_nothing_explains_is_unknown(
    first: AnnualReport, officer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rollup, "rate_target", lambda _inputs: Rating.AT_RISK)
    report = issue_next(first, officer)
    assert list_causes(report)["1.1-initiatives"] == [("unknown", [])]
    assert write_causes(report, "1.1-initiatives") == ["No cause is recorded."]


def test_causes_are_in_the_page_the_pdf_and_the_data(
    first: AnnualReport, officer: User, board_client: Client
) -> None:
    added = make_approved("initiative", countries=["TG"], starts_on="2017-04-01")
    report = issue_next(first, officer)
    page = text_of(tree_of(board_client.get("/reports/2018/1/page/")))
    rows = load_rows(AnnualReport.objects.get(pk=report.pk))
    assert f"Record added: {added.reference}." in page
    assert f"Record added: {added.reference}." in document.render_html(rows, "en")
    figures = json.loads(write_figures(rows, read_snapshot(rows)))
    causes = [cause for row in figures["restatements"] for cause in row["causes"]]
    assert {cause["kind"] for cause in causes} == {"added"}
    assert causes[0]["records"] == [added.reference]


def test_a_report_issued_before_causes_were_kept_is_read(
    first: AnnualReport, officer: User
) -> None:
    make_approved("initiative", countries=["TG"], starts_on="2017-04-01")
    rows = load_rows(issue_next(first, officer))
    for row in rows.report.restatements:
        del row["causes"]
    assert [each.causes for each in read_snapshot(rows).restatements] == [(), ()]


@pytest.fixture
def older(plan: Plan, officer: User, initiative: Initiative) -> AnnualReport:
    """A report of a release that stored no versions: it printed the minimum of its last day."""
    add_version("1.1-initiatives", "2017-06-01", minimum=Decimal(12))
    report = issue_annual_report(plan, "2017", officer, timezone.now())
    drop_triggers(AnnualReport, ReportedActual)
    ReportedActual.objects.update(versions=None)
    AnnualReport.objects.update(code_digest=None)
    return report


def test_an_older_report_knows_the_version_of_its_last_day(
    older: AnnualReport, officer: User
) -> None:
    assert issue_next(older, officer).restatements == []


def test_a_target_changed_after_an_older_report_is_named(
    older: AnnualReport, officer: User
) -> None:
    add_version("1.1-initiatives", "2017-09-01", minimum=Decimal(1), reason="Fewer funds")
    report = issue_next(older, officer)
    assert list_causes(report) == {"1.1-initiatives": [("target", [])]}
    [text] = write_causes(report, "1.1-initiatives")
    assert text == "Target changed from 12 to 1 on 1 September 2017: Fewer funds"


def test_milestones_alone_are_a_change_of_the_target(first: AnnualReport, officer: User) -> None:
    milestones = {"2017": "30", "2020": "50"}
    add_version("1.1-initiatives", "2017-06-01", milestones=milestones, reason="A faster start")
    report = issue_next(first, officer)
    assert list_causes(report) == {"1.1-initiatives": [("target", [])]}
    [text] = write_causes(report, "1.1-initiatives")
    assert text == "Target changed on 1 June 2017: A faster start"


def test_a_year_of_a_yearly_target_is_restated_by_a_version_of_that_year(
    plan: Plan, officer: User
) -> None:
    make_approved("sponsor", first_agreement_on="2017-05-02")
    first = issue_annual_report(plan, "2017", officer, timezone.now())
    add_version("3.3-sponsors", "2017-12-31", minimum=Decimal(1))
    report = issue_next(first, officer)
    assert list_causes(report) == {"3.3-sponsors": [("target", [])]}
    [text] = write_causes(report, "3.3-sponsors")
    assert text == "Target changed from 2 to 1 on 31 December 2017."

"""Corrections: the next version names the one before and every figure that differs; and what past
reports would say differently."""

from datetime import UTC, datetime
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from indicators.models import Initiative
from reporting.annual_report.content.revisions import build_corrected_figures
from reporting.annual_report.drafting.texts import DraftTextKey, get_draft, save_text
from reporting.annual_report.issuing import IssueRejected, issue_annual_report
from reporting.annual_report.pdf import document
from reporting.annual_report.pdf.document import Pdf
from reporting.annual_report.snapshot.reader import load_rows, read_snapshot
from reporting.models import AnnualReport, DraftTextType, ReportedActual, ReportRows
from strategy.choices import Rating
from strategy.models import Plan, Target, TargetVersion, User
from tests.factories import make_approved, make_office, make_user
from tests.support.html_tree import text_of, tree_of

MARCH_2019 = datetime(2019, 3, 14, 15, 0, tzinfo=UTC)
MAY_2019 = datetime(2019, 5, 2, 15, 0, tzinfo=UTC)
REASON = {"en": "Two records were entered late."}


@pytest.fixture
def first(plan: Plan, officer: User) -> AnnualReport:
    make_approved("initiative", countries=["NE"], fields_of_activity=["justice"])
    return issue_annual_report(plan, "2018", officer, MARCH_2019)


def correct(report: AnnualReport, by: User, **how: Any) -> AnnualReport:
    version = how.pop("version", 2)
    how.setdefault("correction", REASON)
    return issue_annual_report(report.plan, report.year, by, MAY_2019, version=version, **how)


def write(report: AnnualReport, place: DraftTextKey, text: str, by: User, version: int = 2) -> None:
    draft = get_draft(report.plan, report.year, version)
    save_text(draft, place, text, by=by, at=MAY_2019, seen_version=0)


def changed(report: AnnualReport) -> dict[tuple[str, str], tuple[str | None, str | None]]:
    return {(one["target"], one["field"]): (one["old"], one["new"]) for one in report.changes}


def test_a_correction_is_a_version_that_names_the_one_before(
    first: AnnualReport, officer: User
) -> None:
    make_approved("initiative", countries=["SN"], fields_of_activity=["justice"])
    second = correct(first, officer)
    assert (second.version, second.corrects, second.correction) == (2, first, REASON)
    assert first.corrected_by == second
    first.refresh_from_db()
    assert (first.version, first.corrects, first.correction, first.changes) == (1, None, {}, [])


def test_it_lists_every_figure_that_differs_old_and_new(first: AnnualReport, officer: User) -> None:
    for code in ("SN", "TG"):
        make_approved("initiative", countries=[code], fields_of_activity=["justice"])
    make_approved("event", occurred_on="2018-05-01")
    second = correct(first, officer)
    found = changed(second)
    assert found["1.1-initiatives", "value"] == ("1", "3")
    assert found["1.1-initiatives", "this_year"] == ("1", "3")
    assert found["1.1-countries", "value"] == ("1", "3")
    assert found["1.2-fields", "denominator"] == ("1", "3")
    assert found["2.3-events", "value"] == (None, "1")
    assert found["2.3-events", "rating"] == ("no_data", "off_track")
    assert {one["target"] for one in second.changes} == {
        "1.1-initiatives",
        "1.1-countries",
        "1.2-fields",
        "2.3-events",
    }
    old = {one.code: one for one in load_rows(AnnualReport.objects.get(pk=first.pk)).actuals}
    new = {one.code: one for one in load_rows(AnnualReport.objects.get(pk=second.pk)).actuals}
    for code, field in (
        (code, field)
        for code in old
        for field in ("value", "this_year", "expected", "numerator", "denominator", "rating")
    ):
        is_listed = (code, field) in found
        assert is_listed == (getattr(old[code], field) != getattr(new[code], field)), (code, field)


def test_a_figure_that_changed_reads_alike_on_screen_and_in_the_report(
    first: AnnualReport, officer: User
) -> None:
    fields = ["justice", "violence", "emergencies"]
    make_approved("initiative", countries=["SN"], fields_of_activity=fields)
    second = correct(first, officer)
    found = changed(second)
    assert found["1.2-fields", "numerator"] == ("0", "0.3333333333")
    reported = read_snapshot(load_rows(AnnualReport.objects.get(pk=second.pk)))
    told = [(one.target, one.name, one.old, one.new) for one in build_corrected_figures(reported)]
    assert ("1.2 Smallest field's share", "Numerator", "0", "0.33") in told


def test_each_figure_has_its_reason_else_the_correction_s(
    first: AnnualReport, officer: User
) -> None:
    make_approved("initiative", countries=["SN"], fields_of_activity=["justice"])
    write(
        first,
        DraftTextKey(DraftTextType.REASON, "en", "1.1-countries"),
        "Senegal was left out.",
        officer,
    )
    second = correct(first, officer)
    reported = read_snapshot(load_rows(AnnualReport.objects.get(pk=second.pk)))
    told = {one.target: one.reason.text for one in reported.changes if one.reason}
    assert told["1.1-countries"] == "Senegal was left out."
    assert told["1.1-initiatives"] == REASON["en"]


def test_a_correction_says_why(first: AnnualReport, officer: User) -> None:
    make_approved("initiative", countries=["SN"])
    for reason in (None, {}, {"en": " "}):
        with pytest.raises(IssueRejected, match="Say why"):
            correct(first, officer, correction=reason)
    write(
        first, DraftTextKey(DraftTextType.CORRECTION, "fr"), "Une fiche est arrivée tard.", officer
    )
    assert correct(first, officer, correction=None).correction == {
        "fr": "Une fiche est arrivée tard."
    }


def test_a_correction_changes_something(first: AnnualReport, officer: User) -> None:
    with pytest.raises(IssueRejected, match="nothing is corrected"):
        correct(first, officer)
    write(first, DraftTextKey(DraftTextType.SUMMARY, "en"), "What was forgotten.", officer)
    second = correct(first, officer)
    assert (second.changes, second.narrative) == ([], {"summary": {"en": "What was forgotten."}})


def test_a_changed_comment_is_a_correction_too(first: AnnualReport, officer: User) -> None:
    write(first, DraftTextKey(DraftTextType.COMMENT, "en", "1.1-initiatives"), "Late.", officer)
    assert correct(first, officer).version == 2


@pytest.mark.parametrize(
    ("version", "said"),
    [(1, "already issued, and an issued report never"), (3, "There is no version 2"), (0, "")],
)
def test_only_the_next_version_can_be_issued(
    version: int, said: str, first: AnnualReport, officer: User
) -> None:
    make_approved("initiative", countries=["SN"])
    if version == 0:
        correct(first, officer)
        version, said = 2, "Version 2 of the report of 2018 is already issued"
    with pytest.raises(IssueRejected, match=said):
        correct(first, officer, version=version)


def test_a_correction_can_be_corrected(first: AnnualReport, officer: User) -> None:
    make_approved("initiative", countries=["SN"])
    second = correct(first, officer)
    make_approved("initiative", countries=["TG"])
    third = correct(first, officer, version=3)
    assert third.corrects == second
    assert changed(third)["1.1-initiatives", "value"] == ("2", "3")


def test_only_officers_correct(first: AnnualReport, manager: User) -> None:
    make_approved("initiative", countries=["SN"])
    with pytest.raises(IssueRejected, match="Only an M&E officer"):
        correct(first, manager)


def test_a_target_that_the_plan_no_longer_has_is_listed(first: AnnualReport, officer: User) -> None:
    Target.objects.filter(code="1.1-countries").delete()
    second = correct(first, officer)
    assert changed(second)["1.1-countries", "value"] == ("1", None)
    assert changed(second)["1.1-countries", "rating"] == ("off_track", None)


def test_a_later_report_restates_what_reads_differently_now(plan: Plan, officer: User) -> None:
    make_approved("initiative", countries=["NE"], starts_on="2017-02-01")
    for _number in range(11):
        make_approved("initiative", countries=["SN"], starts_on="2017-03-01")
    issue_annual_report(plan, "2017", officer, MARCH_2019)
    make_approved("initiative", countries=["TG"], starts_on="2017-04-01")
    report = issue_annual_report(plan, "2018", officer, MARCH_2019)
    reported = read_snapshot(load_rows(AnnualReport.objects.get(pk=report.pk)))
    found = {one.target: one for one in reported.restatements}
    assert set(found) == {"1.1-initiatives", "1.1-countries"}
    restated = found["1.1-initiatives"]
    assert (restated.year, restated.version) == ("2017", 1)
    assert (restated.old, restated.new) == (Decimal(12), Decimal(13))
    assert (restated.old_rating, restated.new_rating) == (Rating.ON_TRACK, Rating.ON_TRACK)


def test_a_rating_alone_is_restated(plan: Plan, officer: User) -> None:
    make_approved("initiative", countries=["NE"], starts_on="2017-02-01")
    issue_annual_report(plan, "2017", officer, MARCH_2019)
    TargetVersion.objects.filter(target__code="1.1-initiatives").update(minimum=1)
    report = issue_annual_report(plan, "2018", officer, MARCH_2019)
    [row] = report.restatements
    assert (row["old"], row["new"]) == ("1", "1")
    assert (row["old_rating"], row["new_rating"]) == ("off_track", "achieved")


def test_of_a_corrected_year_the_latest_version_is_compared(plan: Plan, officer: User) -> None:
    earlier = issue_annual_report(plan, "2017", officer, MARCH_2019)
    make_approved("initiative", countries=["NE"], starts_on="2017-02-01")
    correct(earlier, officer)
    report = issue_annual_report(plan, "2018", officer, MAY_2019)
    assert report.restatements == []
    make_approved("initiative", countries=["SN"], starts_on="2017-02-01")
    again = correct(report, officer)
    assert {(row["version"], row["old"], row["new"]) for row in again.restatements} == {
        (2, "1", "2")
    }


def test_the_first_year_restates_nothing(first: AnnualReport) -> None:
    assert first.restatements == []


def command(*args: str, **options: Any) -> str:
    out = StringIO()
    call_command("issue_report", "--plan", "2017-2020", *args, stdout=out, **options)
    return out.getvalue()


def test_the_command_issues_a_correction(
    first: AnnualReport, officer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def render(rows: ReportRows, language: str, *, is_draft: bool = False) -> Pdf:
        return Pdf(f"%PDF {rows.report.version} {language}".encode(), 7)

    monkeypatch.setattr(document, "render", render)
    asked = ("--year", "2018", "--user", "camille")
    with pytest.raises(CommandError, match="already issued"):
        command(*asked)
    with pytest.raises(CommandError, match="nothing is corrected"):
        command(*asked, "--correction", "A mistake")
    make_approved("initiative", countries=["SN"])
    told = command(*asked, "--correction", "A record was late")
    assert "report 2018 of 2017-2020, version 2: issued" in told
    assert "ibcr-annual-report-2018-v2-en.pdf" in told
    assert AnnualReport.objects.get(version=2).correction == {"en": "A record was late"}
    with pytest.raises(CommandError, match="no report of 2017 is issued"):
        command("--year", "2017", "--user", "camille", "--correction", "A mistake")


def test_the_comments_of_the_version_before_stay(first: AnnualReport, officer: User) -> None:
    write(first, DraftTextKey(DraftTextType.COMMENT, "en", "1.1-initiatives"), "Late.", officer)
    second = correct(first, officer)
    make_approved("initiative", countries=["SN"])
    third = correct(first, make_user("officer"), version=3)
    for report in (second, third):
        actual = ReportedActual.objects.get(
            code="1.1-initiatives", objective__priority__report=report
        )
        assert actual.comment == {"en": "Late."}


def test_a_cited_title_is_corrected_alone(
    first: AnnualReport, officer: User, officer_client: Client
) -> None:
    record = Initiative.objects.get()
    record.title = "Niger: training of judges"
    record.save()
    page = officer_client.get("/reports/issue/?plan=2017-2020&year=2018&version=2")
    text = text_of(tree_of(page))
    assert f"Title of {record.reference} Niger: police training Niger: training of judges" in text
    second = correct(first, officer)
    [change] = second.changes
    assert change == {
        "target": "1.1-initiatives",
        "field": "title",
        "old": "Niger: police training",
        "new": "Niger: training of judges",
        "reason": {},
        "reference": record.reference,
    }
    [read] = read_snapshot(load_rows(second)).changes
    assert (read.reference, read.reason and read.reason.text) == (record.reference, REASON["en"])
    page = officer_client.get("/reports/2018/2/page/")
    assert f"Title of {record.reference}" in text_of(tree_of(page))


def test_each_differing_part_of_a_citation_is_named(first: AnnualReport, officer: User) -> None:
    record = Initiative.objects.get()
    record.ends_on = "2018-11"
    record.office = make_office("dakar")
    record.save()
    changes = correct(first, officer).changes
    assert [(one["field"], one["old"], one["new"]) for one in changes] == [
        ("ends", None, "2018-11"),
        ("office", "niamey", "dakar"),
    ]

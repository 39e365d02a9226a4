"""What a report tells: page one by itself, who wrote what in which language, both ratings, the
records of the annex, people trained; from the pages that the PDF is made of."""

import html
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import chain
from typing import Any
from xml.etree.ElementTree import Element

import pytest
import tinyhtml5
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from indicators.models import Activity
from reporting.annual_report.content.annex import MAX_PRINTED_RECORDS
from reporting.annual_report.content.data_files import write_figures
from reporting.annual_report.drafting.texts import DraftTextKey, get_draft, save_text
from reporting.annual_report.issuing import issue_annual_report
from reporting.annual_report.pdf import document
from reporting.annual_report.snapshot.builder import build_report_rows
from reporting.annual_report.snapshot.multilingual import Narrative
from reporting.annual_report.snapshot.reader import load_rows, read_snapshot
from reporting.figures.people_trained import load_people_trained
from reporting.models import (
    AnnualReport,
    DraftTextType,
    NarrativeSection,
    RatingOverride,
    ReportedEvidence,
    ReportRows,
)
from strategy.choices import Rating, Role
from strategy.models import Plan, Target, User
from tests.factories import NOON, make_approved, make_user
from tests.support.database.fixtures import load_fixtures
from tests.support.html_tree import seen_text_of, text_of, with_class

MARCH_2019 = datetime(2019, 3, 14, 15, 0, tzinfo=UTC)
MAY_2019 = datetime(2019, 5, 2, 15, 0, tzinfo=UTC)
LANGUAGES = ("en", "fr", "es", "ar")
pytestmark = pytest.mark.django_db
needs_pango = pytest.mark.skipif(not document.is_available(), reason="Pango is not installed")

RISK = "Half of the initiatives end within the year, and no agreement with a funder follows them"
TOLD = {
    NarrativeSection.RISKS: "\n".join(
        f"{RISK}, says the risk of number {number}." for number in (1, 2, 3, 4)
    ),
    NarrativeSection.DECISIONS: "Lower the target or fund it.\nName who records dates.",
    NarrativeSection.SUMMARY: "A year of work.",
}


def tree(rows: ReportRows, language: str) -> Element:
    page = document.render_html(rows, language)
    root: Element = tinyhtml5.parse(page, namespace_html_elements=False)
    return root


def front(rows: ReportRows, language: str) -> Element:
    [section] = with_class(tree(rows, language), "front")
    return section


@pytest.fixture(scope="module")
def rows(django_db_setup: None, django_db_blocker: Any) -> Iterator[ReportRows]:
    """A report of 2018 with a year before, a risk more than page one tells; not written down."""
    with django_db_blocker.unblock(), transaction.atomic():
        load_fixtures("countries", "reference", "plan_2017_2020")
        plan = Plan.objects.get()
        for code in ("NE", "SN", "TG"):
            make_approved("initiative", countries=[code], starts_on="2017-02")
        make_approved("decision", authority_country="BF", occurred_on="2018-04-02")
        officer = make_user(Role.OFFICER, "montreal", first_name="Camille")
        told = {section: dict.fromkeys(LANGUAGES, text) for section, text in TOLD.items()}
        drafted = build_report_rows(plan, "2018", officer, MARCH_2019, Narrative(narrative=told))
        transaction.set_rollback(True)
    yield drafted


@pytest.mark.parametrize("language", LANGUAGES)
class TestPageOneSuffices:
    def test_it_gives_the_verdict_first(self, rows: ReportRows, language: str) -> None:
        [verdict] = with_class(front(rows, language), "verdict")
        ratings = [one.rating for one in rows.objectives]
        worst = ratings.count("off_track")
        said = seen_text_of(verdict)
        assert worst
        assert re.findall(r"\d+", said)[:2] == [str(worst), str(len(ratings))]

    def test_it_gives_ten_ratings_with_last_year_s(self, rows: ReportRows, language: str) -> None:
        [table] = with_class(front(rows, language), "ratings")
        found = {}
        for row in list(table.iter("tr"))[1:]:
            head, *cells = row
            found[text_of(head).split()[0]] = [seen_text_of(cell) for cell in cells[1:]]
        with override(language):
            expected = {
                one.code: (str(Rating(one.rating_before).label), str(Rating(one.rating).label))
                for one in rows.objectives
            }
        assert len(expected) == 10
        assert found.keys() == expected.keys()
        for code, (before, now) in expected.items():
            assert found[code][0] == before
            assert found[code][1].startswith(now), code
        assert any(before != now for before, now in expected.values()), "the control"

    def test_it_gives_three_risks_and_every_decision_asked(
        self, rows: ReportRows, language: str
    ) -> None:
        risks, decisions = with_class(front(rows, language), "decisions")
        assert [text_of(one) for one in risks] == TOLD[NarrativeSection.RISKS].splitlines()[:3]
        assert [text_of(one) for one in decisions] == TOLD[NarrativeSection.DECISIONS].splitlines()
        whole = text_of(tree(rows, language))
        assert TOLD[NarrativeSection.RISKS].splitlines()[3] in whole, (
            "the fourth follows on page two"
        )

    @needs_pango
    def test_all_of_it_is_on_one_page(self, rows: ReportRows, language: str) -> None:
        headings = list_headings(rows, language)
        with override(language):
            parts = [_("Risks"), _("What the board is asked to decide")]
        assert [part for part in parts if part not in headings[0]] == []
        assert headings[1], "the control"


@pytest.mark.parametrize("language", LANGUAGES)
class TestAPriority:
    def test_it_says_what_the_lines_of_its_pictures_are(
        self, rows: ReportRows, language: str
    ) -> None:
        pages = with_class(tree(rows, language), "priority")
        with override(language):
            lines = [_("recorded"), _("straight line to the target"), _("at this pace")]
        keys = [[text_of(one) for one in with_class(page, "key")] for page in pages]
        assert [bool(list(with_class(page, "chart"))) for page in pages] == [True, True, False]
        assert keys == [[" ".join(lines)], [" ".join(lines)], []]


ASKED = [f"{RISK}: say by when it is to be signed, and by whom. This is {n}." for n in range(1, 30)]


@pytest.fixture
def much_asked(rows: ReportRows) -> Iterator[ReportRows]:
    """The same report with many long decisions, more than page one has room for."""
    report, told = rows.report, rows.report.narrative
    report.narrative = {**told, "decisions": dict.fromkeys(LANGUAGES, "\n".join(ASKED))}
    yield rows
    report.narrative = told


@needs_pango
def test_decisions_that_page_one_has_no_room_for_continue_on_page_two(
    much_asked: ReportRows,
) -> None:
    html = document.render_html(much_asked, "en")
    pages = document.load_typesetting().parse_html(html).render().pages
    lines = [list_texts(page) for page in pages[:3]]
    words = " ".join(" ".join(texts) for texts in lines)
    assert [n for n in range(1, 30) if f"This is {n}." not in " ".join(words.split())] == []
    height = pages[0]._page_box.height + pages[0]._page_box.content_box_y()
    assert lowest_text(pages[0]) <= height
    headings = list_headings(much_asked, "en")
    assert headings[0][-1] == "What the board is asked to decide"
    assert "This is 2." in " ".join(" ".join(lines[0]).split())


def list_headings(rows: ReportRows, language: str) -> list[list[str]]:
    pages = document.load_typesetting().parse_html(document.render_html(rows, language)).render()
    return [[label for _level, label, *_rest in page.bookmarks] for page in pages.pages]


def list_texts(page: Any) -> list[str]:
    return [getattr(box, "text", "") for box in page._page_box.descendants()]


def lowest_text(page: Any) -> float:
    [area, *_margins] = page._page_box.children
    return max(
        box.position_y + box.height for box in area.descendants() if getattr(box, "text", "")
    )


def lists_of(rows: ReportRows) -> list[dict[str, Any]]:
    conditions = [one for actual in rows.actuals for one in actual.conditions]
    return [one for condition in conditions for one in condition["lists"]]


def test_the_source_of_a_list_to_confirm_is_told_in_the_language_of_the_report(
    rows: ReportRows,
) -> None:
    [source] = [one["source"] for one in lists_of(rows) if not one["is_confirmed"]]
    assert len(set(source.values())) == len(LANGUAGES)
    for language in LANGUAGES:
        told = source[language].rstrip(".")
        assert told in html.unescape(document.render_html(rows, language)), language
        with override(language):
            assert source[language] in write_figures(rows, read_snapshot(rows)).decode()


def test_a_source_that_was_kept_in_one_language_reads_as_it_stood(rows: ReportRows) -> None:
    """Reports issued before it was kept in every language have the text alone."""
    [one] = [one for one in lists_of(rows) if not one["is_confirmed"]]
    now, one["source"] = one["source"], "A list of then"
    try:
        assert "A list of then" in document.render_html(rows, "fr")
        with override("fr"):
            assert '"source":"A list of then"' in write_figures(rows, read_snapshot(rows)).decode()
    finally:
        one["source"] = now


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_line_ends_in_a_blank(rows: ReportRows, language: str) -> None:
    """WeasyPrint breaks such a line after its first word where it just fits without the blank."""
    page = document.render_html(rows, language)
    assert re.findall(r"\S*\s+</(?:td|th|p|li|h[1-6])>", page) == []


@pytest.mark.parametrize("language", ["fr", "es"])
def test_no_two_numbers_read_as_one_with_decimals(rows: ReportRows, language: str) -> None:
    """Where the comma parts decimals, `13, 23` is half-way to 13.23."""
    page = document.render_html(rows, language)
    assert re.findall(r">\d+, \d+<", page) == []


def write(plan: Plan, place: DraftTextKey, text: str, by: User, version: int = 1) -> None:
    save_text(get_draft(plan, "2018", version), place, text, by=by, at=MAY_2019, seen_version=0)


def issued(report: AnnualReport) -> ReportRows:
    return load_rows(AnnualReport.objects.get(pk=report.pk))


class TestAnotherLanguage:
    def test_a_text_that_nobody_wrote_in_it_is_given_in_another_with_a_note(
        self, plan: Plan, officer: User
    ) -> None:
        write(plan, DraftTextKey(DraftTextType.SUMMARY, "ar"), "سنة من العمل.", officer)
        write(plan, DraftTextKey(DraftTextType.RISKS, "fr"), "Un risque.", officer)
        write(
            plan,
            DraftTextKey(DraftTextType.COMMENT, "fr", "1.1-initiatives"),
            "Une remarque.",
            officer,
        )
        rows = issued(issue_annual_report(plan, "2018", officer, MARCH_2019))
        english = tree(rows, "en")
        for text, language, direction in (
            ("سنة من العمل.", "ar", "rtl"),
            ("Un risque.", "fr", "ltr"),
            ("Une remarque.", "fr", "ltr"),
        ):
            [found] = [
                one
                for one in english.iter()
                if one.get("lang") == language and text == text_of(one) and one.tag in ("div", "ol")
            ]
            assert found.get("dir") == direction
        notes = [text_of(one) for one in with_class(english, "elsewhere")]
        said = "Not written in the language of this report; the text is in: {}."
        assert sorted(notes) == [said.format("Arabic"), *[said.format("French")] * 2]
        assert len(with_class(tree(rows, "fr"), "elsewhere")) == 1, "the summary alone"

    def test_so_is_the_reason_of_a_corrected_figure(self, plan: Plan, officer: User) -> None:
        make_approved("initiative", countries=["NE"])
        first = issue_annual_report(plan, "2018", officer, MARCH_2019)
        for code in ("SN", "TG"):
            make_approved("initiative", countries=[code])
        write(
            plan,
            DraftTextKey(DraftTextType.REASON, "ar", "1.1-countries"),
            "سُجِّلا متأخرين.",
            officer,
            2,
        )
        second = issue_annual_report(
            first.plan, "2018", officer, MAY_2019, version=2, correction={"en": "Two were late."}
        )
        english = tree(issued(second), "en")
        [table] = with_class(english, "revisions")
        reasons = {
            (one.get("lang"), one.get("dir"), text_of(one))
            for one in table.iter("span")
            if one.get("lang")
        }
        assert reasons == {("en", "ltr", "Two were late."), ("ar", "rtl", "سُجِّلا متأخرين.")}
        [note] = with_class(english, "elsewhere")
        assert "the text is in: Arabic." in text_of(note)
        cells = [[seen_text_of(cell) for cell in row] for row in list(table.iter("tr"))[1:]]
        assert ["1.1 Initiatives", "Value", "1", "3", "Two were late."] in cells
        french = [text_of(one) for one in with_class(tree(issued(second), "fr"), "elsewhere")]
        assert len(french) == 3, "of the correction, and one for each language of the reasons"
        assert not with_class(tree(issued(first), "en"), "revisions"), "the control"


def test_a_rating_that_an_officer_set_stands_beside_the_rule_s(plan: Plan, officer: User) -> None:
    make_approved("network", starts_on="2017-06")
    RatingOverride.objects.create(
        target=Target.objects.get(code="2.3-networks"),
        rating=Rating.ON_TRACK,
        reason="وُقِّعت شبكتان في يناير.",
        valid_from=date(2018, 12, 31),
        by=officer,
        made_at=NOON,
    )
    rows = issued(issue_annual_report(plan, "2018", officer, MARCH_2019))
    english = tree(rows, "en")
    [told] = with_class(english, "reason")
    assert text_of(told) == (
        "Camille set the rating “On track” on 3 June 2019; the rule gives “Off track”. "
        "وُقِّعت شبكتان في يناير."
    )
    [reason] = told.iter("span")
    assert reason.get("dir") == "rtl"
    brief = [text_of(one) for one in with_class(english, "set") if one.tag == "span"]
    assert len(brief) == 3, "on page one, where each target stands, in the summary table"
    assert all(one.startswith("By the rule: Off track.") for one in brief)
    assert len([one for one in brief if "Camille" in one and "3 June 2019" in one]) == 2


class TestTheAnnex:
    def many(self, rows: ReportRows, number: int) -> ReportRows:
        """The same report with so many initiatives cited, and nothing else."""
        actual = next(one for one in rows.actuals if one.code == "1.1-initiatives")
        made = next(iter(chain.from_iterable(rows.evidence)))
        cited = tuple(
            ReportedEvidence(
                actual=actual,
                record_kind="initiative",
                reference=f"INI-{index:03}",
                title="Niger: police training",
                begins="2018-03",
                countries=made.countries,
                office=made.office,
            )
            for index in range(number)
        )
        evidence = [cited if one is actual else () for one in rows.actuals]
        return replace(rows, evidence=tuple(evidence))

    @pytest.mark.parametrize(
        ("number", "printed", "said"),
        [
            (MAX_PRINTED_RECORDS, MAX_PRINTED_RECORDS, "The same table is embedded in this PDF."),
            (
                MAX_PRINTED_RECORDS + 30,
                MAX_PRINTED_RECORDS,
                "the first 100 are printed; all 130 stand in the table that is embedded",
            ),
        ],
    )
    def test_it_prints_what_there_is_room_for_and_says_how_many_there_are(
        self, rows: ReportRows, number: int, printed: int, said: str
    ) -> None:
        [annex] = with_class(tree(self.many(rows, number), "en"), "annex")
        [table] = annex.iter("tbody")
        assert len(list(table)) == printed
        assert said in text_of(annex)
        head = text_of(next(annex.iter("h3")))
        assert head == ("Initiatives 100" if number == printed else "Initiatives 100 of 130")

    @needs_pango
    def test_a_year_of_a_thousand_records_stays_within_24_pages(self, rows: ReportRows) -> None:
        made = document.render(self.many(rows, 1000), "fr")
        assert made.pages <= 24
        assert len(made.content) < 1_500_000


def test_people_trained_are_read_back_by_target_group(plan: Plan, officer: User) -> None:
    both = make_approved("initiative", target_groups=["security_forces", "social_workers"])
    none = make_approved("initiative", target_groups=[])
    make_approved("activity", initiative=both, country="NE", starts_on="2018-02-01", women=5)
    make_approved("activity", initiative=none, starts_on="2018-03-01", men=4)
    now = load_people_trained(plan, date(2018, 12, 31))
    report = issue_annual_report(plan, "2018", officer, MARCH_2019)
    Activity.objects.update(women=99, men=99)
    kept = read_snapshot(issued(report)).people
    assert kept == now, "as it was issued, not as the records read now"
    assert kept is not None
    assert {one.group: (one.sessions, one.women, one.men) for one in kept.groups} == {
        "security_forces": (1, 5, None),
        "social_workers": (1, 5, None),
        "": (1, None, 4),
    }
    for language in LANGUAGES:
        [section] = with_class(tree(issued(report), language), "people")
        tables = list(section.iter("table"))
        with override(language):
            people = read_snapshot(issued(report)).people
            expected = [group.label or _("not given") for group in people.groups] if people else []
        assert [text_of(head) for head in tables[1].findall(".//tbody//th")] == expected
        assert "5" in text_of(tables[1])


def test_a_decision_reversed_by_the_day_of_the_report_says_so(plan: Plan, officer: User) -> None:
    for title, reversed_on in (("Stands", None), ("Gone", "2018-09-01"), ("Later", "2019-02-01")):
        make_approved(
            "decision",
            title=title,
            authority_country="SN",
            occurred_on="2018-03-01",
            reversed_on=reversed_on,
        )
    rows = load_rows(issue_annual_report(plan, "2018", officer, MARCH_2019))
    reported = read_snapshot(rows)
    basis = reported.basis_by_target["2.1-decisions"]
    assert [one.title for one in basis.citations if one.is_reversed] == ["Gone"]
    told = text_of(tree(rows, "en"))
    assert "1 Mar 2018, reversed on 1 September 2018" in told
    assert told.count("reversed on 1") == told.count("Gone")
    assert "Reversed later" in told

"""The sample reports as PDFs: their standards, their pages and the size of their text."""

import shutil
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override
from pytest_django import DjangoDbBlocker

from indicators.import_export.demo import load_sample_records
from reporting.annual_report.drafting.demo import load_sample_narrative
from reporting.annual_report.drafting.proposal import build_proposal
from reporting.annual_report.drafting.texts import get_draft
from reporting.annual_report.pdf import document
from reporting.models import ReportRows
from strategy.choices import Role
from strategy.models import Plan
from tests.factories import NOON, make_user
from tests.support import page_layout
from tests.support.database.fixtures import load_fixtures
from tests.support.pdf_checks import find_faults, fonts_of, needs_pango

if TYPE_CHECKING:
    from weasyprint.document import Page
    from weasyprint.formatting_structure.boxes import Box

pytestmark = [pytest.mark.django_db, needs_pango]
YEARS = ("2017", "2018", "2019", "2020")
CELLS = ("th", "td")
BLANK = 3
"""In pixels: WeasyPrint leaves the blank at a line's end when it lays out from right to left."""
LANGUAGE_OF_YEAR = dict(zip(YEARS, ("es", "ar", "en", "fr"), strict=True))


@pytest.fixture(scope="module")
def reports(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[dict[str, ReportRows]]:
    """The four reports with their sample narrative, not stored."""
    folder = settings.BASE_DIR / "fixtures"
    with django_db_blocker.unblock(), transaction.atomic():
        load_fixtures("countries", "reference", "plan_2017_2020")
        plan = Plan.objects.get()
        officer, staff, manager = (
            make_user(role, "dakar") for role in (Role.OFFICER, Role.STAFF, Role.MANAGER)
        )
        load_sample_records(folder / "records", by=staff, approver=manager, at=NOON)
        load_sample_narrative(folder / "narrative" / "sample.json", by=officer, at=NOON)
        drafts = {year: get_draft(plan, year, 1) for year in YEARS}
        rows = {year: build_proposal(draft, officer, NOON).rows for year, draft in drafts.items()}
        transaction.set_rollback(True)
    yield rows


@dataclass(frozen=True)
class Layout:
    language: str
    pages: "Sequence[Page]"


Layouts = dict[tuple[str, str], Layout]


@pytest.fixture(scope="module")
def layouts_of_files() -> Layouts:
    """The layouts of the files that have been made, by year and language."""
    return {}


@pytest.fixture(scope="module", params=product(YEARS, document.LANGUAGES), ids="-".join)
def layout(
    request: pytest.FixtureRequest, reports: dict[str, ReportRows], layouts_of_files: Layouts
) -> Layout:
    """One report in one language, as its pages are laid out."""
    year, language = request.param
    if (year, language) in layouts_of_files:
        return layouts_of_files.pop((year, language))
    html = document.render_html(reports[year], language)
    return Layout(language, document.load_typesetting().parse_html(html).render().pages)


@pytest.mark.parametrize(("year", "language"), LANGUAGE_OF_YEAR.items())
def test_a_sample_report_meets_the_standards(
    year: str,
    language: str,
    reports: dict[str, ReportRows],
    layouts_of_files: Layouts,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reader = document.load_typesetting().weasyprint.HTML
    render = reader.render

    def keep_layout(*given: Any, **named: Any) -> Any:
        laid_out = render(*given, **named)
        layouts_of_files[year, language] = Layout(language, laid_out.pages)
        return laid_out

    monkeypatch.setattr(reader, "render", keep_layout)
    made = document.render(reports[year], language)
    assert find_faults(made.content) == []
    assert 10 <= made.pages <= 24
    assert len(made.content) < 1_500_000
    if shutil.which("pdffonts"):
        assert fonts_of(made.content, tmp_path) == {"IBM-Plex-Sans", "IBM-Plex-Sans-Arabic"}


def test_no_page_but_the_last_is_less_than_a_third_full(layout: Layout) -> None:
    shares = [page_layout.fill(page) for page in layout.pages]
    assert min(shares[:-1]) >= 1 / 3, shares


def test_no_heading_is_the_last_text_of_its_page(layout: Layout) -> None:
    assert list(page_layout.stranded_headings(layout.pages)) == []


def test_no_text_is_smaller_than_its_minimum(layout: Layout) -> None:
    assert list(page_layout.small_texts(layout.pages)) == []


def test_page_one_ends_with_the_decisions_and_page_two_begins_with_the_summary(
    layout: Layout,
) -> None:
    headings = [[label for _level, label, *_rest in page.bookmarks] for page in layout.pages]
    with override(layout.language):
        assert headings[0][-1] == _("What the board is asked to decide")
        assert headings[1][0] == _("The director’s summary")


def test_no_text_reaches_out_of_its_page_or_cell(layout: Layout) -> None:
    boxes = [page._page_box for page in layout.pages]
    assert [text for box in boxes for text in _find_overflow(box)] == []
    cells = [box for page in boxes for box in page.descendants() if box.element_tag in CELLS]
    assert len(cells) > 100
    assert [text for cell in cells for text in _find_overflow(cell)] == []


def test_no_record_is_alone_on_a_page_of_the_annex(layout: Layout) -> None:
    rows_of_table: dict[object, list[int]] = defaultdict(list)
    for page in layout.pages:
        for box in page._page_box.descendants():
            if box.element_tag == "table" and box.element.get("class") == "cited":
                groups = [group for group in box.children if not getattr(group, "is_header", True)]
                if groups:
                    rows_of_table[box.element].append(sum(len(group.children) for group in groups))
    assert rows_of_table, "no list of records was found"
    split = [rows for rows in rows_of_table.values() if len(rows) > 1]
    assert [rows for rows in split if 1 in rows] == []


def _find_overflow(box: "Box") -> Iterator[str]:
    """Yield the texts that reach over the sides of their page or cell by more than a blank."""
    left, right = box.content_box_x() - BLANK, box.content_box_x() + box.width + BLANK
    for inner in box.descendants():
        text = getattr(inner, "text", "").strip()
        if text and not left <= inner.position_x <= inner.position_x + inner.width <= right:
            yield text


PAGE = """<!doctype html><html lang="en"><link rel="stylesheet" href="print.css"><body>
<p style="height: {height}mm">Records</p><h2>Heading</h2><section style="break-before: page">
<p style="font-size: {size}pt">Text</p><table class="cited"><tr><td>Record</td></tr></table>
<svg width="100" viewBox="0 0 100 20" font-size="{size}"><text y="9">Chart</text></svg>
</section></body></html>"""


def test_the_faults_of_a_layout_are_found() -> None:
    html = PAGE.format(height=20, size=8)
    pages = document.load_typesetting().parse_html(html).render().pages
    assert page_layout.fill(pages[0]) < 1 / 3
    assert list(page_layout.stranded_headings(pages)) == ["Heading"]
    assert [text for _size, text in page_layout.small_texts(pages)] == ["Text", "Chart"]
    fuller = document.load_typesetting().parse_html(PAGE.format(height=100, size=12)).render().pages
    assert page_layout.fill(fuller[0]) > 1 / 3
    assert list(page_layout.small_texts(fuller)) == []

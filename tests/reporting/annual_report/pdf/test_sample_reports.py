"""The reports of the demonstration as PDFs: every year, every language once, to the standards."""

import shutil
from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from indicators.import_export.demo import load_sample_records
from reporting.annual_report.drafting.demo import load_sample_narrative
from reporting.annual_report.drafting.proposal import build_proposal
from reporting.annual_report.drafting.texts import draft_for
from reporting.annual_report.pdf import document
from reporting.models import ReportRows
from strategy.choices import Role
from strategy.models import Plan
from tests.factories import NOON, make_user
from tests.support.fixture_cache import load_fixtures
from tests.support.pdf_checks import faults, fonts_of, needs_pango

pytestmark = pytest.mark.django_db
SPOKEN = {"2017": "es", "2018": "ar", "2019": "en", "2020": "fr"}
PARTS = ("priority-1", "priority-2", "priority-3", "framework")


@pytest.fixture(scope="module")
def reports(django_db_setup: None, django_db_blocker: Any) -> Iterator[dict[str, ReportRows]]:
    """The four reports with their sample narrative, not written down."""
    folder = settings.BASE_DIR / "fixtures"
    with django_db_blocker.unblock(), transaction.atomic():
        load_fixtures("countries", "reference", "plan_2017_2020")
        plan = Plan.objects.get()
        officer, staff, manager = (
            make_user(role, "dakar") for role in (Role.OFFICER, Role.STAFF, Role.MANAGER)
        )
        load_sample_records(folder / "records", by=staff, approver=manager, at=NOON)
        load_sample_narrative(folder / "narrative" / "sample.json", by=officer, at=NOON)
        drafts = {year: draft_for(plan, year, 1) for year in SPOKEN}
        rows = {year: build_proposal(one, officer, NOON).rows for year, one in drafts.items()}
        transaction.set_rollback(True)
    yield rows


@needs_pango
@pytest.mark.parametrize(("year", "language"), SPOKEN.items())
def test_a_sample_report_is_fit_to_be_read_and_kept(
    year: str, language: str, reports: dict[str, ReportRows], tmp_path: Path
) -> None:
    made = document.render(reports[year], language)
    assert faults(made.content) == []
    assert 10 <= made.pages <= 24
    assert len(made.content) < 1_500_000
    if shutil.which("pdffonts"):
        assert fonts_of(made.content, tmp_path) == {"IBM-Plex-Sans", "IBM-Plex-Sans-Arabic"}


@needs_pango
@pytest.mark.parametrize(("year", "language"), SPOKEN.items())
def test_its_page_one_is_one_page_a_priority_one_spread_and_no_text_leaves_its_page(
    year: str, language: str, reports: dict[str, ReportRows]
) -> None:
    pages = (
        document.typesetting().pages(document.render_html(reports[year], language)).render().pages
    )
    heads = [[label for _level, label, *_rest in page.bookmarks] for page in pages]
    with override(language):
        assert heads[0][-1] == _("What the board is asked to decide")
        assert heads[1][0] == _("The director’s summary")
    starts = [min(at for at, page in enumerate(pages) if name in page.anchors) for name in PARTS]
    assert all(1 <= after - at <= 2 for at, after in pairwise(starts)), starts
    assert starts[3] - starts[2] == 1, "the years of priority 3 stand on one page"
    boxes = [page._page_box for page in pages]
    assert [word for box in boxes for word in _beyond(box)] == []
    cells = [
        one for box in boxes for one in box.descendants() if type(one).__name__ == "TableCellBox"
    ]
    assert len(cells) > 100
    assert [word for cell in cells for word in _beyond(cell)] == [], "it runs into the next column"
    assert list(_lone_records(pages)) == []


def _beyond(box: Any) -> Iterator[str]:
    """The texts that reach over the edges of their page or cell, by more than a hair."""
    left, right = box.content_box_x() - 1, box.content_box_x() + box.width + 1
    for one in box.descendants():
        text = getattr(one, "text", "").strip()
        if text and not left <= one.position_x <= one.position_x + one.width <= right:
            yield text


def _lone_records(pages: list[Any]) -> Iterator[int]:
    """The numbers, from 1, of the pages that hold one record of a list of more."""
    pieces: dict[Any, list[tuple[int, int]]] = defaultdict(list)
    for number, page in enumerate(pages, 1):
        for box in page._page_box.descendants():
            if type(box).__name__ == "TableBox" and box.element.get("class") == "cited":
                rows = sum(len(part.children) for part in box.children if not part.is_header)
                pieces[box.element].append((number, rows))
    assert pieces, "no list of records was found"
    for of_one in pieces.values():
        if len(of_one) > 1:
            yield from (number for number, rows in of_one if rows == 1)

"""An officer imports a file: errors by row, preview, then all rows or none."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from indicators.models import Initiative, Status
from strategy.models import User
from tests.factories import make_approved
from tests.journeys.conftest import Window
from tests.journeys.support.steps import go_to

pytestmark = pytest.mark.browser

HEADINGS = "reference,title,countries,starts_on\n"
KNOWN = "INI-NE,Niger: guide for all judges,NE,2018-03\n"
NEW = "INI-TG,Togo: guide for judges,Togo,2019\n"
WRONG = "INI-SN,Senegal: guide for judges,Senegall,2019-13\n"


@pytest.fixture
def page(site: str, officer: User, open_window: Window) -> Page:
    make_approved("initiative", reference="INI-NE", title="Niger: guide", starts_on="2018-03")
    page = open_window(officer)
    page.goto("/dashboard/")
    return page


def choose(page: Page, folder: Path, content: str) -> None:
    go_to(page, "Import")
    path = folder / "initiatives.csv"
    path.write_text(content, encoding="utf-8")
    page.get_by_label("Kind of record").select_option("initiative")
    page.get_by_label("File", exact=True).set_input_files(path)
    page.get_by_role("button", name="Look at what it would change").click()


def test_a_file_is_looked_at_corrected_and_imported_once(page: Page, tmp_path: Path) -> None:
    choose(page, tmp_path, HEADINGS + KNOWN + NEW + WRONG)
    expect(page.get_by_role("heading", level=1)).to_contain_text("2 things to correct")
    expect(page).to_have_title(re.compile("^Error:"))
    rows = page.get_by_role("row").filter(has_text="4")
    expect(rows.filter(has_text="Senegall")).to_have_count(1)
    expect(rows.filter(has_text="2019-13")).to_have_count(1)
    assert page.get_by_role("button", name="Import all of it").count() == 0
    assert Initiative.objects.count() == 1

    choose(page, tmp_path, HEADINGS + KNOWN + NEW)
    expect(page.get_by_role("heading", level=1)).to_have_text("New records: 1; changed: 1")
    expect(page.get_by_role("main")).to_contain_text("it stops counting until someone else")
    expect(page.get_by_role("main")).to_contain_text("Niger: guide for all judges")
    assert Initiative.objects.count() == 1
    page.get_by_role("button", name="Import all of it").click()
    expect(page.get_by_role("main")).to_contain_text("Imported: 1 new, 1 changed")
    assert set(Initiative.objects.values_list("reference", "status")) == {
        ("INI-NE", Status.SUBMITTED),
        ("INI-TG", Status.SUBMITTED),
    }

    choose(page, tmp_path, HEADINGS + KNOWN + NEW)
    expect(page.get_by_role("heading", level=1)).to_contain_text("The file changes nothing")


def test_a_file_that_is_none_is_refused_with_the_remedy(
    site: str, officer: User, open_window: Window, tmp_path: Path
) -> None:
    page = open_window(officer, allowed=frozenset({400}))
    page.goto("/import/")
    path = tmp_path / "broken.xlsx"
    path.write_bytes(b"PK\x03\x04 and then nothing of a workbook")
    page.get_by_label("File", exact=True).set_input_files(path)
    page.get_by_role("button", name="Look at what it would change").click()
    expect(page).to_have_title(re.compile("^Error:"))
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.get_by_role("alert").get_by_role("link")).to_have_attribute("href", "#id_file")
    assert not Initiative.objects.exists()


def test_an_exported_list_read_back_changes_nothing(page: Page, tmp_path: Path) -> None:
    page.goto("/records/initiative/")
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Export it as XLSX").click()
    assert waiting.value.suggested_filename.startswith("initiative-")
    path = tmp_path / "exported.xlsx"
    waiting.value.save_as(path)
    go_to(page, "Import")
    page.get_by_label("Kind of record").select_option("initiative")
    page.get_by_label("File", exact=True).set_input_files(path)
    page.get_by_role("button", name="Look at what it would change").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("The file changes nothing")

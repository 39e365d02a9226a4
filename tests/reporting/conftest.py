"""Fixtures for tests of figures: a second plan, and static files without a manifest."""

import pytest

from strategy.models import Plan
from tests.support.database.fixtures import load_fixtures
from tests.support.samples.documents.report_files import fake_pdf, without_pango

__all__ = ["fake_pdf", "without_pango"]


@pytest.fixture
def second(db: None) -> Plan:
    """Another plan, from April 2021, and none chosen; request it before any user fixture."""
    load_fixtures("countries", "reference", "plan_2017_2020", "tests/fixtures/april_plan.json")
    Plan.objects.update(is_shown_first=False)
    return Plan.objects.get(code="april-plan")

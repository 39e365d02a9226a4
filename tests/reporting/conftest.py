"""What tests of figures share: a second plan beside the first, and files without pages."""

import sys
from collections.abc import Sequence

import pytest

from reporting.annual_report import pdf
from strategy.models import Plan
from tests.support.fixture_cache import load_fixtures
from tests.support.samples.pdf_samples import fake_pdf

__all__ = ["fake_pdf"]


class _NoPango:
    """Fails the import as WeasyPrint does where a library that it loads is missing."""

    def find_spec(self, name: str, _path: Sequence[str] | None, _target: object = None) -> None:
        if name == "reporting.annual_report.pdf.typesetting":
            raise OSError("cannot load library 'libpango-1.0-0'")


@pytest.fixture
def without_pango(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "reporting.annual_report.pdf.typesetting", raising=False)
    monkeypatch.delattr(pdf, "typesetting", raising=False)
    monkeypatch.setattr(sys, "meta_path", [_NoPango(), *sys.meta_path])


@pytest.fixture
def second(db: None) -> Plan:
    """Another plan, from April 2021 on, beside the plan 2017-2020; ask for it before any person."""
    load_fixtures("countries", "reference", "plan_2017_2020", "tests/fixtures/plan_2021_2024.json")
    return Plan.objects.get(code="2021-2024")

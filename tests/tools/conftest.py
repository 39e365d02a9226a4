"""Fixtures for the reports that the benchmark makes."""

from tests.support.samples.documents.report_files import fake_pdf, without_pango

__all__ = ["fake_pdf", "without_pango"]

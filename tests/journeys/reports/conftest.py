"""Fixtures for the reports that journeys issue."""

from tests.support.samples.documents.report_files import fake_pdf

__all__ = ["fake_pdf"]

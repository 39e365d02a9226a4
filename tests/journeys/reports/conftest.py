"""Fixtures for the reports that journeys issue."""

from tests.support.samples.pdf_samples import fake_pdf

__all__ = ["fake_pdf"]

"""Verification of a PDF: is it a report as issued, and which of its figures differ."""

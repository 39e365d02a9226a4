"""Figures as files: results as JSON and CSV, the summary table as CSV and XLSX."""

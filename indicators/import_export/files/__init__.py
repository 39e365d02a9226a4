"""CSV, XLSX and ODS files read as tables of text."""

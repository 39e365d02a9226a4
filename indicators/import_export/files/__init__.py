"""CSV and XLSX files read as tables of text."""

"""Rows of a table checked and compared with the records."""

"""Import and export of records as CSV and XLSX files.

``files`` reads a file as a table of text, ``rows`` compares a table with the records, and ``bulk``
writes the changes. ``importer`` is the API for views and commands, ``exports`` writes files.
"""

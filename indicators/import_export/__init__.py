"""Records in files: read from CSV and XLSX, compared with what is there, written; and back out.

``reading`` and ``workbooks`` turn a file into a table of text, ``cells`` text into values and back,
``resources`` a table into an outcome (what it would change, or what is wrong), ``writing`` records
into files. ``importing`` is the door that the command and the screens use.
"""

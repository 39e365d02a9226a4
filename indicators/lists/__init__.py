"""Lists of records: filters, search, pages, and the lists of work."""

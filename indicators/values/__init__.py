"""Values of records: text read as values, values shown as text."""

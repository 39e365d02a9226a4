"""The kinds of record, one class each."""

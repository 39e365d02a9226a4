"""A plan as fixture rows: loading, validation, presentation."""

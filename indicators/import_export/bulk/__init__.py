"""Many rows written to the database in few statements."""

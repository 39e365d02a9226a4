"""The database as a backup reads it and as a restore fills it."""

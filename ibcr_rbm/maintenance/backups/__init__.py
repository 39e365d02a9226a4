"""Backups: one encrypted file of all rows and all evidence, and what it is restored from.

The rows are JSON lines, so that a backup of SQLite is restored to PostgreSQL and the reverse.
"""

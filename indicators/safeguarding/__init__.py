"""Checks that no record identifies a child, in its text or in its files."""

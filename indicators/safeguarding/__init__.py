"""No record holds what identifies a child, in its text or in its files."""

"""The figures and texts of a report as they were stored when it was issued."""

"""Whether a PDF is a report as it was issued: what it carries, worked out again, compared."""

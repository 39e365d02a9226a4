"""Spanish numbers as the figures write them: 1.234,5."""

THOUSAND_SEPARATOR = "."

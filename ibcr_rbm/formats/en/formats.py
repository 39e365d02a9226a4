"""English days as the figures write them: 30 September 2019, as in the plan's own text."""

DATE_FORMAT = "j F Y"
DATETIME_FORMAT = "j F Y, H:i"
TIME_FORMAT = "H:i"

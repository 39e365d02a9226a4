"""Files of records for tests: one door to checking them, one sentence for what they would do."""

from datetime import UTC, datetime

from indicators.exchange.importing import Import, check_file
from indicators.exchange.outcome import RowState
from strategy.models import User
from strategy.vocabulary import RecordKind

AT = datetime(2019, 9, 2, 14, 30, tzinfo=UTC)
LATER = datetime(2019, 9, 3, 14, 30, tzinfo=UTC)

STATES = (RowState.NEW, RowState.CHANGED, RowState.UNCHANGED, RowState.ERROR)

INITIATIVE = (
    "reference,title,project,scope,countries,fields_of_activity,kinds,target_groups,"
    "starts_on,ends_on,summary,evidence_url,notes\n"
)
"""The headings of a file of initiatives."""

FULL = (
    "INI-1,Niger: police training,PRJ-1,country,NE,justice,training;tool,security_forces,"
    "2018-03,2019-12-31,Six sessions,https://example.org/a;https://example.org/b,A note\n"
)
"""A row with every cell filled."""


def check(kind: str, text: str, by: User, at: datetime = AT) -> Import:
    return check_file(RecordKind(kind), text.encode(), by=by, at=at)


def told(checked: Import) -> str:
    counts = checked.outcome.counts
    return ", ".join(f"{state} {counts[state]}" for state in STATES)

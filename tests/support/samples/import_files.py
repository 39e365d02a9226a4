"""Import files for tests: one function to validate them, one sentence per effect."""

from datetime import UTC, datetime
from typing import Any

from indicators.import_export.importer import Import, validate_file
from indicators.import_export.rows.results import RowStatus
from strategy.choices import RecordKind
from strategy.models import User

AT = datetime(2019, 9, 2, 14, 30, tzinfo=UTC)
LATER = datetime(2019, 9, 3, 14, 30, tzinfo=UTC)

STATES = (RowStatus.NEW, RowStatus.CHANGED, RowStatus.UNCHANGED, RowStatus.ERROR)

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

VALUES: dict[RecordKind, dict[str, Any]] = {
    RecordKind.PROJECT: {
        "donors": "UNICEF;GAC",
        "amount": "1250000.50",
        "currency": "CAD",
        "direct_people": 0,
        "indirect_people": 17466,
        "people_basis": "estimated",
        "features": ["post_project_strategy", "oversight_body"],
    },
    RecordKind.INITIATIVE: {
        "countries": ["SN", "NE"],
        "fields_of_activity": ["violence", "justice"],
        "kinds": ["training", "tool"],
        "target_groups": ["social_workers", "government"],
        "ends_on": "2019-12-31",
        "summary": "Two\r\nlines",
    },
    RecordKind.ACTIVITY: {
        "kind": "training",
        "country": "NE",
        "place": "Niamey",
        "women": 0,
        "men": 12,
        "girls": 7,
        "children_sex_not_recorded": 0,
    },
    RecordKind.COUNTRY_SUPPORT: {"authority": "Ministry; of Justice", "ends_on": "2019"},
    RecordKind.DECISION: {"countries_concerned": ["SN", "CA"], "reversed_on": "2020-01"},
    RecordKind.NETWORK: {"countries": ["CA"], "ends_on": "2020"},
    RecordKind.EVENT: {"country": "CA", "place": "=Montréal", "ends_on": "2018-09-14"},
    RecordKind.SECTOR_STRENGTHENED: {"region": "Québec"},
    RecordKind.SPONSOR: {"sponsor_type": "foundation", "amount": "0.05", "currency": "EUR"},
    RecordKind.ANNUAL_BUDGET: {"amount": "999999999999.99"},
    RecordKind.ACTION_REPORT: {"filed_under": ["3.1", "3.2"]},
    RecordKind.POLICY_UPDATE: {"areas": ["professional_development", "human_resources"]},
    RecordKind.EVALUATION: {"impact": "not_met", "impact_reasons": "Too\nearly; wait"},
    RecordKind.RECOMMENDATION: {"response": "partly", "due_on": "2019", "action": "=Train"},
    RecordKind.LESSON: {"advice": "Begin with schools;\nnot with ministries"},
    RecordKind.PARTNER: {"countries": ["NE", "CA"], "features": ["oversight_body"]},
    RecordKind.ADVOCACY_STRATEGY: {
        "countries": ["NE"],
        "steps": "[x] 2018-03: Meeting; first\n2019: Draft law",
        "amount": "0.05",
        "currency": "XOF",
    },
    RecordKind.TEAM_YEAR: {"interns": 0, "volunteer_countries": 9},
    RecordKind.ASSESSMENT: {"value": "12.5", "justification": "=Interviews;\nof staff"},
}
"""Values of each kind that are difficult to write to a file and read back."""


def check(kind: str, text: str, by: User, at: datetime = AT) -> Import:
    return validate_file(RecordKind(kind), text.encode(), by=by, at=at)


def summarize(checked: Import) -> str:
    counts = checked.outcome.counts
    return ", ".join(f"{state} {counts[state]}" for state in STATES)

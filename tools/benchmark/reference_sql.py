"""The fourteen values of the plan 2017-2020 in one statement of hand-written SQL.

Its rules are hard-coded for this plan: it is the reference for the speed and the values of the
rollup. Each line has a value's name and its expression as of the last day of a year.
"""

from datetime import date
from decimal import Decimal

from django.db import connection

_APPROVED = "r.status = 'approved'"
_SPAN = (
    "r.starts_on <= %(day)s AND (r.ends_on IS NULL OR r.ends_on >= '2017-01-01'"
    " OR r.ends_on IN ('2017', '2017-01'))"
)
_DAY = "r.{column} <= %(day)s AND (r.{column} >= '2017-01-01' OR r.{column} IN ('2017', '2017-01'))"
_THIS_YEAR = (
    "r.{column} <= %(day)s"
    " AND (r.{column} >= %(new_year)s OR r.{column} IN (%(year)s, %(january)s))"
)
_ABROAD = (
    "EXISTS (SELECT 1 FROM indicators_initiative_countries c"
    " WHERE c.initiative_id = r.id AND c.country_id <> %(canada)s)"
)
_NAMES_NONE = (
    "NOT EXISTS (SELECT 1 FROM indicators_initiative_countries c WHERE c.initiative_id = r.id)"
)
_TARGETED = (
    "SELECT lc.country_id FROM strategy_countrylist_countries lc"
    " JOIN strategy_countrylist l ON l.id = lc.countrylist_id"
    " WHERE l.code IN ('canada', 'foreign_policy')"
)


def _filed(code: str) -> str:
    return (
        "SELECT count(*) FROM indicators_actionreport r"
        f" WHERE {_APPROVED} AND r.year_covered = %(year)s AND r.issued_on <= %(day)s"
        " AND EXISTS (SELECT 1 FROM indicators_actionreport_filed_under f"
        " JOIN strategy_indicator i ON i.id = f.indicator_id"
        f" WHERE f.actionreport_id = r.id AND i.code = '{code}')"
    )


VALUES = {
    "1.1-initiatives": (
        f"SELECT count(*) FROM indicators_initiative r WHERE {_APPROVED} AND {_SPAN}"
        f" AND ({_ABROAD} OR (r.scope IN ('regional', 'global') AND {_NAMES_NONE}))"
    ),
    "1.1-countries": (
        "SELECT count(DISTINCT c.country_id) FROM indicators_initiative r"
        " JOIN indicators_initiative_countries c ON c.initiative_id = r.id"
        f" WHERE {_APPROVED} AND {_SPAN} AND c.country_id <> %(canada)s"
    ),
    "1.2-fields": (
        "SELECT min(share) FROM (SELECT coalesce(sum(w.weight), 0) * 100.0 /"
        " nullif((SELECT count(DISTINCT id) FROM weights), 0) AS share"
        " FROM strategy_plan_fields_of_activity p"
        " LEFT JOIN weights w ON w.field_id = p.fieldofactivity_id"
        " WHERE p.plan_id = %(plan)s GROUP BY p.fieldofactivity_id) shares"
    ),
    "1.3-sectors": (
        "SELECT count(DISTINCT r.sector_id) FROM indicators_sectorstrengthened r"
        f" WHERE {_APPROVED} AND r.country_id = %(canada)s AND r.state = 'in_use'"
        f" AND {_DAY.format(column='occurred_on')}"
    ),
    "2.1-countries": (
        "SELECT count(DISTINCT r.country_id) FROM indicators_countrysupport r"
        f" WHERE {_APPROVED} AND {_SPAN} AND r.country_id <> %(canada)s"
    ),
    "2.1-decisions": (
        f"SELECT count(*) FROM indicators_decision r WHERE {_APPROVED}"
        f" AND {_DAY.format(column='occurred_on')} AND r.authority_country_id <> %(canada)s"
    ),
    "2.2-decisions": (
        f"SELECT count(*) FROM indicators_decision r WHERE {_APPROVED}"
        f" AND {_DAY.format(column='occurred_on')} AND r.authority_country_id = %(canada)s"
        " AND EXISTS (SELECT 1 FROM indicators_decision_countries_concerned c"
        f" WHERE c.decision_id = r.id AND c.country_id IN ({_TARGETED}))"
    ),
    "2.3-networks": f"SELECT count(*) FROM indicators_network r WHERE {_APPROVED} AND {_SPAN}",
    "2.3-events": (
        f"SELECT count(*) FROM indicators_event r WHERE {_APPROVED}"
        f" AND {_DAY.format(column='occurred_on')}"
        " AND r.role IN ('organised', 'co_organised', 'contributed')"
        " AND r.kind IN ('conference', 'workshop', 'webinar', 'campaign')"
    ),
    "3.1-report": _filed("3.1"),
    "3.2-report": _filed("3.2"),
    "3.3-sponsors": (
        f"SELECT count(*) FROM indicators_sponsor r WHERE {_APPROVED}"
        f" AND {_THIS_YEAR.format(column='first_agreement_on')}"
    ),
    "3.3-budget": (
        "SELECT max((r.amount - b.amount) * 100.0 / b.amount) FROM indicators_annualbudget r"
        " JOIN indicators_annualbudget b ON b.currency = r.currency AND b.basis = r.basis"
        f" WHERE {_APPROVED} AND b.status = 'approved' AND r.basis = 'approved'"
        " AND r.year = %(year)s AND b.year = %(year_before)s"
    ),
    "3.4-policies": (
        "SELECT count(DISTINCT a.policyarea_id) FROM indicators_policyupdate r"
        " JOIN indicators_policyupdate_areas a ON a.policyupdate_id = r.id"
        f" WHERE {_APPROVED} AND {_THIS_YEAR.format(column='occurred_on')}"
    ),
}

_WEIGHTS = (
    "WITH weights AS (SELECT r.id, f.fieldofactivity_id AS field_id,"
    " 1.0 / count(*) OVER (PARTITION BY r.id) AS weight FROM indicators_initiative r"
    " JOIN indicators_initiative_fields_of_activity f ON f.initiative_id = r.id"
    f" WHERE {_APPROVED} AND {_SPAN})"
)


def calculate_values(plan_id: int, canada_id: int, last_day: date) -> dict[str, Decimal | None]:
    """Return the fourteen values as of the last day of a year, in one query."""
    parameters: dict[str, int | str] = {
        "plan": plan_id,
        "canada": canada_id,
        "day": last_day.isoformat(),
        "year": str(last_day.year),
        "new_year": f"{last_day.year}-01-01",
        "january": f"{last_day.year}-01",
        "year_before": str(last_day.year - 1),
    }
    columns = ", ".join(f"({sql})" for sql in VALUES.values())
    with connection.cursor() as cursor:
        cursor.execute(f"{_WEIGHTS} SELECT {columns}", parameters)
        row = cursor.fetchone()
    return {
        code: None if value is None else Decimal(str(value))
        for code, value in zip(VALUES, row, strict=True)
    }

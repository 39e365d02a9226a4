"""The forecast of a form equals the count after the record is saved and approved."""

import random
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.db.models import ForeignKey
from django.test.utils import CaptureQueriesContext

from indicators.counting.contributions import find_contributions, load_targets
from indicators.counting.forecast import forecast_contributions
from indicators.forms.registry import RECORD_TYPES
from indicators.models import Status
from strategy.choices import RecordKind
from strategy.dates.fields import PartialDateField
from strategy.models import Plan, User
from tests.factories import make_record

pytestmark = pytest.mark.usefixtures("plan")

DAYS = ["2015", "2016-12-31", "2017", "2017-01", "2018-03-12", "2019-12", "2020", "2020-12-31"]
DAYS += ["2021", "2021-01-01"]
YEARS = ["2015", "2016", "2017", "2019", "2020", "2021"]
AS_OF = [date(2016, 6, 1), date(2018, 3, 12), date(2019, 12, 31), date(2020, 12, 31)]
COUNTRIES = ["CA", "NE", "SN", "CO", "FR", "HT", "JO"]
RECORDS_OF_A_KIND = 60

UNCOUNTED = (
    *(RecordKind.PROJECT, RecordKind.ACTIVITY),
    *(RecordKind.EVALUATION, RecordKind.RECOMMENDATION, RecordKind.LESSON),
    *(RecordKind.PARTNER, RecordKind.ADVOCACY_STRATEGY, RecordKind.TEAM_YEAR),
    RecordKind.ASSESSMENT,
)
COUNTED = [kind for kind in RecordKind if kind not in UNCOUNTED]


def _rows(chance: random.Random, model: Any, most: int) -> list[Any]:
    rows = list(model._default_manager.all())
    if model.__name__ == "Country":
        rows = [row for row in rows if row.code in COUNTRIES]
    return chance.sample(rows, min(len(rows), chance.randint(0, most)))


def _value(chance: random.Random, column: Any) -> Any:
    """Return a random value that the column can store, also an empty one."""
    if isinstance(column, PartialDateField):
        return column.to_python(chance.choice([None, *DAYS]))
    if isinstance(column, ForeignKey):
        found = _rows(chance, column.related_model, 1)
        if column.null or found:
            return found[0] if found else None
        return column.related_model._default_manager.first()
    if column.choices:
        return chance.choice([value for value, _word in column.choices])
    if column.name.startswith("year"):
        return chance.choice(["", *YEARS] if column.blank else YEARS)
    return {"amount": 100, "currency": "CAD"}.get(column.name, "Words")


def _values(chance: random.Random, kind: RecordKind) -> dict[str, Any]:
    model = RECORD_TYPES[kind].model
    many = {
        column.name: _rows(chance, column.related_model, 3) for column in model._meta.many_to_many
    }
    ones = [column for column in model._meta.concrete_fields if column.name in model.COLUMNS]
    return {column.name: _value(chance, column) for column in ones} | many


@pytest.mark.parametrize("kind", COUNTED)
def test_what_is_foreseen_is_what_counting_says_after_approval(
    kind: RecordKind, plan: Plan, staff: User
) -> None:
    chance = random.Random(f"{kind}")
    targets = load_targets()
    verdicts = set()
    for _number in range(RECORDS_OF_A_KIND):
        values, as_of = _values(chance, kind), chance.choice(AS_OF)
        before = [one.contribution for one in forecast_contributions(kind, values, targets, as_of)]

        saved = make_record(kind, entered_by=staff, status=Status.APPROVED, **values)
        after = find_contributions(kind, [saved], targets, as_of).get(saved.pk, [])
        assert before == after, (values, as_of)
        verdicts |= {answer.reason for answer in before}
        saved.delete()
    # The samples cover both results: counted, and excluded for several reasons.
    assert None in verdicts
    assert len(verdicts) >= 3


def test_to_foresee_is_one_query_and_writes_nothing(plan: Plan) -> None:
    targets = load_targets()
    values = _values(random.Random(7), RecordKind.INITIATIVE)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        forecast_contributions(RecordKind.INITIATIVE, values, targets, date(2020, 12, 31))
    assert [query["sql"][:6] for query in asked] == ["SELECT"]


def test_a_question_without_an_answer_is_named(plan: Plan) -> None:
    said = forecast_contributions(RecordKind.INITIATIVE, {}, load_targets(), date(2020, 12, 31))
    assert {one.unanswered for one in said} == {"starts_on"}
    values = {"starts_on": "2018", "countries": []}
    said = forecast_contributions(RecordKind.INITIATIVE, values, load_targets(), date(2020, 12, 31))
    assert {one.unanswered for one in said} == {"countries", "fields_of_activity"}
    assert not any(one.contribution.counts for one in said)

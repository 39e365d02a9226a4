"""What records name in their columns with several values, read in one query."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from indicators.models import Decision, Initiative, Record
from indicators.models.reading.related import list_choices, prefetch_choices, prefetch_evidence
from strategy.models import Plan
from tests.factories import make_record


def list_names(record: Record) -> dict[str, list[str]]:
    columns = [column.name for column in list_choices(type(record))]
    return {name: [str(row) for row in getattr(record, name).all()] for name in columns}


@pytest.fixture
def records(plan: Plan) -> list[Record]:
    first = make_record(
        "initiative", countries=["TD", "CI", "EG", "ET"], fields_of_activity=["security", "justice"]
    )
    second = make_record("decision", countries_concerned=["NE", "DZ"])
    third = make_record("initiative", countries=["NE"])
    return [first, second, third, make_record("event")]


@pytest.mark.parametrize("language", ["en", "fr", "ar"])
def test_the_rows_and_their_order_are_those_of_a_query_for_each(
    language: str, records: list[Record]
) -> None:
    with translation.override(language):
        expected = [list_names(record) for record in records]
        with CaptureQueriesContext(connection) as queries:
            prefetch_choices(records)
            assert [list_names(record) for record in records] == expected
        assert len(queries) == 1


def test_another_column_of_a_row_is_read_when_it_is_asked_for(records: list[Record]) -> None:
    prefetch_choices(records)
    country = records[0].countries.first()  # type: ignore[attr-defined]
    assert country.aliases
    assert country.numeric.isdigit()


def test_evidence_of_all_kinds_is_read_in_one_query(records: list[Record]) -> None:
    for record in records[:2]:
        record.evidence.create(url="https://example.org/" + record.reference)
    with CaptureQueriesContext(connection) as queries:
        prefetch_evidence(records)
        found = [[item.url for item in record.evidence.all()] for record in records]
    assert found[2:] == [[], []]
    assert [urls[0].rpartition("/")[2] for urls in found[:2]] == [r.reference for r in records[:2]]
    assert len(queries) <= 1 + 2  # The types of content are read once a process.


def test_records_come_with_the_columns_that_are_asked_for(records: list[Record]) -> None:
    initiatives = Initiative.objects.with_related({"countries"}).order_by("pk")
    with CaptureQueriesContext(connection) as queries:
        shown = [[country.code for country in record.countries.all()] for record in initiatives]
    assert shown == [["TD", "CI", "EG", "ET"], ["NE"]]
    assert len(queries) == 2
    assert list(Decision.objects.with_related().values_list("pk", flat=True)) == [records[1].pk]
    assert not Initiative.objects.none().with_related()

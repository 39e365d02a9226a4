"""Records with random values that their forms and files accept."""

from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from indicators.models import Evidence, Record
from strategy.choices import RecordKind
from tests.factories import make_country, make_record

TEXT = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=60
) | st.text("'=+-@\t\r\n _x000D5F<>r/&;,\"", max_size=20)


DATES = st.sampled_from(["", "2018", "2018-03", "2018-03-30", "2020-02-29"])


NUMBERS = {
    "DecimalField": st.integers(-(10**14) + 1, 10**14 - 1).map(lambda cents: Decimal(cents) / 100),
    "PositiveIntegerField": st.none() | st.integers(0, 2_147_483_647),
}


def random_value(field: Any, data: st.DataObject) -> Any:
    """Return any value that the database can store in a column of one value."""
    if field.name.endswith("_on"):
        return data.draw(DATES) or None
    if field.get_internal_type() in NUMBERS:
        return data.draw(NUMBERS[field.get_internal_type()])
    return data.draw(TEXT)[: field.max_length] or "x"


def random_record(kind: RecordKind, data: st.DataObject) -> Record:
    """Return a record with random texts, numbers, dates, countries and links."""
    record: Any = make_record(kind)
    for name in (*record.COLUMNS, "notes"):
        field = record._meta.get_field(name)
        if name.startswith("countries"):
            codes = data.draw(st.lists(st.sampled_from(["NE", "SN", "CA"]), unique=True))
            getattr(record, name).set([make_country(code) for code in codes])
        elif not field.is_relation and not field.choices:
            setattr(record, name, random_value(field, data))
    if kind in (RecordKind.NETWORK, RecordKind.SPONSOR):
        # One record per name.
        record.title = f"{record.pk} {record.title}"[:250]
    record.skip_history_when_saving = True
    record.save()
    for path in data.draw(st.lists(st.text("ab;,=' /?&#%", max_size=10), max_size=3, unique=True)):
        Evidence.objects.create(record=record, url=f"https://example.org/{path.strip()}")
    return record

"""An actual told apart by the dimensions of its kind of record, whether its target asks or not."""

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count

from indicators.counting.rules import record_source
from reporting.figures.measures import Actual, Slice
from strategy.choices import DIMENSIONS, Dimension, RecordKind


@dataclass(frozen=True)
class Disaggregation:
    """The records that count, by the values of one dimension.

    ``has_several`` is true where a record may have several values and then stands in several
    rows, so that the rows add up to more than the records.
    """

    dimension: Dimension
    slices: tuple[Slice, ...]
    has_several: bool


def disaggregate(actual: Actual, dimension: Dimension) -> tuple[Slice, ...]:
    """How many of the records that count have each value of a dimension, most first.

    A record with several values stands in several rows; those without any have the code "".
    """
    facet = record_source(actual.target).facets[dimension]
    rows = actual.evidence.order_by().values_list(facet.path).annotate(number=Count("pk"))
    found = {code or "": number for code, number in rows}
    labels = facet.labels() if found else {}
    slices = [
        Slice(code, labels.get(code, ""), Decimal(number), number) for code, number in found.items()
    ]
    return tuple(sorted(slices, key=lambda one: (not one.code, -one.records, one.label)))


def build_disaggregations(actual: Actual) -> tuple[Disaggregation, ...]:
    """The actual by every dimension of its kind of record that tells its records apart."""
    source = record_source(actual.target)
    found = []
    for dimension in DIMENSIONS[RecordKind(actual.target.record_kind)]:
        slices = disaggregate(actual, dimension)
        column = source.model._meta.get_field(source.facets[dimension].column)
        if len(slices) > 1:
            found.append(Disaggregation(dimension, slices, bool(column.many_to_many)))
    return tuple(found)

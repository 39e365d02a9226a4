"""An actual by the dimensions of its kind of record."""

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count

from indicators.counting.rules import record_source
from reporting.figures.measures import Actual, Slice
from strategy.choices import DIMENSIONS, Dimension, RecordKind


@dataclass(frozen=True)
class Disaggregation:
    """The counted records by the values of one dimension.

    ``has_several``: a record may have several values, so slices add up to more than the records.
    """

    dimension: Dimension
    slices: tuple[Slice, ...]
    has_several: bool


def disaggregate(actual: Actual, dimension: Dimension) -> tuple[Slice, ...]:
    """Return the counted records by the values of a dimension, the largest slice first.

    A record with several values is in several slices; the slice without a value has the code "".
    """
    path = record_source(actual.target).paths[dimension]
    rows = actual.evidence.order_by().values_list(path.column).annotate(number=Count("pk"))
    counts = {key or "": count for key, count in rows}
    words = path.words_by_key(actual.target.plan) if counts else {}
    # An indicator of another plan has no words here, and is no slice.
    slices = [
        Slice(*words.get(key, ("", "")), Decimal(count), count)
        for key, count in counts.items()
        if not key or key in words
    ]
    return tuple(
        sorted(slices, key=lambda slice_: (not slice_.code, -slice_.records, slice_.label))
    )


def build_disaggregations(actual: Actual) -> tuple[Disaggregation, ...]:
    """Return the actual by every dimension of its kind with more than one slice."""
    source = record_source(actual.target)
    disaggregations = []
    for dimension in DIMENSIONS[RecordKind(actual.target.record_kind)]:
        slices = disaggregate(actual, dimension)
        column = source.model._meta.get_field(source.paths[dimension].column)
        if len(slices) > 1:
            disaggregations.append(Disaggregation(dimension, slices, bool(column.many_to_many)))
    return tuple(disaggregations)

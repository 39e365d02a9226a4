"""An actual by the dimensions of its kind of record."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import CharField, Count, Value
from django.db.models.functions import Cast

from indicators.counting.registry import DimensionPath
from indicators.counting.rules import record_source
from indicators.workflow.queues import union_all
from reporting.figures.measures import Actual, Slice
from strategy.choices import DIMENSIONS, Dimension, RecordKind
from strategy.models import Plan


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
    return _count_slices(actual, [dimension])[dimension]


def build_disaggregations(actual: Actual) -> tuple[Disaggregation, ...]:
    """Return the actual by every other dimension of its kind with more than one slice."""
    target, source = actual.target, record_source(actual.target)
    dimensions = [
        dimension
        for dimension in DIMENSIONS[RecordKind(target.record_kind)]
        if dimension != target.dimension
    ]
    disaggregations = []
    for dimension, slices in _count_slices(actual, dimensions).items():
        column = source.model._meta.get_field(source.paths[dimension].column)
        if len(slices) > 1:
            disaggregations.append(Disaggregation(dimension, slices, bool(column.many_to_many)))
    return tuple(disaggregations)


def _count_slices(
    actual: Actual, dimensions: Sequence[Dimension]
) -> dict[Dimension, tuple[Slice, ...]]:
    """Return the slices of each dimension: one query counts, and one per dimension names them."""
    paths = record_source(actual.target).paths
    counts: dict[Dimension, dict[str, int]] = {dimension: {} for dimension in dimensions}
    if dimensions:
        for word, key, number in union_all(
            actual.evidence.order_by()
            .values_list(
                Value(dimension.value, output_field=CharField()),
                Cast(paths[dimension].column, CharField()),
            )
            .annotate(number=Count("pk"))
            for dimension in dimensions
        ):
            counts[Dimension(word)][key or ""] = number
    return {
        dimension: _build_slices(counts[dimension], paths[dimension], actual.target.plan)
        for dimension in dimensions
    }


def _build_slices(counts: Mapping[str, int], path: DimensionPath, plan: Plan) -> tuple[Slice, ...]:
    words = {str(key): word for key, word in path.words_by_key(plan).items()} if counts else {}
    # An indicator of another plan has no words here, and is no slice.
    slices = [
        Slice(*words.get(key, ("", "")), Decimal(count), count)
        for key, count in counts.items()
        if not key or key in words
    ]
    return tuple(
        sorted(slices, key=lambda slice_: (not slice_.code, -slice_.records, slice_.label))
    )

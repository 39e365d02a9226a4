"""An actual by the dimensions of its kind of record."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from django.db.models import CharField, Count, Value
from django.db.models.functions import Cast

from indicators.counting.registry import RECORD_SOURCES, DimensionPath
from indicators.counting.rules import record_source
from indicators.models.reading.confidentiality import (
    MIN_RECORDS_OF_COUNTRY,
    OTHER_COUNTRIES,
    Audience,
    build_hidden_condition,
    get_other_countries_name,
    select_hidden,
)
from indicators.workflow.queues import union_all
from reporting.figures.measures import Actual, Slice
from strategy.choices import COUNTRY_DIMENSIONS, DIMENSIONS, Dimension, RecordKind
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
    slices = {
        dimension: _build_slices(counts[dimension], paths[dimension], actual.target.plan)
        for dimension in dimensions
    }
    return {
        dimension: hide_countries(slices[dimension], actual, dimension) for dimension in dimensions
    }


def find_hidden_kinds(audience: Audience | None) -> frozenset[str]:
    """Return the kinds with a record that is hidden from the audience, in one query."""
    if audience is None or audience.knows_all:
        return frozenset()
    parts = [
        records.order_by().values_list(Value(kind.value, output_field=CharField())).distinct()
        for kind, source in RECORD_SOURCES.items()
        for records in select_hidden(source.model.objects.all(), audience)
    ]
    return frozenset(word for (word,) in union_all(parts))


def hide_countries_of_actual(actual: Actual, audience: Audience) -> Actual:
    """Return an actual for an audience, with its countries as that may tell them apart."""
    read = replace(actual, audience=audience)
    if actual.target.dimension not in COUNTRY_DIMENSIONS or not actual.measurement.slices:
        return read
    dimension = Dimension(actual.target.dimension)
    slices = hide_countries(actual.measurement.slices, read, dimension)
    return replace(read, measurement=replace(actual.measurement, slices=slices))


def hide_countries(
    slices: Sequence[Slice], actual: Actual, dimension: Dimension
) -> tuple[Slice, ...]:
    """Return the slices with those of few records, one of them hidden, as "other countries"."""
    few = [one for one in slices if one.code and one.records < MIN_RECORDS_OF_COUNTRY]
    if not few or dimension not in COUNTRY_DIMENSIONS or actual.audience is None:
        return tuple(slices)
    source = record_source(actual.target)
    path = source.paths[dimension]
    is_hidden = build_hidden_condition(source.model, actual.audience)
    hidden = set(actual.evidence.filter(is_hidden).order_by().values_list(path.lookup, flat=True))
    others = [one for one in few if one.code in hidden]
    if not others:
        return tuple(slices)
    number = sum(one.records for one in others)
    codes = frozenset(one.code for one in others)
    rest = Slice(OTHER_COUNTRIES, get_other_countries_name(), Decimal(number), number, codes)
    return (*(one for one in slices if one not in others), rest)


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

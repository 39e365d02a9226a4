"""The figures that a report's data state, by name. The data may be anybody's."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from reporting.annual_report.snapshot.reader import round_if_known
from reporting.annual_report.verification.extraction import Unreadable
from reporting.exports.results import format_exact
from strategy.choices import Rating

Data = Mapping[str, Any]
"""Parsed JSON of which nothing is known yet."""
_NUMBER = re.compile(r"-?\d{1,24}(\.\d{1,40})?", re.ASCII)
MAX_TEXT_LENGTH = 200


@dataclass(frozen=True, order=True)
class FigureKey:
    """The name of one figure of a report, and the target, objective or plan it belongs to."""

    of: str
    name: str

    def __str__(self) -> str:
        return f"{self.of}, {self.name}"


Figures = Mapping[FigureKey, str | None]
"""Numbers as exact decimals and ratings as codes; None is no data."""


def read_figures(data: Data) -> Figures:
    """Return the figures that the data state. Raises Unreadable."""
    try:
        return dict(_list_figures(data))
    except (KeyError, IndexError, TypeError, ValueError, ArithmeticError, AttributeError) as error:
        raise Unreadable("the figures that it carries are damaged or incomplete") from error


def _list_figures(data: Data) -> Iterator[tuple[FigureKey, str | None]]:
    yield FigureKey("plan", "elapsed"), _format_number(data["elapsed"])
    for objective in data["objectives"]:
        code = parse_text(objective["code"])
        yield FigureKey(code, "rating"), Rating(objective["rating"]).value
        for target in objective["targets"]:
            yield from _list_target_figures(target)


def _list_target_figures(target: Data) -> Iterator[tuple[FigureKey, str | None]]:
    code = parse_text(target["code"])
    for name in ("value", "numerator", "denominator", "this_year", "expected"):
        yield FigureKey(code, name), _format_number(target[name])
    yield FigureKey(code, "rating"), Rating(target["rating"]).value
    override = target["override"]
    calculated = override["calculated"] if override else target["rating"]
    yield FigureKey(code, "rating by the rule"), Rating(calculated).value
    for actual in target["years"]:
        year = parse_text(actual["year"])
        yield FigureKey(code, f"value of {year}"), _format_number(actual["value"])
        yield FigureKey(code, f"state of {year}"), parse_text(actual["state"])
    for part in target["slices"]:
        label = parse_text(part["code"])
        yield FigureKey(code, f"value of {label}"), _format_number(part["value"])
        yield FigureKey(code, f"records of {label}"), str(int(part["records"]))


def parse_text(value: object) -> str:
    """Return a text that is safe to show: no line breaks, no control or half characters."""
    if not isinstance(value, str) or len(value) > MAX_TEXT_LENGTH or not value.isprintable():
        raise ValueError("a word was to be expected")
    return value


def parse_number(value: object) -> Decimal | None:
    if value is None:
        return None
    if not isinstance(value, str) or not _NUMBER.fullmatch(value):
        raise ValueError("a number was to be expected")
    return Decimal(value)


def _format_number(value: object) -> str | None:
    return format_exact(round_if_known(parse_number(value)))

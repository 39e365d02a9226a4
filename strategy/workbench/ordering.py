"""The order of a plan's rows."""

from typing import Any

from django.db import models, transaction

from strategy.models import Keyed, Plan
from strategy.workbench.rows import RowKind


def move_row(kind: RowKind, row: Keyed, *, is_up: bool) -> None:
    """Exchange a row with its neighbour of the same owner; the first and the last stay."""
    owner_id = getattr(row, f"{kind.owner}_id")
    with transaction.atomic():
        # Lock the plans: two people who move rows must not number them alike.
        list(Plan.including_drafts.select_for_update().order_by("pk").values_list("pk"))
        siblings: models.QuerySet[Any] = kind.model._base_manager.filter(
            **{f"{kind.owner}_id": owner_id}
        )
        rows = list(siblings.order_by("number", "pk"))
        place = next(index for index, each in enumerate(rows) if each.pk == row.pk)
        other = place - 1 if is_up else place + 1
        if not 0 <= other < len(rows):
            return
        numbers = sorted({each.number for each in rows})
        if len(numbers) < len(rows):
            numbers = list(range(1, len(rows) + 1))
        rows[place], rows[other] = rows[other], rows[place]
        moved = [
            (each, number)
            for each, number in zip(rows, numbers, strict=True)
            if each.number != number
        ]
        free = max(numbers[-1], *(each.number for each in rows)) + 1
        for offset, (each, _number) in enumerate(moved):
            siblings.filter(pk=each.pk).update(number=free + offset)
        for each, number in moved:
            each.number = number
            each.save()

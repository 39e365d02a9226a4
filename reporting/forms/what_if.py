"""How many records more of each part an address asks about."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from reporting.dashboards.dashboard import Balance
from reporting.dashboards.what_if import WhatIf, calculate_what_if
from reporting.figures.rollup import TargetRow

MAX_ADDED = 10_000
PREFIX = "add_"


class WhatIfForm(forms.Form):
    """One number for each part of a share; its name in the address is `add_` and the part's code.

    While the address names none it holds what would restore the balance.
    """

    def __init__(
        self, data: Mapping[str, Any], row: TargetRow, missing: Mapping[str, int] | None
    ) -> None:
        self.has_input = any(name.startswith(PREFIX) for name in data)
        super().__init__(data if self.has_input else None)
        for slice_ in row.actual.measurement.slices:
            wrong = _("Write a whole number from 0 to %(most)s for “%(part)s”.") % {
                "most": MAX_ADDED,
                "part": slice_.label,
            }
            self.fields[PREFIX + slice_.code] = forms.IntegerField(
                label=slice_.label,
                required=False,
                min_value=0,
                max_value=MAX_ADDED,
                initial=(missing or {}).get(slice_.code, 0),
                error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), wrong),
            )

    @property
    def added(self) -> dict[str, int]:
        """By the part's code; what is not selection for is 0."""
        return {
            name.removeprefix(PREFIX): number or 0 for name, number in self.cleaned_data.items()
        }


@dataclass(frozen=True)
class WhatIfPanel:
    """A balance, the question that an address puts to it, and the answer; None: not selection."""

    balance: Balance
    form: WhatIfForm
    what_if: WhatIf | None

    @property
    def has_errors(self) -> bool:
        return bool(self.form.errors)


def build_what_if_panel(balance: Balance, data: Mapping[str, Any]) -> WhatIfPanel:
    form = WhatIfForm(data, balance.row, balance.missing)
    answer = calculate_what_if(balance.row, form.added) if form.is_valid() else None
    return WhatIfPanel(balance, form, answer)

"""The form of a what-if scenario: further records of each slice."""

from collections.abc import Mapping
from dataclasses import dataclass

from django import forms
from django.utils.translation import gettext as _

from reporting.dashboards.dashboard import Balance
from reporting.dashboards.what_if import WhatIf, calculate_what_if

MAX_ADDED = 10_000
PREFIX = "add_"


class WhatIfForm(forms.Form):
    """One number per slice, named `add_` and its code.

    Without any in the URL, the form has the records that would restore the balance.
    """

    def __init__(self, data: Mapping[str, object], balance: Balance) -> None:
        self.has_input = any(name.startswith(PREFIX) for name in data)
        super().__init__(data if self.has_input else None)
        for slice_ in balance.row.actual.measurement.slices:
            message = _("Write a whole number from 0 to %(most)s for “%(part)s”.") % {
                "most": MAX_ADDED,
                "part": slice_.label,
            }
            self.fields[PREFIX + slice_.code] = forms.IntegerField(
                label=slice_.label,
                required=False,
                min_value=0,
                max_value=MAX_ADDED,
                initial=(balance.missing or {}).get(slice_.code, 0),
                error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), message),
            )

    @property
    def added(self) -> dict[str, int]:
        """The further records by the code of their slice."""
        return {
            name.removeprefix(PREFIX): number or 0 for name, number in self.cleaned_data.items()
        }


@dataclass(frozen=True)
class WhatIfPanel:
    """A balance with its what-if form and scenario; None while the form is empty or invalid."""

    balance: Balance
    form: WhatIfForm
    what_if: WhatIf | None

    @property
    def has_errors(self) -> bool:
        return bool(self.form.errors)


def build_what_if_panel(balance: Balance, data: Mapping[str, object]) -> WhatIfPanel:
    form = WhatIfForm(data, balance)
    what_if = calculate_what_if(balance.row, form.added) if form.is_valid() else None
    return WhatIfPanel(balance, form, what_if)

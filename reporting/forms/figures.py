"""What an address asks of the figures: of which plan, as of which day, in which order."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reporting.dashboards.dashboard import ObjectiveOrder
from strategy.models import Plan

FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2199, 12, 31)
"""No plan of the organisation lies outside; days beyond are slips of the pen."""
UNKNOWN_PLAN = "unknown_plan"


@dataclass(frozen=True)
class YearTab:
    """One reporting year of the plan; ``as_of`` is None while the year has not begun."""

    label: str
    as_of: date | None
    is_current: bool


@dataclass(frozen=True)
class FigureSelection:
    """The figures that an address asks for."""

    plan: Plan
    as_of: date
    order: ObjectiveOrder
    today: date

    @property
    def is_today(self) -> bool:
        return self.as_of == self.today

    @property
    def is_future(self) -> bool:
        """Whether the day has not come, so that some records of its time cannot be there yet."""
        return self.as_of > self.today

    @property
    def tabs(self) -> Iterator[YearTab]:
        """The plan's years: each as of its last day, the running one as of today."""
        for year in self.plan.years:
            day = min(year.ends_on, self.today) if year.starts_on <= self.today else None
            yield YearTab(year.label, day, self.as_of == year.ends_on)


class FiguresForm(forms.Form):
    """Its errors name the parameter of the address, and what to write there."""

    as_of = forms.CharField(
        label=gettext_lazy("Figures as of"),
        required=False,
        widget=forms.TextInput(attrs={"type": "date", "autocomplete": "off"}),
    )
    plan = forms.CharField(label=gettext_lazy("Plan"), required=False)
    order = forms.CharField(label=gettext_lazy("Order of the objectives"), required=False)

    def __init__(self, data: Mapping[str, Any], *, today: date) -> None:
        super().__init__(data)
        self.today = today
        self.plans = list(Plan.objects.order_by("starts_on"))
        choices = [("", _("The plan of that day")), *((one.code, str(one)) for one in self.plans)]
        self.fields["plan"].widget = forms.Select(choices=choices)
        orders = [
            (ObjectiveOrder.WORST.value, _("Worst first")),
            (ObjectiveOrder.PLAN.value, _("As in the plan")),
        ]
        self.fields["order"].widget = forms.Select(choices=orders)

    def clean_as_of(self) -> date:
        text = self.cleaned_data["as_of"]
        if not text:
            return self.today
        try:
            day = datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007 (a day has no zone)
        except ValueError:
            raise ValidationError(
                _("as_of: “%(text)s” is no day of the calendar. Write it as 2018-12-31.")
                % {"text": text}
            ) from None
        if not FIRST_DAY <= day <= LAST_DAY:
            raise ValidationError(
                _("as_of: %(text)s is too far away. Write a day from 1900-01-01 to 2199-12-31.")
                % {"text": text}
            )
        return day

    def clean_plan(self) -> Plan | None:
        """None where the address names no plan."""
        code = self.cleaned_data["plan"]
        if not code:
            return None
        for one in self.plans:
            if one.code == code:
                return one
        known = ", ".join(one.code for one in self.plans)
        raise ValidationError(
            _("plan: there is no plan “%(code)s”. Write one of these: %(known)s.")
            % {"code": code, "known": known},
            code=UNKNOWN_PLAN,
        )

    def clean_order(self) -> ObjectiveOrder:
        word = self.cleaned_data["order"]
        try:
            return ObjectiveOrder(word or ObjectiveOrder.WORST)
        except ValueError:
            raise ValidationError(
                _("order: “%(word)s” is no order. Write order=worst or order=plan.")
                % {"word": word}
            ) from None

    @property
    def is_plan_unknown(self) -> bool:
        """Whether all else is right, so that the address could exist and merely does not."""
        return set(self.errors) == {"plan"} and self.has_error("plan", UNKNOWN_PLAN)

    def get_selection(self) -> FigureSelection | None:
        """What a valid address asks for; None while there is no plan at all."""
        as_of = self.cleaned_data["as_of"]
        plan = self.cleaned_data["plan"] or Plan.objects.current(as_of)
        return (
            FigureSelection(plan, as_of, self.cleaned_data["order"], self.today) if plan else None
        )

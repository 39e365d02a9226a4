"""The selection in a URL of figures: plan, as-of day and order of the objectives."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from indicators.counting.contributions import find_targets
from reporting.dashboards.dashboard import ObjectiveOrder
from strategy.models import Plan, find_current_plan
from strategy.plan.cache import load_plans

FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2199, 12, 31)
"""A day beyond these bounds is a typing error: no plan of the organisation has it."""
UNKNOWN_PLAN = "unknown_plan"
ALL_ROWS = "all"


@dataclass(frozen=True)
class YearTab:
    """One reporting year of the plan; ``as_of`` is None for a future year."""

    label: str
    as_of: date | None
    is_current: bool


@dataclass(frozen=True)
class FigureSelection:
    """The plan and the as-of day of the figures on a page.

    Without ``has_all_rows`` a long table has its first rows only, and a link to all of them.
    """

    plan: Plan
    as_of: date
    order: ObjectiveOrder
    today: date
    has_all_rows: bool = False

    @property
    def query(self) -> dict[str, str]:
        return {"plan": self.plan.code, "as_of": self.as_of.isoformat()}

    @property
    def is_today(self) -> bool:
        return self.as_of == self.today

    @property
    def is_future(self) -> bool:
        return self.as_of > self.today

    @property
    def tabs(self) -> Iterator[YearTab]:
        """The plan's years: past years as of their last day, the current year as of today."""
        for year in self.plan.years:
            day = min(year.ends_on, self.today) if year.starts_on <= self.today else None
            yield YearTab(year.label, day, self.as_of == year.ends_on)


class FiguresForm(forms.Form):
    """The selection form; its errors name the parameter of the URL and a valid value."""

    as_of = forms.CharField(
        label=gettext_lazy("Figures as of"),
        required=False,
        widget=forms.TextInput(attrs={"type": "date", "autocomplete": "off"}),
    )
    plan = forms.CharField(label=gettext_lazy("Plan"), required=False)
    order = forms.CharField(label=gettext_lazy("Order of the objectives"), required=False)
    rows = forms.CharField(required=False)

    def __init__(self, data: Mapping[str, object], *, today: date) -> None:
        super().__init__(data)
        self.today = today
        self.plans = load_plans()
        choices = [
            ("", _("The plan shown first")),
            *((plan.code, str(plan)) for plan in self.plans),
        ]
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
        code = self.cleaned_data["plan"]
        if not code:
            return None
        for plan in self.plans:
            if plan.code == code:
                return plan
        known = ", ".join(plan.code for plan in self.plans)
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
        """Whether an unknown plan is the only error, so that the response is a 404."""
        return set(self.errors) == {"plan"} and self.has_error("plan", UNKNOWN_PLAN)

    def get_selection(self, target_code: str = "") -> FigureSelection | None:
        """Return the selection of a valid form; None without any plan.

        An unnamed plan is the one shown first on the day, of those that have the target.
        """
        as_of, plan = self.cleaned_data["as_of"], self.cleaned_data["plan"]
        if plan is None and target_code:
            plan = find_current_plan(find_targets(target_code), as_of)
        plan = plan or find_current_plan(self.plans, as_of)
        if plan is None:
            return None
        has_all_rows = self.cleaned_data["rows"] == ALL_ROWS
        return FigureSelection(
            plan, as_of, self.cleaned_data["order"], self.today, has_all_rows=has_all_rows
        )

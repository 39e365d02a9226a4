"""The form of a new version of a target."""

import hashlib
import json
from collections.abc import Mapping
from copy import copy
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import get_language_info, gettext
from django.utils.translation import gettext_lazy as _

from indicators.forms.fields import AmountField
from indicators.safeguarding.detection import find_text_error
from strategy.models import ChangeDetail, Target, TargetVersion
from strategy.plan.figure_data import compare_rows
from strategy.text import normalize_text

LABELS = {"statement": _("statement"), "rule": _("counting rule")}
LANGUAGES = ("en", "fr", "es", "ar")
TRANSLATED = tuple(f"{name}_{code}" for name in LABELS for code in LANGUAGES)
COPIED = ("minimum", "maximum", *TRANSLATED)
"""The columns that the form copies from the version in force."""


class TargetVersionForm(forms.ModelForm[TargetVersion]):
    """A new version: from when, what the target then asks for, who decided it, and why.

    ``previewed`` is the token of the answers whose effect the user has seen.
    """

    REQUIRED = {
        "decided_by": _("Write who decided it."),
        "reason": _("Write the reason."),
    }

    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)
    previewed = forms.CharField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = TargetVersion
        fields = (
            "in_force_from",
            "minimum",
            "maximum",
            "decided_by",
            "reason",
            "document",
            *TRANSLATED,
        )
        field_classes = {"minimum": AmountField, "maximum": AmountField}
        widgets = {
            "in_force_from": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "reason": forms.Textarea(attrs={"rows": 3}),
            **{f"rule_{code}": forms.Textarea(attrs={"rows": 4}) for code in LANGUAGES},
        }
        error_messages = {
            "in_force_from": {"required": _("Enter the day from which it is in force.")},
        }

    def __init__(
        self,
        data: Mapping[str, Any] | None,
        *,
        target: Target,
        instance: TargetVersion | None = None,
    ) -> None:
        version = instance or target.version
        initial = {name: getattr(version, name) for name in COPIED}
        bounds = {"minimum": version.minimum, "maximum": version.maximum}
        initial |= {
            name: f"{bound.normalize():f}" for name, bound in bounds.items() if bound is not None
        }
        super().__init__(data, initial=initial, instance=instance or TargetVersion(target=target))
        self._add_milestones(version)
        if target.is_judged:
            self._choose_from_steps(target)
        for name in TRANSLATED:
            field, (text, _separator, code) = self.fields[name], name.rpartition("_")
            language = get_language_info(code)
            field.label = f"{capfirst(LABELS[text])} ({language['name_local']})"
            field.required = True
            field.error_messages["required"] = _("Write this text in every language.")
            direction = "rtl" if language["bidi"] else "ltr"
            field.widget.attrs |= {"lang": code, "dir": direction}
        for name, sentence in self.REQUIRED.items():
            self.fields[name].required = True
            self.fields[name].error_messages["required"] = sentence

    def _add_milestones(self, version: TargetVersion) -> None:
        """Add a field for each reporting year; a target for every year has no milestones."""
        years = () if version.target.is_yearly else version.target.plan.years
        values = {each.year: each.value for each in version.dated_milestones}
        self._milestone_names = {f"milestone_{year.label}": year.label for year in years}
        hint = TargetVersion._meta.get_field("milestones").help_text
        for name, year in zip(self._milestone_names, years, strict=True):
            value = values.get(year)
            self.fields[name] = AmountField(
                label=gettext("Milestone by the end of %(year)s") % {"year": year.label},
                initial=None if value is None else f"{value.normalize():f}",
                min_value=0,
                max_digits=14,
                decimal_places=4,
                required=False,
                help_text=hint if year == years[0] else "",
            )
        position = ["in_force_from", "minimum", "maximum", *self._milestone_names]
        self.order_fields(position)

    def _choose_from_steps(self, target: Target) -> None:
        """Offer the steps of the rubric in place of numbers."""
        choices = [("", "–"), *((str(step.number), str(step)) for step in target.steps)]
        for name in ("minimum", "maximum", *self._milestone_names):
            number = self.fields[name]
            self.fields[name] = forms.TypedChoiceField(
                label=number.label,
                initial=number.initial,
                choices=choices,
                coerce=Decimal,
                empty_value=None,
                required=False,
            )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        texts = {name: value for name, value in cleaned.items() if isinstance(value, str)}
        for name, written in texts.items():
            cleaned[name] = text = normalize_text(written)
            error = find_text_error(text, str(self.get_initial_for_field(self.fields[name], name)))
            if error:
                self.add_error(name, error)
        values = {year: cleaned.get(name) for name, year in self._milestone_names.items()}
        self.instance.milestones = {
            year: f"{value:f}" for year, value in values.items() if value is not None
        }
        return cleaned

    def clean_in_force_from(self) -> date:
        day: date = self.cleaned_data["in_force_from"]
        if (
            self.instance.target.versions.filter(in_force_from=day)
            .exclude(pk=self.instance.pk)
            .exists()
        ):
            raise forms.ValidationError(_("A version is in force from this day already."))
        return day

    @property
    def preview_token(self) -> str:
        """The digest of the answers, to compare with those whose effect was shown."""
        names = (*self.Meta.fields, *self._milestone_names)
        answers = [f"{name}={self.cleaned_data.get(name)}" for name in names]
        return hashlib.sha256("\n".join(answers).encode()).hexdigest()

    @property
    def is_previewed(self) -> bool:
        return bool(self.cleaned_data["previewed"] == self.preview_token)


class VersionCorrectionForm(TargetVersionForm):
    """The words, the range and the day of a version, to correct a plain error, and why."""

    REQUIRED = {"reason": _("Write the reason.")}

    reason = forms.CharField(
        label=_("reason for the correction"),
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Such as: a zero was missing. It is shown on the page of the target."),
    )

    class Meta(TargetVersionForm.Meta):
        fields = ("in_force_from", "minimum", "maximum", *TRANSLATED)

    def __init__(
        self, data: Mapping[str, Any] | None, *, target: Target, stored: TargetVersion
    ) -> None:
        version = copy(stored)
        version.target = target
        super().__init__(data, target=target, instance=version)
        self.stored = stored
        if stored.pk == target.all_versions[0].pk:
            # The first version is in force from the plan's first day, which may have moved.
            version.in_force_from = target.plan.starts_on
            del self.fields["in_force_from"]
        numbers = [name for name in self.fields if name not in ("reason", *TRANSLATED)]
        self.order_fields([*numbers, "reason"])

    @property
    def details(self) -> list[ChangeDetail]:
        """What the correction changes; empty if nothing."""
        return compare_rows(self.stored, self.instance).details

    @property
    def preview_token(self) -> str:
        """The digest of the answers and of the version that they correct."""
        text = f"{super().preview_token}{json.dumps(self.details)}"
        return hashlib.sha256(text.encode()).hexdigest()

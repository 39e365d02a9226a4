"""The form of a new version of a target."""

import hashlib
from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import get_language_info
from django.utils.translation import gettext_lazy as _

from strategy.models import Target, TargetVersion

LABELS = {"statement": _("statement"), "rule": _("counting rule")}
LANGUAGES = ("en", "fr", "es", "ar")
TRANSLATED = tuple(f"{name}_{code}" for name in LABELS for code in LANGUAGES)
COPIED = ("minimum", "maximum", *TRANSLATED)
"""The columns that the form copies from the version in force."""


class TargetVersionForm(forms.ModelForm[TargetVersion]):
    """A new version: from when, what the target then asks for, who decided it, and why.

    ``previewed`` is the token of the answers whose effect the user has seen.
    """

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
        widgets = {
            "in_force_from": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "reason": forms.Textarea(attrs={"rows": 3}),
            **{f"rule_{code}": forms.Textarea(attrs={"rows": 4}) for code in LANGUAGES},
        }
        error_messages = {
            "in_force_from": {"required": _("Enter the day from which it is in force.")},
        }

    def __init__(self, data: Mapping[str, Any] | None, *, target: Target) -> None:
        version = target.version
        initial = {name: getattr(version, name) for name in COPIED}
        bounds = {"minimum": version.minimum, "maximum": version.maximum}
        initial |= {
            name: f"{bound.normalize():f}" for name, bound in bounds.items() if bound is not None
        }
        super().__init__(data, initial=initial, instance=TargetVersion(target=target))
        for name in TRANSLATED:
            field, (text, _separator, code) = self.fields[name], name.rpartition("_")
            language = get_language_info(code)
            field.label = f"{capfirst(LABELS[text])} ({language['name_local']})"
            field.required = True
            field.error_messages["required"] = _("Write this text in every language.")
            direction = "rtl" if language["bidi"] else "ltr"
            field.widget.attrs |= {"lang": code, "dir": direction}
        for name, sentence in {
            "decided_by": _("Write who decided it."),
            "reason": _("Write the reason."),
        }.items():
            self.fields[name].required = True
            self.fields[name].error_messages["required"] = sentence

    def clean_in_force_from(self) -> date:
        day: date = self.cleaned_data["in_force_from"]
        if self.instance.target.versions.filter(in_force_from=day).exists():
            raise forms.ValidationError(_("A version is in force from this day already."))
        return day

    @property
    def preview_token(self) -> str:
        """The digest of the answers, to compare with those whose effect was shown."""
        answers = [f"{name}={self.cleaned_data[name]}" for name in self.Meta.fields]
        return hashlib.sha256("\n".join(answers).encode()).hexdigest()

    @property
    def is_previewed(self) -> bool:
        return bool(self.cleaned_data["previewed"] == self.preview_token)

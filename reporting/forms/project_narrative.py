"""The form of the texts of a project's report."""

from contextlib import suppress
from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from indicators.models.validation import TOO_LONG
from indicators.safeguarding.detection import find_text_error
from reporting.models import MAX_TEXT_LENGTH, ProjectNarrative
from strategy.models import User
from strategy.text import normalize_text

HINTS = {
    "context": gettext_lazy("What changed around the project, and why it is needed."),
    "progress": gettext_lazy("What explains the variances between targets and actuals."),
    "equality": gettext_lazy(
        "What the project did for equality between women and men, girls and boys."
    ),
    "lessons": gettext_lazy(
        "What you would do differently. The lessons recorded are listed below it."
    ),
    "risks": gettext_lazy("What may go wrong, and what is done about it."),
    "finance": gettext_lazy(
        "What was spent, on what, and what explains differences from the budget."
    ),
}


class ProjectNarrativeForm(forms.ModelForm[ProjectNarrative]):
    """The texts in one language; ``seen`` is the version that the page showed, 0 without any."""

    seen = forms.IntegerField(widget=forms.HiddenInput)

    class Meta:
        model = ProjectNarrative
        fields = tuple(HINTS)
        help_texts = HINTS

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.stored_version = self.instance.version if self.instance.pk else 0
        self.fields["seen"].initial = self.stored_version
        self.stored = {name: getattr(self.instance, name) for name in HINTS}
        for name, hint in HINTS.items():
            self.fields[name] = forms.CharField(
                label=self.fields[name].label,
                help_text=hint,
                required=False,
                max_length=MAX_TEXT_LENGTH,
                widget=forms.Textarea(attrs={"rows": 6}),
                error_messages={"max_length": TOO_LONG},
            )

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        for name in HINTS:
            text = values[name] = normalize_text(values.get(name) or "")
            if error := find_text_error(text, self.stored[name]):
                self.add_error(name, error)
        if values.get("seen") != self.stored_version:
            raise ValidationError(explain_concurrent_edit())
        return values

    def store(self, user: User, now: datetime) -> bool:
        """Save the texts with their author; return False, with an error, after another edit."""
        texts = {name: self.cleaned_data[name] for name in HINTS}
        author = {"changed_by": user, "changed_at": now, "version": self.stored_version + 1}
        place = {"project": self.instance.project, "language": self.instance.language}
        rows = ProjectNarrative.objects.filter(**place, version=self.stored_version)
        if self.stored_version:
            is_saved = bool(rows.update(**texts, **author))
        else:
            with suppress(IntegrityError), transaction.atomic():
                ProjectNarrative.objects.create(**place, **texts, **author)
                return True
            is_saved = False
        if not is_saved:
            self.add_error(None, explain_concurrent_edit())
        return is_saved


def explain_concurrent_edit() -> str:
    return _(
        "Another user saved these texts after you opened the page. Copy yours, open the page "
        "again, and add them."
    )

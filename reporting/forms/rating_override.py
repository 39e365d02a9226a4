"""The form of a rating override."""

from collections.abc import Mapping

from django import forms
from django.utils.translation import gettext_lazy as _

from indicators.models.validation import TOO_LONG
from strategy.choices import RATED, Rating
from strategy.text import normalize_text


class RatingForm(forms.Form):
    """An officer's rating with its reason; the URL has the target and the as-of day."""

    rating = forms.ChoiceField(
        label=_("The rating that is to stand"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose the rating that is to stand.")},
    )
    reason = forms.CharField(
        label=_("Why it differs from what the rule says"),
        max_length=2000,
        strip=True,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_(
            "Whoever reads the figure reads this, the board too. Name no child, and nothing that"
            " may not be public."
        ),
        error_messages={
            "required": _("Write why the rating differs from what the rule says."),
            "max_length": TOO_LONG,
        },
    )
    confirmed = forms.BooleanField(
        label=_("I set this rating, with my name and this reason beside it."),
        error_messages={"required": _("Tick the box to set the rating, or leave this page.")},
    )
    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Mapping[str, object] | None, *, calculated: Rating) -> None:
        super().__init__(data)
        field = self.fields["rating"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(item.value, item.label) for item in RATED if item != calculated]

    def clean_reason(self) -> str:
        return normalize_text(self.cleaned_data["reason"])

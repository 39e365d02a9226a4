"""Issuing a report asks once more: the form that confirms it."""

from django import forms
from django.utils.translation import gettext_lazy as _


class IssueForm(forms.Form):
    """That the officer has read what is still open. Which report it is stands in the address."""

    confirmed = forms.BooleanField(
        label=_("I have read what is still open, and issue this report for good."),
        error_messages={"required": _("Tick the box to issue the report, or leave this page.")},
    )

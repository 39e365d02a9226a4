"""The forms of annual reports: that one is issued for good, and a file to be checked."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

MAX_CHECKED_SIZE = 16 * 1024 * 1024
"""In bytes: ten times the largest report."""


class IssueForm(forms.Form):
    """That the officer has read what is still open. Which report it is stands in the address."""

    confirmed = forms.BooleanField(
        label=_("I have read what is still open, and issue this report for good."),
        error_messages={"required": _("Tick the box to issue the report, or leave this page.")},
    )


class VerifyForm(forms.Form):
    """A file that says that it is an annual report."""

    file = forms.FileField(
        label=_("PDF of an annual report"),
        widget=forms.FileInput(attrs={"accept": "application/pdf"}),
        error_messages={
            "required": _("Choose the PDF to check."),
            "missing": _("Choose the PDF to check."),
            "empty": _("This file is empty. Choose the PDF to check."),
        },
    )

    def clean_file(self) -> UploadedFile[Any]:
        file: UploadedFile[Any] = self.cleaned_data["file"]
        if (file.size or 0) > MAX_CHECKED_SIZE:
            raise forms.ValidationError(
                _("This file is larger than any annual report. Choose another.")
            )
        return file

"""Forms of annual reports: confirm an issue, and upload a PDF to verify."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

MAX_CHECKED_SIZE = 16 * 1024 * 1024
"""In bytes: ten times the size of the largest report."""


class IssueForm(forms.Form):
    """The officer's confirmation that the open items were read; the URL names the report."""

    confirmed = forms.BooleanField(
        label=_("I have read what is still open, and issue this report for good."),
        error_messages={"required": _("Tick the box to issue the report, or leave this page.")},
    )


class VerifyForm(forms.Form):
    """The PDF of an annual report to verify."""

    file = forms.FileField(
        label=_("PDF of an annual report"),
        widget=forms.FileInput(attrs={"accept": "application/pdf"}),
        error_messages={
            "required": _("Choose the PDF to check."),
            "missing": _("Choose the PDF to check."),
            "empty": _("This file is empty. Choose the PDF to check."),
        },
    )

    signature = forms.FileField(
        label=_("Its signature, a .sig file"),
        required=False,
        widget=forms.FileInput(attrs={"accept": ".sig"}),
    )

    def clean_file(self) -> UploadedFile[Any]:
        file: UploadedFile[Any] = self.cleaned_data["file"]
        if (file.size or 0) > MAX_CHECKED_SIZE:
            raise forms.ValidationError(
                _("This file is larger than any annual report. Choose another.")
            )
        return file

"""Forms of annual reports: confirm an issue, and upload a PDF to verify."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

MAX_CHECKED_SIZE = 16 * 1024 * 1024
"""In bytes: ten times the size of the largest report."""


class IssueForm(forms.Form):
    """The officer's confirmations; the URL names the report.

    ``numbers`` are the old figures in the texts of a correction, each by its key and a sentence;
    ``seen`` is the digest of the report that the page showed.
    """

    confirmed = forms.BooleanField(
        label=_("I have read what is still open, and issue this report for good."),
        error_messages={"required": _("Tick the box to issue the report, or leave this page.")},
    )

    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(
        self, data: Mapping[str, object] | None, numbers: Sequence[tuple[str, str]] = ()
    ) -> None:
        super().__init__(data)
        if numbers:
            self.fields["numbers"] = forms.MultipleChoiceField(
                label=_("These numbers in the texts were figures of the version before"),
                help_text=_(
                    "Tick each number that is still right, and change the others in the report."
                ),
                choices=numbers,
                required=False,
                widget=forms.CheckboxSelectMultiple,
                error_messages={
                    "invalid_choice": _("The texts or figures have changed. Check them again.")
                },
            )
        self.number_of_old = len(numbers)

    def is_outdated(self, digest: object) -> bool:
        """Whether the report is no longer what the page showed; a script sends no digest."""
        return self.cleaned_data["seen"] not in ("", digest)

    def clean_numbers(self) -> list[str]:
        confirmed: list[str] = self.cleaned_data["numbers"]
        if len(confirmed) < self.number_of_old:
            raise forms.ValidationError(_("Tick each number that is right, or change its text."))
        return confirmed


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

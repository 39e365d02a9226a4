"""The form for uploading a file of records."""

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from indicators.import_export.files.limits import MAX_BYTES
from strategy.choices import RecordKind


class ImportForm(forms.Form):
    """A kind of record, and a file."""

    kind = forms.ChoiceField(
        label=_("Kind of record"),
        choices=RecordKind.choices,
        error_messages={"required": _("Choose the kind of record.")},
    )
    file = forms.FileField(
        label=_("File"),
        help_text=_("CSV or XLSX, with a row of headings. Nothing is written before you confirm."),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.xlsx,.txt"}),
        error_messages={
            "required": _("Choose a file."),
            "missing": _("Choose a file."),
            "invalid": _("The file did not arrive. Choose it again."),
            "empty": _("The file is empty. Begin it with a row of headings."),
        },
    )

    def clean_file(self) -> "UploadedFile[bytes]":
        file: UploadedFile[bytes] = self.cleaned_data["file"]
        if (file.size or 0) > MAX_BYTES:
            raise forms.ValidationError(
                _("The file is larger than %(most)s MB. Divide it into several."),
                params={"most": MAX_BYTES // 1024**2},
            )
        return file

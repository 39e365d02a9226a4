"""The forms for uploading a file of records, and for the questions that it leaves open."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from indicators.import_export.files.limits import MAX_BYTES
from indicators.import_export.files.table import PossibleAnswer, Question
from indicators.safeguarding.detection import find_file_name_error
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
        help_text=_(
            "CSV, XLSX or ODS, with a row of headings. Nothing is written before you confirm."
        ),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.xlsx,.ods,.txt"}),
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
        error = find_file_name_error(file.name or "")
        if error:
            raise forms.ValidationError(error)
        return file


class QuestionsForm(forms.Form):
    """One field for each question about a file."""

    def __init__(
        self, questions: Sequence[Question], *, data: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(data)
        for question in questions:
            self.fields[question.name] = _build_field(question)

    @property
    def answers(self) -> dict[str, list[str]]:
        return {
            name: value if isinstance(value, list) else [value]
            for name, value in self.cleaned_data.items()
        }


def _build_field(question: Question) -> forms.ChoiceField:
    choices = [(choice.value, _build_label(choice)) for choice in question.choices]
    if question.has_several:
        return forms.MultipleChoiceField(
            label=question.sentence,
            help_text=question.hint,
            choices=choices,
            widget=forms.CheckboxSelectMultiple,
            required=False,
        )
    return forms.ChoiceField(
        label=question.sentence,
        choices=choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose an answer.")},
    )


def _build_label(choice: PossibleAnswer) -> SafeString:
    """Return the words of the answer, with the lines that it would read."""
    lines = format_html_join("", "<br><bdi>{}</bdi>", ([line] for line in choice.lines if line))
    return format_html("{}{}", choice.label, lines)

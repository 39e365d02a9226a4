"""What was sent for a form, in words: shown where it can no longer be saved.

The answers are as they were typed, unchecked; nothing is looked up in any record.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.forms import ChoiceField, Field

from indicators.screens import SCREENS, Screen
from indicators.values import Shown
from strategy.choices import RecordKind
from strategy.text import in_a_row


def typed_answers(kind: RecordKind, answers: Mapping[str, Sequence[str]]) -> list[Shown]:
    """The questions that were answered, in the order of the form."""
    return list(_answered(SCREENS[kind], answers))


def _answered(screen: Screen, answers: Mapping[str, Sequence[str]]) -> Iterator[Shown]:
    for name in (*screen.questions, "links", *screen.details):
        field = screen.form.base_fields[name]
        given = [value for value in answers.get(name, ()) if value.strip()]
        if given:
            yield Shown(name, str(field.label), in_a_row(_words(field, given)))


def _words(field: Field, given: Sequence[str]) -> Sequence[str]:
    """The words of what was chosen; what was typed as it stands."""
    if not isinstance(field, ChoiceField):
        return given
    choices: Any = field.choices
    words = {str(value): str(label) for value, label in choices}
    return [words.get(one, one) for one in given]

"""Recording without a link: which kinds, and their empty forms that hold no record of anyone."""

from datetime import date

from indicators.forms.base import RecordForm
from indicators.forms.fields import RecordField
from indicators.forms.registry import RECORD_TYPES, RecordType
from strategy.choices import RecordKind
from strategy.models import User

KINDS = (RecordKind.INITIATIVE, RecordKind.EVENT, RecordKind.DECISION, RecordKind.NETWORK)
"""The kinds that can be recorded while the link is down."""


def screens() -> list[RecordType]:
    return [RECORD_TYPES[kind] for kind in KINDS]


def empty_form(kind: RecordKind, user: User, today: date) -> RecordForm:
    """The form without anything that is anybody's: it stays on the device.

    Questions that offer other records are left out, and so is the token: each record that is typed
    gets its own on the device.
    """
    screen = RECORD_TYPES[kind]
    form = screen.form(instance=screen.model(), user=user, today=today)
    for name in [name for name, field in form.fields.items() if isinstance(field, RecordField)]:
        del form.fields[name]
    form.initial["creation_token"] = ""
    return form

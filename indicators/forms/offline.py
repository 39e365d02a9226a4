"""Recording offline: which kinds, and their empty forms without anyone's records."""

from datetime import date

from indicators.forms.base import RecordForm
from indicators.forms.fields import RecordField
from indicators.forms.registry import RECORD_TYPES
from strategy.choices import RecordKind
from strategy.models import User

KINDS = (RecordKind.INITIATIVE, RecordKind.EVENT, RecordKind.DECISION, RecordKind.NETWORK)
"""The kinds that can be recorded offline."""


def build_empty_form(kind: RecordKind, user: User, today: date) -> RecordForm:
    """Return a form to cache on a device: no token, and no field that offers other records."""
    record_type = RECORD_TYPES[kind]
    form = record_type.form(instance=record_type.model(), user=user, today=today)
    for name in [name for name, field in form.fields.items() if isinstance(field, RecordField)]:
        del form.fields[name]
    form.initial["creation_token"] = ""
    return form

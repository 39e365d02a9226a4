"""The security log as a list and as CSV, and the filters that both know."""

import csv
from collections.abc import Iterator, Mapping
from io import StringIO
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from strategy.models import SecurityAction, SecurityEvent
from strategy.text import escape_for_csv

CHUNK = 1000


class SecurityFilterForm(forms.Form):
    action = forms.ChoiceField(
        label=_("Action"), required=False, choices=[("", _("Any")), *SecurityAction.choices]
    )
    person = forms.CharField(label=_("User name or e-mail address"), required=False, max_length=200)
    address = forms.GenericIPAddressField(label=_("Network address"), required=False)
    since = forms.DateField(
        label=_("From"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    until = forms.DateField(
        label=_("To"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )


def select_events(values: Mapping[str, Any]) -> QuerySet[SecurityEvent]:
    """Return the entries that match the cleaned values of a SecurityFilterForm."""
    events = SecurityEvent.objects.select_related("by")
    person = values.get("person")
    if person:
        events = events.filter(Q(by__username__iexact=person) | Q(by__email__iexact=person))
    lookups = {
        "action": "action", "address": "address",
        "since": "at__date__gte", "until": "at__date__lte",
    }  # fmt: skip
    for name, lookup in lookups.items():
        if values.get(name):
            events = events.filter(**{lookup: values[name]})
    return events


def write_csv(events: QuerySet[SecurityEvent]) -> Iterator[str]:
    yield "\ufeff" + _format_row(["at", "action", "user", "address", "request", "subject"])
    for event in events.iterator(CHUNK):
        user = event.by.username if event.by else str(event.by_id or "")
        yield _format_row(
            [
                event.at.isoformat(),
                event.action,
                user,
                event.address or "",
                event.request_id,
                event.subject,
            ]
        )


def _format_row(cells: list[str]) -> str:
    line = StringIO()
    csv.writer(line).writerow([escape_for_csv(cell) for cell in cells])
    return line.getvalue()

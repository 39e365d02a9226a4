"""Complete sets of form answers, as a browser sends them, and the text of the response."""

import re
import uuid
from typing import Any

from django.test import Client
from django.urls import reverse

from indicators.models import (
    Initiative,
    Record,
)
from indicators.models.kinds.learning import CRITERIA
from strategy.choices import RecordKind
from strategy.models import Sector
from tests.factories import make_indicator

ANSWERS: dict[RecordKind, dict[str, Any]] = {
    RecordKind.PROJECT: {"title": "Child-friendly police", "starts_on": "2018"},
    RecordKind.INITIATIVE: {
        "title": "Niger: police training",
        "scope": "country",
        "countries": "Niger",
        "starts_on": "2018-03",
    },
    RecordKind.ACTIVITY: {"title": "First session", "women": "12", "men": "0"},
    RecordKind.COUNTRY_SUPPORT: {
        "title": "Advice on the children’s code",
        "country": "NE",
        "support": "technical",
        "starts_on": "2018",
    },
    RecordKind.DECISION: {
        "title": "Decree on interview rooms",
        "instrument": "decree",
        "authority": "Ministry of the Interior",
        "authority_country": "Niger",
        "contribution": "Wrote the specifications.",
        "occurred_on": "2018-05-14",
    },
    RecordKind.NETWORK: {"title": "Defenders", "support": "member"},
    RecordKind.EVENT: {"title": "Conference", "role": "organised", "kind": "conference"},
    RecordKind.SECTOR_STRENGTHENED: {
        "title": "Course for the police",
        "country": "Canada",
        "state": "in_use",
        "occurred_on": "2018-09",
    },
    RecordKind.SPONSOR: {"title": "UNICEF Niger", "first_agreement_on": "2018-02"},
    RecordKind.ANNUAL_BUDGET: {
        "year": "2018",
        "amount": "1 250 000.50",
        "currency": "cad",
        "basis": "approved",
    },
    RecordKind.ACTION_REPORT: {"title": "Report on actions 2018", "year_covered": "2018"},
    RecordKind.POLICY_UPDATE: {"title": "Staff handbook", "change": "revised"},
    RecordKind.EVALUATION: {
        "title": "Final evaluation",
        "level": "final",
        "completed_on": "2018-11",
        **dict.fromkeys(CRITERIA, "largely_met"),
    },
    RecordKind.RECOMMENDATION: {"title": "Train the trainers first", "done_on": "2018-12"},
    RecordKind.LESSON: {
        "title": "Courses last where schools own them",
        "year": "2018",
        "level": "final",
        "learned": "A course goes on once teachers own it.",
        "state": "open",
    },
    RecordKind.PARTNER: {"title": "National school of social work", "starts_on": "2018"},
    RecordKind.ADVOCACY_STRATEGY: {
        "title": "Niger: a children's code",
        "change_sought": "A code that protects child witnesses.",
        "starts_on": "2018",
    },
    RecordKind.TEAM_YEAR: {"year": "2018", "staff": "30"},
    RecordKind.ASSESSMENT: {
        "assessed_on": "2018-12-31",
        "value": "12.5",
        "justification": "Interviews in four offices.",
    },
}
"""For each kind the fewest answers with which it is saved."""


def answers(kind: RecordKind, /, **values: Any) -> dict[str, Any]:
    """Return a complete set of answers, with the version of a new record and a token of its own."""
    given = {"version": "1", "creation_token": str(uuid.uuid4()), **ANSWERS[kind], **values}
    if kind == RecordKind.ACTIVITY:
        given.setdefault("initiative", Initiative.objects.earliest("pk").reference)
    if kind == RecordKind.ASSESSMENT:
        given.setdefault("indicator", make_indicator().pk)
    if kind == RecordKind.SECTOR_STRENGTHENED:
        given.setdefault("sector", Sector.objects.earliest("pk").pk)
    return given


def post_new(client: Client, kind: RecordKind, /, **values: Any) -> Any:
    return client.post(reverse("indicators:record_create", args=[kind]), answers(kind, **values))


def post_edit(client: Client, record: Record, /, **values: Any) -> Any:
    address = reverse("indicators:record_edit", args=[record.KIND, record.reference])
    return client.post(address, answers(record.KIND, version=record.version, **values))


def read_text(response: Any) -> str:
    """Return the page's text with decoded entities and single spaces."""
    text = re.sub(r"<[^>]+>", " ", response.content.decode())
    return re.sub(r"\s+", " ", text.replace("&#x27;", "'").replace("&quot;", '"'))

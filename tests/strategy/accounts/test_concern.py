"""The page of the independent channel: open to everybody, and it leaves no trace here."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

pytestmark = pytest.mark.django_db

CHANNEL = "https://concerns.example.org/ibcr"


def test_every_page_leads_to_the_channel(staff_client: Client, settings: Any) -> None:
    settings.CONCERN_URL = CHANNEL
    for client, page in (
        (staff_client, "/plan/"),
        (staff_client, "/x/"),
        (Client(), "/accounts/login/"),
    ):
        assert 'href="/concern/" rel="noreferrer"' in client.get(page).content.decode(), page
    for client in (staff_client, Client()):
        answer = client.get("/concern/")
        assert (
            f'href="{CHANNEL}" target="_blank" rel="noopener noreferrer"' in answer.content.decode()
        )
        assert answer["Referrer-Policy"] == "same-origin"
        assert answer["Cache-Control"] == "no-store"


def test_opening_it_writes_nothing(
    staff_client: Client, caplog: pytest.LogCaptureFixture, time_machine: Any
) -> None:
    time_machine.move_to(timezone.now() + timedelta(minutes=20), tick=False)
    with CaptureQueriesContext(connection) as queries:
        answer = staff_client.get("/concern/")
        stranger = Client().get("/concern/")
    assert {query["sql"].split()[0] for query in queries} <= {"SELECT"}
    assert not {"sessionid", "messages", "device"} & {*answer.cookies, *stranger.cookies}
    assert not caplog.records
    with CaptureQueriesContext(connection) as queries:
        staff_client.get("/plan/")
    assert "UPDATE" in {query["sql"].split()[0] for query in queries}


def test_without_a_channel_it_says_whom_to_ask(settings: Any) -> None:
    settings.CONCERN_URL = ""
    page = Client().get("/concern/").content.decode()
    assert "No channel is named here yet" in page
    assert "If a child is in danger now" in page

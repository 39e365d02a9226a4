"""The server of the journeys: open requests after a window closes."""

import http.client
import time
from urllib.parse import urlsplit

import pytest
from django.http import HttpRequest, HttpResponseBase

from tests.journeys.support.live_server import Application, wait_until_served


def test_what_a_closed_window_had_asked_for_is_done_before_the_tables_are_emptied(
    site: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    answered: list[str] = []
    answer = Application.get_response

    def answer_late(self: Application, request: HttpRequest) -> HttpResponseBase:
        time.sleep(0.5)
        response = answer(self, request)
        answered.append(request.path)
        return response

    monkeypatch.setattr(Application, "get_response", answer_late)
    connection = http.client.HTTPConnection(urlsplit(site).netloc)
    connection.request("GET", "/accounts/login/")
    connection.close()
    assert not answered, "the control: it goes on although nobody waits for it"
    wait_until_served(site)
    assert answered == ["/accounts/login/"]

"""The headers that protect a page, on every answer."""

import pytest
from django.test import Client

from strategy.models import Plan


@pytest.mark.parametrize("page", ["/accounts/login/", "/dashboard/", "/admin/", "/no-such-page/"])
def test_every_page_carries_the_headers(plan: Plan, admin_client: Client, page: str) -> None:
    answer = admin_client.get(page)
    policy = answer["Content-Security-Policy"]
    for rule in (
        *("default-src 'none'", "object-src 'none'", "base-uri 'none'"),
        *("frame-ancestors 'none'", "script-src 'self'", "form-action 'self'"),
    ):
        assert rule in policy
    assert "unsafe" not in policy
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "same-origin"
    assert not answer.has_header("Access-Control-Allow-Origin")

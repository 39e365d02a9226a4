"""The roles of the administration, and clients of those who use it."""

import pytest
from django.conf import settings
from django.test import Client

from strategy.models import Plan, User
from strategy.plan.loading import load_file
from tests.conftest import client_of


@pytest.fixture(autouse=True)
def roles(plan: Plan) -> None:
    load_file(settings.BASE_DIR / "fixtures" / "roles.json", refresh=True)


@pytest.fixture
def officer_client(roles: None, officer: User) -> Client:
    return client_of(officer)


@pytest.fixture
def admin_client(roles: None, admin_user: User) -> Client:
    return client_of(admin_user)

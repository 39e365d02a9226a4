"""The lists of the admin filter by the columns that they declare, and by no secret."""

from collections.abc import Iterator

import pytest
from django.contrib import admin
from django.db.models import Model
from django.test import Client, RequestFactory

from strategy.admin.base import StrictAdmin
from strategy.models import User
from tests.conftest import client_of

pytestmark = pytest.mark.django_db

SECRETS = (
    "password__startswith",
    "is_superuser",
    "last_login__gte",
    "authenticator__data__icontains",
    "authenticator__type",
    "usersession__session_key__startswith",
    "emailaddress__email__startswith",
    "session_data__contains",
    "session_key__startswith",
    "secret__startswith",
    "data__secret__startswith",
)
"""Look-ups of a user, of a session and of a second factor."""


def list_address(model: type[Model]) -> str:
    return f"/admin/{model._meta.app_label}/{model._meta.model_name}/"


def find_paths_to_users(model: type[Model], depth: int = 3) -> Iterator[str]:
    """Yield the look-ups that lead from a model to accounts, backwards too."""
    if model is User:
        yield ""
    if depth == 0 or model is User:
        return
    for field in model._meta.get_fields():
        related = field.related_model
        if not isinstance(related, type) or not issubclass(related, Model):
            continue
        for path in find_paths_to_users(related, depth - 1):
            yield f"{field.name}__{path}"


def _is_allowed(model: type[Model], lookup: str) -> bool:
    request = RequestFactory().get("/")
    return admin.site._registry[model].lookup_allowed(lookup, "p", request)


@pytest.mark.parametrize("model", sorted(admin.site._registry, key=str))
def test_no_list_is_filtered_by_a_secret(model: type[Model]) -> None:
    client = client_of(User.objects.create_superuser("root", "root@example.org", "x"))
    address = list_address(model)
    assert client.get(address).status_code == 200
    paths = sorted({"", *find_paths_to_users(model)})
    lookups = [f"{path}{lookup}" for path in paths for lookup in SECRETS]
    assert not [one for one in lookups if _is_allowed(model, one)]
    for lookup in (*SECRETS[:2], lookups[-1]):
        assert client.get(address, {lookup: "p"}).status_code == 400, lookup


def test_the_paths_to_accounts_are_found() -> None:
    paths = {path for model in admin.site._registry for path in find_paths_to_users(model)}
    assert "people__" in paths
    assert len(paths) > 5


@pytest.mark.parametrize(
    ("model", "query", "status"),
    [
        ("target", {"record_kind__exact": "initiative"}, 200),
        ("target", {"indicator__objective__priority__plan__id__exact": "1"}, 200),
        ("target", {"indicator__objective__priority__plan__code__startswith": "2"}, 400),
        ("target", {"code__startswith": "1"}, 400),
        ("target", {"name__regex": "(a+)+$"}, 400),
        ("priority", {"plan__id__exact": "1"}, 200),
        ("priority", {"plan__shorter__x": "1"}, 400),
    ],
)
def test_a_list_knows_its_declared_filters_alone(
    officer_client: Client, model: str, query: dict[str, str], status: int
) -> None:
    assert officer_client.get(f"/admin/strategy/{model}/", query).status_code == status


def test_no_model_of_a_library_is_administered() -> None:
    assert {model._meta.app_label for model in admin.site._registry} == {"strategy"}
    assert all(isinstance(one, StrictAdmin) for one in admin.site._registry.values())
    assert User not in admin.site._registry

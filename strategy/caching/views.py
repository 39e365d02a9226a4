"""Views whose pages stay computed while neither the data nor the day changes.

    @cached_by_rights
    def summary(request): ...

A page is stored without what belongs to one request: the ``PERSONAL_PARTS`` of ``base.html`` and
the CSRF token, which are filled in each time. Its URL, the language, the day, the data and the
user's rights (or the user) must make the whole rest; a view whose page also depends on the hour
calls ``refuse_storage``. Nothing is stored or served inside a transaction.
"""

import re
import secrets
import uuid
from collections.abc import Callable, Hashable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from functools import wraps
from typing import Concatenate, ParamSpec

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import get_language

from strategy.accounts.policy import get_rights
from strategy.caching.data_version import read_data_version
from strategy.caching.store import Page, PageStore
from strategy.models import User

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]

PERSONAL_PARTS: Mapping[str, str] = {
    "masthead": "components/masthead.html",
    "offline_status": "components/offline_status.html",
    "messages": "components/messages.html",
}
"""Placeholder -> the template that takes its place."""
CSRF_TOKEN = "csrf_token"
FORM_TOKEN = "form_token"

_SECRET = secrets.token_hex(16)
"""Begins each placeholder, so that no text of a record can be one."""
_PLACEHOLDER = re.compile(f"{_SECRET}:([a-z_]+):".encode())


@dataclass
class _Storage:
    """What happens to the page that a view is rendering."""

    is_refused: bool = False


_storage: ContextVar[_Storage | None] = ContextVar("storage", default=None)
_store = PageStore()


def cached_by_rights(view: View[P]) -> View[P]:
    """Decorate a view whose page is the same for all users with equal rights."""
    return _cache(view, get_rights)


def cached_by_user(view: View[P]) -> View[P]:
    """Decorate a view whose page differs by user."""
    return _cache(view, lambda user: (user.pk, get_rights(user)))


def write_placeholders(_request: HttpRequest) -> dict[str, object]:
    """Return the context of a page that is about to be stored; empty for others."""
    if _storage.get() is None:
        return {}
    placeholders = {name: _write_placeholder(name) for name in PERSONAL_PARTS}
    return {"placeholders": placeholders, CSRF_TOKEN: _write_placeholder(CSRF_TOKEN)}


def make_form_token() -> str:
    """Return a new UUID for a form, or what becomes a new one each time a page is served."""
    return _write_placeholder(FORM_TOKEN) if _storage.get() else str(uuid.uuid4())


def refuse_storage() -> None:
    """Let each request render the page: it depends on more than the data and the day."""
    storage = _storage.get()
    if storage is not None:
        storage.is_refused = True


def _write_placeholder(name: str) -> str:
    return f"{_SECRET}:{name}:"


def _cache(view: View[P], get_user_key: Callable[[User], Hashable]) -> View[P]:
    @wraps(view)
    def wrapper(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        version = read_data_version() if request.method == "GET" else None
        if version is None or not isinstance(request.user, User):
            return view(request, *args, **kwargs)
        day, user_key = timezone.localdate(), get_user_key(request.user)
        key = (request.get_full_path(), get_language(), day, user_key)
        page = _store.get(version, key)
        if page is not None:
            return HttpResponse(_fill_placeholders(page, request))
        storage = _Storage()
        response = _call_with_placeholders(storage, view, request, *args, **kwargs)
        page = _PLACEHOLDER.split(response.content)
        if response.status_code == 200 and not storage.is_refused:
            _store.put(version, key, page)
        response.content = _fill_placeholders(page, request)
        return response

    return wrapper


def _call_with_placeholders(
    storage: _Storage, view: View[P], request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs
) -> HttpResponse:
    token = _storage.set(storage)
    try:
        return view(request, *args, **kwargs)
    finally:
        # The page of an error is rendered later, as a whole.
        _storage.reset(token)


def _fill_placeholders(page: Page, request: HttpRequest) -> bytes:
    # Every second part is the name of a placeholder.
    return b"".join(
        _render_part(part.decode(), request) if place % 2 else part
        for place, part in enumerate(page)
    )


def _render_part(name: str, request: HttpRequest) -> bytes:
    if name == CSRF_TOKEN:
        return get_token(request).encode()
    if name == FORM_TOKEN:
        return str(uuid.uuid4()).encode()
    return render_to_string(PERSONAL_PARTS[name], request=request).encode()

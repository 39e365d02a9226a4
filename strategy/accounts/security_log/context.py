"""The request that runs, for what is logged in its course."""

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True)
class RunningRequest:
    """Its id, the address of its client if known, and who signed in, read when needed."""

    id: str
    address: str | None
    read_user: Callable[[], object]


current_request: ContextVar[RunningRequest | None] = ContextVar("current_request", default=None)


def get_request_id() -> str:
    """Return an empty text outside a request."""
    request = current_request.get()
    return request.id if request else ""

"""Values computed from plans, rules and words alone, kept in the process until one of them changes.

They are kept by the plan version, which is read before they are computed: a change by any
process gives a new version, and with it new values. No record and no figure is kept.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from threading import Lock
from typing import Generic, TypeVar

from django.db import connection

from strategy.models import Plan, PlanVersion

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

_version: ContextVar[str] = ContextVar("plan_version", default="")


@contextmanager
def read_version_once() -> Iterator[None]:
    """Read the plan version for all values of the block, also those of a block inside it.

    A function with this decorator is such a block. Inside a transaction nothing is kept: it may
    have changed the plan itself, and may be rolled back.
    """
    if _version.get() or connection.in_atomic_block:
        yield
        return
    before = _version.set(PlanVersion.objects.read_token())
    try:
        yield
    finally:
        _version.reset(before)


class BoundedCache(Generic[K, V]):
    """Values by their key, at most ``size`` of them; the one unused for longest goes first.

    Threads share them: nobody may change a value.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self._values: OrderedDict[K, V] = OrderedDict()
        self._lock = Lock()

    def get(self, key: K, compute: Callable[[], V]) -> V:
        """Return the value of a key; compute it if it is not kept."""
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
                return self._values[key]
        value = compute()
        with self._lock:
            self._values[key] = value
            while len(self._values) > self.size:
                self._values.popitem(last=False)
        return value

    def __len__(self) -> int:
        return len(self._values)


class PlanCache(Generic[K, V]):
    """Values of a plan version by their key, at most ``size`` of them."""

    def __init__(self, size: int) -> None:
        self._values: BoundedCache[tuple[str, K], V] = BoundedCache(size)

    def get(self, key: K, compute: Callable[[], V]) -> V:
        """Return the value of a key; compute it if it is not kept for the version of the block."""
        version = _version.get()
        if not version or connection.in_atomic_block:
            return compute()
        return self._values.get((version, key), compute)

    def __len__(self) -> int:
        return len(self._values)


_PLANS: PlanCache[None, tuple[Plan, ...]] = PlanCache(2)


def load_plans() -> tuple[Plan, ...]:
    """Return all plans, with ``has_targets``."""
    return _PLANS.get(None, lambda: tuple(Plan.objects.with_target_flags()))

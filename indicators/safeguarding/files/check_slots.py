"""At most two checks of files at once on a machine: a check takes processor time and memory.

A slot is a lock on a file, which ends with the process that holds it.
"""

import fcntl
import hashlib
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

SLOTS = 2
MAX_WAIT = 2.0
"""Seconds after which a person is asked to try again."""
_STEP = 0.05


class TooManyChecks(Exception):
    """Other files are being checked; the same request succeeds later."""


@contextmanager
def lock_check_slot() -> Iterator[None]:
    """Wait for a slot and hold it; raise TooManyChecks when none becomes free."""
    slot = _wait_for_slot(time.monotonic() + MAX_WAIT)
    try:
        yield
    finally:
        os.close(slot)


def _wait_for_slot(deadline: float) -> int:
    while True:
        for number in range(SLOTS):
            slot = os.open(_locate_slot(number), os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
            try:
                fcntl.flock(slot, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(slot)
            else:
                return slot
        if time.monotonic() >= deadline:
            raise TooManyChecks
        time.sleep(_STEP)


def _locate_slot(number: int) -> Path:
    # Installations on one machine do not wait for each other.
    own = hashlib.sha256(str(settings.MEDIA_ROOT).encode()).hexdigest()[:12]
    return Path(settings.FILE_CHECK_FOLDER) / f"ibcr-file-check-{os.getuid()}-{own}-{number}"

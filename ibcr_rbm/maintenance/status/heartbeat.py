"""The worker's sign of life, from a thread of its own."""

import logging
import threading
from datetime import UTC, datetime

from django.db import DatabaseError, close_old_connections

from ibcr_rbm.maintenance.models import Work, remember_work

logger = logging.getLogger(__name__)

BEAT_SECONDS = 300
"""Seldom: on SQLite each write ends the stored pages."""


def start_heartbeat() -> threading.Event:
    """Note a sign of life at once and then regularly, until the event that is returned is set."""
    stop = threading.Event()
    threading.Thread(target=_beat_until, args=(stop,), daemon=True).start()
    return stop


def _beat_until(stop: threading.Event) -> None:
    while True:
        close_old_connections()
        try:
            remember_work(Work.WORKER, datetime.now(UTC))
        except DatabaseError:
            logger.exception("The sign of life of the worker could not be stored")
        if stop.wait(BEAT_SECONDS):
            return

"""Print how long the page of a forgotten password takes for known and unknown addresses.

    DATABASE_URL=sqlite:////tmp/timing.sqlite3 .venv/bin/python tools/reset_timing.py

Asks 200 times for each, in turn, on a database with the sample accounts, and prints minimum, median
and maximum in milliseconds of processor time.
"""

import os
import statistics
import sys
import time
from pathlib import Path

import django

TRIES = 200
ROOT = Path(__file__).resolve().parents[1]


def measure(address: str) -> float:
    """Return the milliseconds of processor time of one request."""
    from django.test import Client  # noqa: PLC0415 - after django.setup()

    client = Client(REMOTE_ADDR="127.0.0.1")
    started = time.process_time()
    client.post("/accounts/password/reset/", {"email": address})
    return (time.process_time() - started) * 1000


def main() -> None:
    sys.path.insert(0, str(ROOT))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ibcr_rbm.settings")
    django.setup()
    from django.conf import settings  # noqa: PLC0415 - after django.setup()

    settings.ALLOWED_HOSTS = ["testserver"]
    # The limits of requests would end the measurement.
    settings.ACCOUNT_RATE_LIMITS = False
    times: dict[str, list[float]] = {"known": [], "unknown": []}
    for number in range(-5, TRIES):
        for name, address in (("known", "staff@example.org"), ("unknown", "nobody@example.org")):
            took = measure(address)
            if number >= 0:
                times[name].append(took)
    for name, values in times.items():
        middle = statistics.median(values)
        print(f"{name:8} min {min(values):6.2f}  median {middle:6.2f}  max {max(values):6.2f} ms")


if __name__ == "__main__":
    main()

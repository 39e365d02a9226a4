"""The application for gunicorn, which kills its own server where it hurts most.

A record that was sent from a device is written, and its answer never leaves: DIE_AFTER says after
how many of them; 0 is never.
"""

import os
import signal
from collections.abc import Iterable, Mapping
from typing import Any

from ibcr_rbm.wsgi import application as whole

DIE_AFTER = int(os.environ.get("DIE_AFTER", "0"))

_taken: list[str] = []


def application(environ: Mapping[str, Any], start_response: Any) -> Iterable[bytes]:
    answer: Iterable[bytes] = whole(dict(environ), start_response)
    if str(environ["PATH_INFO"]).endswith("/send/"):
        _taken.append(str(environ["PATH_INFO"]))
        if len(_taken) == DIE_AFTER:
            os.killpg(os.getpgid(0), signal.SIGKILL)
    return answer

"""The application for gunicorn, with a server that kills itself before a response.

A record from a device is saved, and its response is never sent. DIE_AFTER is the number of records
before the crash; 0 is never.
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

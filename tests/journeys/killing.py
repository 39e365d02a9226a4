"""The application in a process of its own, which can be killed at any moment and started again."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HOST = "127.0.0.1"
GUNICORN = (
    sys.executable,
    "-m",
    "gunicorn",
    "--threads=4",
    "--log-level=error",
    "--no-control-socket",
)
PATIENCE = 120
"""Seconds in which a server must answer."""


class Server:
    """Gunicorn on a port of its own, as a group of processes."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.environment = {**os.environ, **environment}
        with socket.socket() as probe:
            probe.bind((HOST, 0))
            self.port = probe.getsockname()[1]
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"http://{HOST}:{self.port}"

    def start(self, die_after: int = 0) -> None:
        """Start it, and return once it answers."""
        self.process = subprocess.Popen(
            [*GUNICORN, "--bind", f"{HOST}:{self.port}", "tests.journeys.dying"],
            cwd=ROOT,
            env={**self.environment, "DIE_AFTER": str(die_after)},
            start_new_session=True,
        )
        end = time.monotonic() + PATIENCE
        while not self._answers():
            if time.monotonic() > end or self.is_dead:
                raise RuntimeError("the server does not start")
            time.sleep(0.1)

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.address}/healthz", timeout=5) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    @property
    def is_dead(self) -> bool:
        return self.process is None or self.process.poll() is not None

    def kill(self) -> None:
        """SIGKILL to all its processes: nothing is finished, nothing is put away."""
        if self.process is not None and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

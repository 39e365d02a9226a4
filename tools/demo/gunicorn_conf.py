"""The configuration of gunicorn for the demonstration, on this machine only."""

import os
import subprocess
import sys
from typing import Any

bind = f"127.0.0.1:{os.environ['PORT']}"
workers = 2
threads = 4
# Load the application before forking: it answers as soon as the welcome is printed.
preload_app = True
timeout = 60
# Otherwise gunicorn leaves a control socket in the home folder.
control_socket_disable = True
loglevel = "warning"

WELCOME = """
  IBCR results, with public sample records: http://{bind}/

  Sample accounts, all with the password ibcr-demo
    staff     records what happened, in one office
    manager   approves what others recorded
    officer   imports, edits the plan, issues the annual report
    board     reads the dashboard and the issued reports
    admin     keeps accounts and reference data

  Ctrl-C stops it.
"""


beside: list[subprocess.Popen[bytes]] = []
"""The worker that makes PDFs, started and ended with the server."""


def when_ready(_server: Any) -> None:
    """Start the worker and print the URL, once the port is open."""
    command = (sys.executable, "tools/demo/worker.py")
    # A new session: Ctrl-C reaches the server only, which then ends the worker.
    beside.append(subprocess.Popen(command, start_new_session=True))
    print(WELCOME.format(bind=bind), file=sys.stderr, flush=True)


def on_exit(_server: Any) -> None:
    """End the worker; it may finish the current PDF within its own time limit."""
    for worker in beside:
        worker.terminate()
        worker.wait()

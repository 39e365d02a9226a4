"""How gunicorn serves the demonstration: to this machine alone, saying where once it answers."""

import os
import subprocess
import sys
from typing import Any

bind = f"127.0.0.1:{os.environ['PORT']}"
workers = 2
threads = 4
# The application is loaded once, before the workers part: it answers as soon as it says so.
preload_app = True
timeout = 60
# By default gunicorn leaves a socket in the home folder, for commands that nobody gives here.
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
"""What makes the PDFs: it begins and ends with the server."""


def when_ready(_server: Any) -> None:
    """Start the worker, and say where to look, once the address is taken."""
    command = (sys.executable, "tools/demo/worker.py")
    # In a session of its own: Ctrl-C is for the server, which ends the worker in its turn.
    beside.append(subprocess.Popen(command, start_new_session=True))
    print(WELCOME.format(bind=bind), file=sys.stderr, flush=True)


def on_exit(_server: Any) -> None:
    """End the worker, after the PDF at hand if that takes no longer than it allows itself."""
    for worker in beside:
        worker.terminate()
        worker.wait()

"""Run the worker that makes the PDFs of the demonstration for as long as the server is there.

The server starts this and asks it to end; it notices itself when the server is killed. A worker
that dies is started again, and takes up what it had begun.
"""

import os
import signal
import subprocess
import sys
from types import FrameType

LOOKS_EVERY = 1
"""Seconds until it is noticed that the server is gone."""
MAY_FINISH = 5
"""Seconds to finish the current PDF; an unfinished one is queued again at the next start."""
COMMAND = (sys.executable, "manage.py", "db_worker", "--verbosity", "0", "--no-reload")


def run_beside(server: int) -> None:
    """Start the worker, and again whenever it ends, until the server has gone."""
    while os.getppid() == server:
        worker = subprocess.Popen(COMMAND)
        try:
            while os.getppid() == server and worker.poll() is None:
                wait(worker, LOOKS_EVERY)
        finally:
            worker.terminate()
            wait(worker, MAY_FINISH)
            worker.kill()
            worker.wait()


def wait(worker: subprocess.Popen[bytes], seconds: int) -> None:
    """Wait until the worker has ended, but no longer than that."""
    try:
        worker.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        return


def end(_signal: int, _frame: FrameType | None) -> None:
    sys.exit(0)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, end)
    run_beside(os.getppid())

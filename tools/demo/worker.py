"""Run the worker that makes the PDFs of the demonstration until the server ends.

The server starts this process and terminates it. It also ends when the server is killed. A worker
that dies is restarted and resumes its interrupted tasks.
"""

import os
import signal
import subprocess
import sys
from types import FrameType

LOOKS_EVERY = 1
"""The interval of checks whether the server still runs, in seconds."""
MAY_FINISH = 5
"""Seconds to finish the current PDF; an unfinished PDF is queued again at the next start."""
COMMAND = (sys.executable, "manage.py", "db_worker", "--verbosity", "0", "--no-reload")


def run_beside(server: int) -> None:
    """Restart the worker whenever it ends, until the server has ended."""
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
    """Wait until the worker has ended, for at most `seconds`."""
    try:
        worker.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        return


def end(_signal: int, _frame: FrameType | None) -> None:
    sys.exit(0)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, end)
    run_beside(os.getppid())

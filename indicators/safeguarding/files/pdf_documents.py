"""PDFs as evidence: without scripts, actions and other files, and without places of pictures.

The check runs in a process of its own (``pdf_child``), with limits of time and memory.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import IO

from indicators.safeguarding.files.dangers import Danger, DangerousFile
from indicators.safeguarding.files.office_documents import InvalidDocument, UnreadableImage

_CHILD = Path(__file__).with_name("pdf_child.py")
_TIMEOUT = 30
"""Seconds, also of waiting for a busy machine; the child's processor time has its own limit."""


def strip_pdf_images(file: IO[bytes]) -> bytes | None:
    """Return the PDF without the metadata of its pictures; None if it has none.

    Raises DangerousFile, InvalidDocument and UnreadableImage.
    """
    file.seek(0)
    # -I: neither the folder nor the environment decides what is imported.
    command = [sys.executable, "-I", str(_CHILD)]
    try:
        done = subprocess.run(
            command, input=file.read(), capture_output=True, timeout=_TIMEOUT, check=True
        )
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        raise InvalidDocument("The check of the PDF did not end.") from error
    line, _separator, content = done.stdout.partition(b"\n")
    answer = json.loads(line)
    refusal = answer["refusal"]
    if refusal == "picture":
        raise UnreadableImage(refusal)
    if refusal == "unreadable":
        raise InvalidDocument(refusal)
    if refusal:
        raise DangerousFile(Danger(refusal))
    return content if answer["is_changed"] else None

"""The hook for ClamAV: where CLAMAV names its daemon, it sees each file before it is stored."""

import socket
import struct
from typing import IO

from django.conf import settings

TIMEOUT = 30
"""Seconds for each answer of the daemon."""
_CHUNK_BYTES = 64 * 1024
_MAX_ANSWER_BYTES = 4096


class ScannerUnavailable(Exception):
    """The daemon does not answer, or could not check the file."""


def find_virus(file: IO[bytes]) -> str:
    """Return the name of the virus that the daemon finds; empty without one or without a daemon."""
    if not settings.CLAMAV:
        return ""
    file.seek(0)
    try:
        with _connect(settings.CLAMAV) as daemon:
            daemon.sendall(b"zINSTREAM\0")
            while chunk := file.read(_CHUNK_BYTES):
                daemon.sendall(struct.pack(">I", len(chunk)) + chunk)
            daemon.sendall(struct.pack(">I", 0))
            answer = _read_answer(daemon)
    except OSError as error:
        raise ScannerUnavailable(str(error)) from error
    if answer.endswith(" FOUND"):
        return answer.removeprefix("stream: ").removesuffix(" FOUND")
    if answer != "stream: OK":
        raise ScannerUnavailable(answer)
    return ""


def _connect(address: str) -> socket.socket:
    if address.startswith("/"):
        daemon = socket.socket(socket.AF_UNIX)
        daemon.settimeout(TIMEOUT)
        daemon.connect(address)
        return daemon
    host, _colon, port = address.rpartition(":")
    return socket.create_connection((host.strip("[]"), int(port)), timeout=TIMEOUT)


def _read_answer(daemon: socket.socket) -> str:
    answer = b""
    while not answer.endswith(b"\0") and len(answer) < _MAX_ANSWER_BYTES:
        part = daemon.recv(_MAX_ANSWER_BYTES)
        if not part:
            break
        answer += part
    return answer.rstrip(b"\0\n").decode(errors="replace")

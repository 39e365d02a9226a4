"""The hook for ClamAV, against a small server that speaks the protocol of its daemon."""

import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from indicators.safeguarding.files.uploads import InvalidFile, validate_upload
from tests.support.samples.documents.evidence_files import PDF, build_pdf

VIRUS = build_pdf(b"(X5O!P%@AP-EICAR-STANDARD)")


def _read_exactly(connection: socket.socket, size: int) -> bytes:
    content = b""
    while len(content) < size:
        part = connection.recv(size - len(content))
        assert part
        content += part
    return content


def _read_stream(connection: socket.socket) -> bytes:
    assert _read_exactly(connection, 10) == b"zINSTREAM\0"
    content = b""
    while size := struct.unpack(">I", _read_exactly(connection, 4))[0]:
        content += _read_exactly(connection, size)
    return content


def answer_as_clamd(content: bytes) -> bytes:
    return b"stream: Eicar-Test-Signature FOUND\0" if b"EICAR" in content else b"stream: OK\0"


@contextmanager
def run_daemon(
    listener: socket.socket, answer: Callable[[bytes], bytes] = answer_as_clamd
) -> Iterator[list[bytes]]:
    """Serve one connection; the list gets what was sent."""
    seen: list[bytes] = []

    def serve() -> None:
        connection, _address = listener.accept()
        with connection:
            seen.append(_read_stream(connection))
            connection.sendall(answer(seen[0]))

    listener.listen(1)
    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield seen
    thread.join(10)


@pytest.fixture
def listener(settings: Any) -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        settings.CLAMAV = f"127.0.0.1:{server.getsockname()[1]}"
        yield server


def check(content: bytes) -> bytes:
    return bytes(validate_upload(SimpleUploadedFile("decree.pdf", content)).read())


def test_the_daemon_sees_the_whole_file_before_it_is_taken(listener: socket.socket) -> None:
    content = build_pdf(b"(" + b"x" * 200_000 + b")")
    with run_daemon(listener) as seen:
        assert check(content) == content
    assert seen == [content]


def test_a_virus_is_named(listener: socket.socket) -> None:
    with (
        run_daemon(listener),
        pytest.raises(InvalidFile, match="found Eicar-Test-Signature in “decree"),
    ):
        check(VIRUS)


@pytest.mark.parametrize("answer", [b"INSTREAM size limit exceeded. ERROR\0", b"", b"stream: "])
def test_a_file_that_the_daemon_could_not_check_is_not_taken(
    listener: socket.socket, answer: bytes
) -> None:
    with (
        run_daemon(listener, lambda _content: answer),
        pytest.raises(InvalidFile, match="does not answer"),
    ):
        check(PDF)


def test_without_an_answer_no_file_is_taken(listener: socket.socket) -> None:
    listener.close()
    with pytest.raises(InvalidFile, match="does not answer"):
        check(PDF)


def test_the_daemon_may_listen_on_a_socket_of_the_machine(tmp_path: Path, settings: Any) -> None:
    settings.CLAMAV = str(tmp_path / "clamd.ctl")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(settings.CLAMAV)
        with run_daemon(server), pytest.raises(InvalidFile, match="Eicar"):
            check(VIRUS)


def test_without_a_setting_nothing_is_asked() -> None:
    assert check(VIRUS) == VIRUS

"""Extraction of the files embedded in a PDF, without a PDF parser.

It finds the streams that declare themselves embedded files. That is enough for the files of
``reporting.annual_report.pdf.document`` and most copies saved by other programs. The file may be
damaged or hostile, so everything that is read has a limit.
"""

import json
import re
import zlib
from collections.abc import Iterator
from typing import Any

from reporting.annual_report.content.data_files import FORMAT
from reporting.annual_report.sealing.attachments import FORMAT as SEAL_FORMAT
from reporting.annual_report.sealing.attachments import FileSeal, parse_file_seal

MAX_FILE_SIZE = 64 * 1024 * 1024
MAX_STREAM_SIZE = 16 * 1024 * 1024
"""In bytes, decompressed: many times the data of a report of ten thousand records."""
MAX_STREAMS = 20

MAX_SEAL_SIZE = 100_000
MAX_HEAD_LENGTH = 2000
"""The length of a stream's dictionary, in bytes."""

_EMBEDDED = re.compile(rb"/Type\s{0,4}/EmbeddedFile")
_LENGTH = re.compile(rb"/Length (\d{1,10})(?! \d+ R)")
_CLAIM = {
    "plan": re.compile(rb'"plan": ?"([\w-]{1,40})"'),
    "year": re.compile(rb'"year": ?"([\d-]{4,9})"'),
    "version": re.compile(rb'"version": ?(\d{1,5})'),
    "language": re.compile(rb'"language": ?"([a-z-]{2,5})"'),
}


class Unreadable(Exception):
    """The file has no readable data; the message says why."""


def extract_files(content: bytes) -> Iterator[bytes]:
    """Yield the content of each embedded file; those that cannot be decompressed are skipped."""
    for number, found in enumerate(_EMBEDDED.finditer(content)):
        if number == MAX_STREAMS:
            return
        begins = content.rfind(b"obj", max(0, found.start() - MAX_HEAD_LENGTH), found.start())
        ends = content.find(b"stream", found.end(), found.end() + MAX_HEAD_LENGTH)
        if begins >= 0 and ends >= 0:
            head = content[begins:ends]
            held = _decompress(head, _read_stream(content, head, ends + len(b"stream")))
            if held is not None:
                yield held


def extract_figures(content: bytes) -> dict[str, Any]:
    """Return the embedded figures as parsed JSON. Raises Unreadable."""
    held = _find_figures_file(content)
    try:
        read = json.loads(held)
    except (ValueError, RecursionError) as error:
        raise Unreadable("the figures that it carries are damaged and cannot be read") from error
    if not isinstance(read, dict) or read.get("format") != FORMAT:
        raise Unreadable("the figures that it carries are not those of an annual report")
    return read


def extract_seal(content: bytes) -> FileSeal | None:
    """Return the signed statement that the file embeds, signed by anybody; None without one."""
    mark = SEAL_FORMAT.encode()
    held = (part for part in extract_files(content) if len(part) <= MAX_SEAL_SIZE and mark in part)
    return next((seal for seal in map(parse_file_seal, held) if seal), None)


def extract_claims(content: bytes) -> dict[str, str]:
    """Return the report that the file claims to be, even if its figures are damaged."""
    try:
        head = _find_figures_file(content)[:1000]
    except Unreadable:
        return {}
    found = {name: pattern.search(head) for name, pattern in _CLAIM.items()}
    return {name: match[1].decode("ascii") for name, match in found.items() if match}


def _find_figures_file(content: bytes) -> bytes:
    mark = f'"{FORMAT}"'.encode()
    for held in extract_files(content):
        if held.lstrip()[:1] == b"{" and mark in held[:200]:
            return held
    raise Unreadable("it carries no figures of an annual report")


def _read_stream(content: bytes, head: bytes, after: int) -> bytes:
    """Return the bytes of a stream by its stated length, else up to its end."""
    begins = after + (2 if content[after : after + 2] == b"\r\n" else 1)
    told = _LENGTH.search(head)
    ends = begins + int(told[1]) if told else -1
    if not content[max(ends, begins) : ends + 12].lstrip().startswith(b"endstream"):
        ends = content.find(b"endstream", begins)
    return content[begins : max(begins, ends)]


def _decompress(head: bytes, raw: bytes) -> bytes | None:
    if b"/Filter" not in head:
        return raw if len(raw) <= MAX_STREAM_SIZE else None
    reader = zlib.decompressobj()
    try:
        held = reader.decompress(raw, MAX_STREAM_SIZE)
    except zlib.error:
        return None
    return held if reader.eof else None

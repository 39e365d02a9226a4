"""The content of a backup: a compressed tar archive whose last member lists the others.

`age --decrypt FILE | tar -tz` shows it.
"""

import gzip
import hashlib
import io
import json
import tarfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, BinaryIO

from ibcr_rbm.maintenance.backups.errors import BackupDamaged

HEAD = "head.json"
"""The first member: what a restore must know before it begins."""
MANIFEST = "manifest.json"
"""The last member: the digest of each other, so that none can be missing."""
COMPRESSION = 6


class ArchiveWriter:
    """Adds members to a backup, and lists them at its end."""

    def __init__(self, tar: tarfile.TarFile) -> None:
        self._tar = tar
        self._digests: dict[str, str] = {}

    def add(self, name: str, content: bytes) -> None:
        self._digests[name] = hashlib.sha256(content).hexdigest()
        self._write(name, content)

    def add_json(self, name: str, content: Mapping[str, Any]) -> None:
        self.add(name, json.dumps(content, indent=1).encode())

    def close(self, more: Mapping[str, Any]) -> None:
        content = {**more, "members": self._digests}
        self._write(MANIFEST, json.dumps(content, indent=1).encode())

    def _write(self, name: str, content: bytes) -> None:
        member = tarfile.TarInfo(name)
        member.size, member.mode = len(content), 0o600
        self._tar.addfile(member, io.BytesIO(content))


@contextmanager
def write_archive(stream: BinaryIO) -> Iterator[ArchiveWriter]:
    with (
        gzip.GzipFile(fileobj=stream, mode="wb", compresslevel=COMPRESSION, mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w|") as tar,
    ):
        yield ArchiveWriter(tar)


def read_archive(stream: BinaryIO) -> Iterator[tuple[str, bytes]]:
    """Yield each member with its content, the list of members last; raise BackupDamaged."""
    digests: dict[str, str] = {}
    manifest: bytes | None = None
    try:
        with (
            gzip.GzipFile(fileobj=stream, mode="rb") as packed,
            tarfile.open(fileobj=packed, mode="r|") as tar,
        ):
            for member in tar:
                file = tar.extractfile(member)
                content = file.read() if file else b""
                if member.name == MANIFEST:
                    manifest = content
                else:
                    digests[member.name] = hashlib.sha256(content).hexdigest()
                yield member.name, content
    except (tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise BackupDamaged(error) from error
    if manifest is None or json.loads(manifest)["members"] != digests:
        raise BackupDamaged("its list of members does not fit")

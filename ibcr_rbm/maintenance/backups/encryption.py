"""The encryption of a backup: the format of https://age-encryption.org, in one pass.

A backup for public keys is a plain age file. One with a passphrase begins with a line and with the
key that opens the rest, encrypted with the passphrase: age itself encrypts only what fits in memory
with a passphrase.
"""

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import BinaryIO

import pyrage

from ibcr_rbm.maintenance.backups.errors import BackupDamaged, BackupError

LINE = b"ibcr-backup with passphrase "
LENGTH_DIGITS = 6


@dataclass(frozen=True)
class Keys:
    """What closes backups and what opens them."""

    passphrase: str = ""
    recipients: Sequence[str] = ()
    """Public keys, `age1...`."""
    identities: Sequence[str] = ()
    """Private keys, `AGE-SECRET-KEY-1...`."""


@contextmanager
def encrypt_to(file: BinaryIO, keys: Keys) -> Iterator[tuple[BinaryIO, Keys]]:
    """Yield a stream whose content goes into the file, and the keys of a check of this file.

    The check must open the file also where only public keys are known: a private key that is
    forgotten afterwards opens it too.
    """
    if not (keys.passphrase or keys.recipients):
        raise BackupError(
            "A backup is encrypted: set BACKUP_PASSPHRASE, or BACKUP_RECIPIENTS to public keys "
            "made by age-keygen."
        )
    own = pyrage.x25519.Identity.generate()
    if keys.passphrase:
        locked = pyrage.passphrase.encrypt(str(own).encode(), keys.passphrase)
        file.write(LINE + f"{len(locked):0{LENGTH_DIGITS}}\n".encode() + locked)
    recipients = [own.to_public(), *map(_parse_recipient, keys.recipients)]
    read_end, write_end = os.pipe()
    source, stream = os.fdopen(read_end, "rb"), os.fdopen(write_end, "wb")
    encrypt = partial(pyrage.encrypt_io, source, file, recipients)
    with _run_along(encrypt, inner=source, outer=stream):
        yield stream, Keys(identities=[str(own)])


@contextmanager
def decrypt_from(path: Path, keys: Keys) -> Iterator[BinaryIO]:
    """Yield a stream of the content; raise BackupDamaged at the latest when all is read."""
    try:
        file = path.open("rb")
    except OSError as error:
        raise BackupError(f"{path} cannot be read: {error.strerror}") from None
    with file:
        identities = _find_identities(file, keys)
        read_end, write_end = os.pipe()
        stream, target = os.fdopen(read_end, "rb"), os.fdopen(write_end, "wb")
        decrypt = partial(pyrage.decrypt_io, file, target, identities)
        with _run_along(decrypt, inner=target, outer=stream):
            yield stream
            # What stands after the content must be whole too.
            while stream.read(1 << 16):
                pass


def parse_identities(text: str) -> list[str]:
    """Return the private keys in the text of a key file; raise BackupError without any."""
    lines = [line.strip() for line in text.splitlines()]
    found = [line for line in lines if line and not line.startswith("#")]
    for line in found:
        try:
            pyrage.x25519.Identity.from_str(line)
        except pyrage.IdentityError:
            raise BackupError("The key file holds a line that is no key of age-keygen.") from None
    if not found:
        raise BackupError("The key file holds no key.")
    return found


@contextmanager
def _run_along(act: Callable[[], None], *, inner: BinaryIO, outer: BinaryIO) -> Iterator[None]:
    """Run the encryption in a thread, at the other end of a pipe; its error comes first."""
    errors: list[Exception] = []

    def run() -> None:
        try:
            act()
        except Exception as error:  # noqa: BLE001 - raised below
            errors.append(error)
        finally:
            with suppress(OSError):
                inner.close()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    except BackupError as error:
        _finish(thread, outer)
        if isinstance(error, BackupDamaged) and errors:
            raise _explain(errors[0]) from error
        raise
    except OSError as error:
        _finish(thread, outer)
        raise (_explain(errors[0]) if errors else error) from error
    finally:
        _finish(thread, outer)
    if errors:
        raise _explain(errors[0]) from errors[0]


def _finish(thread: threading.Thread, outer: BinaryIO) -> None:
    with suppress(OSError):
        outer.close()
    thread.join()


def _explain(error: Exception) -> Exception:
    if isinstance(error, pyrage.DecryptError):
        if "No matching keys" in str(error):
            return BackupError("This key does not open the backup.")
        return BackupDamaged(error)
    # pyrage tells of content that was changed by an error without a number.
    if isinstance(error, OSError) and error.errno is None:
        return BackupDamaged(error)
    return error


def _find_identities(file: BinaryIO, keys: Keys) -> list[pyrage.x25519.Identity]:
    identities = list(keys.identities)
    if file.read(len(LINE)) != LINE:
        file.seek(0)
    else:
        written = file.read(LENGTH_DIGITS + 1)
        if not (written[:-1].isdigit() and written[-1:] == b"\n"):
            raise BackupDamaged("its first line was changed")
        locked = file.read(int(written))
        if keys.passphrase and not identities:
            identities.append(_unlock(locked, keys.passphrase))
    if not identities:
        raise BackupError(
            "Nothing opens this backup: set BACKUP_PASSPHRASE, or give the file of the private "
            "key with --identity."
        )
    return [pyrage.x25519.Identity.from_str(identity) for identity in identities]


def _unlock(locked: bytes, passphrase: str) -> str:
    try:
        return str(pyrage.passphrase.decrypt(locked, passphrase), "ascii")
    except (pyrage.DecryptError, OSError):
        raise BackupError(
            "The passphrase does not open this backup, or its beginning is damaged."
        ) from None


def _parse_recipient(text: str) -> pyrage.x25519.Recipient:
    try:
        return pyrage.x25519.Recipient.from_str(text)
    except pyrage.RecipientError:
        raise BackupError(f"“{text}” is no public key of age-keygen (age1...).") from None

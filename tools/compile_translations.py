"""Compile the translations (.po) for the application (.mo), where missing or older.

In Python alone: the gettext tools need not be installed, and no compiled file is committed.
"""

import sys
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po

ROOT = Path(__file__).resolve().parent.parent


def is_up_to_date(source: Path, compiled: Path) -> bool:
    return compiled.exists() and compiled.stat().st_mtime_ns >= source.stat().st_mtime_ns


class Malformed(ValueError):
    """A translation that cannot be parsed, or would fail when it is formatted."""


def read_catalogue(source: Path) -> Catalog:
    """Return the translations of a file; raise Malformed with the line number."""
    try:
        with source.open("rb") as file:
            catalogue = read_po(file, abort_invalid=True)
    except (PoFileError, UnicodeDecodeError) as error:
        raise Malformed(f"{source}: {error}") from error
    for message in catalogue:
        # Such as a placeholder %(name)s that the original does not have.
        for problem in message.check(catalogue):
            raise Malformed(f"{source}, line {message.lineno}: {problem}")
    return catalogue


def compile_catalogue(source: Path, compiled: Path) -> None:
    """Write the compiled file atomically; raise Malformed without writing."""
    catalogue = read_catalogue(source)
    draft = compiled.with_suffix(".mo.new")
    with draft.open("wb") as file:
        write_mo(file, catalogue)
    draft.replace(compiled)


def main() -> int:
    """Return the exit code: 1 if a source is malformed."""
    malformed = 0
    for source in sorted(ROOT.glob("ibcr_rbm/locale/*/LC_MESSAGES/*.po")):
        compiled = source.with_suffix(".mo")
        if is_up_to_date(source, compiled):
            continue
        try:
            compile_catalogue(source, compiled)
        except Malformed as error:
            print(error, file=sys.stderr)
            malformed = 1
    return malformed


if __name__ == "__main__":
    sys.exit(main())

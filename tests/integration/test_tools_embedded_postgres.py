"""The embedded PostgreSQL: one supervisor per folder, nothing left after a kill, data kept (OP-1)."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from tools.bootstrap import ROOT
from tools.embedded_postgres import EmbeddedPostgres, FolderInUse, first_free

pytestmark = pytest.mark.usefixtures("own_database_url")


@pytest.fixture
def own_database_url(monkeypatch):
    monkeypatch.delenv("DATABASE_URL", raising=False)


def supervised(folder: Path, *command: str) -> subprocess.Popen:
    arguments = [
        sys.executable,
        "-m",
        "tools.embedded_postgres",
        "run",
        "--data",
        str(folder),
        "--",
        *command,
    ]
    return subprocess.Popen(arguments, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def processes_of(folder: Path) -> list[int]:
    """Living processes that name the folder on their command line."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                if str(folder) in (entry / "cmdline").read_text(errors="replace"):
                    found.append(int(entry.name))
            except OSError:
                continue
    return found


def wait_until(condition, seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def test_keeps_its_data_and_leaves_nothing_running(tmp_path: Path) -> None:
    """OP-1: starting again keeps the data; also in a folder closed to others, with a path too long for a socket."""
    folder = tmp_path / ("long-" * 20) / "data"
    tmp_path.chmod(0o700)
    with EmbeddedPostgres(folder) as server, psycopg.connect(server.url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    assert processes_of(folder) == []
    with EmbeddedPostgres(folder) as server, psycopg.connect(server.url) as connection:
        assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)
        assert len(server.url.split("host=")[1]) + len("/.s.PGSQL.5432") <= 107


def test_a_killed_supervisor_leaves_nothing_and_the_next_starts(tmp_path: Path) -> None:
    """OP-1: SIGKILL ends the server and the command with it, and the folder is free for the next start."""
    folder = tmp_path / "data"
    first = supervised(folder, "sh", "-c", "echo up; exec sleep 300")
    assert first.stdout is not None
    assert first.stdout.readline() == "up\n"
    first.send_signal(signal.SIGKILL)
    first.wait()
    with EmbeddedPostgres(folder) as server:
        psycopg.connect(server.url).close()
    wait_until(lambda: processes_of(folder) == [])


def test_the_command_is_told_the_address_and_its_exit_code_is_handed_on(tmp_path: Path) -> None:
    done = supervised(tmp_path / "data", "sh", "-c", "echo $DATABASE_URL; exit 7")
    output, _ = done.communicate(timeout=60)
    assert output.startswith("postgresql://callastar@/callastar?host=/")
    assert done.returncode == 7


def test_sigterm_reaches_the_command(tmp_path: Path) -> None:
    """OP-1: everything stops cleanly within seconds."""
    running = supervised(
        tmp_path / "data", "sh", "-c", "trap 'exit 3' TERM; echo up; while :; do sleep 0.1; done"
    )
    assert running.stdout is not None
    assert running.stdout.readline() == "up\n"
    running.terminate()
    assert running.wait(timeout=60) == 3
    wait_until(lambda: processes_of(tmp_path / "data") == [])


def test_a_folder_has_one_supervisor_at_a_time(tmp_path: Path) -> None:
    """OP-1: two demos on one folder do not share a server by accident; test runs take the next free folder."""
    with EmbeddedPostgres(tmp_path / "1", durable=False) as held:
        began = time.monotonic()
        with pytest.raises(FolderInUse, match=str(os.getpid())):
            EmbeddedPostgres(tmp_path / "1").start()
        assert time.monotonic() - began < 1
        with first_free(tmp_path, durable=False) as other:
            assert other.folder.name == "2"
        psycopg.connect(held.url).close()


def test_allows_two_hundred_connections(tmp_path: Path) -> None:
    with (
        EmbeddedPostgres(tmp_path / "data", durable=False) as server,
        psycopg.connect(server.url) as connection,
    ):
        assert connection.execute("SHOW max_connections").fetchone() == ("200",)
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)

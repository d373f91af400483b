"""A site of its own to measure: an empty database, migrated, and web processes in front of it."""

import logging
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from signal import SIGKILL, SIGTERM
from socket import socket
from tempfile import TemporaryDirectory

from tools.bootstrap import ROOT
from tools.demo.__main__ import WEB_OPTIONS
from tools.embedded_postgres import EmbeddedPostgres
from tools.processes import dying_with_parent, stop

READY_SECONDS = 30


@dataclass(frozen=True)
class Site:
    """Where it is, and the process that holds its workers."""

    host: str
    port: int
    database_url: str
    pid: int


@contextmanager
def running_site(*, workers: int) -> Iterator[Site]:
    """Start everything, set Django up in this process on the same database, and end it all afterwards."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    with running_database() as (url, folder), _web(folder / "web.log", workers) as (port, pid):
        yield Site("127.0.0.1", port, url, pid)


@contextmanager
def running_database() -> Iterator[tuple[str, Path]]:
    """An empty, migrated database with Django set up on it in this process, and a folder that goes with it."""
    build = ROOT / ".build"
    build.mkdir(exist_ok=True)
    with (
        TemporaryDirectory(dir=build, prefix="bench-") as folder,
        EmbeddedPostgres(Path(folder) / "postgres") as database,
    ):
        _configure(database.url, folder)
        yield database.url, Path(folder)


def _configure(database_url: str, folder: str) -> None:
    os.environ |= {
        "DATABASE_URL": database_url,
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "ENVIRONMENT": "development",
        "MEDIA_ROOT": f"{folder}/media",
    }
    import django
    from django.core.management import call_command

    django.setup()
    logging.disable(logging.CRITICAL)  # of this process; that of the site is written, as it is in production
    call_command("migrate", verbosity=0)


@contextmanager
def _web(log: Path, workers: int) -> Iterator[tuple[int, int]]:
    port = _free_port()
    options = [*WEB_OPTIONS, "--workers", str(workers), "--port", str(port)]
    with log.open("wb") as output:
        web = subprocess.Popen(
            [str(Path(sys.executable).parent / "granian"), *options, "config.asgi:application"],
            cwd=ROOT,
            stdout=output,
            stderr=output,
            preexec_fn=dying_with_parent(SIGTERM),
        )
    try:
        _wait(web, port, log)
        yield port, web.pid
    finally:
        stop(web, signals=((SIGTERM, 8), (SIGKILL, 3)))


def _free_port() -> int:
    with socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(web: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while web.poll() is None and time.monotonic() < deadline:
        with suppress(OSError, HTTPException):
            connection = HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/readyz")
            if connection.getresponse().status == 200:
                return
        time.sleep(0.1)
    raise SystemExit(f"the site did not start:\n{log.read_text()[-2000:]}")

"""Web processes and workers as they run in production, beside the tests and on the tests' own database."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile

import httpx
from django.db import connections

from tests.contract.sandbox_program import SandboxProgram
from tests.log_search import search_file
from tools.bootstrap import ROOT
from tools.processes import dying_with_parent

START_SECONDS = 60
GRANIAN = [
    str(Path(sys.executable).parent / "granian"),
    *("--interface", "asginl", "--workers", "1", "--backpressure", "20000", "--workers-kill-timeout", "2"),
]
WORKER = [sys.executable, "manage.py", "procrastinate", "worker"]
Program = subprocess.Popen[bytes]


def database_url() -> str:
    """The database that the tests use, for programs beside them."""
    settings = connections["default"].settings_dict
    parts = {name: settings.get(name.upper(), "") for name in ("user", "password", "host", "port")}
    query = "&".join(f"{name}={value}" for name, value in parts.items() if value)
    return f"postgresql:///{settings['NAME']}?{query}"


def free_address() -> str:
    """The address of a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"


def product_environment(
    *,
    site: str = "http://127.0.0.1:8000",
    stripe: SandboxProgram | None = None,
    daily: SandboxProgram | None = None,
    resend: SandboxProgram | None = None,
    **more: str,
) -> dict[str, str]:
    """The environment of a program of the product: the tests' database, and the sandboxes that it speaks to."""
    found = {**os.environ, "ENVIRONMENT": "development", "DATABASE_URL": database_url(), "SITE_URL": site}
    if stripe:
        found |= {
            "STRIPE_API_BASE": stripe.url,
            "STRIPE_JS_URL": f"{stripe.url}/v3/",
            "STRIPE_CONNECT_ORIGIN": stripe.url,
            "STRIPE_SECRET_KEY": stripe.keys["secret_key"],
            "STRIPE_PUBLISHABLE_KEY": stripe.keys["publishable_key"],
        }
    if daily:
        found |= {
            "DAILY_API_URL": f"{daily.url}/v1",
            "DAILY_API_KEY": daily.keys["api_key"],
            "DAILY_ROOM_ORIGIN": daily.url,
        }
    if resend:
        found |= {"RESEND_API_URL": resend.url, "RESEND_API_KEY": resend.keys["api_key"]}
    return {**found, **more}


@contextmanager
def running_web(environment: dict[str, str], *addresses: str) -> Iterator[list[Program]]:
    """Run a web process at each address, ready when the block begins."""
    with ExitStack() as processes:
        web = [processes.enter_context(_running(_web(address), environment)) for address in addresses]
        for address, process in zip(addresses, web, strict=True):
            _wait_for(f"{address}/readyz", process)
        yield web


def kill(process: Program) -> None:
    """End a program at once with its children, as a machine that fails would."""
    os.killpg(process.pid, signal.SIGKILL)
    process.wait(4)


@contextmanager
def running_worker(environment: dict[str, str], *options: str) -> Iterator[Program]:
    """Run a worker with further options of its command."""
    with _running([*WORKER, *options], environment) as process:
        yield process


@contextmanager
def _running(command: list[str], environment: dict[str, str]) -> Iterator[Program]:
    with NamedTemporaryFile(prefix="callastar-", suffix=".log", delete=False) as log:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment,
            stdout=log,
            stderr=log,
            preexec_fn=dying_with_parent(signal.SIGTERM),
            process_group=0,
        )
    try:
        yield process
    finally:
        _end(process)
        search_file(Path(log.name))  # LO-1


def _web(address: str) -> list[str]:
    return [*GRANIAN, "--port", address.rsplit(":", 1)[1], "config.asgi:application"]


def _end(process: Program) -> None:
    """End a program with its children: they would keep the database open."""
    process.terminate()
    try:
        process.wait(4)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(4)


def _wait_for(address: str, process: Program) -> None:
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            if httpx.get(address, trust_env=False).is_success:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError(f"the site did not start: {process.poll()}")

"""The site as it runs in production: granian with the ASGI application, a worker, and the sandboxes behind it."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from django.db import connections

from tests.contract.sandbox_program import SandboxProgram
from tools.bootstrap import ROOT
from tools.processes import dying_with_parent

START_SECONDS = 30
GRANIAN = [
    str(Path(sys.executable).parent / "granian"),
    *("--interface", "asginl", "--workers", "1", "--backpressure", "20000", "--workers-kill-timeout", "2"),
]
WORKER = [sys.executable, "manage.py", "procrastinate", "worker"]


def database_url() -> str:
    """The database that the tests use, for programs beside them."""
    settings = connections["default"].settings_dict
    parts = {name: settings.get(name.upper(), "") for name in ("user", "password", "host", "port")}
    query = "&".join(f"{name}={value}" for name, value in parts.items() if value)
    return f"postgresql:///{settings['NAME']}?{query}"


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running_site(
    *, stripe: SandboxProgram, daily: SandboxProgram, resend: SandboxProgram, media: Path
) -> Iterator[str]:
    """Start site and worker on the test database; gives the address."""
    address = f"http://127.0.0.1:{free_port()}"
    environment = {**os.environ, **_settings(address, stripe, daily, resend, media)}
    web = _start([*GRANIAN, "--port", address.rsplit(":", 1)[1], "config.asgi:application"], environment)
    worker = _start(WORKER, environment)
    try:
        _wait_for(f"{address}/readyz", web)
        yield address
    finally:
        for process in (worker, web):
            _end(process)


def _settings(
    address: str, stripe: SandboxProgram, daily: SandboxProgram, resend: SandboxProgram, media: Path
) -> dict[str, str]:
    return {
        "ENVIRONMENT": "development",
        "DATABASE_URL": database_url(),
        "SITE_URL": address,
        "MEDIA_ROOT": str(media),
        "STRIPE_API_BASE": stripe.url,
        "STRIPE_JS_URL": f"{stripe.url}/v3/",
        "STRIPE_SECRET_KEY": stripe.keys["secret_key"],
        "STRIPE_PUBLISHABLE_KEY": stripe.keys["publishable_key"],
        "DAILY_API_URL": f"{daily.url}/v1",
        "DAILY_API_KEY": daily.keys["api_key"],
        "DAILY_ROOM_ORIGIN": daily.url,
        "RESEND_API_URL": resend.url,
        "RESEND_API_KEY": resend.keys["api_key"],
    }


def _start(command: list[str], environment: dict[str, str]) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        preexec_fn=dying_with_parent(signal.SIGTERM),
        process_group=0,
    )


def _end(process: "subprocess.Popen[bytes]") -> None:
    """End a program with its children: they would keep the database open."""
    process.terminate()
    try:
        process.wait(4)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(4)


def _wait_for(address: str, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            if httpx.get(address, trust_env=False).is_success:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError(f"the site did not start: {process.poll()}")

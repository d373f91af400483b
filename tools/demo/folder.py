"""What a demo keeps in its folder: ports, secrets, and the file that tells programs what runs."""

import fcntl
import json
import os
import secrets
import shutil
import socket
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

DEFAULT_PORT = 8000
PROVIDERS = ("stripe", "daily", "resend")
CONTENTS = (*PROVIDERS, "postgres", "media", "state.json", "people.json", "demo.json", "demo.lock")

State = dict[str, Any]


class DemoError(Exception):
    """The demo cannot go on; the message is for a person."""


class Folder:
    """One demo's folder. Two folders are two demos that can run side by side."""

    def __init__(self, path: Path) -> None:
        self.path = path.resolve()
        self.people_file = self.path / "people.json"
        self.demo_file = self.path / "demo.json"
        self._state_file = self.path / "state.json"

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keep the folder for this process; raises DemoError when another demo runs in it."""
        self.path.mkdir(parents=True, exist_ok=True)
        with (self.path / "demo.lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise DemoError(
                    f"a demo runs in {self.path} already; stop it, or name another DATA_DIR"
                ) from None
            yield

    def load_state(self) -> State:
        """Secrets and ports of the last start; made on the first one."""
        state: State = json.loads(self._state_file.read_text()) if self._state_file.exists() else {}
        for name, make in _SECRETS.items():
            state.setdefault(name, make())
        state.setdefault("ports", {})
        state.setdefault("endpoints", {})
        return state

    def save_state(self, state: State) -> None:
        """Keep the state for the next start, readable by its owner only."""
        write_private(self._state_file, state)

    def empty(self) -> None:
        """Remove what a demo put here and nothing else."""
        for name in CONTENTS:
            path = self.path / name
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)


def write_private(path: Path, content: Mapping[str, Any]) -> None:
    """Write JSON with mode 0600, whole or not at all."""
    partial = path.with_name(path.name + ".new")
    with open(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        json.dump(content, file, indent=2, ensure_ascii=False)
        file.write("\n")
    partial.replace(path)


def choose_ports(state: State, asked: int | None) -> dict[str, int]:
    """The site's port and one for each sandbox: those of the last start where they are free, else others.

    Raises DemoError when the site's port is taken: people expect the site where they asked for it.
    """
    site = asked or state["ports"].get("site", DEFAULT_PORT)
    if not _is_free(site):
        raise DemoError(f"port {site} is taken; choose another one: make demo PORT={site + 10}")
    ports = {"site": site}
    for number, name in enumerate(PROVIDERS, start=1):
        wanted = state["ports"].get(name, site + number)
        ports[name] = (
            wanted if wanted not in ports.values() and _is_free(wanted) else _any_free(ports.values())
        )
    state["ports"] = ports
    return ports


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _any_free(taken: Iterable[int]) -> int:
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
        if port not in taken:
            return port


def _base64_secret() -> str:
    return b64encode(secrets.token_bytes(32)).decode()


_SECRETS: dict[str, Callable[[], str]] = {
    "secret_key": lambda: secrets.token_urlsafe(50),
    "cron_secret": lambda: secrets.token_urlsafe(32),
    "daily_webhook_secret": _base64_secret,
    "resend_webhook_secret": lambda: "whsec_" + _base64_secret(),
}

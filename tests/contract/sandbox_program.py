"""Sandboxes run as the programs they are, and a receiver for their webhooks."""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx

PROJECT = Path(__file__).resolve().parents[2]
START_SECONDS = 60

# One for all, without the certificates it takes a while to load; a connection each, as programs are restarted.
CLIENT = httpx.Client(
    verify=False, timeout=30, limits=httpx.Limits(max_keepalive_connections=0), trust_env=False
)


class SandboxProgram:
    """One sandbox: ``python -m sandboxes.<name>`` on a free port with a data folder of its own."""

    def __init__(self, name: str, data_dir: Path, *options: str) -> None:
        self.name = name
        self.data_dir = data_dir
        self._options = options
        self._port = 0
        self.start()

    @property
    def url(self) -> str:
        """The address without a slash at its end."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def keys(self) -> dict[str, str]:
        """The keys it made, by name."""
        return json.loads((self.data_dir / "keys.json").read_text())

    def start(self) -> None:
        """Start it, on the port of its last start; what answers there is our own program, as its first line says."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", f"sandboxes.{self.name}", *self._arguments()],
            cwd=PROJECT,
            env={**os.environ, "ENVIRONMENT": "test"},
            stdout=subprocess.PIPE,
            text=True,
        )
        self._port = int(self._greeting().rsplit(":", 1)[1])
        threading.Thread(target=self._drain, args=(self._process,), daemon=True).start()

    def ensure_running(self) -> None:
        """Start it again if a test has ended it."""
        if self._process.poll() is not None:
            self.start()

    def stop(self) -> None:
        """End it politely."""
        self._process.terminate()
        self._process.wait(10)

    def kill(self) -> None:
        """End it as a power cut would."""
        self._process.kill()
        self._process.wait(10)

    def restart(self) -> None:
        """End it and start it again at the same address."""
        self.ensure_running()
        self.stop()
        self.start()

    def control(self, method: str, path: str, json: Any = None) -> Any:
        """Use a control, ``path`` below /_control/; the JSON it answers. Raises httpx.HTTPStatusError for a refusal."""
        answer = CLIENT.request(method, f"{self.url}/_control/{path}", json=json)
        return answer.raise_for_status().json()

    def _arguments(self) -> list[str]:
        return ["--port", str(self._port), "--data", str(self.data_dir), *self._options]

    def _greeting(self) -> str:
        assert self._process.stdout is not None
        watchdog = threading.Timer(START_SECONDS, self._process.kill)
        watchdog.start()
        lines = []
        for line in self._process.stdout:
            lines.append(line)
            if line.startswith(f"{self.name} sandbox listening on "):
                watchdog.cancel()
                return line.strip()
        raise AssertionError(f"the {self.name} sandbox did not start:\n{''.join(lines)}")

    @staticmethod
    def _drain(process: "subprocess.Popen[str]") -> None:
        assert process.stdout is not None
        for _ in process.stdout:
            pass


@dataclass(frozen=True)
class Received:
    """One request a receiver got."""

    headers: dict[str, str]
    body: bytes
    at: float

    @property
    def json(self) -> Any:
        """The body read as JSON."""
        return json.loads(self.body)


@dataclass
class Receiver:
    """A webhook receiver on a free port: records what comes, answers as told."""

    received: list[Received] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def url(self) -> str:
        """Where to send webhooks."""
        return f"http://127.0.0.1:{self._server.server_port}/hook"

    def answer_next(self, *statuses: int) -> None:
        """Answer the next requests with these statuses, then with 200 again."""
        self.statuses.extend(statuses)

    def wait_for(self, wanted: Callable[[list[Received]], Any], seconds: float = 30) -> Any:
        """What ``wanted(received)`` gives once it gives something."""
        deadline = time.monotonic() + seconds
        while not (found := wanted(list(self.received))):
            assert time.monotonic() < deadline, f"only {[each.body[:200] for each in self.received]} came"
            time.sleep(0.02)
        return found

    def wait_for_types(self, *types: str, seconds: float = 30) -> list[Received]:
        """All that has come once every type (``type`` in the JSON) is among it."""

        def complete(received: list[Received]) -> list[Received]:
            return received if set(types) <= {each.json.get("type") for each in received} else []

        return self.wait_for(complete, seconds)

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()


def _handler(receiver: Receiver) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            status = receiver.statuses.pop(0) if receiver.statuses else 200
            receiver.received.append(Received(headers, body, time.time()))
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    return Handler

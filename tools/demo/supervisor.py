"""Starts the processes of a demo, notices when one ends, and ends them all: in time, in order, and for certain."""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from http.client import HTTPConnection, HTTPException
from types import FrameType
from urllib.parse import urlsplit

from tools.bootstrap import ROOT
from tools.demo.console import relay, say
from tools.demo.folder import DemoError
from tools.processes import dying_with_parent

PATIENCE_SECONDS = 6.0
READY_SECONDS = 60.0


class Stopped(Exception):
    """Somebody asked the demo to stop."""


class Ended(DemoError):
    """A process that should run on has ended; `code` is what the demo ends with."""

    def __init__(self, name: str, code: int) -> None:
        how = f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
        super().__init__(f"{name} ended with {how}; stopping the demo")
        self.code = 128 - code if code < 0 else code or 1


class Supervisor:
    """The processes of one demo. Use it from the main thread: its children are tied to that thread's life."""

    def __init__(self) -> None:
        self._children: list[tuple[str, subprocess.Popen[bytes]]] = []
        self._others: list[tuple[str, Callable[[], int | None]]] = []
        self._stopping = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:  # ignored under nohup
                signal.signal(number, self._ask_to_stop)

    def start(
        self,
        name: str,
        command: Sequence[str],
        *,
        environment: Mapping[str, str],
        on_parent_death: signal.Signals = signal.SIGTERM,
    ) -> subprocess.Popen[bytes]:
        """Start a process in a group of its own, with its output relayed line by line."""
        child = subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            preexec_fn=dying_with_parent(on_parent_death),
            process_group=0,
        )
        assert child.stdout is not None  # noqa: S101  # it is a pipe
        relay(child.stdout, who=name)
        self._children.append((name, child))
        return child

    def watch_also(self, name: str, exit_code: Callable[[], int | None]) -> None:
        """Notice the end of a process that somebody else starts and stops."""
        self._others.append((name, exit_code))

    def run(self, name: str, command: Sequence[str], *, environment: Mapping[str, str]) -> None:
        """Run a command to its end; raises Ended when it fails."""
        child = self.start(name, command, environment=environment)
        self._wait_until(lambda: child.poll() is not None, what=" ".join(command), unwatched=child)
        self._children.remove((name, child))
        if child.returncode:
            raise Ended(" ".join(command[1:4]), child.returncode)

    def wait_for(self, address: str) -> None:
        """Wait until an address answers with success."""
        self._wait_until(lambda: _answers(address), what=address, limit=READY_SECONDS)

    def watch(self) -> None:
        """Stay until somebody asks to stop (raises Stopped) or a process ends (raises Ended)."""
        self._wait_until(lambda: False, what="the end")

    def stop(self) -> None:
        """End every process: all are asked at once, and those that do not listen are killed with their children."""
        for _, child in self._children:
            _signal_group(child, signal.SIGTERM)
        deadline = time.monotonic() + PATIENCE_SECONDS
        for name, child in self._children:
            try:
                child.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                say(f"{name} does not stop; killing it")
            _signal_group(child, signal.SIGKILL)
            child.wait()
        self._children.clear()

    def _wait_until(
        self,
        done: Callable[[], bool],
        *,
        what: str,
        limit: float = float("inf"),
        unwatched: subprocess.Popen[bytes] | None = None,
    ) -> None:
        deadline = time.monotonic() + limit
        while not done():
            if self._stopping.wait(0.1):
                raise Stopped
            self._notice_ended(unwatched)
            if time.monotonic() > deadline:
                raise DemoError(f"{what} did not answer within {limit:.0f} s")

    def _notice_ended(self, unwatched: subprocess.Popen[bytes] | None) -> None:
        ours = [(name, child.poll) for name, child in self._children if child is not unwatched]
        for name, exit_code in [*ours, *self._others]:
            code = exit_code()
            if code is not None:
                raise Ended(name, code)

    def _ask_to_stop(self, _number: int, _frame: FrameType | None) -> None:
        self._stopping.set()


def _answers(address: str) -> bool:
    parts = urlsplit(address)
    connection = HTTPConnection(parts.netloc, timeout=5)
    try:
        connection.request("GET", parts.path)
        return 200 <= connection.getresponse().status < 300
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def _signal_group(child: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.killpg(child.pid, number)

"""Child processes that never outlive the process which started them."""

import ctypes
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence

PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


def signal_on_parent_death(number: int) -> None:
    """Ask the kernel to send `number` to this process when its parent dies, even by SIGKILL (Linux only)."""
    if _libc is not None:
        _libc.prctl(PR_SET_PDEATHSIG, number, 0, 0, 0)


def dying_with_parent(number: int) -> Callable[[], None]:
    """A `preexec_fn` after which the child gets `number` when its parent dies.

    The kernel watches the *thread* that forked, so only the main thread, which lives as long as the process, may start
    such children. A parent that died between fork and here is noticed by its changed id.
    """
    if threading.current_thread() is not threading.main_thread():
        raise RuntimeError("children tied to this process must be started from its main thread")
    parent = os.getpid()

    def prepare() -> None:
        signal_on_parent_death(number)
        if os.getppid() != parent:
            os._exit(1)

    return prepare


def run_forwarding_signals(command: Sequence[str], *, env: Mapping[str, str]) -> int:
    """Run a command to its end, pass SIGTERM and SIGINT on to it, and return its exit code."""
    child: subprocess.Popen[bytes] | None = None
    early: list[int] = []

    def forward(number: int, _frame: object) -> None:
        if child is None:
            early.append(number)
        else:
            child.send_signal(number)

    # Before the command, which may be heard of as soon as it runs.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, forward)
    child = subprocess.Popen(command, env=env, preexec_fn=dying_with_parent(signal.SIGTERM))
    for heard in early:
        child.send_signal(heard)
    return child.wait()


def stop(child: subprocess.Popen[bytes], *, signals: Sequence[tuple[int, float]]) -> None:
    """End a child: send each signal in turn and give it that many seconds before the next, harsher one."""
    for number, patience in signals:
        if child.poll() is not None:
            return
        child.send_signal(number)
        try:
            child.wait(patience)
        except subprocess.TimeoutExpired:
            continue

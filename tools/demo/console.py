"""Readable output of many processes: one line at a time, prefixed with who says it, in colour on a terminal."""

import os
import sys
import threading
from typing import IO

COLOURS = {
    "demo": 33,
    "postgres": 36,
    "stripe": 35,
    "daily": 34,
    "resend": 32,
    "web": 96,
    "worker": 93,
    "manage": 90,
}
WIDTH = max(len(name) for name in COLOURS)
_coloured = sys.stdout.isatty() and "NO_COLOR" not in os.environ
_lock = threading.Lock()


def say(text: str, *, who: str = "demo") -> None:
    """Print one or more lines as `who | line`."""
    label = f"{who:<{WIDTH}} │"
    if _coloured:
        label = f"\033[{COLOURS.get(who, 0)}m{label}\033[0m"
    with _lock:
        for line in text.splitlines() or [""]:
            print(label, line, flush=True)


def strong(text: str) -> str:
    """Text that stands out on a terminal."""
    return f"\033[1m{text}\033[0m" if _coloured else text


def relay(stream: IO[bytes], *, who: str) -> threading.Thread:
    """Print what a process says until it says no more, from a thread of its own."""

    def pump() -> None:
        for line in stream:
            say(line.decode(errors="replace").rstrip(), who=who)

    thread = threading.Thread(target=pump, name=f"output of {who}", daemon=True)
    thread.start()
    return thread

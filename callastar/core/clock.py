"""The one clock: everything that asks what time it is asks here, so that a test can move it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

_offset = timedelta(0)


def now() -> datetime:
    """The current time in UTC."""
    return datetime.now(UTC) + _offset


@contextmanager
def shifted(by: timedelta) -> Iterator[None]:
    """Move this process's clock for the length of a block."""
    global _offset  # one clock for the process, threads included
    before = _offset
    _offset = before + by
    try:
        yield
    finally:
        _offset = before

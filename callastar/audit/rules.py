"""How long the system log is kept (LO-2)."""

from collections.abc import Mapping
from datetime import datetime, timedelta

# By level; what is not named is kept for ever.
KEPT: Mapping[str, timedelta] = {
    "INFO": timedelta(days=30),
    "WARNING": timedelta(days=60),
    "ERROR": timedelta(days=90),
}


def kept_since(level: str, *, now: datetime) -> datetime | None:
    """Entries of this level from before that moment may go; None if it is kept for ever."""
    kept = KEPT.get(level)
    return now - kept if kept else None

"""Moments as Resend reads and writes them."""

import re
from datetime import UTC, datetime

_IN = re.compile(r"in (\d+) ?(min|mins|minute|minutes|hour|hours|h|day|days)", re.IGNORECASE)
_SECONDS = {"m": 60, "h": 3600, "d": 86400}


def iso(moment: float) -> str:
    """Unix seconds as 2023-10-06T23:47:56.678Z, as events carry them."""
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def stamp(moment: float) -> str:
    """Unix seconds as 2023-04-03 22:13:42.674981+00, as the API answers them."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%d %H:%M:%S.%f+00")


def moment(text: str, *, now: float) -> float:
    """ISO 8601 (UTC when it names no zone) or "in 5 minutes" as unix seconds; raises ValueError for the rest."""
    if found := _IN.fullmatch(text.strip()):
        return now + int(found[1]) * _SECONDS[found[2][0].lower()]
    parsed = datetime.fromisoformat(text.strip())
    return (parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).timestamp()

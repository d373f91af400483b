"""Daily's times as ours."""

from datetime import UTC, datetime

# Beyond this a number of seconds would be in the year 5138: it is one of milliseconds.
_LONGEST = 100_000_000_000


def moment(seconds: float) -> datetime:
    """A time in whole seconds since 1970, which is all that the lists of meetings know: so two sources agree.

    Raises `TypeError`, `ValueError` or `OverflowError` for what is no time.
    """
    return datetime.fromtimestamp(int(seconds_of(seconds)), UTC)


def seconds_of(value: float) -> float:
    """Seconds since 1970, also where milliseconds were given."""
    return value / 1000 if abs(value) >= _LONGEST else value


def iso_moment(text: str) -> datetime:
    """A time in ISO 8601, in whole seconds. Raises `ValueError`."""
    return datetime.fromisoformat(text).astimezone(UTC).replace(microsecond=0)

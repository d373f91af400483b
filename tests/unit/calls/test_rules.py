"""Rules of calls, tested on plain values."""

from datetime import UTC, datetime, timedelta

import pytest

from callastar.calls.rules import Door, door, room_gone_at, token_expires_at

START = datetime(2026, 3, 3, 18, tzinfo=UTC)
END = START + timedelta(minutes=30)
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (START - 15 * MINUTE - SECOND, Door.TOO_EARLY),
        (START - 15 * MINUTE, Door.OPEN),
        (START, Door.OPEN),
        (END + 15 * MINUTE, Door.OPEN),
        (END + 15 * MINUTE + SECOND, Door.OVER),
    ],
)
def test_the_room_opens_15_minutes_before_and_closes_15_minutes_after(now, expected):
    """CA-3."""
    assert door(starts_at=START, ends_at=END, now=now) is expected


def test_a_token_is_good_for_an_hour_at_most_and_never_after_the_doors_close():
    """CA-3."""
    assert token_expires_at(ends_at=END, now=START) == END + 15 * MINUTE
    long_call = START + timedelta(hours=3)
    assert token_expires_at(ends_at=long_call, now=START) == START + timedelta(hours=1)


def test_the_provider_removes_a_forgotten_room_after_a_day():
    """CA-2."""
    assert room_gone_at(END) == END + timedelta(hours=24)

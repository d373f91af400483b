"""Rules of calls, tested on plain values."""

from datetime import UTC, datetime, timedelta

import pytest

from callastar.calls.rules import Door, door, may_delete, room_gone_at, should_fall_back, token_expires_at

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


class TestFallingBack:
    """CA-1: when a call leaves Daily for a built-in room."""

    @pytest.mark.parametrize(
        ("before_start", "trouble", "expected"),
        [
            (31 * MINUTE, 60 * MINUTE, False),  # Daily may still come back in time
            (30 * MINUTE, 60 * MINUTE, True),
            (20 * MINUTE, 2 * MINUTE - SECOND, False),
            (20 * MINUTE, 2 * MINUTE, True),
            (2 * MINUTE + SECOND, 30 * SECOND, False),
            (2 * MINUTE - SECOND, 29 * SECOND, False),
            (2 * MINUTE - SECOND, 30 * SECOND, True),
            (-10 * MINUTE, 30 * SECOND, True),  # while it goes on
            (-45 * MINUTE, 30 * SECOND, True),
            (-45 * MINUTE - SECOND, 30 * MINUTE, False),  # the doors are closed
        ],
    )
    def test_after_its_retries_and_close_to_the_start(self, before_start, trouble, expected):
        now = START - before_start
        assert self.falls_back(now, now - trouble) is expected

    @pytest.mark.parametrize(("before_start", "expected"), [(31, False), (30, True), (1, True), (-46, False)])
    def test_a_refusal_for_good_is_not_waited_for(self, before_start, expected):
        now = START - before_start * MINUTE
        assert self.falls_back(now, now, refused=True) is expected

    def test_not_without_trouble(self):
        assert self.falls_back(START, None) is False
        assert self.falls_back(START, None, refused=True) is False

    @staticmethod
    def falls_back(now, since, *, refused=False):
        return should_fall_back(starts_at=START, ends_at=END, troubled_since=since, refused=refused, now=now)


@pytest.mark.parametrize(
    ("current", "occupied", "cancelled", "minutes", "expected"),
    [
        (True, False, False, 59, False),
        (True, False, False, 60, True),
        (True, True, False, 60, True),  # nobody can hold a room for ever
        (True, False, False, -30, False),
        (False, False, False, -30, True),  # replaced
        (False, True, False, -30, False),
        (False, True, False, 60, True),
        (True, True, True, -30, True),
        (False, False, True, -30, True),
    ],
)
def test_when_a_room_may_be_deleted(current, occupied, cancelled, minutes, expected):
    """CA-7: an hour after the end, at once on cancellation, once empty when replaced."""
    found = may_delete(
        is_current=current,
        is_occupied=occupied,
        is_cancelled=cancelled,
        ends_at=END,
        now=END + minutes * MINUTE,
    )
    assert found is expected

"""Which reminder of a call is due, tested on plain values (EM-6)."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from callastar.bookings.rules import Reminder, reminder_due

DAY, SOON = Reminder.DAY, Reminder.SOON
START = datetime(2026, 6, 10, 18, tzinfo=UTC)
HOUR, MINUTE, SECOND = timedelta(hours=1), timedelta(minutes=1), timedelta(seconds=1)
LONG_BEFORE = 100 * HOUR
PARIS = ZoneInfo("Europe/Paris")


def due(
    before: timedelta,
    *,
    agreed: timedelta | None = LONG_BEFORE,
    status: str = "CONFIRMED",
    start: datetime = START,
    day_for: datetime | None = None,
    soon_for: datetime | None = None,
) -> Reminder | None:
    """What is due so long before the start of a call that was agreed so long before it."""
    return reminder_due(
        status=status,
        starts_at=start,
        agreed_at=None if agreed is None else start.astimezone(UTC) - agreed,
        reminded_for={DAY: day_for, SOON: soon_for},
        now=start.astimezone(UTC) - before,
    )


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        (LONG_BEFORE, None),
        (24 * HOUR + SECOND, None),
        (24 * HOUR, DAY),
        (24 * HOUR - 12 * MINUTE, DAY),
        (HOUR, DAY),  # no worker for 23 hours
        (15 * MINUTE + SECOND, DAY),
        (15 * MINUTE, SOON),
        (3 * MINUTE, SOON),
        (SECOND, SOON),
        (timedelta(0), None),
        (-SECOND, None),
        (-24 * HOUR, None),
    ],
)
def test_a_call_agreed_long_before_is_reminded_of_from_each_moment_on_until_it_begins(
    before: timedelta, expected: Reminder | None
) -> None:
    """EM-6: within 24 hours or 15 minutes, also when runs were missed; never after the start."""
    assert due(before) == expected


@pytest.mark.parametrize(
    ("agreed", "before", "expected"),
    [
        (24 * HOUR, 24 * HOUR, DAY),
        (24 * HOUR, 20 * HOUR, DAY),
        (24 * HOUR - SECOND, 24 * HOUR - SECOND, None),
        (24 * HOUR - SECOND, HOUR, None),
        (HOUR, 16 * MINUTE, None),
        (HOUR, 15 * MINUTE, SOON),
        (15 * MINUTE, 15 * MINUTE, SOON),
        (5 * MINUTE, 5 * MINUTE, SOON),
        (SECOND, SECOND, SOON),
        (timedelta(0), timedelta(0), None),
        (None, 24 * HOUR, DAY),
        (None, 15 * MINUTE, SOON),
    ],
)
def test_a_day_that_was_over_when_the_start_was_agreed_is_not_reminded_of(
    agreed: timedelta | None, before: timedelta, expected: Reminder | None
) -> None:
    """EM-6: booked or moved 5 minutes before its start, a call gets the one of 15 minutes at once, and only that."""
    assert due(before, agreed=agreed) == expected


@pytest.mark.parametrize("before", [24 * HOUR, HOUR, 15 * MINUTE, MINUTE])
@pytest.mark.parametrize("status", ["PENDING", "CANCELLED", "COMPLETED"])
def test_only_confirmed_calls_are_reminded_of(status: str, before: timedelta) -> None:
    """EM-6."""
    assert due(before, status=status) is None


def test_what_was_sent_is_not_sent_again_for_the_same_start() -> None:
    """EM-6: each once; one does not stand for the other."""
    assert due(20 * HOUR, day_for=START) is None
    assert due(10 * MINUTE, soon_for=START) is None
    assert due(10 * MINUTE, day_for=START) == SOON
    assert due(20 * HOUR, soon_for=START) == DAY


def test_another_start_is_reminded_of_anew() -> None:
    """EM-6: a reschedule re-arms both, an earlier and a later one."""
    for sent_for in (START - HOUR, START + HOUR, START - SECOND):
        assert due(20 * HOUR, day_for=sent_for) == DAY
        assert due(10 * MINUTE, soon_for=sent_for) == SOON


def test_a_day_is_24_hours_whatever_clocks_do() -> None:
    """EM-6: the night on which Paris puts its clocks back has 25 hours, the one in March 23."""
    for start in (datetime(2026, 10, 25, 12, tzinfo=PARIS), datetime(2026, 3, 29, 12, tzinfo=PARIS)):
        assert due(24 * HOUR + SECOND, start=start) is None
        assert due(24 * HOUR, start=start, agreed=24 * HOUR) == DAY
        assert due(24 * HOUR, start=start, day_for=start.astimezone(UTC)) is None

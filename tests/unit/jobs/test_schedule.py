"""JO-2, JO-4: when periodic jobs are due, also in nights that are longer or shorter, and after days without workers."""

from datetime import UTC, datetime, time, timedelta

import pytest

from callastar.jobs.schedule import (
    EVERY_FIVE_SECONDS,
    EVERY_TEN_MINUTES,
    HOURLY,
    MINUTELY,
    Daily,
    is_recorded,
    silence,
)

PARIS = Daily(time(7), "Europe/Paris")
NIGHT = Daily(time(2, 30), "Europe/Paris")  # not there on one day of the year, twice on another
UTC_NIGHT = Daily(time(3, 30))


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-{text}:00").replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("daily", "now", "last", "following"),
    [
        (UTC_NIGHT, "06-10T03:30", "06-10T03:30", "06-11T03:30"),
        (UTC_NIGHT, "06-10T03:29", "06-09T03:30", "06-10T03:30"),
        # 29 March: 02:00 becomes 03:00. 25 October: 03:00 becomes 02:00.
        (PARIS, "03-28T06:00", "03-28T06:00", "03-29T05:00"),
        (PARIS, "03-29T04:59", "03-28T06:00", "03-29T05:00"),
        (PARIS, "03-29T05:00", "03-29T05:00", "03-30T05:00"),
        (PARIS, "10-25T05:59", "10-24T05:00", "10-25T06:00"),
        (PARIS, "10-25T06:00", "10-25T06:00", "10-26T06:00"),
        (NIGHT, "03-29T01:29", "03-28T01:30", "03-29T01:30"),
        (NIGHT, "03-29T01:30", "03-29T01:30", "03-30T00:30"),
        (NIGHT, "10-25T01:30", "10-25T00:30", "10-26T01:30"),
        (Daily(time(23, 30), "Pacific/Auckland"), "01-01T10:31", "01-01T10:30", "01-02T10:30"),
        (Daily(time(0, 15), "America/Los_Angeles"), "06-10T07:14", "06-09T07:15", "06-10T07:15"),
    ],
)
def test_once_a_day(daily, now, last, following):
    """JO-2: at the hour of the place, once each day."""
    assert daily.last(at(now)) == at(last)
    assert daily.following(at(now)) == at(following)


@pytest.mark.parametrize("daily", [PARIS, NIGHT, UTC_NIGHT])
def test_no_day_is_left_out_or_done_twice(daily):
    """JO-2: looked at every ten minutes through a whole year."""
    begin = datetime(2026, 1, 1, 12, tzinfo=UTC)
    due = {daily.last(begin + timedelta(minutes=10 * tick)) for tick in range(365 * 144)}
    assert len(due) == 366
    gaps = {later - earlier for earlier, later in zip(sorted(due), sorted(due)[1:], strict=False)}
    assert gaps <= {timedelta(hours=hours) for hours in (23, 24, 25)}


def test_again_and_again():
    """JO-2: the next of their ticks."""
    now = at("06-10T10:09") + timedelta(seconds=57)
    assert EVERY_FIVE_SECONDS.following(now) == at("06-10T10:10")
    assert MINUTELY.following(at("06-10T10:09")) == at("06-10T10:10")
    assert EVERY_TEN_MINUTES.following(now) == at("06-10T10:10")
    assert HOURLY.following(now) == at("06-10T11:00")


def test_what_is_kept_and_when_somebody_must_look():
    """JO-4: jobs more often than each minute only if they did something; after three periods."""
    assert [is_recorded(each) for each in (EVERY_FIVE_SECONDS, MINUTELY, PARIS)] == [False, True, True]
    assert silence(MINUTELY) == timedelta(minutes=3)
    assert silence(PARIS) == timedelta(days=3)
    assert silence(EVERY_FIVE_SECONDS) == timedelta(minutes=2)

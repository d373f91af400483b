"""When payouts are due (PO-1, PO-3): 06:00 of the creator, right across changes of the clocks."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from callastar.payouts.rules.schedule import DAILY, MANUAL, WEEKLY, due_on, next_due

MONDAY, SUNDAY = 0, 6
ODD_ZONES = (
    "Asia/Kathmandu",  # +05:45
    "Asia/Kolkata",  # +05:30
    "Pacific/Chatham",  # +12:45, +13:45 in summer
    "Australia/Lord_Howe",  # clocks move by 30 minutes
    "America/St_Johns",  # −03:30, −02:30 in summer
)
ZONES = (
    "Europe/Paris",
    "Europe/Zurich",
    "Europe/London",
    "America/New_York",
    "Pacific/Kiritimati",  # +14
    "Pacific/Pago_Pago",  # −11
    "UTC",
    *ODD_ZONES,
)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def due(after: datetime, zone: str, frequency: str = DAILY, weekday: int = MONDAY) -> datetime:
    found = next_due(after=after, frequency=frequency, weekday=weekday, zone=ZoneInfo(zone))
    assert found is not None
    assert found.tzinfo is UTC
    return found


def dates(after: datetime, zone: str, count: int, frequency: str = DAILY, weekday: int = MONDAY):
    found = []
    for _ in range(count):
        after = due(after, zone, frequency, weekday)
        found.append(after)
    return found


@pytest.mark.parametrize(
    ("zone", "night", "expected"),
    [
        ("Europe/Paris", "2026-03-29", ["2026-03-28T05:00", "2026-03-29T04:00", "2026-03-30T04:00"]),
        ("Europe/Paris", "2026-10-25", ["2026-10-24T04:00", "2026-10-25T05:00", "2026-10-26T05:00"]),
        ("Europe/Zurich", "2027-03-28", ["2027-03-27T05:00", "2027-03-28T04:00", "2027-03-29T04:00"]),
        ("Europe/Zurich", "2027-10-31", ["2027-10-30T04:00", "2027-10-31T05:00", "2027-11-01T05:00"]),
        ("Europe/London", "2026-03-29", ["2026-03-28T06:00", "2026-03-29T05:00", "2026-03-30T05:00"]),
        ("Europe/London", "2026-10-25", ["2026-10-24T05:00", "2026-10-25T06:00", "2026-10-26T06:00"]),
        ("America/New_York", "2026-03-08", ["2026-03-07T11:00", "2026-03-08T10:00", "2026-03-09T10:00"]),
        ("America/New_York", "2026-11-01", ["2026-10-31T10:00", "2026-11-01T11:00", "2026-11-02T11:00"]),
        ("Australia/Lord_Howe", "2026-04-05", ["2026-04-03T19:00", "2026-04-04T19:30", "2026-04-05T19:30"]),
        ("Pacific/Chatham", "2026-04-05", ["2026-04-03T16:15", "2026-04-04T17:15", "2026-04-05T17:15"]),
        ("Asia/Kathmandu", "2026-03-29", ["2026-03-28T00:15", "2026-03-29T00:15", "2026-03-30T00:15"]),
    ],
)
def test_days_around_the_night_in_which_clocks_move(zone, night, expected):
    """PO-3: the day before, the day itself and the day after stay at 06:00 local; none is left out or doubled."""
    noon_two_days_before = datetime.combine(
        date.fromisoformat(night) - timedelta(days=2), time(12), ZoneInfo(zone)
    )
    assert dates(noon_two_days_before, zone, 3) == [utc(text) for text in expected]


@pytest.mark.parametrize(
    ("zone", "after", "weekday", "expected"),
    [
        ("Europe/Paris", "2026-03-20T12:00", MONDAY, ["2026-03-23T05:00", "2026-03-30T04:00"]),
        ("Europe/Paris", "2026-03-20T12:00", SUNDAY, ["2026-03-22T05:00", "2026-03-29T04:00"]),
        ("Europe/Zurich", "2026-10-16T12:00", MONDAY, ["2026-10-19T04:00", "2026-10-26T05:00"]),
        ("Europe/London", "2026-10-16T12:00", SUNDAY, ["2026-10-18T05:00", "2026-10-25T06:00"]),
        ("America/New_York", "2026-02-27T12:00", SUNDAY, ["2026-03-01T11:00", "2026-03-08T10:00"]),
        ("America/New_York", "2026-10-23T12:00", MONDAY, ["2026-10-26T10:00", "2026-11-02T11:00"]),
    ],
)
def test_weeks_across_the_night_in_which_clocks_move(zone, after, weekday, expected):
    """PO-3: a week of 167 or 169 hours ends at 06:00 local."""
    assert dates(utc(after), zone, 2, WEEKLY, weekday) == [utc(text) for text in expected]


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        ("2026-01-05T04:59:59.999999", "2026-01-05T05:00"),
        ("2026-01-05T05:00", "2026-01-12T05:00"),  # strictly after: the run itself asks for the next one
        ("2026-01-05T05:00:00.000001", "2026-01-12T05:00"),
        ("2026-01-04T23:30", "2026-01-05T05:00"),  # Monday already in Paris
        ("2026-01-11T23:30", "2026-01-12T05:00"),
    ],
)
def test_the_next_monday_in_paris(after, expected):
    """PO-1: strictly after the moment, by the creator's calendar and not UTC's."""
    assert due(utc(after), "Europe/Paris", WEEKLY) == utc(expected)


def test_by_hand_there_is_no_date():
    """PO-1: MANUAL."""
    zone = ZoneInfo("Europe/Paris")
    assert next_due(after=utc("2026-01-05T05:00"), frequency=MANUAL, weekday=MONDAY, zone=zone) is None


def test_missed_runs_are_one():
    """PO-3: three weeks and three days without a worker are followed by one date, after now."""
    stored = due(utc("2026-03-01T00:00"), "Europe/Paris", WEEKLY)
    now = stored + timedelta(days=24, hours=3)
    following = due(now, "Europe/Paris", WEEKLY)
    assert following == utc("2026-03-30T04:00")
    assert due(now, "Europe/Paris", DAILY) == utc("2026-03-27T05:00")


def test_a_creator_who_moves_is_paid_by_the_new_clock():
    """PO-3: the date is of the zone of now; moving west, Monday may come twice, and moving east, never not at all."""
    paid = due(utc("2026-06-01T00:00"), "Pacific/Auckland", WEEKLY, weekday=1)
    assert paid == utc("2026-06-01T18:00")  # Tuesday, 2 June in Auckland
    assert due(paid, "America/Los_Angeles", WEEKLY, weekday=1) == utc("2026-06-02T13:00")
    paid = due(utc("2026-06-01T00:00"), "America/Los_Angeles", WEEKLY, weekday=1)
    assert due(paid, "Pacific/Auckland", WEEKLY, weekday=1) == utc("2026-06-08T18:00")
    assert due(paid, "Pacific/Auckland", DAILY) == utc("2026-06-02T18:00")


@pytest.mark.parametrize("weekday", range(7))
@pytest.mark.parametrize("zone", ["Europe/Paris", "America/New_York", *ODD_ZONES])
def test_ten_years_of_weeks_do_not_drift(zone, weekday):
    """PO-3: each from the one before, all at 06:00 local on the weekday, a week apart by the calendar."""
    local = [
        moment.astimezone(ZoneInfo(zone))
        for moment in dates(utc("2025-01-01T00:00"), zone, 522, WEEKLY, weekday)
    ]
    assert {moment.time() for moment in local} == {time(6)}
    assert {moment.weekday() for moment in local} == {weekday}
    days = [moment.date() for moment in local]
    assert {later - earlier for earlier, later in pairwise(days)} == {timedelta(days=7)}
    assert days[-1] > date(2034, 12, 25)


def test_a_year_of_days_leaves_none_out():
    """PO-3."""
    days = [
        moment.astimezone(ZoneInfo("Europe/Zurich"))
        for moment in dates(utc("2027-12-31T12:00"), "Europe/Zurich", 366)
    ]
    assert [moment.date() for moment in days] == [date(2028, 1, 1) + timedelta(days=n) for n in range(366)]
    assert {moment.time() for moment in days} == {time(6)}


@given(
    after=st.datetimes(datetime(2000, 1, 1), datetime(2037, 1, 1), timezones=st.just(UTC)),
    zone=st.sampled_from(ZONES),
    frequency=st.sampled_from([DAILY, WEEKLY]),
    weekday=st.integers(0, 6),
)
@example(after=utc("2026-03-29T01:00"), zone="Europe/Paris", frequency=WEEKLY, weekday=6)
def test_the_date_is_the_first_one_after_the_moment(after, zone, frequency, weekday):
    """PO-3: it shows 06:00 on a right day, and no right day's 06:00 lies between the moment and it."""
    found = due(after, zone, frequency, weekday)
    local = found.astimezone(ZoneInfo(zone))
    assert found > after
    assert local.time() == time(6)
    assert frequency == DAILY or local.weekday() == weekday
    before = local.date() - timedelta(days=1 if frequency == DAILY else 7)
    assert datetime.combine(before, time(6), ZoneInfo(zone)).astimezone(UTC) <= after


@given(
    after=st.datetimes(datetime(2000, 1, 1), datetime(2037, 1, 1), timezones=st.just(UTC)),
    zone=st.sampled_from(ZONES),
    asked_in=st.sampled_from(ZONES),
)
def test_the_zone_that_a_moment_is_written_in_does_not_matter(after, zone, asked_in):
    """PO-3."""
    assert due(after.astimezone(ZoneInfo(asked_in)), zone, WEEKLY) == due(after, zone, WEEKLY)


@pytest.mark.parametrize(
    ("zone", "day", "expected", "shown"),
    [
        # Casey Station went from +08 to +11 at 04:00: 04:00 to 07:00 did not exist.
        ("Antarctica/Casey", "2018-10-07", "2018-10-06T20:00", "2018-10-07T07:00"),
        # Vostok Station went from +00 to +07 at midnight.
        ("Antarctica/Vostok", "1994-11-01", "1994-11-01T00:00", "1994-11-01T07:00"),
        # Samoa crossed the date line and left out all of 30 December.
        ("Pacific/Apia", "2011-12-30", "2011-12-30T10:00", "2011-12-31T00:00"),
    ],
)
def test_six_that_does_not_exist_moves_to_the_first_moment_that_does(zone, day, expected, shown):
    """PO-3: and the days around it are as ever."""
    assert due_on(date.fromisoformat(day), ZoneInfo(zone)) == utc(expected)
    local = utc(expected).astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    assert local == datetime.fromisoformat(shown)
    around = dates(utc(expected) - timedelta(seconds=1), zone, 2)
    assert around[0] == utc(expected)
    assert around[1].astimezone(ZoneInfo(zone)).time() == time(6)
    assert around[1].astimezone(ZoneInfo(zone)).date() == date.fromisoformat(day) + timedelta(days=1)


def test_a_weekday_that_a_zone_leaves_out_is_paid_for_all_the_same():
    """PO-3: Samoa had no Friday, 30 December 2011; the next Friday is a week later."""
    fridays = dates(utc("2011-12-24T12:00"), "Pacific/Apia", 2, WEEKLY, weekday=4)
    assert fridays == [utc("2011-12-30T10:00"), utc("2012-01-05T16:00")]
    # Asked in the hours of Saturday to which Friday's run was moved.
    assert due(utc("2011-12-30T09:59:59"), "Pacific/Apia", WEEKLY, weekday=4) == fridays[0]
    assert due(utc("2011-12-30T10:00"), "Pacific/Apia", WEEKLY, weekday=4) == fridays[1]


@pytest.mark.parametrize("frequency", [DAILY, WEEKLY])
def test_six_that_exists_twice_is_the_first(frequency):
    """PO-3: Alaska, sold by Russia, had Saturday, 19 October 1867 again when it was over half way through it."""
    zone = ZoneInfo("America/Juneau")
    saturday = datetime(1867, 10, 19, 6)
    first, second = (saturday.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    assert second - first > timedelta(hours=23)
    assert due_on(saturday.date(), zone) == first
    following = due(first, "America/Juneau", frequency, weekday=5)
    days = 1 if frequency == DAILY else 7
    assert following == (saturday + timedelta(days=days)).replace(tzinfo=zone).astimezone(UTC)
    # From the Friday evening that the second Saturday follows: Saturday has been.
    friday = datetime(1867, 10, 18, 20, tzinfo=zone, fold=1)
    assert due(friday.astimezone(UTC), "America/Juneau", frequency, weekday=5) == following


@pytest.mark.parametrize(
    ("after", "frequency", "weekday"),
    [
        (datetime(2026, 1, 5), WEEKLY, 0),
        (utc("2026-01-05T05:00"), "HOURLY", 0),
        (utc("2026-01-05T05:00"), WEEKLY, 7),
        (utc("2026-01-05T05:00"), WEEKLY, -1),
    ],
)
def test_what_is_no_schedule_is_an_error(after, frequency, weekday):
    """PO-3: rather than a date that nobody meant."""
    with pytest.raises(ValueError, match=r"zone|HOURLY|WEEKLY on"):
        next_due(after=after, frequency=frequency, weekday=weekday, zone=ZoneInfo("Europe/Paris"))

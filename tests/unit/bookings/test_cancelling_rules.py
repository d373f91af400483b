"""What cancelling gives back and what becomes of the offer, tested on plain values (BK-7)."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from callastar.bookings.rules import (
    Canceller,
    current_terms,
    offer_after_cancel,
    refund_due,
    refund_ladder,
    refund_percent,
    refund_steps,
)

START = datetime(2026, 6, 10, 18, tzinfo=UTC)
HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)
TERMS = current_terms(full_refund_hours=24, partial_refund_hours=2, partial_refund_percent=50)
PARIS, NEW_YORK = ZoneInfo("Europe/Paris"), ZoneInfo("America/New_York")


def percent(
    now: datetime, *, by: Canceller = Canceller.FAN, starts_at: datetime = START, **terms: int
) -> int:
    return refund_percent(terms={**TERMS, **terms}, starts_at=starts_at, now=now, by=by)


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        (timedelta(days=300), 100),
        (24 * HOUR + SECOND, 100),
        (24 * HOUR, 100),
        (24 * HOUR - SECOND, 50),
        (12 * HOUR, 50),
        (2 * HOUR + SECOND, 50),
        (2 * HOUR, 50),
        (2 * HOUR - SECOND, 0),
        (SECOND, 0),
        (timedelta(0), 0),
        (-HOUR, 0),
    ],
)
def test_what_a_fan_gets_back(before, expected):
    """BK-7: to the second; exactly 24 h and exactly 2 h before are still in time."""
    assert percent(START - before) == expected


@pytest.mark.parametrize("by", [Canceller.CREATOR, Canceller.PLATFORM])
@pytest.mark.parametrize("before", [timedelta(days=3), 24 * HOUR - SECOND, HOUR, SECOND, -HOUR])
def test_whoever_did_not_cancel_gets_everything(by, before):
    """BK-7: a creator's cancellation, or the platform's, gives 100 % always."""
    assert percent(START - before, by=by) == 100


@pytest.mark.parametrize(
    ("starts_at", "full_until"),
    [
        # Clocks go forward in Paris on 29 March 2026 at 02:00: noon the day before is 23 h earlier.
        (datetime(2026, 3, 29, 12, tzinfo=PARIS), datetime(2026, 3, 28, 11, tzinfo=PARIS)),
        # They go back on 25 October: noon the day before is 25 h earlier.
        (datetime(2026, 10, 25, 12, tzinfo=PARIS), datetime(2026, 10, 24, 13, tzinfo=PARIS)),
        (datetime(2026, 3, 8, 12, tzinfo=NEW_YORK), datetime(2026, 3, 7, 11, tzinfo=NEW_YORK)),
        (datetime(2026, 11, 1, 12, tzinfo=NEW_YORK), datetime(2026, 10, 31, 13, tzinfo=NEW_YORK)),
    ],
)
@pytest.mark.parametrize("convert", [False, True])
def test_hours_are_hours_when_clocks_change(starts_at, full_until, convert):
    """BK-7: 24 hours pass, whichever zone the start was written in."""
    if convert:
        starts_at, full_until = starts_at.astimezone(UTC), full_until.astimezone(UTC)
    at = full_until.astimezone(UTC)
    assert percent(at, starts_at=starts_at) == 100
    assert percent(at + SECOND, starts_at=starts_at) == 50


def test_two_hours_before_in_the_night_of_the_change():
    """BK-7: 03:30 on the night that the clocks go forward comes half an hour after 01:30 and one after 01:00."""
    starts_at = datetime(2026, 3, 29, 3, 30, tzinfo=PARIS)
    last = datetime(2026, 3, 28, 23, 30, tzinfo=UTC)
    assert percent(last, starts_at=starts_at) == 50
    assert percent(last + SECOND, starts_at=starts_at) == 0
    by_fan = {"by": Canceller.FAN, "starts_at": starts_at, "terms": TERMS}
    assert offer_after_cancel(now=last, **by_fan) == "AVAILABLE"
    assert offer_after_cancel(now=last + SECOND, **by_fan) == "CANCELLED"


@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        ({"full_refund_hours": 48}, 50),
        ({"partial_refund_percent": 0}, 0),
        ({"partial_refund_percent": 100}, 100),
        ({"partial_refund_hours": 24}, 0),
        ({"full_refund_hours": 10, "partial_refund_hours": 0}, 100),
    ],
)
def test_each_booking_has_its_own_terms(terms, expected):
    """BK-7: the frozen terms count, whatever the policy is today."""
    assert percent(START - 12 * HOUR, **terms) == expected


def test_the_steps_that_are_shown_are_those_that_count():
    """BK-7: what the pages list and what is given back cannot differ."""
    for before in (30 * HOUR, 24 * HOUR, 24 * HOUR - SECOND, 2 * HOUR, 2 * HOUR - SECOND):
        now = START - before
        shown = refund_steps(terms=TERMS, starts_at=START, now=now)
        assert (shown[0].percent if shown else 0) == percent(now)
    ladder = refund_ladder(terms=TERMS, starts_at=START)
    assert [(step.until, step.percent) for step in ladder] == [
        (START - 24 * HOUR, 100),
        (START - 2 * HOUR, 50),
    ]
    for pointless in ({"partial_refund_percent": 0}, {"partial_refund_hours": 24}):
        assert [step.percent for step in refund_ladder(terms={**TERMS, **pointless}, starts_at=START)] == [
            100
        ]


@pytest.mark.parametrize(
    ("amount", "share", "before", "expected"),
    [
        (10000, 100, 0, 10000),
        (10000, 50, 0, 5000),
        (10000, 0, 0, 0),
        (101, 50, 0, 51),  # half-up
        (103, 50, 0, 52),
        (100, 33, 0, 33),
        (150, 33, 0, 50),  # 49.5
        (10000, 100, 2500, 7500),
        (10000, 50, 3000, 2000),
        (10000, 50, 5000, 0),
        (10000, 50, 6000, 0),
        (101, 50, 50, 1),
        (10000, 50, 10000, 0),
        (10000, 100, 10001, 0),
        (99_999_999, 50, 0, 50_000_000),
    ],
)
def test_the_refund_in_minor_units(amount, share, before, expected):
    """BK-7, RE-1: rounded half-up; what went back before counts towards it."""
    assert refund_due(amount=amount, percent=share, already_given_back=before) == expected


@pytest.mark.parametrize(
    ("by", "before", "expected"),
    [
        (Canceller.FAN, 48 * HOUR, "AVAILABLE"),
        (Canceller.FAN, 2 * HOUR, "AVAILABLE"),
        (Canceller.FAN, 2 * HOUR - SECOND, "CANCELLED"),
        (Canceller.FAN, SECOND, "CANCELLED"),
        (Canceller.CREATOR, 48 * HOUR, "CANCELLED"),
        (Canceller.PLATFORM, 48 * HOUR, "CANCELLED"),
    ],
)
def test_what_becomes_of_the_offer(by, before, expected):
    """BK-7: free again when the fan cancels 2 h or more before, else (and always by the creator) cancelled."""
    assert offer_after_cancel(by=by, starts_at=START, now=START - before, terms=TERMS) == expected

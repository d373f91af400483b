"""When the next payout is expected, and how much (PO-6)."""

from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callastar.payouts.rules.expectation import HORIZON, Expectation, expected, runs
from callastar.payouts.rules.selection import Claim

PARIS = ZoneInfo("Europe/Paris")
NOW = datetime(2026, 8, 5, 10, tzinfo=UTC)  # a Wednesday
MONDAYS = [datetime(2026, 8, 10, 4, tzinfo=UTC) + timedelta(weeks=n) for n in range(11)]


def claim(number: int, amount: int, released_at: datetime) -> Claim:
    return Claim(UUID(int=number), amount, released_at)


def expect(claims, **changes):
    given_ = {
        "debt": 0,
        "minimum": 1000,
        "now": NOW,
        "stored": MONDAYS[0],
        "frequency": "WEEKLY",
        "weekday": 0,
        "zone": PARIS,
    }
    return expected(claims, **(given_ | changes))


def test_what_is_released_is_expected_at_the_next_run():
    """PO-6."""
    claims = [claim(1, 800, NOW - timedelta(days=1)), claim(2, 700, MONDAYS[0])]
    assert expect(claims) == Expectation(MONDAYS[0], 1500)


def test_what_is_released_a_moment_after_a_run_waits_for_the_next():
    """PO-2, PO-6."""
    claims = [claim(1, 5000, MONDAYS[0] + timedelta(microseconds=1))]
    assert expect(claims) == Expectation(MONDAYS[1], 5000)


def test_small_sums_wait_until_they_reach_the_minimum():
    """PO-6: together with what else is released by then."""
    claims = [claim(n, 400, MONDAYS[n] - timedelta(days=1)) for n in range(5)]
    assert expect(claims) == Expectation(MONDAYS[2], 1200)
    assert expect(claims, minimum=0) == Expectation(MONDAYS[0], 400)


def test_debt_comes_off_first():
    """PO-6, RE-3: it moves the date and lessens the sum."""
    claims = [claim(n, 1000, MONDAYS[n] - timedelta(days=1)) for n in range(3)]
    assert expect(claims) == Expectation(MONDAYS[0], 1000)
    assert expect(claims, debt=1) == Expectation(MONDAYS[1], 1999)
    assert expect(claims, debt=1000, minimum=0) == Expectation(MONDAYS[1], 1000)


def test_what_was_refunded_after_its_payout_comes_off():
    """PO-2."""
    claims = [claim(1, -600, NOW - timedelta(days=30)), claim(2, 1500, NOW), claim(3, 500, MONDAYS[0])]
    assert expect(claims) == Expectation(MONDAYS[0], 1400)


@pytest.mark.parametrize(
    ("claims", "changes"),
    [
        ([], {}),
        ([claim(1, 999, NOW)], {}),
        ([claim(1, 5000, NOW)], {"debt": 4001}),
        ([claim(1, 5000, NOW)], {"frequency": "MANUAL", "stored": None}),
        ([claim(1, 5000, NOW + HORIZON)], {}),  # released after the last run that is looked at
        ([], {"minimum": 0}),
    ],
)
def test_nothing_is_expected(claims, changes):
    """PO-6: rather than a date that is not known."""
    assert expect(claims, **changes) is None


def test_the_last_week_that_is_looked_at():
    """PO-6: twelve weeks ahead."""
    last = datetime(2026, 10, 26, 5, tzinfo=UTC)  # the clocks have gone back by then
    assert last < NOW + HORIZON < last + timedelta(weeks=1)
    assert expect([claim(1, 5000, last)]) == Expectation(last, 5000)
    assert expect([claim(1, 5000, last + timedelta(seconds=1))]) is None


def test_an_overdue_run_comes_at_once():
    """PO-3, PO-6: and only once."""
    claims = [claim(1, 5000, NOW - timedelta(days=5))]
    missed = MONDAYS[0] - timedelta(weeks=3)
    assert expect(claims, stored=missed) == Expectation(NOW, 5000)
    found = list(runs(now=NOW, stored=missed, frequency="WEEKLY", weekday=0, zone=PARIS))
    assert found[:2] == [NOW, MONDAYS[0]]


def test_without_a_stored_date_the_schedule_says():
    """PO-3."""
    claims = [claim(1, 5000, NOW)]
    assert expect(claims, stored=None) == Expectation(MONDAYS[0], 5000)
    tomorrow = datetime(2026, 8, 6, 4, tzinfo=UTC)
    assert expect(claims, stored=None, frequency="DAILY") == Expectation(tomorrow, 5000)


@pytest.mark.parametrize("frequency", ["DAILY", "WEEKLY", "MANUAL"])
def test_what_is_tried_again_comes_first(frequency):
    """PO-5, PO-6: nothing is paid before it, not even by a run that is overdue; later the schedule goes on."""
    retry, missed = NOW + timedelta(days=2, hours=3), NOW - timedelta(hours=1)
    when = {"frequency": frequency, "retry_at": retry}
    claims = [claim(1, 5000, NOW)]
    assert expect(claims, stored=missed, **when) == Expectation(retry, 5000)
    assert expect(claims, stored=None, **(when | {"retry_at": missed})) == Expectation(NOW, 5000)
    later = [claim(1, 5000, retry + timedelta(minutes=1))]
    after = {"DAILY": datetime(2026, 8, 8, 4, tzinfo=UTC), "WEEKLY": MONDAYS[0]}
    found = expect(later, stored=missed, **when)
    assert (found.at if found else None) == after.get(frequency)


@given(
    values=st.lists(st.tuples(st.integers(-500, 900), st.integers(-10, 100)), max_size=6),
    debt=st.integers(0, 800),
    minimum=st.integers(0, 1500),
    frequency=st.sampled_from(["DAILY", "WEEKLY"]),
)
def test_an_expectation_in_general(values, debt, minimum, frequency):
    """PO-6: at a run, above the minimum, and no earlier run would do."""
    claims = [claim(n, amount, NOW + timedelta(days=day)) for n, (amount, day) in enumerate(values)]
    found = expect(claims, debt=debt, minimum=minimum, frequency=frequency)
    every = list(runs(now=NOW, stored=MONDAYS[0], frequency=frequency, weekday=0, zone=PARIS))
    assert every[0] == MONDAYS[0]
    earlier = every if found is None else every[: every.index(found.at)]
    for run in earlier:
        left = sum(item.amount for item in claims if item.released_at <= run) - debt
        assert left < minimum or left <= 0
    if found is not None:
        assert found.amount >= max(minimum, 1)
        assert found.amount == sum(item.amount for item in claims if item.released_at <= found.at) - debt

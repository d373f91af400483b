"""Who can be paid out, and whose payout an admin must agree to (PO-1, PO-2, PO-6, RE-3)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callastar.payouts.rules.eligibility import (
    Obstacle,
    Situation,
    needs_approval,
    obstacles,
    reaches_minimum,
)

NOW = datetime(2026, 8, 3, 4, tzinfo=UTC)
GOOD = Situation(
    now=NOW,
    has_account=True,
    account_gone=False,
    details_submitted=True,
    payouts_enabled=True,
    blocked_reason="",
    bank_must_be_fixed=False,
    is_paused=False,
    payout_active=False,
    retry_at=None,
    payable=5000,
    debt=0,
    debt_threshold=10000,
    minimum=1000,
)


@pytest.mark.parametrize("automatic", [True, False])
def test_nothing_speaks_against_a_good_situation(automatic):
    """PO-2."""
    assert obstacles(GOOD, automatic=automatic) == ()


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"has_account": False}, "not_onboarded"),
        ({"account_gone": True}, "not_onboarded"),
        ({"details_submitted": False}, "not_onboarded"),
        ({"details_submitted": False, "payouts_enabled": False}, "not_onboarded"),
        ({"payouts_enabled": False}, "payouts_disabled"),
        ({"blocked_reason": "repeated_failures"}, "blocked"),
        ({"bank_must_be_fixed": True}, "bank_account_must_be_fixed"),
        ({"debt": 10001, "payable": 20000}, "debt_above_threshold"),
        ({"payout_active": True}, "payout_in_progress"),
        ({"payable": 0}, "nothing_payable"),
        ({"payable": -300}, "nothing_payable"),
        ({"payable": 0, "minimum": 0}, "nothing_payable"),
        ({"payable": 999}, "below_minimum"),
        ({"payable": 1500, "debt": 501}, "below_minimum"),
        ({"payable": 500, "debt": 500, "minimum": 0}, "below_minimum"),
    ],
)
@pytest.mark.parametrize("automatic", [True, False])
def test_each_obstacle_alone(change, expected, automatic):
    """PO-6: with the code that the creator's explanation hangs on, whoever asks."""
    assert obstacles(replace(GOOD, **change), automatic=automatic) == (expected,)


@pytest.mark.parametrize(
    "change",
    [
        {"payable": 1000},
        {"payable": 1500, "debt": 500},
        {"payable": 1, "minimum": 0},
        {"payable": 11000, "debt": 10000},  # at the threshold it is deducted
        {"retry_at": NOW},
        {"retry_at": NOW - timedelta(seconds=1)},
    ],
)
@pytest.mark.parametrize("automatic", [True, False])
def test_limits_that_are_just_reached(change, automatic):
    """PO-2, RE-3: the minimum counts after debt; debt blocks above the threshold, not at it."""
    assert obstacles(replace(GOOD, **change), automatic=automatic) == ()


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"is_paused": True}, "paused"),
        ({"retry_at": NOW + timedelta(seconds=1)}, "waiting_for_retry"),
    ],
)
def test_what_holds_up_automatic_payouts_only(change, expected):
    """PO-1, PO-5: a creator may ask by hand although the schedule is paused or a failed payout waits for its retry."""
    situation = replace(GOOD, **change)
    assert obstacles(situation, automatic=True) == (expected,)
    assert obstacles(situation, automatic=False) == ()


def test_all_obstacles_come_in_their_order():
    """PO-6: the creator sees exactly why, and always in the same order."""
    worst = replace(
        GOOD,
        payouts_enabled=False,
        blocked_reason="repeated_failures",
        bank_must_be_fixed=True,
        debt=20000,
        payout_active=True,
        is_paused=True,
        retry_at=NOW + timedelta(days=1),
        payable=0,
    )
    assert obstacles(worst, automatic=True) == (
        "payouts_disabled",
        "blocked",
        "bank_account_must_be_fixed",
        "debt_above_threshold",
        "payout_in_progress",
        "paused",
        "waiting_for_retry",
        "nothing_payable",
    )


SITUATIONS = st.builds(
    Situation,
    now=st.just(NOW),
    has_account=st.booleans(),
    account_gone=st.booleans(),
    details_submitted=st.booleans(),
    payouts_enabled=st.booleans(),
    blocked_reason=st.sampled_from(["", "fraud"]),
    bank_must_be_fixed=st.booleans(),
    is_paused=st.booleans(),
    payout_active=st.booleans(),
    retry_at=st.sampled_from([None, NOW - timedelta(days=1), NOW + timedelta(days=1)]),
    payable=st.integers(-100, 400),
    debt=st.integers(0, 200),
    debt_threshold=st.integers(0, 200),
    minimum=st.integers(0, 200),
)


@given(situation=SITUATIONS)
def test_obstacles_in_general(situation):
    """PO-6: ordered, none twice; by hand the same but for what holds up automatic ones; free means money moves."""
    automatic, by_hand = (obstacles(situation, automatic=value) for value in (True, False))
    order = list(Obstacle)
    assert [order.index(found) for found in automatic] == sorted({order.index(found) for found in automatic})
    only_automatic = {Obstacle.PAUSED, Obstacle.WAITING_FOR_RETRY}
    assert by_hand == tuple(found for found in automatic if found not in only_automatic)
    if not by_hand:
        assert situation.payable - situation.debt >= max(situation.minimum, 1)
        assert situation.debt <= situation.debt_threshold
        assert situation.payouts_enabled
        assert not situation.payout_active


@pytest.mark.parametrize(
    ("payable", "debt", "minimum", "enough"),
    [(1000, 0, 1000, True), (999, 0, 1000, False), (1, 0, 0, True), (0, 0, 0, False), (50, 50, 0, False)],
)
def test_the_minimum(payable, debt, minimum, enough):
    """PO-1: and a minimum of nothing does not mean a payout of nothing."""
    assert reaches_minimum(payable=payable, debt=debt, minimum=minimum) is enough


@pytest.mark.parametrize(
    ("trigger", "frequency", "manual_requires", "expected"),
    [
        ("SCHEDULE", "DAILY", True, False),
        ("SCHEDULE", "WEEKLY", True, False),
        ("RETRY", "WEEKLY", True, False),
        ("REQUEST", "WEEKLY", True, True),
        ("REQUEST", "MANUAL", True, True),
        ("RETRY", "MANUAL", True, True),
        ("REQUEST", "WEEKLY", False, False),
        ("REQUEST", "MANUAL", False, False),
        ("RETRY", "MANUAL", False, False),
    ],
)
def test_who_needs_approval_when_nothing_else_is_set(trigger, frequency, manual_requires, expected):
    """PO-1, PO-4: off for scheduled payouts, on for what a creator asks for unless the platform says otherwise."""
    assert (
        needs_approval(
            trigger=trigger,
            frequency=frequency,
            creator_requires=False,
            manual_requires=manual_requires,
            above=None,
            amount=10**8,
        )
        is expected
    )


def test_approval_of_what_a_creator_asks_for_is_the_default():
    """PO-1."""
    assert needs_approval(trigger="REQUEST", frequency="WEEKLY", creator_requires=False, above=None, amount=1)


EVERY_WAY = list(product(["SCHEDULE", "REQUEST", "RETRY"], ["DAILY", "WEEKLY", "MANUAL"], [True, False]))


@pytest.mark.parametrize(("trigger", "frequency", "manual_requires"), EVERY_WAY)
def test_the_platform_can_want_it_of_one_creator_or_above_an_amount(trigger, frequency, manual_requires):
    """PO-1: whatever the trigger, and whatever it says about what creators ask for."""
    way = {"trigger": trigger, "frequency": frequency, "manual_requires": manual_requires}
    assert needs_approval(**way, creator_requires=True, above=None, amount=1)
    assert needs_approval(**way, creator_requires=False, above=5000, amount=5001)
    at_the_limit = needs_approval(**way, creator_requires=False, above=5000, amount=5000)
    assert at_the_limit is needs_approval(**way, creator_requires=False, above=None, amount=5000)
    assert needs_approval(**way, creator_requires=False, above=0, amount=1)

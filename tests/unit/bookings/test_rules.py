"""Rules of bookings, tested on plain values."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from uuid import uuid4

import pytest

from callastar.bookings.rules import (
    HOLD_LAPSED,
    LatePayment,
    Obstacle,
    Slot,
    hold_until,
    late_payment,
    may_become,
    obstacle_to_booking,
    processing_hold_until,
    refund_due_after_contest,
)

NOW = datetime(2026, 3, 3, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
FAN, CREATOR = uuid4(), uuid4()
FREE = Slot(
    status="AVAILABLE",
    starts_at=NOW + 48 * HOUR,
    reserved_for=None,
    creator_user=CREATOR,
    creator_payable=True,
)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, None),
        ({"status": "BOOKED"}, Obstacle.TAKEN),
        ({"status": "COMPLETED"}, Obstacle.TAKEN),
        ({"status": "CANCELLED"}, Obstacle.CANCELLED),
        ({"starts_at": NOW}, Obstacle.PAST),
        ({"starts_at": NOW - HOUR}, Obstacle.PAST),
        ({"reserved_for": uuid4()}, Obstacle.RESERVED),
        ({"reserved_for": FAN}, None),
        ({"creator_user": FAN}, Obstacle.OWN),
        ({"creator_payable": False}, Obstacle.CREATOR_NOT_PAYABLE),
    ],
)
def test_who_may_book_what(change, expected):
    """BK-1: each refusal has its own code."""
    assert obstacle_to_booking(slot=replace(FREE, **change), fan=FAN, now=NOW) is expected


def test_states_follow_each_other_only_as_written():
    """BK-6: everything that is not in the table is an error."""
    allowed = {
        ("PENDING", "", "CONFIRMED"),
        ("PENDING", "", "CANCELLED"),
        ("CONFIRMED", "", "COMPLETED"),
        ("CONFIRMED", "", "CANCELLED"),
        ("CANCELLED", HOLD_LAPSED, "CONFIRMED"),
    }
    states = ("PENDING", "CONFIRMED", "COMPLETED", "CANCELLED")
    reasons = {"CANCELLED": (HOLD_LAPSED, "fan", "creator", "admin", "payment_canceled")}
    for status, to in product(states, states):
        for reason in reasons.get(status, ("",)):
            assert may_become(status=status, reason=reason, to=to) is ((status, reason, to) in allowed)


def test_a_hold_ends_after_its_time_and_never_after_the_start():
    """BK-4."""
    hold = timedelta(minutes=10)
    assert hold_until(now=NOW, starts_at=NOW + HOUR, hold=hold) == NOW + hold
    assert hold_until(now=NOW, starts_at=NOW + hold / 2, hold=hold) == NOW + hold / 2


def test_a_slow_payment_keeps_the_offer_until_an_hour_before_the_start():
    """BK-5."""
    soon = NOW + timedelta(minutes=10)
    assert processing_hold_until(current=soon, starts_at=NOW + 48 * HOUR) == NOW + 47 * HOUR
    assert processing_hold_until(current=soon, starts_at=NOW + HOUR / 2) == soon


@pytest.mark.parametrize(
    ("change", "reason", "was_processing", "expected"),
    [
        ({}, HOLD_LAPSED, False, LatePayment.TAKE_BACK),
        ({}, HOLD_LAPSED, True, LatePayment.TAKE_BACK),
        ({"status": "BOOKED"}, HOLD_LAPSED, False, LatePayment.REFUND),
        ({"status": "CANCELLED"}, HOLD_LAPSED, False, LatePayment.REFUND),
        ({"reserved_for": uuid4()}, HOLD_LAPSED, False, LatePayment.REFUND),
        ({"starts_at": NOW}, HOLD_LAPSED, False, LatePayment.REFUND),
        ({"starts_at": NOW + HOUR / 2}, HOLD_LAPSED, False, LatePayment.TAKE_BACK),
        ({"starts_at": NOW + HOUR / 2}, HOLD_LAPSED, True, LatePayment.REFUND),
        ({}, "fan", False, LatePayment.REFUND),
        ({}, "admin", False, LatePayment.REFUND),
    ],
)
def test_what_a_late_payment_gets(change, reason, was_processing, expected):
    """BK-5: the offer if it is still free for this fan, else all the money back."""
    fate = late_payment(
        slot=replace(FREE, **change),
        as_agreed=True,
        fan=FAN,
        cancel_reason=reason,
        was_processing=was_processing,
        now=NOW,
    )
    assert fate is expected


def test_a_late_payment_does_not_buy_what_was_not_agreed():
    """BK-5, OF-5: the creator has moved the free call or changed its price since."""
    fate = late_payment(
        slot=FREE, as_agreed=False, fan=FAN, cancel_reason=HOLD_LAPSED, was_processing=False, now=NOW
    )
    assert fate is LatePayment.REFUND


@pytest.mark.parametrize(
    ("outcome", "by_creator", "due", "expected"),
    [
        ("CREATOR_NO_SHOW", True, 1, 72),
        ("NOBODY_CAME", True, -1, 72),
        ("NOBODY_CAME", True, 80, 80),
        ("CREATOR_NO_SHOW", False, 1, 1),
        ("NOBODY_CAME", False, -1, -1),
        ("TECHNICAL", True, 50, 50),
        ("TECHNICAL", False, 50, 50),
        ("CREATOR_NO_SHOW", True, None, None),
        ("UNKNOWN", True, None, None),
    ],
)
def test_an_objection_never_cancels_a_refund(outcome, by_creator, due, expected):
    """BK-9: a creator's gives 72 hours for a decision, and none brings the refund forward. Hours from the objection."""

    def at(hours):
        return None if hours is None else NOW + hours * HOUR

    moved = refund_due_after_contest(outcome=outcome, due_at=at(due), by_creator=by_creator, contested_at=NOW)
    assert moved == at(expected)

"""Outcomes at Stripe: what goes back arrives, what was earned is paid out, and both only once (BK-9, PA-4)."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection

from callastar.bookings.models import Outcome
from callastar.bookings.operations.contest import contest_outcome
from callastar.bookings.operations.decide import decide_outcome
from callastar.bookings.operations.judge import judge_calls
from callastar.bookings.operations.outcome_refunds import end_contests, refund_outcomes
from callastar.core import clock
from callastar.core.errors import Refusal
from callastar.payments.models import Refund
from callastar.payouts.models import Payout, PayoutStatus
from callastar.payouts.operations import send
from tests import outcomes
from tests.factories import make_admin
from tests.integration.payouts.payout_world import (
    AFTER_THE_CALL,
    SHARE,
    Times,
    arrive,
    due,
    pay_out,
    release,
    run_schedule,
)
from tests.jobs import run_jobs
from tests.money_world import assert_ledger_equals_stripe, pay_for_call
from tests.stripe_people import refunds

pytestmark = pytest.mark.django_db(transaction=True)
SAID = "We could not hear each other at all."


@pytest.fixture
def times(settings, at_stripe):
    settings.PAYOUT_HOLDING = timedelta(0)
    clocks = Times(at_stripe)
    yield clocks
    clocks.end()


def over(times, call, **there):
    """The call ends, with those who were there."""
    outcomes.attend(call.booking, **there)
    times.go_to(call.booking.ends_at + AFTER_THE_CALL)
    outcomes.end(now=clock.now())
    return call.booking


def at_once(*acts) -> list[object]:
    """All of them in threads of their own; what each answers or refuses."""

    def run(act):
        try:
            return act()
        except Refusal as refusal:
            return refusal.code
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return [future.result() for future in [pool.submit(run, act) for act in acts]]


def test_from_the_call_to_the_bank(times, creator):
    """BK-9, CA-6, PO-2: a no-show's money goes back to the last cent, a held call's share to the creator's bank."""
    missed, held, half = (pay_for_call(times.sandbox, creator, price=10000) for _ in range(3))
    outcomes.attend(missed.booking, fan=[(0, 900)])
    outcomes.attend(held.booking, fan=[(0, 900)], creator=[(0, 900)])
    over(times, half, fan=[(0, 40)], creator=[(20, 900)])
    times.go_to(missed.booking.ends_at + timedelta(hours=1))
    workers = [lambda: refund_outcomes(now=clock.now())["failed"]] * 2
    assert at_once(*workers) == [0, 0]
    assert run_jobs() == []
    (refund,) = refunds(missed.payment.intent_id)
    assert refund.amount == 10000
    assert missed.payment.status == "REFUNDED"
    assert [held.payment.status, half.payment.status] == ["SUCCEEDED"] * 2

    decide_outcome(
        booking_id=half.booking_id,
        admin=make_admin(),
        outcome=Outcome.TECHNICAL,
        refund=5000,
        reason="Half of it each.",
        now=clock.now(),
    )
    assert run_jobs() == []
    assert half.payment.status == "PARTIALLY_REFUNDED"
    due(creator)
    (early,) = run_schedule()
    assert early.items.get().payment_id == half.payment_id, "decided: nobody can object any more"
    arrive(times, early)
    release(times, [held])
    assert pay_out(creator).amount == SHARE
    assert_ledger_equals_stripe([creator])


def test_an_objection_while_the_payout_is_made(times, creator, monkeypatch):
    """PA-4, PO-2: it came in time, and the payout was chosen meanwhile: nothing leaves before somebody has decided."""
    call = pay_for_call(times.sandbox, creator, price=10000)
    booking = over(times, call, fan=[(0, 900)], creator=[(0, 900)])
    in_time = booking.completed_at + timedelta(hours=72) - timedelta(seconds=1)
    times.go_to(call.payment.payout_release_date + timedelta(seconds=1))
    claim = send._claim_sending

    def object_first(payout_id, now):
        contest_outcome(booking_id=booking.pk, person=call.fan, text=SAID, now=in_time)
        return claim(payout_id, now)

    with monkeypatch.context() as patch:
        patch.setattr(send, "_claim_sending", object_first)
        due(creator)
        run_schedule()
    assert Payout.objects.get().status == PayoutStatus.CANCELED
    assert call.payment.payout_status == ""
    due(creator)
    assert run_schedule() == []
    decide_outcome(
        booking_id=booking.pk,
        admin=make_admin(),
        outcome=Outcome.HELD,
        refund=0,
        reason="It was.",
        now=clock.now(),
    )
    times.forward(timedelta(days=1, seconds=1))  # what the schedule wanted is tried again then
    assert pay_out(creator).amount == SHARE


def test_two_of_everything_at_once(times, creator):
    """BK-9, JB-1: two workers judge, two refund, a fan objects twice, two admins decide: each happens once."""
    call = pay_for_call(times.sandbox, creator, price=10000)
    outcomes.attend(call.booking, fan=[(0, 40)], creator=[(20, 900)])
    times.go_to(call.booking.ends_at + AFTER_THE_CALL)
    outcomes.complete_calls(now=clock.now())
    booking, now = call.booking, clock.now()
    judged = at_once(*[lambda: judge_calls(now=now)["done"]] * 3)
    assert sorted(judged) == [0, 0, 1]

    def objecting():
        return str(contest_outcome(booking_id=booking.pk, person=call.fan, text=SAID, now=now).person_id)

    assert sorted(at_once(objecting, objecting)) == sorted([str(call.fan.pk), "already_contested"])
    admin = make_admin()

    def deciding():
        given = {"outcome": Outcome.TECHNICAL, "refund": 6000, "reason": "Most of it.", "now": now}
        return decide_outcome(booking_id=booking.pk, admin=admin, **given).outcome

    assert sorted(at_once(deciding, deciding)) == ["TECHNICAL", "outcome_decided"]
    later = now + timedelta(days=9)
    at_once(*[lambda: refund_outcomes(now=later), lambda: end_contests(now=later)] * 2)
    assert [refund.amount for refund in Refund.objects.all()] == [6000]
    assert run_jobs() == []
    assert call.payment.refunded_amount == 6000

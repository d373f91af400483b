"""Payouts that were chosen and not sent, or not known to be, while their payments changed: PO-2, PW-1."""

from contextlib import suppress
from datetime import timedelta

import pytest

from callastar.audit.operations import SYSTEM
from callastar.core import clock
from callastar.core.errors import ProviderError
from callastar.payments.models import Refund, RefundStatus
from callastar.payments.operations.money import sync_charge
from callastar.payouts.models import BlockReason, Payout
from callastar.payouts.operations import send
from callastar.payouts.operations.chase import chase_payouts
from callastar.payouts.operations.plan import run_due_payouts
from callastar.payouts.operations.policy import block_payouts
from tests.integration.payouts.payout_world import (
    SHARE,
    Killed,
    arrive,
    assert_no_payment_is_paid_twice,
    at_stripe_payouts,
    dies_once,
    due,
    earned_calls,
    history,
    items,
    payout_of_payment,
    run_schedule,
    told,
)
from tests.jobs import empty_queue, run_jobs
from tests.money_world import assert_ledger_equals_stripe

pytestmark = pytest.mark.django_db(transaction=True)


def dies_while_sending(creator, monkeypatch, when: str) -> Payout:
    """A payout whose worker died before or after Stripe was asked to make it."""
    due(creator)
    run_due_payouts(now=clock.now())
    with monkeypatch.context() as patch, suppress(Killed):
        dies_once(patch, send.payouts, "create_payout", when)
        run_jobs()
    empty_queue()
    payout = Payout.objects.get()
    assert (payout.status, payout.stripe_payout_id) == ("PROCESSING", "")
    return payout


def is_refunded(times, call, creator):
    call.refund(4000)


def waits_for_a_refund(times, call, creator):
    Refund.objects.create(payment=call.payment, amount=100, cause="ADMIN", status=RefundStatus.PENDING)


def is_disputed(times, call, creator):
    times.sandbox.control("POST", "disputes", {"charge": call.charge_id})
    sync_charge(charge_id=call.charge_id, now=clock.now(), with_disputes=True)


def is_blocked(times, call, creator):
    block_payouts(creator_id=creator.pk, reason=BlockReason.FRAUD, actor=SYSTEM)


CHANGES = [
    (is_refunded, "what it covers was refunded or disputed before it left"),
    (waits_for_a_refund, "what it covers was refunded or disputed before it left"),
    (is_disputed, "what it covers was refunded or disputed before it left"),
    (is_blocked, "payouts are blocked"),
]


@pytest.mark.parametrize(("happens", "reason"), CHANGES, ids=[each[0].__name__ for each in CHANGES])
def test_what_changed_before_it_was_sent_does_not_leave(times, creator, monkeypatch, happens, reason):
    """PO-2: whoever goes on looks again: all is let go, and nothing is at Stripe."""
    first, second = earned_calls(times, creator, 10000, 10000)
    payout = dies_while_sending(creator, monkeypatch, "before")
    happens(times, first, creator)
    with pytest.raises(ProviderError) as unsure:
        send.send_payout(payout_id=payout.pk, now=clock.now())
    assert unsure.value.is_temporary, "another worker may be asking Stripe at this moment"
    payout.refresh_from_db()
    assert payout.status == "PROCESSING"

    times.forward(timedelta(minutes=3))
    assert chase_payouts(now=clock.now()) == {"asked": 1, "failed": 0}
    payout.refresh_from_db()
    assert (payout.status, payout.reason) == ("CANCELED", reason)
    assert history(payout) == ["APPROVED", "PROCESSING", "CANCELED"]
    assert at_stripe_payouts(creator) == []
    assert payout_of_payment(first) == payout_of_payment(second) == (None, "", False)
    assert ("PAYOUT_FAILED", "canceled") in told(creator.user)
    send.send_payout(payout_id=payout.pk, now=clock.now())
    assert at_stripe_payouts(creator) == []
    if happens is is_blocked:
        return
    times.forward(timedelta(days=1, minutes=1))
    (again,) = run_schedule()
    assert (again.trigger, items(again)[second.payment_id]) == ("RETRY", SHARE)
    arrive(times, again)
    assert_ledger_equals_stripe([creator])


def test_what_has_left_goes_on_whatever_happened_since(times, creator, monkeypatch):
    """PW-1: Stripe has made it; a refund that came later changes nothing of that, and there is no second one."""
    first, second = earned_calls(times, creator, 10000, 10000)
    payout = dies_while_sending(creator, monkeypatch, "after")
    waits_for_a_refund(times, first, creator)
    times.forward(timedelta(minutes=3))
    assert chase_payouts(now=clock.now()) == {"asked": 1, "failed": 0}
    payout.refresh_from_db()
    assert payout.status in {"PROCESSING", "PAID"}
    assert [each.id for each in at_stripe_payouts(creator)] == [payout.stripe_payout_id]
    assert set(items(payout)) == {first.payment_id, second.payment_id}
    assert arrive(times, payout).status == "PAID"
    assert_ledger_equals_stripe([creator])
    assert_no_payment_is_paid_twice()

"""Two workers, two admins, a bank and an admin at the same time: money moves once (RE-1, RE-4, PW-1)."""

from collections.abc import Callable
from contextlib import suppress
from threading import Barrier, Event, Thread
from typing import Any

import pytest
from django.db import connection, transaction

from callastar.audit.operations import SYSTEM
from callastar.core import clock
from callastar.core.errors import ProviderError, Refusal
from callastar.payments.models import Debt, Refund, RefundCause, SettlementMethod, TransferReversal
from callastar.payments.operations import debts, reversals
from callastar.payments.operations.debts import settle_manually
from callastar.payments.operations.execute import execute_refund, execute_reversal
from callastar.payments.operations.money import sync_charge
from callastar.payments.operations.recording import lock_payment
from callastar.payments.operations.refunds import request_refund
from callastar.payments.operations.reversals import claim_for_debt
from callastar.providers.stripe.client import call
from tests.jobs import empty_queue, run_jobs
from tests.money_world import (
    Paid,
    assert_ledger_equals_stripe,
    assert_money_is_conserved,
    drain,
    pay_for_call,
    settle_events,
)
from tests.stripe_people import make_onboarded_creator

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def creator(db, at_stripe):
    return make_onboarded_creator(at_stripe)


def at_once(*acts: Callable[[], Any]) -> list[BaseException]:
    """Do all of it at the same moment, each on a connection of its own; what was raised."""
    barrier, raised = Barrier(len(acts)), []

    def do(act: Callable[[], Any]) -> None:
        barrier.wait(10)
        try:
            act()
        except BaseException as error:
            raised.append(error)
        finally:
            connection.close()

    threads = [Thread(target=do, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return raised


def request(paid: Paid, amount: int) -> Refund:
    with transaction.atomic():
        return request_refund(payment=lock_payment(paid.payment_id), amount=amount, cause=RefundCause.ADMIN)


def refunds_at_stripe(paid: Paid) -> list[int]:
    return [refund.amount for refund in call(lambda c: c.v1.refunds.list({"charge": paid.charge_id})).data]


def agree(creator) -> None:
    assert_ledger_equals_stripe([creator])
    assert_money_is_conserved([creator])


def test_two_workers_make_the_same_refund(at_stripe, creator):
    """PW-1: one effect, and both end well or are told to try again."""
    paid = pay_for_call(at_stripe, creator)
    refund = request(paid, 4000)
    empty_queue()
    raised = at_once(*[lambda: execute_refund(refund_id=refund.pk, now=clock.now())] * 3)
    assert all(isinstance(error, ProviderError) and error.is_temporary for error in raised), raised
    execute_refund(refund_id=refund.pk, now=clock.now())
    assert refunds_at_stripe(paid) == [4000]
    assert run_jobs() == []
    agree(creator)


def test_two_workers_take_the_same_share(at_stripe, creator):
    """PW-1."""
    paid = pay_for_call(at_stripe, creator)
    at_stripe.control("POST", "disputes", {"charge": paid.charge_id})
    raised = at_once(*[lambda: sync_charge(charge_id=paid.charge_id, now=clock.now())] * 3)
    assert raised == []
    empty_queue()
    reversal = TransferReversal.objects.get()
    raised = at_once(*[lambda: execute_reversal(reversal_id=reversal.pk, now=clock.now())] * 3)
    assert all(isinstance(error, ProviderError) and error.is_temporary for error in raised), raised
    execute_reversal(reversal_id=reversal.pk, now=clock.now())
    assert len(call(lambda c: c.v1.transfers.reversals.list(paid.payment.transfer_id)).data) == 1
    agree(creator)


def test_two_refunds_that_are_more_than_the_payment(at_stripe, creator):
    """RE-1: one of them is refused, whichever comes second."""
    paid = pay_for_call(at_stripe, creator)
    raised = at_once(lambda: request(paid, 6000), lambda: request(paid, 6000))
    assert [getattr(error, "code", error) for error in raised] == ["refund_too_large"]
    assert run_jobs() == []
    assert refunds_at_stripe(paid) == [6000]
    agree(creator)


def test_a_dispute_opens_while_a_refund_is_made(at_stripe, creator):
    """RE-1, RE-4: whichever Stripe takes first; the fan has the money once, the creator gives their share once."""
    paid = pay_for_call(at_stripe, creator)
    refund = request(paid, 4000)
    empty_queue()

    def dispute() -> None:
        with suppress(Exception):
            at_stripe.control("POST", "disputes", {"charge": paid.charge_id, "amount": 6000})

    at_once(dispute, lambda: execute_refund(refund_id=refund.pk, now=clock.now()))
    settle_events(at_stripe, times=2)
    refund.refresh_from_db()
    assert refund.status in {"SUCCEEDED", "FAILED"}
    assert refunds_at_stripe(paid) == ([4000] if refund.status == "SUCCEEDED" else [])
    agree(creator)
    with pytest.raises(Refusal, match="payment_disputed"):
        request(paid, 1)


def test_a_refund_that_comes_after_the_dispute(at_stripe, creator):
    """RE-1: asked for before anybody knew of the dispute: it fails where admins see it, and nothing moves."""
    paid = pay_for_call(at_stripe, creator)
    refund = request(paid, 4000)
    at_stripe.control("POST", "disputes", {"charge": paid.charge_id})
    execute_refund(refund_id=refund.pk, now=clock.now())
    settle_events(at_stripe, order="shuffled")
    refund.refresh_from_db()
    assert (refund.status, refund.failure_reason, refund.from_platform) == (
        "FAILED",
        "charge_disputed",
        False,
    )
    assert refunds_at_stripe(paid) == []
    agree(creator)


def claim_made_and_not_heard_of(sandbox, creator, monkeypatch) -> tuple[Debt, Paid]:
    """A debt, and part of it taken from another payment at Stripe, of which only Stripe knows yet."""
    paid = pay_for_call(sandbox, creator)
    drain(creator, amount=8180)
    paid.refund(10000)
    other = pay_for_call(sandbox, creator)
    debt = Debt.objects.get()
    with transaction.atomic():
        claim = claim_for_debt(
            debt=debt, payment=lock_payment(other.payment_id), amount=3000,
            method=SettlementMethod.PAYOUT_DEDUCTION, now=clock.now(),
        )  # fmt: skip
    with monkeypatch.context() as patch, suppress(ProviderError):
        patch.setattr("callastar.payments.operations.execute.sync_transfer", lambda **_: None)
        execute_reversal(reversal_id=claim.pk, now=clock.now())
    return debt, other


def test_a_debt_is_settled_by_hand_while_part_of_it_is_written_down(monkeypatch, at_stripe, creator):
    """RE-3, PW-1: payments are locked before debts, debts before balances: neither waits for the other for ever."""
    debt, other = claim_made_and_not_heard_of(at_stripe, creator, monkeypatch)
    posted, has_debt = Event(), Event()
    post_reversal, post_settlement = reversals.post_reversal, debts.post_manual_settlement

    def slowly(*arguments: Any) -> Any:
        found = post_reversal(*arguments)
        posted.set()
        has_debt.wait(1)
        return found

    def noted(*arguments: Any) -> Any:
        has_debt.set()
        return post_settlement(*arguments)

    def by_hand() -> None:
        assert posted.wait(10)
        settle_manually(debt_id=debt.pk, amount=180, note="cash", actor=SYSTEM, now=clock.now())

    monkeypatch.setattr(reversals, "post_reversal", slowly)
    monkeypatch.setattr(debts, "post_manual_settlement", noted)
    assert at_once(lambda: sync_charge(charge_id=other.charge_id, now=clock.now()), by_hand) == []
    debt.refresh_from_db()
    assert debt.settled_amount == 3180
    assert_ledger_equals_stripe([creator], gone={creator.pk: 8180})

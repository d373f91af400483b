"""Debts and payouts: RE-3, PO-2."""

from datetime import timedelta

import pytest
from django.db import transaction

from callastar.backoffice.operations import recover
from callastar.core import clock
from callastar.core.errors import ProviderError, ProviderTrouble
from callastar.creators.models import Creator
from callastar.payments.models import Debt, DebtCause, Refund, RefundStatus, TransferReversal
from callastar.payments.operations import execute
from callastar.payments.operations.debts import make_debt, open_debt
from callastar.payments.operations.execute import recover_debts
from callastar.payments.operations.posting import Book
from callastar.payments.operations.recording import lock_payment
from callastar.payouts.models import PayoutPolicy
from callastar.payouts.operations import send
from callastar.payouts.operations.plan import request_payout
from callastar.payouts.refusals import PayoutObstacleError
from tests.integration.payouts.payout_world import (
    SHARE,
    arrive,
    at_stripe_payouts,
    due,
    earned_calls,
    indebted,
    items,
    pay_out,
    run_schedule,
    told,
    totals,
)
from tests.jobs import run_jobs
from tests.money_world import assert_ledger_equals_stripe, assert_money_is_conserved, drain

pytestmark = pytest.mark.django_db(transaction=True)
OWED = 1636  # the creator's part of 20.00


def owe(call, amount: int) -> Debt:
    """The creator owes something for a call whose money has left."""
    with transaction.atomic():
        payment = lock_payment(call.payment_id)
        debt = make_debt(
            book=Book(payment, payment.currency, clock.now()), amount=amount, cause=DebtCause.REFUND
        )
    assert run_jobs() == []
    return debt


def reversals() -> list[tuple]:
    rows = TransferReversal.objects.order_by("created_at", "pk")
    return list(rows.values_list("payment_id", "amount", "status", "method"))


def test_a_debt_is_deducted_from_what_the_payout_covers(times, creator):
    """RE-3: by a reversal of the oldest payment's transfer, before anything leaves; the rest of it is paid out."""
    old, (first, second) = indebted(times, creator, 10000, 10000)
    assert open_debt(creator.pk, "EUR") == OWED
    assert_ledger_equals_stripe([creator])
    payout = pay_out(creator)
    assert reversals() == [(first.payment_id, OWED, "SUCCEEDED", "PAYOUT_DEDUCTION")]
    debt = Debt.objects.get()
    assert (debt.status, debt.settled_amount, debt.reconciled_by) == ("SETTLED", OWED, "PAYOUT_DEDUCTION")
    assert items(payout) == {first.payment_id: SHARE - OWED, second.payment_id: SHARE}
    assert TransferReversal.objects.get().payout_id == payout.pk
    payout = arrive(times, payout)
    assert (payout.status, totals(creator).debt) == ("PAID", 0)
    assert old.payment.payout_id != payout.pk
    assert_ledger_equals_stripe([creator])
    assert_money_is_conserved([creator])


def test_debts_oldest_first_from_payments_oldest_first(times, creator):
    """RE-3: a debt goes over several payments, a payment over several debts; what is used up is in no payout."""
    old, calls = indebted(times, creator, 2000, 2000, 10000)
    other = owe(old, 2000)
    shares = [-call.sums()["EARNINGS"] for call in calls]
    payout = pay_out(creator)
    assert shares[0] < OWED < OWED + 2000 < sum(shares)
    taken = {}
    for payment_id, amount, status, _ in reversals():
        assert status == "SUCCEEDED"
        taken[payment_id] = taken.get(payment_id, 0) + amount
    assert list(taken.values()) == [shares[0], shares[1], OWED + 2000 - shares[0] - shares[1]]
    assert items(payout) == {calls[2].payment_id: sum(shares) - OWED - 2000}
    assert [debt.status for debt in Debt.objects.all()] == ["SETTLED", "SETTLED"]
    assert Debt.objects.get(pk=other.pk).settlements.count() >= 1
    arrive(times, payout)
    assert_ledger_equals_stripe([creator])


@pytest.mark.parametrize(("over", "blocked"), [(0, False), (1, True)])
def test_the_threshold(settings, times, creator, over, blocked):
    """RE-3: exactly at it the debt is deducted; a cent above, payouts stop, and so does what the creator asks for.

    Where nothing can be taken: Stripe has none of it.
    """
    old, (call,) = indebted(times, creator, 20000)
    share = -call.sums()["EARNINGS"]
    owe(old, settings.DEBT_THRESHOLD - OWED + over)
    due(creator)
    if blocked:
        drain(creator)
    made = run_schedule()
    if blocked:
        assert made == []
        assert PayoutPolicy.objects.get().last_obstacles == ["debt_above_threshold"]
        with pytest.raises(PayoutObstacleError) as refused:
            request_payout(creator=creator, currency="EUR", now=clock.now())
        assert refused.value.code == "debt_above_threshold"
        assert reversals() == []
    else:
        assert made[0].amount == share - settings.DEBT_THRESHOLD
        assert arrive(times, made[0]).status == "PAID"
        assert_ledger_equals_stripe([creator])


@pytest.mark.parametrize("by", ["run", "admin"])
def test_a_debt_above_the_threshold_is_paid_back_by_earnings(settings, times, creator, admin, by):
    """RE-3: from payments that could be paid out, oldest first; what is held is not touched; then payouts go on."""
    settings.DEBT_THRESHOLD = 1000
    _, (first, second, held) = indebted(times, creator, 1500, 10000, 10000)
    Refund.objects.create(payment=held.payment, amount=100, cause="ADMIN", status=RefundStatus.PENDING)
    due(creator)
    small = -first.sums()["EARNINGS"]
    assert 0 < small < OWED
    if by == "admin":
        recover(debt_id=Debt.objects.get().pk, admin=admin)
        assert run_jobs() == []
    made = run_schedule()
    assert reversals() == [
        (first.payment_id, small, "SUCCEEDED", "TRANSFER_REVERSAL"),
        (second.payment_id, OWED - small, "SUCCEEDED", "TRANSFER_REVERSAL"),
    ]
    assert Debt.objects.get().status == "SETTLED"
    assert [items(payout) for payout in made] == [{second.payment_id: SHARE - OWED + small}]
    assert "DEBT_DEDUCTED" in dict(told(creator.user))
    assert arrive(times, made[0]).status == "PAID"
    assert_ledger_equals_stripe([creator])
    assert_money_is_conserved([creator])


def test_recovery_takes_no_more_than_stripe_has(settings, times, creator):
    """RE-3: the rest is taken when there is more; payouts wait until then."""
    settings.DEBT_THRESHOLD = 500
    _, (call,) = indebted(times, creator, 10000)
    account = creator.stripe_account_id
    times.sandbox.control("POST", "balance", {"account": account, "currency": "eur", "amount": 1000 - SHARE})
    due(creator)
    assert run_schedule() == []
    assert reversals() == [(call.payment_id, 1000, "SUCCEEDED", "TRANSFER_REVERSAL")]
    assert open_debt(creator.pk, "EUR") == OWED - 1000
    assert PayoutPolicy.objects.get().last_obstacles == ["debt_above_threshold"]
    assert recover_debts(creator_id=creator.pk, now=clock.now(), from_all=True) == 0


def test_recovery_from_its_own_payment_alone(times, creator):
    """RE-3: below the threshold, other payments are the payout's to deduct from."""
    indebted(times, creator, 10000)
    assert recover_debts(creator_id=creator.pk, now=clock.now()) == 0
    assert reversals() == []


def test_more_is_owed_than_can_be_paid_out(times, creator):
    """RE-3, PO-2: nothing leaves until what is earned is more than what is owed."""
    indebted(times, creator, 1500)
    due(creator)
    assert run_schedule() == []
    assert PayoutPolicy.objects.get().last_obstacles == ["below_minimum"]
    (more,) = earned_calls(times, creator, 10000)
    payout = pay_out(creator)
    assert list(items(payout)) == [more.payment_id]
    assert totals(creator).debt == 0
    arrive(times, payout)
    assert_ledger_equals_stripe([creator])


def test_what_stripe_does_not_take_back_stops_the_payout(times, creator, monkeypatch, admin):
    """RE-3, PO-7: a debt comes before any payout; if it cannot be deducted, nothing leaves, and it says why."""
    (_, (call,)) = indebted(times, creator, 10000)
    refused = ProviderError("stripe", ProviderTrouble.PERMANENT, "transfers_not_allowed", "No.")
    with monkeypatch.context() as patch:
        patch.setattr(execute.money, "create_reversal", raising(refused))
        payout = pay_out(creator)
    assert (payout.status, payout.reason) == ("CANCELED", "what the creator owes could not be deducted")
    assert reversals() == [(call.payment_id, OWED, "FAILED", "PAYOUT_DEDUCTION")]
    assert "TRANSFER_FAILED" in dict(told(admin))
    assert len(at_stripe_payouts(creator)) == 1
    assert totals(creator).debt == OWED
    assert_ledger_equals_stripe([creator])
    times.forward(timedelta(days=1, minutes=1))
    (again,) = run_schedule()
    assert (again.trigger, again.amount) == ("RETRY", SHARE - OWED)


def raising(error):
    def refuse(**_):
        raise error

    return refuse


def test_a_debt_that_is_found_out_while_the_payout_is_made(times, creator, monkeypatch):
    """RE-3: what Stripe says when it is asked can make a debt; it is deducted from this very payout."""
    (old,) = earned_calls(times, creator, 10000)
    arrive(times, pay_out(creator))
    (new,) = earned_calls(times, creator, 10000)
    real = send.sync_charge

    def sync(**asked):
        if not Debt.objects.exists():
            with transaction.atomic():
                payment = lock_payment(old.payment_id)
                make_debt(book=Book(payment, "EUR", clock.now()), amount=1000, cause=DebtCause.REFUND)
        return real(**asked)

    monkeypatch.setattr(send, "sync_charge", sync)
    payout = pay_out(creator)
    assert items(payout) == {new.payment_id: SHARE - 1000}
    assert Debt.objects.get().status == "SETTLED"
    assert_ledger_equals_stripe([creator])


def test_two_currencies(times, creator):
    """RE-3, PO-2: each currency is paid out on its own, a debt is deducted in its own; none stops another."""
    _, (euros,) = indebted(times, creator, 10000)
    Creator.objects.filter(pk=creator.pk).update(currency="GBP")
    creator.refresh_from_db()
    earned_calls(times, creator, 10000)
    due(creator)
    made = {payout.currency: payout for payout in run_schedule()}
    assert items(made["EUR"]) == {euros.payment_id: SHARE - OWED}
    assert arrive(times, made["EUR"]).status == "PAID"
    assert made["GBP"].status == "FAILED", "Stripe has no bank account for pounds"
    assert made["GBP"].failure_message
    assert PayoutPolicy.objects.get().retry_at, "what was paid in euros says nothing of pounds"
    assert totals(creator, "GBP").earned == totals(creator, "GBP").at_stripe > 0
    assert_ledger_equals_stripe([creator])

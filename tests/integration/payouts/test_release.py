"""What leaves and what does not, at Stripe's sandbox: PO-2, PO-4, PA-4, LE-1, LE-2."""

from datetime import timedelta

import pytest

from callastar.audit.models import LogEntry
from callastar.bookings.operations.complete import complete_calls
from callastar.core import clock
from callastar.offers.models import CallOffer
from callastar.payments.models import Dispute, Payment, Refund, RefundStatus
from callastar.payments.queries import again_mark
from callastar.payouts.models import Payout, PayoutPolicy
from callastar.payouts.operations.plan import run_due_payouts
from callastar.providers.stripe import gateway, money
from tests import outcomes
from tests.integration.payouts.payout_world import (
    AFTER_THE_CALL,
    SHARE,
    arrive,
    assert_no_payment_is_paid_twice,
    at_stripe_payouts,
    due,
    earned_calls,
    end_calls,
    history,
    items,
    mails_of,
    paid_calls,
    pay_out,
    payout_of_payment,
    release,
    run_schedule,
    told,
    totals,
)
from tests.jobs import run_jobs
from tests.money_world import assert_ledger_equals_stripe, assert_money_is_conserved, drain

pytestmark = pytest.mark.django_db(transaction=True)


def obstacles_of(creator) -> list[str]:
    return PayoutPolicy.objects.get(pk=creator.pk).last_obstacles


def refund_at_stripe(call, amount: int) -> None:
    """By hand, in Stripe's dashboard: no event comes."""
    gateway.create_refund(
        intent_id=call.payment.intent_id,
        amount=amount,
        metadata={},
        from_platform=False,
        idempotency_key=f"by-hand-{call.payment_id}-{amount}",
    )


def test_a_payout_from_the_call_to_the_bank(times, creator, admin):
    """PO-4, PA-4, LE-1: rows, audit log, journal, balances, mails and notifications of one that goes well."""
    first, second = earned_calls(times, creator, 10000, 5000)
    assert_ledger_equals_stripe([creator])
    payout = pay_out(creator)
    (made,) = at_stripe_payouts(creator)
    assert (payout.status, payout.amount, payout.trigger) == ("PROCESSING", made.amount, "SCHEDULE")
    assert items(payout) == {first.payment_id: SHARE, second.payment_id: payout.amount - SHARE}
    assert (made.metadata["payout"], made.id) == (str(payout.pk), payout.stripe_payout_id)
    assert (totals(creator).in_payout, totals(creator).earned) == (payout.amount, 0)
    assert payout_of_payment(first) == (payout.pk, "PROCESSING", False)
    assert_ledger_equals_stripe([creator])

    payout = arrive(times, payout)
    assert history(payout) == ["APPROVED", "PROCESSING", "PAID"]
    assert payout.bank_account == made.destination
    assert payout.bank_last4
    assert payout.paid_at
    assert payout_of_payment(first) == payout_of_payment(second) == (payout.pk, "PAID", True)
    assert (totals(creator).in_payout, totals(creator).paid, totals(creator).at_stripe) == (0, made.amount, 0)
    assert money.balance(account=creator.stripe_account_id).total("EUR") == 0
    assert_ledger_equals_stripe([creator])
    assert_money_is_conserved([creator])
    assert mails_of(creator.user) == ["payout_paid"]
    assert ("PAYOUT_COMPLETED", "") in told(creator.user)
    assert mails_of(admin) == []
    logged = LogEntry.objects.filter(type__startswith="PAYOUT_").values_list("type", flat=True)
    assert {"PAYOUT_APPROVED", "PAYOUT_PROCESSING", "PAYOUT_PAID"} <= set(logged)

    due(creator)
    assert run_schedule() == []
    assert obstacles_of(creator) == ["nothing_payable"]


def test_nothing_before_the_call_is_over_and_settled(times, creator):
    """PA-4, PO-2: no holding time does not mean before the call, nor before its booking is completed."""
    (call,) = paid_calls(times.sandbox, creator, 10000)
    offer = CallOffer.objects.get(pk=call.booking.offer_id)
    for moment in (offer.starts_at, offer.ends_at + AFTER_THE_CALL, offer.ends_at + timedelta(days=30)):
        times.go_to(moment)
        due(creator)
        assert run_schedule() == []
        assert obstacles_of(creator) == ["nothing_payable"]
    assert call.payment.call_settled_at is None
    complete_calls(now=clock.now())
    assert call.payment.call_settled_at is None, "nobody has looked what became of it"
    outcomes.meet([call.booking])
    outcomes.end(now=clock.now())
    payment = call.payment
    assert payment.call_settled_at
    assert payment.payout_release_date > payment.call_settled_at, "the outcome can be contested"
    due(creator)
    assert run_schedule() == []
    times.go_to(payment.payout_release_date + timedelta(seconds=1))
    assert pay_out(creator).amount == SHARE


def test_nothing_before_the_holding_time_is_over(settings, times, creator):
    """PA-4: the end of the call and seven days."""
    settings.PAYOUT_HOLDING = timedelta(days=7)
    (call,) = paid_calls(times.sandbox, creator, 10000)
    end_calls(times, [call])
    offer = CallOffer.objects.get(pk=call.booking.offer_id)
    assert call.payment.payout_release_date == offer.ends_at + timedelta(days=7)
    times.go_to(offer.ends_at + timedelta(days=7) - timedelta(minutes=1))
    due(creator)
    assert run_schedule() == []
    times.forward(timedelta(minutes=2))
    assert pay_out(creator).amount == SHARE


def test_what_is_refunded_or_about_to_be_stays(times, creator):
    """PO-2: a refund under way freezes its payment, the rest leaves; partly refunded, the rest of it leaves, too."""
    whole, part, waiting = earned_calls(times, creator, 10000, 10000, 10000)
    part.refund(4000)
    Refund.objects.create(payment=waiting.payment, amount=100, cause="ADMIN", status=RefundStatus.PENDING)
    left = -part.sums()["EARNINGS"]
    assert 0 < left < SHARE
    payout = pay_out(creator)
    assert items(payout) == {whole.payment_id: SHARE, part.payment_id: left}
    assert payout_of_payment(waiting) == (None, "", False)
    arrive(times, payout)
    assert_ledger_equals_stripe([creator])


def test_a_refund_that_was_not_made_holds_its_payment(times, creator):
    """PO-2, RE-1: the fan still waits for it, so the money does not leave, until it is asked for again and made."""
    owed, other = earned_calls(times, creator, 10000, 10000)
    failed = Refund.objects.create(
        payment=owed.payment, amount=100, cause="FAN_CANCELLED", status=RefundStatus.FAILED
    )
    assert items(arrive(times, pay_out(creator))) == {other.payment_id: SHARE}
    due(creator)
    assert run_schedule() == []
    assert obstacles_of(creator) == ["nothing_payable"]
    Refund.objects.create(
        payment=owed.payment,
        amount=100,
        cause="FAN_CANCELLED",
        reason=again_mark(failed),
        status=RefundStatus.SUCCEEDED,
        stripe_refund_id="re_again",
    )
    due(creator)
    (payout,) = run_schedule()
    assert items(payout) == {owed.payment_id: SHARE}


def test_what_is_refunded_at_stripe_by_hand_is_noticed(times, creator):
    """PO-2: the event has not come, but Stripe is asked before the money leaves."""
    gone, part = earned_calls(times, creator, 10000, 10000)
    refund_at_stripe(gone, 10000)
    refund_at_stripe(part, 5000)
    payout = pay_out(creator)
    assert (gone.payment.status, part.payment.status) == ("REFUNDED", "PARTIALLY_REFUNDED")
    assert items(payout) == {part.payment_id: SHARE // 2}
    assert_ledger_equals_stripe([creator])


def test_a_dispute_that_nobody_told_of_is_noticed(times, creator):
    """PO-2, RE-4: the payment freezes before its money leaves; the others do not wait for it."""
    disputed, other = earned_calls(times, creator, 10000, 10000)
    times.sandbox.control("POST", "disputes", {"charge": disputed.charge_id})
    payout = pay_out(creator)
    assert Dispute.objects.get().payment_id == disputed.payment_id
    assert items(payout) == {other.payment_id: SHARE}
    assert disputed.payment.status == "DISPUTED"
    arrive(times, payout)
    assert_ledger_equals_stripe([creator])


def test_all_of_it_refunded_at_stripe_ends_as_cancelled(times, creator):
    """PO-2: nothing is left, nothing leaves, and the payout says why."""
    (call,) = earned_calls(times, creator, 10000)
    refund_at_stripe(call, 10000)
    payout = pay_out(creator)
    assert (payout.status, payout.reason) == ("CANCELED", "nothing is payable any more")
    assert at_stripe_payouts(creator) == []
    assert history(payout) == ["APPROVED", "CANCELED"]
    due(creator)
    assert run_schedule() == []


def test_a_refund_after_the_payout_is_taken_along(times, creator):
    """PO-2: what was paid out and given back since is deducted from the next payout, and posted once."""
    first, second = earned_calls(times, creator, 10000, 10000)
    Payment.objects.filter(pk=second.payment_id).update(call_settled_at=None)
    paid = arrive(times, pay_out(creator))
    assert items(paid) == {first.payment_id: SHARE}
    Payment.objects.filter(pk=second.payment_id).update(call_settled_at=clock.now())

    refund = first.refund(2000)  # from the second payment's money, which is in the account
    assert not refund.from_platform
    owed = first.sums()["EARNINGS"]
    assert owed > 0
    assert_ledger_equals_stripe([creator])
    payout = pay_out(creator)
    assert items(payout) == {first.payment_id: -owed, second.payment_id: SHARE}
    assert payout.amount == SHARE - owed
    assert payout_of_payment(first) == (payout.pk, "PROCESSING", True)

    times.sandbox.control(
        "POST", f"payouts/{payout.stripe_payout_id}/fail", {"failure_code": "could_not_process"}
    )
    payout = arrive(times, payout)
    assert payout.status == "FAILED"
    assert payout_of_payment(first) == (paid.pk, "PAID", True), "it belongs to the payout that paid it"
    assert payout_of_payment(second) == (None, "", False)
    assert_ledger_equals_stripe([creator])
    times.forward(timedelta(days=1, minutes=1))
    (again,) = run_schedule()
    again = arrive(times, again)
    assert (again.status, items(again), again.trigger) == ("PAID", items(payout), "RETRY")
    assert payout_of_payment(first) == payout_of_payment(second) == (again.pk, "PAID", True)
    assert totals(creator).earned == totals(creator).at_stripe == 0
    assert_ledger_equals_stripe([creator])
    assert_no_payment_is_paid_twice()


def test_more_is_owed_than_earned(times, creator):
    """PO-2: a claim against the creator that is larger than what is payable lets nothing leave."""
    first, second = earned_calls(times, creator, 10000, 5000)
    Payment.objects.filter(pk=second.payment_id).update(call_settled_at=None)
    arrive(times, pay_out(creator))
    Payment.objects.filter(pk=second.payment_id).update(call_settled_at=clock.now())
    first.refund(4900)
    due(creator)
    assert run_schedule() == []
    assert obstacles_of(creator) == ["below_minimum"]
    assert_ledger_equals_stripe([creator])


def test_stripe_has_less_than_the_journal(times, creator, admin):
    """PO-2: whole payments, oldest first, as many as fit; admins are told, nothing is lost, the rest leaves later."""
    calls = earned_calls(times, creator, 10000, 10000, 10000)
    account = creator.stripe_account_id
    times.sandbox.control("POST", "balance", {"account": account, "currency": "eur", "amount": -SHARE - 1})
    payout = pay_out(creator)
    assert items(payout) == {calls[0].payment_id: SHARE}
    assert told(admin) == [("SYSTEM", "balance_too_low")]
    assert LogEntry.objects.get(type="STRIPE_BALANCE_TOO_LOW").level == "ERROR"
    arrive(times, payout)
    due(creator)
    (second,) = run_schedule()
    assert (second.status, second.reason) == ("CANCELED", f"Stripe has too little: {SHARE - 1} available")
    assert totals(creator).earned == 2 * SHARE
    assert [payout_of_payment(call)[0] for call in calls[1:]] == [None, None]
    times.sandbox.control("POST", "balance", {"account": account, "currency": "eur", "amount": SHARE + 1})
    assert run_schedule() == [], "the next day, not at once"
    times.forward(timedelta(days=1, minutes=1))
    assert items(arrive(times, pay_out(creator))) == {call.payment_id: SHARE for call in calls[1:]}
    assert_ledger_equals_stripe([creator])
    assert_no_payment_is_paid_twice()


def test_never_more_than_was_planned(times, creator):
    """PO-2, PO-4: what becomes payable after the decision waits for the next payout."""
    first, second = earned_calls(times, creator, 10000, 10000)
    Payment.objects.filter(pk=second.payment_id).update(call_settled_at=None)
    due(creator)
    run_due_payouts(now=clock.now())
    Payment.objects.filter(pk=second.payment_id).update(call_settled_at=clock.now())
    assert run_jobs() == []
    payout = Payout.objects.get()
    assert (payout.amount, items(payout)) == (SHARE, {first.payment_id: SHARE})
    assert payout_of_payment(second) == (None, "", False)


def test_less_than_the_minimum_does_not_leave(times, creator):
    """PO-2, PO-6: the creator's minimum is looked at again when it is known what Stripe has."""
    small, _ = earned_calls(times, creator, 1000, 10000)
    account, share = creator.stripe_account_id, -small.sums()["EARNINGS"]
    times.sandbox.control("POST", "balance", {"account": account, "currency": "eur", "amount": -SHARE})
    payout = pay_out(creator)
    assert 0 < share < PayoutPolicy.objects.get().minimum
    assert (payout.status, payout.reason) == ("CANCELED", f"Stripe has too little: {share} available")
    assert at_stripe_payouts(creator) == []


def test_money_that_left_by_another_way(times, creator, admin):
    """PO-2: a payout made by hand at Stripe is not ours; ours waits, nothing is paid that is not there."""
    (call,) = earned_calls(times, creator, 10000)
    drain(creator)
    payout = pay_out(creator)
    assert (payout.status, payout.reason) == ("CANCELED", "Stripe has too little: 0 available")
    assert payout_of_payment(call) == (None, "", False)
    assert totals(creator).earned == SHARE
    assert_ledger_equals_stripe([creator], gone={creator.pk: SHARE})
    assert ("SYSTEM", "balance_too_low") in told(admin)
    assert told(creator.user)[-1] == ("PAYOUT_FAILED", "canceled")
    assert ("PAYOUT_FAILED", "admin_canceled") not in told(admin), "nobody had agreed to it"


def test_money_that_is_only_on_its_way_to_the_account(times, creator, admin):
    """PO-2: what is pending at Stripe waits; nobody has to look."""
    (call,) = paid_calls(times.sandbox, creator, 10000, card="pm_card_visa")
    Payment.objects.filter(pk=call.payment_id).update(
        call_settled_at=clock.now(), payout_release_date=clock.now()
    )
    payout = pay_out(creator)
    assert (payout.status, payout.reason) == ("CANCELED", "Stripe has too little: 0 available")
    assert LogEntry.objects.get(type="STRIPE_BALANCE_TOO_LOW").level == "WARNING"
    assert told(admin) == []
    Payment.objects.filter(pk=call.payment_id).update(call_settled_at=None)  # it has not even begun
    release(times, [call])
    assert arrive(times, pay_out(creator)).status == "PAID"
    assert Payout.objects.filter(status="PAID").count() == 1

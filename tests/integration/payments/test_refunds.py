"""Refunds at Stripe's sandbox: rows, journal and balances agree to the cent (RE-1, RE-2, LE-1, LE-2)."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import transaction

from callastar.core import clock
from callastar.core.errors import Refusal
from callastar.ledger.queries import payment_sums
from callastar.mail.models import EmailLog
from callastar.notifications.models import Notification, NotificationType
from callastar.payments.models import Debt, Payment, Refund, RefundCause, TransferReversal
from callastar.payments.operations.chase import chase_refunds
from callastar.payments.operations.recording import lock_payment
from callastar.payments.operations.refunds import request_refund
from callastar.providers.stripe.client import call
from tests.jobs import run_jobs
from tests.money_world import (
    assert_ledger_equals_stripe,
    assert_money_is_conserved,
    canonical,
    drain,
    pay_for_call,
    settle_events,
)

pytestmark = pytest.mark.django_db(transaction=True)


def by_hand(paid, amount, **params) -> str:
    """A refund made in Stripe's dashboard; its id."""
    return call(lambda c: c.v1.refunds.create({"charge": paid.charge_id, "amount": amount, **params})).id


@pytest.mark.parametrize(
    ("amount", "percent"), [(100, "15"), (9999, "0"), (10001, "33.33"), (99_999_999, "15")]
)
def test_a_refund_in_parts_gives_back_the_whole_of_each_share(settings, at_stripe, creator, amount, percent):
    """RE-1: after every part, and nothing is left at the end."""
    settings.PLATFORM_FEE_PERCENT = Decimal(percent)
    paid = pay_for_call(at_stripe, creator, price=amount)
    assert_ledger_equals_stripe([creator])
    parts = [amount // 7, amount // 3, 1]
    for part in [*parts, amount - sum(parts)]:
        assert paid.refund(part).status == "SUCCEEDED"
        assert_ledger_equals_stripe([creator])
        assert_money_is_conserved([creator])
    payment = paid.payment
    assert (payment.status, payment.refunded_amount, payment.transfer_status) == (
        "REFUNDED",
        amount,
        "reversed",
    )
    sums = paid.sums()
    assert {"COMMISSION", "PROCESSING_FEES", "EARNINGS", "FAN_FUNDS"}.isdisjoint(sums)
    settle_events(at_stripe)
    assert sums == paid.sums()


def test_the_shares_of_one_part(at_stripe, creator):
    """RE-1, EM-5: 33.33 of 100.00 takes 5.00 of the commission, 1.07 of the processing fee, 27.26 of the creator."""
    paid = pay_for_call(at_stripe, creator)
    paid.refund(3333)
    sums = paid.sums()
    assert (sums["COMMISSION"], sums["PROCESSING_FEES"], sums["EARNINGS"]) == (-1000, -213, -(8180 - 2726))
    assert paid.payment.status == "PARTIALLY_REFUNDED"
    told = EmailLog.objects.filter(metadata__booking=str(paid.booking_id), template__startswith="refund")
    assert set(told.values_list("template", "to")) == {
        ("refunded", paid.fan.email),
        ("refund_made_creator", creator.user.email),
    }
    taken = told.get(template="refund_made_creator").context["taken"]
    assert taken == {"minor": 2726, "currency": "EUR"}


def test_more_than_is_left_is_refused(at_stripe, creator):
    """RE-1: also when two are asked for at once: the second one sees the first."""
    paid = pay_for_call(at_stripe, creator)
    with transaction.atomic():
        request_refund(payment=lock_payment(paid.payment_id), amount=6000, cause=RefundCause.ADMIN)
    with pytest.raises(Refusal, match="refund_too_large"), transaction.atomic():
        request_refund(payment=lock_payment(paid.payment_id), amount=4001, cause=RefundCause.ADMIN)
    assert run_jobs() == []
    assert [refund.amount for refund in Refund.objects.all()] == [6000]
    assert_ledger_equals_stripe([creator])


@pytest.mark.parametrize("order", ["as_made", "reversed"])
def test_refunds_made_at_stripe_by_hand(at_stripe, creator, order):
    """RE-1, RE-2: with all, with none, with each half of what goes with a refund; the creator ends up with their share.

    Where the dashboard's refund took nothing from the creator, they owe it, and it is taken from the transfer at once.
    """
    paid = pay_for_call(at_stripe, creator)
    by_hand(paid, 1000, reverse_transfer=True, refund_application_fee=True)
    by_hand(paid, 2000)
    by_hand(paid, 3000, refund_application_fee=True)
    settle_events(at_stripe, order=order)
    assert_ledger_equals_stripe([creator])
    assert_money_is_conserved([creator])
    assert sorted(Refund.objects.values_list("amount", "cause", "from_platform")) == [
        (1000, "PROVIDER", False),
        (2000, "PROVIDER", True),
        (3000, "PROVIDER", True),
    ]
    assert paid.sums()["EARNINGS"] == -(8180 - round(8180 * 0.6))
    assert paid.sums()["COMMISSION"] == -600
    assert set(Debt.objects.values_list("status", "reconciled_by")) == {("SETTLED", "TRANSFER_REVERSAL")}
    by_hand(paid, 4000, reverse_transfer=True, refund_application_fee=True)
    settle_events(at_stripe)
    assert_ledger_equals_stripe([creator])
    assert_money_is_conserved([creator])
    assert paid.payment.status == "REFUNDED"


def test_the_same_refunds_heard_of_one_by_one_or_all_at_once(at_stripe, creator):
    """WH-3: whether each is written down as it is made or all of them a day later, the parts are the same."""
    for once in (True, False):
        paid = pay_for_call(at_stripe, creator, price=9999)
        for amount, params in (
            (1111, {}),
            (2222, {"reverse_transfer": True, "refund_application_fee": True}),
        ):
            by_hand(paid, amount, **params)
            if not once:
                paid.sync()
        paid.sync()
    first, second = Payment.objects.order_by("created_at")
    assert payment_sums(first.pk) == payment_sums(second.pk)
    assert_ledger_equals_stripe([creator])


def test_a_refund_that_comes_back_is_made_again(at_stripe, creator, admin):
    """RE-1: the money is with the platform until it is made again; the creator gives their share once."""
    paid = pay_for_call(at_stripe, creator)
    refund = paid.refund(2500)
    at_stripe.control("POST", f"refunds/{refund.stripe_refund_id}/fail")
    settle_events(at_stripe, order="shuffled", times=2)
    refund.refresh_from_db()
    assert (refund.status, refund.failure_reason) == ("FAILED", "expired_or_canceled_card")
    assert (paid.payment.status, paid.payment.refunded_amount) == ("SUCCEEDED", 0)
    assert paid.sums()["FAN_FUNDS"] == -2500
    assert_ledger_equals_stripe([creator])
    told = Notification.objects.filter(type=NotificationType.TRANSFER_FAILED, recipient=admin)
    assert [each.params["what"] for each in told] == ["refund"]
    again = paid.refund(4000)
    assert (again.status, again.from_platform) == ("SUCCEEDED", True)
    assert_ledger_equals_stripe([creator])
    assert_money_is_conserved([creator])
    sums = paid.sums()
    assert sums["EARNINGS"] == -round(8180 * 0.6)
    assert (sums["COMMISSION"], sums["PROCESSING_FEES"]) == (-900, -192)
    assert paid.refund(6000).status == "SUCCEEDED"
    assert_money_is_conserved([creator])
    assert paid.payment.status == "REFUNDED"


def test_a_slow_refund_is_told_when_it_arrives(at_stripe, creator):
    """RE-1: a direct debit's refund is pending for a while; nothing is promised before."""
    paid = pay_for_call(at_stripe, creator, card="pm_card_pendingRefund")
    refund = paid.refund(2500)
    assert (refund.status, paid.payment.refunded_amount) == ("PENDING", 0)
    assert_ledger_equals_stripe([creator])
    assert not EmailLog.objects.filter(template="refunded").exists()
    with pytest.raises(Refusal, match="refund_too_large"), transaction.atomic():
        request_refund(payment=lock_payment(paid.payment_id), amount=7501, cause=RefundCause.ADMIN)
    at_stripe.control("POST", "clock", {"advance": 10})
    for _ in range(100):
        if call(lambda c: c.v1.refunds.retrieve(refund.stripe_refund_id)).status == "succeeded":
            break
    with clock.shifted(timedelta(minutes=2)):
        assert chase_refunds(now=clock.now()) == {"asked": 1, "failed": 0}
    assert run_jobs() == []
    refund.refresh_from_db()
    assert (refund.status, paid.payment.refunded_amount) == ("SUCCEEDED", 2500)
    assert EmailLog.objects.filter(template="refunded").count() == 1


def test_a_refund_that_the_creators_account_cannot_give_back(at_stripe, creator):
    """RE-2: the fan has it all the same, the creator owes exactly their share, and is told."""
    paid = pay_for_call(at_stripe, creator)
    drain(creator)
    refund = paid.refund(5000)
    assert (refund.status, refund.from_platform) == ("SUCCEEDED", True)
    debt = Debt.objects.get()
    assert (debt.amount, debt.cause, debt.status, debt.refund_id) == (4090, "REFUND", "OPEN", refund.pk)
    assert EmailLog.objects.filter(template="debt_made", to=creator.user.email).count() == 1
    assert_ledger_equals_stripe([creator], gone={creator.pk: 8180})
    assert_money_is_conserved([creator], gone=8180)
    assert paid.refund(5000).status == "SUCCEEDED"
    assert [debt.amount for debt in Debt.objects.order_by("created_at")] == [4090, 4090]
    before = canonical()
    settle_events(at_stripe, order="shuffled", times=2)
    assert canonical() == before
    assert paid.payment.status == "REFUNDED"
    assert not TransferReversal.objects.filter(status="SUCCEEDED").exists()


def test_an_account_that_has_too_little(at_stripe, creator):
    """RE-2, RE-3: what is there is taken from the transfer, the rest is owed."""
    paid = pay_for_call(at_stripe, creator)
    drain(creator, amount=5000)
    refund = paid.refund(10000)
    assert (refund.status, refund.from_platform) == ("SUCCEEDED", True)
    debt = Debt.objects.get()
    assert (debt.amount, debt.settled_amount, debt.status) == (8180, 3180, "OPEN")
    assert_ledger_equals_stripe([creator], gone={creator.pk: 5000})
    assert_money_is_conserved([creator], gone=5000)


def test_an_account_that_is_gone(at_stripe, creator):
    """RE-2: the creator disconnected the platform; the fan is refunded, no job fails."""
    paid = pay_for_call(at_stripe, creator)
    at_stripe.control("POST", f"accounts/{creator.stripe_account_id}/deauthorize")
    refund = paid.refund(10000)
    assert refund.status == "SUCCEEDED"
    debts = list(Debt.objects.values_list("amount", "status"))
    assert debts == ([(8180, "OPEN")] if refund.from_platform else [])

"""What nobody would otherwise go on with, and when asking ends (PW-1, PW-2, PO-7, LE-1)."""

from datetime import timedelta

import pytest
from django.db import transaction

from callastar.audit.models import LogEntry
from callastar.core import clock
from callastar.core.errors import ProviderError, ProviderTrouble
from callastar.jobs import work
from callastar.notifications.models import Notification, NotificationType
from callastar.payments.models import Payment, Refund, RefundCause, RefundStatus
from callastar.payments.operations.chase import chase_money, chase_refunds
from callastar.payments.operations.execute import execute_refund
from callastar.payments.operations.recording import lock_payment
from callastar.payments.operations.refunds import request_refund
from callastar.providers.stripe import gateway
from tests.jobs import empty_queue
from tests.money_world import assert_ledger_equals_stripe, pay_for_call

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_charge_whose_job_was_lost_is_booked(at_stripe, creator):
    """LE-1: also when its payment knows transfer and fee already; one that is booked is not asked about again."""
    paid = pay_for_call(at_stripe, creator, settled=False)
    empty_queue()
    at_stripe.control("POST", "clock", {"advance": 2})
    charge = gateway.get_charge(charge_id=paid.charge_id)
    Payment.objects.update(transfer_id=charge.transfer, stripe_fee=charge.fee, stripe_fee_currency="EUR")
    assert (paid.sums(), paid.payment.booked_at) == ({}, None)
    with clock.shifted(timedelta(minutes=2)):
        assert chase_money(now=clock.now()) == {"asked": 1, "failed": 0}
        assert chase_money(now=clock.now()) == {"asked": 0, "failed": 0}
    assert paid.payment.booked_at is not None
    assert paid.sums()["EARNINGS"] == -8180
    assert_ledger_equals_stripe([creator])


def test_a_charge_that_is_never_settled_is_not_asked_about_for_ever(at_stripe, creator):
    """PO-7: for three days; then the daily comparison says so."""
    paid = pay_for_call(at_stripe, creator)
    Payment.objects.update(booked_at=None)
    with clock.shifted(timedelta(days=3, minutes=1)):
        assert chase_money(now=clock.now())["asked"] == 0
    paid.sync()
    assert paid.payment.booked_at is not None


def test_a_refund_that_stripe_no_longer_knows(at_stripe, creator, admin):
    """PO-7: told once, asked about hourly for a day, and its reason can be seen; nothing is refunded twice."""
    paid = pay_for_call(at_stripe, creator)
    refund = paid.refund(4000)
    Refund.objects.update(status=RefundStatus.PENDING, stripe_refund_id="re_unknown")
    for minutes, asked in ((2, 1), (12, 0), (63, 1), (125, 1), (60 * 24 + 10, 0), (60 * 48, 0)):
        with clock.shifted(timedelta(minutes=minutes)):
            assert chase_refunds(now=clock.now()) == {"asked": asked, "failed": 0}, minutes
    refund.refresh_from_db()
    assert (refund.status, refund.failure_reason, refund.from_platform) == (
        "PENDING",
        "resource_missing",
        False,
    )
    told = Notification.objects.filter(type=NotificationType.TRANSFER_FAILED, recipient=admin)
    assert [each.params["reason"] for each in told] == ["resource_missing"]
    assert execute_refund(refund_id=refund.pk, now=clock.now()).status == "PENDING"
    assert told.count() == 1


def test_an_outage_ends_the_run(at_stripe, creator):
    """PW-2: what waits is not asked about one after the other while Stripe does not answer; the next run goes on."""
    paid = pay_for_call(at_stripe, creator)
    for _ in range(5):
        with transaction.atomic():
            request_refund(payment=lock_payment(paid.payment_id), amount=100, cause=RefundCause.ADMIN)
    empty_queue()
    at_stripe.control("POST", "faults", {"match": "* /v1/*", "kind": "500", "times": 99})
    with clock.shifted(timedelta(minutes=2)):
        assert chase_refunds(now=clock.now()) == {"asked": 3, "failed": 3}
        at_stripe.control("DELETE", "faults")
        assert chase_refunds(now=clock.now()) == {"asked": 5, "failed": 0}
    assert paid.payment.refunded_amount == 500


@pytest.mark.parametrize("broken", ["reconcile_bookings", "fetch_missed_events", "chase_money"])
def test_one_look_that_fails_keeps_none_of_the_others_from_being_taken(db, monkeypatch, broken):
    """PW-2, WH-3: missed events are fetched before the slow looks; the job fails in the end all the same."""
    names = ["reconcile_bookings", "fetch_missed_events", "chase_refunds", "chase_money", "chase_payouts",
             "reconcile_accounts"]  # fmt: skip
    taken = []

    def look(name):
        def take(*, now):
            taken.append(name)
            if name == broken:
                raise ProviderError("stripe", ProviderTrouble.TEMPORARY, message="down")
            return {}

        take.__name__ = name
        return take

    for name in names:
        monkeypatch.setattr(work, name, look(name))
    with pytest.raises(ProviderError, match="down"):
        work.reconcile_payments(clock.now())
    assert taken == names
    assert broken in LogEntry.objects.get(type="RECONCILE_FAILED").message

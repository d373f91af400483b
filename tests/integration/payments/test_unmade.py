"""Refunds that were promised and not made: found until they are asked for again (RE-1, PO-7)."""

from uuid import uuid4

import pytest
from django.db.models import Exists, OuterRef

from callastar.payments.models import Payment, Refund, RefundCause, RefundStatus
from callastar.payments.queries import again_mark, is_unmade, unmade_refunds

pytestmark = pytest.mark.django_db


def make_payment() -> Payment:
    return Payment.objects.create(
        booking_id=uuid4(),
        offer_id=uuid4(),
        creator_id=1,
        fan_id=uuid4(),
        amount=1000,
        currency="EUR",
        platform_fee=150,
        processing_fee=50,
        creator_amount=800,
    )


def refund(payment, status, **more) -> Refund:
    return Refund.objects.create(
        payment=payment, amount=100, status=status, cause=more.pop("cause", RefundCause.ADMIN), **more
    )


def held() -> set:
    return set(
        Payment.objects.filter(Exists(unmade_refunds().filter(payment=OuterRef("pk")))).values_list(
            "pk", flat=True
        )
    )


def test_what_failed_before_it_was_made_is_owed_until_it_is_asked_for_again():
    """Those that are under way, were made, or failed at the fan's bank are not."""
    payment, other = make_payment(), make_payment()
    for status in RefundStatus:
        refund(other, status, stripe_refund_id=f"re_{status}")
    refund(other, RefundStatus.PENDING)
    refund(other, RefundStatus.CANCELED)
    failed = refund(payment, RefundStatus.FAILED, reason="asked")
    assert held() == {payment.pk}
    assert is_unmade(failed)
    refund(other, RefundStatus.PENDING, reason=f"{again_mark(failed)} of another payment")
    assert held() == {payment.pk}
    again = refund(payment, RefundStatus.PENDING, reason=f"{again_mark(failed)} asked")
    assert held() == set()
    assert not is_unmade(failed)
    again.status = RefundStatus.FAILED
    again.save()
    assert (held(), is_unmade(again), is_unmade(failed)) == ({payment.pk}, True, False)

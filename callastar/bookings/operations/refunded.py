"""Telling people about refunds."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from callastar.bookings import mails, telling
from callastar.bookings.models import Booking
from callastar.core.money import Currency, Money
from callastar.payments.models import Refund, RefundCause, RefundStatus
from callastar.payments.rules import Parts, refunded_parts

# The creator hears of a cancelled call when it is cancelled, and of money that came too late not at all.
_TOLD_TO_CREATORS = (RefundCause.ADMIN, RefundCause.OUTCOME, RefundCause.PROVIDER)


def tell_refunded(*, refund_id: UUID, now: datetime) -> None:
    """Tell the fan about a refund that succeeded, and the creator where they do not know; once each."""
    refund = Refund.objects.select_related("payment").get(pk=refund_id)
    booking = Booking.objects.select_related("fan", "offer", "creator__user").get(payment=refund.payment)
    with transaction.atomic():
        mails.refunded(booking=booking, refund=refund, late=refund.cause == RefundCause.LATE_PAYMENT)
        telling.refunded(booking=booking, refund=refund, now=now)
        if refund.cause in _TOLD_TO_CREATORS:
            taken = Money(_part_of_creator(refund), Currency(refund.payment.currency))
            mails.refund_made(booking=booking, refund=refund, taken=taken)
            telling.refund_made(booking=booking, refund=refund, taken=taken, now=now)


def _part_of_creator(refund: Refund) -> int:
    """What of a refund is the creator's, after those that were made before it; minor units."""
    others = refund.payment.refunds.filter(status=RefundStatus.SUCCEEDED, pk__lt=refund.pk)
    before = sum(others.values_list("amount", flat=True))
    return (_parts(refund, before + refund.amount) - _parts(refund, before)).creator


def _parts(refund: Refund, given_back: int) -> Parts:
    payment = refund.payment
    return refunded_parts(
        amount=payment.amount,
        commission=payment.platform_fee,
        processing=payment.processing_fee,
        refunded=min(given_back, payment.amount),
    )

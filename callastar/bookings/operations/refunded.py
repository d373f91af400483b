"""Telling people about refunds."""

from uuid import UUID

from django.db import transaction

from callastar.bookings import mails
from callastar.bookings.models import Booking
from callastar.payments.models import Refund, RefundCause


def tell_refunded(*, refund_id: UUID) -> None:
    """Mail the fan about a refund that succeeded; once, however often this is called."""
    refund = Refund.objects.select_related("payment").get(pk=refund_id)
    booking = Booking.objects.select_related("fan", "offer", "creator__user").get(payment=refund.payment)
    with transaction.atomic():
        mails.refunded(booking=booking, refund=refund, late=refund.cause == RefundCause.LATE_PAYMENT)

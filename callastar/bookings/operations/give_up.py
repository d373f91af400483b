"""A fan lets an unpaid booking go before its hold lapses."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from callastar.accounts.models import User
from callastar.audit.operations import Actor
from callastar.bookings.models import Booking, BookingStatus, CancelReason
from callastar.bookings.operations.settle import apply_intent, lock_rows, release
from callastar.bookings.refusals import AlreadyPaidError, BookingNotFoundError
from callastar.core.errors import ProviderError
from callastar.payments.models import PaymentStatus
from callastar.payments.operations import intents
from callastar.payments.refusals import PaymentInProgressError, PaymentUnavailableError


def give_up(*, booking_id: UUID, fan: User, now: datetime) -> Booking:
    """Release an unpaid booking: its intent is closed first, so that nothing can be charged afterwards.

    Raises a refusal if it is not the fan's, was paid meanwhile, or Stripe cannot say.
    """
    payment_id = Booking.objects.filter(pk=booking_id, fan=fan).values_list("payment_id", flat=True).first()
    if payment_id is None:
        raise BookingNotFoundError
    try:
        snapshot = intents.close_intent(payment_id=payment_id, given_up=True)
    except ProviderError as error:
        raise PaymentUnavailableError from error
    apply_intent(booking_id=booking_id, snapshot=snapshot, now=now)
    return _release(booking_id, fan, now)


def _release(booking_id: UUID, fan: User, now: datetime) -> Booking:
    with transaction.atomic(durable=True):
        offer, booking, payment = lock_rows(booking_id)
        if booking.status in {BookingStatus.CONFIRMED, BookingStatus.COMPLETED}:
            raise AlreadyPaidError
        if payment.status == PaymentStatus.PROCESSING:
            raise PaymentInProgressError
        if booking.status == BookingStatus.PENDING:
            release(
                offer=offer,
                booking=booking,
                payment=payment,
                reason=CancelReason.FAN,
                now=now,
                actor=Actor.of(fan),
            )
    return booking

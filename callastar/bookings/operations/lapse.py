"""Unpaid bookings end: the intent is closed at Stripe first, then the offer is everybody's again."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from callastar.audit.models import Level
from callastar.audit.operations import record
from callastar.bookings.models import Booking, BookingStatus, CancelReason
from callastar.bookings.operations.settle import close_payment, lock_rows, release
from callastar.core.errors import ProviderError

# Nobody waits longer than this for Stripe before the offer is free again; the intent is then closed by a job.
PATIENCE_SECONDS = 2.0


def expire_hold(*, booking_id: UUID, now: datetime, ask_stripe: bool = True) -> bool:
    """End a booking whose hold has lapsed. Answers whether Stripe could be asked.

    Closing the intent before releasing the offer means that, as long as Stripe answers, nobody can pay for an offer
    that somebody else may take.
    """
    if not _has_lapsed(booking_id, now):
        return True
    answered = ask_stripe and _close(booking_id, now)
    with transaction.atomic(durable=True):
        offer, booking, payment = lock_rows(booking_id)
        if booking.status != BookingStatus.PENDING or booking.hold_expires_at > now:
            return answered  # paid, or held longer, since we looked
        release(offer=offer, booking=booking, payment=payment, reason=CancelReason.HOLD_LAPSED, now=now)
    return answered


def expire_holds(*, now: datetime) -> int:
    """End every booking whose hold has lapsed; answers how many there were.

    While Stripe does not answer it is asked once, so that one outage does not delay all the others; and one hold that
    cannot be ended does not keep the others.
    """
    lapsed = Booking.objects.filter(status=BookingStatus.PENDING, hold_expires_at__lte=now)
    ids = list(lapsed.order_by("hold_expires_at").values_list("pk", flat=True)[:500])
    answers = True
    for booking_id in ids:
        try:
            answers = expire_hold(booking_id=booking_id, now=now, ask_stripe=answers)
        except Exception as error:
            _note_stuck(booking_id, error)
    return len(ids)


def _note_stuck(booking_id: UUID, error: Exception) -> None:
    record(
        type="HOLD_NOT_ENDED",
        level=Level.CRITICAL,
        message=f"A lapsed hold could not be ended, somebody must look: {type(error).__name__}: {error}",
        booking=booking_id,
    )


def _has_lapsed(booking_id: UUID, now: datetime) -> bool:
    return Booking.objects.filter(
        pk=booking_id, status=BookingStatus.PENDING, hold_expires_at__lte=now
    ).exists()


def _close(booking_id: UUID, now: datetime) -> bool:
    try:
        close_payment(booking_id=booking_id, now=now, patience=PATIENCE_SECONDS)
    except ProviderError as error:
        record(
            type="PAYMENT_CLOSE_DELAYED",
            level=Level.WARNING,
            message=f"Stripe did not close a lapsed payment, a job will: {error.code or error.kind}",
            booking=booking_id,
        )
        return False
    return True

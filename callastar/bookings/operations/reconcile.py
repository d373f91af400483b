"""Payments whose news never came: Stripe is asked."""

from datetime import datetime, timedelta

from callastar.audit.models import Level
from callastar.audit.operations import record
from callastar.bookings.models import Booking, BookingStatus
from callastar.bookings.operations.settle import close_payment, settle_payment
from callastar.core.errors import ProviderError
from callastar.payments.models import UNSETTLED

SETTLED_BY_ITSELF = timedelta(minutes=1)


def reconcile_bookings(*, now: datetime) -> dict[str, int]:
    """Ask Stripe about every intent that is not settled yet; answers counts.

    One that fails does not stop the others.
    """
    counts = {"asked": 0, "failed": 0}
    unsettled = Booking.objects.filter(
        payment__intent_state__in=UNSETTLED, payment__created_at__lt=now - SETTLED_BY_ITSELF
    ).order_by("created_at")
    for booking in unsettled.iterator(chunk_size=200):
        counts["asked"] += 1
        try:
            _reconcile(booking, now)
        except Exception as error:
            counts["failed"] += 1
            _note_failure(booking, error)
    return counts


def _note_failure(booking: Booking, error: Exception) -> None:
    """What passes by itself is a warning; what needs somebody is an error."""
    passes = isinstance(error, ProviderError) and error.is_temporary
    record(
        type="RECONCILE_FAILED",
        level=Level.WARNING if passes else Level.ERROR,
        message=f"A payment could not be settled: {type(error).__name__}: {error}",
        booking=booking.pk,
    )


def _reconcile(booking: Booking, now: datetime) -> None:
    ended = booking.status == BookingStatus.CANCELLED
    (close_payment if ended else settle_payment)(booking_id=booking.pk, now=now)

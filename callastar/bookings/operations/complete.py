"""Calls that are over: the booking is completed, and its money can be released in time."""

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction

from callastar.audit.models import Level
from callastar.audit.operations import SYSTEM, record
from callastar.bookings.models import Booking, BookingStatus
from callastar.bookings.operations.settle import lock_rows
from callastar.bookings.operations.transitions import change
from callastar.bookings.rules import release_date
from callastar.offers.models import OfferStatus

SETTLES = timedelta(minutes=15)
OVER = "over"


def complete_calls(*, now: datetime) -> dict[str, int]:
    """Complete every confirmed booking whose call ended 15 minutes ago; answers counts.

    One that fails does not stop the others.
    """
    counts = {"completed": 0, "failed": 0}
    ended = Booking.objects.filter(
        status=BookingStatus.CONFIRMED, starts_at__lt=now, offer__ends_at__lte=now - SETTLES
    )
    for booking_id in list(ended.order_by("starts_at").values_list("pk", flat=True)[:500]):
        try:
            counts["completed"] += _complete(booking_id, now)
        except Exception as error:
            counts["failed"] += 1
            _note_failure(booking_id, error)
    return counts


def _complete(booking_id: UUID, now: datetime) -> bool:
    with transaction.atomic(durable=True):
        offer, booking, payment = lock_rows(booking_id)
        if booking.status != BookingStatus.CONFIRMED or offer.ends_at > now - SETTLES:
            return False
        change(booking=booking, to=BookingStatus.COMPLETED, actor=SYSTEM, now=now, reason=OVER)
        offer.status = OfferStatus.COMPLETED
        offer.save(update_fields=["status", "updated_at"])
        payment.call_settled_at = now
        payment.payout_release_date = release_date(
            ends_at=offer.ends_at,
            completed_at=now,
            holding=settings.PAYOUT_HOLDING,
            contest=settings.OUTCOME_CONTEST,
        )
        payment.save(update_fields=["call_settled_at", "payout_release_date", "updated_at"])
    return True


def _note_failure(booking_id: UUID, error: Exception) -> None:
    record(
        type="CALL_NOT_COMPLETED",
        level=Level.ERROR,
        message=f"A call that is over could not be completed: {type(error).__name__}: {error}",
        booking=booking_id,
    )

"""Calls that are over: the booking is completed. What became of the call, and so of its money, is judged after that."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from callastar.audit.operations import SYSTEM
from callastar.bookings.models import Booking, BookingStatus
from callastar.bookings.operations.batch import each
from callastar.bookings.operations.settle import lock_rows
from callastar.bookings.operations.transitions import change
from callastar.offers.models import OfferStatus

SETTLES = timedelta(minutes=15)
OVER = "over"


def complete_calls(*, now: datetime) -> dict[str, int]:
    """Complete every confirmed booking whose call ended 15 minutes ago; answers counts."""
    ended = Booking.objects.filter(
        status=BookingStatus.CONFIRMED, starts_at__lt=now, offer__ends_at__lte=now - SETTLES
    )
    return each(ended.order_by("starts_at"), _complete, failure="CALL_NOT_COMPLETED", now=now)


def _complete(*, booking_id: UUID, now: datetime) -> bool:
    with transaction.atomic(durable=True):
        offer, booking, _payment = lock_rows(booking_id)
        if booking.status != BookingStatus.CONFIRMED or offer.ends_at > now - SETTLES:
            return False
        change(booking=booking, to=BookingStatus.COMPLETED, actor=SYSTEM, now=now, reason=OVER)
        offer.status = OfferStatus.COMPLETED
        offer.save(update_fields=["status", "updated_at"])
    return True

"""Moving what has just happened into the past: the only writes of the demo that are not the product's own."""

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F

from callastar.bookings.models import Booking, BookingStatus, Transition
from callastar.bookings.operations.settle import lock_rows
from callastar.calls.models import Call
from callastar.notifications.models import Notification
from callastar.offers.models import CallOffer
from callastar.payments.models import Payment

BEFOREHAND = timedelta(days=5, hours=3)  # between the booking and the call
ON_SALE = timedelta(days=9)  # between the offer and its booking
PAYING = timedelta(minutes=2)


def move_back_offer(offer_id: UUID, *, by: timedelta) -> None:
    """Move an offer's time."""
    CallOffer.objects.filter(pk=offer_id).update(
        starts_at=F("starts_at") - by,
        ends_at=F("ends_at") - by,
        created_at=F("starts_at") - by - BEFOREHAND - ON_SALE,
    )


def end_hold(booking_id: UUID, *, at: datetime) -> None:
    """Let a hold end at a moment."""
    Booking.objects.filter(pk=booking_id).update(hold_expires_at=at)


@transaction.atomic
def move_back_booking(booking_id: UUID) -> None:
    """Move all that belongs to a booking to where its offer, moved before, would have had it."""
    offer, booking, _payment = lock_rows(booking_id)
    booked_at = offer.starts_at - BEFOREHAND
    paid_at, lapsed_at = booked_at + PAYING, booked_at + settings.HOLD_DURATION
    booking.starts_at, booking.created_at, booking.hold_expires_at = offer.starts_at, booked_at, lapsed_at
    booking.confirmed_at = booking.confirmed_at and paid_at
    booking.cancelled_at = booking.cancelled_at and lapsed_at
    booking.save()
    _move_payment(booking, booked_at, paid_at)
    _move_timeline(booking, paid_at, lapsed_at)
    _move_news(booking, paid_at)
    Call.objects.filter(pk__in=Booking.objects.filter(pk=booking_id).values("call_id")).update(
        created_at=paid_at
    )


def _move_payment(booking: Booking, booked_at: datetime, paid_at: datetime) -> None:
    payments = Payment.objects.filter(pk=booking.payment_id)
    payments.update(created_at=booked_at)
    payments.filter(paid_at__isnull=False).update(
        paid_at=paid_at, payout_release_date=booking.offer.ends_at + settings.PAYOUT_HOLDING
    )


def _move_timeline(booking: Booking, paid_at: datetime, lapsed_at: datetime) -> None:
    moments = {
        BookingStatus.PENDING: booking.created_at,
        BookingStatus.CONFIRMED: paid_at,
        BookingStatus.CANCELLED: lapsed_at,
    }
    for status, moment in moments.items():
        Transition.objects.filter(booking=booking, to_status=status).update(at=moment)


def _move_news(booking: Booking, paid_at: datetime) -> None:
    """What both were told in the app, they were told and have read then; of the time at which the call now is."""
    for told in Notification.objects.filter(
        recipient__in=(booking.fan_id, booking.creator.user_id), link=f"bookings/{booking.pk}"
    ):
        told.created_at = told.read_at = paid_at
        if "starts_at" in told.params:
            told.params["starts_at"] = booking.starts_at.isoformat()
        told.save()

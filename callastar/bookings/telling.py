"""In-app notifications of bookings, written in the transaction that causes them."""

from datetime import datetime

from callastar.accounts.models import User
from callastar.bookings.models import Booking
from callastar.bookings.rules import Canceller
from callastar.notifications.models import NotificationType
from callastar.notifications.operations import notify


def cancelled(*, booking: Booking, by: Canceller, now: datetime) -> None:
    """Tell whoever did not cancel that a paid call will not take place."""
    creator = booking.creator.user
    if by is not Canceller.FAN:
        _tell_cancelled(booking, by, to=booking.fan, other_name=creator.name, now=now)
    if by is not Canceller.CREATOR:
        _tell_cancelled(booking, by, to=creator, other_name=booking.fan.name, now=now)


def _tell_cancelled(booking: Booking, by: Canceller, *, to: User, other_name: str, now: datetime) -> None:
    notify(
        to=to,
        type=NotificationType.BOOKING_CANCELLED,
        params={
            "variant": f"by_{by}",
            "other_name": other_name,
            "offer_title": booking.offer.title,
            "starts_at": booking.starts_at.isoformat(),
        },
        link=f"bookings/{booking.pk}",
        dedupe_key=f"booking_cancelled:{booking.pk}:{to.pk}",
        now=now,
    )

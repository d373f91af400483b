"""Reads of bookings: each person finds only what is theirs."""

from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from callastar.accounts.models import Role, User
from callastar.bookings.models import Booking, BookingStatus, Transition
from callastar.bookings.refusals import BookingNotFoundError
from callastar.calls.models import Call


def _with_parts() -> QuerySet[Booking]:
    return Booking.objects.select_related("offer", "payment", "call__room", "creator__user", "fan")


def bookings_of_fan(fan: User, *, offer_id: UUID | None = None) -> QuerySet[Booking]:
    """What a fan booked, newest first; of one offer if it is named."""
    mine = _with_parts().filter(fan=fan).order_by("-created_at")
    return mine.filter(offer_id=offer_id) if offer_id else mine


def upcoming_bookings(fan: User, *, now: datetime) -> QuerySet[Booking]:
    """A fan's calls to come (held or confirmed, or going on), next first."""
    return _coming(_with_parts().filter(fan=fan), now)


def past_bookings(fan: User, *, now: datetime) -> QuerySet[Booking]:
    """A fan's calls that are over or were cancelled, latest first."""
    return _over(_with_parts().filter(fan=fan), now)


def bookings_of_creator(user: User) -> QuerySet[Booking]:
    """Bookings of a creator's calls, newest first: what was never paid is nobody's business."""
    paid = ~Q(confirmed_at=None) | Q(status=BookingStatus.PENDING)
    return _with_parts().filter(paid, creator__user=user).order_by("-created_at")


def creator_upcoming(user: User, *, now: datetime) -> QuerySet[Booking]:
    """A creator's calls to come, next first."""
    return _coming(bookings_of_creator(user), now)


def creator_past(user: User, *, now: datetime) -> QuerySet[Booking]:
    """A creator's calls that are over or were cancelled, latest first."""
    return _over(bookings_of_creator(user), now)


def _coming(bookings: QuerySet[Booking], now: datetime) -> QuerySet[Booking]:
    live = Q(status__in=(BookingStatus.PENDING, BookingStatus.CONFIRMED), offer__ends_at__gt=now)
    return bookings.filter(live).order_by("starts_at")


def _over(bookings: QuerySet[Booking], now: datetime) -> QuerySet[Booking]:
    over = Q(status__in=(BookingStatus.COMPLETED, BookingStatus.CANCELLED)) | Q(offer__ends_at__lte=now)
    return bookings.filter(over).order_by("-starts_at")


def booking_for(*, booking_id: UUID, person: User) -> Booking:
    """A booking that the person takes part in (or any, for an admin).

    Raises `BookingNotFoundError`, the same for what does not exist and for what is somebody else's.
    """
    found = _with_parts().filter(pk=booking_id)
    if person.role != Role.ADMIN:
        found = found.filter(Q(fan=person) | Q(creator__user=person))
    booking = found.first()
    if booking is None:
        raise BookingNotFoundError
    return booking


def call_of(booking: Booking) -> Call | None:
    """The booking's call while it may take place: confirmed, or just completed."""
    joinable = booking.status in {BookingStatus.CONFIRMED, BookingStatus.COMPLETED}
    return booking.call if joinable else None


def timeline(booking: Booking) -> QuerySet[Transition]:
    """What happened to the booking, oldest first."""
    return booking.transitions.order_by("at", "id")


def live_booking_of(*, fan: User, offer_id: UUID) -> Booking | None:
    """The booking of an offer that a fan holds or has paid, if there is one."""
    return bookings_of_fan(fan, offer_id=offer_id).exclude(status=BookingStatus.CANCELLED).first()

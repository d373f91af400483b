"""What the pages of bookings share: which booking somebody may see."""

from uuid import UUID

from django.http import Http404, HttpRequest

from callastar.accounts.people import person
from callastar.bookings.models import Booking
from callastar.bookings.queries import booking_for
from callastar.bookings.refusals import BookingNotFoundError


def own_booking(request: HttpRequest, booking_id: UUID) -> Booking:
    """A booking that the person takes part in (or any, for an admin); 404 for everybody else."""
    try:
        return booking_for(booking_id=booking_id, person=person(request))
    except BookingNotFoundError as error:
        raise Http404 from error


def fans_booking(request: HttpRequest, booking_id: UUID) -> Booking:
    """A booking that the person made: paying is the fan's affair alone."""
    booking = own_booking(request, booking_id)
    if booking.fan_id != person(request).pk:
        raise Http404
    return booking

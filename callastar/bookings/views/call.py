"""The page of a call, at a stable address: before, during, after."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from callastar.accounts.people import person
from callastar.bookings.models import Booking
from callastar.bookings.queries import call_of, creator_upcoming
from callastar.bookings.views.finding import own_booking
from callastar.calls.rules import Door, closes_at, door, opens_at
from callastar.core import clock


@never_cache
@login_required
@require_safe
def call(request: HttpRequest, booking_id: UUID) -> HttpResponse:
    """Where a call takes place. The room and a token for it are asked for when the person enters, and never before."""
    booking, now = own_booking(request, booking_id), clock.now()
    is_creator = booking.creator.user_id == person(request).pk
    state = door(starts_at=booking.starts_at, ends_at=booking.ends_at, now=now)
    context = {
        "booking": booking,
        "offer": booking.offer,
        "creator": booking.creator,
        "is_creator": is_creator,
        "is_fan": booking.fan_id == person(request).pk,
        "other": booking.fan.name if is_creator else booking.creator.user.name,
        "state": state if call_of(booking) else "unconfirmed",
        "opens_at": opens_at(booking.starts_at),
        "closes_at": closes_at(booking.ends_at),
        "now": now,
        "next_booking": _next_call(booking, request) if is_creator and state is Door.OVER else None,
    }
    response = render(request, "calls/call.html", context)
    response["Referrer-Policy"] = "no-referrer"
    return response


def _next_call(booking: Booking, request: HttpRequest) -> Booking | None:
    return creator_upcoming(person(request), now=clock.now()).exclude(pk=booking.pk).first()

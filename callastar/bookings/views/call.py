"""The page of a call, at a stable address: before, during, after."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from callastar.accounts.people import person
from callastar.bookings.call_presence import call_events_url
from callastar.bookings.models import Booking, BookingStatus
from callastar.bookings.queries import call_of, creator_upcoming
from callastar.bookings.views.finding import own_booking
from callastar.calls.rules import closes_at, door, opens_at
from callastar.core import clock
from callastar.live.tokens import booking_token


@never_cache
@login_required
@require_safe
def call(request: HttpRequest, booking_id: UUID) -> HttpResponse:
    """Where a call takes place. The room and a token for it are asked for when the person enters, and never before."""
    booking, now = own_booking(request, booking_id), clock.now()
    is_creator = booking.creator.user_id == person(request).pk
    is_fan = booking.fan_id == person(request).pk
    found = call_of(booking)
    context = {
        "booking": booking,
        "offer": booking.offer,
        "creator": booking.creator,
        "is_creator": is_creator,
        "is_fan": is_fan,
        "side": "creator" if is_creator else "fan" if is_fan else "",
        "other": booking.fan.name if is_creator else booking.creator.user.name,
        "state": door(starts_at=booking.starts_at, ends_at=booking.ends_at, now=now)
        if found
        else "unconfirmed",
        "opens_at": opens_at(booking.starts_at),
        "closes_at": closes_at(booking.ends_at),
        "now": now,
        "next_booking": _next_call(booking, request) if is_creator else None,
        "kept_days": settings.RECORDING_KEPT.days,
        "events_url": call_events_url(found.pk) if found else "",
        **_waiting_for_money(booking),
    }
    response = render(request, "calls/call.html", context)
    response["Referrer-Policy"] = "no-referrer"
    return response


def _waiting_for_money(booking: Booking) -> dict[str, Any]:
    """A booking that is not paid yet may be paid while its page is open: the page then looks again by itself."""
    if booking.status != BookingStatus.PENDING:
        return {}
    return {"live_token": booking_token(booking.pk)}


def _next_call(booking: Booking, request: HttpRequest) -> Booking | None:
    return creator_upcoming(person(request), now=clock.now()).exclude(pk=booking.pk).first()

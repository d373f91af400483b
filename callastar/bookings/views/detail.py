"""One booking, as its fan, its creator or an admin sees it, and its calendar file."""

from uuid import UUID

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language, gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from callastar.accounts.models import User
from callastar.accounts.people import person
from callastar.bookings import rules
from callastar.bookings.attendance_log import attendance_log
from callastar.bookings.cancellation import open_cancellation
from callastar.bookings.history import event_of
from callastar.bookings.models import Booking, BookingStatus
from callastar.bookings.outcomes import outcome_view
from callastar.bookings.queries import timeline
from callastar.bookings.recording_rows import recording_rows
from callastar.bookings.views.finding import own_booking
from callastar.bookings.views.pay import outcome_of
from callastar.calls.rules import Door, closes_at, door, opens_at
from callastar.core import clock
from callastar.live.tokens import booking_token
from callastar.mail import links
from callastar.mail.calendar import CallEvent, Method, calendar_file
from callastar.mail.texts import decline_reason

WITH_CALL = (BookingStatus.CONFIRMED, BookingStatus.COMPLETED)


@never_cache
@login_required
@require_safe
def detail(request: HttpRequest, booking_id: UUID) -> HttpResponse:
    """Everything about one booking: where it stands, what happened, what it cost or earns."""
    booking, now = own_booking(request, booking_id), clock.now()
    context = {
        "booking": booking,
        "offer": booking.offer,
        "creator": booking.creator,
        "outcome": outcome_of(booking),
        "call_outcome": outcome_view(booking=booking, person=person(request), now=now),
        "attendance": attendance_log(booking=booking, now=now),
        "decline": decline_reason(booking.payment.failure_code),
        "is_fan": booking.fan == person(request),
        "is_party": person(request).pk in {booking.fan_id, booking.creator.user_id},
        "other": _other(booking, person(request)),
        "door": door(starts_at=booking.starts_at, ends_at=booking.ends_at, now=now),
        "opens_at": opens_at(booking.starts_at),
        "has_call": booking.status in WITH_CALL and now <= closes_at(booking.ends_at),
        "refund_steps": rules.refund_steps(terms=booking.terms, starts_at=booking.starts_at, now=now),
        "cancellation": open_cancellation(booking=booking, person=person(request), now=now),
        "events": [event_of(transition) for transition in timeline(booking)],
        "recordings": recording_rows(booking=booking, person=person(request), now=now),
        "refunds": list(booking.payment.refunds.order_by("created_at")),
        "now": now,
        "live_token": booking_token(booking.pk),
        "Door": Door,
    }
    return render(request, "bookings/detail.html", context)


@never_cache
@login_required
@require_safe
def calendar(request: HttpRequest, booking_id: UUID) -> HttpResponse:
    """The call as a calendar file; the same event as the invitation by mail."""
    booking = own_booking(request, booking_id)
    if booking.status not in WITH_CALL:
        raise Http404
    text = calendar_file(_event(booking, person(request)), method=Method.REQUEST)
    response = HttpResponse(text, content_type="text/calendar; charset=utf-8; method=REQUEST")
    response["Content-Disposition"] = 'attachment; filename="call-a-star.ics"'
    return response


def _other(booking: Booking, person: User) -> str:
    return booking.creator.user.name if booking.fan == person else booking.fan.name


def _event(booking: Booking, person: User) -> CallEvent:
    link = links.call_link(booking.pk, get_language() or settings.LANGUAGE_CODE)
    return CallEvent(
        uid=links.calendar_uid(booking.pk),
        sequence=0,
        written_at=booking.confirmed_at or booking.created_at,
        starts_at=booking.starts_at,
        ends_at=booking.ends_at,
        summary=gettext("Call with %(name)s – %(title)s")
        % {"name": _other(booking, person), "title": booking.offer.title},
        description=gettext("Join from 15 minutes before the start: %(link)s") % {"link": link},
        link=link,
        organizer=settings.EMAIL_FROM,
        attendee=person.email,
        attendee_name=person.name or person.email,
    )

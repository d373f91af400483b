"""`/api/bookings`, `/api/payments` and `/api/daily`: taking an offer, paying it, entering its call."""

from uuid import UUID

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import get_language
from ninja import Query, Router, Status
from ninja.security import django_auth

from callastar.accounts.people import person
from callastar.bookings import queries
from callastar.bookings.call_presence import call_presence
from callastar.bookings.cancellation import open_cancellation
from callastar.bookings.models import Booking
from callastar.bookings.operations.cancel import cancel_booking
from callastar.bookings.operations.contest import contest_outcome
from callastar.bookings.operations.enter import entry_to, room_of
from callastar.bookings.operations.pay import start_payment
from callastar.bookings.operations.refresh import refresh_booking
from callastar.bookings.operations.reserve import reserve_offer
from callastar.bookings.schemas import (
    BookingDetailOut,
    BookingIn,
    BookingOut,
    BookingPage,
    BookingRef,
    CallPresenceOut,
    CancelIn,
    ContestIn,
    IntentOut,
    RoomOut,
    TokenOut,
    booking_detail_out,
    booking_out,
)
from callastar.core import clock
from callastar.core.api.fields import ProblemOut
from callastar.core.api.pages import Page, PageIn, page_of

bookings_router = Router(tags=["bookings"], auth=django_auth)
payments_router = Router(tags=["payments"], auth=django_auth)
daily_router = Router(tags=["calls"], auth=django_auth)


def _locale() -> str:
    return "fr" if (get_language() or "en").startswith("fr") else "en"


@bookings_router.post(
    "",
    response={200: BookingOut, 201: BookingOut, (401, 403, 404, 409, 422): ProblemOut},
    summary="Book an offer; it is held until `hold_expires_at`",
)
def create_booking(request: HttpRequest, payload: BookingIn) -> Status:
    """201 with the new booking, 200 with the one the fan already holds, or a problem whose code says why not."""
    reservation = reserve_offer(offer_id=payload.offer_id, fan=person(request), now=clock.now())
    return Status(201 if reservation.is_new else 200, booking_out(reservation.booking, site_locale=_locale()))


@bookings_router.get("", response=BookingPage, summary="My bookings, newest first")
def list_bookings(request: HttpRequest, page: Query[PageIn], offer: UUID | None = None) -> BookingPage:
    """What the signed-in fan booked; `offer` narrows it to one offer."""
    found = page_of(queries.bookings_of_fan(person(request), offer_id=offer), by="-created_at", page=page)
    return _page(found)


@bookings_router.get("/creator", response=BookingPage, summary="Bookings of my calls, newest first")
def list_creator_bookings(request: HttpRequest, page: Query[PageIn]) -> BookingPage:
    """What fans booked with the signed-in creator."""
    return _page(page_of(queries.bookings_of_creator(person(request)), by="-created_at", page=page))


def _page(found: Page[Booking]) -> BookingPage:
    rows = [booking_out(booking, site_locale=_locale()) for booking in found.rows]
    return BookingPage(data=rows, next_cursor=found.next_cursor)


@bookings_router.get(
    "/{uuid:booking_id}", response={200: BookingDetailOut, 404: ProblemOut}, summary="One booking"
)
def get_booking(request: HttpRequest, booking_id: UUID) -> BookingDetailOut:
    """A booking that one takes part in, with its timeline."""
    return _detail(request, queries.booking_for(booking_id=booking_id, person=person(request)))


@bookings_router.post(
    "/{uuid:booking_id}/refresh",
    response={200: BookingDetailOut, (404, 503): ProblemOut},
    summary="Ask how the payment stands",
)
def refresh(request: HttpRequest, booking_id: UUID) -> BookingDetailOut:
    """What a browser asks when it comes back from paying: the server asks Stripe and answers what is true."""
    booking = refresh_booking(booking_id=booking_id, person=person(request), now=clock.now())
    return _detail(request, booking)


@bookings_router.delete(
    "/{uuid:booking_id}",
    response={200: BookingOut, (404, 409, 422, 503): ProblemOut},
    summary="Cancel a booking, paid or not",
)
def delete_booking(request: HttpRequest, booking_id: UUID, wish: Query[CancelIn]) -> BookingOut:
    """As its fan or its creator. What goes back, and whether the offer is free again, `cancellation` says before.

    The answer has no address to watch, which would be a secret: it is kept for a repeated `Idempotency-Key`.
    """
    cancel_booking(
        booking_id=booking_id,
        person=person(request),
        now=clock.now(),
        expected_refund=wish.expected_refund,
        reason=wish.reason,
    )
    cancelled = queries.booking_for(booking_id=booking_id, person=person(request))
    return booking_out(cancelled, site_locale=_locale())


@bookings_router.post(
    "/{uuid:booking_id}/contest",
    response={200: BookingOut, (404, 409, 422): ProblemOut},
    summary="Contest the outcome of a call",
)
def contest_booking(request: HttpRequest, booking_id: UUID, payload: ContestIn) -> BookingOut:
    """As its fan or its creator, once each, until `contest_until`: an admin decides, and nothing is paid out before."""
    contest_outcome(booking_id=booking_id, person=person(request), text=payload.text, now=clock.now())
    contested = queries.booking_for(booking_id=booking_id, person=person(request))
    return booking_out(contested, site_locale=_locale())


def _detail(request: HttpRequest, booking: Booking) -> BookingDetailOut:
    return booking_detail_out(
        booking,
        list(queries.timeline(booking)),
        open_cancellation(booking=booking, person=person(request), now=clock.now()),
        site_locale=_locale(),
    )


@payments_router.post(
    "/create-intent",
    response={200: IntentOut, (401, 403, 404, 409, 422, 503): ProblemOut},
    summary="Open the payment of a booking",
)
def create_intent(request: HttpRequest, payload: BookingRef) -> IntentOut:
    """The payment intent of a pending booking; the same one however often it is asked for."""
    ticket = start_payment(booking_id=payload.booking_id, fan=person(request), now=clock.now())
    booking = ticket.booking
    return IntentOut(
        booking_id=booking.pk,
        payment_intent_id=ticket.intent_id,
        client_secret=ticket.client_secret,
        publishable_key=settings.STRIPE_PUBLISHABLE_KEY,
        amount=booking.payment.amount,
        currency=booking.payment.currency,
        hold_expires_at=booking.hold_expires_at,
    )


@daily_router.post(
    "/create-room",
    response={200: RoomOut, (401, 403, 404, 409, 422, 503): ProblemOut},
    summary="The room of a call, made if it is not there yet",
)
def create_room(request: HttpRequest, payload: BookingRef) -> RoomOut:
    """Only for the two people of a confirmed booking, from 15 minutes before the start to 15 after the end."""
    room = room_of(booking_id=payload.booking_id, person=person(request), now=clock.now())
    return RoomOut(
        booking_id=payload.booking_id, provider=room.provider, room_name=room.name, room_url=room.url
    )


@daily_router.post(
    "/get-token",
    response={200: TokenOut, (401, 403, 404, 409, 422, 503): ProblemOut},
    summary="A token for the room of a call",
)
def get_token(request: HttpRequest, payload: BookingRef) -> TokenOut:
    """Bound to the room and the person; good for an hour at most."""
    entry = entry_to(booking_id=payload.booking_id, person=person(request), now=clock.now())
    return TokenOut(
        booking_id=payload.booking_id,
        provider=entry.provider,
        room_name=entry.room_name,
        room_url=entry.room_url,
        token=entry.token,
        is_owner=entry.is_owner,
        expires_at=entry.expires_at,
    )


@daily_router.get(
    "/presence",
    response={200: CallPresenceOut, (401, 404, 409, 422): ProblemOut},
    summary="Who is in the room of a call",
)
def get_presence(request: HttpRequest, booking_id: UUID) -> CallPresenceOut:
    """For the two people of a confirmed or completed booking, at any time."""
    return call_presence(booking_id=booking_id, person=person(request), now=clock.now())

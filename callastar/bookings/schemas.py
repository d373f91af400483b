"""What the API says of bookings. Times are ISO 8601 in UTC, amounts in minor units."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from ninja import Schema
from pydantic import Field, StringConstraints

from callastar.bookings.attendance_log import sessions_of
from callastar.bookings.cancellation import Cancellation
from callastar.bookings.models import Booking, Transition
from callastar.bookings.outcomes import contest_until
from callastar.bookings.rules import LONGEST_CONTEST, SHORTEST_CONTEST
from callastar.calls.rules import opens_at
from callastar.core.api.fields import MoneyOut, Text
from callastar.core.api.money import money_out
from callastar.core.money import MAX_MINOR
from callastar.live.tokens import booking_token


class BookingIn(Schema):
    """The offer to book."""

    offer_id: UUID


class BookingRef(Schema):
    """The booking that a call is about."""

    booking_id: UUID


class BookedOfferOut(Schema):
    """The offer of a booking."""

    id: UUID
    title: str
    starts_at: datetime
    ends_at: datetime
    duration_minutes: int
    status: str


class PersonRef(Schema):
    """Somebody's public name; creators have a slug."""

    name: str
    slug: str = ""


class PaymentOut(Schema):
    """Where the money stands."""

    status: str
    amount: int
    currency: str
    refunded_amount: int
    failure_code: str


class TransitionOut(Schema):
    """One change of the booking's state."""

    from_status: str
    to_status: str
    reason: str
    at: datetime


class BookingOut(Schema):
    """A booking as its fan or its creator sees it."""

    id: UUID
    status: str
    cancel_reason: str
    outcome: str
    offer: BookedOfferOut
    creator: PersonRef
    fan: PersonRef
    price: MoneyOut
    payment: PaymentOut
    hold_expires_at: datetime | None
    joinable_from: datetime
    call_url: str
    room_ready: bool
    cancellation_terms: dict[str, int]
    created_at: datetime
    confirmed_at: datetime | None
    cancelled_at: datetime | None


class CancelIn(Schema):
    """`expected_refund` (minor units): refuse with `refund_changed` if another amount is due. `reason`: for staff."""

    expected_refund: int | None = Field(None, ge=0, le=MAX_MINOR)
    reason: Annotated[Text, StringConstraints(max_length=300)] = ""


class CancellationOut(Schema):
    """What it means if the asker cancels now. Not `possible` while a bank decides about the payment."""

    possible: bool
    refund: MoneyOut
    percent: int
    offer_reopens: bool


class ContestIn(Schema):
    """What happened, in the person's own words."""

    text: Annotated[Text, StringConstraints(min_length=SHORTEST_CONTEST, max_length=LONGEST_CONTEST)]


class AttendedOut(Schema):
    """One session of one side (`fan`, `creator`) in the call's room; `left_at` is null while they are inside."""

    side: str
    joined_at: datetime
    left_at: datetime | None


class BookingDetailOut(BookingOut):
    """The same with its timeline. `events_url` streams its changes; it is the asker's alone, for some hours.

    `cancellation` is null once the call has begun or the booking has ended. `attendance` is what `outcome` follows
    from; the outcome can be contested until `contest_until` (null before the booking is completed), unless it is final.
    """

    timeline: list[TransitionOut]
    cancellation: CancellationOut | None
    attendance: list[AttendedOut]
    contest_until: datetime | None
    outcome_final: bool
    events_url: str


class BookingPage(Schema):
    """Some bookings; `next_cursor` asks for those that follow, empty on the last page."""

    data: list[BookingOut]
    next_cursor: str


class IntentOut(Schema):
    """What Stripe's Payment Element needs."""

    booking_id: UUID
    payment_intent_id: str
    client_secret: str
    publishable_key: str
    amount: int
    currency: str
    hold_expires_at: datetime


class RoomOut(Schema):
    """The room of a call, at Daily (`daily`) or at this site itself (`builtin`)."""

    booking_id: UUID
    provider: str
    room_name: str
    room_url: str


class TokenOut(Schema):
    """A token for the room: it is the asker's alone, for an hour at most.

    It goes into the room's address: as its `t` in the query at Daily, as its fragment at this site.
    """

    booking_id: UUID
    provider: str
    room_name: str
    room_url: str
    token: str
    is_owner: bool
    expires_at: datetime


class CallPresenceOut(Schema):
    """Who is in the room of a call now, and where that room is.

    `room_name` is empty unless the room is there and open; it changes when the call moves to another room.
    `events_url` streams `call` events, each of which says to ask again; it is the asker's alone, for some hours.
    """

    fan: bool
    creator: bool
    provider: str
    room_name: str
    room_ready: bool
    recording: bool
    events_url: str
    opens_at: datetime
    ends_at: datetime
    closes_at: datetime
    now: datetime


def booking_out(booking: Booking, *, site_locale: str) -> BookingOut:
    """The booking as JSON."""
    return BookingOut.model_validate(_values(booking, site_locale))


def booking_detail_out(
    booking: Booking, timeline: list[Transition], cancellation: Cancellation | None, *, site_locale: str
) -> BookingDetailOut:
    """The booking, what happened to it and what cancelling it means as JSON."""
    lines = [
        TransitionOut(from_status=line.from_status, to_status=line.to_status, reason=line.reason, at=line.at)
        for line in timeline
    ]
    more = {
        "timeline": lines,
        "cancellation": _cancellation_out(cancellation) if cancellation else None,
        "attendance": [AttendedOut.from_orm(one) for one in sessions_of(booking.call)],
        "contest_until": contest_until(booking),
        "outcome_final": booking.outcome_final_at is not None,
        "events_url": _events_url(booking),
    }
    return BookingDetailOut.model_validate({**_values(booking, site_locale), **more})


def _cancellation_out(cancellation: Cancellation) -> CancellationOut:
    return CancellationOut(
        possible=cancellation.possible,
        refund=money_out(cancellation.refund),
        percent=cancellation.percent,
        offer_reopens=cancellation.offer_reopens,
    )


def _events_url(booking: Booking) -> str:
    return f"/api/bookings/{booking.pk}/events?token={booking_token(booking.pk)}"


def _values(booking: Booking, locale: str) -> dict[str, object]:
    offer, payment = booking.offer, booking.payment
    return {
        "id": booking.pk,
        "status": booking.status,
        "cancel_reason": booking.cancel_reason,
        "outcome": booking.outcome,
        "offer": BookedOfferOut.from_orm(offer),
        "creator": PersonRef(name=booking.creator.user.name, slug=booking.creator.slug),
        "fan": PersonRef(name=booking.fan.name),
        "price": money_out(payment.money),
        "payment": PaymentOut.from_orm(payment),
        "hold_expires_at": booking.hold_expires_at if booking.status == "PENDING" else None,
        "joinable_from": opens_at(offer.starts_at),
        "call_url": f"/{locale}/call/{booking.pk}",
        "room_ready": bool(booking.call and booking.call.room_url),
        "cancellation_terms": booking.terms,
        "created_at": booking.created_at,
        "confirmed_at": booking.confirmed_at,
        "cancelled_at": booking.cancelled_at,
    }

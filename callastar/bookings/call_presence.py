"""What the page of a call asks while it is open: who is in the room, and which room that is."""

from datetime import datetime
from uuid import UUID

from callastar.accounts.models import User
from callastar.bookings.operations.enter import confirmed_call
from callastar.bookings.schemas import CallPresenceOut
from callastar.calls.models import Call, Provider, Recording, RecordingState
from callastar.calls.queries import sides_inside
from callastar.calls.rules import Door, closes_at, door, opens_at
from callastar.live.tokens import call_token


def call_presence(*, booking_id: UUID, person: User, now: datetime) -> CallPresenceOut:
    """Who is in the room of the booking's call. Raises `BookingNotFoundError`, `CallNotConfirmedError`.

    The room's name is for those who may enter: nobody learns it before the doors open or after they close.
    """
    call = confirmed_call(booking_id, person)
    inside = sides_inside(call)
    is_open = door(starts_at=call.starts_at, ends_at=call.ends_at, now=now) is Door.OPEN
    room = call.room if is_open and call.room_url else None
    return CallPresenceOut(
        fan="fan" in inside,
        creator="creator" in inside,
        provider=call.room.provider if call.room else Provider.DAILY,
        room_name=room.name if room else "",
        room_ready=bool(call.room_url),
        recording=_is_recorded(call),
        events_url=call_events_url(call.pk),
        opens_at=opens_at(call.starts_at),
        ends_at=call.ends_at,
        closes_at=closes_at(call.ends_at),
        now=now,
    )


def call_events_url(call_id: UUID) -> str:
    """Where the call's changes are streamed; the address is a secret of the person who asked."""
    return f"/api/calls/{call_id}/events?token={call_token(call_id)}"


def _is_recorded(call: Call) -> bool:
    return Recording.objects.filter(call=call, state=RecordingState.RUNNING).exists()

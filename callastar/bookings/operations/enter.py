"""Entering the call of a booking."""

from datetime import datetime
from uuid import UUID

from callastar.accounts.models import User
from callastar.bookings import queries
from callastar.calls.models import Call, Room
from callastar.calls.operations.entering import Entry, enter_call, room_for
from callastar.calls.refusals import CallNotConfirmedError


def room_of(*, booking_id: UUID, person: User, now: datetime) -> Room:
    """The room of a booking's call, made if it is not there yet. Raises the refusal that fits."""
    return room_for(call=confirmed_call(booking_id, person), person=person, now=now)


def entry_to(*, booking_id: UUID, person: User, now: datetime) -> Entry:
    """A token for the room, the person's alone. Raises the refusal that fits."""
    return enter_call(call=confirmed_call(booking_id, person), person=person, now=now)


def confirmed_call(booking_id: UUID, person: User) -> Call:
    """The call of a booking that the person takes part in, while it may take place. Raises the refusal that fits."""
    call = queries.call_of(queries.booking_for(booking_id=booking_id, person=person))
    if call is None:
        raise CallNotConfirmedError
    return call

"""A confirmed booking gets its call; a call gets a room: a row whose unguessable name makes the room unique."""

from datetime import datetime
from secrets import token_urlsafe
from uuid import UUID

from callastar.calls.models import Call, Provider, Room
from callastar.core.ids import new_id
from callastar.core.queue import defer
from callastar.live.operations import publish_call

CREATE_ROOM = "calls.create_room"
DELETE_ROOM = "calls.delete_room"
ROOM_PREFIX = "callastar-"


def schedule_call(
    *, title: str, fan_id: UUID, creator_user_id: UUID, starts_at: datetime, ends_at: datetime, now: datetime
) -> Call:
    """Insert the call and defer the making of its room, in the caller's transaction."""
    call = Call.objects.create(
        id=new_id(),
        title=title,
        fan_id=fan_id,
        creator_user_id=creator_user_id,
        starts_at=starts_at,
        ends_at=ends_at,
        created_at=now,
    )
    want_room(call=call, provider=Provider.DAILY, now=now)
    return call


def want_room(*, call: Call, provider: Provider, now: datetime) -> Room:
    """Give the call another room and defer the making of it, in the caller's transaction.

    The one that it had is not wanted any more, and deleted by a job. The caller has locked the call.
    """
    if call.room is not None:
        give_up_room(room=call.room, now=now)
    room = Room.objects.create(
        call=call, provider=provider, name=f"{ROOM_PREFIX}{token_urlsafe(18)}", created_at=now
    )
    call.room = room
    call.save(update_fields=["room"])
    defer(CREATE_ROOM, room_id=str(room.pk))
    publish_call(call_id=call.pk, what="room")
    return room


def cancel_call(*, call_id: UUID, now: datetime) -> None:
    """The booking was cancelled, in the caller's transaction: nobody enters, and the room is deleted at once."""
    call = Call.objects.select_for_update(no_key=True, of=("self",)).select_related("room").get(pk=call_id)
    call.cancelled_at = now
    if call.room is not None:
        give_up_room(room=call.room, now=now)
    call.room = None
    call.save(update_fields=["cancelled_at", "room"])
    publish_call(call_id=call.pk, what="room")


def give_up_room(*, room: Room, now: datetime) -> None:
    """The room is not wanted any more: note it and defer its deletion, in the caller's transaction."""
    room.unwanted_at = now
    room.save(update_fields=["unwanted_at"])
    defer(DELETE_ROOM, room_id=str(room.pk))

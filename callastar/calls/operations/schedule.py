"""A confirmed booking gets its call: a row whose unguessable name makes the room unique."""

from datetime import datetime
from secrets import token_urlsafe
from uuid import UUID

from callastar.calls.models import Call
from callastar.core.ids import new_id
from callastar.core.queue import defer

CREATE_ROOM = "calls.create_room"
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
        room_name=f"{ROOM_PREFIX}{token_urlsafe(18)}",
        created_at=now,
    )
    defer(CREATE_ROOM, call_id=str(call.pk))
    return call

"""What admins do with the room of a call: another one, at the same host or a built-in one."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from callastar.accounts.models import User
from callastar.audit.operations import Actor
from callastar.backoffice.refusals import ChangedMeanwhileError
from callastar.calls.models import Call, Provider, Room
from callastar.calls.operations import rooms
from callastar.calls.refusals import CallOverError
from callastar.calls.rules import closes_at


def may_be_replaced(call: Call, *, now: datetime) -> bool:
    """Whether the call can still use another room."""
    return call.cancelled_at is None and now <= closes_at(call.ends_at)


def replace_room(*, call_id: UUID, provider: Provider, seen: str, admin: User, now: datetime) -> Room:
    """Give the call another room in the place of the one that the admin saw (its key, or nothing).

    A built-in one is ready when this returns, one at Daily is made by its job. Raises `CallOverError`,
    `ChangedMeanwhileError`; nothing has changed then.
    """
    with transaction.atomic():
        call = (
            Call.objects.select_for_update(no_key=True, of=("self",)).select_related("room").get(pk=call_id)
        )
        if not may_be_replaced(call, now=now):
            raise CallOverError
        if str(call.room_id or "") != seen:
            raise ChangedMeanwhileError
        room = rooms.replace_room(
            call=call, provider=provider, why="an admin's wish", now=now, actor=Actor.of(admin)
        )
    if provider == Provider.BUILT_IN:
        return rooms.create_room(room_id=room.pk, now=now)
    return room

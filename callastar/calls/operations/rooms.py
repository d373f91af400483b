"""Making rooms, at Daily or, when Daily cannot, here."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from callastar.audit.models import Level
from callastar.audit.operations import record
from callastar.calls import rules
from callastar.calls.models import Call, CallEvent, Provider, Room, RoomState
from callastar.calls.operations.schedule import want_room
from callastar.calls.providers import provider_of
from callastar.core.errors import ProviderError
from callastar.live.operations import publish_call
from callastar.notifications.models import NotificationType
from callastar.notifications.operations import notify_admins
from callastar.providers.rooms import RoomRequest

Kind = CallEvent.Kind


def create_room(*, room_id: UUID, now: datetime) -> Room:
    """Make the room, once, and write it down. What is not wanted any more is not made.

    Raises temporary `ProviderError`s for whoever retries.
    """
    room = Room.objects.select_related("call").get(pk=room_id)
    is_settled = room.state in {RoomState.READY, RoomState.GONE}
    if is_settled or room.unwanted_at or now >= rules.room_gone_at(room.call.ends_at):
        return room
    request = RoomRequest(
        name=room.name,
        opens_at=rules.opens_at(room.call.starts_at),
        closes_at=rules.room_gone_at(room.call.ends_at),
        max_participants=rules.PARTICIPANTS,
    )
    try:
        made = provider_of(room.provider).create_room(request=request)
    except ProviderError as error:
        note_trouble(room=room, error=error, now=now)
        raise
    return _note_room(room_id, made.url, now)


def _note_room(room_id: UUID, url: str, now: datetime) -> Room:
    with transaction.atomic():
        room = Room.objects.select_for_update().get(pk=room_id)
        if room.state in {RoomState.WANTED, RoomState.FAILED}:
            room.state, room.url, room.ready_at = RoomState.READY, url, now
            room.last_error, room.troubled_since = "", None
            room.save()
            CallEvent.objects.create(call_id=room.call_id, room=room, kind=Kind.ROOM_READY, at=now)
            record(
                type="ROOM_CREATED",
                message="The room of a call is ready",
                call=room.call_id,
                room=room_id,
                provider=room.provider,
            )
            publish_call(call_id=room.call_id, what="room")
    return room


def note_trouble(*, room: Room, error: ProviderError, now: datetime) -> None:
    """The host did not do what it was asked: counted, and since when."""
    with transaction.atomic():
        room = Room.objects.select_for_update().get(pk=room.pk)
        room.attempts += 1
        room.last_error = f"{error.code} {error.message}"[:300]
        room.troubled_since = room.troubled_since or now
        if room.state == RoomState.WANTED and not error.is_temporary:
            room.state = RoomState.FAILED
        room.save()
        if room.attempts == 1:
            CallEvent.objects.create(
                call_id=room.call_id, room=room, kind=Kind.ROOM_FAILED, at=now, details={"error": error.code}
            )
        record(
            type="ROOM_FAILED",
            level=Level.WARNING if error.is_temporary else Level.ERROR,
            message=f"The host of a call's room failed: {error.code}",
            call=room.call_id,
            attempts=room.attempts,
        )


def note_works(*, room: Room) -> None:
    """The host did what it was asked: what came before is over."""
    Room.objects.filter(pk=room.pk).exclude(troubled_since=None).update(troubled_since=None)


def rescue_rooms(*, now: datetime) -> dict[str, int]:
    """Move calls whose rooms Daily cannot make in time to built-in ones; answers counts."""
    soon = Call.objects.filter(
        starts_at__lte=now + rules.FALL_BACK_WITHIN,
        starts_at__gt=now - rules.LONGEST_CALL,
        ends_at__gt=now - rules.CLOSES_AFTER,
        cancelled_at=None,
        room__provider=Provider.DAILY,
        room__troubled_since__isnull=False,
    )
    moved = sum(fall_back(call_id=pk, now=now) is not None for pk in soon.values_list("pk", flat=True))
    return {"moved": moved}


def fall_back(*, call_id: UUID, now: datetime) -> Room | None:
    """Give the call a built-in room if Daily has failed for too long and nobody is inside; None if it has not.

    Admins are told. The room is ready when this returns.
    """
    with transaction.atomic():
        call = Call.objects.select_for_update(of=("self",)).select_related("room").get(pk=call_id)
        room = call.room
        if room is None or room.provider != Provider.DAILY:
            return None
        wanted = rules.should_fall_back(
            starts_at=call.starts_at,
            ends_at=call.ends_at,
            troubled_since=room.troubled_since,
            refused=room.state == RoomState.FAILED,
            now=now,
        )
        if not wanted or room.presences.filter(left_at=None).exists():
            return None
        replacement = replace_room(call=call, provider=Provider.BUILT_IN, why=room.last_error, now=now)
        _tell_admins(call, room, now)
    return create_room(room_id=replacement.pk, now=now)


def replace_room(*, call: Call, provider: Provider, why: str, now: datetime) -> Room:
    """Another room for the call, which the caller has locked; the old one is deleted."""
    room = want_room(call=call, provider=provider, now=now)
    CallEvent.objects.create(
        call=call, room=room, kind=Kind.ROOM_REPLACED, at=now, details={"provider": provider, "why": why}
    )
    record(
        type="ROOM_REPLACED",
        level=Level.WARNING,
        message=f"A call moved to another room ({provider})",
        call=call.pk,
        room=room.pk,
        why=why,
    )
    return room


def _tell_admins(call: Call, room: Room, now: datetime) -> None:
    notify_admins(
        type=NotificationType.SYSTEM,
        params={"variant": "call_moved", "title": call.title, "error": room.last_error},
        link=f"dashboard/admin/calls/call/{call.pk}/change/",
        dedupe_key=f"call_moved:{room.pk}",
        now=now,
    )

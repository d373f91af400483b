"""Rooms that are over: deleted at their host, by a job each; what remained is swept up, with what nobody knows of."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from django.db import transaction

from callastar.audit.models import Level
from callastar.audit.operations import record
from callastar.calls import rules
from callastar.calls.models import Call, CallEvent, Provider, Room, RoomState, Signal
from callastar.calls.operations.rooms import OUTAGE, is_occupied, lock_room
from callastar.calls.operations.schedule import ROOM_PREFIX, give_up_room
from callastar.calls.providers import provider_of
from callastar.core.errors import ProviderError
from callastar.live.operations import publish_call
from callastar.providers.rooms import HostedRoom

ORPHAN_AFTER = timedelta(minutes=10)  # what is made just now may be there a moment before its row says so


def give_up_ended(*, now: datetime) -> int:
    """Give up the rooms of calls that ended an hour ago, each with a job that deletes it; answers how many.

    Looked for by the call's end as it is now: a call that was moved keeps its room.
    """
    over = Call.objects.filter(room__isnull=False, ends_at__lte=now - rules.UNWANTED_AFTER)
    rooms = Room.objects.filter(pk__in=list(over.values_list("room_id", flat=True)), unwanted_at=None)
    return sum(_give_up(room_id, now) for room_id in list(rooms.values_list("pk", flat=True)))


def _give_up(room_id: UUID, now: datetime) -> bool:
    with transaction.atomic():
        room = lock_room(room_id)
        is_due = now >= rules.unwanted_at(room.call.ends_at)
        if not is_due or room.unwanted_at or room.gone_at:
            return False
        give_up_room(room=room, now=now)
    return True


def delete_room(*, room_id: UUID, now: datetime) -> Room:
    """Make sure that a room which is not wanted any more is gone at its host too, once that may be.

    One that was never made may be under way: its name is known, so that it is deleted as well. Raises `ProviderError`
    for whoever retries; counted in the row.
    """
    room = _claim(room_id, now)
    if room is None:
        return Room.objects.get(pk=room_id)
    try:
        provider_of(room.provider).delete_room(name=room.name)
    except ProviderError as error:
        _note_failure(room, error)
        raise
    return _note_gone(room, now)


def _claim(room_id: UUID, now: datetime) -> Room | None:
    """Count the try; None if there is nothing to delete, or not yet."""
    with transaction.atomic():
        room = lock_room(room_id)
        if room.gone_at or room.unwanted_at is None:
            return None
        is_free = rules.may_delete(
            is_current=room.call.room_id == room.pk,
            is_occupied=is_occupied(room),
            is_cancelled=room.call.cancelled_at is not None,
            ends_at=room.call.ends_at,
            now=now,
        )
        if not is_free:
            return None
        room.delete_attempts += 1
        room.save(update_fields=["delete_attempts"])
    return room


def _note_failure(room: Room, error: ProviderError) -> None:
    text = f"{error.code} {error.message}"[:300]
    Room.objects.filter(pk=room.pk, gone_at=None).update(last_error=text)
    record(
        type="ROOM_NOT_DELETED",
        level=Level.WARNING if error.is_temporary else Level.ERROR,
        message=f"The room of a call could not be deleted: {error.code}",
        call=room.call_id,
        room=room.pk,
        attempts=room.delete_attempts,
    )


def _note_gone(claimed: Room, now: datetime) -> Room:
    with transaction.atomic():
        room = lock_room(claimed.pk)
        if room.gone_at or _was_tried_meanwhile(room, claimed):
            return room
        room.state, room.gone_at, room.last_error = RoomState.GONE, now, ""
        room.save(update_fields=["state", "gone_at", "last_error"])
        if room.call.room_id == room.pk:
            room.call.room = None
            room.call.save(update_fields=["room"])
        Signal.objects.filter(room=room).delete()
        CallEvent.objects.create(call_id=room.call_id, room=room, kind=CallEvent.Kind.ROOM_DELETED, at=now)
        record(
            type="ROOM_DELETED",
            message="The room of a call is deleted",
            call=room.call_id,
            room=room.pk,
            provider=room.provider,
            name=room.name,
        )
        publish_call(call_id=room.call_id, what="room")
    return room


def _was_tried_meanwhile(room: Room, claimed: Room) -> bool:
    """Whether a try to make the room ended while it was deleted: nobody knows which of the two came last."""
    return (room.state, room.ready_at, room.attempts) != (claimed.state, claimed.ready_at, claimed.attempts)


def leave_to_sweep(*, room_id: UUID, error: Exception) -> None:
    """A room's own job has used up its tries: the hourly sweep goes on trying."""
    room = Room.objects.get(pk=room_id)
    record(
        type="ROOM_LEFT_TO_SWEEP",
        level=Level.ERROR,
        message=f"The room of a call is not deleted after {room.delete_attempts} tries: {error}",
        call=room.call_id,
        room=room.pk,
    )


def sweep_rooms(*, now: datetime) -> dict[str, int]:
    """Delete every room that is due and still there, then what Daily lists under our prefix and no living row knows.

    Answers counts. One that fails does not stop the others; an outage ends the run, and the next one goes on.
    """
    give_up_ended(now=now)
    sweep = _Sweep()
    due = Room.objects.filter(gone_at=None, unwanted_at__lte=now).order_by("provider", "unwanted_at")
    for room_id in list(due.values_list("pk", flat=True)):
        sweep.deleted += sweep.did(partial(_is_deleted, room_id, now), f"Room {room_id}")
    for name in _orphans(sweep, now):
        sweep.orphans += sweep.did(partial(_delete_orphan, name), f"Room {name}")
    return {"deleted": sweep.deleted, "orphans": sweep.orphans, "failed": sweep.failed}


@dataclass
class _Sweep:
    """What a run did; once a host is out, nothing more is done."""

    deleted: int = 0
    orphans: int = 0
    failed: int = 0
    in_a_row: int = 0

    def did(self, act: Callable[[], bool], about: str) -> bool:
        """Do one thing; False if it was not done, counted if it failed."""
        if self.in_a_row >= OUTAGE:
            return False
        try:
            done = act()
        except Exception as error:
            self._note(error, about)
            return False
        self.in_a_row = 0
        return done

    def _note(self, error: Exception, about: str) -> None:
        passes = isinstance(error, ProviderError) and error.is_temporary
        self.failed += 1
        self.in_a_row = self.in_a_row + 1 if passes else 0
        record(
            type="SWEEP_FAILED",
            level=Level.WARNING if passes else Level.ERROR,
            message=f"{about}: not swept up: {type(error).__name__}: {error}",
        )


def _is_deleted(room_id: UUID, now: datetime) -> bool:
    return delete_room(room_id=room_id, now=now).gone_at is not None


def _orphans(sweep: _Sweep, now: datetime) -> list[str]:
    """Names that Daily lists and no living row has."""
    listed: list[HostedRoom] = []

    def look() -> bool:
        listed.extend(provider_of(Provider.DAILY).list_rooms())
        return True

    sweep.did(look, "Daily’s rooms")
    ours = [room.name for room in listed if _is_ours(room, now)]
    known = set(Room.objects.filter(name__in=ours, gone_at=None).values_list("name", flat=True))
    return [name for name in ours if name not in known]


def _is_ours(room: HostedRoom, now: datetime) -> bool:
    """Rooms of others are never touched, and what is being made just now is left alone."""
    is_old = room.created_at is None or room.created_at <= now - ORPHAN_AFTER
    return room.name.startswith(ROOM_PREFIX) and is_old


def _delete_orphan(name: str) -> bool:
    provider_of(Provider.DAILY).delete_room(name=name)
    record(
        type="ORPHAN_ROOM_DELETED",
        level=Level.WARNING,
        message="Daily had a room that no call has",
        name=name,
    )
    return True

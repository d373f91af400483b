"""Making rooms, at Daily or, when Daily cannot, here."""

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, Max, OuterRef, Q, QuerySet

from callastar.audit.models import Level
from callastar.audit.operations import SYSTEM, Actor, record
from callastar.calls import rules
from callastar.calls.models import Call, CallEvent, Ended, Presence, Provider, Room, RoomState
from callastar.calls.operations.presence import end_session
from callastar.calls.operations.schedule import DELETE_ROOM, want_room
from callastar.calls.operations.telling import call_moved
from callastar.calls.providers import provider_of
from callastar.core.errors import ProviderError
from callastar.core.queue import defer
from callastar.live.operations import publish_call
from callastar.providers.rooms import RoomRequest, TokenRequest

Kind = CallEvent.Kind
# So many temporary failures in a row are an outage: what is still to do is not tried at this host any more.
OUTAGE = 3
_TRIAL = timedelta(minutes=1)


def make_room(*, room_id: UUID, now: datetime) -> Room:
    """Make the room; a call that begins soon gets a built-in one where Daily has failed for too long.

    Raises `ProviderError` while there is still time to try again.
    """
    try:
        return create_room(room_id=room_id, now=now)
    except ProviderError:
        call_id = Room.objects.values_list("call_id", flat=True).get(pk=room_id)
        moved = fall_back(call_id=call_id, now=now)
        if moved is None:
            raise
        return moved


def create_room(*, room_id: UUID, now: datetime, person_id: UUID | None = None) -> Room:
    """Make the room, once, and write it down. What is not wanted any more is not made.

    `person_id`: who stands at the door. Raises temporary `ProviderError`s for whoever retries.
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
        is_recordable=settings.RECORDING_ENABLED,
    )
    try:
        made = provider_of(room.provider).create_room(request=request)
    except ProviderError as error:
        note_trouble(room=room, error=error, now=now, person_id=person_id)
        raise
    return _note_room(room_id, made.url, now)


def lock_room(room_id: UUID) -> Room:
    """The room and its call, locked in this order until the caller's transaction ends.

    As everywhere, without their keys: rows that refer to them are written meanwhile by who has not locked the call.
    """
    call_id = Room.objects.values_list("call_id", flat=True).get(pk=room_id)
    call = Call.objects.select_for_update(no_key=True, of=("self",)).select_related("room").get(pk=call_id)
    room = Room.objects.select_for_update(no_key=True, of=("self",)).get(pk=room_id)
    room.call = call
    return room


def _note_room(room_id: UUID, url: str, now: datetime) -> Room:
    with transaction.atomic():
        room = lock_room(room_id)
        if room.unwanted_at:
            return _made_in_vain(room, url, now)
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


def _made_in_vain(room: Room, url: str, now: datetime) -> Room:
    """The room was given up while its host made it: whatever its deletion found by then, it is there now."""
    room.state, room.url, room.ready_at, room.gone_at = RoomState.READY, url, now, None
    room.save()
    defer(DELETE_ROOM, room_id=str(room.pk))
    return room


def note_trouble(*, room: Room, error: ProviderError, now: datetime, person_id: UUID | None = None) -> None:
    """The host did not do what it was asked: counted, and since when; `person_id`: who stood at the door."""
    with transaction.atomic():
        room = lock_room(room.pk)
        room.attempts += 1
        room.last_error = f"{error.code} {error.message}"[:300]
        room.troubled_since = room.troubled_since or now
        if room.state == RoomState.WANTED and not error.is_temporary:
            room.state = RoomState.FAILED
        if room.state == RoomState.GONE and error.is_temporary:
            # Given up meanwhile, and deleted before its host had made it, if it has: the answer was lost.
            room.state, room.gone_at = RoomState.WANTED, None
            defer(DELETE_ROOM, room_id=str(room.pk))
        room.save()
        _note_failure(room, error, now, person_id)
        record(
            type="ROOM_FAILED",
            level=Level.WARNING if error.is_temporary else Level.ERROR,
            message=f"The host of a call's room failed: {error.code}",
            call=room.call_id,
            attempts=room.attempts,
        )


def _note_failure(room: Room, error: ProviderError, now: datetime, person_id: UUID | None) -> None:
    """In the call's log: the first failure of a trouble, and the first one of each person who came to the door."""
    inside = room.presences.filter(person_id=person_id, left_at=None) if person_id else room.presences.none()
    came = inside.aggregate(last=Max("joined_at"))["last"]
    known = CallEvent.objects.filter(
        call_id=room.call_id,
        room=room,
        kind=Kind.ROOM_FAILED,
        person_id=person_id,
        at__gte=max(at for at in (room.troubled_since, came) if at),
    )
    if not known.exists():
        CallEvent.objects.create(
            call_id=room.call_id,
            room=room,
            kind=Kind.ROOM_FAILED,
            at=now,
            person_id=person_id,
            details={"error": error.code},
        )


def note_works(*, room: Room) -> None:
    """The host did what it was asked: what came before is over."""
    Room.objects.filter(pk=room.pk).exclude(troubled_since=None).update(troubled_since=None)


def rescue_rooms(*, now: datetime) -> dict[str, int]:
    """See to it that calls which begin within half an hour, or go on, have a room that can be entered.

    Rooms that are not there, or made trouble, get one more try at their host, unless it is out; what then has failed
    for too long moves to a built-in room. Answers counts; one call that fails does not stop the others.
    """
    counts = {"works": 0, "moved": 0, "failed": 0}
    in_a_row = 0
    for call in list(_troubled(now)):
        try:
            if in_a_row < OUTAGE and _works_now(call, now):
                counts["works"] += 1
                in_a_row = 0
                continue
            in_a_row += 1
            counts["moved"] += _move(call.pk, now) is not None
        except Exception as error:
            counts["failed"] += 1
            record(
                type="RESCUE_FAILED",
                level=Level.ERROR,
                message=f"A call could not be looked after: {type(error).__name__}: {error}",
                call=call.pk,
            )
    return counts


def _troubled(now: datetime) -> list[Call]:
    in_trouble = Q(room__state__in=[RoomState.WANTED, RoomState.FAILED]) | Q(
        room__troubled_since__isnull=False
    )
    return list(
        Call.objects.filter(
            in_trouble,
            starts_at__lte=now + rules.FALL_BACK_WITHIN,
            starts_at__gt=now - rules.LONGEST_CALL - rules.CLOSES_AFTER,
            ends_at__gt=now - rules.CLOSES_AFTER,
            cancelled_at=None,
        )
        .select_related("room")
        .order_by("starts_at")
    )


def _works_now(call: Call, now: datetime) -> bool:
    """Whether the host does what it is asked: make the room or, where it is there, a token, which nobody gets."""
    room = call.room
    if room is None:
        return True
    try:
        if room.state != RoomState.READY:
            create_room(room_id=room.pk, now=now)
        else:
            provider_of(room.provider).create_token(request=_trial(room, call, now))
            note_works(room=room)
    except ProviderError as error:
        if room.state == RoomState.READY:
            note_trouble(room=room, error=error, now=now)
        return False
    return True


def _trial(room: Room, call: Call, now: datetime) -> TokenRequest:
    return TokenRequest(
        room_name=room.name,
        user_id=str(call.creator_user_id),
        user_name="",
        is_owner=False,
        expires_at=now + _TRIAL,
    )


def fall_back(*, call_id: UUID, now: datetime) -> Room | None:
    """The built-in room of a call that Daily has failed for too long, and that may move; None if it has not.

    Made when it is not there yet, and then admins are told. The room is ready when this returns.
    """
    _move(call_id, now)
    call = Call.objects.select_related("room").get(pk=call_id)
    if call.cancelled_at or call.room is None or call.room.provider != Provider.BUILT_IN:
        return None
    return create_room(room_id=call.room.pk, now=now)


def _move(call_id: UUID, now: datetime) -> Room | None:
    """The new room, if the call has moved just now."""
    with transaction.atomic():
        call = (
            Call.objects.select_for_update(no_key=True, of=("self",)).select_related("room").get(pk=call_id)
        )
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
        inside = list(_inside(room))
        if not wanted or _must_stay(call, room, inside):
            return None
        for lost in room.presences.filter(left_at=None).exclude(pk__in=[one.pk for one in inside]):
            end_session(presence=lost, at=room.troubled_since or now, ended=Ended.LOST)
        replacement = replace_room(call=call, provider=Provider.BUILT_IN, why=room.last_error, now=now)
        call_moved(call=call, room=room, now=now)
    return create_room(room_id=replacement.pk, now=now)


def _must_stay(call: Call, room: Room, inside: list[Presence]) -> bool:
    """Whether moving would take people from each other, or somebody out of a room that the other may still come to.

    Who is alone inside is of no use to the other, whom the host turns away: their page follows the call.
    """
    here = {str(presence.person_id) for presence in inside}
    missing = [person for person in call.people if person not in here]
    if not here or not missing:
        return bool(here)
    turned_away = CallEvent.objects.filter(
        call=call,
        room=room,
        kind=Kind.ROOM_FAILED,
        person_id__in=missing,
        at__gte=room.troubled_since,
    )
    return not turned_away.exists()


def is_occupied(room: Room) -> bool:
    """Whether somebody is in the room, as far as is known."""
    return _inside(room).exists()


def _inside(room: Room) -> QuerySet[Presence]:
    """Who stood at the door after they had come in is not inside: their host lost them, and could not say so."""
    turned_away = CallEvent.objects.filter(
        call_id=room.call_id,
        room=room,
        kind=Kind.ROOM_FAILED,
        person_id=OuterRef("person_id"),
        at__gt=OuterRef("joined_at"),
    )
    return room.presences.filter(~Exists(turned_away), left_at=None)


def replace_room(
    *, call: Call, provider: Provider, why: str, now: datetime, actor: Actor = SYSTEM, **details: str
) -> Room:
    """Another room for the call, which the caller has locked; the old one is deleted once nobody is inside."""
    before = call.room
    room = want_room(call=call, provider=provider, now=now)
    CallEvent.objects.create(
        call=call, room=room, kind=Kind.ROOM_REPLACED, at=now, details={"provider": provider, "why": why}
    )
    record(
        type="ROOM_REPLACED",
        level=Level.WARNING,
        message=f"A call moved to another room ({provider})",
        actor=actor,
        call=call.pk,
        room=room.pk,
        why=why,
        before=_in_words(before),
        after=_in_words(room),
        **details,
    )
    return room


def _in_words(room: Room | None) -> str:
    return f"{room.provider} {room.state} {room.name}" if room else ""

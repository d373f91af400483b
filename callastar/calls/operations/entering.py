"""Letting people in."""

from dataclasses import dataclass, field
from datetime import datetime

from callastar.accounts.models import Role, User
from callastar.audit.models import Level
from callastar.audit.operations import Actor, record
from callastar.calls import rules
from callastar.calls.models import Call, CallEvent, Provider, Room, RoomState
from callastar.calls.operations.rooms import create_room, fall_back, note_trouble, note_works
from callastar.calls.providers import provider_of
from callastar.calls.refusals import (
    CallNotFoundError,
    CallOverError,
    CallTooEarlyError,
    RoomUnavailableError,
    SupportCannotEnterError,
)
from callastar.core.errors import ProviderError
from callastar.providers.rooms import TokenRequest


@dataclass(frozen=True, slots=True)
class Entry:
    """What a person's browser needs to enter: the room and a token that is only theirs."""

    provider: str
    room_url: str
    room_name: str
    expires_at: datetime
    is_owner: bool
    token: str = field(repr=False)


def enter_call(*, call: Call, person: User, now: datetime) -> Entry:
    """A token for one of the call's two people (or an admin, for support). Makes the room if it is not there yet.

    Where Daily has failed for too long, the room is a built-in one. Raises `CallNotFoundError` for strangers,
    `CallTooEarlyError`, `CallOverError`, `RoomUnavailableError`, and `SupportCannotEnterError` for an admin there.
    """
    check_may_enter(call=call, person=person, now=now)
    try:
        entry = _entry(open_room(call=call, person=person, now=now), person, now)
    except ProviderError as error:
        moved = fall_back(call_id=call.pk, now=now)
        if moved is None:
            raise RoomUnavailableError from error
        entry = _entry(moved, person, now)
    _note_entry(call, person, now)
    return entry


def room_for(*, call: Call, person: User, now: datetime) -> Room:
    """The call's room, made if it is not there yet; the same refusals as for entering."""
    check_may_enter(call=call, person=person, now=now)
    try:
        room = open_room(call=call, person=person, now=now)
    except ProviderError as error:
        moved = fall_back(call_id=call.pk, now=now)
        if moved is None:
            raise RoomUnavailableError from error
        room = moved
    _check_has_place(call, room, person)
    return room


def check_may_enter(*, call: Call, person: User, now: datetime) -> None:
    """Raise the refusal that fits, unless the person may be in the call's room now."""
    if not takes_part(call, person) and person.role != Role.ADMIN:
        raise CallNotFoundError
    state = rules.door(starts_at=call.starts_at, ends_at=call.ends_at, now=now)
    if state is rules.Door.TOO_EARLY:
        raise CallTooEarlyError
    if state is rules.Door.OVER or call.cancelled_at:
        raise CallOverError
    _check_has_place(call, call.room, person)


def _check_has_place(call: Call, room: Room | None, person: User) -> None:
    """A built-in room has no place for staff; a token for it would open nothing."""
    if room is not None and room.provider == Provider.BUILT_IN and not takes_part(call, person):
        raise SupportCannotEnterError


def open_room(*, call: Call, person: User, now: datetime) -> Room:
    """The room that the call has now, made if need be. Raises `ProviderError`; `RoomUnavailableError` without one."""
    if call.room is None:
        raise RoomUnavailableError
    room = create_room(room_id=call.room.pk, now=now, person_id=person.pk)
    if room.state == RoomState.FAILED:
        room = fall_back(call_id=call.pk, now=now) or room
    if room.state != RoomState.READY:
        raise RoomUnavailableError
    return room


def takes_part(call: Call, person: User) -> bool:
    """Whether the person is one of the two."""
    return person.pk in {call.fan_id, call.creator_user_id}


def _note_entry(call: Call, person: User, now: datetime) -> None:
    """Who was let in; an admin's access for support is marked."""
    own = takes_part(call, person)
    CallEvent.objects.create(
        call=call,
        kind=CallEvent.Kind.LET_IN if own else CallEvent.Kind.SUPPORT,
        person_id=person.pk,
        at=now,
    )
    record(
        type="CALL_ENTERED" if own else "CALL_SUPPORT_ACCESS",
        level=Level.INFO if own else Level.WARNING,
        message="A token for the room of a call was given out",
        actor=Actor.of(person),
        call=call.pk,
    )


def _entry(room: Room, person: User, now: datetime) -> Entry:
    _check_has_place(room.call, room, person)  # it may have moved just now
    expires_at = rules.token_expires_at(ends_at=room.call.ends_at, now=now)
    is_owner = person.pk == room.call.creator_user_id
    request = TokenRequest(
        room_name=room.name,
        user_id=str(person.pk),
        user_name=person.name,
        is_owner=is_owner,
        expires_at=expires_at,
    )
    try:
        token = provider_of(room.provider).create_token(request=request)
    except ProviderError as error:
        note_trouble(room=room, error=error, now=now, person_id=person.pk)
        raise
    note_works(room=room)
    return Entry(
        provider=room.provider,
        room_url=room.url,
        room_name=room.name,
        expires_at=expires_at,
        is_owner=is_owner,
        token=token,
    )

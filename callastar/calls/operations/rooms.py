"""Making rooms and letting people in."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import transaction

from callastar.accounts.models import Role, User
from callastar.audit.models import Level
from callastar.audit.operations import Actor, record
from callastar.calls import rules
from callastar.calls.models import Call, RoomState
from callastar.calls.providers import provider_of
from callastar.calls.refusals import (
    CallNotFoundError,
    CallOverError,
    CallTooEarlyError,
    RoomUnavailableError,
)
from callastar.core.errors import ProviderError
from callastar.providers.daily.types import RoomRequest, TokenRequest


@dataclass(frozen=True, slots=True)
class Entry:
    """What a person's browser needs to enter: the room and a token that is only theirs."""

    room_url: str
    room_name: str
    expires_at: datetime
    is_owner: bool
    token: str = field(repr=False)


def create_room(*, call_id: UUID, now: datetime) -> Call:
    """Make the call's room, once, and write it down. Raises temporary `ProviderError`s for whoever retries."""
    call = Call.objects.get(pk=call_id)
    if call.state == RoomState.READY or now >= rules.room_gone_at(call.ends_at):
        return call
    request = RoomRequest(
        name=call.room_name,
        opens_at=rules.opens_at(call.starts_at),
        closes_at=rules.room_gone_at(call.ends_at),
        max_participants=rules.PARTICIPANTS,
    )
    try:
        room = provider_of(call.provider).create_room(request=request)
    except ProviderError as error:
        _note_failure(call, error)
        raise
    return _note_room(call_id, room.url, now)


def _note_room(call_id: UUID, url: str, now: datetime) -> Call:
    with transaction.atomic():
        call = Call.objects.select_for_update().get(pk=call_id)
        if call.state != RoomState.READY:
            call.state, call.room_url, call.ready_at, call.last_error = RoomState.READY, url, now, ""
            call.save()
            record(type="ROOM_CREATED", message="The room of a call is ready", call=call.pk)
    return call


def _note_failure(call: Call, error: ProviderError) -> None:
    call.attempts += 1
    Call.objects.filter(pk=call.pk).exclude(
        state=RoomState.READY
    ).update(  # who enters may have made it meanwhile
        attempts=call.attempts,
        last_error=f"{error.code} {error.message}"[:300],
        state=RoomState.WANTED if error.is_temporary else RoomState.FAILED,
    )
    record(
        type="ROOM_FAILED",
        level=Level.WARNING if error.is_temporary else Level.ERROR,
        message=f"The room of a call could not be made: {error.code}",
        call=call.pk,
        attempts=call.attempts,
    )


def enter_call(*, call: Call, person: User, now: datetime) -> Entry:
    """A token for one of the call's two people (or an admin, for support). Makes the room if it is not there yet.

    Raises `CallNotFoundError` for strangers, `CallTooEarlyError`, `CallOverError`, `RoomUnavailableError`.
    """
    _check_person(call, person)
    _check_door(call, now)
    try:
        ready = create_room(call_id=call.pk, now=now)
        entry = _entry(ready, person, now)
    except ProviderError as error:
        raise RoomUnavailableError from error
    _note_entry(call, person)
    return entry


def open_room(*, call: Call, person: User, now: datetime) -> Call:
    """The call's room, made if it is not there yet; the same refusals as for entering."""
    _check_person(call, person)
    _check_door(call, now)
    try:
        return create_room(call_id=call.pk, now=now)
    except ProviderError as error:
        raise RoomUnavailableError from error


def _check_person(call: Call, person: User) -> None:
    if not _takes_part(call, person) and person.role != Role.ADMIN:
        raise CallNotFoundError


def _takes_part(call: Call, person: User) -> bool:
    return person.pk in {call.fan_id, call.creator_user_id}


def _note_entry(call: Call, person: User) -> None:
    """Who was let in; an admin's access for support is marked."""
    own = _takes_part(call, person)
    record(
        type="CALL_ENTERED" if own else "CALL_SUPPORT_ACCESS",
        level=Level.INFO if own else Level.WARNING,
        message="A token for the room of a call was given out",
        actor=Actor.of(person),
        call=call.pk,
    )


def _check_door(call: Call, now: datetime) -> None:
    state = rules.door(starts_at=call.starts_at, ends_at=call.ends_at, now=now)
    if state is rules.Door.TOO_EARLY:
        raise CallTooEarlyError
    if state is rules.Door.OVER:
        raise CallOverError


def _entry(call: Call, person: User, now: datetime) -> Entry:
    expires_at = rules.token_expires_at(ends_at=call.ends_at, now=now)
    is_owner = person.pk == call.creator_user_id
    token = provider_of(call.provider).create_token(
        request=TokenRequest(
            room_name=call.room_name,
            user_id=str(person.pk),
            user_name=person.name,
            is_owner=is_owner,
            expires_at=expires_at,
        )
    )
    return Entry(
        room_url=call.room_url,
        room_name=call.room_name,
        expires_at=expires_at,
        is_owner=is_owner,
        token=token,
    )

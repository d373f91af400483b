"""The built-in room: coming in, staying, leaving. Whoever asks first notices that somebody was lost."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Greatest

from callastar.accounts.models import User
from callastar.calls import rules
from callastar.calls.builtin import RoomPass
from callastar.calls.ice import IceServer, ice_servers
from callastar.calls.models import Call, CallEvent, Ended, Presence, Provider, Room, RoomState
from callastar.calls.operations.lost import end_lost
from callastar.calls.operations.presence import end_session, note_session
from callastar.calls.refusals import (
    CallOverError,
    CallTooEarlyError,
    RoomFullError,
    RoomMovedError,
    RoomNotFoundError,
    RoomTokenInvalidError,
    RoomUnavailableError,
    SessionNotFoundError,
)
from callastar.core.errors import Refusal
from callastar.core.ids import new_id

# What browsers tell of, by the words of the API.
TROUBLES: Mapping[str, CallEvent.Kind] = {
    "lost": CallEvent.Kind.CONNECTION_LOST,
    "back": CallEvent.Kind.CONNECTION_BACK,
    "poor": CallEvent.Kind.POOR_CONNECTION,
    "device": CallEvent.Kind.DEVICE_PROBLEM,
}


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that a browser noticed: a key of `TROUBLES`, in its own words, and for how many seconds."""

    kind: str
    detail: str = ""
    seconds: int | None = None


@dataclass(frozen=True, slots=True)
class Member:
    """One of the two; `session` is empty while they are not in the room."""

    side: str
    name: str
    session: str


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the room. Of two browsers the polite one gives way when both make an offer at once."""

    call: Call
    you: Member
    other: Member
    is_polite: bool
    ice_servers: Sequence[IceServer]


@dataclass(frozen=True, slots=True)
class Pulse:
    """Whether the session goes on, how it ended if not, and who else is there."""

    is_here: bool
    ended: str
    other: Member


def join(*, ticket: RoomPass, name: str, now: datetime) -> Place:
    """Let one of the call's two people in; their session on another device ends.

    Raises `RoomTokenInvalidError`, `RoomNotFoundError`, `RoomFullError`, `CallTooEarlyError`, `CallOverError`,
    `RoomMovedError`, `RoomUnavailableError`.
    """
    if now >= ticket.expires_at:
        raise RoomTokenInvalidError
    room = room_for(ticket=ticket, name=name)
    session = str(new_id())
    with transaction.atomic():
        call = Call.objects.select_for_update(no_key=True, of=("self",)).get(pk=room.call_id)
        check_is_open(call=call, room=room, now=now)
        end_lost(call_id=call.pk, now=now)
        for earlier in room.presences.filter(person_id=ticket.person_id, left_at=None):
            end_session(presence=earlier, at=now, ended=Ended.REPLACED)
        presence = note_session(room=room, session=session, person_id=ticket.person_id, joined_at=now)
        if presence is None:
            raise RoomFullError
        presence.seen_at = now
        presence.save(update_fields=["seen_at"])
    you, other = _members(call, room, ticket.person_id)
    return Place(
        call=call,
        you=you,
        other=other,
        is_polite=you.side == "fan",
        ice_servers=ice_servers(person_id=ticket.person_id, until=rules.closes_at(call.ends_at), now=now),
    )


def beat(
    *, ticket: RoomPass, name: str, session: str, troubles: Sequence[Trouble] = (), now: datetime
) -> Pulse:
    """A sign of life of one's session, and what went wrong since the last one.

    A token that expired meanwhile is no reason to leave: it was good at the door. Raises `RoomTokenInvalidError`,
    `RoomNotFoundError`, `RoomFullError`, `SessionNotFoundError`.
    """
    room = room_for(ticket=ticket, name=name)
    presence = own_session(ticket=ticket, room=room, session=session)
    end_lost(call_id=room.call_id, now=now)
    if _refusal(call=room.call, room=room, now=now):
        end_session(presence=presence, at=now, ended=Ended.MEETING)
    else:
        _note_life(presence, troubles, now)
    presence.refresh_from_db()
    _, other = _members(room.call, room, ticket.person_id)
    return Pulse(is_here=presence.left_at is None, ended=presence.ended, other=other)


def leave(*, ticket: RoomPass, name: str, session: str, now: datetime) -> None:
    """End one's session; one that is over stays as it ended. The same refusals as for a beat."""
    room = room_for(ticket=ticket, name=name)
    presence = own_session(ticket=ticket, room=room, session=session)
    end_lost(call_id=room.call_id, now=now)
    end_session(presence=presence, at=now, ended=Ended.LEFT)


def room_for(*, ticket: RoomPass, name: str) -> Room:
    """The built-in room that a token is for. Raises `RoomTokenInvalidError`, `RoomNotFoundError`, `RoomFullError`."""
    if ticket.room_name != name:
        raise RoomTokenInvalidError
    room = Room.objects.select_related("call").filter(name=name, provider=Provider.BUILT_IN).first()
    if room is None:
        raise RoomNotFoundError
    if str(ticket.person_id) not in room.call.people:
        raise RoomFullError
    return room


def own_session(*, ticket: RoomPass, room: Room, session: str) -> Presence:
    """The holder's own session of that name. Raises `SessionNotFoundError`."""
    found = room.presences.filter(session=session, person_id=ticket.person_id).first()
    if found is None:
        raise SessionNotFoundError
    return found


def check_is_open(*, call: Call, room: Room, now: datetime) -> None:
    """Raise the refusal that fits, unless people may be in this room now."""
    if refusal := _refusal(call=call, room=room, now=now):
        raise refusal


def _refusal(*, call: Call, room: Room, now: datetime) -> Refusal | None:
    if call.cancelled_at:
        return CallOverError()
    state = rules.door(starts_at=call.starts_at, ends_at=call.ends_at, now=now)
    if state is not rules.Door.OPEN:
        return CallTooEarlyError() if state is rules.Door.TOO_EARLY else CallOverError()
    if call.room_id != room.pk:
        return RoomMovedError()
    return None if room.state == RoomState.READY else RoomUnavailableError()


def _note_life(presence: Presence, troubles: Sequence[Trouble], now: datetime) -> None:
    """One conditional write: a session that ended, or was silent for too long, does not come to life again."""
    alive = Presence.objects.filter(pk=presence.pk, left_at=None, seen_at__gte=now - rules.SILENCE)
    with transaction.atomic():
        if alive.update(seen_at=Greatest("seen_at", now)) and troubles:
            _note_troubles(presence, troubles, now)


def _note_troubles(presence: Presence, troubles: Sequence[Trouble], now: datetime) -> None:
    """The caller's write has locked the session: what two requests tell at once is noted once."""
    lately = CallEvent.objects.filter(
        call=presence.call_id, at__gt=now - rules.TROUBLE_ONCE_IN, details__session=presence.session
    )
    known = set(lately.values_list("kind", flat=True))
    for trouble in troubles:
        kind = TROUBLES[trouble.kind]
        if kind in known:
            continue
        known.add(kind)
        said = {"detail": trouble.detail, "seconds": trouble.seconds}
        CallEvent.objects.create(
            call_id=presence.call_id,
            room_id=presence.room_id,
            kind=kind,
            person_id=presence.person_id,
            at=now,
            details={"session": presence.session, **{key: value for key, value in said.items() if value}},
        )


def _members(call: Call, room: Room, person_id: UUID) -> tuple[Member, Member]:
    """The asker, and the other of the two."""
    names = {str(pk): name for pk, name in User.objects.filter(pk__in=call.people).values_list("pk", "name")}
    live = room.presences.filter(left_at=None).values_list("person_id", "session")
    sessions = {str(pk): session for pk, session in live}
    both = [
        Member(side=side, name=names.get(person, ""), session=sessions.get(person, ""))
        for person, side in call.people.items()
    ]
    mine = call.people[str(person_id)]
    return (both[0], both[1]) if both[0].side == mine else (both[1], both[0])

"""Asking Daily who was in a call's rooms: before a call is judged, and whenever its events seem to be missing."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import QuerySet

from callastar.calls.models import Call, Ended, Presence, Provider, Room
from callastar.calls.operations.news import person_of
from callastar.calls.operations.presence import end_session, note_session
from callastar.providers.daily import meetings
from callastar.providers.daily.types import HostedSession

# Daily's answers may be so much older than its events: who has just come may not be in them yet.
BEHIND = timedelta(minutes=1)


def ask_host(*, call_id: UUID, now: datetime) -> None:
    """Have Daily say who was in each of the call's rooms, and correct our sessions. Raises `ProviderError`.

    Rooms that were never made are nothing to ask about; of built-in rooms this server knows itself. `Call.asked_at`
    is set when all has been said. No provider is called inside a transaction.
    """
    for room in daily_rooms(call_id):
        _ask_about(room, now)
    Call.objects.filter(pk=call_id).update(asked_at=now)


def ask_who_is_inside(*, call_id: UUID, now: datetime) -> None:
    """Have Daily say who is inside now; what does not fit is asked for in full. Raises `ProviderError`."""
    if all(_is_as_known(room, now) for room in daily_rooms(call_id)):
        Call.objects.filter(pk=call_id).update(asked_at=now)
    else:
        ask_host(call_id=call_id, now=now)


def daily_rooms(call_id: UUID) -> QuerySet[Room]:
    """The rooms of a call that somebody may have been in at Daily."""
    made = Room.objects.filter(call_id=call_id, provider=Provider.DAILY).exclude(ready_at=None)
    return made.order_by("created_at")


def _ask_about(room: Room, now: datetime) -> None:
    """Past sessions first: whoever leaves in between has then left, whoever comes is then inside."""
    past = list(meetings.list_meetings(room=room.name))
    inside = meetings.presence(room=room.name)
    there = {session.id for session in inside}
    for session in inside:
        _note(room, session)
    for session in past:
        if session.id not in there:
            _note(room, session)
    _end_unheard_of(room, there | {session.id for session in past}, now)


def _is_as_known(room: Room, now: datetime) -> bool:
    """Note who is inside; whether nobody else is said to be."""
    inside = meetings.presence(room=room.name)
    for session in inside:
        _note(room, session)
    return not _still_open(room, {session.id for session in inside}, now).exists()


def _note(room: Room, session: HostedSession) -> None:
    person_id = person_of(session)
    if person_id is not None:
        note_session(
            room=room,
            session=session.id,
            person_id=person_id,
            joined_at=session.joined_at,
            left_at=session.left_at,
            ended=Ended.ASKED,
            is_inside=session.left_at is None,
        )


def _end_unheard_of(room: Room, listed: set[str], now: datetime) -> None:
    """Sessions that Daily does not list at all: nothing tells when they ended, only that they have."""
    for presence in _still_open(room, listed, now):
        end_session(presence=presence, at=now, ended=Ended.LOST)


def _still_open(room: Room, but: set[str], now: datetime) -> QuerySet[Presence]:
    mine = Presence.objects.filter(room=room, left_at=None, created_at__lt=now - BEHIND)
    return mine.exclude(session__in=but)

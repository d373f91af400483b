"""What Daily's events tell: in any order, any number of times, and sometimes not at all.

Who it was comes from the token that we gave them, never from what they typed. Rooms that are not ours are ignored.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from callastar.calls.models import Call, CallEvent, Ended, Provider, Room
from callastar.calls.operations.presence import end_sessions, note_session
from callastar.providers.daily.events import meeting_news, session_news
from callastar.providers.daily.types import HostedSession, MeetingNews

Kind = CallEvent.Kind


def note_participant(*, payload: dict[str, Any]) -> None:
    """Somebody joined or left. Raises KeyError, TypeError or ValueError for a payload that is none of Daily's."""
    news = session_news(payload)
    room, person_id = _room(news.room), person_of(news)
    if room is None or person_id is None:
        return
    with transaction.atomic():
        Call.objects.select_for_update(no_key=True, of=("self",)).get(pk=room.call_id)
        left_at, ended = news.left_at, Ended.LEFT
        if left_at is None:  # the meeting's end may have come first, and their leaving be lost
            left_at, ended = _end_of_meeting(room, news.joined_at), Ended.MEETING
        note_session(
            room=room,
            session=news.id,
            person_id=person_id,
            joined_at=news.joined_at,
            left_at=left_at,
            ended=ended,
        )


def note_meeting(*, payload: dict[str, Any]) -> None:
    """A meeting began, or ended: whoever of it is still said to be inside has left. Raises as above."""
    news = meeting_news(payload)
    room = _room(news.room)
    if room is None:
        return
    with transaction.atomic():
        Call.objects.select_for_update(no_key=True, of=("self",)).get(pk=room.call_id)
        if news.ended_at is None:
            _note_once(room, Kind.MEETING_STARTED, news, news.started_at)
        else:
            _note_once(room, Kind.MEETING_ENDED, news, news.ended_at)
            end_sessions(room=room, at=news.ended_at, ended=Ended.MEETING, joined_until=news.ended_at)


def person_of(session: HostedSession) -> UUID | None:
    """Whom the session's token was made for; None if it is no token of ours."""
    try:
        return UUID(session.user_id)
    except ValueError:
        return None


def _room(name: str) -> Room | None:
    return Room.objects.filter(name=name, provider=Provider.DAILY).first()


def _end_of_meeting(room: Room, joined_at: datetime) -> datetime | None:
    ended = CallEvent.objects.filter(room=room, kind=Kind.MEETING_ENDED, at__gte=joined_at)
    return ended.order_by("at").values_list("at", flat=True).first()


def _note_once(room: Room, kind: CallEvent.Kind, news: MeetingNews, at: datetime) -> None:
    if CallEvent.objects.filter(room=room, kind=kind, details__meeting=news.id).exists():
        return
    CallEvent.objects.create(call_id=room.call_id, room=room, kind=kind, at=at, details={"meeting": news.id})

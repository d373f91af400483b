"""Daily's events (https://docs.daily.co/reference/rest-api/webhooks/events) as our plain values."""

import json
from datetime import datetime, timedelta
from typing import Any

from callastar.core.storable import storable, word
from callastar.providers.daily.times import moment
from callastar.providers.daily.types import DailyEvent, HostedSession, MeetingNews

# What this product wants to hear of (CA-5).
EVENT_TYPES = (
    "meeting.started",
    "meeting.ended",
    "participant.joined",
    "participant.left",
    "recording.started",
    "recording.ready-to-download",
    "recording.error",
)
LONGEST_ID, LONGEST_TYPE = 128, 80  # characters that the inbox keeps
_PING = {"test": "test"}


def is_ping(body: bytes) -> bool:
    """Whether this is what Daily posts to an address before it accepts it, unsigned."""
    try:
        return bool(json.loads(body) == _PING)
    except (ValueError, RecursionError):
        return False


def parse_event(body: dict[str, Any]) -> DailyEvent:
    """An event from its JSON, as it can be stored; raises KeyError, TypeError or ValueError for what is none."""
    return DailyEvent(
        id=word(body["id"], longest=LONGEST_ID),
        type=word(body["type"], longest=LONGEST_TYPE),
        occurred_at=_time_or_none(body.get("event_ts")),
        payload=storable({**body, "payload": dict(body["payload"])}),
    )


def session_news(payload: dict[str, Any]) -> HostedSession:
    """Who joined or left: `duration` is there when they left. Raises KeyError, TypeError or ValueError."""
    joined_at = moment(payload["joined_at"])
    stayed = payload.get("duration")
    return HostedSession(
        id=str(payload["session_id"]),
        room=str(payload["room"]),
        user_id=str(payload.get("user_id") or ""),
        joined_at=joined_at,
        left_at=None if stayed is None else joined_at + timedelta(seconds=max(0, round(stayed))),
    )


def meeting_news(payload: dict[str, Any]) -> MeetingNews:
    """Which meeting began, or ended if it says when. Raises KeyError, TypeError or ValueError."""
    ended = payload.get("end_ts")
    return MeetingNews(
        id=str(payload["meeting_id"]),
        room=str(payload["room"]),
        started_at=moment(payload["start_ts"]),
        ended_at=None if ended is None else moment(ended),
    )


def _time_or_none(value: Any) -> datetime | None:
    try:
        return moment(value)
    except (TypeError, ValueError, OverflowError, OSError):
        return None

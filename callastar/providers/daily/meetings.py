"""Who is and was in Daily's rooms (https://docs.daily.co/reference/rest-api/meetings). Errors are `ProviderError`."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from callastar.core.errors import ProviderError
from callastar.providers.daily.client import PAGE, ask, every, rows
from callastar.providers.daily.errors import NOT_FOUND, readable
from callastar.providers.daily.times import iso_moment, moment
from callastar.providers.daily.types import HostedSession


def list_meetings(*, room: str) -> Iterator[HostedSession]:
    """Every session of every meeting in a room, also of one that is deleted; the newest meeting first.

    Of whoever is still inside, Daily says how long they have been: `left_at` is then the time of asking.
    """
    for meeting in every("/meetings", {"room": room}):
        yield from readable(_participants, room, meeting)


def presence(*, room: str) -> list[HostedSession]:
    """The sessions inside a room now; none in a room that does not exist."""
    try:
        found = ask("GET", f"/rooms/{room}/presence", params={"limit": PAGE})
    except ProviderError as error:
        if error.code != NOT_FOUND:
            raise
        return []
    return readable(_present, room, found)


def _participants(room: str, meeting: dict[str, Any]) -> list[HostedSession]:
    return [_past(room, one) for one in meeting.get("participants", [])]


def _past(room: str, one: dict[str, Any]) -> HostedSession:
    joined_at = moment(one["join_time"])
    return HostedSession(
        id=str(one["participant_id"]),
        room=room,
        user_id=str(one.get("user_id") or ""),
        joined_at=joined_at,
        left_at=joined_at + timedelta(seconds=max(0, round(one["duration"]))),
    )


def _present(room: str, answer: dict[str, Any]) -> list[HostedSession]:
    return [_inside(room, one) for one in rows(answer)]


def _inside(room: str, one: dict[str, Any]) -> HostedSession:
    return HostedSession(
        id=str(one["id"]),
        room=room,
        user_id=str(one.get("userId") or ""),
        joined_at=iso_moment(one["joinTime"]),
    )

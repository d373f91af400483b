"""Decisions about calls: when the room opens, who may enter, until when a token is good. Pure functions."""

from datetime import datetime, timedelta
from enum import StrEnum

OPENS_BEFORE = timedelta(minutes=15)
CLOSES_AFTER = timedelta(minutes=15)
ROOM_GONE_AFTER = timedelta(hours=24)
LONGEST_TOKEN = timedelta(hours=1)
PARTICIPANTS = 2
LONGEST_CALL = timedelta(hours=3)
FALL_BACK_WITHIN = timedelta(minutes=30)
# How long Daily may fail before a call that starts soon moves to a built-in room: its retries have come to nothing.
PATIENCE = timedelta(minutes=2)
PATIENCE_AT_THE_START = timedelta(seconds=30)
UNWANTED_AFTER = timedelta(hours=1)
# In built-in rooms a browser says every few seconds that it is still there. One that misses three has lost its way.
BEAT = timedelta(seconds=5)
SILENCE = timedelta(seconds=15)
TROUBLE_ONCE_IN = timedelta(minutes=1)
SIGNALS_KEPT = timedelta(hours=1)
LONGEST_SIGNAL = 32_768  # bytes of JSON; a session description has some thousands
DEEPEST_SIGNAL = 20  # objects and lists within each other; a session description has two
MOST_SIGNALS = 2000  # of one session; a call needs about fifty


class Door(StrEnum):
    """Whether the room may be entered; the refusing values are the API's codes."""

    OPEN = "open"
    TOO_EARLY = "call_not_open_yet"
    OVER = "call_over"


def door(*, starts_at: datetime, ends_at: datetime, now: datetime) -> Door:
    """The room may be entered from 15 minutes before the start to 15 minutes after the end."""
    if now < opens_at(starts_at):
        return Door.TOO_EARLY
    return Door.OPEN if now <= closes_at(ends_at) else Door.OVER


def opens_at(starts_at: datetime) -> datetime:
    """From when people may enter."""
    return starts_at - OPENS_BEFORE


def closes_at(ends_at: datetime) -> datetime:
    """Until when people may enter."""
    return ends_at + CLOSES_AFTER


def room_gone_at(ends_at: datetime) -> datetime:
    """When the provider itself removes the room, if nobody did before."""
    return ends_at + ROOM_GONE_AFTER


def token_expires_at(*, ends_at: datetime, now: datetime) -> datetime:
    """At most an hour from now, and never beyond the time that the room may be entered."""
    return min(now + LONGEST_TOKEN, closes_at(ends_at))


def should_fall_back(
    *, starts_at: datetime, ends_at: datetime, troubled_since: datetime | None, refused: bool, now: datetime
) -> bool:
    """Whether a call must leave its host for a built-in room: within 30 minutes of its start, after the retries.

    `refused`: for good, so that there is nothing to wait for. A trouble of a minute is waited for, unless the call
    begins within two.
    """
    if troubled_since is None or now < starts_at - FALL_BACK_WITHIN or now > closes_at(ends_at):
        return False
    patience = PATIENCE if now < starts_at - PATIENCE else PATIENCE_AT_THE_START
    return refused or now - troubled_since >= patience


def unwanted_at(ends_at: datetime) -> datetime:
    """From when the room of a call that is over is deleted."""
    return ends_at + UNWANTED_AFTER


def may_delete(
    *, is_current: bool, is_occupied: bool, is_cancelled: bool, ends_at: datetime, now: datetime
) -> bool:
    """Whether a room may be deleted now; `is_current`: the call has no other, `is_occupied`: somebody is inside.

    That of a cancelled call at once, that of any other an hour after its end; one that was replaced goes before, as
    soon as nobody is inside.
    """
    if is_cancelled or now >= unwanted_at(ends_at):
        return True
    return not is_current and not is_occupied

"""Decisions about calls: when the room opens, who may enter, until when a token is good. Pure functions."""

from datetime import datetime, timedelta
from enum import StrEnum

OPENS_BEFORE = timedelta(minutes=15)
CLOSES_AFTER = timedelta(minutes=15)
ROOM_GONE_AFTER = timedelta(hours=24)
LONGEST_TOKEN = timedelta(hours=1)
PARTICIPANTS = 2


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

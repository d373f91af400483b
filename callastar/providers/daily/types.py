"""What Daily says, as plain values. Times are in whole seconds."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class DailyEvent:
    """An event: a trigger. `occurred_at` is None where Daily's time makes no sense."""

    id: str
    type: str
    occurred_at: datetime | None
    payload: dict[str, Any]


@dataclass(frozen=True, slots=True)
class HostedSession:
    """One stay of one person in a room. `user_id` is the one in the token; `left_at` is None as long as it goes on."""

    id: str
    room: str
    user_id: str
    joined_at: datetime
    left_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class MeetingNews:
    """A meeting that began or ended."""

    id: str
    room: str
    started_at: datetime
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class WebhookEndpoint:
    """An address that Daily posts events to. `updated_at` is Daily's text: it changes with each revival."""

    uuid: str
    url: str
    event_types: frozenset[str]
    is_active: bool
    updated_at: str
    hmac: str = field(repr=False)

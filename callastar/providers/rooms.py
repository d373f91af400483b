"""What this product knows of rooms, whoever hosts them. Plain values."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class RoomRequest:
    """A private room: when it opens for entering and when it is gone; whether calls in it can be recorded."""

    name: str
    opens_at: datetime
    closes_at: datetime
    max_participants: int
    is_recordable: bool = False


@dataclass(frozen=True, slots=True)
class HostedRoom:
    """A room that exists; `created_at` where its host says so."""

    name: str
    url: str
    created_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """Who may enter which room, as whom, until when."""

    room_name: str
    user_id: str
    user_name: str
    is_owner: bool
    expires_at: datetime

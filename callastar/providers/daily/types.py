"""What this product knows of Daily's objects."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class RoomRequest:
    """A private room: when it opens for entering and when it is gone."""

    name: str
    opens_at: datetime
    closes_at: datetime
    max_participants: int


@dataclass(frozen=True, slots=True)
class Room:
    """A room that exists."""

    name: str
    url: str


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """Who may enter which room, as whom, until when."""

    room_name: str
    user_id: str
    user_name: str
    is_owner: bool
    expires_at: datetime

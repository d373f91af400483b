"""The host of built-in rooms: this server itself. Two browsers talk to each other directly; here they only meet.

A room is its row in our database, so making and deleting it cannot fail. Its token is signed by us and names room and
person; it travels in the fragment of the address, which browsers send to nobody.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from django.conf import settings
from django.core import signing

from callastar.calls.models import Provider, Room, RoomState
from callastar.core import clock
from callastar.providers.rooms import HostedRoom, RoomRequest, TokenRequest

SALT = "callastar.calls.room"
PATH = "room"


@dataclass(frozen=True, slots=True)
class RoomPass:
    """What a token says: who may be in which room, until when."""

    room_name: str
    person_id: UUID
    name: str
    is_owner: bool
    expires_at: datetime


def create_room(*, request: RoomRequest) -> HostedRoom:
    """The room's address at this site."""
    return HostedRoom(name=request.name, url=_url(request.name))


def get_room(*, name: str) -> HostedRoom | None:
    """The room, None if there is none."""
    exists = Room.objects.filter(name=name, state=RoomState.READY).exists()
    return HostedRoom(name=name, url=_url(name)) if exists else None


def delete_room(*, name: str) -> None:
    """Nothing is kept outside the row, which says itself that the room is gone."""


def list_rooms() -> Iterator[HostedRoom]:
    """Every room that is there, the newest first."""
    rooms = Room.objects.filter(provider=Provider.BUILT_IN, state=RoomState.READY).order_by("-created_at")
    for room in rooms.iterator():
        yield HostedRoom(name=room.name, url=_url(room.name), created_at=room.created_at)


def create_token(*, request: TokenRequest) -> str:
    """A signed token for one person and one room."""
    claims = {
        "r": request.room_name,
        "u": request.user_id,
        "n": request.user_name,
        "o": request.is_owner,
        "e": int(request.expires_at.timestamp()),
    }
    return signing.dumps(claims, salt=SALT, compress=True)


def read_token(token: str) -> RoomPass | None:
    """What a token says; None if it is not ours, was changed, or has expired."""
    found = read_signed(token)
    return None if found is None or clock.now() >= found.expires_at else found


def read_signed(token: str) -> RoomPass | None:
    """The same of a token that may have expired: it opens no door any more, but its holder may still be inside."""
    try:
        claims = signing.loads(token, salt=SALT)
    except signing.BadSignature:
        return None
    expires_at = datetime.fromtimestamp(claims["e"], UTC)
    return RoomPass(claims["r"], UUID(claims["u"]), claims["n"], claims["o"], expires_at)


def _url(name: str) -> str:
    return f"{settings.SITE_URL}/{PATH}/{name}"

"""A call in a built-in room, without a booking: what the room itself needs."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from callastar.accounts.models import User
from callastar.calls import builtin, rules
from callastar.calls.models import Call, Provider, Room, RoomState
from callastar.core import clock
from callastar.providers.rooms import TokenRequest
from tests.factories import make_user

MINUTE = timedelta(minutes=1)


@dataclass
class BuiltInRoom:
    """The room, its call and the two people."""

    call: Call
    room: Room
    fan: User
    creator: User

    @property
    def name(self) -> str:
        return self.room.name

    def token(self, person: User, *, room_name: str = "", expires_at: datetime | None = None) -> str:
        """As the call's page gets it."""
        request = TokenRequest(
            room_name=room_name or self.name,
            user_id=str(person.pk),
            user_name=person.name,
            is_owner=person == self.creator,
            expires_at=expires_at or rules.token_expires_at(ends_at=self.call.ends_at, now=clock.now()),
        )
        return builtin.create_token(request=request)


def make_built_in_room(*, starts_at: datetime | None = None, minutes: int = 30) -> BuiltInRoom:
    """Open now, unless it is said when the call begins."""
    fan, creator = make_user(name="Noa"), make_user(name="Zoé Amadou")
    starts_at = starts_at or clock.now().replace(microsecond=0) + MINUTE
    call = Call.objects.create(
        title="Ask me",
        fan_id=fan.pk,
        creator_user_id=creator.pk,
        starts_at=starts_at,
        ends_at=starts_at + minutes * MINUTE,
    )
    call.room = add_room(call)
    call.save()
    return BuiltInRoom(call=call, room=call.room, fan=fan, creator=creator)


def add_room(call: Call) -> Room:
    """A built-in room that is ready."""
    name = f"callastar-{Room.objects.count()}-of-{call.pk}"
    return Room.objects.create(
        call=call,
        provider=Provider.BUILT_IN,
        state=RoomState.READY,
        name=name,
        url=f"http://127.0.0.1:8000/room/{name}",
        ready_at=clock.now(),
    )

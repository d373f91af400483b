"""Jobs of calls."""

from uuid import UUID

from procrastinate.contrib.django import app

from callastar.calls.operations import rooms, schedule
from callastar.core import clock
from callastar.core.queue import Backoff


@app.task(name=schedule.CREATE_ROOM, retry=Backoff(tries=500, first=1, longest=600), queue="calls")
def create_room(*, room_id: str) -> None:
    """Make a room, tried again after 1 s … 10 min until it is made."""
    rooms.create_room(room_id=UUID(room_id), now=clock.now())

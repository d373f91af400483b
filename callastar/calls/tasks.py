"""Jobs of calls."""

from datetime import timedelta
from uuid import UUID

from procrastinate import JobContext
from procrastinate.contrib.django import app

from callastar.calls.operations import cleanup, consent, recorded, recording, rooms, schedule
from callastar.core import clock
from callastar.core.errors import ProviderError
from callastar.core.queue import Backoff, defer

_DELETE = Backoff(tries=12, first=1, longest=600)
_LATER = timedelta(minutes=2)


@app.task(name=schedule.CREATE_ROOM, retry=Backoff(tries=500, first=1, longest=600), queue="calls")
def create_room(*, room_id: str = "", call_id: str = "") -> None:
    """Make a room, tried again after 1 s … 10 min until it is made; a built-in one if that would be too late."""
    # Jobs of the time when a call was its room name the call: migration 0003 gave the room the call's key.
    rooms.make_room(room_id=UUID(room_id or call_id), now=clock.now())


@app.task(name=schedule.DELETE_ROOM, retry=_DELETE, queue="calls", pass_context=True)
def delete_room(context: JobContext, *, room_id: str) -> None:
    """Delete a room that is not wanted any more; left to the hourly sweep after all tries (about half an hour).

    While somebody is still inside, another job looks again.
    """
    now = clock.now()
    try:
        room = cleanup.delete_room(room_id=UUID(room_id), now=now)
    except ProviderError as error:
        job = context.job
        if job is None or _DELETE.get_retry_decision(exception=error, job=job) is None:
            cleanup.leave_to_sweep(room_id=UUID(room_id), error=error)
        raise
    if room.gone_at is None and room.unwanted_at:
        defer(schedule.DELETE_ROOM, at=now + _LATER, room_id=room_id)


@app.task(name=consent.START, retry=Backoff(tries=12, first=1, longest=30), queue="calls")
def start_recording(*, call_id: str) -> None:
    """Start the recording that both agreed to; tried again for some minutes, as the call goes on meanwhile."""
    recording.start_recording(call_id=UUID(call_id), now=clock.now())


@app.task(name=consent.STOP, retry=Backoff(tries=200, first=1, longest=60), queue="calls")
def stop_recording(*, call_id: str) -> None:
    """Stop a recording that somebody does not agree to any more; tried again until it has stopped."""
    recording.stop_recording(call_id=UUID(call_id), now=clock.now())


@app.task(name=recorded.DELETE, retry=Backoff(tries=30, first=1, longest=3600), queue="calls")
def delete_recording(*, recording_id: str) -> None:
    """Delete a recording whose time has come; after a day of tries the daily job goes on."""
    recorded.delete_recording(recording_id=UUID(recording_id), now=clock.now())

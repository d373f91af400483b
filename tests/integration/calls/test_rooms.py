"""The room of a call: one, whatever Daily answers (CA-2, PW-1)."""

import time
from datetime import timedelta

import pytest
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.jobs import Job

from callastar.calls.models import Call, Room, RoomState
from callastar.calls.operations import rooms
from callastar.calls.operations.rooms import create_room
from callastar.calls.operations.schedule import CREATE_ROOM, ROOM_PREFIX
from callastar.core import clock
from callastar.core.errors import ProviderError, ProviderTrouble
from tests.jobs import run_jobs

MAILS = ("mail.send_email",)


def names(daily) -> list[str]:
    """The rooms that Daily has."""
    return [room["name"] for room in daily.ok("GET", "/rooms")["data"]]


def test_a_job_makes_the_room(booking, daily):
    """CA-2: private, for two, chat and screen share on, open from 15 minutes before, gone a day after the end."""
    job = ProcrastinateJob.objects.get(task_name=CREATE_ROOM)
    assert job.args == {"room_id": str(booking.call.room_id)}
    assert run_jobs(but=MAILS) == []
    made = Room.objects.get()
    (room,) = daily.ok("GET", "/rooms")["data"]
    assert (made.state, made.name, made.url) == (RoomState.READY, room["name"], room["url"])
    assert room["privacy"] == "private"
    config, begins = room["config"], booking.starts_at.timestamp()
    assert (config["nbf"], config["max_participants"]) == (begins - 15 * 60, 2)
    assert config["exp"] <= (booking.offer.ends_at + timedelta(hours=24)).timestamp()
    assert config["enable_chat"]
    assert config["enforce_unique_user_ids"]
    assert config.get("enable_screenshare", True)  # Daily lists only what differs from its defaults


def test_a_job_of_the_version_before_makes_the_room(booking, daily):
    """CA-2: it names the call, whose key its room has by the migration; it was still waiting while we deployed."""
    ProcrastinateJob.objects.filter(task_name=CREATE_ROOM).update(args={"call_id": str(booking.call_id)})
    Call.objects.update(room=None)
    Room.objects.update(id=booking.call_id)
    Call.objects.update(room=booking.call_id)
    assert run_jobs(but=MAILS) == []
    room = Room.objects.get()
    assert (room.pk, room.state) == (booking.call_id, RoomState.READY)
    assert names(daily) == [room.name]


def test_names_cannot_be_guessed(booking):
    """CA-2: 144 random bits, no id of ours."""
    name = Room.objects.get().name.removeprefix(ROOM_PREFIX)
    assert len(name) == 24
    assert str(booking.pk)[:8] not in name


def test_making_it_again_makes_nothing(booking, daily):
    """CA-2: neither when it is known to be there, nor when the answer was lost."""
    for _ in range(2):
        create_room(room_id=booking.call.room_id, now=clock.now())
    Room.objects.update(state=RoomState.WANTED, url="")
    assert create_room(room_id=booking.call.room_id, now=clock.now()).state == RoomState.READY
    assert names(daily) == [Room.objects.get().name]


@pytest.mark.parametrize("kind", ["500", "429", "drop_before", "drop_after", "timeout"])
def test_one_room_whatever_daily_answers(booking, daily, at_daily, settings, kind):
    """CA-2, PW-1: tried again until it is made."""
    settings.PROVIDER_TIMEOUT_SECONDS = 0.4
    times = 1 if kind == "timeout" else 4
    at_daily.control("POST", "faults", {"match": "POST /v1/rooms", "kind": kind, "times": times})
    with pytest.raises(ProviderError):
        create_room(room_id=booking.call.room_id, now=clock.now())
    waiting = Room.objects.get()
    assert (waiting.state, waiting.attempts, bool(waiting.last_error)) == (RoomState.WANTED, 1, True)
    assert run_jobs(but=MAILS) == []
    made = Room.objects.get()
    assert (made.state, made.last_error) == (RoomState.READY, "")
    assert names(daily) == [made.name]


def test_waits_grow_from_a_second_to_ten_minutes():
    """CA-2: with jitter, and for long enough to outlast an outage of days."""
    task = app.tasks[CREATE_ROOM]
    error = ProviderError("daily", ProviderTrouble.TEMPORARY)
    waits = [_wait(task, error, attempts) for attempts in range(0, 450, 10)]
    assert 0.9 <= waits[0] <= 2
    assert all(299 <= wait <= 601 for wait in waits[1:])
    assert sum(waits) * 10 > 24 * 3600


def _wait(task, error: ProviderError, attempts: int) -> float:
    job = Job(id=1, queue="calls", lock=None, queueing_lock=None, task_name=CREATE_ROOM, attempts=attempts)
    decision = task.get_retry_exception(exception=error, job=job).retry_decision
    return decision.retry_at.timestamp() - time.time()


def test_what_daily_will_never_make_is_named(booking, at_daily, settings):
    """PW-2: a state and an error that a person sees; not tried again by itself, but by whoever wants to enter."""
    settings.DAILY_API_KEY = "wrong"
    with pytest.raises(ProviderError):
        create_room(room_id=booking.call.room_id, now=clock.now())
    assert run_jobs(but=MAILS) == [CREATE_ROOM]
    assert Room.objects.get().state == RoomState.FAILED
    settings.DAILY_API_KEY = at_daily.keys["api_key"]
    assert create_room(room_id=booking.call.room_id, now=clock.now()).state == RoomState.READY


def test_a_try_that_failed_does_not_undo_the_one_that_succeeded(booking, monkeypatch, at_daily):
    """CA-2: somebody enters, and makes the room, while the job is still waiting for Daily."""
    slow, quick = Room.objects.get(), create_room(room_id=booking.call.room_id, now=clock.now())
    assert quick.state == RoomState.READY
    rooms.note_trouble(room=slow, error=ProviderError("daily", ProviderTrouble.TEMPORARY), now=clock.now())
    assert Room.objects.get().state == RoomState.READY


def test_a_call_that_is_long_over_gets_no_room(booking, daily):
    """CA-2."""
    create_room(room_id=booking.call.room_id, now=booking.offer.ends_at + timedelta(hours=25))
    assert names(daily) == []

"""Rooms are deleted an hour after the end, at once when nobody wants them any more, and never under somebody (CA-7)."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from django.db import transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from callastar.audit.models import LogEntry
from callastar.bookings.models import Booking
from callastar.calls.models import Call, CallEvent, Provider, Room, RoomState, Signal
from callastar.calls.operations import rooms
from callastar.calls.operations.cleanup import delete_room, give_up_ended, sweep_rooms
from callastar.calls.operations.presence import end_sessions, note_session
from callastar.calls.operations.rooms import create_room, replace_room
from callastar.calls.operations.schedule import DELETE_ROOM, ROOM_PREFIX, cancel_call, schedule_call
from callastar.core import clock
from callastar.core.errors import ProviderError, ProviderTrouble
from callastar.core.ids import new_id
from callastar.providers.daily import gateway
from tests.contract.daily_api import in_seconds
from tests.jobs import run_jobs

MAILS = ("mail.send_email",)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def names(daily) -> set[str]:
    """The rooms that Daily has."""
    return {room["name"] for room in daily.ok("GET", "/rooms")["data"]}


@pytest.fixture
def room(booking) -> Room:
    """The room of the booking's call, made at Daily."""
    return create_room(room_id=booking.call.room_id, now=clock.now())


def call_of(booking: Booking) -> Call:
    return Call.objects.select_related("room").get(pk=booking.call_id)


def jobs() -> int:
    return ProcrastinateJob.objects.filter(task_name=DELETE_ROOM, status="todo").count()


def replaced(booking: Booking, now: datetime) -> Room:
    """The call's room, after another one took its place."""
    with transaction.atomic():
        call = Call.objects.select_for_update(of=("self",)).select_related("room").get(pk=booking.call_id)
        old = call.room
        replace_room(call=call, provider=Provider.BUILT_IN, why="test", now=now)
    assert old is not None
    return old


def come_in(room: Room, person, now: datetime) -> None:
    assert note_session(room=room, session="one", person_id=person.pk, joined_at=now)


def test_an_hour_after_the_end(booking, room, daily):
    """CA-7: not a minute before; the booking's address is cleared, the log keeps it."""
    over = booking.call.ends_at + HOUR
    assert give_up_ended(now=over - MINUTE) == 0
    assert (jobs(), sweep_rooms(now=over - MINUTE)["deleted"]) == (0, 0)
    assert (names(daily), call_of(booking).room_url) == ({room.name}, room.url)
    assert [give_up_ended(now=over), give_up_ended(now=over)] == [1, 0]
    assert jobs() == 1
    assert run_jobs(but=MAILS) == []
    assert names(daily) == {room.name}, "the job looks at the clock itself, and the call is to come"
    assert delete_room(room_id=room.pk, now=over).state == RoomState.GONE
    kept, call = Room.objects.get(), call_of(booking)
    assert (kept.name, kept.url, kept.gone_at, kept.delete_attempts) == (room.name, room.url, over, 1)
    assert (names(daily), call.room, call.room_url) == (set(), None, "")
    assert CallEvent.objects.filter(room=room, kind=CallEvent.Kind.ROOM_DELETED, at=over).count() == 1
    assert LogEntry.objects.filter(type="ROOM_DELETED").count() == 1


def test_a_call_that_was_moved_keeps_its_room(booking, room, daily):
    """CA-7: its end is looked at when the time has come."""
    over = booking.call.ends_at + HOUR
    Call.objects.update(starts_at=booking.call.starts_at + HOUR, ends_at=booking.call.ends_at + HOUR)
    assert (give_up_ended(now=over), sweep_rooms(now=over)["deleted"]) == (0, 0)
    assert names(daily) == {room.name}


def test_at_once_on_cancellation(booking, room, daily):
    """CA-7: by a job of the same transaction; a second run and a room that is gone already are fine."""
    with transaction.atomic():
        cancel_call(call_id=booking.call_id, now=clock.now())
    assert run_jobs(but=MAILS) == []
    assert (names(daily), Room.objects.get().state) == (set(), RoomState.GONE)
    assert delete_room(room_id=room.pk, now=clock.now()).delete_attempts == 1


def test_not_found_is_success(booking, room, daily):
    """CA-7: somebody deleted it at Daily."""
    daily.ok("DELETE", f"/rooms/{room.name}")
    with transaction.atomic():
        cancel_call(call_id=booking.call_id, now=clock.now())
    assert run_jobs(but=MAILS) == []
    assert (Room.objects.get().state, LogEntry.objects.filter(type="ROOM_NOT_DELETED").count()) == (
        RoomState.GONE,
        0,
    )


@pytest.mark.parametrize("kind", ["500", "429", "timeout", "drop_before", "drop_after"])
def test_failures_are_retried_and_counted(booking, room, daily, at_daily, settings, kind):
    """CA-7, PW-1."""
    settings.PROVIDER_TIMEOUT_SECONDS = 0.4 if kind == "timeout" else 10
    times = 1 if kind == "timeout" else 3
    at_daily.control("POST", "faults", {"match": "DELETE /v1/rooms", "kind": kind, "times": times})
    with transaction.atomic():
        cancel_call(call_id=booking.call_id, now=clock.now())
    assert run_jobs(but=MAILS) == []
    gone = Room.objects.get()
    assert (names(daily), gone.state, gone.last_error) == (set(), RoomState.GONE, "")
    assert gone.delete_attempts == (2 if kind == "drop_after" and times == 1 else times + 1)


def test_what_keeps_failing_is_left_to_the_sweep(booking, room, daily, at_daily):
    """CA-7, PW-2: after the tries of its job somebody can see it, and the hourly run ends it."""
    at_daily.control("POST", "faults", {"match": "DELETE /v1/rooms", "kind": "500", "times": 500})
    with transaction.atomic():
        cancel_call(call_id=booking.call_id, now=clock.now())
    assert run_jobs(but=MAILS) == [DELETE_ROOM]
    left = Room.objects.get()
    assert (left.state, left.delete_attempts, left.last_error[:6]) == (RoomState.READY, 13, "server")
    assert LogEntry.objects.get(type="ROOM_LEFT_TO_SWEEP").level == "ERROR"
    assert sweep_rooms(now=clock.now()) == {"deleted": 0, "orphans": 0, "failed": 1}
    at_daily.control("DELETE", "faults")
    assert sweep_rooms(now=clock.now()) == {"deleted": 1, "orphans": 0, "failed": 0}
    assert names(daily) == set()


def test_a_refusal_for_good_is_seen_at_once(booking, room, settings):
    """PW-2: a wrong key is not tried again by the job."""
    settings.DAILY_API_KEY = "wrong"
    with transaction.atomic():
        cancel_call(call_id=booking.call_id, now=clock.now())
    assert run_jobs(but=MAILS) == [DELETE_ROOM]
    assert Room.objects.get().delete_attempts == 1
    assert LogEntry.objects.filter(type="ROOM_LEFT_TO_SWEEP").count() == 1


def test_a_replaced_room_waits_until_nobody_is_inside(booking, room, daily):
    """CA-7: staff moved the call while the fan was in the old room."""
    now = clock.now()
    come_in(room, booking.fan, now)
    old = replaced(booking, now)
    assert run_jobs(but=MAILS) == []
    assert (names(daily), jobs()) == ({room.name}, 1), "it is looked at again"
    end_sessions(room=old, at=now + MINUTE, ended="left")
    assert delete_room(room_id=old.pk, now=now + 2 * MINUTE).state == RoomState.GONE
    assert names(daily) == set()
    assert call_of(booking).room.provider == Provider.BUILT_IN, "the call keeps its new room"


def test_nobody_can_hold_a_room_for_ever(booking, room, daily):
    """CA-7: Daily never told that the fan had left."""
    come_in(room, booking.fan, clock.now())
    old, over = replaced(booking, clock.now()), booking.call.ends_at + HOUR
    assert delete_room(room_id=old.pk, now=over - MINUTE).gone_at is None
    assert sweep_rooms(now=over) == {"deleted": 2, "orphans": 0, "failed": 0}  # this one and the built-in one
    assert names(daily) == set()


def test_the_mailbox_of_a_built_in_room_goes_with_it(booking, room):
    """CA-7: what two browsers told each other about their network."""
    replaced(booking, clock.now())
    new = call_of(booking).room
    presence = note_session(room=new, session="one", person_id=booking.fan_id, joined_at=clock.now())
    Signal.objects.create(room=new, sender=presence, to=presence, payload={})
    assert sweep_rooms(now=booking.call.ends_at + HOUR)["failed"] == 0
    assert (Signal.objects.count(), Room.objects.filter(gone_at=None).count()) == (0, 0)


class TestUnderWay:
    """A room that is given up while Daily makes it: none is left that nobody knows."""

    def cancel_and_delete(self, booking: Booking) -> None:
        with transaction.atomic():
            cancel_call(call_id=booking.call_id, now=clock.now())
        assert run_jobs(but=MAILS) == []
        assert Room.objects.get().state == RoomState.GONE

    def test_never_made(self, booking, daily):
        """CA-7: its job does nothing any more."""
        self.cancel_and_delete(booking)
        assert run_jobs(but=MAILS) == []
        assert names(daily) == set()

    @pytest.mark.parametrize("answer", ["came", "was lost"])
    def test_made_after_its_deletion(self, booking, daily, monkeypatch, answer):
        """CA-7: the answer of Daily comes last, or never; the second deletion finds the room."""
        real = gateway.create_room

        def late(*, request):
            self.cancel_and_delete(booking)
            made = real(request=request)
            if answer == "was lost":
                raise ProviderError("daily", ProviderTrouble.TEMPORARY, "network")
            return made

        monkeypatch.setattr(gateway, "create_room", late)
        try:
            create_room(room_id=booking.call.room_id, now=clock.now())
        except ProviderError:
            assert answer == "was lost"
        assert len(names(daily)) == 1
        assert run_jobs(but=MAILS) == []
        assert (names(daily), Room.objects.get().state) == (set(), RoomState.GONE)

    def test_made_during_its_deletion(self, booking, daily, monkeypatch):
        """CA-7: Daily knew no such room yet, and when that is written down it has one."""
        real = gateway.delete_room

        def early(*, name):
            real(name=name)
            monkeypatch.setattr(gateway, "delete_room", real)
            request = rooms.RoomRequest(
                name=name, opens_at=clock.now(), closes_at=clock.now() + HOUR, max_participants=2
            )
            rooms._note_room(booking.call.room_id, gateway.create_room(request=request).url, clock.now())

        monkeypatch.setattr(gateway, "delete_room", early)
        with transaction.atomic():
            cancel_call(call_id=booking.call_id, now=clock.now())
        delete_room(room_id=booking.call.room_id, now=clock.now())
        assert len(names(daily)) == 1
        assert run_jobs(but=MAILS) == []
        assert (names(daily), Room.objects.get().state) == (set(), RoomState.GONE)

    def test_one_that_a_dead_process_left_behind(self, booking, daily):
        """CA-7: the sweep finds it by its name, which no living row has."""
        self.cancel_and_delete(booking)
        daily.room(Room.objects.get().name, exp=in_seconds(3600))
        assert sweep_rooms(now=clock.now() + 11 * MINUTE) == {"deleted": 0, "orphans": 1, "failed": 0}
        assert names(daily) == set()


class TestSweep:
    """What Daily lists and no call knows."""

    def test_orphans_go_strangers_and_new_ones_stay(self, booking, room, daily):
        """CA-7: only rooms with our prefix, and not what is being made just now."""
        daily.room(f"{ROOM_PREFIX}lost", exp=in_seconds(3600))
        daily.room("somebody-elses", exp=in_seconds(3600))
        assert sweep_rooms(now=clock.now() + 9 * MINUTE) == {"deleted": 0, "orphans": 0, "failed": 0}
        assert len(names(daily)) == 3
        assert sweep_rooms(now=clock.now() + 11 * MINUTE) == {"deleted": 0, "orphans": 1, "failed": 0}
        assert names(daily) == {room.name, "somebody-elses"}

    def test_one_failure_stops_nothing_an_outage_does(self, booking, room, daily, at_daily):
        """CA-7, PW-2: after three in a row the next run goes on."""
        for number in range(6):
            daily.room(f"{ROOM_PREFIX}{number}", exp=in_seconds(3600))
        soon = clock.now() + 11 * MINUTE
        at_daily.control("POST", "faults", {"match": "DELETE /v1/rooms", "kind": "500"})
        assert sweep_rooms(now=soon) == {"deleted": 0, "orphans": 5, "failed": 1}
        for number in range(5):
            daily.room(f"{ROOM_PREFIX}more{number}", exp=in_seconds(3600))
        at_daily.control("POST", "faults", {"match": "DELETE /v1/rooms", "kind": "500", "times": 3})
        assert sweep_rooms(now=soon) == {"deleted": 0, "orphans": 0, "failed": 3}
        at_daily.control("POST", "faults", {"match": "GET /v1/rooms", "kind": "500"})
        assert sweep_rooms(now=soon) == {"deleted": 0, "orphans": 0, "failed": 1}
        assert sweep_rooms(now=soon) == {"deleted": 0, "orphans": 6, "failed": 0}
        assert names(daily) == {room.name}


def test_many_ended_calls_in_one_run(transactional_db, at_daily, daily):
    """CA-7: whether their rooms are still at Daily or not."""
    now = clock.now()
    calls = [
        schedule_call(
            title="Ask me",
            fan_id=new_id(),
            creator_user_id=new_id(),
            starts_at=now - 3 * HOUR,
            ends_at=now - 2 * HOUR,
            now=now,
        )
        for _ in range(100)
    ]
    at_host = [call.room.name for call in calls[:15]]

    def make(name: str) -> None:
        daily.send("POST", "/rooms", json={"name": name, "properties": {"exp": in_seconds(3600)}})

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(make, [*at_host, "somebody-elses"]))
    assert daily.ok("GET", "/rooms")["total_count"] == 16
    assert sweep_rooms(now=now) == {"deleted": 100, "orphans": 0, "failed": 0}
    assert names(daily) == {"somebody-elses"}
    assert Room.objects.filter(gone_at=None).count() == Call.objects.exclude(room=None).count() == 0

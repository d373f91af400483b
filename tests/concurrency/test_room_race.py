"""One room, whoever hurries: threads with connections of their own (CA-1, CA-2, CA-7, PW-1)."""

from datetime import timedelta
from threading import Barrier, Event, Thread

import pytest
from django.db import connections, transaction

from callastar.calls.models import Call, CallEvent, Provider, Room, RoomState
from callastar.calls.operations import rooms
from callastar.calls.operations.cleanup import delete_room, sweep_rooms
from callastar.calls.operations.rooms import create_room, fall_back, rescue_rooms
from callastar.calls.operations.schedule import cancel_call
from callastar.core import clock
from callastar.core.errors import ProviderError, ProviderTrouble
from callastar.mail.models import EmailLog
from callastar.notifications.models import Notification
from callastar.providers.daily import gateway
from tests.bookings import confirmed
from tests.concurrency.test_reserve_race import AT_ONCE, all_at_once
from tests.contract.daily_api import DailyApi
from tests.factories import make_admin, make_offer, make_user
from tests.jobs import run_jobs

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
MAILS = ("mail.send_email",)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def call(at_daily) -> Call:
    """Of a paid booking, in ten minutes; its room is wanted."""
    booking = confirmed(make_offer(starts_at=clock.now() + 10 * MINUTE), make_user())
    return Call.objects.select_related("room").get(pk=booking.call_id)


def at_host(at_daily) -> list[str]:
    return [room["name"] for room in DailyApi(at_daily).ok("GET", "/rooms")["data"]]


@pytest.fixture
def in_trouble(call, monkeypatch) -> Call:
    """Daily has been down for five minutes."""

    def down(**_):
        raise ProviderError("daily", ProviderTrouble.TEMPORARY, "500")

    monkeypatch.setattr(gateway, "create_room", down)
    Room.objects.filter(pk=call.room_id).update(troubled_since=clock.now() - 5 * MINUTE)
    return call


def test_eight_move_a_call_once(in_trouble):
    """CA-1: jobs, doors and the minutely look at the same moment; all find the same new room, admins are told once."""
    admin, now = make_admin(), clock.now()
    acts = [
        lambda: str(fall_back(call_id=in_trouble.pk, now=now).pk),
        lambda: str(rooms.make_room(room_id=in_trouble.room_id, now=now).pk),
        lambda: "moved" if rescue_rooms(now=now)["failed"] == 0 else "failed",
        lambda: str(fall_back(call_id=in_trouble.pk, now=now).pk),
    ] * (AT_ONCE // 4)
    answers = all_at_once(acts)
    new = Room.objects.get(provider=Provider.BUILT_IN)
    assert new.state == RoomState.READY
    assert set(answers) <= {str(new.pk), "moved", str(in_trouble.room_id)}
    assert Call.objects.get().room_id == new.pk
    assert CallEvent.objects.filter(kind=CallEvent.Kind.ROOM_REPLACED).count() == 1
    assert Notification.objects.filter(recipient=admin, params__variant="call_moved").count() == 1
    assert EmailLog.objects.filter(template="call_moved_admin").count() == 1


def test_without_the_lock_it_moves_several_times(in_trouble):
    """The control: who looks first and moves then makes a room each."""
    together, now = Barrier(AT_ONCE), clock.now()

    def look_then_move() -> str:
        call = Call.objects.select_related("room").get(pk=in_trouble.pk)
        together.wait(10)
        if call.room.provider == Provider.DAILY:
            with transaction.atomic():
                rooms.replace_room(call=call, provider=Provider.BUILT_IN, why="", now=now)
        return "moved"

    all_at_once(look_then_move for _ in range(AT_ONCE))
    assert Room.objects.filter(provider=Provider.BUILT_IN).count() > 1


def make_and_give_up(call: Call) -> None:
    """All at once: the room is made, its call is cancelled, and what was deferred is done."""

    def make() -> str:
        try:
            return create_room(room_id=call.room_id, now=clock.now()).state
        except ProviderError as error:
            return error.code

    def give_up() -> str:
        with transaction.atomic():
            cancel_call(call_id=call.pk, now=clock.now())
        return delete_room(room_id=call.room_id, now=clock.now()).state

    def clean() -> str:
        return str(delete_room(room_id=call.room_id, now=clock.now()).state)

    all_at_once([make, give_up, clean, make, make, clean, make, clean])


@pytest.mark.parametrize("turn", range(4))
def test_made_and_given_up_at_once(call, at_daily, turn):
    """CA-7: whoever was first, none is left at Daily, and the row says so."""
    make_and_give_up(call)
    assert run_jobs(but=MAILS) == []
    assert at_host(at_daily) == []
    room = Room.objects.get()
    assert (room.state, room.gone_at is not None) == (RoomState.GONE, True)
    assert Call.objects.get().room is None


def slowly_made(call: Call, monkeypatch) -> None:
    """The room is given up and deleted while Daily has not answered yet."""
    asked, deleted, real = Event(), Event(), gateway.create_room

    def slow(*, request):
        asked.set()
        assert deleted.wait(10)
        return real(request=request)

    monkeypatch.setattr(gateway, "create_room", slow)

    def make() -> None:
        try:
            create_room(room_id=call.room_id, now=clock.now())
        finally:
            connections.close_all()

    thread = Thread(target=make)
    thread.start()
    assert asked.wait(10)
    with transaction.atomic():
        cancel_call(call_id=call.pk, now=clock.now())
    assert delete_room(room_id=call.room_id, now=clock.now()).state == RoomState.GONE
    deleted.set()
    thread.join(10)


def test_daily_answers_after_the_deletion(call, at_daily, monkeypatch):
    """CA-7: the one who made it sees that it is not wanted any more, and has it deleted again."""
    slowly_made(call, monkeypatch)
    assert at_host(at_daily) == [call.room.name]
    assert run_jobs(but=MAILS) == []
    assert at_host(at_daily) == []


def test_the_sweep_finds_what_a_dead_process_made(call, at_daily, monkeypatch):
    """CA-7, and the control: without that second look the room stays until it is swept up."""
    monkeypatch.setattr(rooms, "_note_room", lambda room_id, url, now: Room.objects.get(pk=room_id))
    slowly_made(call, monkeypatch)
    assert run_jobs(but=MAILS) == []
    assert at_host(at_daily) == [call.room.name]
    assert sweep_rooms(now=clock.now() + 11 * MINUTE) == {"deleted": 0, "orphans": 1, "failed": 0}
    assert at_host(at_daily) == []

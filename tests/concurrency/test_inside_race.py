"""CA-1, CA-2: whoever hurries, nobody is in a built-in room twice, and no signal is missed."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier, Event

import pytest
from django.db import connection, connections, transaction

from callastar.calls.builtin import RoomPass, read_signed
from callastar.calls.models import CallEvent, Presence
from callastar.calls.operations import inside
from callastar.calls.operations.inside import Trouble, beat, join
from callastar.calls.operations.lost import sweep_sessions
from callastar.calls.operations.signals import send_signal, signals_since
from callastar.core import clock
from tests.contract.daily_api import wait_until
from tests.rooms import BuiltInRoom, make_built_in_room

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
AT_ONCE = 6  # the pool of connections holds ten, and one is the test's


def all_at_once(*tasks):
    """What each task answers, run by threads that start together."""
    start = Barrier(len(tasks))

    def run(task):
        connection.ensure_connection()
        start.wait(10)
        try:
            return task()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(tasks)) as threads:
        return list(threads.map(run, tasks))


def ticket(room: BuiltInRoom, person) -> RoomPass:
    found = read_signed(room.token(person))
    assert found
    return found


def enter(room: BuiltInRoom, person) -> str:
    return join(ticket=ticket(room, person), name=room.name, now=clock.now()).you.session


def test_of_many_devices_one_is_inside():
    """CA-2: both people, three devices each, at once: everybody was let in, and each person's last device stayed."""
    room = make_built_in_room()
    people = [room.fan, room.creator] * (AT_ONCE // 2)
    sessions = all_at_once(*(lambda person=person: enter(room, person) for person in people))
    assert len(set(sessions)) == AT_ONCE
    live = Presence.objects.filter(left_at=None).values_list("person_id", flat=True)
    assert sorted(live) == sorted([room.fan.pk, room.creator.pk])
    assert Counter(Presence.objects.values_list("ended", flat=True)) == {"": 2, "replaced": AT_ONCE - 2}


def test_the_race_is_lost_without_the_lock():
    """CA-2, the control: reading who is inside and then writing lets one person in several times."""
    room = make_built_in_room()
    together = Barrier(AT_ONCE)

    def read_then_write() -> None:
        inside = list(Presence.objects.filter(room=room.room, person_id=room.fan.pk, left_at=None))
        together.wait(10)
        now = clock.now()
        for presence in inside:
            presence.left_at = now
            presence.save()
        Presence.objects.create(  # unseen: else the database itself would refuse it
            call=room.call,
            room=room.room,
            person_id=room.fan.pk,
            session=f"{id(connection.connection)}",
            joined_at=now,
        )

    all_at_once(*[read_then_write] * AT_ONCE)
    assert Presence.objects.filter(left_at=None).count() > 1


def test_several_sweeps_end_a_session_once():
    """CA-6: two workers, and the other person's beat: each loss is told once."""
    room = make_built_in_room()
    enter(room, room.fan)
    enter(room, room.creator)
    with clock.shifted(by=timedelta(seconds=20)):
        counts = all_at_once(*[lambda: sweep_sessions(now=clock.now())["lost"]] * AT_ONCE)
    assert sum(counts) == 2
    assert set(Presence.objects.values_list("ended", flat=True)) == {"lost"}


def waits_for_a_lock() -> bool:
    """Whether somebody in the database waits for a row that somebody else has locked."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)")
        return bool(cursor.fetchone()[0])


def test_a_beat_with_problems_and_another_device_do_not_wait_for_each_other(monkeypatch):
    """CA-1, CA-6: the beat has locked the session that the other device ends, and then refers to the call."""
    room = make_built_in_room()
    here, session = ticket(room, room.fan), enter(room, room.fan)
    beating, note = Event(), inside._note_troubles

    def late(*arguments) -> None:
        beating.set()
        wait_until(waits_for_a_lock)
        note(*arguments)

    def other_device() -> str:
        assert beating.wait(10)
        return enter(room, room.fan)

    monkeypatch.setattr(inside, "_note_troubles", late)
    trouble = [Trouble("poor")]
    _, second = all_at_once(
        lambda: beat(ticket=here, name=room.name, session=session, troubles=trouble, now=clock.now()),
        other_device,
    )
    assert CallEvent.objects.get().kind == CallEvent.Kind.POOR_CONNECTION
    assert Presence.objects.get(left_at=None).session == second


def test_a_reader_misses_no_signal():
    """CA-1: candidates are sent all at once, and read while they are written: by number, none comes later below."""
    room = make_built_in_room()
    mine, theirs = enter(room, room.fan), enter(room, room.creator)
    sending, reading = ticket(room, room.fan), ticket(room, room.creator)
    now, done, per_thread = clock.now(), Event(), 15
    waiting = Barrier(AT_ONCE - 1, action=done.set)

    def send() -> list[int]:
        numbers = [
            send_signal(ticket=sending, name=room.name, session=mine, to=theirs, payload={"n": n}, now=now)
            for n in range(per_thread)
        ]
        waiting.wait(30)
        return numbers

    def read() -> list[int]:
        found: list[int] = []
        is_last = False
        while not is_last:
            is_last = done.is_set()
            after = found[-1] if found else 0
            letters = signals_since(ticket=reading, name=room.name, session=theirs, after=after, now=now)
            found += [letter.id for letter in letters]
        return found

    *sent, got = all_at_once(*[send] * (AT_ONCE - 1), read)
    assert got == sorted(number for numbers in sent for number in numbers)


def test_numbers_are_seen_out_of_order_without_the_lock():
    """CA-1, the control: a number that was given first can be committed last, below what was already read."""
    room = make_built_in_room()
    fan, theirs = enter(room, room.fan), enter(room, room.creator)
    columns = "room_id, sender_id, to_id, payload, created_at"
    parts = [room.room.pk, *(Presence.objects.get(session=session).pk for session in (fan, theirs))]
    first_written, second_committed = Event(), Event()

    def write() -> int:
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO calls_signal ({columns}) VALUES (%s, %s, %s, '{{}}', now()) RETURNING id",
                parts,
            )
            return cursor.fetchone()[0]

    def slow() -> int:
        with transaction.atomic():
            number = write()
            first_written.set()
            second_committed.wait(10)
        return number

    def quick() -> list[int]:
        first_written.wait(10)
        number = write()
        reading = ticket(room, room.creator)
        letters = signals_since(ticket=reading, name=room.name, session=theirs, after=0, now=clock.now())
        second_committed.set()
        return [number, *(letter.id for letter in letters)]

    first, (second, *seen) = all_at_once(slow, quick)
    assert first < second
    assert seen == [second]

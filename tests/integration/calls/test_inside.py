"""CA-1, CA-6: people in a built-in room, what ends their sessions, and what goes from one browser to the other."""

from copy import copy
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from callastar.accounts.models import User
from callastar.calls import rules
from callastar.calls.builtin import RoomPass, read_signed, read_token
from callastar.calls.models import Call, CallEvent, Ended, Presence, Signal
from callastar.calls.operations import inside, lost, signals
from callastar.calls.operations.inside import Place, Pulse, Trouble
from callastar.core import clock
from callastar.core.errors import Refusal
from tests.jobs import run_periodic
from tests.rooms import MINUTE, BuiltInRoom, add_room, make_built_in_room

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)


class Visitor:
    """Somebody with a token, in front of the room or in it."""

    def __init__(self, built_in: BuiltInRoom, person: User) -> None:
        self.room, self.person, self.session = built_in, person, ""
        self.ticket = _read(built_in.token(person))

    def join(self, now: datetime) -> Place:
        place = inside.join(ticket=self.ticket, name=self.room.name, now=now)
        self.session = place.you.session
        return place

    def beat(self, now: datetime, *troubles: Trouble) -> Pulse:
        return inside.beat(
            ticket=self.ticket, name=self.room.name, session=self.session, troubles=troubles, now=now
        )

    def leave(self, now: datetime) -> None:
        inside.leave(ticket=self.ticket, name=self.room.name, session=self.session, now=now)

    def send(self, to: str, now: datetime, payload: object = None) -> int:
        return signals.send_signal(
            ticket=self.ticket,
            name=self.room.name,
            session=self.session,
            to=to,
            payload={} if payload is None else payload,
            now=now,
        )

    def fetch(self, now: datetime, after: int = 0) -> list[signals.Letter]:
        found = signals.signals_since(
            ticket=self.ticket, name=self.room.name, session=self.session, after=after, now=now
        )
        return list(found)

    @property
    def presence(self) -> Presence:
        return Presence.objects.get(session=self.session)


def _read(token: str) -> RoomPass:
    found = read_signed(token)
    assert found
    return found


def code_of(action, *arguments) -> str:
    """The code of the refusal of something, and its status."""
    with pytest.raises(Refusal) as refused, transaction.atomic():
        action(*arguments)
    return f"{int(refused.value.status)} {refused.value.code}"


def everything() -> tuple[list, int, int]:
    """All that somebody in a room could change."""
    sessions = Presence.objects.order_by("pk").values_list("session", "left_at", "ended", "seen_at")
    return list(sessions), Signal.objects.count(), CallEvent.objects.count()


@pytest.fixture
def room() -> BuiltInRoom:
    """A call that begins in a minute."""
    return make_built_in_room()


@pytest.fixture
def now(room: BuiltInRoom) -> datetime:
    return clock.now()


@pytest.fixture
def fan(room: BuiltInRoom) -> Visitor:
    return Visitor(room, room.fan)


@pytest.fixture
def creator(room: BuiltInRoom) -> Visitor:
    return Visitor(room, room.creator)


def test_two_meet(fan: Visitor, creator: Visitor, now: datetime) -> None:
    """CA-1: each knows who else is there; names are the accounts', and exactly one of the two is polite."""
    first = fan.join(now)
    assert (first.you.side, first.you.name) == ("fan", "Noa")
    assert (first.other.side, first.other.name, first.other.session) == ("creator", "Zoé Amadou", "")
    second = creator.join(now + SECOND)
    assert second.other.session == fan.session
    assert {first.is_polite, second.is_polite} == {True, False}
    pulse = fan.beat(now + 5 * SECOND)
    assert (pulse.is_here, pulse.ended, pulse.other.session) == (True, "", creator.session)
    assert fan.presence.person_id == fan.person.pk
    assert fan.presence.seen_at == now + 5 * SECOND


def test_leaving_ends_the_session_for_good(fan: Visitor, creator: Visitor, now: datetime) -> None:
    """CA-6: said again, or a beat that was still under way, changes nothing."""
    fan.join(now)
    creator.join(now)
    fan.leave(now + 4 * SECOND)
    before = everything()
    fan.leave(now + 8 * SECOND)
    pulse = fan.beat(now + 9 * SECOND)
    assert (pulse.is_here, pulse.ended) == (False, Ended.LEFT)
    assert everything() == before
    assert (fan.presence.left_at, fan.presence.ended) == (now + 4 * SECOND, Ended.LEFT)
    assert creator.beat(now + 10 * SECOND).other.session == ""


def test_another_device_takes_over(room: BuiltInRoom, fan: Visitor, now: datetime) -> None:
    """CA-1, CA-2: two places, one session a person; the earlier one is told that it was replaced."""
    phone = Visitor(room, room.fan)
    fan.join(now)
    phone.join(now + 3 * SECOND)
    pulse = fan.beat(now + 5 * SECOND)
    assert (pulse.is_here, pulse.ended) == (False, Ended.REPLACED)
    assert fan.presence.left_at == phone.presence.joined_at == now + 3 * SECOND
    assert phone.beat(now + 6 * SECOND).is_here


def test_the_database_knows_one_live_session_a_person(room: BuiltInRoom, fan: Visitor, now: datetime) -> None:
    """CA-2: whatever a program does. What Daily tells may come in any order and is not held to it."""
    fan.join(now)
    second = {"call": room.call, "room": room.room, "person_id": room.fan.pk, "joined_at": now}
    with pytest.raises(IntegrityError, match="one_live_session"), transaction.atomic():
        Presence.objects.create(session="second", seen_at=now, **second)
    Presence.objects.create(session="from Daily", **second)


def test_silence_of_fifteen_seconds_is_a_loss(fan: Visitor, creator: Visitor, now: datetime) -> None:
    """CA-6: the other's beat notices. The session lasted until its last sign of life; a new one may follow."""
    fan.join(now)
    creator.join(now)
    fan.beat(now + 5 * SECOND)
    for seconds in (5, 10, 15, 20):
        assert creator.beat(now + seconds * SECOND).other.session == fan.session
    assert creator.beat(now + 20.01 * SECOND).other.session == ""
    assert (fan.presence.left_at, fan.presence.ended) == (now + 5 * SECOND, Ended.LOST)
    pulse = fan.beat(now + 21 * SECOND)
    assert (pulse.is_here, pulse.ended) == (False, Ended.LOST)
    assert fan.join(now + 22 * SECOND).other.session == creator.session
    assert Presence.objects.filter(person_id=fan.person.pk).count() == 2


def test_late_news_does_not_lengthen_a_session(fan: Visitor, now: datetime) -> None:
    """CA-6, BK-9: a browser that was cut off for ten minutes was not there, whatever it says afterwards."""
    fan.join(now)
    fan.beat(now + 5 * SECOND)
    fan.leave(now + 10 * MINUTE)
    assert (fan.presence.left_at, fan.presence.ended) == (now + 5 * SECOND, Ended.LOST)
    fan.join(now + 11 * MINUTE)
    assert not fan.beat(now + 20 * MINUTE).is_here
    assert fan.presence.left_at == now + 11 * MINUTE


def test_a_job_ends_what_nobody_asks_for(fan: Visitor, creator: Visitor, now: datetime) -> None:
    """CA-6: both gone without a word, as when a laptop is closed; the job has nothing to do before and after."""
    fan.join(now)
    creator.join(now)
    assert lost.sweep_sessions(now=now + 15 * SECOND) == {"lost": 0, "signals": 0}
    creator.beat(now + 10 * SECOND)
    with clock.shifted(by=20 * SECOND):
        run_periodic("sweep-sessions")
    assert (fan.presence.ended, creator.presence.ended) == (Ended.LOST, "")
    assert lost.sweep_sessions(now=now + MINUTE) == {"lost": 1, "signals": 0}
    assert creator.presence.left_at == now + 10 * SECOND
    assert lost.sweep_sessions(now=now + MINUTE) == {"lost": 0, "signals": 0}


def test_sessions_at_daily_are_not_swept(room: BuiltInRoom, now: datetime) -> None:
    """CA-6: Daily says itself when somebody left."""
    at_daily = Presence.objects.create(
        call=room.call, room=room.room, person_id=room.fan.pk, session="x", joined_at=now
    )
    assert lost.sweep_sessions(now=now + HOUR)["lost"] == 0
    at_daily.refresh_from_db()
    assert at_daily.left_at is None


def test_signals_come_in_order_to_whom_they_are_for(fan: Visitor, creator: Visitor, now: datetime) -> None:
    """CA-1: until they are fetched, and again to who asks again; a session that came back has a mailbox of its own."""
    fan.join(now)
    creator.join(now)
    sent = [fan.send(creator.session, now, {"n": n, "text": "\\u0000 ≠ é 🎥"}) for n in range(3)]
    assert sent == sorted(sent)
    letters = creator.fetch(now)
    assert [(one.id, one.sender, one.payload["n"]) for one in letters] == [
        (pk, fan.session, n) for n, pk in enumerate(sent)
    ]
    assert letters[0].payload["text"] == "\\u0000 ≠ é 🎥"
    assert [one.id for one in creator.fetch(now, after=sent[0])] == sent[1:]
    assert creator.fetch(now, after=sent[2]) == []
    assert fan.fetch(now) == []
    creator.join(now + SECOND)
    assert creator.fetch(now + SECOND) == []


def test_signals_are_forgotten_after_an_hour(fan: Visitor, creator: Visitor, now: datetime) -> None:
    """CA-1: they name addresses of people's networks."""
    fan.join(now)
    creator.join(now)
    fan.send(creator.session, now)
    fan.beat(now + SECOND)
    assert lost.sweep_sessions(now=now + HOUR - SECOND)["signals"] == 0
    assert lost.sweep_sessions(now=now + HOUR + SECOND)["signals"] == 1
    assert not Signal.objects.exists()


def nested(levels: int) -> Any:
    """An object with lists within each other, so many levels in all."""
    found: Any = 1
    for _ in range(levels - 1):
        found = [found]
    return {"x": found}


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        ({"x": "y" * rules.LONGEST_SIGNAL}, "413 signal_too_large"),
        ({"x": "é" * (rules.LONGEST_SIGNAL // 2)}, "413 signal_too_large"),
        ({"x": "a\x00b"}, "422 signal_invalid"),
        ({"\x00": 1}, "422 signal_invalid"),
        ({"x": "\\\x00"}, "422 signal_invalid"),
        ({"x": "\ud800"}, "422 signal_invalid"),
        ({"x": float("nan")}, "422 signal_invalid"),
        ({"x": [{"a\x00": []}]}, "422 signal_invalid"),
        (nested(21), "422 signal_invalid"),
        (nested(300), "422 signal_invalid"),
        (nested(5000), "422 signal_invalid"),
    ],
)
def test_what_cannot_be_kept_is_refused(fan, creator, now, payload, code) -> None:
    """SE-3: by name, and not by the database."""
    fan.join(now)
    creator.join(now)
    before = everything()
    assert code_of(fan.send, creator.session, now, payload) == code
    assert everything() == before
    fan.send(creator.session, now, {"x": "y" * (rules.LONGEST_SIGNAL - 10)})
    fan.send(creator.session, now, nested(rules.DEEPEST_SIGNAL))


def test_a_session_sends_two_thousand_signals_at_most(fan, creator, now) -> None:
    """SE-3: something that runs in circles does not fill the database; the other can still answer."""
    fan.join(now)
    creator.join(now)
    one = Signal(room=fan.room.room, sender=fan.presence, to=creator.presence, payload={})
    Signal.objects.bulk_create([copy(one) for _ in range(rules.MOST_SIGNALS - 1)])
    fan.send(creator.session, now)
    assert code_of(fan.send, creator.session, now) == "429 too_many_signals"
    assert Signal.objects.count() == rules.MOST_SIGNALS
    assert len(creator.fetch(now)) == signals.MOST_AT_ONCE
    assert creator.send(fan.session, now)


def test_signals_need_both_sessions(room, fan, creator, now) -> None:
    """CA-1: one's own, alive; the other's, alive; never somebody else's."""
    assert code_of(fan.fetch, now) == "404 session_not_found"
    fan.join(now)
    creator.join(now)
    elsewhere = make_built_in_room()
    third = Visitor(elsewhere, elsewhere.fan)
    third.join(now)
    before = everything()
    for nobody in (fan.session, third.session, str(uuid4()), "x"):
        assert code_of(fan.send, nobody, now) == "409 other_not_here"
    fan.session, mine = creator.session, fan.session
    assert code_of(fan.fetch, now) == code_of(fan.send, mine, now) == "404 session_not_found"
    assert code_of(fan.beat, now) == code_of(fan.leave, now) == "404 session_not_found"
    fan.session = mine
    assert everything() == before
    late = now + 16 * SECOND
    assert code_of(fan.fetch, late) == code_of(fan.send, creator.session, late) == "409 session_over"


def test_problems_are_noted_once_a_minute(fan: Visitor, creator: Visitor, now: datetime) -> None:
    """CA-6: each kind, of each session, in the browser's words."""
    fan.join(now)
    creator.join(now)
    poor, device = Trouble("poor", "rtt 900 ms"), Trouble("device", "NotReadableError")
    fan.beat(now + SECOND, poor, poor, device, Trouble("lost", seconds=7))
    fan.beat(now + 5 * SECOND, poor, Trouble("back"))
    creator.beat(now + 5 * SECOND, poor)
    kinds = list(CallEvent.objects.filter(person_id=fan.person.pk).values_list("kind", flat=True))
    assert sorted(kinds) == ["CONNECTION_BACK", "CONNECTION_LOST", "DEVICE_PROBLEM", "POOR_CONNECTION"]
    assert CallEvent.objects.get(person_id=creator.person.pk).kind == "POOR_CONNECTION"
    noted = CallEvent.objects.get(person_id=fan.person.pk, kind="CONNECTION_LOST")
    assert (noted.room_id, noted.at) == (fan.room.room.pk, now + SECOND)
    assert noted.details == {"session": fan.session, "seconds": 7}
    for seconds in range(10, 60, 10):
        fan.beat(now + seconds * SECOND)
    fan.beat(now + 61.5 * SECOND, poor)
    assert CallEvent.objects.filter(person_id=fan.person.pk, kind="POOR_CONNECTION").count() == 2
    fan.leave(now + 62 * SECOND)
    fan.beat(now + 200 * SECOND, device)
    assert CallEvent.objects.count() == 6


def test_an_old_token_opens_no_door_and_throws_nobody_out(room, fan, creator, now) -> None:
    """CA-3: good for an hour at the door; a call of three hours goes on."""
    Call.objects.filter(pk=room.call.pk).update(ends_at=now + 3 * HOUR)
    token = room.token(room.fan, expires_at=now + 10 * SECOND)
    fan.ticket = _read(token)
    fan.join(now)
    creator.join(now)
    late = now + 14 * SECOND
    assert fan.beat(late).is_here
    assert fan.send(creator.session, late)
    before = everything()
    assert code_of(fan.join, late) == "401 room_token_invalid"
    assert everything() == before
    with clock.shifted(by=15 * SECOND):
        assert read_token(token) is None


@pytest.mark.parametrize(
    ("minutes", "code"),
    [(-20, "403 call_not_open_yet"), (-15.01, "403 call_not_open_yet"), (45.01, "403 call_over")],
)
def test_the_door_is_open_around_the_call_only(minutes: float, code: str) -> None:
    """CA-3: with a token that is good for longer, too."""
    room = make_built_in_room()
    fan = Visitor(room, room.fan)
    fan.ticket = _read(room.token(room.fan, expires_at=clock.now() + 9 * HOUR))
    before = everything()
    assert code_of(fan.join, room.call.starts_at + minutes * MINUTE) == code
    assert everything() == before
    assert fan.join(room.call.starts_at + 44.9 * MINUTE).you.session


def test_closing_ends_the_sessions(room, fan, creator, now) -> None:
    """CA-3: 15 minutes after the end, when the call is cancelled, and when it gets another room."""
    closes = rules.closes_at(room.call.ends_at)
    fan.ticket = _read(room.token(room.fan, expires_at=now + 9 * HOUR))
    fan.join(closes - 5 * SECOND)
    assert (fan.beat(closes).is_here, fan.beat(closes + SECOND).is_here) == (True, False)
    assert (fan.presence.ended, fan.presence.left_at) == (Ended.MEETING, closes + SECOND)

    creator.join(now)
    other = add_room(room.call)
    Call.objects.filter(pk=room.call.pk).update(room=other)
    assert (creator.beat(now).is_here, creator.presence.ended) == (False, Ended.MEETING)
    assert code_of(creator.join, now) == code_of(creator.fetch, now) == "409 room_moved"

    Call.objects.filter(pk=room.call.pk).update(room=room.room)
    creator.join(now)
    Call.objects.filter(pk=room.call.pk).update(room=None, cancelled_at=now)
    assert (creator.beat(now).is_here, creator.presence.ended) == (False, Ended.MEETING)
    assert code_of(creator.join, now) == "403 call_over"

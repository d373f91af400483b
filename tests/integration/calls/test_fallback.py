"""A paid call takes place even with Daily down: it moves to a built-in room in time, and not for a trifle (CA-1)."""

from datetime import datetime, timedelta

import pytest

from callastar.bookings.models import Booking
from callastar.bookings.operations.enter import entry_to, room_of
from callastar.calls.models import Call, CallEvent, Ended, Presence, Provider, Room, RoomState
from callastar.calls.operations import schedule
from callastar.calls.operations.presence import note_session
from callastar.calls.operations.rooms import make_room, rescue_rooms
from callastar.calls.queries import turned_away
from callastar.core import clock
from callastar.core.errors import ProviderError, ProviderTrouble, Refusal
from callastar.mail.models import EmailLog
from callastar.notifications.models import Notification
from callastar.providers.daily import gateway
from tests.bookings import confirmed
from tests.factories import make_admin, make_offer, make_user
from tests.jobs import run_jobs

MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)
MAILS = ("mail.send_email", "calls.delete_room")
DOWN = ["500", "429", "timeout", "drop_before", "refused", "key"]


def room_now(booking: Booking) -> Room:
    room = Call.objects.select_related("room").get(pk=booking.call_id).room
    assert room is not None
    return room


@pytest.fixture
def admin(transactional_db):
    return make_admin()


@pytest.fixture
def break_daily(at_daily, settings):
    """Let Daily fail in one of the ways it can, or (`mend`) be well again."""
    address, key, patience = settings.DAILY_API_URL, settings.DAILY_API_KEY, settings.PROVIDER_TIMEOUT_SECONDS

    def act(how: str, match: str = "POST /v1/rooms") -> None:
        settings.DAILY_API_URL = "http://127.0.0.1:9/v1" if how == "refused" else address
        settings.DAILY_API_KEY = "wrong" if how == "key" else key
        settings.PROVIDER_TIMEOUT_SECONDS = 0.25 if how == "timeout" else patience
        at_daily.control("DELETE", "faults")
        if how not in {"refused", "key", "mend"}:
            at_daily.control("POST", "faults", {"match": match, "kind": how, "times": 500})

    return act


def told(admin) -> tuple[int, int]:
    """How often an admin was told in the app, and by mail."""
    notified = Notification.objects.filter(recipient=admin, params__variant="call_moved").count()
    return notified, EmailLog.objects.filter(recipient=admin, template="call_moved_admin").count()


def try_to_make(booking: Booking, now: datetime) -> None:
    with pytest.raises(ProviderError):
        make_room(room_id=room_now(booking).pk, now=now)


@pytest.mark.parametrize("how", DOWN)
def test_daily_down_from_confirmation_on(booking, admin, daily, break_daily, how):
    """CA-1: half an hour before, the call has a built-in room that both enter; admins are told once."""
    break_daily(how)
    try_to_make(booking, booking.starts_at - 110 * MINUTE)
    rescue_rooms(now=booking.starts_at - 31 * MINUTE)
    assert (room_now(booking).provider, told(admin)) == (Provider.DAILY, (0, 0))
    assert rescue_rooms(now=booking.starts_at - 30 * MINUTE) == {"works": 0, "moved": 1, "failed": 0}
    room = room_now(booking)
    assert (room.provider, room.state) == (Provider.BUILT_IN, RoomState.READY)
    for minutes in (29, 20):
        assert rescue_rooms(now=booking.starts_at - minutes * MINUTE)["moved"] == 0
    assert run_jobs(but=MAILS) == []
    for person in (booking.fan, booking.creator.user):
        entry = entry_to(booking_id=booking.pk, person=person, now=booking.starts_at - 10 * MINUTE)
        assert (entry.provider, entry.room_name) == (Provider.BUILT_IN, room.name)
        assert entry.token
    assert told(admin) == (1, 1)
    break_daily("mend")
    assert daily.ok("GET", "/rooms")["data"] == []


@pytest.mark.parametrize("how", DOWN)
def test_a_trouble_of_a_minute_moves_nothing(booking, admin, daily, break_daily, how):
    """CA-1, CA-2: the room is made at Daily, once. A refusal for good is not waited for."""
    begin = booking.starts_at - 25 * MINUTE
    break_daily(how)
    if how == "key":
        assert make_room(room_id=room_now(booking).pk, now=begin).provider == Provider.BUILT_IN
        return
    for seconds in (0, 5, 30, 60):
        try_to_make(booking, begin + seconds * SECOND)
        rescue_rooms(now=begin + seconds * SECOND)
    break_daily("mend")
    assert rescue_rooms(now=begin + 120 * SECOND) == {"works": 1, "moved": 0, "failed": 0}
    room = room_now(booking)
    assert (room.provider, room.state, room.troubled_since) == (Provider.DAILY, RoomState.READY, None)
    assert [each["name"] for each in daily.ok("GET", "/rooms")["data"]] == [room.name]
    assert (Room.objects.count(), told(admin)) == (1, (0, 0))


def test_confirmed_five_minutes_before_with_daily_down(transactional_db, at_daily, admin, break_daily):
    """CA-1: its own job moves it after two minutes, while it waits for its next try."""
    break_daily("500")
    begin = clock.now()
    booking = confirmed(make_offer(starts_at=begin + 5 * MINUTE), make_user())
    try_to_make(booking, begin)
    with pytest.raises(Refusal, match="room_unavailable"):
        entry_to(booking_id=booking.pk, person=booking.fan, now=begin + 60 * SECOND)
    assert turned_away(booking.call) == {booking.fan_id}, "nobody will say that they did not come"
    try_to_make(booking, begin + 110 * SECOND)
    moved = make_room(room_id=room_now(booking).pk, now=begin + 120 * SECOND)
    assert (moved.provider, moved.state) == (Provider.BUILT_IN, RoomState.READY)
    old = Room.objects.exclude(pk=moved.pk).get()
    assert make_room(room_id=old.pk, now=begin + 130 * SECOND).state == RoomState.WANTED  # of no use any more
    assert room_now(booking) == moved
    assert entry_to(booking_id=booking.pk, person=booking.fan, now=begin + 140 * SECOND).token
    assert told(admin) == (1, 1)


def test_who_stands_at_the_door_is_let_into_the_new_room(booking, admin, break_daily):
    """CA-1, CA-3: the second page asks, two minutes after the first one was turned away."""
    break_daily("500", "* /v1/*")
    now = booking.starts_at - 10 * MINUTE
    for ask in (entry_to, room_of):
        with pytest.raises(Refusal, match="room_unavailable"):
            ask(booking_id=booking.pk, person=booking.fan, now=now)
    assert room_of(booking_id=booking.pk, person=booking.creator.user, now=now + 2 * MINUTE).url
    assert room_now(booking).provider == Provider.BUILT_IN


class TestTokens:
    """The room is at Daily, but nobody gets a token for it."""

    @pytest.fixture
    def at_the_door(self, booking, break_daily):
        make_room(room_id=room_now(booking).pk, now=clock.now())
        break_daily("500", "POST /v1/meeting-tokens")
        self.now = booking.starts_at - 10 * MINUTE
        with pytest.raises(Refusal, match="room_unavailable"):
            entry_to(booking_id=booking.pk, person=booking.fan, now=self.now)
        return booking

    def come_in(self, booking: Booking, person, now: datetime) -> Presence:
        room = room_now(booking)
        presence = note_session(room=room, session=str(person.pk), person_id=person.pk, joined_at=now)
        assert presence is not None
        return presence

    def test_moves_after_two_minutes(self, at_the_door, admin):
        """CA-1: by the minutely job, if nobody asks again."""
        assert rescue_rooms(now=self.now + MINUTE)["moved"] == 0
        assert rescue_rooms(now=self.now + 2 * MINUTE)["moved"] == 1
        assert room_now(at_the_door).provider == Provider.BUILT_IN
        assert told(admin) == (1, 1)
        assert Room.objects.get(provider=Provider.DAILY).unwanted_at == self.now + 2 * MINUTE

    def test_stays_while_both_are_inside(self, at_the_door, admin):
        """CA-1: both came in by tokens that they had; what they do not ask for fails them not."""
        people = (at_the_door.fan, at_the_door.creator.user)
        sessions = [self.come_in(at_the_door, person, self.now + SECOND) for person in people]
        for minutes in (2, 5, 12):
            assert rescue_rooms(now=self.now + minutes * MINUTE)["moved"] == 0
        assert self.stayed(at_the_door, sessions)
        assert told(admin) == (0, 0)

    def test_stays_while_the_other_has_not_come(self, at_the_door):
        """CA-1: the fan who was turned away got in after all; the creator has not tried, and loses nothing."""
        session = self.come_in(at_the_door, at_the_door.fan, self.now + SECOND)
        for minutes in (2, 5, 12):
            assert rescue_rooms(now=self.now + minutes * MINUTE)["moved"] == 0
        assert self.stayed(at_the_door, [session])

    def stayed(self, booking: Booking, sessions: list[Presence]) -> bool:
        """Whether the call is at Daily still, and these people are inside."""
        still_inside = Presence.objects.filter(left_at=None).count() == len(sessions)
        return still_inside and room_now(booking).provider == Provider.DAILY

    def test_moves_from_one_who_waits_alone_to_the_other_at_the_door(self, at_the_door, admin, monkeypatch):
        """CA-1, CA-3: the creator talks to nobody there; their page is told, and both enter the new room."""
        published = []
        monkeypatch.setattr(schedule, "publish_call", lambda **news: published.append(news))
        creator = at_the_door.creator.user
        session = self.come_in(at_the_door, creator, self.now - MINUTE)
        with pytest.raises(Refusal, match="room_unavailable"):
            entry_to(booking_id=at_the_door.pk, person=at_the_door.fan, now=self.now + 119 * SECOND)
        assert (room_now(at_the_door).provider, published) == (Provider.DAILY, [])
        later = self.now + 2 * MINUTE
        entry = entry_to(booking_id=at_the_door.pk, person=at_the_door.fan, now=later)
        assert (entry.provider, published) == (
            Provider.BUILT_IN,
            [{"call_id": at_the_door.call_id, "what": "room"}],
        )
        assert entry_to(booking_id=at_the_door.pk, person=creator, now=later).room_name == entry.room_name
        assert told(admin) == (1, 1)
        session.refresh_from_db()
        assert session.left_at is None, "Daily says when they have left the old room"

    def test_who_was_lost_and_turned_away_is_not_inside(self, at_the_door):
        """CA-1: Daily died with both inside, and told nobody that they had left."""
        people = (at_the_door.fan, at_the_door.creator.user)
        sessions = [self.come_in(at_the_door, person, self.now + SECOND) for person in people]
        for person in people:
            with pytest.raises(Refusal, match="room_unavailable"):
                entry_to(booking_id=at_the_door.pk, person=person, now=self.now + 30 * SECOND)
        assert rescue_rooms(now=self.now + 3 * MINUTE)["moved"] == 1
        for session in sessions:
            session.refresh_from_db()
            assert (session.ended, session.left_at is not None) == (Ended.LOST, True)

    def test_one_bad_answer_is_forgotten_once_daily_works(self, at_the_door, admin, break_daily):
        """CA-1: the fan went away and did not try again; the job did, for itself."""
        break_daily("mend")
        assert rescue_rooms(now=self.now + 5 * MINUTE) == {"works": 1, "moved": 0, "failed": 0}
        room = room_now(at_the_door)
        assert (room.provider, room.troubled_since, told(admin)) == (Provider.DAILY, None, (0, 0))

    def test_the_log_has_each_trouble_once(self, at_the_door):
        """CA-6: not each of the tries of a page that tries every few seconds."""
        for seconds in range(5):
            with pytest.raises(Refusal):
                entry_to(booking_id=at_the_door.pk, person=at_the_door.fan, now=self.now + seconds * SECOND)
        events = CallEvent.objects.filter(kind=CallEvent.Kind.ROOM_FAILED)
        assert [event.person_id for event in events] == [at_the_door.fan_id]
        assert room_now(at_the_door).attempts == 6


def test_a_call_whose_job_was_lost_gets_its_room(booking, daily):
    """CA-2: nobody ever tried."""
    assert rescue_rooms(now=booking.starts_at - 20 * MINUTE) == {"works": 1, "moved": 0, "failed": 0}
    assert [each["name"] for each in daily.ok("GET", "/rooms")["data"]] == [room_now(booking).name]


def test_an_outage_is_not_waited_for_call_by_call(transactional_db, at_daily, monkeypatch):
    """CA-1: after three failures in a row the others move without another try; one that breaks stops none."""
    starts_at = clock.now() + 60 * MINUTE
    for _ in range(6):
        booking = confirmed(make_offer(starts_at=starts_at), make_user())
        Room.objects.filter(pk=booking.call.room_id).update(troubled_since=clock.now())
    tries = []

    def fail(*, request):
        tries.append(request.name)
        if len(tries) == 1:
            raise RuntimeError("broken")
        raise ProviderError("daily", ProviderTrouble.TEMPORARY, "500")

    monkeypatch.setattr(gateway, "create_room", fail)
    assert rescue_rooms(now=starts_at - 20 * MINUTE) == {"works": 0, "moved": 5, "failed": 1}
    assert len(tries) == 1 + 3


def test_what_is_over_or_cancelled_stays_as_it_is(booking, break_daily):
    """CA-1."""
    break_daily("500")
    try_to_make(booking, booking.starts_at - 110 * MINUTE)
    ends_at = booking.call.ends_at
    assert rescue_rooms(now=ends_at + 16 * MINUTE)["moved"] == 0
    Call.objects.update(cancelled_at=clock.now())
    assert rescue_rooms(now=booking.starts_at)["moved"] == 0
    assert Room.objects.get().provider == Provider.DAILY

"""Who may enter a call, when, and with what (CA-3)."""

from datetime import datetime, timedelta

import httpx
import jwt
import pytest
from django.db import transaction

from callastar.audit.models import LogEntry
from callastar.bookings.models import Booking, BookingStatus, CancelReason
from callastar.bookings.operations.enter import entry_to, room_of
from callastar.calls.models import Call, CallEvent, Provider, Room
from callastar.calls.operations.rooms import replace_room
from callastar.core import clock
from callastar.core.errors import Refusal
from tests.bookings import confirmed, held
from tests.contract.daily_api import join
from tests.factories import make_admin, make_offer, make_user

MINUTE = timedelta(minutes=1)


def refusal_of(booking: Booking, person, now: datetime) -> str:
    """The code that both doors answer with."""
    codes = set()
    for ask in (entry_to, room_of):
        with pytest.raises(Refusal) as refused:
            ask(booking_id=booking.pk, person=person, now=now)
        codes.add((refused.value.status, str(refused.value.code)))
    ((status, code),) = codes
    return f"{int(status)} {code}"


def noted() -> list:
    """All that somebody at the door could change."""
    return [list(model.objects.order_by("pk").values()) for model in (Room, CallEvent, LogEntry)]


def test_fan_and_creator_enter_with_a_token_of_their_own(booking, at_daily):
    """CA-3: bound to room and person, the creator owns the room, the name is shown."""
    now = booking.starts_at
    for person, owner in ((booking.fan, False), (booking.creator.user, True)):
        entry = entry_to(booking_id=booking.pk, person=person, now=now)
        claims = jwt.decode(
            entry.token, at_daily.keys["api_key"], algorithms=["HS256"], options={"verify_exp": False}
        )
        assert (claims["r"], claims["u"], claims["ud"]) == (entry.room_name, person.name, str(person.pk))
        assert (bool(claims.get("o")), entry.is_owner) == (owner, owner)
        assert claims["exp"] == int(entry.expires_at.timestamp())
        assert entry.token not in repr(entry)


@pytest.mark.parametrize(
    ("minutes", "expires"),
    [(-15, 45), (0, 45), (20, 45), (45, 45), (-14.5, 45)],
)
def test_a_token_lasts_an_hour_at_most_and_never_beyond_the_call(booking, minutes, expires):
    """CA-3: here 30 minutes of call and 15 after."""
    now = booking.starts_at + minutes * MINUTE
    entry = entry_to(booking_id=booking.pk, person=booking.fan, now=now)
    assert entry.expires_at == min(now + 60 * MINUTE, booking.starts_at + expires * MINUTE)


def test_a_long_call_needs_a_second_token(transactional_db, at_daily):
    """CA-3."""
    starts_at = clock.now() + timedelta(hours=1)
    long = confirmed(make_offer(starts_at=starts_at, duration_minutes=180), make_user())
    entry = entry_to(booking_id=long.pk, person=long.fan, now=starts_at)
    assert entry.expires_at == starts_at + timedelta(hours=1)


@pytest.mark.parametrize(
    ("minutes", "code"),
    [
        (-60, "403 call_not_open_yet"),
        (-15.01, "403 call_not_open_yet"),
        (45.01, "403 call_over"),
        (600, "403 call_over"),
    ],
)
def test_the_door_is_open_around_the_call_only(booking, daily, minutes, code):
    """CA-3: from 15 minutes before the start to 15 after the end; no room is made for who comes at another time."""
    now = booking.starts_at + minutes * MINUTE
    for person in (booking.fan, booking.creator.user, make_admin()):
        assert refusal_of(booking, person, now) == code
    assert daily.ok("GET", "/rooms")["data"] == []


def test_for_everybody_else_there_is_no_such_call(booking, daily):
    """CA-3, PE-3: 404, and nothing is made."""
    for stranger in (make_user(), make_offer().creator.user):
        assert refusal_of(booking, stranger, booking.starts_at) == "404 booking_not_found"
    assert daily.ok("GET", "/rooms")["data"] == []


def test_an_admin_enters_for_support_and_it_is_written_down(booking):
    """CA-3."""
    admin = make_admin()
    entry = entry_to(booking_id=booking.pk, person=admin, now=booking.starts_at)
    assert not entry.is_owner
    entry_in_log = LogEntry.objects.get(type="CALL_SUPPORT_ACCESS")
    assert (entry_in_log.actor_id, entry_in_log.metadata["call"]) == (admin.pk, str(booking.call_id))
    entry_to(booking_id=booking.pk, person=booking.fan, now=booking.starts_at)
    assert LogEntry.objects.filter(type="CALL_SUPPORT_ACCESS").count() == 1


def test_staff_cannot_enter_a_built_in_room(booking):
    """CA-2, CA-3: it has two places, for two people; nothing is given out, made or noted. They get in as before."""
    call = Call.objects.select_related("room").get(pk=booking.call_id)
    with transaction.atomic():
        replace_room(call=call, provider=Provider.BUILT_IN, why="", now=clock.now())
    admin, before = make_admin(), noted()
    assert refusal_of(booking, admin, booking.starts_at) == "409 support_cannot_enter"
    assert noted() == before
    assert entry_to(booking_id=booking.pk, person=booking.fan, now=booking.starts_at).provider == "builtin"


def test_staff_at_the_door_of_a_call_that_moves(booking, at_daily):
    """CA-1, CA-3: their try moves it, as anybody's; that they looked in is not said."""
    at_daily.control("POST", "faults", {"match": "* /v1/*", "kind": "500", "times": 99})
    admin, now = make_admin(), booking.starts_at - 10 * MINUTE
    for ask in (room_of, entry_to):
        Call.objects.update(room=booking.call.room)
        Room.objects.update(troubled_since=now - 5 * MINUTE, unwanted_at=None)
        with pytest.raises(Refusal, match="support_cannot_enter"):
            ask(booking_id=booking.pk, person=admin, now=now)
        assert Call.objects.get().room.provider == Provider.BUILT_IN
    assert not LogEntry.objects.filter(type="CALL_SUPPORT_ACCESS").exists()
    assert not CallEvent.objects.filter(kind=CallEvent.Kind.SUPPORT).exists()


def test_only_a_confirmed_or_just_completed_call_can_be_entered(booking):
    """CA-3."""
    now, fan = booking.starts_at, booking.fan
    Booking.objects.filter(pk=booking.pk).update(status=BookingStatus.COMPLETED)
    assert entry_to(booking_id=booking.pk, person=fan, now=now).token
    Booking.objects.filter(pk=booking.pk).update(
        status=BookingStatus.CANCELLED, cancel_reason=CancelReason.CREATOR, cancelled_at=now
    )
    assert refusal_of(booking, fan, now) == "409 call_not_confirmed"
    unpaid = held(make_offer(creator=booking.creator), fan)
    assert refusal_of(unpaid, fan, unpaid.starts_at) == "409 call_not_confirmed"


@pytest.mark.parametrize("kind", ["500", "429", "drop_before", "drop_after", "timeout"])
@pytest.mark.parametrize("match", ["POST /v1/rooms", "POST /v1/meeting-tokens"])
def test_while_daily_fails_people_are_told_to_try_again(booking, daily, at_daily, settings, match, kind):
    """CA-3, PW-1: then they enter, and there is one room."""
    settings.PROVIDER_TIMEOUT_SECONDS = 0.4
    at_daily.control("POST", "faults", {"match": match, "kind": kind})
    with pytest.raises(Refusal) as refused:
        entry_to(booking_id=booking.pk, person=booking.fan, now=booking.starts_at)
    assert f"{int(refused.value.status)} {refused.value.code}" == "503 room_unavailable"
    assert entry_to(booking_id=booking.pk, person=booking.fan, now=booking.starts_at).token
    assert len(daily.ok("GET", "/rooms")["data"]) == 1


def test_both_meet_in_the_room_and_a_third_does_not(transactional_db, at_daily):
    """CA-2, CA-3: the tokens open the room that Daily made."""
    now = clock.now()
    booking = confirmed(make_offer(starts_at=now + timedelta(minutes=10)), make_user())
    people = (booking.fan, booking.creator.user, make_admin())
    tokens = [entry_to(booking_id=booking.pk, person=person, now=now).token for person in people]
    name = Booking.objects.select_related("call__room").get(pk=booking.pk).call.room.name
    inside = [join(at_daily, name, token=token)["user_id"] for token in tokens[:2]]
    assert inside == [str(person.pk) for person in people[:2]]
    with pytest.raises(httpx.HTTPStatusError):
        join(at_daily, name, token=tokens[2])


def test_a_second_device_takes_its_persons_place(transactional_db, at_daily, daily):
    """CA-2, CA-3: it replaces the first one, so that the other of the two still gets in."""
    now = clock.now()
    booking = confirmed(make_offer(starts_at=now + timedelta(minutes=10)), make_user())
    fan, creator = booking.fan, booking.creator.user
    entries = [entry_to(booking_id=booking.pk, person=person, now=now) for person in (fan, fan, creator)]
    sessions = [join(at_daily, entry.room_name, token=entry.token)["session_id"] for entry in entries]
    inside = daily.ok("GET", f"/rooms/{entries[0].room_name}/presence")["data"]
    assert {each["id"]: each["userId"] for each in inside} == {
        sessions[1]: str(fan.pk),
        sessions[2]: str(creator.pk),
    }

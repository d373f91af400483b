"""`GET /api/daily/presence`: what the page of a call asks while it is open (CA-3, CA-4)."""

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest
from django.test import Client

from callastar.accounts.models import User
from callastar.bookings.models import Booking
from callastar.calls.models import Call, Recording, RecordingState, Room, RoomState
from callastar.calls.operations.presence import note_session
from callastar.core import clock
from callastar.live.tokens import may_watch_call
from tests.bookings import cancelled, confirmed, held
from tests.factories import make_admin, make_offer, make_user

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture
def booking() -> Booking:
    """Confirmed, ten minutes before its start, with a room."""
    booking = confirmed(make_offer(starts_at=clock.now() + 10 * MINUTE), make_user())
    Room.objects.filter(call=booking.call_id).update(
        state=RoomState.READY, url="https://example.daily.co/hello"
    )
    return booking


def ask(booking_id: Any, person: User | None) -> Any:
    client = Client()
    if person is not None:
        client.force_login(person)
    return client.get(f"/api/daily/presence?booking_id={booking_id}", headers={"Accept-Language": "en"})


def refusal(booking_id: Any, person: User | None) -> str:
    answer = ask(booking_id, person)
    return f"{answer.status_code} {answer.json()['code']}"


def come(booking: Booking, person: User) -> None:
    room = Call.objects.select_related("room").get(pk=booking.call_id).room
    assert room is not None
    note_session(room=room, session=f"of {person.pk}", person_id=person.pk, joined_at=clock.now())


def test_it_is_nobody_elses_affair(booking: Booking) -> None:
    """CA-3, PE-3: the same 404 for strangers, other creators and what does not exist; 401 for guests."""
    for stranger in (make_user(), make_offer().creator.user):
        assert refusal(booking.pk, stranger) == "404 booking_not_found"
    assert refusal(uuid4(), booking.fan) == "404 booking_not_found"
    assert ask(booking.pk, None).status_code == 401
    assert ask("not-an-id", booking.fan).status_code == 422


def test_only_where_there_is_a_call(booking: Booking) -> None:
    """CA-3: not before the payment, not after a cancellation."""
    star, fan = booking.creator, booking.fan
    assert refusal(held(make_offer(creator=star), fan).pk, fan) == "409 call_not_confirmed"
    assert refusal(cancelled(make_offer(creator=star), fan).pk, fan) == "409 call_not_confirmed"


def test_who_is_here(booking: Booking) -> None:
    """CA-4: both people, and an admin, see who of the two is in the present room, and until when it is open."""
    star = booking.creator.user
    for person in (booking.fan, star, make_admin()):
        answer = ask(booking.pk, person).json()
        assert (answer["fan"], answer["creator"], answer["recording"]) == (False, False, False)
    come(booking, star)
    answer = ask(booking.pk, booking.fan).json()
    assert (answer["fan"], answer["creator"]) == (False, True)
    room = Room.objects.get(call=booking.call_id)
    assert (answer["provider"], answer["room_name"], answer["room_ready"]) == ("daily", room.name, True)
    Recording.objects.create(
        call_id=booking.call_id,
        room=room,
        provider_id="1",
        state=RecordingState.RUNNING,
        started_at=clock.now(),
    )
    come(booking, booking.fan)
    answer = ask(booking.pk, star).json()
    assert (answer["fan"], answer["creator"], answer["recording"]) == (True, True, True)
    note_session(
        room=room,
        session=f"of {star.pk}",
        person_id=star.pk,
        joined_at=clock.now(),
        left_at=clock.now() + MINUTE,
    )
    assert ask(booking.pk, booking.fan).json()["creator"] is False


def test_no_room_before_the_doors_open(booking: Booking) -> None:
    """CA-3: whether there is a room, but not which, until 15 minutes before the start; nor once it is over."""
    call = Call.objects.filter(pk=booking.call_id)
    for starts_at, is_open in (
        (clock.now() + 16 * MINUTE, False),
        (clock.now() + 14 * MINUTE, True),
        (clock.now() - 61 * MINUTE, False),
    ):
        call.update(starts_at=starts_at, ends_at=starts_at + 45 * MINUTE)
        answer = ask(booking.pk, booking.fan).json()
        assert (bool(answer["room_name"]), answer["room_ready"]) == (is_open, True)
    call.update(starts_at=clock.now(), ends_at=clock.now() + 30 * MINUTE, room=None)
    answer = ask(booking.pk, booking.fan).json()
    assert (answer["room_name"], answer["room_ready"]) == ("", False)


def test_the_stream_is_the_calls_own(booking: Booking) -> None:
    """UI-4: the address lets its holder watch this call and no other."""
    address = urlsplit(ask(booking.pk, booking.fan).json()["events_url"])
    assert address.path == f"/api/calls/{booking.call_id}/events"
    token = parse_qs(address.query)["token"][0]
    assert may_watch_call(call_id=str(booking.call_id), token=token)
    assert not may_watch_call(call_id=str(uuid4()), token=token)


def test_it_is_asked_often(booking: Booking, django_assert_max_num_queries: Any) -> None:
    """UI-8: session, person, booking, who is there, recordings."""
    client = Client()
    client.force_login(booking.fan)
    client.get(f"/api/daily/presence?booking_id={booking.pk}")
    with django_assert_max_num_queries(5):
        assert client.get(f"/api/daily/presence?booking_id={booking.pk}").status_code == 200

"""Calls that are recorded: the steps that tests of recording share."""

from datetime import timedelta

from callastar.audit.models import LogEntry
from callastar.bookings.models import Booking
from callastar.bookings.operations import recording as of_booking
from callastar.calls.models import Recording, Room
from callastar.calls.operations.presence import note_session
from callastar.calls.operations.recording import sync_recording
from callastar.calls.operations.rooms import create_room
from callastar.core import clock
from tests.bookings import confirmed
from tests.contract.daily_api import join, wait_until
from tests.factories import make_offer, make_user
from tests.jobs import run_jobs

OUTSIDE = ("mail.send_email",)


def recordable_booking() -> Booking:
    """A call that begins in five minutes, in a room that may be recorded."""
    starts_at = clock.now() + timedelta(minutes=5)
    booking = confirmed(make_offer(starts_at=starts_at, title="Ask me"), make_user(name="Noa"))
    create_room(room_id=booking.call.room_id, now=clock.now())
    booking.call.refresh_from_db()
    return booking


def people(booking):
    return booking.fan, booking.creator.user


def enter(booking, daily, sandbox, *who) -> None:
    """People go into the room; Daily's events of it are carried out."""
    room = Room.objects.get(pk=booking.call.room_id)
    for person in who or people(booking):
        token = daily.token(room_name=room.name, user_id=str(person.pk), user_name=person.name)
        session = join(sandbox, room=room.name, token=token)["session_id"]
        note_session(room=room, session=session, person_id=person.pk, joined_at=clock.now())
    assert run_jobs(but=OUTSIDE) == []


def agree(booking, *who) -> None:
    for person in who or people(booking):
        of_booking.agree(booking_id=booking.pk, person=person, now=clock.now())
    assert run_jobs(but=OUTSIDE) == []


def at_host(daily) -> list[str]:
    """What Daily says of its recordings, the oldest first."""
    return [one["status"] for one in reversed(daily.ok("GET", "/recordings")["data"])]


def stage(booking, person) -> str:
    return str(of_booking.recording_standing(booking_id=booking.pk, person=person, now=clock.now()).stage)


def happened(kind: str) -> int:
    return LogEntry.objects.filter(type=kind).count()


def running(booking, daily, sandbox) -> Recording:
    """The recording of a call whose two people agreed."""
    enter(booking, daily, sandbox)
    agree(booking)
    return Recording.objects.get()


def end_meeting(recording, daily, sandbox) -> None:
    """Both leave, and Daily prepares the file."""
    sandbox.control("POST", "leave", {"room": recording.room.name})
    sandbox.control("POST", "clock", {"advance": 3})
    wait_until(lambda: not daily.meetings()[0]["ongoing"])
    sandbox.control("POST", "clock", {"advance": 3})
    wait_until(lambda: at_host(daily) == ["finished"])


def ready(booking, daily, sandbox) -> Recording:
    """One that is over; its events did not come."""
    recording = running(booking, daily, sandbox)
    end_meeting(recording, daily, sandbox)
    sync_recording(recording_id=recording.provider_id, now=clock.now())
    assert run_jobs(but=OUTSIDE) == []
    recording.refresh_from_db()
    return recording

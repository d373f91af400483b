"""Recording a call (CA-8): both agree, each time; Daily's rooms only; both get it; gone after 30 days."""

from datetime import timedelta

import httpx
import pytest
from django.test import Client

from callastar.audit.models import LogEntry
from callastar.bookings.models import Booking
from callastar.bookings.operations import recording as of_booking
from callastar.calls.models import (
    CallEvent,
    Presence,
    Provider,
    Recording,
    RecordingConsent,
    RecordingState,
    Room,
)
from callastar.calls.operations.consent import START
from callastar.calls.operations.follow_recordings import follow_recordings
from callastar.calls.operations.presence import note_session
from callastar.calls.operations.recorded import delete_due
from callastar.calls.operations.recording import note_error, start_recording, sync_recording
from callastar.calls.operations.rooms import create_room
from callastar.core import clock
from callastar.core.errors import ProviderError
from callastar.notifications.models import Notification
from tests.bookings import confirmed
from tests.contract.daily_api import join, wait_until
from tests.factories import make_admin, make_offer, make_user
from tests.jobs import run_jobs

OUTSIDE = ("mail.send_email",)
START_CALL, STOP_CALL = "recordings/start", "recordings/stop"


@pytest.fixture
def booking(db, settings, at_daily) -> Booking:
    """A call that has just begun, in a room that may be recorded."""
    settings.RECORDING_ENABLED = True
    made = confirmed(
        make_offer(starts_at=clock.now() + timedelta(minutes=5), title="Ask me"), make_user(name="Noa")
    )
    create_room(room_id=made.call.room_id, now=clock.now())
    made.call.refresh_from_db()
    return made


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


def test_only_with_the_consent_of_both(booking, daily, at_daily):
    """CA-8, PW-1: nobody, one, both; started once, however often it is asked for."""
    fan, creator = people(booking)
    enter(booking, daily, at_daily)
    assert (stage(booking, fan), at_host(daily)) == ("nobody", [])
    agree(booking, fan)
    agree(booking, fan)
    assert (stage(booking, fan), stage(booking, creator), at_host(daily)) == ("mine", "theirs", [])
    agree(booking, creator)
    assert (stage(booking, fan), stage(booking, creator)) == ("running", "running")
    for _ in range(2):
        start_recording(call_id=booking.call_id, now=clock.now())
    assert at_host(daily) == ["in-progress"]
    recording = Recording.objects.get()
    assert recording.state == RecordingState.RUNNING
    assert recording.delete_at == recording.started_at + timedelta(days=30)
    assert (happened("RECORDING_CONSENT_GIVEN"), happened("RECORDING_STARTED")) == (2, 1)
    assert RecordingConsent.objects.count() == 2


def test_it_starts_when_the_second_one_comes_in(booking, daily, at_daily):
    """CA-8: agreed to before the call; one alone is not recorded."""
    agree(booking)
    enter(booking, daily, at_daily, booking.fan)
    assert (stage(booking, booking.fan), at_host(daily)) == ("both", [])
    enter(booking, daily, at_daily, booking.creator.user)
    assert at_host(daily) == ["in-progress"]


def test_taken_back_before_it_starts(booking, daily, at_daily):
    """CA-8: then nothing is recorded; agreeing again is possible."""
    agree(booking)
    of_booking.disagree(booking_id=booking.pk, person=booking.fan, now=clock.now())
    enter(booking, daily, at_daily)
    assert (stage(booking, booking.fan), at_host(daily)) == ("theirs", [])
    agree(booking, booking.fan)
    assert at_host(daily) == ["in-progress"]


def test_taken_back_it_stops_at_once(booking, daily, at_daily):
    """CA-8: without waiting for a job; what was recorded until then is prepared; agreed again it starts again."""
    recording = running(booking, daily, at_daily)
    standing = of_booking.disagree(booking_id=booking.pk, person=booking.creator.user, now=clock.now())
    assert str(standing.stage) == "theirs"
    daily.refused(400, "invalid-request-error", "POST", f"/rooms/{recording.room.name}/{STOP_CALL}", json={})
    assert run_jobs(but=OUTSIDE) == []
    recording.refresh_from_db()
    assert recording.state == RecordingState.PROCESSING
    assert (happened("RECORDING_CONSENT_WITHDRAWN"), happened("RECORDING_STOPPED")) == (1, 1)
    agree(booking, booking.creator.user)
    assert Recording.objects.filter(state=RecordingState.RUNNING).count() == 1
    assert Recording.objects.count() == 2


@pytest.mark.parametrize("kind", ["500", "drop_before", "drop_after"])
def test_started_and_stopped_whatever_daily_answers(booking, daily, at_daily, kind):
    """CA-8, PW-1: one recording, and it stops."""
    at_daily.control("POST", "faults", {"match": f"POST /v1/rooms/*/{START_CALL}", "kind": kind, "times": 2})
    recording = running(booking, daily, at_daily)
    assert at_host(daily) == ["in-progress"]
    at_daily.control("POST", "faults", {"match": f"POST /v1/rooms/*/{STOP_CALL}", "kind": kind, "times": 2})
    of_booking.disagree(booking_id=booking.pk, person=booking.fan, now=clock.now())
    assert run_jobs(but=OUTSIDE) == []
    recording.refresh_from_db()
    assert recording.state == RecordingState.PROCESSING
    daily.refused(400, "invalid-request-error", "POST", f"/rooms/{recording.room.name}/{STOP_CALL}", json={})


def test_not_offered(booking, daily, at_daily, settings):
    """CA-8: switched off, in a built-in room, or over, nobody can agree, and nothing is recorded."""
    room = Room.objects.get(pk=booking.call.room_id)
    late = booking.offer.ends_at + timedelta(minutes=16)

    def refused(now=None) -> None:
        client = Client()
        client.force_login(booking.fan)
        with clock.shifted(now - clock.now() if now else timedelta(0)):
            answer = client.post(
                "/api/daily/recording-consent", {"booking_id": str(booking.pk)}, "application/json"
            )
            assert (answer.status_code, answer.json()["code"]) == (409, "recording_not_offered")
            assert stage(booking, booking.fan) == "not_offered"

    refused(late)
    Room.objects.update(provider=Provider.BUILT_IN)
    refused()
    Room.objects.update(provider=Provider.DAILY)
    settings.RECORDING_ENABLED = False
    refused()
    assert RecordingConsent.objects.count() == 0
    assert at_host(daily) == []
    assert daily.ok("GET", f"/rooms/{room.name}")["config"]["enable_recording"] == "cloud"


def test_rooms_are_recordable_only_if_it_is_switched_on(db, settings, at_daily, daily):
    """CA-8: off by default."""
    assert settings.RECORDING_ENABLED is False
    made = confirmed(make_offer(), make_user())
    room = create_room(room_id=made.call.room_id, now=clock.now())
    assert "enable_recording" not in daily.ok("GET", f"/rooms/{room.name}")["config"]


def test_the_api(booking, daily, at_daily, settings):
    """CA-8: each for themselves; strangers learn nothing; staff can look, not agree."""
    clients = {}
    for name, person in (("fan", booking.fan), ("stranger", make_user()), ("admin", make_admin())):
        clients[name] = Client()
        clients[name].force_login(person)
    path, ref = "/api/daily/recording-consent", {"booking_id": str(booking.pk)}
    answer = clients["fan"].post(path, ref, "application/json").json()
    assert answer == {**ref, "stage": "mine", "mine": True, "theirs": False, "kept_days": 30}
    look = f"/api/daily/recording?booking_id={booking.pk}"
    assert clients["fan"].get(look).json() == answer
    assert clients["fan"].delete(f"{path}?booking_id={booking.pk}").json()["stage"] == "nobody"
    for method in ("post", "delete", "get"):
        where = look if method == "get" else f"{path}?booking_id={booking.pk}"
        options = {"data": ref, "content_type": "application/json"} if method == "post" else {}
        assert getattr(clients["stranger"], method)(where, **options).status_code == 404
        assert getattr(Client(), method)(where, **options).status_code == 401
    assert clients["admin"].get(look).json()["stage"] == "nobody"
    assert clients["admin"].post(path, ref, "application/json").status_code == 404
    assert RecordingConsent.objects.filter(withdrawn_at=None).count() == 0


def test_events_twice_shuffled_or_lost(booking, daily, at_daily):
    """CA-8, CA-5, WH-2: what Daily answers counts, not what an event says or when it comes; both are told once."""
    recording = running(booking, daily, at_daily)
    end_meeting(recording, daily, at_daily)
    Recording.objects.all().delete()  # as if the start had not been noted
    for _ in range(3):
        sync_recording(recording_id=recording.provider_id, now=clock.now())
    sync_recording(recording_id="somebody-elses", now=clock.now())
    assert follow_recordings(now=clock.now()) == {"asked": 1, "failed": 0}
    assert run_jobs(but=OUTSIDE) == []
    found = Recording.objects.get()
    assert (found.state, found.provider_id) == (RecordingState.READY, recording.provider_id)
    assert found.duration_seconds
    told = Notification.objects.filter(params__variant="recording_ready")
    assert {one.recipient for one in told} == set(people(booking))
    assert {one.link for one in told} == {f"bookings/{booking.pk}"}
    assert happened("RECORDING_READY") == 1


def test_all_events_lost(booking, daily, at_daily):
    """CA-8: a job asks, also when the start was never noted; nobody else's recordings are taken."""
    recording = running(booking, daily, at_daily)
    end_meeting(recording, daily, at_daily)
    Recording.objects.all().delete()
    later = booking.offer.ends_at + timedelta(hours=1)
    at_daily.control("POST", "faults", {"match": "GET /v1/recordings", "kind": "500", "times": 1})
    assert follow_recordings(now=later) == {"asked": 0, "failed": 1}
    assert follow_recordings(now=later) == {"asked": 1, "failed": 0}
    assert Recording.objects.get().state == RecordingState.READY
    assert follow_recordings(now=later + timedelta(hours=2)) == {"asked": 0, "failed": 0}


def test_trouble_is_seen(booking, daily, at_daily):
    """CA-8: a recording that breaks off, or a room that cannot be recorded, is said on the page and in the log."""
    recording = running(booking, daily, at_daily)
    name = recording.room.name
    at_daily.control("POST", "recordings/fail", {"room": name})
    for _ in range(2):
        note_error(room_name=name, message="the recorder went away", now=clock.now())
    note_error(room_name="another-room", message="the recorder went away", now=clock.now())
    recording.refresh_from_db()
    assert (recording.state, stage(booking, booking.fan)) == (RecordingState.FAILED, "trouble")
    assert happened("RECORDING_FAILED") == 1
    daily.ok("POST", f"/rooms/{name}", json={"properties": {"enable_recording": "local"}})
    start_recording(call_id=booking.call_id, now=clock.now())
    assert stage(booking, booking.creator.user) == "trouble"
    assert happened("RECORDING_FAILED") == 2
    assert Notification.objects.filter(params__variant="recording_ready").count() == 0


def test_recorded_without_consent_it_is_stopped_and_deleted(booking, daily, at_daily):
    """CA-8: whoever started it."""
    enter(booking, daily, at_daily)
    agree(booking, booking.fan)
    room = Room.objects.get(pk=booking.call.room_id)
    daily.ok("POST", f"/rooms/{room.name}/{START_CALL}", json={"instanceId": str(room.pk)})
    (there,) = daily.ok("GET", "/recordings")["data"]
    sync_recording(recording_id=there["id"], now=clock.now())
    assert run_jobs(but=OUTSIDE) == []
    assert at_host(daily) == []
    assert Recording.objects.get().state == RecordingState.DELETED
    assert happened("RECORDING_WITHOUT_CONSENT") == 1
    assert Notification.objects.filter(params__variant="recording_ready").count() == 0


def test_both_get_the_link(booking, daily, at_daily):
    """CA-8: asked for at the click and kept nowhere; nobody else gets it, staff neither."""
    recording = ready(booking, daily, at_daily)
    page, path = f"/en/bookings/{booking.pk}", f"/en/bookings/{booking.pk}/recordings/{recording.pk}"
    for person in people(booking):
        client = Client()
        client.force_login(person)
        assert path in client.get(page).content.decode()
        answer = client.get(path)
        assert answer.status_code == 302
        assert (answer["Referrer-Policy"], "no-store" in answer["Cache-Control"]) == ("no-referrer", True)
        assert httpx.get(answer["Location"]).content[4:8] == b"ftyp"
    at_daily.control("POST", "faults", {"match": "GET /v1/recordings/*", "kind": "500", "times": 1})
    assert client.get(path)["Location"] == page
    for person in (make_user(), make_admin()):
        client = Client()
        client.force_login(person)
        assert client.get(path).status_code == client.post(f"{path}/delete").status_code == 404
    assert path not in client.get(page).content.decode()  # the admin's view of the booking
    assert happened("RECORDING_LINK_GIVEN") == 2
    assert "Signature" not in str(list(LogEntry.objects.values("message", "metadata")))
    assert Recording.objects.get().state == RecordingState.READY


def test_after_thirty_days_it_is_gone(booking, daily, at_daily):
    """CA-8: at Daily, and with it every link; a deletion that fails is tried again; gone already is success."""
    recording = ready(booking, daily, at_daily)
    client = Client()
    client.force_login(booking.fan)
    path = f"/en/bookings/{booking.pk}/recordings/{recording.pk}"
    link = client.get(path)["Location"]
    assert delete_due(now=recording.delete_at - timedelta(seconds=1)) == {"deleted": 0, "failed": 0}
    assert httpx.get(link).status_code == 200
    at_daily.control("POST", "faults", {"match": "DELETE /v1/recordings/*", "kind": "500", "times": 1})
    due = recording.delete_at
    assert delete_due(now=due) == {"deleted": 0, "failed": 1}
    recording.refresh_from_db()
    assert (recording.state, bool(recording.last_error)) == (RecordingState.READY, True)
    with clock.shifted(due - clock.now()):
        client.force_login(booking.fan)
        assert client.get(path).status_code == 404
        at_daily.control(
            "POST", "faults", {"match": "DELETE /v1/recordings/*", "kind": "drop_after", "times": 1}
        )
        assert run_jobs(but=OUTSIDE) == []
    recording.refresh_from_db()
    assert (recording.state, recording.last_error, at_host(daily)) == (RecordingState.DELETED, "", [])
    assert httpx.get(link).status_code == 404
    assert delete_due(now=due) == {"deleted": 0, "failed": 0}
    assert happened("RECORDING_DELETED") == 1
    sync_recording(recording_id=recording.provider_id, now=due)
    assert Recording.objects.get().state == RecordingState.DELETED


def test_either_can_delete_it(booking, daily, at_daily):
    """CA-8: nobody gets a link from that moment; not while it runs."""
    recording = running(booking, daily, at_daily)
    client = Client()
    client.force_login(booking.creator.user)
    path = f"/en/bookings/{booking.pk}/recordings/{recording.pk}"
    assert client.post(f"{path}/delete").status_code == 404
    end_meeting(recording, daily, at_daily)
    sync_recording(recording_id=recording.provider_id, now=clock.now())
    assert client.get(f"{path}/delete").status_code == 405
    assert client.post(f"{path}/delete").status_code == 302
    assert client.get(path).status_code == 404
    assert run_jobs(but=OUTSIDE) == []
    assert at_host(daily) == []
    assert path not in client.get(f"/en/bookings/{booking.pk}").content.decode()
    kinds = CallEvent.objects.filter(kind=CallEvent.Kind.RECORDING).values_list("details__what", flat=True)
    assert set(kinds) == {"consent", "started", "deletion"}
    assert Notification.objects.filter(params__variant="recording_ready").count() == 0


def test_nothing_is_deferred_where_it_is_off(booking, daily, at_daily, settings):
    """CA-8: presence alone starts nothing; a job that is left over does nothing."""
    settings.RECORDING_ENABLED = False
    for person in people(booking):
        RecordingConsent.objects.create(call=booking.call, person_id=person.pk, given_at=clock.now())
    enter(booking, daily, at_daily)
    assert Presence.objects.filter(left_at=None).count() == 2
    start_recording(call_id=booking.call_id, now=clock.now())
    assert at_host(daily) == []


def test_a_start_that_daily_keeps_refusing_is_not_tried_for_ever(booking, daily, at_daily):
    """CA-8: the job's tries end, and the next reason starts another one."""
    from procrastinate.contrib.django import app

    task = app.tasks[START]
    assert task.retry_strategy.tries == 12
    at_daily.control("POST", "faults", {"match": f"POST /v1/rooms/*/{START_CALL}", "kind": "500", "times": 1})
    enter(booking, daily, at_daily)
    for person in people(booking):
        of_booking.agree(booking_id=booking.pk, person=person, now=clock.now())
    with pytest.raises(ProviderError):
        start_recording(call_id=booking.call_id, now=clock.now())
    assert run_jobs(but=OUTSIDE) == []
    assert at_host(daily) == ["in-progress"]

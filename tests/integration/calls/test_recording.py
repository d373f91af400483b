"""Recording a call (CA-8): both agree, each time; Daily's rooms only; whatever events come."""

from datetime import timedelta

import pytest
from django.test import Client

from callastar.bookings.models import Booking
from callastar.bookings.operations import recording as of_booking
from callastar.calls.models import (
    Ended,
    Presence,
    Provider,
    Recording,
    RecordingConsent,
    RecordingState,
    Room,
)
from callastar.calls.operations.consent import START
from callastar.calls.operations.follow_recordings import follow_recordings
from callastar.calls.operations.presence import end_sessions
from callastar.calls.operations.recording import note_error, start_recording, sync_recording
from callastar.calls.operations.rooms import create_room
from callastar.core import clock
from callastar.core.errors import ProviderError
from callastar.notifications.models import Notification
from tests.bookings import confirmed
from tests.contract.daily_api import wait_until
from tests.factories import make_admin, make_offer, make_user
from tests.integration.calls.recorded_calls import (
    OUTSIDE,
    agree,
    at_host,
    end_meeting,
    enter,
    happened,
    people,
    recordable_booking,
    running,
    stage,
)
from tests.jobs import run_jobs

START_CALL, STOP_CALL = "recordings/start", "recordings/stop"


@pytest.fixture
def booking(db, settings, at_daily) -> Booking:
    """A call that has almost begun, in a room that may be recorded."""
    settings.RECORDING_ENABLED = True
    return recordable_booking()


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


def test_who_comes_back_is_recorded_again(booking, daily, at_daily):
    """CA-8: the first recording ended with its meeting, though no news of that have come."""
    recording = running(booking, daily, at_daily)
    at_daily.control("POST", "leave", {"room": recording.room.name})
    at_daily.control("POST", "clock", {"advance": 3})
    wait_until(lambda: not daily.meetings()[0]["ongoing"])
    left = recording.started_at + timedelta(seconds=2)
    end_sessions(room=recording.room, at=left, ended=Ended.ASKED)
    Recording.objects.update(started_at=recording.started_at - timedelta(minutes=1))
    enter(booking, daily, at_daily)
    assert Recording.objects.count() == 2
    assert at_host(daily)[-1] == "in-progress"

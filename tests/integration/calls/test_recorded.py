"""What was recorded of a call (CA-8): both get it, it is gone after 30 days or when one of them says so."""

from datetime import timedelta

import httpx
import pytest
from django.test import Client

from callastar.audit.models import LogEntry
from callastar.bookings.models import Booking
from callastar.calls.models import CallEvent, Recording, RecordingState
from callastar.calls.operations.recorded import delete_due
from callastar.calls.operations.recording import sync_recording
from callastar.core import clock
from callastar.notifications.models import Notification
from tests.factories import make_admin, make_user
from tests.integration.calls.recorded_calls import (
    OUTSIDE,
    at_host,
    end_meeting,
    happened,
    people,
    ready,
    recordable_booking,
    running,
)
from tests.jobs import run_jobs


@pytest.fixture
def booking(db, settings, at_daily) -> Booking:
    """A call that has almost begun, in a room that may be recorded."""
    settings.RECORDING_ENABLED = True
    return recordable_booking()


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

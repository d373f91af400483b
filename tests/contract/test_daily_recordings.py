"""Daily's stand-in: cloud recordings, their events, links and controls (CA-8, SB-1, SB-2, SB-3)."""

from typing import Any

import httpx
import pytest
from playwright.sync_api import expect

from tests.contract.daily_api import DailyApi, check, join, wait_until
from tests.contract.daily_people import People
from tests.contract.sandbox_program import Receiver, SandboxProgram

EVENTS = ["recording.started", "recording.ready-to-download", "recording.error"]
INSTANCE = "c3df927c-f738-4471-a2b7-066fa7e95a6b"
START, STOP = "/rooms/hello/recordings/start", "/rooms/hello/recordings/stop"


@pytest.fixture
def meeting(daily: DailyApi, daily_sandbox: SandboxProgram) -> list[dict[str, Any]]:
    """Two people in a room that may be recorded."""
    daily.room(enable_recording="cloud", max_participants=2)
    return [join(daily_sandbox, name=name) for name in ("Ada", "Grace")]


def recordings(daily: DailyApi, **query: Any) -> list[dict[str, Any]]:
    """The recordings, newest first."""
    answer = daily.ok("GET", "/recordings", schema="ListRecordings200Response", params=query)
    data: list[dict[str, Any]] = answer["data"]
    return data


def started(daily: DailyApi) -> dict[str, Any]:
    """A recording that runs."""
    daily.ok("POST", START, json={"type": "cloud", "instanceId": INSTANCE})
    return recordings(daily)[0]


def finished(daily: DailyApi, sandbox: SandboxProgram) -> dict[str, Any]:
    """A recording of some seconds whose file is there."""
    running = started(daily)
    sandbox.control("POST", "clock", {"advance": 8.5})
    daily.ok("POST", STOP, json={"instanceId": INSTANCE})
    sandbox.control("POST", "clock", {"advance": 2})
    return ready(daily, running["id"])


def ready(daily: DailyApi, recording_id: str) -> dict[str, Any]:
    """The recording, once it is finished."""

    def look() -> Any:
        seen = daily.ok("GET", f"/recordings/{recording_id}", schema="GetRecordingInfo200Response")
        return seen if seen["status"] == "finished" else None

    found: dict[str, Any] = wait_until(look)
    return found


def test_from_start_to_file(
    daily: DailyApi, daily_sandbox: SandboxProgram, receiver: Receiver, meeting: list[dict[str, Any]]
) -> None:
    """CA-8: started, seen, stopped, ready about two seconds later, each said in an event of the documented shape."""
    daily.ok("POST", "/webhooks", json={"url": receiver.url, "eventTypes": EVENTS})
    running = started(daily)
    assert (running["status"], running["room_name"], running["max_participants"]) == (
        "in-progress",
        "hello",
        2,
    )
    assert running["mtgSessionId"] == meeting[0]["meeting_id"]
    assert "duration" not in running
    assert "active" in daily.refused(
        400, "invalid-request-error", "POST", START, json={"instanceId": INSTANCE}
    )
    daily.refused(400, "invalid-request-error", "GET", f"/recordings/{running['id']}/access-link")
    daily_sandbox.control("POST", "clock", {"advance": 8.5})
    daily.ok("POST", STOP, json={"instanceId": INSTANCE})
    daily.refused(400, "invalid-request-error", "POST", STOP, json={})
    recording = ready(daily, running["id"])
    assert 9 <= recording["duration"] < 30  # the clock goes on by itself
    first, last = [each.json for each in receiver.wait_for_types(*EVENTS[:2])[1:]]
    assert (first["type"], last["type"], first["version"]) == (EVENTS[0], EVENTS[1], "1.0.0")
    assert check("RecordingStartedPayload", first["payload"]) == {
        "action": "start-cloud-recording",
        "recording_id": running["id"],
        "layout": {"preset": "default"},
        "instance_id": INSTANCE,
        "start_ts": running["start_ts"],
    }
    assert check("RecordingReadyPayload", last["payload"]) == {
        "type": "cloud",
        "recording_id": running["id"],
        "room_name": "hello",
        "start_ts": running["start_ts"],
        "status": "finished",
        "max_participants": 2,
        "duration": recording["duration"],
        "share_token": recording["share_token"],
        "s3_key": recording["s3key"],
    }


def test_it_ends_with_the_meeting(
    daily: DailyApi, daily_sandbox: SandboxProgram, meeting: list[dict[str, Any]]
) -> None:
    """CA-8: whoever leaves last stops it."""
    running = started(daily)
    daily_sandbox.control("POST", "leave", {"room": "hello"})
    daily_sandbox.control("POST", "clock", {"advance": 3})
    assert ready(daily, running["id"])["duration"] >= 1


def test_what_cannot_be_recorded(daily: DailyApi, daily_sandbox: SandboxProgram) -> None:
    """CA-8, SB-1: no room, nobody inside, not enabled, another type, unknown parameters, no key."""
    daily.refused(404, "not-found", "POST", START, json={})
    daily.room()
    daily.refused(400, "invalid-request-error", "POST", START, json={})
    daily.ok("POST", "/rooms/hello", json={"properties": {"enable_recording": "cloud"}})
    assert "hosting" in daily.refused(400, "invalid-request-error", "POST", START, json={})
    join(daily_sandbox, name="Ada")
    for body in ({"type": "raw-tracks"}, {"type": "film"}, {"instance_id": INSTANCE}, {"fps": "many"}):
        daily.refused(400, "invalid-request-error", "POST", START, json=body)
    daily.refused(400, "invalid-request-error", "POST", STOP, json={})
    stranger = DailyApi(daily_sandbox, key="wrong")
    stranger.refused(401, "authentication-error", "POST", START, json={})
    assert recordings(daily) == []


def test_listing(daily: DailyApi, daily_sandbox: SandboxProgram, meeting: list[dict[str, Any]]) -> None:
    """CA-8: newest first, by pages, of one room."""
    first = finished(daily, daily_sandbox)
    second = started(daily)
    assert [one["id"] for one in recordings(daily)] == [second["id"], first["id"]]
    assert recordings(daily, limit=1) == [second]
    assert recordings(daily, starting_after=second["id"]) == [first]
    assert recordings(daily, ending_before=first["id"]) == [second]
    assert recordings(daily, room_name="other") == []
    assert len(recordings(daily, room_name="hello")) == 2
    daily.refused(400, "invalid-request-error", "GET", "/recordings?room=hello")


def test_link_and_deletion(
    daily: DailyApi, daily_sandbox: SandboxProgram, meeting: list[dict[str, Any]]
) -> None:
    """CA-8: a signed link gives the file without a key until it expires, is changed, or the recording is deleted."""
    path = f"/recordings/{finished(daily, daily_sandbox)['id']}"
    answer = daily.ok("GET", f"{path}/access-link", schema="GetRecordingLink200Response")
    link = answer["download_link"]
    file = httpx.get(link)
    assert (file.status_code, file.headers["content-type"]) == (200, "video/mp4")
    assert "attachment" in file.headers["content-disposition"]
    assert file.content[4:8] == b"ftyp"
    assert httpx.get(link[:-1] + ("0" if link[-1] != "0" else "1")).status_code == 403
    assert httpx.get(link.partition("?")[0]).status_code == 403
    short = daily.ok("GET", f"{path}/access-link", params={"valid_for_secs": 60})["download_link"]
    daily_sandbox.control("POST", "clock", {"advance": 61})
    assert (httpx.get(short).status_code, httpx.get(link).status_code) == (403, 200)
    deleted = daily.ok("DELETE", path, schema="DeleteRecording200Response")
    assert deleted == {"deleted": True, "id": path.removeprefix("/recordings/")}
    assert httpx.get(link).status_code == 404
    for method, gone in (("DELETE", path), ("GET", path), ("GET", f"{path}/access-link")):
        daily.refused(404, "not-found", method, gone)


def test_it_breaks_off(
    daily: DailyApi, daily_sandbox: SandboxProgram, receiver: Receiver, meeting: list[dict[str, Any]]
) -> None:
    """CA-8, SB-2: a control lets it fail: an event, and no file."""
    daily.ok("POST", "/webhooks", json={"url": receiver.url, "eventTypes": EVENTS})
    running = started(daily)
    assert daily_sandbox.control("POST", "recordings/fail", {"room": "hello"}) == {"failed": [running["id"]]}
    event = receiver.wait_for_types("recording.error")[-1].json
    assert check("RecordingErrorPayload", event["payload"])["room_name"] == "hello"
    assert event["payload"]["instance_id"] == INSTANCE
    assert recordings(daily)[0]["status"] == "canceled"
    with pytest.raises(httpx.HTTPStatusError):
        daily_sandbox.control("POST", "recordings/fail", {"room": "hello"})


def test_both_see_that_it_runs(daily: DailyApi, person: People) -> None:
    """CA-8, SB-3: the room page shows and says it, also to somebody who comes in later."""
    room = daily.room(enable_recording="cloud")
    ada = person().open(room["url"]).join("Ada")
    shown = [ada.page.locator("#recording")]
    expect(shown[0]).to_be_hidden()
    started(daily)
    expect(shown[0]).to_be_visible()
    expect(ada.page.locator("#announcer")).to_contain_text("being recorded")
    grace = person(locale="fr-FR").open(room["url"], lang="fr").join("Grace")
    shown.append(grace.page.locator("#recording"))
    expect(shown[1]).to_have_text("Enregistrement")
    expect(shown[1]).to_be_visible()
    assert grace.accessibility_problems() == []
    daily.ok("POST", STOP, json={})
    for each in shown:
        expect(each).to_be_hidden()

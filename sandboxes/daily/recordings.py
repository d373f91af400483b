"""Cloud recordings: starting and stopping them, what the API tells about them, and the link to their file.

What is recorded here is not the call: every recording's file is the same short video.
"""

from __future__ import annotations

import hashlib
import hmac
import math
import secrets
import uuid
from typing import Any

from sandboxes.daily import parameters
from sandboxes.daily.errors import invalid_request, not_found
from sandboxes.daily.events import emit
from sandboxes.daily.meetings import largest_number, ongoing_meeting, participants
from sandboxes.daily.rooms import get_room, paginate, setting
from sandboxes.daily.service import Service

KIND = "recording"
CLOUD = "cloud"
#: From the end of a recording until its file can be fetched.
READY_SECONDS = 2.0
LINK_SECONDS = 3600
LONGEST_LINK_SECONDS = 12 * 3600

Recording = dict[str, Any]


def start(service: Service, name: str, *, body: dict[str, Any]) -> dict[str, str]:
    """``POST /rooms/:name/recordings/start``: only where people are, and once at a time for each ``instanceId``."""
    parameters.check(schema="RecordingStreamingOptions", body=body)
    room = get_room(service, name)
    wanted = body.get("type", CLOUD)
    if wanted != CLOUD or setting(room, "enable_recording") != CLOUD:
        raise invalid_request(f"recording of type '{wanted}' is not enabled for room {name}")
    with service.store.transaction():
        meeting = ongoing_meeting(service, name)
        if meeting is None:
            raise invalid_request(f"room {name} does not seem to be hosting a call currently")
        instance = body.get("instanceId") or str(uuid.UUID(int=0))
        if any(one["instance_id"] == instance for one in running(service, name)):
            raise invalid_request(f"room {name} has an active recording")
        recording = _new(service, meeting=meeting, instance=instance)
        service.store.put(KIND, recording["id"], recording)
        payload = {
            "action": "start-cloud-recording",
            "recording_id": recording["id"],
            "layout": body.get("layout", {"preset": "default"}),
            "instance_id": instance,
            "start_ts": int(recording["start_ts"]),
        }
        emit(service, type="recording.started", payload=payload)
    service.on_recording(name)
    return {"status": "sent"}


def _new(service: Service, *, meeting: dict[str, Any], instance: str) -> Recording:
    now = service.now()
    return {
        "id": str(uuid.uuid4()),
        "room_name": meeting["room"],
        "meeting_id": meeting["id"],
        "instance_id": instance,
        "start_ts": now,
        "stopped_at": None,
        "status": "in-progress",
        "share_token": secrets.token_urlsafe(9),
        "s3key": f"{service.domain}/{meeting['room']}/{int(now * 1000)}",
    }


def stop(service: Service, name: str, *, body: dict[str, Any]) -> dict[str, str]:
    """``POST /rooms/:name/recordings/stop``: 400 when nothing is being recorded."""
    parameters.check(schema="StopRecordingRequest", body=body)
    instance = body.get("instanceId")
    chosen = [one for one in running(service, name) if instance in (None, one["instance_id"])]
    if not chosen:
        get_room(service, name)
        raise invalid_request(f"room {name} has no active recording")
    _end(service, chosen, at=service.now())
    return {"status": "sent"}


def running(service: Service, room: str) -> list[Recording]:
    """What is being recorded in a room."""
    return [one for one in service.store.all(KIND) if one["room_name"] == room and one["stopped_at"] is None]


def end_with_meeting(service: Service, meeting: dict[str, Any]) -> None:
    """A recording ends with its meeting at the latest."""
    _end(service, running(service, meeting["room"]), at=meeting["end_time"])


def _end(service: Service, recordings: list[Recording], *, at: float) -> None:
    for recording in recordings:
        recording["stopped_at"] = at
        service.store.put(KIND, recording["id"], recording)
        service.timers.at(service.now() + READY_SECONDS, "finish_recording", {"id": recording["id"]})
        service.on_recording(recording["room_name"])


def finish(service: Service, recording_id: str) -> None:
    """The file can be fetched from now on."""
    with service.store.transaction():
        recording = service.store.get(KIND, recording_id)
        if recording is None or recording["status"] != "in-progress":
            return
        recording["status"] = "finished"
        recording["duration"] = math.ceil(max(recording["stopped_at"] - recording["start_ts"], 0.001))
        service.store.put(KIND, recording_id, recording)
        view = public_view(service, recording)
        copied = ("room_name", "start_ts", "status", "max_participants", "duration", "share_token")
        payload = {name: view[name] for name in copied}
        more = {"type": CLOUD, "recording_id": recording_id, "s3_key": view["s3key"]}
        emit(service, type="recording.ready-to-download", payload={**more, **payload})


def fail(service: Service, name: str) -> list[str]:
    """The control: what is being recorded in a room breaks off, and no file comes of it."""
    broken = running(service, name)
    for recording in broken:
        now = service.now()
        service.store.put(KIND, recording["id"], {**recording, "status": "canceled", "stopped_at": now})
        payload = {
            "action": "cloud-recording-error",
            "error_msg": "cloud-recording-error: the recorder went away",
            "instance_id": recording["instance_id"],
            "room_name": name,
            "timestamp": int(now),
        }
        emit(service, type="recording.error", payload=payload)
        service.on_recording(name)
    return [recording["id"] for recording in broken]


def set_timers(service: Service) -> None:
    """Connect the timer, and the end of a meeting, with what they do."""
    service.timers.on("finish_recording", lambda payload: finish(service, payload["id"]))
    service.on_meeting_end = lambda meeting: end_with_meeting(service, meeting)


def get_recording(service: Service, recording_id: str) -> Recording:
    """The recording; 404 when there is none."""
    recording = service.store.get(KIND, recording_id)
    if recording is None:
        raise not_found(f"recording {recording_id} not found")
    return recording


def public_view(service: Service, recording: Recording) -> dict[str, Any]:
    """The recording as the API shows it; no duration while it is in progress."""
    view = {
        "id": recording["id"],
        "room_name": recording["room_name"],
        "start_ts": int(recording["start_ts"]),
        "status": recording["status"],
        "max_participants": largest_number(participants(service, recording["meeting_id"])),
        "share_token": recording["share_token"],
        "s3key": recording["s3key"],
        "mtgSessionId": recording["meeting_id"],
    }
    return view | ({"duration": recording["duration"]} if "duration" in recording else {})


def list_recordings(service: Service, *, query: dict[str, str]) -> dict[str, Any]:
    """``GET /recordings``, newest first."""
    parameters.check_query(query=query, known={"limit", "starting_after", "ending_before", "room_name"})
    wanted = query.get("room_name")
    found = [one for one in reversed(service.store.all(KIND)) if wanted in (None, one["room_name"])]
    page = paginate(found, query=query)
    return {"total_count": len(found), "data": [public_view(service, one) for one in page]}


def delete_recording(service: Service, recording_id: str) -> dict[str, Any]:
    """``DELETE /recordings/:id``: the file is gone, and with it every link."""
    recording = get_recording(service, recording_id)
    service.store.delete(KIND, recording_id)
    service.on_recording(recording["room_name"])
    return {"deleted": True, "id": recording_id}


def access_link(service: Service, recording_id: str, *, query: dict[str, str]) -> dict[str, Any]:
    """``GET /recordings/:id/access-link``: an address that gives the file without a key, for an hour."""
    parameters.check_query(query=query, known={"valid_for_secs", "allow_streaming_from_bucket"})
    recording = get_recording(service, recording_id)
    if recording["status"] != "finished":
        raise invalid_request(f"recording {recording_id} is not finished")
    seconds = parameters.query_integer(
        query, "valid_for_secs", default=LINK_SECONDS, low=1, high=LONGEST_LINK_SECONDS
    )
    expires = int(service.now()) + seconds
    signature = _signature(service, recording_id, expires)
    link = f"{service.public_url}/_recordings/{recording_id}.mp4?Expires={expires}&Signature={signature}"
    return {"download_link": link, "expires": expires}


def is_good_link(service: Service, *, recording_id: str, expires: str, signature: str) -> bool:
    """Whether a link is one of ours that has not expired."""
    if not expires.isdecimal() or int(expires) <= service.now():
        return False
    genuine = _signature(service, recording_id, int(expires))
    return hmac.compare_digest(genuine.encode(), signature.encode())


def _signature(service: Service, recording_id: str, expires: int) -> str:
    signed = f"{recording_id}.{expires}".encode()
    return hmac.new(service.api_key.encode(), signed, hashlib.sha256).hexdigest()

"""Daily's cloud recordings (https://docs.daily.co/reference/rest-api/recordings). Errors are `ProviderError`."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from callastar.core.errors import ProviderError, ProviderTrouble
from callastar.providers.daily.client import ask, every
from callastar.providers.daily.errors import NOT_FOUND, PROVIDER, readable
from callastar.providers.daily.times import moment

_NOTHING_TO_STOP = (NOT_FOUND, "invalid-request-error")


class HostedState(StrEnum):
    """Where Daily says a recording stands; what was stopped is in progress until its file is there."""

    IN_PROGRESS = "in-progress"
    FINISHED = "finished"
    CANCELED = "canceled"


@dataclass(frozen=True, slots=True)
class HostedRecording:
    """A recording at Daily; its length is known once it is finished."""

    id: str
    room: str
    state: HostedState
    started_at: datetime
    duration_seconds: int | None


def start_recording(*, room: str, instance: str) -> None:
    """Have the room recorded. Daily refuses a second recording of the same `instance` while the first one runs."""
    ask("POST", f"/rooms/{room}/recordings/start", json={"type": "cloud", "instanceId": instance})


def stop_recording(*, room: str, instance: str) -> None:
    """Make sure that it is not recorded any more; nothing to stop is success."""
    try:
        ask("POST", f"/rooms/{room}/recordings/stop", json={"type": "cloud", "instanceId": instance})
    except ProviderError as error:
        if error.code not in _NOTHING_TO_STOP:
            raise


def list_recordings(*, room: str) -> list[HostedRecording]:
    """Every recording made in a room, also of one that is deleted; the newest first."""
    return [readable(_recording, one) for one in every("/recordings", {"room_name": room})]


def get_recording(*, recording_id: str) -> HostedRecording | None:
    """The recording; None if there is none (any more)."""
    try:
        return readable(_recording, ask("GET", f"/recordings/{recording_id}"))
    except ProviderError as error:
        if error.code != NOT_FOUND:
            raise
        return None


def recording_link(*, recording_id: str, seconds: int) -> str:
    """An address that gives the file to whoever has it, for so many seconds."""
    answer = ask("GET", f"/recordings/{recording_id}/access-link", params={"valid_for_secs": seconds})
    link = readable(_link, answer)
    if not link.startswith(("https://", "http://")):  # Daily may write an error where the address should be
        raise ProviderError(PROVIDER, ProviderTrouble.PERMANENT, "no-link", link[:200])
    return link


def delete_recording(*, recording_id: str) -> None:
    """Make sure that there is no such recording."""
    try:
        ask("DELETE", f"/recordings/{recording_id}")
    except ProviderError as error:
        if error.code != NOT_FOUND:
            raise


def _recording(body: dict[str, Any]) -> HostedRecording:
    duration = body.get("duration")
    return HostedRecording(
        id=str(body["id"]),
        room=str(body["room_name"]),
        state=HostedState(body["status"]),
        started_at=moment(body["start_ts"]),
        duration_seconds=None if duration is None else round(duration),
    )


def _link(answer: dict[str, Any]) -> str:
    return str(answer["download_link"])

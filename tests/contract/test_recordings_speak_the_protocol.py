"""What the product asks Daily about recordings, held against Daily's description (CA-8, SB-1)."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from pytest_django import Settings

from callastar.core import clock
from callastar.providers.daily import gateway, recordings
from callastar.providers.rooms import RoomRequest
from tests.contract import protocol_daily
from tests.contract.daily_api import DailyApi, join, wait_until
from tests.contract.sandbox_program import SandboxProgram
from tests.contract.validating_proxy import ValidatingProxy

INSTANCE = "c3df927c-f738-4471-a2b7-066fa7e95a6b"
CALLS = {
    "POST /v1/rooms",
    "POST /v1/rooms/:id/recordings/start",
    "POST /v1/rooms/:id/recordings/stop",
    "GET /v1/recordings",
    "GET /v1/recordings/:id",
    "GET /v1/recordings/:id/access-link",
    "DELETE /v1/recordings/:id",
}


@pytest.fixture
def proxy(settings: Settings, at_daily: SandboxProgram) -> Iterator[ValidatingProxy]:
    """The product speaks to the sandbox through it."""
    made = ValidatingProxy(at_daily.url, protocol_daily.violations)
    settings.DAILY_API_URL = f"{made.url}/v1"
    yield made
    made.close()


def test_from_a_recordable_room_to_a_deleted_recording(
    proxy: ValidatingProxy, at_daily: SandboxProgram, daily: DailyApi
) -> None:
    """CA-8: every request and every answer fits, the refusals too; each step may be taken twice."""
    now = clock.now()
    request = RoomRequest(
        "hello", now - timedelta(minutes=1), now + timedelta(hours=1), 2, is_recordable=True
    )
    gateway.create_room(request=request)
    join(at_daily, token=daily.token(room_name="hello", user_name="Ada"))
    recordings.start_recording(room="hello", instance=INSTANCE)
    (running,) = recordings.list_recordings(room="hello")
    assert (running.state, running.duration_seconds) == (recordings.HostedState.IN_PROGRESS, None)
    for _ in range(2):
        recordings.stop_recording(room="hello", instance=INSTANCE)
    at_daily.control("POST", "clock", {"advance": 3})
    wait_until(lambda: _seconds(running.id))
    link = recordings.recording_link(recording_id=running.id, seconds=900)
    assert link.startswith(at_daily.url)
    for _ in range(2):
        recordings.delete_recording(recording_id=running.id)
    assert recordings.get_recording(recording_id=running.id) is None
    assert proxy.violations == []
    ids = re.compile(r"(?<=/rooms/)hello|(?<=/recordings/)[0-9a-f-]{36}")
    assert {f"{each.method} {ids.sub(':id', each.path)}" for each in proxy.exchanges} == CALLS


def _seconds(recording_id: str) -> int | None:
    found = recordings.get_recording(recording_id=recording_id)
    return found.duration_seconds if found else None

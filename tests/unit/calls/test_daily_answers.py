"""What Daily answers and nobody can read is an error of Daily's, asking again does not mend it (CA-5, CA-6, CA-8)."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from callastar.core.errors import ProviderError
from callastar.providers.daily import client, meetings, recordings

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
STAYED = {"participant_id": "p", "user_id": "u", "join_time": NOON.timestamp(), "duration": 60}
INSIDE = {"id": "p", "userId": "u", "joinTime": "2026-06-01T12:00:00.000Z"}
RECORDED = {
    "id": "r",
    "room_name": "room",
    "status": "finished",
    "start_ts": NOON.timestamp(),
    "duration": 60,
}
Answer = Callable[[Any], None]


@pytest.fixture
def daily_answers(monkeypatch: pytest.MonkeyPatch) -> Answer:
    """`daily_answers(body)`: whatever is asked, Daily says this."""

    def answer(body: Any) -> None:
        for module in (client, meetings, recordings):
            monkeypatch.setattr(module, "ask", lambda *given, **options: body)

    return answer


def past() -> Any:
    return list(meetings.list_meetings(room="room"))


def inside() -> Any:
    return meetings.presence(room="room")


def recorded() -> Any:
    return recordings.list_recordings(room="room")


def one_recorded() -> Any:
    return recordings.get_recording(recording_id="r")


def link() -> Any:
    return recordings.recording_link(recording_id="r", seconds=60)


def test_what_can_be_read_is_read(daily_answers: Answer) -> None:
    """So that what follows fails by what is wrong alone."""
    daily_answers({"data": [{"participants": [STAYED]}]})
    assert past()[0].left_at == NOON + timedelta(minutes=1)
    daily_answers({"data": [INSIDE]})
    assert inside()[0].joined_at == NOON
    daily_answers({"data": [RECORDED, {**RECORDED, "duration": None}, {**RECORDED, "duration": 59.6}]})
    assert [one.duration_seconds for one in recorded()] == [60, None, 60]
    daily_answers({"download_link": "https://x/y"})
    assert link() == "https://x/y"
    for nothing in ({}, {"data": []}):
        daily_answers(nothing)
        assert (past(), inside(), recorded()) == ([], [], [])


def without(row: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in row.items() if key != name}


ODD_STAYS = [
    *({**STAYED, "duration": odd} for odd in (None, "60", [], float("nan"), 1e300)),
    *({**STAYED, "join_time": odd} for odd in (None, "noon", {}, 1e300, -1e25)),
    *(without(STAYED, name) for name in ("participant_id", "join_time", "duration")),
    None,
    "somebody",
]
ODD_INSIDE = [
    *({**INSIDE, "joinTime": odd} for odd in (None, "noon", 5, "", "0001-01-01T00:00:00+23:59")),
    *(without(INSIDE, name) for name in ("id", "joinTime")),
    None,
]
ODD_RECORDED = [
    *({**RECORDED, "duration": odd} for odd in ("60", [], {}, float("inf"))),
    *({**RECORDED, "start_ts": odd} for odd in (None, "noon", 1e300)),
    {**RECORDED, "status": "lost"},
    *(without(RECORDED, name) for name in ("id", "room_name", "status", "start_ts")),
]


@pytest.mark.parametrize(
    ("ask", "body"),
    [
        *((past, {"data": [{"participants": [STAYED, odd]}]}) for odd in ODD_STAYS),
        *((past, body) for body in ({"data": [{"participants": None}]}, {"data": [{"participants": 1}]})),
        *((inside, {"data": [INSIDE, odd]}) for odd in ODD_INSIDE),
        *((recorded, {"data": [RECORDED, odd]}) for odd in (*ODD_RECORDED, None)),
        *((one_recorded, odd) for odd in (*ODD_RECORDED, [], None, "r")),
        *(
            (ask, body)
            for ask in (past, inside, recorded)
            for body in ([], None, "rubbish", {"data": None}, {"data": {}}, {"data": [1]})
        ),
        *(
            (past, {"data": [{"participants": []}] * size}) for size in (client.PAGE,)
        ),  # the next page has no name
        *((link, body) for body in ({}, [], None)),
    ],
)
def test_what_cannot_be_read_is_dailys_error(
    daily_answers: Answer, ask: Callable[[], Any], body: Any
) -> None:
    daily_answers(body)
    with pytest.raises(ProviderError) as caught:
        ask()
    assert (caught.value.provider, caught.value.code) == ("daily", "unreadable")
    assert not caught.value.is_temporary

"""What Daily's events and lists say, as plain values (CA-5)."""

from datetime import UTC, datetime, timedelta

import pytest

from callastar.providers.daily.events import is_ping, meeting_news, parse_event, session_news
from callastar.providers.daily.times import iso_moment, moment

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
SECONDS = NOON.timestamp()
CAME = {"room": "r", "session_id": "s", "user_id": "u", "joined_at": SECONDS + 0.9}


@pytest.mark.parametrize("given", [SECONDS, SECONDS + 0.999, SECONDS * 1000, SECONDS * 1000 + 999])
def test_times_are_in_whole_seconds(given: float) -> None:
    """Events know fractions, lists do not; and milliseconds are recognised."""
    assert moment(given) == NOON


def test_written_times_are_too() -> None:
    assert iso_moment("2026-06-01T12:00:00.987Z") == iso_moment("2026-06-01T14:00:00+02:00") == NOON


@pytest.mark.parametrize(
    ("duration", "seconds"), [(60, 60), (59.6, 60), (0.2, 0), (-30, 0), ("none", None), (None, None)]
)
def test_a_session_lasts_as_long_as_it_says(duration: float | str | None, seconds: int | None) -> None:
    """Only a leaving has a duration; nobody leaves before they came."""
    payload = CAME if duration == "none" else {**CAME, "duration": duration}
    session = session_news(payload)
    assert (session.id, session.room, session.user_id, session.joined_at) == ("s", "r", "u", NOON)
    assert session.left_at == (None if seconds is None else NOON + timedelta(seconds=seconds))


def test_somebody_without_a_token_of_ours_has_no_id() -> None:
    assert session_news({**CAME, "user_id": None}).user_id == ""


def test_a_meeting_has_ended_if_it_says_when() -> None:
    began = {"room": "r", "meeting_id": "m", "start_ts": SECONDS}
    assert meeting_news(began).ended_at is None
    assert meeting_news({**began, "end_ts": SECONDS + 60.5}).ended_at == NOON + timedelta(seconds=60)


@pytest.mark.parametrize("missing", ["room", "session_id", "joined_at"])
def test_what_is_missing_is_not_made_up(missing: str) -> None:
    with pytest.raises(KeyError):
        session_news({name: value for name, value in CAME.items() if name != missing})


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"id": "e", "type": "t"},
        {"id": "", "type": "t", "payload": {}},
        {"id": "e", "type": "t\0", "payload": {}},
    ],
)
def test_what_is_no_event_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises((KeyError, ValueError)):
        parse_event(wrong)


@pytest.mark.parametrize(
    ("body", "ping"),
    [
        (b'{"test":"test"}', True),
        (b'{"test": "test"}\n', True),
        (b'{"test":"test","id":"e"}', False),
        (b'"test"', False),
        (b"", False),
        (b"\xff", False),
        (b"[" * 100_000, False),
    ],
)
def test_the_try_of_an_address_is_recognised(body: bytes, ping: bool) -> None:
    assert is_ping(body) is ping

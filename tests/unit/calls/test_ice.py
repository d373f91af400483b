"""CA-1: what browsers in built-in rooms are told of STUN and TURN, and how its settings are checked."""

import base64
import hmac
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from pydantic import ValidationError

from callastar.calls.ice import ice_servers
from config.env import Environment
from tests.factories import utc

PERSON = UUID("019a5f0e-7c1d-7b52-9d0c-3f8f3f4f9a10")
NOW = utc(2026, 3, 4, 12)
SOON = NOW + timedelta(minutes=30)
SECRET = "north-of-the-river-the-lamps-are-lit-early"


@pytest.fixture
def relayed(settings: Any) -> Any:
    """A site with a STUN server and two ways to a TURN server."""
    settings.STUN_URLS = ["stun:stun.example:3478"]
    settings.TURN_URLS = ["turn:turn.example:3478?transport=udp", "turns:turn.example:5349"]
    settings.TURN_SECRET, settings.TURN_TTL_SECONDS = SECRET, 3600
    return settings


def test_turn_passwords_are_those_of_the_rest_scheme(relayed: Any) -> None:
    """CA-1: computed here once more, by the words of draft-uberti-behave-turn-rest-00."""
    stun, turn = ice_servers(person_id=PERSON, until=SOON, now=NOW)
    assert (stun.urls, stun.username, stun.credential) == (["stun:stun.example:3478"], "", "")
    expires = int(NOW.timestamp()) + 3600
    assert (turn.urls, turn.username) == (relayed.TURN_URLS, f"{expires}:{PERSON}")
    digest = hmac.digest(SECRET.encode(), turn.username.encode(), "sha1")
    assert turn.credential == base64.b64encode(digest).decode()
    assert turn.credential not in repr(turn)


def test_a_known_password(relayed: Any) -> None:
    """CA-1: the value that `openssl dgst -sha1 -hmac` gives, so that no change of ours changes it unseen."""
    relayed.TURN_SECRET = "secret"
    _, turn = ice_servers(person_id=PERSON, until=utc(2026, 1, 1), now=utc(2026, 1, 1))
    assert turn.username == f"1767229200:{PERSON}"
    assert turn.credential == "2sYUJaweWgDeLzlmc6R9gzEh/1Q="


def test_passwords_differ_and_outlast_the_call(relayed: Any) -> None:
    """CA-1: each person's is their own; in the third hour of a call it is still good."""
    relayed.TURN_TTL_SECONDS = 600
    until = NOW + timedelta(hours=3)
    _, mine = ice_servers(person_id=PERSON, until=until, now=NOW)
    _, other = ice_servers(person_id=UUID(int=1), until=until, now=NOW)
    assert mine.username.startswith(f"{int(until.timestamp())}:")
    assert mine.credential != other.credential


def test_without_servers_nobody_is_asked(relayed: Any) -> None:
    """CA-1: demo and tests speak to nobody outside."""
    relayed.STUN_URLS = relayed.TURN_URLS = []
    assert ice_servers(person_id=PERSON, until=SOON, now=NOW) == []


@pytest.fixture
def start(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Reads the settings as a process does that starts with these variables and no others."""
    for name in Environment.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)

    def read(**variables: str) -> Environment:
        for name, value in {"DATABASE_URL": "postgresql://db.example/callastar", **variables}.items():
            monkeypatch.setenv(name, value)
        return Environment()  # type: ignore[call-arg]  # filled from the environment

    return read


def test_settings_are_read(start: Any) -> None:
    """OP-2."""
    usual = start()
    assert usual.stun_urls == ("stun:stun.l.google.com:19302",)
    assert (usual.turn_urls, usual.turn_ttl_seconds) == ((), 3600)
    assert start(STUN_URLS="").stun_urls == ()
    given = start(
        STUN_URLS="stun:[2001:db8::1]:3478, stuns:stun.example",
        TURN_URLS="turn:192.0.2.1,turns:turn.example:5349?transport=tcp",
        TURN_SECRET=SECRET,
    )
    assert given.stun_urls == ("stun:[2001:db8::1]:3478", "stuns:stun.example")
    assert given.turn_urls == ("turn:192.0.2.1", "turns:turn.example:5349?transport=tcp")


@pytest.mark.parametrize(
    ("variables", "named"),
    [
        ({"TURN_URLS": "turn:turn.example"}, "TURN_URLS needs TURN_SECRET"),
        ({"STUN_URLS": "turn:turn.example"}, "stun_urls"),
        ({"STUN_URLS": "stun.example:3478"}, "stun_urls"),
        ({"TURN_URLS": "stun:stun.example", "TURN_SECRET": SECRET}, "turn_urls"),
        ({"TURN_URLS": "turn:turn.example?transport=sctp", "TURN_SECRET": SECRET}, "turn_urls"),
        ({"TURN_URLS": "https://turn.example", "TURN_SECRET": SECRET}, "turn_urls"),
        ({"TURN_TTL_SECONDS": "5"}, "turn_ttl_seconds"),
    ],
)
def test_nonsense_stops_the_process_with_its_name(start: Any, variables: dict[str, str], named: str) -> None:
    """OP-2: and never with the secret."""
    with pytest.raises(ValidationError) as refused:
        start(**variables)
    assert named.lower() in str(refused.value).lower()
    assert SECRET not in str(refused.value)


def test_a_short_secret_is_refused_where_real_people_call(start: Any) -> None:
    """SE-2: named with the others that are missing."""
    with pytest.raises(ValidationError, match="TURN_SECRET"):
        start(ENVIRONMENT="staging", TURN_URLS="turn:turn.example", TURN_SECRET="short")

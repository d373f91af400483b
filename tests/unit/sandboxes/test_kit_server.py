"""How a sandbox is started, and what its controls refuse (SB-1, SB-2)."""

import argparse
import asyncio
import json
import stat
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Route
from starlette.types import ASGIApp

from sandboxes.kit.app import Kit, public_path
from sandboxes.kit.control import Control
from sandboxes.kit.options import Key, Options, load_keys, parser, refuse_unsafe

KEYS = [Key("api_key", lambda: "made", "the key")]


def _refuse(*argv: str) -> None:
    arguments = parser("toy", KEYS, 8700)
    refuse_unsafe(arguments, arguments.parse_args(argv))


def test_only_loopback_unless_told(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture) -> None:
    """SB-1."""
    monkeypatch.setenv("ENVIRONMENT", "development")
    for host in ("127.0.0.1", "127.8.8.8", "localhost", "::1"):
        _refuse("--host", host)
    for host in ("0.0.0.0", "192.168.1.4", "example.org"):
        with pytest.raises(SystemExit):
            _refuse("--host", host)
    assert "--allow-remote" in capsys.readouterr().err
    _refuse("--host", "0.0.0.0", "--allow-remote")


def test_never_in_production(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture) -> None:
    monkeypatch.setenv("ENVIRONMENT", "production")
    with pytest.raises(SystemExit):
        _refuse("--allow-remote")
    assert "production" in capsys.readouterr().err


def test_keys_are_made_once_and_kept_for_the_owner(tmp_path: Path) -> None:
    nothing_given, given = argparse.Namespace(api_key=None), argparse.Namespace(api_key="given")
    assert load_keys(tmp_path, KEYS, nothing_given) == {"api_key": "made"}
    assert load_keys(tmp_path, KEYS, given) == {"api_key": "given"}
    assert load_keys(tmp_path, KEYS, nothing_given) == {"api_key": "given"}
    path = tmp_path / "keys.json"
    assert json.loads(path.read_text()) == {"api_key": "given"}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


async def _hello(_: object) -> PlainTextResponse:
    return PlainTextResponse("hello")


def _refuse_it(*_: object) -> None:
    raise ValueError("not like this")


def _find_nothing(*_: object) -> None:
    raise LookupError("no such thing")


@pytest.fixture
def kit(tmp_path: Path) -> Kit:
    options = Options(name="toy", data_dir=tmp_path, public_url="http://toy", keys={})
    return Kit.open(
        options, sign=lambda *_: {}, error_response=lambda status: JSONResponse({"oops": status}, status)
    )


class Client:
    """Requests to the application in this process, from an address of one's choice."""

    def __init__(self, app: ASGIApp, address: str) -> None:
        self._app = app
        self._address = address

    def get(self, path: str, **kwargs: Any) -> httpx.Response:
        return asyncio.run(self._request("GET", path, **kwargs))

    def post(self, path: str, **kwargs: Any) -> httpx.Response:
        return asyncio.run(self._request("POST", path, **kwargs))

    def delete(self, path: str) -> httpx.Response:
        return asyncio.run(self._request("DELETE", path))

    async def _request(self, method: str, path: str, **kwargs: Any) -> httpx.Response:
        transport = httpx.ASGITransport(self._app, client=(self._address, 4711))
        async with httpx.AsyncClient(transport=transport, base_url="http://toy") as client:
            return await client.request(method, path, **kwargs)


def _client(kit: Kit, address: str = "127.0.0.1") -> Client:
    controls = [
        Control("POST", "things/{id}/break", _refuse_it, "Break it."),
        Control("POST", "things/{id}/find", _find_nothing, "Find it."),
    ]
    return Client(kit.app([Route("/hello", _hello)], controls), address)


def test_faults_answer_in_the_providers_own_shape(kit: Kit) -> None:
    """SB-2."""
    client = _client(kit)
    for kind in ("500", "429"):
        client.post("/_control/faults", json={"match": "GET /hello", "kind": kind})
        assert (client.get("/hello").status_code, kind) == (int(kind), kind)
    assert client.get("/hello").text == "hello"


def test_faults_are_listed_cleared_and_never_hit_the_controls(kit: Kit) -> None:
    """SB-2."""
    client = _client(kit)
    client.post("/_control/faults", json={"match": "* /", "kind": "500", "times": 9})
    assert [fault["times"] for fault in client.get("/_control/faults").json()] == [9]
    assert client.delete("/_control/faults").json() == {"ok": True}
    assert client.get("/hello").status_code == 200


def test_controls_refuse_nonsense_with_the_reason(kit: Kit) -> None:
    client = _client(kit)
    assert client.post("/_control/faults", json={"match": 5, "kind": "500"}).status_code == 400
    assert client.post("/_control/faults", content="[1").status_code == 400
    assert client.post("/_control/clock", json={"advance": "soon"}).status_code == 400
    assert (
        client.post("/_control/webhooks", json={"mode": "chaos"}).json()["error"].startswith("mode must be")
    )
    assert client.post("/_control/things/1/break").json() == {"error": "not like this"}
    assert client.post("/_control/things/1/find").status_code == 404


def test_controls_are_for_this_machine_only(kit: Kit) -> None:
    """SB-2: loopback only; a page of another site in this machine's browser is a stranger too."""
    assert _client(kit, "192.0.2.7").post("/_control/reset").status_code == 403
    stranger = {"Sec-Fetch-Site": "cross-site"}
    assert _client(kit).post("/_control/reset", headers=stranger).status_code == 403
    assert _client(kit, "192.0.2.7").get("/hello").status_code == 200


def test_controls_are_documented_for_people_and_programs(kit: Kit) -> None:
    """SB-2: documented at /_control/."""
    client = _client(kit)
    listed = {(each["method"], each["path"]) for each in client.get("/_control/").json()["controls"]}
    assert {
        ("POST", "/_control/faults"), ("DELETE", "/_control/faults"), ("POST", "/_control/webhooks"),
        ("POST", "/_control/webhooks/release"), ("POST", "/_control/clock"), ("GET", "/_control/state"),
        ("POST", "/_control/reset"), ("POST", "/_control/things/{id}/break"),
    } <= listed  # fmt: skip
    page = client.get("/_control/", headers={"Accept": "text/html"}).text
    assert "/_control/things/{id}/break" in page
    assert "Sandbox" in page


def test_state_shows_all_and_reset_forgets_it(kit: Kit) -> None:
    """SB-2."""
    seeded: list[str] = []
    kit.on_reset.append(lambda: seeded.append("again"))
    client = _client(kit)
    kit.store.put("thing", "a", {"id": "a"})
    client.post("/_control/clock", json={"advance": 60})
    state = client.get("/_control/state").json()
    assert state["documents"] == {"thing": [{"id": "a"}]}
    assert state["clock"]["offset"] == 60
    client.post("/_control/reset")
    assert client.get("/_control/state").json()["documents"] == {}
    assert (kit.clock.offset, seeded) == (0, ["again"])


def test_the_log_shows_no_tokens() -> None:
    assert public_path("/meeting-tokens/" + "x" * 120) == "/meeting-tokens/…"
    assert public_path("/emails/4ef9a417-02e9-4d39-ad75-9611e0fcc33c").endswith("fcc33c")

"""Daily's stand-in speaks as Daily does: keys, rooms, faults, restarts (SB-1, SB-2; CA-2, CA-7 rely on it)."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.contract.daily_api import EVENTS, DailyApi, documented, in_seconds, join, wait_until
from tests.contract.sandbox_program import Receiver, SandboxProgram

PARAMETERS = Path(__file__).resolve().parents[2] / "sandboxes" / "daily" / "parameters.json"


def test_the_accepted_parameters_are_the_documented_ones() -> None:
    """SB-1: what the sandbox accepts, the real service accepts."""
    accepted = json.loads(PARAMETERS.read_text("utf-8"))["components"]["schemas"]
    assert {name: documented()["schemas"][name] for name in accepted} == accepted


class TestKeys:
    """SB-1: wrong keys are refused as Daily refuses them."""

    def test_no_header(self, daily: DailyApi) -> None:
        daily.refused(400, "authorization-header-error", "GET", "/rooms", headers={})

    def test_another_scheme(self, daily: DailyApi) -> None:
        daily.refused(
            400, "authorization-header-error", "GET", "/rooms", headers={"Authorization": "Basic a"}
        )

    def test_wrong_key(self, daily_sandbox: SandboxProgram) -> None:
        DailyApi(daily_sandbox, key="wrong").refused(401, "authentication-error", "POST", "/rooms")

    def test_unknown_path(self, daily: DailyApi) -> None:
        daily.refused(404, "not-found", "GET", "/nothing")
        daily.refused(404, "not-found", "PUT", "/rooms/hello")


class TestRooms:
    """SB-1: the life of a room."""

    def test_made_shown_changed_listed_deleted(self, daily: DailyApi, daily_sandbox: SandboxProgram) -> None:
        expiry = in_seconds(3600)
        made = daily.room(privacy="private", exp=expiry, max_participants=2, enable_chat=True)
        assert made["config"] == {"exp": expiry, "max_participants": 2, "enable_chat": True}
        assert made["url"] == f"{daily_sandbox.url}/hello"
        assert made["created_at"].endswith("Z")
        assert made["api_created"] is True
        assert daily.ok("GET", "/rooms/hello", schema="CreateRoom200Response") == made

        changed = daily.ok(
            "POST",
            "/rooms/hello",
            schema="CreateRoom200Response",
            json={"privacy": "public", "properties": {"enable_chat": False}},
        )
        assert changed == made | {"privacy": "public", "config": {"exp": expiry, "max_participants": 2}}
        assert daily.ok("GET", "/rooms", schema="ListRooms200Response") == {
            "total_count": 1,
            "data": [changed],
        }

        assert daily.ok("DELETE", "/rooms/hello") == {"deleted": True, "name": "hello"}
        assert daily.refused(404, "not-found", "DELETE", "/rooms/hello") == "room hello not found"
        daily.refused(404, "not-found", "GET", "/rooms/hello")

    def test_config_holds_only_what_differs_from_the_defaults(self, daily: DailyApi) -> None:
        made = daily.room(enable_screenshare=True, start_video_off=False, enable_chat=False, lang="fr")
        assert made["config"] == {"lang": "fr"}

    def test_a_name_is_made_when_none_is_given(self, daily: DailyApi) -> None:
        first = daily.ok("POST", "/rooms", schema="CreateRoom200Response")
        second = daily.ok("POST", "/rooms", schema="CreateRoom200Response")
        assert first["name"] != second["name"]
        assert first["privacy"] == "public"

    def test_duplicate(self, daily: DailyApi) -> None:
        """CA-2 takes this 400 for success, so its words matter."""
        made = daily.room()
        info = daily.refused(400, "invalid-request-error", "POST", "/rooms", json={"name": "hello"})
        assert info == "a room named hello already exists"
        assert daily.ok("GET", "/rooms/hello") == made

    @pytest.mark.parametrize(
        ("body", "words"),
        [
            ({"naem": "x"}, "unknown parameter 'naem'"),
            ({"properties": {"exp_at": 1}}, "unknown parameter 'exp_at'"),
            ({"properties": {"permissions": {"canFly": True}}}, "unknown parameter 'canFly'"),
            ({"properties": {"exp": "soon"}}, "properties.exp was 'soon'"),
            ({"properties": {"exp": 1000}}, "exp was '1000', which is in the past rather than in the future"),
            ({"properties": {"exp": 4_000_000_000_000}}, "unix time in seconds"),
            ({"properties": {"nbf": 3_000_000_001, "exp": 3_000_000_000}}, "not before exp"),
            ({"properties": {"max_participants": 0}}, "max_participants was '0'"),
            ({"properties": {"max_participants": True}}, "expected integer"),
            ({"properties": {"lang": "xx"}}, "lang was 'xx'"),
            ({"privacy": "secret"}, "privacy was 'secret'"),
            ({"name": "a b"}, "name was 'a b'"),
            ({"name": "a" * 129}, "1 to 128"),
            ({"name": ""}, "1 to 128"),
            ({"name": "_control"}, "name was '_control'"),
        ],
    )
    def test_wrong_parameters(self, daily: DailyApi, body: dict[str, Any], words: str) -> None:
        assert words in daily.refused(400, "invalid-request-error", "POST", "/rooms", json=body)
        assert daily.ok("GET", "/rooms")["total_count"] == 0

    def test_changes_are_checked_too(self, daily: DailyApi) -> None:
        made = daily.room()
        for body in ({"privacy": "org"}, {"properties": {"exp": 5}}, {"name": "other"}):
            daily.refused(400, "invalid-request-error", "POST", "/rooms/hello", json=body)
        assert daily.ok("GET", "/rooms/hello") == made

    def test_bad_json(self, daily: DailyApi) -> None:
        daily.refused(400, "json-parsing-error", "POST", "/rooms", content=b"{")
        daily.refused(400, "invalid-request-error", "POST", "/rooms", content=b"[]")

    def test_list_is_newest_first_and_pages(self, daily: DailyApi) -> None:
        ids = {name: daily.room(name)["id"] for name in ("one", "two", "three", "four")}

        def names(**query: Any) -> list[str]:
            answer = daily.ok("GET", "/rooms", schema="ListRooms200Response", params=query)
            assert answer["total_count"] == 4
            return [room["name"] for room in answer["data"]]

        assert names() == ["four", "three", "two", "one"]
        assert names(limit=2) == ["four", "three"]
        assert names(limit=2, starting_after=ids["three"]) == ["two", "one"]
        assert names(limit=1, ending_before=ids["two"]) == ["three"]
        for query in ({"limit": 0}, {"limit": "x"}, {"starting_after": "three"}, {"page": 2}):
            daily.refused(400, "invalid-request-error", "GET", "/rooms", params=query)

    def test_expired_rooms_are_gone(self, daily: DailyApi, daily_sandbox: SandboxProgram) -> None:
        """CA-7: the 404 of an expired room says that it is deleted."""
        daily.room(exp=in_seconds(60))
        daily.room("later", exp=in_seconds(6000))
        daily_sandbox.control("POST", "clock", {"advance": 120})
        daily.refused(404, "not-found", "GET", "/rooms/hello")
        daily.refused(404, "not-found", "POST", "/rooms/hello", json={})
        assert [room["name"] for room in daily.ok("GET", "/rooms")["data"]] == ["later"]
        gone = daily.send("DELETE", "/rooms/hello")
        assert gone.status_code == 404
        assert gone.json() == {
            "deleted": True,
            "name": "hello",
            "error": "not-found",
            "info": "room hello not found",
        }
        assert "deleted" not in daily.send("DELETE", "/rooms/hello").json()

    def test_the_name_of_an_expired_room_can_be_used_again(
        self, daily: DailyApi, daily_sandbox: SandboxProgram
    ) -> None:
        first = daily.room(exp=in_seconds(60))
        daily_sandbox.control("POST", "clock", {"advance": 120})
        assert daily.room()["id"] != first["id"]


class TestFaults:
    """SB-2: failures on demand, in Daily's words."""

    def test_errors(self, daily: DailyApi, daily_sandbox: SandboxProgram) -> None:
        daily_sandbox.control("POST", "faults", {"match": "POST /v1/rooms", "kind": "500"})
        daily_sandbox.control("POST", "faults", {"match": "POST /v1/rooms", "kind": "429"})
        daily.refused(500, "server-error", "POST", "/rooms", json={"name": "hello"})
        daily.refused(429, "rate-limit-error", "POST", "/rooms", json={"name": "hello"})
        daily.room()

    def test_the_effect_happens_though_the_answer_is_lost(
        self, daily: DailyApi, daily_sandbox: SandboxProgram
    ) -> None:
        daily_sandbox.control("POST", "faults", {"match": "POST /v1/rooms", "kind": "drop_after"})
        with pytest.raises(httpx.RemoteProtocolError):
            daily.send("POST", "/rooms", json={"name": "hello"})
        info = daily.refused(400, "invalid-request-error", "POST", "/rooms", json={"name": "hello"})
        assert "already exists" in info


class TestRestart:
    """SB-1: the state survives, even a kill."""

    def test_killed(self, daily: DailyApi, daily_sandbox: SandboxProgram, receiver: Receiver) -> None:
        room = daily.room(exp=in_seconds(600))
        body = {"url": receiver.url, "eventTypes": EVENTS}
        webhook = daily.ok("POST", "/webhooks", json=body)
        token = daily.token(room_name="hello", user_id="42", eject_after_elapsed=100)
        session = join(daily_sandbox, token=token)
        daily_sandbox.kill()
        daily_sandbox.start()
        assert daily.ok("GET", "/rooms/hello") == room
        assert daily.ok("GET", f"/webhooks/{webhook['uuid']}")["hmac"] == webhook["hmac"]
        assert [entry["id"] for entry in daily.presence()] == [session["session_id"]]
        daily.ok("GET", f"/meeting-tokens/{token}")
        daily_sandbox.control("POST", "clock", {"advance": 120})
        received = receiver.wait_for_types(*EVENTS)
        ids = [each.json.get("payload", {}).get("session_id") for each in received]
        assert session["session_id"] in ids
        assert daily.presence() == []


def test_the_access_log_holds_no_token(tmp_path: Path) -> None:
    """SB-3, CA-3: neither the page's address nor a validation leaves a token in the log."""
    log = tmp_path / "log"
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "sandboxes.daily", "--port", "0", "--data", str(tmp_path / "data")],
            cwd=PARAMETERS.parents[2],
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        url = wait_until(lambda: log.read_text().partition("listening on ")[2].split("\n")[0])
        key = json.loads((tmp_path / "data" / "keys.json").read_text())["api_key"]
        headers = {"Authorization": f"Bearer {key}"}
        httpx.post(f"{url}/v1/rooms", json={"name": "hello"}, headers=headers)
        answer = httpx.post(f"{url}/v1/meeting-tokens", json={"properties": {}}, headers=headers)
        token = answer.json()["token"]
        page = httpx.get(f"{url}/hello", params={"t": token})
        httpx.get(f"{url}/v1/meeting-tokens/{token}", headers=headers)
    finally:
        process.terminate()
        process.wait(10)
    assert page.status_code == 200
    assert page.headers["referrer-policy"] == "no-referrer"
    assert "GET /hello 200" in log.read_text()
    assert token not in log.read_text()
    assert token.split(".")[2] not in log.read_text()

"""Daily's stand-in: meeting tokens, and who may be inside for how long (SB-1, SB-2; CA-2, CA-3 rely on it)."""

import time
from typing import Any

import httpx
import jwt
import pytest

from tests.contract.daily_api import DailyApi, in_seconds, join, refusal, wait_until
from tests.contract.sandbox_program import SandboxProgram


class TestTokens:
    """SB-1, CA-3: meeting tokens."""

    def test_claims(self, daily: DailyApi, daily_sandbox: SandboxProgram) -> None:
        expiry = in_seconds(600)
        token = daily.token(
            room_name="hello",
            is_owner=True,
            user_name="Ada",
            user_id="u" * 36,
            nbf=5,
            exp=expiry,
            eject_at_token_exp=True,
            eject_after_elapsed=60,
            start_audio_off=True,
            lang="fr",
        )
        assert jwt.get_unverified_header(token)["alg"] == "HS256"
        claims = jwt.decode(token, daily_sandbox.keys["api_key"], algorithms=["HS256"])
        assert abs(claims.pop("iat") - time.time()) < 5
        assert claims == {
            "r": "hello",
            "o": True,
            "u": "Ada",
            "ud": "u" * 36,
            "nbf": 5,
            "exp": expiry,
            "ejt": True,
            "eje": 60,
            "ao": True,
            "uil": "fr",
            "d": daily.ok("GET", "/")["domain_id"],
        }
        shown = daily.ok("GET", f"/meeting-tokens/{token}", schema="ValidateMeetingToken200Response")
        assert (shown["room_name"], shown["is_owner"], shown["user_name"]) == ("hello", True, "Ada")

    @pytest.mark.parametrize(
        ("body", "words"),
        [
            ({}, "missing required parameter 'properties'"),
            ({"properties": {"user": "x"}}, "unknown parameter 'user'"),
            ({"properties": {"user_id": "u" * 37}}, "at most 36"),
            ({"properties": {"exp": 7}}, "exp was '7', which is in the past rather than in the future"),
            ({"properties": {"is_owner": "yes"}}, "expected boolean"),
            ({"properties": {"room_name": "a/b"}}, "name was 'a/b'"),
            ({"properties": {"eject_after_elapsed": -1}}, "eject_after_elapsed was '-1'"),
        ],
    )
    def test_wrong_parameters(self, daily: DailyApi, body: dict[str, Any], words: str) -> None:
        assert words in daily.refused(400, "invalid-request-error", "POST", "/meeting-tokens", json=body)

    def test_validation_refuses_what_cannot_be_used(
        self, daily: DailyApi, daily_sandbox: SandboxProgram
    ) -> None:
        early, short = daily.token(nbf=in_seconds(60)), daily.token(exp=in_seconds(60))
        forged = jwt.encode({"r": "hello"}, "x" * 40, algorithm="HS256")
        daily.refused(400, "invalid-request-error", "GET", f"/meeting-tokens/{forged}")
        daily.refused(400, "invalid-request-error", "GET", f"/meeting-tokens/{early}")
        daily.ok("GET", f"/meeting-tokens/{early}", params={"ignoreNbf": "true"})
        daily_sandbox.control("POST", "clock", {"advance": 61})
        daily.ok("GET", f"/meeting-tokens/{early}")
        daily.refused(400, "invalid-request-error", "GET", f"/meeting-tokens/{short}")

    def test_self_signed_tokens_open_the_room(self, daily: DailyApi, daily_sandbox: SandboxProgram) -> None:
        """Daily accepts a token signed with the API key without its help."""
        daily.room(privacy="private")
        domain = daily.ok("GET", "/")["domain_id"]
        claims = {"r": "hello", "d": domain, "iat": in_seconds(0), "ud": "7"}
        token = jwt.encode(claims, daily_sandbox.keys["api_key"], algorithm="HS256")
        assert join(daily_sandbox, token=token)["user_id"] == "7"


class TestEntering:
    """SB-2: the join control is under the rules a browser is under."""

    def test_presence_and_meetings(self, daily: DailyApi, daily_sandbox: SandboxProgram) -> None:
        daily.room()
        token = daily.token(room_name="hello", user_id="42", user_name="Ada", is_owner=True)
        first = join(daily_sandbox, token=token)
        second = join(daily_sandbox, name="Léo")
        inside = daily.presence()
        assert [entry["id"] for entry in inside] == [first["session_id"], second["session_id"]]
        assert (inside[0]["userId"], inside[0]["userName"]) == ("42", "Ada")
        assert "userId" not in inside[1]
        assert inside[1]["userName"] == "Léo"
        assert set(daily.ok("GET", "/presence")) == {"hello"}

        daily_sandbox.control("POST", "clock", {"advance": 300})
        daily_sandbox.control("POST", "leave", {"room": "hello", "user": "42"})
        daily_sandbox.control("POST", "leave", {"session_id": second["session_id"]})
        daily_sandbox.control("POST", "clock", {"advance": 60})
        assert daily.presence() == []
        (meeting,) = wait_until(
            lambda: [each for each in daily.meetings(room="hello") if not each["ongoing"]]
        )
        assert 300 <= meeting["duration"] <= 303
        ada, leo = meeting["participants"]
        assert (ada["user_id"], ada["user_name"], ada["participant_id"]) == ("42", "Ada", first["session_id"])
        assert (leo["user_id"], leo["user_name"]) == (None, "Léo")
        assert 300 <= ada["duration"] <= 303

    def test_meetings_are_filtered(self, daily: DailyApi, daily_sandbox: SandboxProgram) -> None:
        for name in ("one", "two"):
            daily.room(name)
            join(daily_sandbox, name)
        assert [meeting["room"] for meeting in daily.meetings()] == ["two", "one"]
        assert [meeting["room"] for meeting in daily.meetings(room="one")] == ["one"]
        assert daily.meetings(timeframe_start=in_seconds(100)) == []
        assert daily.meetings(ongoing="false") == []
        assert "participants" not in daily.meetings(no_participants="true")[0]
        daily.refused(400, "invalid-request-error", "GET", "/meetings", params={"rooms": "one"})

    def test_one_person_twice_is_two_participants(
        self, daily: DailyApi, daily_sandbox: SandboxProgram
    ) -> None:
        daily.room(max_participants=2)
        token = daily.token(room_name="hello", user_id="42")
        assert (
            join(daily_sandbox, token=token)["session_id"] != join(daily_sandbox, token=token)["session_id"]
        )
        assert [entry["userId"] for entry in daily.presence()] == ["42", "42"]
        assert refusal(daily_sandbox, token=token) == "full"

    def test_unique_user_ids_replace_the_earlier_session(
        self, daily: DailyApi, daily_sandbox: SandboxProgram
    ) -> None:
        daily.room(max_participants=2, enforce_unique_user_ids=True)
        token = daily.token(room_name="hello", user_id="42")
        join(daily_sandbox, token=token)
        latest = join(daily_sandbox, token=token)
        assert [entry["id"] for entry in daily.presence()] == [latest["session_id"]]

    def test_who_is_refused(self, daily: DailyApi, daily_sandbox: SandboxProgram) -> None:
        """CA-2, CA-3: full, foreign, early, expired, forged, private without token, unknown."""
        daily.room(privacy="private", max_participants=1)
        daily.room("early", nbf=in_seconds(600))
        daily.room("short", exp=in_seconds(60))
        tokens = {
            "token-early": daily.token(room_name="hello", nbf=in_seconds(60)),
            "token-foreign": daily.token(room_name="other"),
            "token-invalid": "abc",
        }
        for reason, token in tokens.items():
            assert refusal(daily_sandbox, token=token) == reason
        assert refusal(daily_sandbox) == "token-missing"
        assert refusal(daily_sandbox, "nowhere") == "no-room"
        assert refusal(daily_sandbox, "early") == "room-early"
        short = daily.token(room_name="hello", exp=in_seconds(60))
        daily_sandbox.control("POST", "clock", {"advance": 70})
        assert refusal(daily_sandbox, token=short) == "token-expired"
        assert refusal(daily_sandbox, "short") == "room-expired"
        join(daily_sandbox, token=tokens["token-early"])
        assert refusal(daily_sandbox, token=daily.token()) == "full"
        assert len(daily.presence()) == 1

    def test_eject_times(self, daily: DailyApi, daily_sandbox: SandboxProgram) -> None:
        """nbf and exp govern entering only; a token's eject property overrides the room's."""
        expiry = in_seconds(600)
        daily.room(exp=expiry, eject_at_room_exp=True)
        daily.room("stay", exp=expiry)
        now = time.time()
        by_room = join(daily_sandbox, token=daily.token(room_name="hello", exp=in_seconds(60)))
        by_token = join(daily_sandbox, token=daily.token(exp=in_seconds(60), eject_at_token_exp=True))
        elapsed = join(daily_sandbox, token=daily.token(eject_after_elapsed=30))
        assert by_room["will_eject_at"] == expiry
        assert by_token["will_eject_at"] == pytest.approx(now + 60, abs=2)
        assert elapsed["will_eject_at"] == pytest.approx(now + 30, abs=2)
        staying = join(daily_sandbox, "stay", name="Zoé")

        daily_sandbox.control("POST", "clock", {"advance": 40})
        wait_until(lambda: len(daily.presence()) == 2)
        daily_sandbox.control("POST", "clock", {"advance": 30})
        wait_until(lambda: [entry["id"] for entry in daily.presence()] == [by_room["session_id"]])
        daily_sandbox.control("POST", "clock", {"advance": 600})
        wait_until(lambda: daily.send("GET", "/rooms/hello/presence").status_code == 404)
        assert [entry["id"] for entry in daily.presence("stay")] == [staying["session_id"]]
        daily.refused(404, "not-found", "GET", "/rooms/stay")

    def test_changing_the_room_later_leaves_the_eject_time(
        self, daily: DailyApi, daily_sandbox: SandboxProgram
    ) -> None:
        daily.room(exp=in_seconds(600), eject_at_room_exp=True)
        join(daily_sandbox, name="Ada")
        daily.ok("POST", "/rooms/hello", json={"properties": {"exp": in_seconds(60)}})
        daily_sandbox.control("POST", "clock", {"advance": 100})
        time.sleep(0.4)
        assert len(daily.presence()) == 1

    def test_eject(self, daily: DailyApi, daily_sandbox: SandboxProgram) -> None:
        daily.room()
        token = daily.token(room_name="hello", user_id="42")
        ada, leo = join(daily_sandbox, token=token), join(daily_sandbox, name="Léo")
        body = {"user_ids": ["42", "none"], "ban": True}
        answer = daily.ok("POST", "/rooms/hello/eject", schema="Eject200Response", json=body)
        assert answer == {"ejectedIds": [ada["session_id"]]}
        assert refusal(daily_sandbox, token=token) == "banned"
        answer = daily.ok("POST", "/rooms/hello/eject", json={"ids": [leo["session_id"]]})
        assert answer == {"ejectedIds": [leo["session_id"]]}
        assert daily.ok("POST", "/rooms/hello/eject", json={"ids": ["gone"]}) == {"ejectedIds": []}
        daily.refused(404, "not-found", "POST", "/rooms/nowhere/eject", json={"ids": ["x"]})
        daily.refused(400, "invalid-request-error", "POST", "/rooms/hello/eject", json={})
        daily.refused(400, "invalid-request-error", "POST", "/rooms/hello/eject", json={"id": "x"})

    def test_leaving_twice(self, daily: DailyApi, daily_sandbox: SandboxProgram) -> None:
        daily.room()
        session = join(daily_sandbox, name="Ada")
        daily_sandbox.control("POST", "leave", {"session_id": session["session_id"]})
        with pytest.raises(httpx.HTTPStatusError):
            daily_sandbox.control("POST", "leave", {"session_id": session["session_id"]})

"""A client of Daily's REST API that checks every answer against the documented schemas."""

import json
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import jsonschema

from tests.contract.sandbox_program import CLIENT, SandboxProgram

#: The events a meeting of one person sends, in this order.
EVENTS = ["meeting.started", "participant.joined", "participant.left", "meeting.ended"]
DATA = Path(__file__).parent / "data" / "daily-api.json"


@cache
def documented() -> dict[str, Any]:
    """The published description of the API."""
    description: dict[str, Any] = json.loads(DATA.read_text("utf-8"))
    return description


def check(schema: str, value: Any) -> Any:
    """The value, if it fits the documented schema."""
    schemas = {name: _nullable(part) for name, part in documented()["schemas"].items()}
    root = {"$ref": f"#/components/schemas/{schema}", "components": {"schemas": schemas}}
    jsonschema.Draft202012Validator(root).validate(value)
    return value


def _nullable(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_nullable(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    result = {name: _nullable(part) for name, part in schema.items() if name != "nullable"}
    if schema.get("nullable") is True:
        result["type"] = [schema["type"], "null"]
    return result


class DailyApi:
    """The API of a running sandbox, with its key unless another is given."""

    def __init__(self, sandbox: SandboxProgram, key: str | None = None) -> None:
        self._sandbox = sandbox
        self._headers = {"Authorization": f"Bearer {key or sandbox.keys['api_key']}"}

    def send(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Any request below /v1."""
        options.setdefault("headers", self._headers)
        return CLIENT.request(method, f"{self._sandbox.url}/v1{path}", **options)

    def ok(self, method: str, path: str, *, schema: str | None = None, **options: Any) -> Any:
        """The JSON of a request that must succeed (Daily knows no other success than 200)."""
        answer = self.send(method, path, **options)
        assert answer.status_code == 200, answer.text
        return check(schema, answer.json()) if schema else answer.json()

    def refused(self, status: int, error: str, method: str, path: str, **options: Any) -> str:
        """The ``info`` of a request that must be refused in this way."""
        answer = self.send(method, path, **options)
        assert (answer.status_code, answer.json()["error"]) == (status, error), answer.text
        info: str = answer.json()["info"]
        return info

    def room(self, name: str = "hello", privacy: str = "public", **properties: Any) -> dict[str, Any]:
        """A new room."""
        body = {"name": name, "privacy": privacy, "properties": properties}
        room: dict[str, Any] = self.ok("POST", "/rooms", schema="CreateRoom200Response", json=body)
        return room

    def token(self, **properties: Any) -> str:
        """A new meeting token."""
        answer = self.ok(
            "POST",
            "/meeting-tokens",
            schema="CreateMeetingToken200Response",
            json={"properties": properties},
        )
        token: str = answer["token"]
        return token

    def presence(self, room: str = "hello") -> list[dict[str, Any]]:
        """Who is inside."""
        answer = self.ok("GET", f"/rooms/{room}/presence", schema="RoomsRoomNamePresenceGetRes")
        assert answer["total_count"] == len(answer["data"])
        data: list[dict[str, Any]] = answer["data"]
        return data

    def meetings(self, **query: Any) -> list[dict[str, Any]]:
        """The meetings, newest first."""
        answer = self.ok("GET", "/meetings", schema="GetMeetingInfo200Response", params=query)
        data: list[dict[str, Any]] = answer["data"]
        return data


def in_seconds(seconds: float) -> int:
    """The real time in so many seconds, in unix seconds."""
    return int(time.time() + seconds)


def join(sandbox: SandboxProgram, room: str = "hello", **who: Any) -> dict[str, Any]:
    """A virtual participant enters (``token`` or ``name``)."""
    answer: dict[str, Any] = sandbox.control("POST", "join", {"room": room, **who})
    return answer


def refusal(sandbox: SandboxProgram, room: str = "hello", **who: Any) -> str:
    """Why a virtual participant may not enter."""
    answer = CLIENT.post(f"{sandbox.url}/_control/join", json={"room": room, **who})
    assert answer.status_code == 400, answer.text
    reason: str = answer.json()["error"]
    return reason.removeprefix("refused: ")


def wait_until(found: Callable[[], Any], seconds: float = 20) -> Any:
    """What ``found()`` gives once it gives something."""
    deadline = time.monotonic() + seconds
    while not (value := found()):
        assert time.monotonic() < deadline, "did not happen"
        time.sleep(0.05)
    return value

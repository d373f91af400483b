"""Daily's protocol, as its published description says: paths, parameters, answers, errors."""

import re
import time
from typing import Any

from tests.contract.daily_api import documented
from tests.contract.json_shapes import closed, faults
from tests.contract.validating_proxy import Exchange

_ERROR = {
    "type": "object",
    "properties": {"error": {"type": "string"}, "info": {"type": "string"}, "deleted": {"const": True}},
    "required": ["error", "info"],
    "additionalProperties": False,
}
_STATUS_OF = {"not-found": 404, "authentication-error": 401, "rate-limit-error": 429}
# What the description says in words: https://docs.daily.co/reference/rest-api
_ROOM = {"properties": {"name": {"pattern": "^[A-Za-z0-9_-]{1,128}$"}}}
_TOKEN = {"properties": {"properties": {"properties": {"user_id": {"maxLength": 36}}}}}
_IN_WORDS: dict[str, dict[str, Any]] = {"/rooms": _ROOM, "/meeting-tokens": _TOKEN}


def violations(exchange: Exchange) -> list[str]:
    """Everything that request and answer do otherwise than Daily says."""
    template = _template(exchange.path)
    operation = documented()["paths"].get(template, {}).get(exchange.method.lower())
    if operation is None:
        return ["Daily's description knows no such endpoint"]
    return [*_request(exchange, template, operation["params"]), *_answer(exchange, operation["response"])]


def _template(path: str) -> str:
    """The described path that covers a real one."""
    below = path.removeprefix("/v1")

    def covers(template: str) -> bool:
        return re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), below) is not None

    return next((each for each in documented()["paths"] if covers(each)), "")


def _request(exchange: Exchange, template: str, params: dict[str, Any]) -> list[str]:
    found = []
    if not re.fullmatch(r"Bearer \S+", exchange.request_headers.get("authorization", "")):
        found.append("Authorization is no bearer key")
    if not exchange.path.startswith("/v1/"):
        found.append("not below /v1")
    if not params:
        return [*found, *(["a body where none belongs"] if exchange.request_body else [])]
    if exchange.request_headers.get("content-type") != "application/json":
        found.append(f"Content-Type is {exchange.request_headers.get('content-type')}")
    sent = exchange.request_json
    found += faults(sent, _whole(params), at="parameters")
    found += faults(sent, _IN_WORDS.get(template, {}), at="parameters")
    return found + _times(sent.get("properties", {}))


def _times(properties: dict[str, Any]) -> list[str]:
    """Seconds since 1970, whole, to come, and in order."""
    until, since = properties.get("exp"), properties.get("nbf")
    now = time.time()
    found = [f"{value} is not in whole seconds" for value in (until, since) if value and value % 1]
    if until is not None and not now < until < now + 366 * 86_400:
        found.append(f"exp {until} is not within the coming year")
    if until is not None and since is not None and since >= until:
        found.append("nbf is not before exp")
    return found


def _answer(exchange: Exchange, response: dict[str, Any]) -> list[str]:
    if not exchange.response_headers.get("content-type", "").startswith("application/json"):
        return [f"answer: Content-Type is {exchange.response_headers.get('content-type')}"]
    body = exchange.response_json
    if exchange.status >= 400:
        return _error(exchange.status, body)
    found = [] if exchange.status == 200 else [f"answer: status {exchange.status}"]
    found += faults(body, _whole(response), at="answer") if response else []
    if "config" in body:
        config = {"$ref": "#/components/schemas/RoomProperties"}
        found += faults(body["config"], _whole(config), at="config")
    return found


def _error(status: int, body: Any) -> list[str]:
    found = faults(body, _ERROR, at="error")
    if not found and status < 500 and status != _STATUS_OF.get(body["error"], 400):
        found.append(f"error: {body['error']} with {status}")
    return found


def _whole(schema: dict[str, Any]) -> dict[str, Any]:
    """A schema with what it refers to."""
    return {**schema, "components": {"schemas": closed(documented()["schemas"])}}

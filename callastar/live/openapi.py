"""The streams in the API's description: they are answered in front of Django, so its router does not know them."""

from typing import Any

_PROBLEM = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/ProblemOut"}}}
_STREAM = {
    "200": {"description": "Events until the client leaves", "content": {"text/event-stream": {}}},
    "503": {"description": "Changes cannot be followed at the moment: poll instead", "content": _PROBLEM},
}
_NO_OFFER = {"404": {"description": "No slot that everybody may see", "content": _PROBLEM}}
_NO_TOKEN = {"403": {"description": "The token is another's, or too old", "content": _PROBLEM}}
_NOTE = (
    "Server-sent events `offer`, `booking`, `call` or `notifications` with JSON data (ids, and `status` or `what`"
    " changed); `resync` asks to look again."
)


def _path(
    summary: str, tag: str, *parameters: dict[str, Any], refusals: dict[str, Any] | None = None
) -> dict[str, Any]:
    return {
        "get": {
            "tags": [tag],
            "summary": summary,
            "description": _NOTE,
            "parameters": list(parameters),
            "responses": {**_STREAM, **(refusals or {})},
        }
    }


def _parameter(name: str, place: str, kind: str, *, required: bool) -> dict[str, Any]:
    return {"name": name, "in": place, "required": required, "schema": {"type": kind}}


STREAM_PATHS: dict[str, Any] = {
    "/api/call-offers/{offer_id}/events": _path(
        "Watch one slot",
        "call-offers",
        _parameter("offer_id", "path", "string", required=True),
        refusals=_NO_OFFER,
    ),
    "/api/call-offers/events": _path(
        "Watch all slots, or a creator's",
        "call-offers",
        _parameter("creator", "query", "integer", required=False),
    ),
    "/api/bookings/{booking_id}/events": _path(
        "Watch one's booking, at its `events_url`",
        "bookings",
        _parameter("booking_id", "path", "string", required=True),
        _parameter("token", "query", "string", required=True),
        refusals=_NO_TOKEN,
    ),
    "/api/calls/{call_id}/events": _path(
        "Watch one's call, at the `events_url` of its presence",
        "calls",
        _parameter("call_id", "path", "string", required=True),
        _parameter("token", "query", "string", required=True),
        refusals=_NO_TOKEN,
    ),
    "/api/notifications/events": _path(
        "Watch whether something new is told, at the `events_url` of the unread count",
        "notifications",
        _parameter("token", "query", "string", required=True),
        refusals=_NO_TOKEN,
    ),
}

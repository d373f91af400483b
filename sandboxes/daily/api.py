"""Daily's REST API below /v1."""

from __future__ import annotations

import json
import secrets
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from sandboxes.daily import parameters, recordings, reports, rooms, tokens, webhooks
from sandboxes.daily.errors import (
    DailyError,
    invalid_request,
    missing_authorization,
    not_found,
    rate_limited,
    server_error,
    unreadable_json,
    wrong_key,
)
from sandboxes.daily.events import ENDPOINT_KIND
from sandboxes.daily.service import Service

Body = dict[str, Any]
Endpoint = Callable[[Request], Awaitable[Response]]
Action = Callable[[Service, Request], Awaitable[Any]]


def error_response(status: int) -> Response:
    """Daily's own 429 or 500, for the faults."""
    error = rate_limited() if status == 429 else server_error()
    return JSONResponse(error.body(), error.status)


def routes(service: Service) -> list[BaseRoute]:
    """Every path of the API; what is left is 404 in Daily's shape."""
    listed: list[BaseRoute] = [
        Route("/v1" + path, _endpoint(service, action), methods=[method]) for method, path, action in ACTIONS
    ]
    every = ["GET", "POST", "PUT", "PATCH", "DELETE"]
    return [*listed, Route("/v1/{path:path}", _endpoint(service, _unknown_path), methods=every)]


def _endpoint(service: Service, action: Action) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        try:
            _authenticate(service, request)
            return JSONResponse(await action(service, request))
        except DailyError as error:
            return JSONResponse(error.body(), error.status)

    return endpoint


def _authenticate(service: Service, request: Request) -> None:
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not key.strip():
        raise missing_authorization()
    if not secrets.compare_digest(key.strip().encode(), service.api_key.encode()):
        raise wrong_key()


async def _body(request: Request) -> Body:
    raw = await request.body()
    try:
        body = json.loads(raw) if raw.strip() else {}
    except ValueError:
        raise unreadable_json() from None
    if not isinstance(body, dict):
        raise invalid_request("the request body must be a JSON object")
    return body


def _query(request: Request) -> dict[str, str]:
    return dict(request.query_params)


def _without_query(request: Request) -> None:
    parameters.check_query(query=_query(request), known=set())


async def _get_domain(service: Service, request: Request) -> Body:
    _without_query(request)
    return {"domain_name": service.domain, "domain_id": service.domain_id, "config": {}}


async def _create_room(service: Service, request: Request) -> Body:
    return rooms.public_view(service, rooms.create_room(service, body=await _body(request)))


async def _list_rooms(service: Service, request: Request) -> Body:
    return rooms.list_rooms(service, query=_query(request))


async def _get_room(service: Service, request: Request) -> Body:
    _without_query(request)
    return rooms.public_view(service, rooms.get_room(service, request.path_params["name"]))


async def _change_room(service: Service, request: Request) -> Body:
    room = rooms.change_room(service, request.path_params["name"], body=await _body(request))
    return rooms.public_view(service, room)


async def _delete_room(service: Service, request: Request) -> Body:
    return rooms.delete_room(service, request.path_params["name"])


async def _room_presence(service: Service, request: Request) -> Body:
    return reports.presence(service, request.path_params["name"], query=_query(request))


async def _eject(service: Service, request: Request) -> Body:
    return reports.eject(service, request.path_params["name"], body=await _body(request))


async def _presence(service: Service, request: Request) -> Body:
    _without_query(request)
    return reports.presence_by_room(service)


async def _meetings(service: Service, request: Request) -> Body:
    return reports.list_meetings(service, query=_query(request))


async def _start_recording(service: Service, request: Request) -> Body:
    return recordings.start(service, request.path_params["name"], body=await _body(request))


async def _stop_recording(service: Service, request: Request) -> Body:
    return recordings.stop(service, request.path_params["name"], body=await _body(request))


async def _list_recordings(service: Service, request: Request) -> Body:
    return recordings.list_recordings(service, query=_query(request))


async def _get_recording(service: Service, request: Request) -> Body:
    _without_query(request)
    found = recordings.get_recording(service, request.path_params["id"])
    return recordings.public_view(service, found)


async def _recording_link(service: Service, request: Request) -> Body:
    return recordings.access_link(service, request.path_params["id"], query=_query(request))


async def _delete_recording(service: Service, request: Request) -> Body:
    return recordings.delete_recording(service, request.path_params["id"])


async def _create_token(service: Service, request: Request) -> Body:
    return tokens.create_token(service, body=await _body(request))


async def _validate_token(service: Service, request: Request) -> Body:
    return tokens.validate_token(service, request.path_params["token"], query=_query(request))


async def _create_webhook(service: Service, request: Request) -> Body:
    return webhooks.public_view(await webhooks.create_webhook(service, body=await _body(request)))


async def _list_webhooks(service: Service, request: Request) -> list[Body]:
    _without_query(request)
    return [webhooks.public_view(endpoint) for endpoint in service.store.all(ENDPOINT_KIND)]


async def _get_webhook(service: Service, request: Request) -> Body:
    _without_query(request)
    return webhooks.public_view(webhooks.get_webhook(service, request.path_params["uuid"]))


async def _change_webhook(service: Service, request: Request) -> Body:
    body = await _body(request)
    return webhooks.public_view(
        await webhooks.change_webhook(service, request.path_params["uuid"], body=body)
    )


async def _delete_webhook(service: Service, request: Request) -> Body:
    return webhooks.delete_webhook(service, request.path_params["uuid"])


async def _unknown_path(_service: Service, request: Request) -> Body:
    raise not_found(f"{request.method} is not possible on this path, or there is nothing here")


ACTIONS: list[tuple[str, str, Action]] = [
    ("GET", "/", _get_domain),
    ("POST", "/rooms", _create_room),
    ("GET", "/rooms", _list_rooms),
    ("GET", "/rooms/{name}", _get_room),
    ("POST", "/rooms/{name}", _change_room),
    ("DELETE", "/rooms/{name}", _delete_room),
    ("GET", "/rooms/{name}/presence", _room_presence),
    ("POST", "/rooms/{name}/eject", _eject),
    ("POST", "/rooms/{name}/recordings/start", _start_recording),
    ("POST", "/rooms/{name}/recordings/stop", _stop_recording),
    ("GET", "/recordings", _list_recordings),
    ("GET", "/recordings/{id}", _get_recording),
    ("GET", "/recordings/{id}/access-link", _recording_link),
    ("DELETE", "/recordings/{id}", _delete_recording),
    ("GET", "/presence", _presence),
    ("GET", "/meetings", _meetings),
    ("POST", "/meeting-tokens", _create_token),
    ("GET", "/meeting-tokens/{token}", _validate_token),
    ("POST", "/webhooks", _create_webhook),
    ("GET", "/webhooks", _list_webhooks),
    ("GET", "/webhooks/{uuid}", _get_webhook),
    ("POST", "/webhooks/{uuid}", _change_webhook),
    ("DELETE", "/webhooks/{uuid}", _delete_webhook),
]

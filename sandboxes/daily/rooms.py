"""Rooms: making, changing, listing and deleting them.

A room past its ``exp`` no longer exists for the API, though the record stays until it is deleted or its
name is used again.
"""

from __future__ import annotations

import secrets
import uuid
from datetime import UTC, datetime
from typing import Any

from sandboxes.daily import parameters
from sandboxes.daily.errors import invalid_request, room_not_found
from sandboxes.daily.service import Service

KIND = "room"
PAGE_LIMIT = 100
PRIVACIES = ("public", "private")

#: What Daily assumes when a property is not given; ``config`` lists only what differs from it.
DEFAULTS: dict[str, Any] = {
    "disable_rtmp_geo_fallback": False,
    "eject_at_room_exp": False,
    "enable_adaptive_simulcast": True,
    "enable_advanced_chat": False,
    "enable_breakout_rooms": False,
    "enable_chat": False,
    "enable_dialout": False,
    "enable_emoji_reactions": False,
    "enable_hand_raising": False,
    "enable_hidden_participants": False,
    "enable_knocking": False,
    "enable_live_captions_ui": False,
    "enable_multiparty_adaptive_simulcast": False,
    "enable_network_ui": False,
    "enable_noise_cancellation_ui": True,
    "enable_people_ui": True,
    "enable_pip_ui": False,
    "enable_prejoin_ui": True,
    "enable_screenshare": True,
    "enable_shared_chat_history": True,
    "enable_terse_logging": False,
    "enable_transcription_storage": False,
    "enable_video_processing_ui": True,
    "enforce_unique_user_ids": False,
    "experimental_optimize_large_calls": False,
    "lang": "en",
    "max_participants": 200,
    "owner_only_broadcast": False,
    "start_audio_off": False,
    "start_video_off": False,
}


def iso(moment: float) -> str:
    """Unix seconds as Daily writes times: ISO 8601 in UTC with milliseconds and Z."""
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def is_gone(room: dict[str, Any], *, now: float) -> bool:
    """Whether the room has expired."""
    expiry = room["properties"].get("exp")
    return expiry is not None and expiry <= now


def setting(room: dict[str, Any], name: str) -> Any:
    """The property of a room, or its default."""
    return room["properties"].get(name, DEFAULTS.get(name))


def public_view(service: Service, room: dict[str, Any]) -> dict[str, Any]:
    """The room as the API shows it."""
    differing = {
        name: value
        for name, value in room["properties"].items()
        if name not in DEFAULTS or DEFAULTS[name] != value
    }
    return {
        "id": room["id"],
        "name": room["name"],
        "api_created": True,
        "privacy": room["privacy"],
        "url": f"{service.public_url}/{room['name']}",
        "created_at": iso(room["created_at"]),
        "config": differing,
    }


def find_room(service: Service, name: str) -> dict[str, Any] | None:
    """The room of this name unless it expired."""
    room = service.store.get(KIND, name)
    return None if room is None or is_gone(room, now=service.now()) else room


def get_room(service: Service, name: str) -> dict[str, Any]:
    """Like ``find_room``; 404 when there is none."""
    room = find_room(service, name)
    if room is None:
        raise room_not_found(name)
    return room


def create_room(service: Service, *, body: dict[str, Any]) -> dict[str, Any]:
    """``POST /rooms``; the name of an expired room may be used again."""
    parameters.check(schema="CreateRoomRequest", body=body)
    name = body["name"] if "name" in body else secrets.token_urlsafe(15)
    parameters.check_name(name)
    properties = body.get("properties", {})
    _check_properties(properties, now=service.now())
    with service.store.transaction():
        if find_room(service, name) is not None:
            raise invalid_request(f"a room named {name} already exists")
        service.store.delete(KIND, name)
        room = {
            "id": str(uuid.uuid4()),
            "name": name,
            "privacy": body.get("privacy", "public"),
            "properties": properties,
            "created_at": service.now(),
        }
        service.store.put(KIND, name, room)
    return room


def change_room(service: Service, name: str, *, body: dict[str, Any]) -> dict[str, Any]:
    """``POST /rooms/:name``: the given properties replace the present ones."""
    parameters.check(schema="SetRoomConfigRequest", body=body)
    privacy = body.get("privacy")
    if privacy is not None and privacy not in PRIVACIES:
        raise invalid_request(f"privacy was '{privacy}', expected one of {', '.join(PRIVACIES)}")
    with service.store.transaction():
        room = get_room(service, name)
        changes = body.get("properties", {})
        _check_properties(changes, now=service.now())
        room["properties"] = {**room["properties"], **changes}
        room["privacy"] = privacy or room["privacy"]
        service.store.put(KIND, name, room)
    return room


def _check_properties(properties: dict[str, Any], *, now: float) -> None:
    parameters.check_times(properties, now=now)
    parameters.check_positive(properties, "max_participants", "eject_after_elapsed")


def delete_room(service: Service, name: str) -> dict[str, Any]:
    """``DELETE /rooms/:name``. An expired room is deleted too, and answered with a 404 that says so."""
    with service.store.transaction():
        room = service.store.get(KIND, name)
        if room is None:
            raise room_not_found(name)
        service.store.delete(KIND, name)
    if is_gone(room, now=service.now()):
        raise room_not_found(name, deleted=True, name=name)
    return {"deleted": True, "name": name}


def list_rooms(service: Service, *, query: dict[str, str]) -> dict[str, Any]:
    """``GET /rooms``, newest first."""
    parameters.check_query(query=query, known={"limit", "starting_after", "ending_before"})
    now = service.now()
    rooms = [room for room in reversed(service.store.all(KIND)) if not is_gone(room, now=now)]
    page = paginate(rooms, query=query)
    return {"total_count": len(rooms), "data": [public_view(service, room) for room in page]}


def paginate(items: list[dict[str, Any]], *, query: dict[str, str]) -> list[dict[str, Any]]:
    """The page asked for by ``limit`` and the ids ``starting_after`` and ``ending_before``."""
    limit = parameters.query_integer(query, "limit", default=PAGE_LIMIT, low=1, high=PAGE_LIMIT)
    if "starting_after" in query:
        items = items[_position(items, query["starting_after"]) + 1 :]
    if "ending_before" in query:
        return items[: _position(items, query["ending_before"])][-limit:]
    return items[:limit]


def _position(items: list[dict[str, Any]], identifier: str) -> int:
    for index, item in enumerate(items):
        if item["id"] == identifier:
            return index
    raise invalid_request(f"'{identifier}' is not the id of anything in this list")

"""Daily's REST API (https://docs.daily.co/reference/rest-api): rooms and meeting tokens. Errors are `ProviderError`."""

from collections.abc import Iterator
from typing import Any

from callastar.core.errors import ProviderError
from callastar.providers.daily.client import ask, every
from callastar.providers.daily.errors import NOT_FOUND
from callastar.providers.daily.times import iso_moment
from callastar.providers.rooms import HostedRoom, RoomRequest, TokenRequest


def create_room(*, request: RoomRequest) -> HostedRoom:
    """Make a private room for two with chat and screen share; one of that name that exists is as good as a new one."""
    properties: dict[str, Any] = {
        "nbf": int(request.opens_at.timestamp()),
        "exp": int(request.closes_at.timestamp()),
        "max_participants": request.max_participants,
        "enforce_unique_user_ids": True,  # a second device takes its person's place, not the other's
        "enable_chat": True,
        "enable_screenshare": True,
        "enable_prejoin_ui": True,
    }
    if request.is_recordable:
        properties["enable_recording"] = "cloud"
    body = {"name": request.name, "privacy": "private", "properties": properties}
    try:
        return _room(ask("POST", "/rooms", json=body))
    except ProviderError as error:
        if error.is_temporary or "already exists" not in error.message:
            raise
        existing = get_room(name=request.name)
        if existing is None:
            raise
        return existing


def get_room(*, name: str) -> HostedRoom | None:
    """The room of that name, None if there is none (any more)."""
    try:
        return _room(ask("GET", f"/rooms/{name}"))
    except ProviderError as error:
        if error.code != NOT_FOUND:
            raise
        return None


def list_rooms() -> Iterator[HostedRoom]:
    """All rooms of the domain, the newest first, page by page; expired ones are not among them."""
    return map(_room, every("/rooms"))


def delete_room(*, name: str) -> None:
    """Make sure that there is no such room."""
    try:
        ask("DELETE", f"/rooms/{name}")
    except ProviderError as error:
        if error.code != NOT_FOUND:
            raise


def create_token(*, request: TokenRequest) -> str:
    """A token that lets one person into one room until `expires_at`."""
    properties: dict[str, Any] = {
        "room_name": request.room_name,
        "user_id": request.user_id,
        "user_name": request.user_name,
        "is_owner": request.is_owner,
        "exp": int(request.expires_at.timestamp()),
        "enable_recording_ui": False,  # a recording is started by the site, when both have agreed there
    }
    return str(ask("POST", "/meeting-tokens", json={"properties": properties})["token"])


def _room(body: dict[str, Any]) -> HostedRoom:
    made = body.get("created_at")
    return HostedRoom(
        name=str(body["name"]), url=str(body["url"]), created_at=iso_moment(made) if made else None
    )

"""Daily's REST API (https://docs.daily.co/reference/rest-api): rooms and meeting tokens. Errors are `ProviderError`."""

from functools import lru_cache
from typing import Any

import httpx
from django.conf import settings

from callastar.core.errors import ProviderError
from callastar.providers.daily.errors import NOT_FOUND, of_network, of_response
from callastar.providers.rooms import HostedRoom, RoomRequest, TokenRequest


def create_room(*, request: RoomRequest) -> HostedRoom:
    """Make a private room for two with chat and screen share; one of that name that exists is as good as a new one."""
    body = {
        "name": request.name,
        "privacy": "private",
        "properties": {
            "nbf": int(request.opens_at.timestamp()),
            "exp": int(request.closes_at.timestamp()),
            "max_participants": request.max_participants,
            "enable_chat": True,
            "enable_screenshare": True,
            "enable_prejoin_ui": True,
        },
    }
    try:
        return _room(_ask("POST", "/rooms", json=body))
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
        return _room(_ask("GET", f"/rooms/{name}"))
    except ProviderError as error:
        if error.code != NOT_FOUND:
            raise
        return None


def delete_room(*, name: str) -> None:
    """Make sure that there is no such room."""
    try:
        _ask("DELETE", f"/rooms/{name}")
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
    }
    return str(_ask("POST", "/meeting-tokens", json={"properties": properties})["token"])


def _ask(method: str, path: str, **options: Any) -> dict[str, Any]:
    client = _client(settings.DAILY_API_URL, settings.PROVIDER_TIMEOUT_SECONDS)
    headers = {"Authorization": f"Bearer {settings.DAILY_API_KEY}"}
    try:
        response = client.request(method, path, headers=headers, **options)
        response.raise_for_status()
        return dict(response.json())
    except httpx.HTTPStatusError as error:
        raise of_response(error.response) from error
    except (httpx.HTTPError, ValueError) as error:
        raise of_network(error) from error


@lru_cache(maxsize=4)
def _client(address: str, timeout: float) -> httpx.Client:
    return httpx.Client(base_url=address, timeout=timeout)


def _room(body: dict[str, Any]) -> HostedRoom:
    return HostedRoom(name=str(body["name"]), url=str(body["url"]))

"""One HTTP client for each address of Daily, and the one place where its errors become ours."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import httpx
from django.conf import settings

from callastar.providers.daily.errors import of_network, of_response, readable

PAGE = 100  # the most that Daily gives at once


def ask(method: str, path: str, **options: Any) -> Any:
    """The JSON of one request. Raises `ProviderError`, temporary or permanent, for whatever else comes of it."""
    client = _client(settings.DAILY_API_URL, settings.PROVIDER_TIMEOUT_SECONDS)
    headers = {"Authorization": f"Bearer {settings.DAILY_API_KEY}"}
    try:
        response = client.request(method, path, headers=headers, **options)
        response.raise_for_status()
        return response.json()
    except httpx.HTTPStatusError as error:
        raise of_response(error.response) from error
    except (httpx.HTTPError, ValueError) as error:
        raise of_network(error) from error


def every(path: str, params: dict[str, Any] | None = None) -> Iterator[dict[str, Any]]:
    """All things of a list, newest first. Each page is a request of its own, which may raise `ProviderError`."""
    cursor: dict[str, Any] = {}
    while True:
        page = readable(rows, ask("GET", path, params={**(params or {}), "limit": PAGE, **cursor}))
        yield from page
        if len(page) < PAGE:
            return
        cursor = {"starting_after": readable(_last_id, page)}


def rows(answer: dict[str, Any]) -> list[dict[str, Any]]:
    """The rows of a list. Raises `TypeError` or `AttributeError` for what is none."""
    found = answer.get("data", [])
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise TypeError("no list of things")
    return found


def _last_id(page: list[dict[str, Any]]) -> str:
    return str(page[-1]["id"])


@lru_cache(maxsize=4)
def _client(address: str, timeout: float) -> httpx.Client:
    return httpx.Client(base_url=address, timeout=timeout)

"""Refusals in the shape of Daily's REST API: ``{"error": ..., "info": ...}``."""

from __future__ import annotations

from typing import Any


class DailyError(Exception):
    """A refused request; ``extra`` holds further keys of the answer."""

    def __init__(self, status: int, error: str, info: str, **extra: Any) -> None:
        super().__init__(info)
        self.status = status
        self.error = error
        self.info = info
        self.extra = extra

    def body(self) -> dict[str, Any]:
        """The JSON answer."""
        return {**self.extra, "error": self.error, "info": self.info}


def invalid_request(info: str) -> DailyError:
    """What Daily answers to anything wrong in a request, a duplicate room included."""
    return DailyError(400, "invalid-request-error", info)


def not_found(info: str, **extra: Any) -> DailyError:
    """404, with ``extra`` keys (deleting an expired room adds ``deleted``)."""
    return DailyError(404, "not-found", info, **extra)


def room_not_found(name: str, /, **extra: Any) -> DailyError:
    """404 for a room that does not exist or has expired."""
    return not_found(f"room {name} not found", **extra)


def missing_authorization() -> DailyError:
    """No usable Authorization header: 400, not 401."""
    return DailyError(400, "authorization-header-error", "authorization header is missing or malformed")


def wrong_key() -> DailyError:
    """The API key is not the one of this domain."""
    return DailyError(401, "authentication-error", "API key is not valid")


def unreadable_json() -> DailyError:
    """The body is not JSON."""
    return DailyError(400, "json-parsing-error", "request body is not valid JSON")


def rate_limited() -> DailyError:
    """Too many requests."""
    return DailyError(429, "rate-limit-error", "rate limit exceeded")


def server_error() -> DailyError:
    """Something went wrong on the provider's side."""
    return DailyError(500, "server-error", "an unexpected error occurred")

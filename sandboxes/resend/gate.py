"""What every request of the API passes: key, rate limit, JSON."""

import hmac
import json
import math
import time
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandboxes.kit.store import Store
from sandboxes.resend.errors import ApiError, too_many_requests

Handler = Callable[[Request], Awaitable[Any]]
Endpoint = Callable[[Request], Awaitable[Response]]

_SETTING = "rate_limit"


class RateLimit:
    """So many requests in each second of the real time (https://resend.com/docs/api-reference/rate-limit)."""

    def __init__(self, store: Store, default: int) -> None:
        self._store = store
        self._default = default
        self._window = 0
        self._used = 0

    @property
    def limit(self) -> int:
        """Requests a second."""
        return int(self._store.setting(_SETTING, self._default))

    def change(self, per_second: int) -> None:
        """Allow another number of requests a second, until the next reset."""
        if per_second < 1:
            raise ValueError("per_second must be at least 1.")
        self._store.set_setting(_SETTING, per_second)

    def take(self) -> tuple[bool, dict[str, str]]:
        """Count one request: whether it may pass, and the headers that tell what is left."""
        now = time.time()
        if int(now) != self._window:
            self._window, self._used = int(now), 0
        self._used += 1
        limit = self.limit
        wait = str(max(1, math.ceil(self._window + 1 - now)))
        headers = {
            "ratelimit-limit": str(limit),
            "ratelimit-remaining": str(max(0, limit - self._used)),
            "ratelimit-reset": wait,
        }
        allowed = self._used <= limit
        return allowed, headers if allowed else {**headers, "retry-after": wait}


class Gate:
    """Makes endpoints of handlers that return JSON."""

    def __init__(self, api_key: str, rate_limit: RateLimit) -> None:
        self._api_key = api_key
        self._rate_limit = rate_limit

    def endpoint(self, handler: Handler, status: int = 200) -> Endpoint:
        """The handler behind key and rate limit; what it returns is answered with the status."""

        async def endpoint(request: Request) -> Response:
            allowed, headers = self._rate_limit.take()
            response = await self._answer(request, handler, status, allowed)
            response.headers.update(headers)
            return response

        return endpoint

    async def _answer(self, request: Request, handler: Handler, status: int, allowed: bool) -> Response:
        try:
            self._check_key(request.headers.get("authorization", ""))
            if not allowed:
                raise too_many_requests()
            return JSONResponse(await handler(request), status)
        except ApiError as error:
            return error.response()

    def _check_key(self, authorization: str) -> None:
        scheme, _, key = authorization.partition(" ")
        if scheme.lower() != "bearer" or not key.strip():
            raise ApiError(401, "missing_api_key", "Missing API Key")
        if not hmac.compare_digest(key.strip().encode(), self._api_key.encode()):
            raise ApiError(401, "validation_error", "API key is invalid")


async def json_body(request: Request) -> Any:
    """The body as JSON; 422 when it is none."""
    try:
        return json.loads(await request.body())
    except ValueError as error:
        raise ApiError(422, "validation_error", "The request body is not valid JSON.") from error

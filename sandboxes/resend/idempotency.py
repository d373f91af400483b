"""The Idempotency-Key header (https://resend.com/docs/dashboard/emails/idempotency-keys)."""

import asyncio
import hashlib
import json
from collections.abc import Callable
from typing import Any

from starlette.requests import Request

from sandboxes.kit.app import Kit
from sandboxes.resend.errors import ApiError

KEEP_SECONDS = 24 * 3600
MAX_LENGTH = 256
WORK_SECONDS = 0.05  # the time in which a second request with the key is told to wait

_KIND = "idempotency"


class Idempotency:
    """Answers a repeated request with its first answer for 24 hours; refusals are not kept."""

    def __init__(self, kit: Kit) -> None:
        self._kit = kit
        self._in_progress: set[str] = set()

    async def once(self, request: Request, body: Any, work: Callable[[], Any]) -> Any:
        """What ``work()`` returns, or returned the first time for this key and body."""
        key = request.headers.get("idempotency-key")
        if key is None:
            return work()
        if not 1 <= len(key) <= MAX_LENGTH:
            raise ApiError(400, "invalid_idempotency_key", "The key must be between 1-256 chars.")
        return await self._once(key, _fingerprint(request.url.path, body), work)

    async def _once(self, key: str, fingerprint: str, work: Callable[[], Any]) -> Any:
        if key in self._in_progress:
            message = "Same idempotency key used while original request is still in progress."
            raise ApiError(409, "concurrent_idempotent_requests", message)
        if (known := self._known(key)) is not None:
            return _replay(known, fingerprint)
        self._in_progress.add(key)
        try:
            await asyncio.sleep(WORK_SECONDS)
            return self._remember(key, fingerprint, work)
        finally:
            self._in_progress.discard(key)

    def _known(self, key: str) -> dict[str, Any] | None:
        known = self._kit.store.get(_KIND, key)
        alive = known is not None and self._kit.clock.now() < known["at"] + KEEP_SECONDS
        return known if alive else None

    def _remember(self, key: str, fingerprint: str, work: Callable[[], Any]) -> Any:
        """The effect and the memory of it are written together, so that no crash can part them."""
        with self._kit.store.transaction():
            answer = work()
            entry = {"key": key, "fingerprint": fingerprint, "answer": answer, "at": self._kit.clock.now()}
            self._kit.store.put(_KIND, key, entry)
        return answer


def _replay(known: dict[str, Any], fingerprint: str) -> Any:
    if known["fingerprint"] != fingerprint:
        message = "Same idempotency key used with a different request payload."
        raise ApiError(409, "invalid_idempotent_request", message)
    return known["answer"]


def _fingerprint(path: str, body: Any) -> str:
    return hashlib.sha256(f"{path} {json.dumps(body, sort_keys=True)}".encode()).hexdigest()

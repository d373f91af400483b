"""Idempotency-Key: the first answer is kept for a day and given again, to the byte."""

import hashlib
import json
from typing import Any

from sandboxes.stripe.context import Context
from sandboxes.stripe.wire.errors import ApiError, invalid

_KIND = "idempotency"
_KEEP_SECONDS = 24 * 3600


class InProgress:
    """The keys of requests that are being served at this moment."""

    def __init__(self) -> None:
        self._keys: set[str] = set()

    def start(self, slot: str) -> None:
        """Claim a key; raises 409 while another request holds it."""
        if slot in self._keys:
            message = (
                "There is currently another in-progress request using this Idempotent Key (that probably means you "
                "submitted twice, and the other request is still going through). Please try again later."
            )
            raise ApiError(409, message, code="idempotency_key_in_use", type="idempotency_error")
        self._keys.add(slot)

    def end(self, slot: str) -> None:
        """Let go of a key."""
        self._keys.discard(slot)


def slot_of(account: str, key: str) -> str:
    """Where the answer is kept; raises 400 for a key that is too long."""
    if len(key) > 255:
        raise invalid(f"Idempotency-Key is {len(key)} characters long; at most 255 are allowed.")
    return f"{account}/{key}"


def fingerprint(method: str, path: str, form: dict[str, Any]) -> str:
    """What must be the same when a key is used again."""
    return hashlib.sha256(json.dumps([method, path, form], sort_keys=True).encode()).hexdigest()


def replay(ctx: Context, slot: str, mark: str) -> dict[str, Any] | None:
    """The kept answer ``{status, body, request_id}``; raises 400 when the parameters differ."""
    kept = ctx.store.get(_KIND, slot)
    if kept is None or kept["at"] < ctx.now() - _KEEP_SECONDS:
        return None
    if kept["mark"] != mark:
        key = slot.partition("/")[2]
        message = (
            "Keys for idempotent requests can only be used with the same parameters they were first used with. "
            f"Try using a key other than '{key}' if you meant to execute a different request."
        )
        raise ApiError(400, message, type="idempotency_error")
    return kept


def keep(ctx: Context, slot: str, mark: str, *, status: int, body: str, request_id: str) -> None:
    """Remember an answer."""
    answer = {"mark": mark, "status": status, "body": body, "request_id": request_id, "at": ctx.now()}
    ctx.store.put(_KIND, slot, answer)

"""Who may enter a room, and when they will be put out again: rules over plain values.

``nbf`` and ``exp`` govern entering only. The eject time is fixed at the moment of joining, and an eject
property of the token overrides the room's.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Refusal(StrEnum):
    """Why somebody may not enter."""

    NO_ROOM = "no-room"
    ROOM_EXPIRED = "room-expired"
    ROOM_EARLY = "room-early"
    ACCESS_INVALID = "token-invalid"
    ACCESS_FOREIGN = "token-foreign"
    ACCESS_EARLY = "token-early"
    ACCESS_EXPIRED = "token-expired"
    ACCESS_MISSING = "token-missing"
    BANNED = "banned"
    FULL = "full"


@dataclass(frozen=True)
class Entrant:
    """Somebody the rules let in; times in unix seconds."""

    user_id: str | None
    user_name: str | None
    owner: bool
    will_eject_at: float | None
    permissions: Any


def refuse_room(*, room: dict[str, Any], now: float) -> Refusal | None:
    """What is wrong with the room itself."""
    properties = room["properties"]
    if properties.get("exp") is not None and properties["exp"] <= now:
        return Refusal.ROOM_EXPIRED
    if properties.get("nbf") is not None and properties["nbf"] > now:
        return Refusal.ROOM_EARLY
    return None


def refuse_claims(*, room: dict[str, Any], claims: dict[str, Any] | None, now: float) -> Refusal | None:
    """What is wrong with the token, or with having none."""
    if claims is None:
        return Refusal.ACCESS_MISSING if room["privacy"] == "private" else None
    if claims.get("r") not in (None, room["name"]):
        return Refusal.ACCESS_FOREIGN
    if claims.get("exp") is not None and claims["exp"] <= now:
        return Refusal.ACCESS_EXPIRED
    if claims.get("nbf") is not None and claims["nbf"] > now:
        return Refusal.ACCESS_EARLY
    return None


def eject_time(*, properties: dict[str, Any], claims: dict[str, Any], now: float) -> float | None:
    """When somebody joining now will be ejected, ``None`` for never."""
    by_token = _earliest(
        claims.get("exp") if claims.get("ejt") else None,
        now + claims["eje"] if claims.get("eje") else None,
    )
    if "ejt" in claims or "eje" in claims:
        return by_token
    elapsed = properties.get("eject_after_elapsed")
    return _earliest(
        properties.get("exp") if properties.get("eject_at_room_exp") else None,
        now + elapsed if elapsed else None,
    )


def _earliest(*moments: float | None) -> float | None:
    return min((moment for moment in moments if moment is not None), default=None)


def entrant(
    *, room: dict[str, Any], claims: dict[str, Any] | None, typed_name: str | None, now: float
) -> Entrant:
    """The person who enters; the name in the token wins over the typed one."""
    claims = claims or {}
    return Entrant(
        user_id=claims.get("ud"),
        user_name=claims.get("u") or typed_name or None,
        owner=bool(claims.get("o")),
        will_eject_at=eject_time(properties=room["properties"], claims=claims, now=now),
        permissions=claims.get("p") or room["properties"].get("permissions") or DEFAULT_PERMISSIONS,
    )


DEFAULT_PERMISSIONS = {"hasPresence": True, "canSend": True, "canAdmin": False}

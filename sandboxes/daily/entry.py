"""Entering a room as a browser does: the rules of admission applied to the present state."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sandboxes.daily import rooms
from sandboxes.daily.admission import Entrant, Refusal, entrant, refuse_claims, refuse_room
from sandboxes.daily.meetings import NotAdmitted, enter, is_banned, present, refuse_place
from sandboxes.daily.service import Service
from sandboxes.daily.tokens import UnusableToken, read_token

NAME_LIMIT = 60


@dataclass(frozen=True)
class Pass:
    """Somebody may enter this room, with these claims (``None`` without a token)."""

    room: dict[str, Any]
    claims: dict[str, Any] | None
    entrant: Entrant


def examine(service: Service, *, room: str, token: str | None, typed_name: str | None = None) -> Pass:
    """Check everything but writes nothing; raises ``NotAdmitted``."""
    now = service.now()
    found = service.store.get(rooms.KIND, room)
    if found is None:
        raise NotAdmitted(Refusal.NO_ROOM)
    _refuse(refuse_room(room=found, now=now))
    claims = _claims(service, token)
    _refuse(refuse_claims(room=found, claims=claims, now=now))
    name = (typed_name or "").strip()[:NAME_LIMIT]
    person = entrant(room=found, claims=claims, typed_name=name, now=now)
    _refuse(_refuse_place(service, found, person))
    return Pass(found, claims, person)


def enter_room(
    service: Service, *, room: str, token: str | None, typed_name: str | None = None, virtual: bool = False
) -> tuple[dict[str, Any], Pass]:
    """Let somebody in: the session and what admitted them; raises ``NotAdmitted``."""
    admitted = examine(service, room=room, token=token, typed_name=typed_name)
    session = enter(service, room=admitted.room, entrant=admitted.entrant, virtual=virtual)
    return session, admitted


def _claims(service: Service, token: str | None) -> dict[str, Any] | None:
    if not token:
        return None
    try:
        return read_token(service, token)
    except UnusableToken:
        raise NotAdmitted(Refusal.ACCESS_INVALID) from None


def _refuse_place(service: Service, room: dict[str, Any], person: Entrant) -> Refusal | None:
    banned = is_banned(service, room=room["name"], user_id=person.user_id)
    return refuse_place(room=room, entrant=person, inside=present(service, room["name"]), banned=banned)


def _refuse(refusal: Refusal | None) -> None:
    if refusal is not None:
        raise NotAdmitted(refusal)


def features(admitted: Pass) -> dict[str, Any]:
    """What the room page offers: chat, screen sharing, and how the devices start."""
    claims = admitted.claims or {}
    start = {
        "start_video_off": claims.get("vo", rooms.setting(admitted.room, "start_video_off")),
        "start_audio_off": claims.get("ao", rooms.setting(admitted.room, "start_audio_off")),
    }
    return {
        "chat": rooms.setting(admitted.room, "enable_chat"),
        "screenshare": claims.get("ss", rooms.setting(admitted.room, "enable_screenshare")),
        **start,
    }

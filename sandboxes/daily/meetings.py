"""Who is and was inside: sessions (one per entering) and the meetings they make up."""

from __future__ import annotations

import secrets
import uuid
from typing import Any

from sandboxes.daily.admission import Entrant, Refusal
from sandboxes.daily.events import emit
from sandboxes.daily.rooms import setting
from sandboxes.daily.service import Service

SESSION_KIND = "session"
MEETING_KIND = "meeting"
BAN_KIND = "ban"
#: How long an empty meeting waits for somebody to come back before it is over (Daily: up to 20 s).
EMPTY_SECONDS = 2.0
#: How long a browser that lost its connection stays inside.
AWAY_SECONDS = 15.0


class NotAdmitted(Exception):
    """The room has no place for this person."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.value)
        self.refusal = refusal


def present(service: Service, room: str) -> list[dict[str, Any]]:
    """The sessions inside a room, in the order of joining."""
    return [session for session in everyone_present(service) if session["room"] == room]


def everyone_present(service: Service) -> list[dict[str, Any]]:
    """The sessions inside any room."""
    return [session for session in service.store.all(SESSION_KIND) if session["left_at"] is None]


def get_session(service: Service, session_id: str) -> dict[str, Any] | None:
    """A session, present or past."""
    return service.store.get(SESSION_KIND, session_id)


def enter(service: Service, *, room: dict[str, Any], entrant: Entrant, virtual: bool) -> dict[str, Any]:
    """Let somebody in; raises ``NotAdmitted`` when banned or when the room is full."""
    with service.store.transaction():
        _make_room(service, room=room, entrant=entrant)
        meeting = ongoing_meeting(service, room["name"]) or _start_meeting(service, room["name"])
        session = _new_session(service, meeting=meeting, entrant=entrant, virtual=virtual)
        service.store.put(SESSION_KIND, session["id"], session)
        service.timers.cancel(_end_timer(meeting["id"]))
        if session["will_eject_at"] is not None:
            service.timers.at(
                session["will_eject_at"],
                "eject",
                {"session_id": session["id"]},
                id=_eject_timer(session["id"]),
            )
        emit(service, type="participant.joined", payload=_participant_payload(session))
    return session


def refuse_place(
    *, room: dict[str, Any], entrant: Entrant, inside: list[dict[str, Any]], banned: bool
) -> Refusal | None:
    """Whether there is a place for this person among those who are inside."""
    if banned:
        return Refusal.BANNED
    staying = [session for session in inside if not _replaced_by(session, room=room, entrant=entrant)]
    return Refusal.FULL if len(staying) >= setting(room, "max_participants") else None


def _replaced_by(session: dict[str, Any], *, room: dict[str, Any], entrant: Entrant) -> bool:
    """The same person's lost connection gives way, and any connection where user ids are unique."""
    if entrant.user_id is None or session["user_id"] != entrant.user_id:
        return False
    return bool(session["away"] or setting(room, "enforce_unique_user_ids"))


def is_banned(service: Service, *, room: str, user_id: str | None) -> bool:
    """Whether this user id was ejected with a ban from the meeting now going on."""
    meeting = ongoing_meeting(service, room)
    return bool(meeting and user_id and service.store.get(BAN_KIND, f"{meeting['id']}:{user_id}"))


def ban(service: Service, *, room: str, user_ids: list[str]) -> None:
    """Keep these user ids out while the present meeting lasts."""
    meeting = ongoing_meeting(service, room)
    if meeting is None:
        return
    for user_id in user_ids:
        service.store.put(BAN_KIND, f"{meeting['id']}:{user_id}", {"room": room, "user_id": user_id})


def _make_room(service: Service, *, room: dict[str, Any], entrant: Entrant) -> None:
    inside = present(service, room["name"])
    banned = is_banned(service, room=room["name"], user_id=entrant.user_id)
    refusal = refuse_place(room=room, entrant=entrant, inside=inside, banned=banned)
    if refusal is not None:
        raise NotAdmitted(refusal)
    for session in inside:
        if _replaced_by(session, room=room, entrant=entrant):
            leave(service, session["id"], reason="replaced")


def _new_session(
    service: Service, *, meeting: dict[str, Any], entrant: Entrant, virtual: bool
) -> dict[str, Any]:
    return {
        "id": str(uuid.uuid4()),
        "meeting_id": meeting["id"],
        "room": meeting["room"],
        "user_id": entrant.user_id,
        "user_name": entrant.user_name,
        "owner": entrant.owner,
        "permissions": entrant.permissions,
        "will_eject_at": entrant.will_eject_at,
        "joined_at": round(service.now(), 3),
        "left_at": None,
        "virtual": virtual,
        "away": False,
        "resume_key": secrets.token_urlsafe(24),
    }


def leave(service: Service, session_id: str, *, reason: str) -> bool:
    """Somebody is out (``reason``: left, ejected, lost, replaced); False when they already were."""
    with service.store.transaction():
        session = get_session(service, session_id)
        if session is None or session["left_at"] is not None:
            return False
        now = round(service.now(), 3)
        session |= {"left_at": now, "away": False}
        service.store.put(SESSION_KIND, session_id, session)
        service.timers.cancel(_eject_timer(session_id))
        service.timers.cancel(_away_timer(session_id))
        payload = _participant_payload(session) | {"duration": duration(session, now=now)}
        emit(service, type="participant.left", payload=payload)
        if not present(service, session["room"]):
            meeting_id = session["meeting_id"]
            service.timers.at(
                service.now() + EMPTY_SECONDS,
                "end_meeting",
                {"meeting_id": meeting_id},
                id=_end_timer(meeting_id),
            )
    service.on_left(session_id, reason)
    return True


def mark_away(service: Service, session_id: str) -> None:
    """The browser's connection is lost: out after ``AWAY_SECONDS`` unless it comes back."""
    session = get_session(service, session_id)
    if session is None or session["left_at"] is not None:
        return
    service.store.put(SESSION_KIND, session_id, session | {"away": True})
    due = service.now() + AWAY_SECONDS
    service.timers.at(due, "lose", {"session_id": session_id}, id=_away_timer(session_id))


def mark_back(service: Service, *, session_id: str, resume_key: str) -> dict[str, Any] | None:
    """The browser is back with the key it was given; ``None`` when its session is over or the key is wrong."""
    session = get_session(service, session_id)
    if session is None or session["left_at"] is not None:
        return None
    if not secrets.compare_digest(session["resume_key"].encode(), resume_key.encode()):
        return None
    session["away"] = False
    service.store.put(SESSION_KIND, session_id, session)
    service.timers.cancel(_away_timer(session_id))
    return session


def mark_all_away(service: Service) -> None:
    """After a restart no browser is connected any more; they come back by themselves or are lost."""
    for session in everyone_present(service):
        if not session["virtual"]:
            mark_away(service, session["id"])


def end_meeting(service: Service, meeting_id: str) -> None:
    """The meeting is over if it is still empty; it ended when the last one left."""
    with service.store.transaction():
        meeting = service.store.get(MEETING_KIND, meeting_id)
        if meeting is None or meeting["end_time"] is not None or present(service, meeting["room"]):
            return
        meeting["end_time"] = max(session["left_at"] for session in participants(service, meeting_id))
        service.store.put(MEETING_KIND, meeting_id, meeting)
        emit(
            service, type="meeting.ended", payload=_meeting_payload(meeting) | {"end_ts": meeting["end_time"]}
        )
    service.on_meeting_end(meeting)


def set_timers(service: Service) -> None:
    """Connect the timers with what they do."""
    service.timers.on("end_meeting", lambda payload: end_meeting(service, payload["meeting_id"]))
    service.timers.on("eject", lambda payload: _time_out(service, payload["session_id"], "ejected"))
    service.timers.on("lose", lambda payload: _time_out(service, payload["session_id"], "lost"))


def _time_out(service: Service, session_id: str, reason: str) -> None:
    leave(service, session_id, reason=reason)


def ongoing_meeting(service: Service, room: str) -> dict[str, Any] | None:
    """The meeting that goes on in a room."""
    for meeting in service.store.all(MEETING_KIND):
        if meeting["room"] == room and meeting["end_time"] is None:
            return meeting
    return None


def _start_meeting(service: Service, room: str) -> dict[str, Any]:
    identifier = str(uuid.uuid4())
    meeting = {"id": identifier, "room": room, "start_time": round(service.now(), 3), "end_time": None}
    service.store.put(MEETING_KIND, identifier, meeting)
    emit(service, type="meeting.started", payload=_meeting_payload(meeting))
    return meeting


def participants(service: Service, meeting_id: str) -> list[dict[str, Any]]:
    """The sessions of a meeting, in the order of joining."""
    return [session for session in service.store.all(SESSION_KIND) if session["meeting_id"] == meeting_id]


def largest_number(sessions: list[dict[str, Any]]) -> int:
    """How many were inside at the busiest moment (leaving counts before entering)."""
    changes = [(session["joined_at"], 1) for session in sessions]
    changes += [(session["left_at"], -1) for session in sessions if session["left_at"] is not None]
    count = largest = 0
    for _, change in sorted(changes):
        count += change
        largest = max(largest, count)
    return largest


def duration(session: dict[str, Any], *, now: float) -> int:
    """Whole seconds inside, so far when still inside."""
    until: float = now if session["left_at"] is None else session["left_at"]
    joined: float = session["joined_at"]
    return round(until - joined)


def _meeting_payload(meeting: dict[str, Any]) -> dict[str, Any]:
    return {"room": meeting["room"], "meeting_id": meeting["id"], "start_ts": meeting["start_time"]}


def _participant_payload(session: dict[str, Any]) -> dict[str, Any]:
    copied = ("room", "user_id", "user_name", "owner", "joined_at", "will_eject_at", "permissions")
    return {"session_id": session["id"], **{name: session[name] for name in copied}}


def _eject_timer(session_id: str) -> str:
    return f"eject:{session_id}"


def _away_timer(session_id: str) -> str:
    return f"away:{session_id}"


def _end_timer(meeting_id: str) -> str:
    return f"end:{meeting_id}"

"""What the REST API tells about people and meetings, and ejecting."""

from __future__ import annotations

from typing import Any

from sandboxes.daily import parameters
from sandboxes.daily.errors import invalid_request
from sandboxes.daily.meetings import (
    MEETING_KIND,
    ban,
    duration,
    everyone_present,
    largest_number,
    leave,
    participants,
    present,
)
from sandboxes.daily.rooms import get_room, iso, paginate
from sandboxes.daily.service import Service


def presence(service: Service, name: str, *, query: dict[str, str]) -> dict[str, Any]:
    """``GET /rooms/:name/presence``; the people of an expired room are still shown."""
    parameters.check_query(query=query, known={"limit", "userId", "userName"})
    inside = present(service, name)
    if not inside:
        get_room(service, name)
    limit = parameters.query_integer(query, "limit", default=100, low=1, high=100)
    wanted = {"user_id": query.get("userId"), "user_name": query.get("userName")}
    matching = [
        session
        for session in inside
        if all(value is None or session[field] == value for field, value in wanted.items())
    ]
    data = [presence_entry(session, now=service.now()) for session in matching]
    return {"total_count": len(data), "data": data[:limit]}


def presence_entry(session: dict[str, Any], *, now: float) -> dict[str, Any]:
    """One person inside; who has no user id or name has no such key."""
    entry = {
        "id": session["id"],
        "room": session["room"],
        "userId": session["user_id"],
        "userName": session["user_name"],
        "joinTime": iso(session["joined_at"]),
        "duration": duration(session, now=now),
    }
    return {name: value for name, value in entry.items() if value is not None}


def presence_by_room(service: Service) -> dict[str, list[dict[str, Any]]]:
    """``GET /presence``."""
    rooms: dict[str, list[dict[str, Any]]] = {}
    for session in everyone_present(service):
        rooms.setdefault(session["room"], []).append(presence_entry(session, now=service.now()))
    return rooms


def eject(service: Service, name: str, *, body: dict[str, Any]) -> dict[str, list[str]]:
    """``POST /rooms/:name/eject``; unknown ids are no error, ``ban`` holds while the meeting lasts."""
    parameters.check(schema="EjectRequest", body=body)
    ids, user_ids = body.get("ids", []), body.get("user_ids", [])
    if max(len(ids), len(user_ids)) > parameters.EJECT_LIMIT:
        raise invalid_request(f"at most {parameters.EJECT_LIMIT} ids can be given")
    if not ids and not user_ids:
        raise invalid_request("one of ids, user_ids is required")
    inside = present(service, name)
    if not inside:
        get_room(service, name)
    if body.get("ban"):
        ban(service, room=name, user_ids=user_ids)
    chosen = [session["id"] for session in inside if session["id"] in ids or session["user_id"] in user_ids]
    for session_id in chosen:
        leave(service, session_id, reason="ejected")
    return {"ejectedIds": chosen}


def list_meetings(service: Service, *, query: dict[str, str]) -> dict[str, Any]:
    """``GET /meetings``, newest first; times of the timeframe in unix seconds."""
    known = {
        "room",
        "timeframe_start",
        "timeframe_end",
        "limit",
        "starting_after",
        "ending_before",
        "ongoing",
    }
    parameters.check_query(query=query, known=known | {"no_participants"})
    low = parameters.query_integer(query, "timeframe_start", default=0, low=0, high=10**11)
    high = parameters.query_integer(query, "timeframe_end", default=10**11, low=0, high=10**11)
    meetings = [
        meeting_view(service, meeting, with_participants=query.get("no_participants") != "true")
        for meeting in reversed(service.store.all(MEETING_KIND))
        if query.get("room") in (None, meeting["room"]) and low <= meeting["start_time"] <= high
    ]
    if "ongoing" in query:
        meetings = [meeting for meeting in meetings if meeting["ongoing"] == (query["ongoing"] == "true")]
    return {"total_count": len(meetings), "data": paginate(meetings, query=query)}


def meeting_view(service: Service, meeting: dict[str, Any], *, with_participants: bool) -> dict[str, Any]:
    """A meeting as the API shows it; durations of what goes on count up to now."""
    now = service.now()
    view = {
        "id": meeting["id"],
        "room": meeting["room"],
        "start_time": int(meeting["start_time"]),
        "duration": round((meeting["end_time"] or now) - meeting["start_time"]),
        "ongoing": meeting["end_time"] is None,
        "max_participants": largest_number(participants(service, meeting["id"])),
    }
    if with_participants:
        view["participants"] = [
            _participant_entry(session, now=now) for session in participants(service, meeting["id"])
        ]
    return view


def _participant_entry(session: dict[str, Any], *, now: float) -> dict[str, Any]:
    return {
        "user_id": session["user_id"],
        "user_name": session["user_name"],
        "participant_id": session["id"],
        "join_time": int(session["joined_at"]),
        "duration": duration(session, now=now),
    }

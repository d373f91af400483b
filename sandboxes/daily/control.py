"""The controls of its own: people who join and leave without a browser, and recordings that break off."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request

from sandboxes.daily import recordings
from sandboxes.daily.entry import enter_room
from sandboxes.daily.meetings import NotAdmitted, leave, present
from sandboxes.daily.service import Service
from sandboxes.daily.signalling import Hub
from sandboxes.kit.control import Control, Handler

Body = dict[str, Any]


def controls(service: Service, hub: Hub) -> list[Control]:
    """``join``, ``leave`` and ``recordings/fail``."""
    return [
        Control(
            "POST",
            "join",
            _joiner(service, hub),
            "A virtual participant enters, under the rules a browser is under: with a token, or a name for a "
            "public room. 400 with the reason when refused.",
            {"room": "hello", "token": "eyJ…"},
        ),
        Control(
            "POST",
            "leave",
            _leaver(service),
            "Somebody leaves, virtual or not: one session, or every session of a user or name in a room.",
            {"session_id": "…"},
        ),
        Control(
            "POST",
            "recordings/fail",
            _breaker(service),
            "What is being recorded in a room breaks off with a recording.error; no file comes of it.",
            {"room": "hello"},
        ),
    ]


def _joiner(service: Service, hub: Hub) -> Handler:
    def join(_: Request, body: Body) -> Body:
        try:
            session, _admitted = enter_room(
                service,
                room=str(body.get("room")),
                token=body.get("token"),
                typed_name=body.get("name"),
                virtual=True,
            )
        except NotAdmitted as error:
            raise ValueError(f"refused: {error.refusal}") from error
        hub.announce(session)
        return {
            name: session[name] for name in ("meeting_id", "room", "user_id", "user_name", "will_eject_at")
        } | {"session_id": session["id"]}

    return join


def _leaver(service: Service) -> Handler:
    def leave_room(_: Request, body: Body) -> Body:
        left = [
            session_id for session_id in _chosen(service, body) if leave(service, session_id, reason="left")
        ]
        if not left:
            raise LookupError("nobody like that is inside")
        return {"left": left}

    return leave_room


def _breaker(service: Service) -> Handler:
    def break_off(_: Request, body: Body) -> Body:
        broken = recordings.fail(service, str(body.get("room")))
        if not broken:
            raise LookupError("nothing is being recorded there")
        return {"failed": broken}

    return break_off


def _chosen(service: Service, body: Body) -> list[str]:
    if "session_id" in body:
        return [str(body["session_id"])]
    who = body.get("user") or body.get("user_id")
    return [
        session["id"]
        for session in present(service, str(body.get("room")))
        if who in (None, session["user_id"], session["user_name"])
    ]

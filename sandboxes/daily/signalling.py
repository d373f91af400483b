"""The room page's WebSocket: entering, WebRTC signals between browsers, states and chat.

The first message is ``join`` (room, token, name) or ``resume`` (session_id, resume_key): the token travels
in a message, never in an address. A lost connection keeps its session for a while, so that the page can
come back with ``resume``.
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect

from sandboxes.daily.entry import enter_room, features
from sandboxes.daily.meetings import NotAdmitted, get_session, leave, mark_away, mark_back, present
from sandboxes.daily.recordings import running
from sandboxes.daily.service import Service

log = logging.getLogger("sandbox")

CHAT_KIND = "chat"
CHAT_LIMIT = 2000
FIRST_MESSAGE_SECONDS = 10
EMPTY_STATE = {"microphone": False, "camera": False, "screen": None}

Message = dict[str, Any]


class Hub:
    """The browsers connected at present, by session id."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._sockets: dict[str, WebSocket] = {}
        self._states: dict[str, Message] = {}
        self._sending: set[asyncio.Task[None]] = set()

    async def endpoint(self, socket: WebSocket) -> None:
        """One connection from its first message to its end."""
        await socket.accept()
        try:
            session = await self._open(socket)
            if session is not None:
                await self._serve(socket, session["id"])
        except (WebSocketDisconnect, TimeoutError, ValueError, KeyError, TypeError, RuntimeError):
            await _close(socket)

    def disconnect_all(self) -> None:
        """Tell every browser that its call is over, as after a reset."""
        for session_id in list(self._sockets):
            self.dismiss(session_id, "ejected")

    def dismiss(self, session_id: str, reason: str) -> None:
        """The session is over: tell its browser, and those who are still inside."""
        self._states.pop(session_id, None)
        socket = self._sockets.pop(session_id, None)
        if socket is not None:
            self._spawn(_say_goodbye(socket, reason))
        session = get_session(self._service, session_id)
        if session is not None:
            self._tell_others(session, {"type": "peer-left", "id": session_id})

    def announce(self, session: dict[str, Any]) -> None:
        """Tell those inside that somebody came in."""
        self._tell_others(session, {"type": "peer-joined", "peer": self._peer(session)})

    def show_recording(self, room: str) -> None:
        """Tell those inside whether a recording runs now."""
        for member in present(self._service, room):
            self._send(member["id"], {"type": "recording", "running": bool(running(self._service, room))})

    async def _open(self, socket: WebSocket) -> dict[str, Any] | None:
        message = await asyncio.wait_for(_receive(socket), FIRST_MESSAGE_SECONDS)
        opening = self._resume if message["type"] == "resume" else self._join
        session, answer = opening(message)
        if session is None:
            await socket.send_json(answer)
            await _close(socket)
            return None
        await self._replace(session["id"], socket)
        await socket.send_json(answer)
        if message["type"] == "resume":
            self._tell_others(session, {"type": "peer-back", "id": session["id"]})
        else:
            self.announce(session)
        return session

    def _join(self, message: Message) -> tuple[dict[str, Any] | None, Message]:
        try:
            session, admitted = enter_room(
                self._service,
                room=str(message["room"]),
                token=message.get("token"),
                typed_name=str(message.get("name") or ""),
            )
        except NotAdmitted as error:
            return None, {"type": "refused", "reason": error.refusal.value}
        self._states[session["id"]] = EMPTY_STATE
        return session, self._welcome(session, "joined") | {"features": features(admitted)}

    def _resume(self, message: Message) -> tuple[dict[str, Any] | None, Message]:
        session = mark_back(
            self._service, session_id=str(message["session_id"]), resume_key=str(message["resume_key"])
        )
        if session is None:
            return None, {"type": "ended", "reason": "lost"}
        return session, self._welcome(session, "resumed")

    def _welcome(self, session: dict[str, Any], type: str) -> Message:
        others = [other for other in present(self._service, session["room"]) if other["id"] != session["id"]]
        return {
            "type": type,
            "session_id": session["id"],
            "resume_key": session["resume_key"],
            "name": session["user_name"],
            "joined_at": session["joined_at"],
            "will_eject_at": session["will_eject_at"],
            "now": self._service.now(),
            "peers": [self._peer(other) for other in others],
            "chat": self._history(session["meeting_id"]),
            "recording": bool(running(self._service, session["room"])),
        }

    def _peer(self, session: dict[str, Any]) -> Message:
        return {
            "id": session["id"],
            "name": session["user_name"],
            "owner": session["owner"],
            "virtual": session["virtual"],
            "away": session["away"],
            "state": self._states.get(session["id"], EMPTY_STATE),
        }

    async def _replace(self, session_id: str, socket: WebSocket) -> None:
        previous = self._sockets.get(session_id)
        self._sockets[session_id] = socket
        if previous is not None:
            await _close(previous)

    async def _serve(self, socket: WebSocket, session_id: str) -> None:
        try:
            while self._sockets.get(session_id) is socket:
                self._handle(session_id, await _receive(socket))
        finally:
            self._lost(socket, session_id)

    def _handle(self, session_id: str, message: Message) -> None:
        session = get_session(self._service, session_id)
        handler = self._handlers.get(message["type"])
        if session is not None and handler is not None:
            handler(self, session, message)

    def _on_signal(self, session: dict[str, Any], message: Message) -> None:
        target = get_session(self._service, str(message["to"]))
        if target is not None and target["room"] == session["room"]:
            self._send(target["id"], {"type": "signal", "from": session["id"], "data": message["data"]})

    def _on_state(self, session: dict[str, Any], message: Message) -> None:
        state = {name: message["state"].get(name) for name in EMPTY_STATE}
        self._states[session["id"]] = state
        self._tell_others(session, {"type": "state", "id": session["id"], "state": state})

    def _on_chat(self, session: dict[str, Any], message: Message) -> None:
        text = str(message["text"]).strip()[:CHAT_LIMIT]
        if not text:
            return
        line = {
            "id": str(uuid.uuid4()),
            "meeting_id": session["meeting_id"],
            "from": session["id"],
            "name": session["user_name"],
            "text": text,
            "at": self._service.now(),
        }
        self._service.store.put(CHAT_KIND, line["id"], line)
        for member in present(self._service, session["room"]):
            self._send(member["id"], {"type": "chat", "line": line})

    def _on_leave(self, session: dict[str, Any], _: Message) -> None:
        leave(self._service, session["id"], reason="left")

    def _on_ping(self, session: dict[str, Any], _: Message) -> None:
        self._send(session["id"], {"type": "pong"})

    _handlers = {
        "signal": _on_signal,
        "state": _on_state,
        "chat": _on_chat,
        "leave": _on_leave,
        "ping": _on_ping,
    }

    def _history(self, meeting_id: str) -> list[dict[str, Any]]:
        return [line for line in self._service.store.all(CHAT_KIND) if line["meeting_id"] == meeting_id]

    def _lost(self, socket: WebSocket, session_id: str) -> None:
        """The connection broke without a goodbye; a newer one may have taken its place."""
        if self._sockets.get(session_id) is not socket:
            return
        del self._sockets[session_id]
        mark_away(self._service, session_id)
        session = get_session(self._service, session_id)
        if session is not None:
            self._tell_others(session, {"type": "peer-away", "id": session_id})

    def _tell_others(self, session: dict[str, Any], message: Message) -> None:
        for other in present(self._service, session["room"]):
            if other["id"] != session["id"]:
                self._send(other["id"], message)

    def _send(self, session_id: str, message: Message) -> None:
        socket = self._sockets.get(session_id)
        if socket is not None:
            self._spawn(_send(socket, message))

    def _spawn(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)


async def _receive(socket: WebSocket) -> Message:
    message = await socket.receive_json()
    if not isinstance(message, dict):
        raise TypeError("a message is a JSON object")
    return message


async def _send(socket: WebSocket, message: Message) -> None:
    try:
        await socket.send_json(message)
    except (WebSocketDisconnect, RuntimeError, OSError):
        log.debug("a browser went away while it was being told something")


async def _say_goodbye(socket: WebSocket, reason: str) -> None:
    await _send(socket, {"type": "ended", "reason": reason})
    await _close(socket)


async def _close(socket: WebSocket) -> None:
    try:
        await socket.close()
    except (WebSocketDisconnect, RuntimeError, OSError):
        log.debug("a browser had already gone")

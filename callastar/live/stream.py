"""Server-sent events as raw ASGI, in front of Django: a stream costs no thread and no pooled connection.

The format is https://html.spec.whatwg.org/multipage/server-sent-events.html. Addresses:
`/api/call-offers/<id>/events` (one offer), `/api/call-offers/events[?creator=<id>]` (lists),
`/api/bookings/<id>/events?token=<signed>` (one booking, its people only),
`/api/calls/<id>/events?token=<signed>` (one call, its people only),
`/api/notifications/events?token=<signed>` (the person whom the token is for).
"""

import asyncio
import json
import re
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from asgiref.sync import sync_to_async
from django.db import connections
from django.utils import translation

from callastar.core.api.language import accepted_language
from callastar.core.api.problems import CONTENT_TYPE, plain_problem
from callastar.live.hub import Hub
from callastar.live.tokens import may_watch_booking, may_watch_call, watched_person

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]
Snapshot = Callable[[str], dict[str, Any] | None]

UUID_PATTERN = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
_OFFER = re.compile(rf"^/api/call-offers/({UUID_PATTERN})/events/?$")
_OFFERS = re.compile(r"^/api/call-offers/events/?$")
_BOOKING = re.compile(rf"^/api/bookings/({UUID_PATTERN})/events/?$")
_CALL = re.compile(rf"^/api/calls/({UUID_PATTERN})/events/?$")
_NOTIFICATIONS = re.compile(r"^/api/notifications/events/?$")
HEARTBEAT_SECONDS = 15
RECONNECT_MILLISECONDS = 2000
_CODES = {503: "live_unavailable"}
_HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
]


@dataclass(frozen=True, slots=True)
class Subscription:
    """What a request wants to watch; `offer` asks for the offer's present state first.

    `first` is what it hears at once, each time that it connects: what came before is looked for by the page.
    """

    topic: str
    offer: str = ""
    first: str = ": listening\n\n"


class LiveStreams:
    """ASGI application: answers streams itself and hands everything else to `inner`."""

    def __init__(self, inner: Application, *, offer_snapshot: Snapshot) -> None:
        self._inner, self._offer_snapshot = inner, offer_snapshot
        self._hub: Hub | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        wanted = _subscription(scope) if scope["type"] == "http" and scope["method"] == "GET" else None
        if wanted is None:
            await self._inner(scope, receive, send)
        elif not wanted.topic:
            await _refuse(scope, send, 403)
        else:
            await self._stream(wanted, scope, receive, send)

    async def _stream(self, wanted: Subscription, scope: Scope, receive: Receive, send: Send) -> None:
        self._hub = self._hub or Hub()
        with self._hub.subscribe(wanted.topic) as queue:
            if not await self._hub.is_listening():
                await _refuse(scope, send, 503)
                return
            first = await self._first(wanted)
            if first is None:
                await _refuse(scope, send, 404)
                return
            await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
            await _write(send, f"retry: {RECONNECT_MILLISECONDS}\n\n{first}")
            await _until_gone(receive, _feed(queue, send))

    async def _first(self, wanted: Subscription) -> str | None:
        """What is true when the stream starts; None if there is no such offer."""
        if not wanted.offer:
            return wanted.first
        state = await sync_to_async(_closing_connections(self._offer_snapshot), thread_sensitive=False)(
            wanted.offer
        )
        return None if state is None else _event(state)


def _subscription(scope: Scope) -> Subscription | None:
    """What the path asks for; an empty topic is one that may not be watched."""
    path = scope["path"]
    query = parse_qs(scope.get("query_string", b"").decode("latin-1"))
    if found := _OFFER.match(path):
        offer = found[1].lower()
        return Subscription(f"offer:{offer}", offer)
    if _OFFERS.match(path):
        creator = query.get("creator", [""])[0]
        return Subscription(f"creator:{creator}" if creator else "offers")
    if found := _BOOKING.match(path):
        booking = found[1].lower()
        allowed = may_watch_booking(booking_id=booking, token=query.get("token", [""])[0])
        return Subscription(f"booking:{booking}" if allowed else "")
    if found := _CALL.match(path):
        call = found[1].lower()
        allowed = may_watch_call(call_id=call, token=query.get("token", [""])[0])
        return Subscription(f"call:{call}" if allowed else "")
    if _NOTIFICATIONS.match(path):
        person = watched_person(query.get("token", [""])[0])
        look = _event({"kind": "notifications", "person": person})
        return Subscription(f"person:{person}" if person else "", first=look)
    return None


async def _feed(queue: "asyncio.Queue[dict[str, Any]]", send: Send) -> None:
    while True:
        try:
            message = await asyncio.wait_for(queue.get(), HEARTBEAT_SECONDS)
        except TimeoutError:
            await _write(send, ": still here\n\n")
        else:
            await _write(send, _event(message))


async def _until_gone(receive: Receive, work: Any) -> None:
    """Run until the client goes away or the connection breaks."""
    feeding = asyncio.ensure_future(work)
    leaving = asyncio.ensure_future(_disconnected(receive))
    done, pending = await asyncio.wait({feeding, leaving}, return_when=asyncio.FIRST_COMPLETED)
    for task in pending:
        task.cancel()
    await asyncio.gather(*done, *pending, return_exceptions=True)


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _event(message: dict[str, Any]) -> str:
    return f"event: {message['kind']}\ndata: {json.dumps(message, separators=(',', ':'))}\n\n"


async def _write(send: Send, text: str) -> None:
    await send({"type": "http.response.body", "body": text.encode(), "more_body": True})


async def _refuse(scope: Scope, send: Send, status: int) -> None:
    """The problem that the API would answer, in the language that the client asks for."""
    language = accepted_language(_header(scope, b"accept-language"))
    with translation.override(language):
        body = plain_problem(status, code=_CODES.get(status, "")).content
    headers = [
        (b"content-type", CONTENT_TYPE.encode()),
        (b"content-language", language.encode()),
        (b"vary", b"Accept-Language"),
        (b"cache-control", b"no-store"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _header(scope: Scope, name: bytes) -> str:
    return dict(scope.get("headers", ())).get(name, b"").decode("latin-1")


def _closing_connections(read: Snapshot) -> Snapshot:
    """Outside Django's request cycle a thread must give its connection back itself."""

    def wrapped(key: str) -> dict[str, Any] | None:
        try:
            return read(key)
        finally:
            connections.close_all()

    return wrapped

"""Requests wait for their turn where waiting costs nothing: before they have a thread and a database connection."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

READ_AHEAD_BYTES = 1_000_000


class AtMost:
    """ASGI application: lets `limit` requests at once into `inner`, in the order in which they came.

    Django gives every request a thread, and the thread takes a connection from the pool. A thousand at once would all
    wait for the pool's few, and those whose patience ends would fail. A request takes its place once its body is here:
    who sends slowly keeps nobody waiting.
    """

    def __init__(self, inner: Callable[[Scope, Receive, Send], Awaitable[None]], *, limit: int) -> None:
        self._inner, self._places = inner, asyncio.Semaphore(limit)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        arrived = await _read_ahead(receive)

        async def receive_again() -> Message:
            return arrived.popleft() if arrived else await receive()

        async with self._places:
            await self._inner(scope, receive_again, send)


async def _read_ahead(receive: Receive) -> deque[Message]:
    """The messages of the request's body, as far as they are worth keeping in memory."""
    arrived: deque[Message] = deque()
    size = 0
    while size < READ_AHEAD_BYTES:
        message = await receive()
        arrived.append(message)
        size += len(message.get("body", b""))
        if not message.get("more_body"):
            break
    return arrived

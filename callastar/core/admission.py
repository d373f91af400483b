"""Requests wait for their turn where waiting costs nothing: before they have a thread and a database connection."""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class AtMost:
    """ASGI application: lets `limit` requests at once into `inner`, in the order in which they came.

    Django gives every request a thread, and the thread takes a connection from the pool. A thousand at once would all
    wait for the pool's few, and those whose patience ends would fail.
    """

    def __init__(self, inner: Callable[[Scope, Receive, Send], Awaitable[None]], *, limit: int) -> None:
        self._inner, self._places = inner, asyncio.Semaphore(limit)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async with self._places:
            await self._inner(scope, receive, send)

"""One LISTEN connection for each process fans PostgreSQL's notifications out to the process's streams."""

import asyncio
import json
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import structlog
from django.conf import settings

from callastar.live.operations import CHANNEL

_log = structlog.get_logger(__name__)
QUEUE_SIZE = 100
RESYNC: dict[str, Any] = {"kind": "resync"}
_CONNECT_AGAIN_SECONDS = 1
_PATIENCE_SECONDS = 5


def topics_of(message: dict[str, Any]) -> list[str]:
    """The topics that a message is for: the offer, its creator, all offers; one booking, call or person."""
    if message.get("kind") == "offer":
        return [f"offer:{message['offer']}", f"creator:{message['creator']}", "offers"]
    if message.get("kind") == "call":
        return [f"call:{message['call']}"]
    if message.get("kind") == "notifications":
        return [f"person:{message['person']}"]
    return [f"booking:{message['booking']}"]


class Hub:
    """Streams subscribe to topics; the listener starts with the first of them and connects again when it is cut off."""

    def __init__(self) -> None:
        self._streams: dict[str, set[asyncio.Queue[dict[str, Any]]]] = defaultdict(set)
        self._listener: asyncio.Task[None] | None = None
        self._listening = asyncio.Event()
        self._was_cut_off = False

    @contextmanager
    def subscribe(self, topic: str) -> Iterator["asyncio.Queue[dict[str, Any]]"]:
        """A queue of the topic's messages from now on. One that nobody empties is told to look again."""
        queue: asyncio.Queue[dict[str, Any]] = asyncio.Queue(QUEUE_SIZE)
        self._streams[topic].add(queue)
        if self._listener is None or self._listener.done():
            self._listener = asyncio.create_task(self._listen())
        try:
            yield queue
        finally:
            self._streams[topic].discard(queue)
            if not self._streams[topic]:
                del self._streams[topic]

    async def is_listening(self) -> bool:
        """Wait (not for long) until notifications arrive, so that what is read afterwards misses nothing."""
        try:
            await asyncio.wait_for(self._listening.wait(), _PATIENCE_SECONDS)
        except TimeoutError:
            return False
        return True

    async def _listen(self) -> None:
        while True:
            try:
                await self._receive()
            except psycopg.Error as error:
                self._listening.clear()
                self._was_cut_off = True
                _log.warning("live listener lost its connection", error=type(error).__name__)
                await asyncio.sleep(_CONNECT_AGAIN_SECONDS)

    async def _receive(self) -> None:
        async with await psycopg.AsyncConnection.connect(
            settings.DATABASE_URL, autocommit=True
        ) as connection:
            await connection.execute(f"LISTEN {CHANNEL}")
            self._listening.set()
            if self._was_cut_off:
                self._tell_all(RESYNC)
            async for notice in connection.notifies():
                self._dispatch(json.loads(notice.payload))
        raise psycopg.OperationalError("the connection was closed")

    def _dispatch(self, message: dict[str, Any]) -> None:
        for topic in topics_of(message):
            for queue in self._streams.get(topic, ()):
                _put(queue, message)

    def _tell_all(self, message: dict[str, Any]) -> None:
        for queues in self._streams.values():
            for queue in queues:
                _put(queue, message)


def _put(queue: "asyncio.Queue[dict[str, Any]]", message: dict[str, Any]) -> None:
    """Never wait for a slow reader: when its queue is full, all it is told is to look again."""
    if queue.full():
        while not queue.empty():
            queue.get_nowait()
        message = RESYNC
    queue.put_nowait(message)

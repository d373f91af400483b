"""Work for later: persisted, run once it is due on the sandbox's clock."""

import asyncio
import inspect
import logging
import uuid
from collections.abc import Awaitable, Callable
from typing import Any

from sandboxes.kit.clock import Clock
from sandboxes.kit.loop import Loop
from sandboxes.kit.store import Document, Store

log = logging.getLogger("sandbox")

Handler = Callable[[Document], Awaitable[None] | None]

_KIND = "timer"


class Timers:
    """Named handlers called with the payload of a timer once its time has come, in order of that time."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._handlers: dict[str, Handler] = {}
        self._running = asyncio.Lock()
        self.loop = Loop(self.run_due)

    def on(self, name: str, handler: Handler) -> None:
        """Let ``handler(payload)`` (plain or async) run the timers of that name."""
        self._handlers[name] = handler

    def at(self, when: float, name: str, payload: dict[str, Any], *, id: str | None = None) -> str:
        """Set a timer for a moment in unix seconds; an id that is already set is set anew. Returns the id."""
        id = id or uuid.uuid4().hex
        self._store.put(_KIND, id, {"id": id, "name": name, "at": when, "payload": payload})
        self.loop.wake()
        return id

    def cancel(self, id: str) -> None:
        """Forget a timer."""
        self._store.delete(_KIND, id)

    async def run_due(self) -> None:
        """Run what is due. A timer is forgotten after its handler, so that a killed one runs again."""
        async with self._running:
            now = self._clock.now()
            due = [timer for timer in self._store.all(_KIND) if timer["at"] <= now]
            for timer in sorted(due, key=lambda timer: float(timer["at"])):
                if self._store.get(_KIND, timer["id"]) == timer:
                    await self._run(timer)

    async def _run(self, timer: Document) -> None:
        try:
            outcome = self._handlers[timer["name"]](timer["payload"])
            if inspect.isawaitable(outcome):
                await outcome
        except Exception:
            log.exception("timer %s failed", timer["name"])
        if self._store.get(_KIND, timer["id"]) == timer:  # a handler may have set itself anew
            self._store.delete(_KIND, timer["id"])

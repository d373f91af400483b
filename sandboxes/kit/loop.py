"""A background task that looks for due work."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

log = logging.getLogger("sandbox")

_POLL_SECONDS = 0.1


class Loop:
    """Calls ``step`` every tenth of a second, or at once after :meth:`wake`; a failing step is logged."""

    def __init__(self, step: Callable[[], Awaitable[None]]) -> None:
        self._step = step
        self._awake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin; needs a running event loop."""
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """End, also in the middle of a step."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def wake(self) -> None:
        """Look now instead of at the next poll."""
        self._awake.set()

    async def _run(self) -> None:
        while True:
            self._awake.clear()
            try:
                await self._step()
            except Exception:
                log.exception("background step failed")
            try:
                await asyncio.wait_for(self._awake.wait(), _POLL_SECONDS)
            except TimeoutError:
                continue

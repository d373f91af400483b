"""The parts of a running sandbox, and the ASGI application made of them."""

import logging
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from starlette.applications import Starlette
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, ExceptionHandler, Message, Receive, Scope, Send

from sandboxes.kit.clock import Clock
from sandboxes.kit.control import Control, control_mount
from sandboxes.kit.faults import ErrorResponse, FaultMiddleware, Faults
from sandboxes.kit.options import Options
from sandboxes.kit.store import Store
from sandboxes.kit.timers import Timers
from sandboxes.kit.webhooks import Deliveries, OnResult, Sign

log = logging.getLogger("sandbox.access")


@dataclass
class Kit:
    """Everything a sandbox works with; see the package's description."""

    options: Options
    store: Store
    clock: Clock
    timers: Timers
    faults: Faults
    deliveries: Deliveries
    error_response: ErrorResponse
    on_reset: list[Callable[[], None]] = field(default_factory=list)

    @classmethod
    def open(
        cls, options: Options, *, sign: Sign, error_response: ErrorResponse, on_result: OnResult | None = None
    ) -> "Kit":
        """Open the data folder.

        ``sign(endpoint, body, attempt)`` gives a webhook's headers, ``error_response(500 or 429)`` the
        provider's own error, ``on_result(result)`` hears of every try to deliver a webhook.
        """
        store = Store(options.data_dir / "state.sqlite3")
        clock = Clock(store)
        deliveries = Deliveries(store, clock, sign, on_result)
        return cls(
            options, store, clock, Timers(store, clock), Faults(store, clock), deliveries, error_response
        )

    def reset(self) -> None:
        """Forget everything but the keys; ``on_reset`` callbacks clear or seed what else there is."""
        self.store.reset()
        for callback in self.on_reset:
            callback()

    def app(
        self,
        routes: Sequence[BaseRoute],
        controls: Sequence[Control] = (),
        exception_handlers: dict[int | type[Exception], ExceptionHandler] | None = None,
    ) -> ASGIApp:
        """The application: the provider's routes behind the faults, the controls, background work, access log."""
        starlette = Starlette(
            routes=[control_mount(self, controls), *routes],
            lifespan=self._lifespan,
            exception_handlers=exception_handlers,
        )
        return AccessLog(FaultMiddleware(starlette, faults=self.faults, error_response=self.error_response))

    @asynccontextmanager
    async def _lifespan(self, _: Starlette) -> AsyncIterator[None]:
        self.timers.loop.start()
        self.deliveries.loop.start()
        yield
        await self.timers.loop.stop()
        await self.deliveries.stop()
        self.store.close()


class AccessLog:
    """One line for each answer: method, path, status, milliseconds. No query strings, no tokens.

    An answer that says "nothing new" (304) to a page that keeps asking is not worth a line.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and note its answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.monotonic()
        statuses: list[int] = []

        async def note(message: Message) -> None:
            if message["type"] == "http.response.start":
                statuses.append(message["status"])
            await send(message)

        await self._app(scope, receive, note)
        status = statuses[0] if statuses else "dropped"
        if status == 304:
            return
        milliseconds = (time.monotonic() - started) * 1000
        log.info("%s %s %s %.0f ms", scope["method"], public_path(scope["path"]), status, milliseconds)


def public_path(path: str) -> str:
    """The path without what may be a secret: segments too long to be an id."""
    return "/".join(segment if len(segment) <= 48 else "…" for segment in path.split("/"))

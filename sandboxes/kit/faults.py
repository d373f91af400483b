"""Failures on demand: what a provider does on its bad days."""

import asyncio
import re
import uuid
from collections.abc import Callable
from typing import Literal, get_args

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sandboxes.kit.clock import Clock
from sandboxes.kit.store import Document, Store

FaultKind = Literal["500", "429", "timeout", "drop_before", "drop_after", "slow"]
ErrorResponse = Callable[[int], Response]

DROP_EXTENSION = "sandbox.drop_connection"
HANG_SECONDS = 60
SLOW_SECONDS = 2

_KIND = "fault"


class Faults:
    """Faults waiting for the requests they match, each for a number of times."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def add(self, *, match: str, kind: str, times: int = 1) -> Document:
        """Let the next ``times`` requests that match "METHOD /path" fail; raises ValueError for nonsense."""
        _pattern(match)
        if kind not in get_args(FaultKind):
            raise ValueError(f"kind must be one of {', '.join(get_args(FaultKind))}.")
        if times < 1:
            raise ValueError("times must be at least 1.")
        fault: Document = {
            "id": uuid.uuid4().hex,
            "match": match,
            "kind": kind,
            "times": times,
            "created": self._clock.now(),
        }
        self._store.put(_KIND, fault["id"], fault)
        return fault

    def waiting(self) -> list[Document]:
        """The faults that are still to happen, oldest first."""
        return self._store.all(_KIND)

    def take(self, method: str, path: str) -> str | None:
        """The kind of the oldest fault that matches the request, counted down; None when all is well."""
        for fault in self.waiting():
            if matches(fault["match"], method, path):
                self._count_down(fault)
                return str(fault["kind"])
        return None

    def clear(self) -> None:
        """Forget every fault."""
        for fault in self.waiting():
            self._store.delete(_KIND, fault["id"])

    def _count_down(self, fault: Document) -> None:
        if fault["times"] > 1:
            self._store.put(_KIND, fault["id"], fault | {"times": fault["times"] - 1})
        else:
            self._store.delete(_KIND, fault["id"])


def matches(match: str, method: str, path: str) -> bool:
    """Whether "METHOD /path" covers a request: `*` stands for any method or any part of one segment,
    and the path covers everything below it ("POST /v1/refunds" covers /v1/refunds/re_1, not /v1/refundsx)."""
    return _pattern(match).fullmatch(f"{method} {path}") is not None


def _pattern(match: str) -> re.Pattern[str]:
    found = re.fullmatch(r"([A-Z]+|\*) (/\S*)", match)
    if found is None:
        raise ValueError('match must read "METHOD /path"; either may hold a *.')
    method, path = found.groups()
    segments = re.escape(path.rstrip("/")).replace(r"\*", "[^/]*")
    return re.compile(f"{'[A-Z]+' if method == '*' else method} {segments}(/.*)?")


class FaultMiddleware:
    """Throws the waiting faults at the provider's routes; never at the controls."""

    def __init__(self, app: ASGIApp, *, faults: Faults, error_response: ErrorResponse) -> None:
        self._app = app
        self._faults = faults
        self._error_response = error_response

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the request, or fail it as the fault says."""
        kind = self._fault(scope)
        if kind in ("500", "429"):
            await self._error_response(int(kind))(scope, receive, send)
        elif kind == "timeout":
            await _disconnected(receive, HANG_SECONDS)
            await _drop(scope, receive)
        elif kind == "drop_before":
            await _read(receive)
            await _drop(scope, receive)
        elif kind == "drop_after":
            await self._app(scope, receive, _nowhere)
            await _drop(scope, receive)
        else:
            await asyncio.sleep(SLOW_SECONDS if kind == "slow" else 0)
            await self._app(scope, receive, send)

    def _fault(self, scope: Scope) -> str | None:
        if scope["type"] != "http" or scope["path"].startswith("/_control"):
            return None
        return self._faults.take(scope["method"], scope["path"])


async def _nowhere(message: Message) -> None:
    """Swallow an answer."""


async def _read(receive: Receive) -> None:
    """Take the whole request: what is closed with bytes unread is reset, and which of the two a client sees would be
    a matter of luck."""
    while (await receive()).get("more_body"):
        pass


async def _drop(scope: Scope, receive: Receive) -> None:
    """Close the connection without an answer; the server (see server.py) lends the handle."""
    scope["extensions"][DROP_EXTENSION]["close"]()
    await _disconnected(receive, HANG_SECONDS)


async def _disconnected(receive: Receive, seconds: float) -> None:
    """Wait until the client has gone, at most so many seconds."""
    try:
        async with asyncio.timeout(seconds):
            while (await receive())["type"] != "http.disconnect":
                pass
    except TimeoutError:
        return

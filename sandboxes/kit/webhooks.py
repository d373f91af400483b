"""Signed webhooks: a persisted queue, delivered until the receiver says 2xx."""

import asyncio
import inspect
import json
import time
import uuid
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Literal, get_args

import httpx

from sandboxes.kit.clock import Clock
from sandboxes.kit.loop import Loop
from sandboxes.kit.store import Document, Store

Mode = Literal["normal", "hold", "drop", "duplicate", "shuffle"]

MAX_TRIES = 12
MAX_DELAY_SECONDS = 60
SHUFFLE_SECONDS = 1.0
TIMEOUT_SECONDS = 10

_WAITING = "delivery"
_DONE = "delivery_log"


@dataclass(frozen=True)
class Attempt:
    """One try to deliver: the delivery's id (the same on every try), its number from 1, its unix time.

    The time is the real one, not the sandbox's: receivers compare it with their own clock.
    """

    delivery_id: str
    number: int
    timestamp: int


@dataclass(frozen=True)
class Result:
    """What came of a try: the HTTP status (None when nobody answered) and whether it will be tried again."""

    endpoint: Document
    event: Document
    status: int | None
    attempt: Attempt
    will_retry: bool

    @property
    def ok(self) -> bool:
        """Whether the receiver took it."""
        return is_ok(self.status)


Sign = Callable[[Document, bytes, Attempt], Mapping[str, str]]
OnResult = Callable[[Result], Awaitable[None] | None]


def is_ok(status: int | None) -> bool:
    """Whether a status means "received"."""
    return status is not None and 200 <= status < 300


def encode(event: Document) -> bytes:
    """The compact JSON that is sent and signed."""
    return json.dumps(event, separators=(",", ":"), ensure_ascii=False).encode()


class Deliveries:
    """The queue; in order for each endpoint, endpoints side by side."""

    def __init__(self, store: Store, clock: Clock, sign: Sign, on_result: OnResult | None = None) -> None:
        self._store = store
        self._clock = clock
        self._sign = sign
        self._on_result = on_result
        self._busy: dict[str, asyncio.Task[None]] = {}
        self._client = httpx.AsyncClient(timeout=TIMEOUT_SECONDS, trust_env=False)
        self.loop = Loop(self._step)

    @property
    def mode(self) -> str:
        """How deliveries are treated at present."""
        return str(self._store.setting("webhook_mode", "normal"))

    def set_mode(self, mode: str) -> None:
        """normal, hold (kept until released or back to normal), drop (lost), duplicate (sent twice),
        shuffle (collected for a second, sent newest first); raises ValueError for another word."""
        if mode not in get_args(Mode):
            raise ValueError(f"mode must be one of {', '.join(get_args(Mode))}.")
        self._store.set_setting("webhook_mode", mode)
        if mode == "hold":
            self._move_all("pending", "held")
        elif mode == "normal":
            self.release()

    def enqueue(self, endpoint: Document, event: Document) -> str | None:
        """Queue an event for an endpoint (``id``, ``url``, …); the delivery's id, None when it is dropped."""
        delivery = self._new(endpoint, event)
        if self.mode == "drop":
            self._store.put(_DONE, delivery["id"], delivery | {"state": "dropped"})
            return None
        self._store.put(_WAITING, delivery["id"], delivery)
        self.loop.wake()
        return str(delivery["id"])

    def release(self, types: list[str] | None = None) -> int:
        """Send what is held, only the given event types if any are named; how many that were."""
        return self._move_all("held", "pending", types)

    def cancel(self, endpoint_id: str) -> None:
        """Forget what waits for an endpoint, as when it is deleted or disabled."""
        for delivery in self.waiting():
            if delivery["endpoint"]["id"] == endpoint_id:
                self._store.delete(_WAITING, delivery["id"])

    def waiting(self) -> list[Document]:
        """Deliveries not yet taken by their receiver, oldest first."""
        return self._store.all(_WAITING)

    def done(self) -> list[Document]:
        """Deliveries that are over (state delivered, failed or dropped), in the order of their end."""
        return self._store.all(_DONE)

    async def stop(self) -> None:
        """End the background work; what waits is sent after the next start."""
        await self.loop.stop()
        tasks = list(self._busy.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._client.aclose()

    def _new(self, endpoint: Document, event: Document) -> Document:
        mode = self.mode
        now = self._clock.now()
        return {
            "id": "msg_" + uuid.uuid4().hex,
            "endpoint": endpoint,
            "event": event,
            "state": "held" if mode == "hold" else "pending",
            "copies": 2 if mode == "duplicate" else 1,
            "tries": 0,
            "created": now,
            "due": now + (SHUFFLE_SECONDS if mode == "shuffle" else 0),
            "last_status": None,
        }

    def _move_all(self, old: str, new: str, types: list[str] | None = None) -> int:
        moved = [
            delivery
            for delivery in self.waiting()
            if delivery["state"] == old and (types is None or delivery["event"].get("type") in types)
        ]
        for delivery in moved:
            self._store.put(_WAITING, delivery["id"], delivery | {"state": new, "due": self._clock.now()})
        self.loop.wake()
        return len(moved)

    async def _step(self) -> None:
        """Start a sender for each endpoint that has something due and none at work."""
        for endpoint_id, deliveries in self._due_by_endpoint().items():
            if endpoint_id not in self._busy:
                task = asyncio.create_task(self._send_all(deliveries))
                self._busy[endpoint_id] = task
                task.add_done_callback(partial(self._done_with, endpoint_id))

    def _done_with(self, endpoint_id: str, _: asyncio.Task[None]) -> None:
        self._busy.pop(endpoint_id, None)

    def _due_by_endpoint(self) -> dict[str, list[Document]]:
        now = self._clock.now()
        pending = [delivery for delivery in self.waiting() if delivery["state"] == "pending"]
        due = [delivery for delivery in pending if delivery["due"] <= now]
        if due and self.mode == "shuffle":
            due = [delivery for delivery in reversed(pending) if delivery in due or not delivery["tries"]]
        groups: dict[str, list[Document]] = {}
        for delivery in due:
            groups.setdefault(delivery["endpoint"]["id"], []).append(delivery)
        return groups

    async def _send_all(self, deliveries: list[Document]) -> None:
        for delivery in deliveries:
            if (
                self._store.get(_WAITING, delivery["id"]) == delivery
            ):  # neither cancelled, held nor reset meanwhile
                await self._send(delivery)

    async def _send(self, delivery: Document) -> None:
        attempt = Attempt(delivery["id"], delivery["tries"] + 1, int(time.time()))
        status = None
        for _ in range(delivery["copies"]):
            status = await self._post(delivery, attempt)
        if self._store.get(_WAITING, delivery["id"]) is None:
            return
        will_retry = not is_ok(status) and attempt.number < MAX_TRIES
        self._record(delivery | {"tries": attempt.number, "last_status": status}, will_retry)
        await self._report(Result(delivery["endpoint"], delivery["event"], status, attempt, will_retry))

    async def _post(self, delivery: Document, attempt: Attempt) -> int | None:
        endpoint, body = delivery["endpoint"], encode(delivery["event"])
        headers = {"Content-Type": "application/json", **self._sign(endpoint, body, attempt)}
        try:
            return (await self._client.post(endpoint["url"], content=body, headers=headers)).status_code
        except (httpx.HTTPError, httpx.InvalidURL):
            return None

    def _record(self, delivery: Document, will_retry: bool) -> None:
        """Retries come after 1, 2, 4, 8 … seconds."""
        if will_retry:
            delay = min(2 ** (delivery["tries"] - 1), MAX_DELAY_SECONDS)
            held = self.mode == "hold"
            waiting = {"state": "held" if held else "pending", "copies": 1, "due": self._clock.now() + delay}
            self._store.put(_WAITING, delivery["id"], delivery | waiting)
            return
        with self._store.transaction():
            self._store.delete(_WAITING, delivery["id"])
            state = "delivered" if is_ok(delivery["last_status"]) else "failed"
            self._store.put(_DONE, delivery["id"], delivery | {"state": state})

    async def _report(self, result: Result) -> None:
        if self._on_result is not None:
            outcome = self._on_result(result)
            if inspect.isawaitable(outcome):
                await outcome

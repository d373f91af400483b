"""Later work on the sandbox's clock (SB-4)."""

import asyncio
import time
from pathlib import Path

import pytest

from sandboxes.kit.clock import Clock
from sandboxes.kit.store import Store
from sandboxes.kit.timers import Timers


@pytest.fixture
def clock(tmp_path: Path) -> Clock:
    return Clock(Store(tmp_path / "state.sqlite3"))


@pytest.fixture
def timers(tmp_path: Path, clock: Clock) -> Timers:
    return Timers(Store(tmp_path / "state.sqlite3"), clock)


def test_due_timers_run_once_in_order_of_their_time(timers: Timers, clock: Clock) -> None:
    ran: list[str] = []
    timers.on("note", lambda payload: ran.append(payload["text"]))
    for delay, text in ((20, "second"), (10, "first"), (9999, "later")):
        timers.at(clock.now() + delay, "note", {"text": text})
    asyncio.run(timers.run_due())
    assert ran == []
    clock.advance(60)
    for _ in range(2):
        asyncio.run(timers.run_due())
    assert ran == ["first", "second"]


def test_a_cancelled_timer_does_not_run_and_one_set_anew_runs_at_its_new_time(timers: Timers) -> None:
    ran: list[dict] = []
    timers.on("note", ran.append)
    past = time.time() - 1
    timers.cancel(timers.at(past, "note", {"text": "cancelled"}))
    timers.at(past, "note", {"text": "old"}, id="same")
    timers.at(past + 9999, "note", {"text": "new"}, id="same")
    asyncio.run(timers.run_due())
    assert ran == []


def test_a_handler_may_be_async_and_may_fail_without_stopping_the_others(timers: Timers) -> None:
    ran: list[str] = []

    async def fail(_: dict) -> None:
        raise RuntimeError

    timers.on("fail", fail)
    timers.on("note", lambda payload: ran.append("ran"))
    timers.at(time.time() - 2, "fail", {})
    timers.at(time.time() - 1, "note", {})
    asyncio.run(timers.run_due())
    assert ran == ["ran"]

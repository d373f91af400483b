"""A crowd is let in a few at a time, in order, and a failure gives its place back (BK-2: no 5xx in the drop)."""

import asyncio
from typing import Any

import pytest

from callastar.core.admission import AtMost

CROWD, LIMIT = 50, 4


async def _unused(*_: Any) -> Any:
    raise AssertionError("not to be called")


async def _empty() -> dict[str, Any]:
    return {"type": "http.request", "body": b"", "more_body": False}


def test_no_more_than_the_limit_are_inside_and_they_keep_their_order() -> None:
    inside, most, order = 0, 0, []

    async def work(scope: Any, _receive: Any, _send: Any) -> None:
        nonlocal inside, most
        inside += 1
        most = max(most, inside)
        order.append(scope["number"])
        await asyncio.sleep(0.001)
        inside -= 1

    async def crowd() -> None:
        gate = AtMost(work, limit=LIMIT)
        await asyncio.gather(*(gate({"number": number}, _empty, _unused) for number in range(CROWD)))

    asyncio.run(crowd())
    assert most == LIMIT
    assert order == list(range(CROWD))


def test_a_failure_gives_its_place_back() -> None:
    async def fail(*_: Any) -> None:
        raise ValueError

    async def twice() -> None:
        gate = AtMost(fail, limit=1)
        for _ in range(2):
            with pytest.raises(ValueError):  # noqa: PT011 - the one above
                await asyncio.wait_for(gate({}, _empty, _unused), 1)

    asyncio.run(twice())


def test_who_sends_slowly_keeps_nobody_waiting() -> None:
    """And what they sent arrives whole."""
    bodies: list[bytes] = []

    async def read(scope: Any, receive: Any, _send: Any) -> None:
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message["body"], message["more_body"]
        bodies.append(body)

    async def story() -> None:
        gate = AtMost(read, limit=1)
        parts = iter((b"slow", b"ly"))
        go_on = asyncio.Event()

        async def dawdle() -> dict[str, Any]:
            part = next(parts)
            if part == b"ly":
                await go_on.wait()
            return {"type": "http.request", "body": part, "more_body": part == b"slow"}

        slow = asyncio.create_task(gate({}, dawdle, _unused))
        await asyncio.sleep(0)
        await asyncio.wait_for(gate({}, _empty, _unused), 1)
        go_on.set()
        await slow

    asyncio.run(story())
    assert bodies == [b"", b"slowly"]

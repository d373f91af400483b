"""A crowd is let in a few at a time, in order, and a failure gives its place back (BK-2: no 5xx in the drop)."""

import asyncio
from typing import Any

import pytest

from callastar.core.admission import AtMost

CROWD, LIMIT = 50, 4


async def _unused(*_: Any) -> Any:
    raise AssertionError("not to be called")


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
        await asyncio.gather(*(gate({"number": number}, _unused, _unused) for number in range(CROWD)))

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
                await asyncio.wait_for(gate({}, _unused, _unused), 1)

    asyncio.run(twice())

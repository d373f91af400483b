"""The drop: many fans want one star's slots at the same moment.

They book over HTTP; beside it, the bare conditional write that decides who wins is sent straight to PostgreSQL, which
is the most that any implementation could reach on this machine.
"""

import asyncio
import json
import time
from collections import Counter
from collections.abc import Awaitable, Sequence
from statistics import median

import psycopg

from bench.http import Answer, percentile, send, sign_in
from bench.site import Site, running_site

WORKERS = 2
CONNECTIONS = 10 * WORKERS  # as many as the site's processes may have together
LONE = 15
DROPS = [(200, 1), (1_000, 50)]  # fans, slots
TAKE = """
    UPDATE offers_calloffer SET status = 'BOOKED', updated_at = now()
    WHERE id = %s AND status = 'AVAILABLE' AND starts_at > now()
"""


def main() -> None:
    """Run each drop and print how it compares."""
    with running_site(workers=WORKERS) as site:
        cookies = _fans(max(fans for fans, _ in DROPS))
        lone = _lone_booking(site, cookies)
        for fans, slots in DROPS:
            _report(site, slots, cookies[:fans], lone)


def _fans(number: int) -> list[str]:
    from tests.factories import make_user

    return [sign_in(make_user()) for _ in range(number)]


def _slots(number: int) -> list[str]:
    from tests.factories import make_creator, make_offer

    star = make_creator()
    return [str(make_offer(creator=star).pk) for _ in range(number)]


def _lone_booking(site: Site, cookies: Sequence[str]) -> float:
    """Seconds that a booking takes when nobody else wants anything; the first ones are not counted."""
    times = [asyncio.run(_over_http(site, _slots(1), [cookie]))[0] for cookie in cookies[:LONE]]
    return median(times[LONE // 3 :])


def _report(site: Site, slots: int, cookies: Sequence[str], lone: float) -> None:
    fans = len(cookies)
    limit, taken = asyncio.run(_directly(site, _wishes(fans, _slots(slots))))
    seconds, answers = asyncio.run(_over_http(site, _wishes(fans, _slots(slots)), cookies))
    statuses = Counter(answer.status for answer in answers)
    p50, p99 = (percentile([answer.seconds for answer in answers], percent) / lone for percent in (50, 99))
    others = statuses.total() - statuses[201] - statuses[409]
    print(f"{fans} fans, {slots} slot{'s' if slots > 1 else ''}")
    print(f"  won, lost, else  {statuses[201]}, {statuses[409]}, {others} (the bare write: {taken} won)")
    print(f"  p50, p99         {p50:.1f}, {p99:.1f} × a lone booking")
    print(
        f"  each answer      {seconds / fans / lone:.2f} × a lone booking, {seconds / limit:.0f} × the bare write"
    )


def _wishes(fans: int, slots: Sequence[str]) -> list[str]:
    return [slots[fan % len(slots)] for fan in range(fans)]


async def _over_http(site: Site, wishes: Sequence[str], cookies: Sequence[str]) -> tuple[float, list[Answer]]:
    """Seconds until all are answered, and the answers."""

    def book(wish: str, cookie: str) -> Awaitable[Answer]:
        body = json.dumps({"offer_id": wish}).encode()
        return send(site, "POST", "/api/bookings", cookies=cookie, body=body)

    began = time.perf_counter()
    answers = await asyncio.gather(*map(book, wishes, cookies))
    return time.perf_counter() - began, answers


async def _directly(site: Site, wishes: Sequence[str]) -> tuple[float, int]:
    """Seconds for the conditional writes alone, and how many of them took a slot."""
    connections = [
        await psycopg.AsyncConnection.connect(site.database_url, autocommit=True) for _ in range(CONNECTIONS)
    ]
    queue = iter(wishes)

    async def work(connection: psycopg.AsyncConnection) -> int:
        return sum([(await connection.execute(TAKE, [wish])).rowcount for wish in queue])

    began = time.perf_counter()
    taken = await asyncio.gather(*map(work, connections))
    seconds = time.perf_counter() - began
    for connection in connections:
        await connection.close()
    return seconds, sum(taken)


if __name__ == "__main__":
    main()

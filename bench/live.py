"""Live streams: what each costs in memory, and how long a change takes to reach all of them (Linux only)."""

import asyncio
import os
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any

from asgiref.sync import sync_to_async

from bench.http import percentile, request, send
from bench.site import Site, running_site

STREAMS = (100, 500, 1_000)
CHANGES = 10


def main() -> None:
    """Watch one offer with more and more streams and print what that changes."""
    with running_site(workers=1) as site:
        asyncio.run(_measure(site))


async def _measure(site: Site) -> None:
    offer = await sync_to_async(_offer)()
    streams = [await _watch(site, str(offer.pk))]
    alone = median(await _delays(streams, offer))
    streams += await _more(site, offer, STREAMS[0] // 2)  # threads and buffers that are there once
    print(f"{'streams':>8}{'kB each':>9}{'p50 × alone':>13}{'p99 × alone':>13}{'a page meanwhile':>18}")
    for number in STREAMS:
        before, new = _memory(site.pid), number - len(streams)
        streams += await _more(site, offer, new)
        each = (_memory(site.pid) - before) / new / 1000
        delays = await _delays(streams, offer)
        p50, p99 = (percentile(delays, percent) / alone for percent in (50, 99))
        page = await send(site, "GET", "/en/")
        print(f"{number:8}{each:9.1f}{p50:13.1f}{p99:13.1f}{page.status:18}")


async def _more(site: Site, offer: Any, number: int) -> list[asyncio.StreamReader]:
    return await asyncio.gather(*(_watch(site, str(offer.pk)) for _ in range(number)))


def _offer() -> Any:
    from tests.factories import make_offer

    return make_offer()


async def _watch(site: Site, offer: str) -> asyncio.StreamReader:
    """A stream that has told the present state."""
    reader, writer = await asyncio.open_connection(site.host, site.port)
    writer.write(request(site, "GET", f"/api/call-offers/{offer}/events"))
    await reader.readuntil(b"event: offer\n")
    _open.append(writer)
    return reader


async def _delays(streams: Sequence[asyncio.StreamReader], offer: Any) -> list[float]:
    """Seconds from a change to its arrival, for every stream and some changes."""
    return [delay for number in range(CHANGES) for delay in await _one_change(streams, offer, number)]


async def _one_change(streams: Sequence[asyncio.StreamReader], offer: Any, number: int) -> list[float]:
    from callastar.live.operations import publish_offer

    marker = f"{len(streams)}-{number}"

    async def arrival(stream: asyncio.StreamReader) -> float:
        await stream.readuntil(f'"status":"{marker}"'.encode())
        return time.perf_counter()

    waiting = [asyncio.ensure_future(arrival(stream)) for stream in streams]
    await asyncio.sleep(0)
    began = time.perf_counter()
    await sync_to_async(publish_offer)(
        offer_id=offer.pk,
        creator_id=offer.creator_id,
        status=marker,
    )
    return [at - began for at in await asyncio.gather(*waiting)]


def _memory(pid: int) -> int:
    """Bytes that a process and its children keep in memory."""
    own = int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return own + sum(_memory(int(child)) for child in children)


_open: list[asyncio.StreamWriter] = []  # or the collector would close them

if __name__ == "__main__":
    main()

"""Pages: queries, time and size, the time relative to a view that does nothing."""

import asyncio
import gzip
from datetime import timedelta
from statistics import median
from typing import Any

from bench.http import send, sign_in
from bench.site import Site, running_site

ROUNDS = 15
TRIVIAL = "/healthz"
CREATORS, SLOTS, BOOKINGS = 40, 8, 12


def main() -> None:
    """Fill a small site, read each of its pages and print the table."""
    with running_site(workers=1) as site:
        guest, fan, star = _people()
        pages = _pages(fan, star)
        cookies = {"guest": "", "fan": sign_in(fan), "creator": sign_in(star.user)}
        people = {"guest": guest, "fan": fan, "creator": star.user}
        trivial = asyncio.run(_seconds(site, TRIVIAL, ""))
        print(f"{'':9}{'page':34}{'queries':>8}{'× trivial':>11}{'html kB':>9}{'gzip kB':>9}")
        for who, path in [("guest", TRIVIAL), *pages]:
            _print_row(site, who, path, cookies[who], people[who], trivial)


def _print_row(site: Site, who: str, path: str, cookie: str, person: Any, trivial: float) -> None:
    seconds = asyncio.run(_seconds(site, path, cookie))
    answer = asyncio.run(send(site, "GET", path, cookies=cookie))
    if answer.status != 200:
        raise SystemExit(f"{path} answers {answer.status}")
    size, packed = len(answer.body) / 1000, len(gzip.compress(answer.body)) / 1000
    short = path if len(path) < 33 else f"{path[:32]}…"
    print(f"{who:9}{short:34}{_queries(path, person):8}{seconds / trivial:11.1f}{size:9.1f}{packed:9.1f}")


async def _seconds(site: Site, path: str, cookie: str) -> float:
    """The median of some reads, one after the other, the first left out."""
    answers = [await send(site, "GET", path, cookies=cookie) for _ in range(ROUNDS + 1)]
    return median(answer.seconds for answer in answers[1:])


def _queries(path: str, person: Any) -> int:
    """The statements of the second read: the first may fill caches."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    client = Client(SERVER_NAME="127.0.0.1")
    if person is not None:
        client.force_login(person)
    client.get(path)
    with CaptureQueriesContext(connection) as captured:
        client.get(path)
    return len(captured)


def _people() -> tuple[None, Any, Any]:
    """Creators with slots; a fan and a creator with bookings."""
    from callastar.bookings.operations.reserve import reserve_offer
    from callastar.core import clock
    from tests.factories import make_creator, make_offer, make_user

    fan, creators = make_user(), [make_creator() for _ in range(CREATORS)]
    slots = [make_offer(creator=creator) for creator in creators for _ in range(SLOTS)]
    for slot in [*slots[:BOOKINGS:2], *slots[-BOOKINGS // 2 :]]:
        reserve_offer(offer_id=slot.pk, fan=fan, now=clock.now() - timedelta(minutes=1))
    return None, fan, creators[0]


def _pages(fan: Any, star: Any) -> list[tuple[str, str]]:
    from callastar.bookings.models import Booking
    from callastar.offers.models import CallOffer, OfferStatus

    booking = Booking.objects.filter(fan=fan).latest("created_at")
    free = CallOffer.objects.filter(creator=star, status=OfferStatus.AVAILABLE).earliest("starts_at")
    return [
        ("guest", "/en/"),
        ("guest", "/en/creators"),
        ("guest", "/en/creators?q=singing&sort=price"),
        ("guest", f"/en/creators/{star.slug}"),
        ("guest", "/en/account/login/"),
        ("fan", f"/en/book/{free.pk}"),
        ("fan", "/en/bookings"),
        ("fan", f"/en/bookings/{booking.pk}"),
        ("creator", "/en/dashboard/creator"),
        ("creator", "/en/dashboard/creator/offers"),
        ("creator", "/en/dashboard/creator/bookings"),
        ("guest", "/api/creators"),
        ("guest", "/api/call-offers"),
        ("fan", "/api/bookings"),
    ]


if __name__ == "__main__":
    main()

"""UI-4, OP-3: whoever watches is told within a second, through PostgreSQL, in every process."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import transaction
from django.test import Client

from callastar.bookings.operations.reserve import reserve_offer
from callastar.core import clock
from callastar.live.operations import publish_booking
from callastar.live.stream import LiveStreams
from callastar.live.tokens import booking_token, person_token
from callastar.notifications.operations import mark_all_read
from callastar.offers.queries import offer_state
from tests.factories import make_creator, make_offer, make_user
from tests.notifications import tell

pytestmark = pytest.mark.django_db(transaction=True)
PATIENCE = 30


@pytest.fixture(autouse=True)
def _this_database(settings, db):
    """The listener connects by address: to the database of this test run."""
    from django.db import connection

    parts = connection.get_connection_params()
    settings.DATABASE_URL = f"postgresql://{parts['user']}@/{parts['dbname']}?host={parts['host']}"


class Stream:
    """A client of one stream: what it was answered, event by event."""

    def __init__(self, application: LiveStreams, path: str, query: str = "", language: str = "") -> None:
        self._sent: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._gone = asyncio.Event()
        scope = {
            "type": "http",
            "method": "GET",
            "path": path,
            "query_string": query.encode(),
            "headers": [(b"accept-language", language.encode())],
        }
        self._task = asyncio.create_task(application(scope, self._receive, self._sent.put))

    async def status(self) -> int:
        return (await self._next())["status"]

    async def problem(self) -> dict[str, Any]:
        """What a refusal says."""
        return json.loads((await self._next())["body"])

    async def event(self) -> dict[str, Any]:
        """The next event, comments left out."""
        while True:
            for line in (await self._next())["body"].decode().splitlines():
                if line.startswith("data: "):
                    return json.loads(line.removeprefix("data: "))

    async def leave(self) -> None:
        self._gone.set()
        await asyncio.wait_for(self._task, PATIENCE)

    async def _next(self) -> dict[str, Any]:
        return await asyncio.wait_for(self._sent.get(), PATIENCE)

    async def _receive(self) -> dict[str, Any]:
        await self._gone.wait()
        return {"type": "http.disconnect"}


@asynccontextmanager
async def watching(application: LiveStreams, path: str, query: str = "") -> AsyncIterator[Stream]:
    stream = Stream(application, path, query)
    try:
        yield stream
    finally:
        await stream.leave()


async def nobody(scope, receive, send) -> None:
    await send({"type": "http.response.start", "status": 299, "headers": []})
    await send({"type": "http.response.body", "body": b""})


def streams() -> LiveStreams:
    return LiveStreams(nobody, offer_snapshot=offer_state)


def test_watchers_of_two_processes_see_a_booking_at_once():
    """UI-4: on the offer's page, in its creator's list, in the list of all; BK-4."""
    offer = make_offer()
    fan = make_user()

    async def story() -> list[str]:
        one, other = streams(), streams()
        async with (
            watching(one, f"/api/call-offers/{offer.pk}/events") as page,
            watching(other, "/api/call-offers/events", f"creator={offer.creator_id}") as creator,
            watching(other, "/api/call-offers/events") as everything,
        ):
            assert [await page.status(), await creator.status(), await everything.status()] == [200] * 3
            first = await page.event()
            await sync_to_async(reserve_offer)(offer_id=offer.pk, fan=fan, now=clock.now())
            told = [await page.event(), await creator.event(), await everything.event()]
            return [first["status"], *(event["status"] for event in told)]

    assert asyncio.run(story()) == ["AVAILABLE", "BOOKED", "BOOKED", "BOOKED"]


def test_what_rolls_back_is_told_to_nobody():
    """LISTEN/NOTIFY is part of the transaction."""
    booking_id = uuid4()

    def rolled_back() -> None:
        with transaction.atomic():
            publish_booking(booking_id=booking_id, status="LIE")
            transaction.set_rollback(True)

    async def story() -> str:
        path = f"/api/bookings/{booking_id}/events"
        async with watching(streams(), path, f"token={booking_token(booking_id)}") as mine:
            assert await mine.status() == 200
            await sync_to_async(rolled_back)()
            await sync_to_async(publish_booking)(booking_id=booking_id, status="TRUE")
            return (await mine.event())["status"]

    assert asyncio.run(story()) == "TRUE"


def test_a_booking_is_watched_by_its_people_only():
    """PE-3: without our token, or with another booking's, nothing is told."""
    booking_id = uuid4()
    path = f"/api/bookings/{booking_id}/events"

    async def story() -> list[int]:
        answers = []
        for query in ("", "token=x", f"token={booking_token(uuid4())}"):
            stream = Stream(streams(), path, query)
            answers.append(await stream.status())
            await stream.leave()
        return answers

    assert asyncio.run(story()) == [403, 403, 403]


def test_an_offer_that_not_everybody_may_see_is_a_404():
    """PE-2, PE-3: unknown, reserved for a fan, or of a creator who cannot be paid yet."""
    hidden = [
        uuid4(),
        make_offer(reserved_for=make_user()).pk,
        make_offer(creator=make_creator(payable=False)).pk,
    ]

    async def story() -> list[int]:
        answers = []
        for offer in hidden:
            stream = Stream(streams(), f"/api/call-offers/{offer}/events")
            answers.append(await stream.status())
            await stream.leave()
        return answers

    assert asyncio.run(story()) == [404] * 3


@pytest.mark.parametrize(
    ("language", "detail"), [("", "There is nothing here."), ("fr-CH", "Il n’y a rien ici.")]
)
def test_a_refusal_is_a_problem_in_the_askers_language(language, detail):
    """AP-3."""

    async def story() -> dict[str, Any]:
        stream = Stream(streams(), f"/api/call-offers/{uuid4()}/events", language=language)
        await stream.status()
        problem = await stream.problem()
        await stream.leave()
        return problem

    assert asyncio.run(story()) == {
        "type": "about:blank",
        "title": "Not Found",
        "status": 404,
        "code": "not_found",
        "detail": detail,
    }


def test_a_booking_says_where_it_is_watched():
    """AP-1: the address in a booking's detail opens its stream."""
    fan, offer = make_user(), make_offer()
    client = Client()
    client.force_login(fan)
    booking = reserve_offer(offer_id=offer.pk, fan=fan, now=clock.now()).booking
    url = urlsplit(client.get(f"/api/bookings/{booking.pk}").json()["events_url"])

    async def story() -> list[Any]:
        async with watching(streams(), url.path, url.query) as mine:
            status = await mine.status()
            await sync_to_async(publish_booking)(booking_id=booking.pk, status="CONFIRMED")
            return [status, (await mine.event())["status"]]

    assert asyncio.run(story()) == [200, "CONFIRMED"]


@pytest.mark.parametrize("path", ["/api/call-offers", "/api/call-offers/x/events", "/fr/"])
def test_everything_else_is_djangos(path):
    async def story() -> int:
        stream = Stream(streams(), path)
        status = await stream.status()
        await stream.leave()
        return status

    assert asyncio.run(story()) == 299


def test_a_slow_reader_is_told_to_look_again():
    """A queue that nobody empties never blocks the others."""
    creator = make_creator()
    offer = make_offer(creator=creator)

    async def story() -> str:
        application = streams()
        async with watching(application, f"/api/call-offers/{offer.pk}/events") as page:
            assert await page.status() == 200
            await page.event()
            hub = application._hub
            with hub.subscribe("offers") as slow:
                for number in range(150):
                    hub._dispatch({"kind": "offer", "offer": "x", "creator": 0, "status": str(number)})
                kinds = {slow.get_nowait()["kind"] for _ in range(slow.qsize())}
                return "resync" if "resync" in kinds else "lost"

    assert asyncio.run(story()) == "resync"


def test_the_listener_connects_again_and_says_so():
    """After a lost connection the streams are told to look again: nothing is missed silently."""
    offer = make_offer()

    def cut() -> None:
        import psycopg

        with psycopg.connect(settings.DATABASE_URL, autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE query LIKE 'LISTEN%' AND pid <> pg_backend_pid() AND datname = current_database()"
            )

    async def story() -> str:
        async with watching(streams(), f"/api/call-offers/{offer.pk}/events") as page:
            assert await page.status() == 200
            await page.event()
            await sync_to_async(cut)()
            return (await page.event())["kind"]

    assert asyncio.run(story()) == "resync"


def test_every_tab_hears_that_something_was_told_and_read():
    """NO-1: in every process, the person's own tabs only; each time that one connects it is told to look."""
    person, other = make_user(), make_user()
    client = Client()
    client.force_login(person)
    url = urlsplit(client.get("/api/notifications/unread").json()["events_url"])

    def unread() -> str:
        return client.get("/api/notifications/unread").json()["shown"]

    async def story() -> list[str]:
        one, another = streams(), streams()
        foreign = f"token={person_token(other.pk)}"
        async with (
            watching(one, url.path, url.query) as tab,
            watching(another, url.path, url.query) as second,
            watching(one, url.path, foreign) as strangers,
        ):
            assert [await each.status() for each in (tab, second, strangers)] == [200] * 3
            assert [(await each.event())["kind"] for each in (tab, second)] == ["notifications"] * 2
            assert (await strangers.event())["person"] == str(other.pk)
            seen = []
            for act in (lambda: tell(person), lambda: mark_all_read(user=person, now=clock.now())):
                await sync_to_async(act)()
                for each in (tab, second):
                    assert (await each.event())["person"] == str(person.pk)
                seen.append(await sync_to_async(unread)())
            await sync_to_async(tell)(other)
            assert (await strangers.event())["person"] == str(other.pk)
            return seen

    assert asyncio.run(story()) == ["1", ""]


def test_nobody_watches_another_persons_notifications():
    """NO-1, PE-3: without a token of ours, or with one for something else."""
    tokens = ("", "x", booking_token(make_user().pk), person_token(make_user().pk)[:-1] + "_")

    async def story() -> list[int]:
        answers = []
        for token in tokens:
            stream = Stream(streams(), "/api/notifications/events", f"token={token}")
            answers.append(await stream.status())
            await stream.leave()
        return answers

    assert asyncio.run(story()) == [403] * 4

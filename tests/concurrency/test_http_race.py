"""One winner over HTTP: two web processes, one database, fans by the hundred (BK-2, BK-3, OP-3)."""

import asyncio
from collections import Counter
from collections.abc import Iterator, Sequence
from http import HTTPStatus
from importlib import import_module

import httpx
import pytest
from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.models import Session

from callastar.accounts.models import User
from callastar.audit.models import LogEntry
from callastar.bookings.models import Booking
from callastar.core import clock
from callastar.offers.models import CallOffer
from callastar.payments.models import Payment
from tests.contract.sandbox_program import SandboxProgram
from tests.factories import make_offer
from tests.servers import free_address, product_environment, running_web
from tests.stripe_people import intents, make_onboarded_creator

pytestmark = pytest.mark.race
FANS = 200
CSRF = "a" * 32  # what a browser would have been given and sends back
AT_ONCE = 100  # connections: more than both processes have threads and connections to the database


@pytest.fixture(scope="module")
def addresses(django_db_setup: None, stripe_program: SandboxProgram) -> Iterator[tuple[str, str]]:
    """Two web processes."""
    both = free_address(), free_address()
    with running_web(product_environment(site=both[0], stripe=stripe_program), *both):
        yield both


@pytest.fixture
def ask(addresses, transactional_db, at_stripe):
    """`ask([(session, path, body, headers), …])` posts everything at once to both; the answers in order."""

    async def post_all(requests: Sequence[tuple]) -> list[httpx.Response]:
        turn = asyncio.Semaphore(AT_ONCE)  # httpx's own queue of requests is slow when it is long
        # Each its own connection: one that was kept may be closed by the server just when it is used again.
        limits = httpx.Limits(max_connections=AT_ONCE, max_keepalive_connections=0)
        async with httpx.AsyncClient(limits=limits, verify=False, timeout=60, trust_env=False) as client:

            async def in_turn(number: int, request: tuple) -> httpx.Response:
                async with turn:
                    return await post(client, addresses[number % 2], *request)

            return await asyncio.gather(*(in_turn(*numbered) for numbered in enumerate(requests)))

    return lambda requests: asyncio.run(post_all(requests))


async def post(
    client: httpx.AsyncClient,
    address: str,
    session: str,
    path: str,
    body: dict,
    headers: dict[str, str] | None = None,
) -> httpx.Response:
    signed_in = {"Cookie": f"sessionid={session}; csrftoken={CSRF}", "X-CSRFToken": CSRF}
    return await client.post(f"{address}/api/{path}", json=body, headers={**signed_in, **(headers or {})})


def signed_in(count: int) -> list[str]:
    """The session keys of so many new fans."""
    fans = [User(email=f"fan{n}@example.com", name=f"Fan {n}", password="!") for n in range(count)]
    User.objects.bulk_create(fans)
    EmailAddress.objects.bulk_create(
        EmailAddress(user=fan, email=fan.email, primary=True, verified=True) for fan in fans
    )
    store = import_module(settings.SESSION_ENGINE).SessionStore
    sessions = [Session(session_key=f"fan{n:029}", expire_date=_tomorrow()) for n in range(count)]
    for fan, session in zip(fans, sessions, strict=True):
        session.session_data = store().encode(
            {
                SESSION_KEY: str(fan.pk),
                BACKEND_SESSION_KEY: settings.AUTHENTICATION_BACKENDS[0],
                HASH_SESSION_KEY: fan.get_session_auth_hash(),
            }
        )
    Session.objects.bulk_create(sessions)
    return [session.session_key for session in sessions]


def _tomorrow():
    return clock.now() + settings.HOLD_DURATION * 100


def booking_of(session: str, offer: CallOffer, key: str = "") -> tuple:
    return session, "bookings", {"offer_id": str(offer.pk)}, {"Idempotency-Key": key} if key else {}


def told(answer: httpx.Response) -> str:
    """Status and code of an answer."""
    return f"{answer.status_code} {answer.json().get('code', '')}".strip()


def test_two_hundred_fans_and_one_offer(ask, at_stripe):
    """BK-2, PA-2: 1 × 201, 199 × 409 `offer_taken`, one intent however often the winner asks for it."""
    offer, fans = make_offer(creator=make_onboarded_creator(at_stripe)), signed_in(FANS)
    answers = ask([booking_of(fan, offer) for fan in fans])
    assert Counter(map(told, answers)) == {"201": 1, "409 offer_taken": FANS - 1}
    assert Booking.objects.count() == Payment.objects.count() == 1
    assert LogEntry.objects.filter(type="DOUBLE_BOOKING_ATTEMPT").count() == FANS - 1
    won = [answer.status_code for answer in answers].index(HTTPStatus.CREATED)
    wanted = {"booking_id": answers[won].json()["id"]}
    tickets = ask([(fans[won], "payments/create-intent", wanted)] * 10)
    paying = {ticket.json()["payment_intent_id"] for ticket in tickets if ticket.is_success}
    assert {told(ticket) for ticket in tickets} <= {"200", "503 payment_provider_unavailable"}, (
        "asked while one was opened"
    )
    assert paying == {intent.id for intent in intents(at_stripe)}
    assert len(paying) == 1
    losers = ask([(fan, "payments/create-intent", wanted) for fan in fans[:3] if fan != fans[won]])
    assert {told(answer) for answer in losers} == {"404 booking_not_found"}


def test_a_thousand_attempts_and_fifty_offers(ask):
    """BK-2: exactly 50 bookings, each offer one winner."""
    offers, fans = [make_offer() for _ in range(50)], signed_in(20)
    answers = ask([booking_of(fan, offer) for fan in fans for offer in offers])
    assert Counter(map(told, answers)) == {"201": 50, "409 offer_taken": 950}
    assert Booking.objects.values("offer").distinct().count() == Booking.objects.count() == 50


def test_a_retry_is_not_a_second_booking(ask):
    """BK-3: the same key gets the first answer again from either process; without one, the booking that is held."""
    offer, (fan, other) = make_offer(), signed_in(2)
    (first,) = ask([booking_of(fan, offer, "my-key")])
    again = ask([booking_of(fan, offer, "my-key")] * 6)
    assert {(answer.status_code, answer.content) for answer in again} == {(201, first.content)}
    assert {answer.headers["Idempotent-Replayed"] for answer in again} == {"true"}
    held = ask([booking_of(fan, offer)] * 6)
    assert {(answer.status_code, answer.json()["id"]) for answer in held} == {(200, first.json()["id"])}
    assert [told(answer) for answer in ask([booking_of(other, offer, "my-key")])] == ["409 offer_taken"]
    assert Booking.objects.count() == 1


def test_the_same_key_at_once_runs_once(ask):
    """BK-3: of ten requests that come together one books; the others are told to wait or get its answer."""
    offer, (fan,) = make_offer(), signed_in(1)
    answers = ask([booking_of(fan, offer, "one-key")] * 10)
    assert {told(answer) for answer in answers} <= {"201", "409 idempotency_key_in_use"}
    assert "201" in {told(answer) for answer in answers}
    assert Booking.objects.count() == 1

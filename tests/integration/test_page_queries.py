"""UI-8: a page needs at most 5 queries plus 1 for each list it shows, however long the lists are.

Signed in, two of the five are the session and the person. Notes of when somebody was last seen are written once in
five minutes and are not counted: each page is asked for twice.
"""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from callastar.accounts.models import Role, User
from callastar.core import clock
from callastar.creators.models import Creator
from callastar.mail.kinds import Kind
from callastar.mail.unsubscribe import token_for
from tests import bookings, earnings
from tests.factories import make_creator, make_offer, make_user
from tests.notifications import tell

pytestmark = pytest.mark.django_db(transaction=True)
QUERIES = 5
MANY = 9


def fill(star: Creator, fan: User, many: int) -> dict[str, Any]:
    """Many of everything for one creator and one fan; what the addresses of the pages are made from."""
    free = [make_offer(creator=star) for _ in range(many)]
    held = [bookings.held(make_offer(creator=star), fan) for _ in range(many)]
    paid = [bookings.confirmed(make_offer(creator=star), fan) for _ in range(many)]
    for number in range(many):
        bookings.completed(make_offer(creator=star), fan, ago=timedelta(days=number + 1))
        make_offer()
        tell(fan, f"told {number}")
    money = _money(star, fan, many)
    soon = make_offer(creator=star, starts_at=clock.now() + timedelta(minutes=5))
    return {
        "star": star.slug,
        "free": free[0].pk,
        "taken": paid[0].offer_id,
        "held": held[0].pk,
        "paid": paid[0].pk,
        "open": bookings.confirmed(soon, fan).pk,
        "unsubscribe": token_for(user_id=fan.pk, kind=Kind.REMINDER_DAY),
        **money,
    }


def _money(star: Creator, fan: User, many: int) -> dict[str, Any]:
    """A payout of many payments that has arrived, many payments since, and many debts."""
    for number in range(many):
        earnings.earn(star, ago=timedelta(days=60 + number), fan=fan)
    payout = earnings.leave(star, earnings.payable(star), at=clock.now() - timedelta(days=2))
    earnings.stripe_says(payout.pk, "paid", at=clock.now() - timedelta(days=1))
    for number in range(many):
        earned = earnings.earn(star, ago=timedelta(days=20 + number), fan=fan)
        earned.refund_from_platform(500, at=clock.now() - timedelta(hours=1))
        earnings.earn(star, ago=timedelta(days=2, hours=5 * number), fan=fan)
    waiting = earnings.requested(star, amount=4_000)
    return {"payment": earned.payment_id, "payout": payout.pk, "waiting": waiting.pk}


# who looks, the page, how many lists it shows
PAGES = [
    ("guest", "", 1),
    ("guest", "creators", 1),
    ("guest", "creators?q=sing&category=MUSIC&price_min=1&sort=price", 1),
    ("guest", "creators/{star}", 1),
    ("guest", "book/{free}", 0),
    ("guest", "book/{taken}", 1),
    ("guest", "unsubscribe?token={unsubscribe}", 0),
    ("guest", "account/login/", 0),
    ("guest", "account/signup/", 0),
    ("fan", "", 1),
    ("fan", "creators/{star}", 1),
    ("fan", "book/{free}", 0),
    ("fan", "book/{taken}", 0),
    ("fan", "bookings", 1),
    ("fan", "bookings?view=past", 1),
    ("fan", "bookings/{held}", 2),
    ("fan", "bookings/{paid}", 3),  # refunds, what happened, recordings
    ("fan", "bookings/{held}/pay", 0),
    ("fan", "bookings/{paid}/cancel", 0),
    ("fan", "bookings/{paid}/return", 0),
    ("fan", "call/{paid}", 0),
    ("fan", "call/{open}", 0),
    ("fan", "notifications", 1),
    ("fan", "account/profile", 0),
    ("fan", "account/email-settings", 1),
    ("fan", "account/email/", 1),
    ("fan", "account/2fa/", 1),
    ("fan", "account/sessions/", 1),
    ("stranger", "book/{taken}", 1),
    ("star", "dashboard/creator", 1),
    ("star", "dashboard/creator/offers", 1),
    ("star", "dashboard/creator/offers?view=past", 1),
    ("star", "dashboard/creator/offers/{free}", 0),
    ("star", "dashboard/creator/bookings", 1),
    ("star", "dashboard/creator/bookings?view=past", 1),
    ("star", "dashboard/creator/profile", 0),
    ("star", "dashboard/creator/mails", 0),
    ("star", "dashboard/creator/mails/preview", 0),
    ("star", "account/email-settings", 1),
    ("star", "bookings/{paid}", 3),
    # payouts under way, what becomes available, debts, months, payments
    ("star", "dashboard/creator/earnings", 5),
    ("star", "dashboard/creator/earnings/{payment}", 3),
    ("star", "dashboard/creator/earnings/statements", 1),
    ("star", "dashboard/creator/payouts", 3),
    ("star", "dashboard/creator/payouts/{payout}", 2),
    ("star", "dashboard/creator/payouts/{waiting}", 2),
    ("star", "dashboard/creator/payouts/ask/EUR", 2),
    ("star", "dashboard/creator/payouts/settings", 0),
    ("star", "bookings/{paid}/cancel", 0),
]


def test_queries_of_every_page() -> None:
    """All pages with one row in each list and with many: few, and no more."""
    few, many = _measured(1), _measured(MANY)
    too_many = {page: many[page] for page, allowed in _allowed().items() if many[page] > allowed}
    growing = {page: (few[page], many[page]) for page in few if many[page] > few[page]}
    assert (too_many, growing) == ({}, {})


def _allowed() -> dict[str, int]:
    return {f"{who}: {path}": QUERIES + lists for who, path, lists in PAGES}


def _measured(rows: int) -> dict[str, int]:
    star, fan = make_creator(user=make_user(role=Role.CREATOR)), make_user()
    clients = {
        "guest": Client(),
        "fan": _client(fan),
        "star": _client(star.user),
        "stranger": _client(make_user()),
    }
    addresses = fill(star, fan, rows)
    return {f"{who}: {path}": _queries(clients[who], path.format(**addresses)) for who, path, _ in PAGES}


def _client(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def _queries(client: Client, path: str) -> int:
    client.get(f"/en/{path}")
    with CaptureQueriesContext(connection) as queries:
        answer = client.get(f"/en/{path}")
    assert answer.status_code == 200, path
    return len(queries)

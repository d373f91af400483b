"""One winner, whoever hurries: threads with connections of their own against PostgreSQL (BK-2, BK-3)."""

from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection, connections, transaction

from callastar.audit.models import LogEntry
from callastar.bookings.models import Booking
from callastar.bookings.operations.reserve import reserve_offer
from callastar.core import clock
from callastar.core.errors import Refusal
from callastar.offers.models import CallOffer, OfferStatus
from callastar.payments.models import Payment
from tests.factories import make_offer, make_user

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
FANS = 200
AT_ONCE = 8  # the pool of connections holds ten, and one is the test's


def all_at_once(tasks: Iterable[Callable[[], str]]) -> Counter[str]:
    """What each task answers, run by threads that start together."""
    start = Barrier(AT_ONCE)

    def run(number: int, task: Callable[[], str]) -> str:
        connection.ensure_connection()
        if number < AT_ONCE:
            start.wait(10)
        try:
            return task()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(AT_ONCE) as threads:
        return Counter(threads.map(run, *zip(*enumerate(tasks), strict=True)))


def book(offer: CallOffer, fan) -> str:
    try:
        made = reserve_offer(offer_id=offer.pk, fan=fan, now=clock.now())
    except Refusal as refusal:
        return str(refusal.code)
    return f"{'new' if made.is_new else 'held'} {made.booking.pk}"


def test_of_two_hundred_fans_one_wins():
    """BK-2: one booking, one payment; each lost attempt is told, counted and logged."""
    offer, fans = make_offer(), [make_user() for _ in range(FANS)]
    answers = all_at_once(lambda fan=fan: book(offer, fan) for fan in fans)
    booking = Booking.objects.get()
    assert answers == {f"new {booking.pk}": 1, "offer_taken": FANS - 1}
    assert Payment.objects.count() == 1
    attempts = LogEntry.objects.filter(type="DOUBLE_BOOKING_ATTEMPT").values_list("actor_id", flat=True)
    assert len(attempts) == FANS - 1
    assert set(attempts) == {fan.pk for fan in fans} - {booking.fan_id}


def test_a_fan_who_clicks_twenty_times_books_once():
    """BK-3: everybody of the twenty gets the one booking."""
    offer, fan = make_offer(), make_user()
    answers = all_at_once(lambda: book(offer, fan) for _ in range(20))
    booking = Booking.objects.get()
    assert answers == {f"new {booking.pk}": 1, f"held {booking.pk}": 19}
    assert Payment.objects.count() == 1


def test_the_race_is_lost_without_the_protection():
    """BK-2, the control: reading first and writing then lets several fans win the same race."""
    offer = make_offer()
    together = Barrier(AT_ONCE)

    def read_then_write() -> str:
        is_free = CallOffer.objects.get(pk=offer.pk).status == OfferStatus.AVAILABLE
        together.wait(10)
        if is_free:
            CallOffer.objects.filter(pk=offer.pk).update(status=OfferStatus.BOOKED)
        return "won" if is_free else "lost"

    assert all_at_once(read_then_write for _ in range(AT_ONCE))["won"] > 1


def test_the_race_is_lost_by_conditions_in_a_subquery():
    """BK-2, the control: PostgreSQL does not look again at conditions that stand in a subquery.

    A write that waited for the winner's commit then still takes the offer for free.
    """
    offer = make_offer()

    def write_by_subquery() -> str:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "UPDATE offers_calloffer SET status = 'BOOKED' WHERE id IN"
                " (SELECT o.id FROM offers_calloffer o JOIN creators_creator c ON c.id = o.creator_id"
                "  WHERE o.id = %s AND o.status = 'AVAILABLE' AND c.charges_enabled)",
                [offer.pk],
            )
            won = cursor.rowcount == 1
            cursor.execute("SELECT pg_sleep(0.1)")  # the others come while this one has not committed
        return "won" if won else "lost"

    assert all_at_once(write_by_subquery for _ in range(AT_ONCE))["won"] > 1

"""Paid means booked or refunded, in whatever order things happen and whatever dies between (BK-4, BK-5, PA-2, PW-1)."""

from collections.abc import Callable, Container
from datetime import timedelta
from itertools import permutations, product

import pytest

from callastar.bookings.models import Booking, BookingStatus
from callastar.payments.models import IntentState
from callastar.webhooks.operations import catch_up
from tests.concurrency.payment_world import DOWN, LAPSES, RIVALS, World
from tests.jobs import run_jobs
from tests.stripe_people import make_onboarded_creator, pay

pytestmark = pytest.mark.django_db(transaction=True)
NEWS = ("webhooks_come", "browser_returns", "reconciling_runs", "killed: webhooks_come")


def orders(*alternatives: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Every order of every choice of one from each."""
    return [order for choice in product(*alternatives) for order in permutations(choice)]


def before(order: tuple[str, ...], first: Container[str], then: Container[str]) -> bool:
    """Whether the one of `first` comes before the one of `then`."""
    places = [next(place for place, name in enumerate(order) if name in names) for names in (first, then)]
    return places[0] < places[1]


@pytest.fixture
def live_through(at_stripe, db, monkeypatch) -> Callable[[list[tuple[str, ...]]], None]:
    """Runs orders of events, each with people and an offer of their own, and checks what is true after each."""
    creator = make_onboarded_creator(at_stripe)
    monkeypatch.setattr(catch_up, "OVERLAP", timedelta(0))  # not the events of all worlds before this one

    def run(orders: list[tuple[str, ...]]) -> None:
        for order in orders:
            world = World(at_stripe, creator, monkeypatch)
            try:
                for name in order:
                    world.happen(name)
                world.end()
                world.check()
            except BaseException as error:
                error.add_note(" → ".join(order))
                raise
            finally:
                world.time.close()

    return run


def test_news_come_in_any_order_or_never(live_through):
    """BK-5: {pays, one kind of news, lapses}; news that come before the payment are the ones that were lost."""

    def differs(order: tuple[str, ...]) -> bool:
        told_in_vain = before(order, NEWS, {"fan_pays"})
        paid_in_vain = before(order, LAPSES, {"fan_pays"}) and DOWN not in order
        usual = {DOWN, "hold_lapses"} & set(order)
        return "webhooks_come" in order or bool(usual and not told_in_vain and not paid_in_vain)

    live_through([order for order in orders(("fan_pays",), NEWS, LAPSES) if differs(order)])


def test_a_rival_comes_at_any_time(live_through):
    """BK-4, BK-5, PA-2: {pays, webhook, lapses, another fan books and opens or pays}."""
    every = orders(("fan_pays",), ("webhooks_come",), (DOWN,), RIVALS[:2])
    every += [(lapse, RIVALS[2], "fan_pays", "webhooks_come") for lapse in LAPSES]
    every += [("fan_pays", lapse, "rival_books_and_pays", "webhooks_come") for lapse in LAPSES]
    live_through([order for order in every if before(order, LAPSES, RIVALS)])


@pytest.mark.parametrize("lapse", LAPSES[:3])
def test_a_fan_who_comes_back_late_harms_nobody(at_stripe, monkeypatch, lapse):
    """PA-2, BK-4: whoever returns to a lapsed booking does not end the payment of the fan who has booked since."""
    world = World(at_stripe, make_onboarded_creator(at_stripe), monkeypatch)
    with world.time:
        for name in (lapse, "rival_books", "fan_comes_back", "browser_returns", "fan_comes_back"):
            world.happen(name)
        run_jobs()
        live = Booking.objects.get(offer=world.offer, status=BookingStatus.PENDING)
        assert (live.fan, live.payment.intent_state) == (world.rival, IntentState.OPEN)
        assert pay(live.payment.intent_id) == "succeeded"
        world.webhooks_come()
        live.refresh_from_db()
        assert live.status == BookingStatus.CONFIRMED


SLOW = ("fan_pays_slowly", "webhooks_come")
LAST_HOUR = "last_hour_begins"


@pytest.mark.parametrize("bank", ["bank_says_yes", "bank_says_no"])
def test_slow_payments_end_too(live_through, bank):
    """PA-5, BK-5: {pays slowly, bank decides, webhook, last hour begins, another fan books}."""
    later = permutations((bank, "webhooks_come", LAST_HOUR))
    live_through(
        [
            *(("fan_pays_slowly", *order) for order in later),
            (*SLOW, LAST_HOUR, "rival_books", bank, "webhooks_come"),
            (*SLOW, LAST_HOUR, bank, "rival_books_and_pays", "webhooks_come"),
            ("fan_pays_slowly", DOWN, "rival_books", bank, "webhooks_come"),
            ("fan_pays_slowly", DOWN, bank, "webhooks_come", "rival_books"),
            (*SLOW, bank, "hold_lapses", "webhooks_come"),
            (*SLOW, bank, "killed: webhooks_come", DOWN, "rival_books"),
        ]
    )

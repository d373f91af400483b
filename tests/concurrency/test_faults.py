"""Stripe's bad days, call by call: one intent each, one refund, and everybody has what they paid for (PW-1, PW-2)."""

from contextlib import suppress
from itertools import product

import pytest

from callastar.bookings.operations.pay import start_payment
from callastar.core import clock
from callastar.core.errors import ProviderError, Refusal
from callastar.payments.models import Payment, Refund, RefundStatus
from callastar.payments.operations.chase import chase_refunds
from callastar.payments.operations.execute import execute_refund
from tests.concurrency.payment_world import DOWN, LATER, World
from tests.stripe_people import make_onboarded_creator, refunds

pytestmark = pytest.mark.django_db(transaction=True)
WRITES = ("POST /v1/payment_intents", "POST /v1/payment_intents/*/cancel", "POST /v1/refunds")
READS = ("GET /v1/payment_intents", "GET /v1/refunds", "GET /v1/charges", "GET /v1/events")
FAILURES = [
    *product(WRITES, ("500", "429", "drop_before", "drop_after")),
    *product(READS, ("500", "drop_before")),  # for who only asks, the others are the same
]


@pytest.fixture
def world(at_stripe, transactional_db, monkeypatch) -> World:
    """A fan who has booked and can pay, a rival who wants the same offer."""
    return World(at_stripe, make_onboarded_creator(at_stripe), monkeypatch)


def go_through(world: World, match: str, kind: str, times: int) -> None:
    """The fan pays too late, after a lapse that Stripe was not told of; the rival books, news come: with this fault."""
    world.happen(DOWN)
    world.fan_pays()
    world.sandbox.control("POST", "faults", {"match": match, "kind": kind, "times": times})
    for _ in range(3):
        world.rival_books()
    for _ in range(3):
        with suppress(ProviderError):
            world.webhooks_come()
    world.sandbox.control("DELETE", "faults")
    world.end()
    world.check()
    assert len(world.intents()) == Payment.objects.count() == 2
    assert [refund.amount for refund in refunds(world.sandbox)] == [world.offer.price]
    assert Refund.objects.get().status == RefundStatus.SUCCEEDED


@pytest.mark.parametrize(("match", "kind"), FAILURES)
def test_two_intents_and_one_refund_whatever_fails(world, match, kind):
    """PW-1, BK-5: each call fails four times, which is more than the library's own tries."""
    go_through(world, match, kind, 4)


@pytest.mark.parametrize("match", ["POST /v1/payment_intents", "POST /v1/refunds"])
def test_an_answer_that_never_comes(world, settings, match):
    """PW-1."""
    settings.PROVIDER_TIMEOUT_SECONDS = 0.5
    go_through(world, match, "timeout", 1)


def test_a_hold_lapses_in_time_with_stripe_hanging(world):
    """BK-4: within 5 s also when the intent's opening was never answered, so that closing it means opening it."""
    Payment.objects.update(intent_state="OPENING", intent_id="")
    world.sandbox.control("POST", "faults", {"match": "* /v1/*", "kind": "timeout", "times": 9})
    before = clock.now()
    with world.time:
        world.hold_lapses()
    world.offer.refresh_from_db()
    assert world.offer.status == "AVAILABLE"
    assert (clock.now() - before).total_seconds() < 4


class TestRefundsThatKeepFailing:
    """PO-7, PW-2, BK-5: a refund is gone on with until it is made or somebody must look."""

    @pytest.fixture
    def refund(self, world) -> Refund:
        """Promised, and its job has used up its tries."""
        world.happen(DOWN)
        world.fan_pays()
        world.rival_books()
        world.time.close()
        return Refund.objects.get(status=RefundStatus.PENDING)

    def test_reconciling_goes_on_where_the_job_ended(self, refund, world):
        assert chase_refunds(now=clock.now() + 2 * LATER) == {"asked": 1, "failed": 0}
        assert chase_refunds(now=clock.now() + 2 * LATER) == {"asked": 0, "failed": 0}
        assert [made.amount for made in refunds(world.sandbox)] == [refund.amount]

    def test_the_key_is_not_trusted_for_longer_than_stripe_keeps_it(self, refund, world):
        """An answer that was lost a day ago is found in Stripe's list, not asked for again."""
        world.sandbox.control(
            "POST", "faults", {"match": "POST /v1/refunds", "kind": "drop_after", "times": 3}
        )
        with pytest.raises(ProviderError):
            execute_refund(refund_id=refund.pk, now=clock.now())
        chase_refunds(now=clock.now() + 150 * LATER)
        refund.refresh_from_db()
        assert (refund.status, len(refunds(world.sandbox))) == (RefundStatus.SUCCEEDED, 1)

    def test_what_was_never_made_waits_for_somebody(self, refund, world):
        """Asked for once and lost on the way: a day later the key is no longer good, and Stripe has nothing."""
        world.sandbox.control(
            "POST", "faults", {"match": "POST /v1/refunds", "kind": "drop_before", "times": 3}
        )
        with pytest.raises(ProviderError):
            execute_refund(refund_id=refund.pk, now=clock.now())
        chase_refunds(now=clock.now() + 150 * LATER)
        refund.refresh_from_db()
        assert (refund.status, bool(refund.failure_reason)) == (RefundStatus.FAILED, True)
        assert refunds(world.sandbox) == []


def test_a_wrong_key_is_not_the_end(world, settings):
    """PW-2: an operator mends it, and the same intent is opened."""
    Payment.objects.update(intent_state="NONE", intent_id="")
    good, settings.STRIPE_SECRET_KEY = settings.STRIPE_SECRET_KEY, "sk_test_revoked"
    with pytest.raises(Refusal, match="payment_provider_unavailable"):
        start_payment(booking_id=world.booking_id, fan=world.fan, now=clock.now())
    settings.STRIPE_SECRET_KEY = good
    start_payment(booking_id=world.booking_id, fan=world.fan, now=clock.now())
    assert [intent.id for intent in world.intents()] == [world.intent_id]

"""Whatever order Stripe's news come in, twice or never: the same rows and the same journal (WH-3, WH-4)."""

from datetime import timedelta

import pytest

from callastar.core import clock
from callastar.providers.stripe.client import call
from callastar.webhooks.models import WebhookEvent
from tests.jobs import run_jobs, run_periodic
from tests.money_world import (
    assert_ledger_equals_stripe,
    assert_money_is_conserved,
    canonical,
    drain,
    pay_for_call,
    settle_events,
)
from tests.stripe_people import make_onboarded_creator

pytestmark = pytest.mark.django_db(transaction=True)


def story(sandbox, creator) -> int:
    """Refunds of all kinds, one that came back, a lost dispute; nothing of it is told. What left the account."""
    by_hand, came_back, disputed = (
        pay_for_call(sandbox, creator, price=price) for price in (10000, 6000, 4000)
    )
    by_hand.refund(1111)
    call(lambda c: c.v1.refunds.create({"charge": by_hand.charge_id, "amount": 2222}))
    refund = came_back.refund(3000)
    sandbox.control("POST", f"refunds/{refund.stripe_refund_id}/fail")
    found = sandbox.control("POST", "disputes", {"charge": disputed.charge_id, "amount": 3000})["id"]
    sandbox.control("POST", f"disputes/{found}/close", {"status": "lost"})
    drain(creator, amount=5000)
    return 5000


def test_any_order_and_any_number_of_times(at_stripe, creator):
    """WH-3: after the first complete round nothing changes any more."""
    gone = story(at_stripe, creator)
    settle_events(at_stripe)
    told = canonical()
    assert len(told["refunds"]) == 3
    assert_ledger_equals_stripe([creator], gone={creator.pk: gone})
    assert_money_is_conserved([creator], gone=gone)
    for seed, order in ((0, "as_made"), (1, "shuffled"), (2, "reversed"), (3, "shuffled")):
        WebhookEvent.objects.all().delete()
        settle_events(at_stripe, order=order, seed=seed, times=2)
        assert canonical() == told, order


def test_the_same_story_told_in_another_order(at_stripe):
    """WH-3: rows and journal do not depend on which event came first."""
    dumps = []
    for order in ("as_made", "reversed", "shuffled", "shuffled"):
        creator = make_onboarded_creator(at_stripe)
        gone = story(at_stripe, creator)
        settle_events(at_stripe, order=order, seed=len(dumps))
        assert_ledger_equals_stripe([creator], gone={creator.pk: gone})
        dumps.append(canonical(creator))
        assert dumps[-1] == dumps[0], order


def test_news_that_never_came_are_found(at_stripe, creator):
    """WH-4: the reconciling job asks for them."""
    gone = story(at_stripe, creator)
    with clock.shifted(timedelta(minutes=2)):
        run_periodic("reconcile-payments")
        assert run_jobs() == []
    assert_ledger_equals_stripe([creator], gone={creator.pk: gone})
    assert_money_is_conserved([creator], gone=gone)
    found = canonical()
    settle_events(at_stripe, times=2)
    assert canonical() == found

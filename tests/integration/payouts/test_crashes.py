"""Processes that die, answers that are lost, Stripe's bad days: one payout each (PW-1, PW-2, PO-2)."""

from contextlib import suppress
from datetime import timedelta
from itertools import product

import pytest
import stripe
from django.db import transaction

from callastar.core import clock
from callastar.core.errors import ProviderError
from callastar.payments.models import Debt, TransferReversal
from callastar.payments.operations import execute
from callastar.payouts.models import Payout
from callastar.payouts.operations import send, settle
from callastar.payouts.operations.chase import chase_payouts
from callastar.payouts.operations.plan import run_due_payouts
from callastar.providers.stripe import money
from tests.integration.payouts.payout_world import (
    SHARE,
    Killed,
    arrive,
    assert_no_payment_is_paid_twice,
    at_stripe_payouts,
    dies_once,
    due,
    earned_calls,
    fault,
    hear,
    history,
    indebted,
    items,
    payout_events,
    payout_of_payment,
    run_schedule,
    totals,
)
from tests.jobs import empty_queue, run_jobs
from tests.money_world import assert_ledger_equals_stripe

pytestmark = pytest.mark.django_db(transaction=True)

FAULTS = [
    *product(("POST /v1/payouts", "POST /v1/transfers/*"), ("500", "429", "drop_before", "drop_after")),
    # for who only asks, the others are the same
    *product(("GET /v1/balance", "GET /v1/charges/*"), ("500", "drop_before")),
]

# In the order in which a payout passes them; each is left behind before the next one is reached.
STEPS = [
    (send, "claims_of"),
    (send, "sync_charge"),
    (send, "recover_debts"),
    (send, "claim_for_debt"),
    (send, "_claim"),
    (execute.money, "create_reversal"),
    (execute, "sync_transfer"),
    (send, "note_bank_account"),
    (send.money, "balance"),
    (send, "_locked_claims"),
    (send, "_take_along"),
    (send, "_choose"),
    (send.payouts, "create_payout"),
    (settle, "_book_departure"),
    (send, "apply_payout"),
]


@pytest.mark.parametrize("by", ["job", "chase"])
def test_the_process_dies_before_and_after_each_step(times, creator, monkeypatch, by):
    """PW-1: whoever goes on, its job or the reconciling run, there is one payout and one reversal in the end."""
    _, (first, second) = indebted(times, creator, 10000, 10000)
    due(creator)
    run_due_payouts(now=clock.now())
    payout = Payout.objects.get(status="APPROVED")

    def go_on() -> None:
        if by == "chase":
            empty_queue()
            times.forward(timedelta(minutes=2))
            assert chase_payouts(now=clock.now())["asked"] == 1
        else:
            run_jobs()

    died = []
    for where, name in STEPS:
        for when in ("before", "after"):
            with monkeypatch.context() as patch:
                deaths = dies_once(patch, where, name, when)
                with suppress(Killed):
                    go_on()
                died += [f"{name} {when}" for name in deaths]
    assert {step.split()[0] for step in died} == {name for _, name in STEPS}
    payout.refresh_from_db()
    if payout.status == "PROCESSING":  # by chase so much time passes that it may have arrived already
        payout = arrive(times, payout)
    assert payout.status == "PAID"
    assert history(payout) == ["APPROVED", "PROCESSING", "PAID"]
    assert [each.amount for each in at_stripe_payouts(creator)][1:] == [payout.amount]
    assert [reversal.status for reversal in TransferReversal.objects.all()] == ["SUCCEEDED"]
    assert Debt.objects.get().status == "SETTLED"
    assert payout.amount == sum(items(payout).values()) == 2 * SHARE - TransferReversal.objects.get().amount
    assert set(items(payout)) == {first.payment_id, second.payment_id}
    assert totals(creator).at_stripe == totals(creator).earned == 0
    assert_ledger_equals_stripe([creator])
    assert_no_payment_is_paid_twice()


@pytest.mark.parametrize(("match", "kind"), FAULTS)
def test_stripes_bad_days(times, creator, match, kind):
    """PW-1, PW-2: each call fails four times, which is more than the library's own tries."""
    indebted(times, creator, 10000)
    due(creator)
    with fault(times.sandbox, match, kind, 4):
        (payout,) = run_schedule()
    assert arrive(times, payout).status == "PAID"
    assert len(at_stripe_payouts(creator)) == 2
    assert [reversal.status for reversal in TransferReversal.objects.all()] == ["SUCCEEDED"]
    assert_ledger_equals_stripe([creator])


def test_an_answer_that_never_comes(settings, times, creator):
    """PW-1."""
    settings.PROVIDER_TIMEOUT_SECONDS = 0.5
    earned_calls(times, creator, 10000)
    due(creator)
    with fault(times.sandbox, "POST /v1/payouts", "timeout", 1):
        (payout,) = run_schedule()
    assert arrive(times, payout).status == "PAID"
    assert len(at_stripe_payouts(creator)) == 1


def lose_answers(times, creator, kind: str) -> Payout:
    """A payout of which Stripe's answer has not come for a day: its key is good no longer."""
    due(creator)
    with fault(times.sandbox, "POST /v1/payouts", kind, 5000):
        run_due_payouts(now=clock.now())
        assert run_jobs() == ["payouts.send_payout"]
        payout = Payout.objects.get()
        assert (payout.status, payout.stripe_payout_id) == ("PROCESSING", "")
        if kind == "drop_before":
            times.forward(timedelta(hours=22))
            assert chase_payouts(now=clock.now()) == {"asked": 1, "failed": 1}
    times.forward(timedelta(hours=2 if kind == "drop_before" else 24))
    return payout


def test_after_a_day_it_is_looked_for_and_found(times, creator):
    """PW-1: the request came through, its answers did not: it is found by its metadata, not made a second time."""
    (call,) = earned_calls(times, creator, 10000)
    payout = lose_answers(times, creator, "drop_after")
    assert len(at_stripe_payouts(creator)) == 1
    assert chase_payouts(now=clock.now()) == {"asked": 1, "failed": 0}
    payout = arrive(times, payout)
    assert (payout.status, payout.stripe_payout_id) == ("PAID", at_stripe_payouts(creator)[0].id)
    assert payout_of_payment(call) == (payout.pk, "PAID", True)
    assert_ledger_equals_stripe([creator])


def test_after_a_day_it_is_given_up(times, creator):
    """PO-7: it is not at Stripe: FAILED with the reason, its payments are payable, and it is tried anew in a day."""
    (call,) = earned_calls(times, creator, 10000)
    payout = lose_answers(times, creator, "drop_before")
    assert chase_payouts(now=clock.now()) == {"asked": 1, "failed": 0}
    payout.refresh_from_db()
    assert (payout.status, "for a day" in payout.failure_message) == ("FAILED", True)
    assert payout_of_payment(call) == (None, "", False)
    assert_ledger_equals_stripe([creator])
    times.forward(timedelta(days=1, minutes=1))
    (again,) = run_schedule()
    assert arrive(times, again).status == "PAID"
    assert len(at_stripe_payouts(creator)) == 1


def test_a_payout_that_was_given_up_is_not_revived(times, creator):
    """PW-1: should Stripe tell of it after all, somebody must look; the journal does not count its payments twice."""
    earned_calls(times, creator, 10000)
    payout = lose_answers(times, creator, "drop_after")
    settle.fail_unsent(payout_id=payout.pk, code="", message="given up", now=clock.now())
    hear(payout_events(creator))
    payout.refresh_from_db()
    assert (payout.status, payout.stripe_payout_id) == ("FAILED", "")
    assert totals(creator).in_payout == totals(creator).paid == 0
    times.forward(timedelta(days=1, minutes=1))
    (again,) = run_schedule()
    assert (again.status, again.reason) == ("CANCELED", "Stripe has too little: 0 available")


@pytest.mark.parametrize("order", ["as they were made", "backwards"])
@pytest.mark.parametrize("outcome", ["paid", "failed"])
def test_events_before_our_own_record(times, creator, monkeypatch, order, outcome):
    """WH-1, PW-1: the process died with Stripe's answer in its hands; events come first, in any order, twice."""
    (call,) = earned_calls(times, creator, 10000)
    due(creator)
    run_due_payouts(now=clock.now())
    with monkeypatch.context() as patch, suppress(Killed):
        dies_once(patch, send.payouts, "create_payout", "after")
        run_jobs()
    (made,) = at_stripe_payouts(creator)
    with suppress(Exception):
        times.sandbox.control("POST", f"payouts/{made.id}/{'pay' if outcome == 'paid' else 'fail'}")
    empty_queue()
    events = payout_events(creator)
    assert {"payout.created", f"payout.{outcome}"} <= {event.type for event in events}
    hear(events if order != "backwards" else events[::-1])
    hear(events)
    payout = Payout.objects.get()
    ends = {"paid": ("PAID", (payout.pk, "PAID", True)), "failed": ("FAILED", (None, "", False))}
    assert (payout.status, payout_of_payment(call)) == ends[outcome]
    send.send_payout(payout_id=payout.pk, now=clock.now())  # its job, late
    assert history(payout) == ["APPROVED", "PROCESSING", outcome.upper()]
    assert len(at_stripe_payouts(creator)) == 1
    assert_ledger_equals_stripe([creator])


def test_news_that_never_come_are_asked_for(times, creator):
    """WH-4, PO-7: without a single event, the reconciling run asks, every ten minutes and not more often."""
    earned_calls(times, creator, 10000)
    due(creator)
    (payout,) = run_schedule()
    times.sandbox.control("POST", f"payouts/{payout.stripe_payout_id}/pay")
    times.forward(timedelta(minutes=9))
    assert chase_payouts(now=clock.now()) == {"asked": 0, "failed": 0}
    times.forward(timedelta(minutes=2))
    assert chase_payouts(now=clock.now()) == {"asked": 1, "failed": 0}
    payout.refresh_from_db()
    assert payout.status == "PAID"
    assert chase_payouts(now=clock.now()) == {"asked": 0, "failed": 0}


def test_payouts_that_are_not_ours(times, creator):
    """WH-1: one made by hand at Stripe is noted for somebody to look at, whatever its metadata say."""
    earned_calls(times, creator, 10000)
    for number, metadata in enumerate(({}, {"payout": "nonsense"}, {"payout": str(creator.user_id)})):
        send.payouts.create_payout(
            account=creator.stripe_account_id,
            amount=100,
            currency="EUR",
            metadata=metadata,
            idempotency_key=f"by-hand-{number}",
        )
    hear(payout_events(creator))
    assert Payout.objects.count() == 0
    assert_ledger_equals_stripe([creator], gone={creator.pk: 300})


def test_a_call_in_a_transaction_would_be_noticed(creator, outside_transactions):
    """PW-1, the control of what all these tests assert."""
    with transaction.atomic(), suppress(ProviderError, stripe.StripeError):
        money.balance(account=creator.stripe_account_id)
    assert len(outside_transactions) == 1
    outside_transactions.clear()

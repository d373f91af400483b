"""Whatever becomes of a request to Stripe or of the process that made it: exactly one effect (PW-1, PW-2, PO-7)."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction

from callastar.core import clock
from callastar.core.errors import ProviderError
from callastar.notifications.models import Notification, NotificationType
from callastar.payments.models import Debt, Payment, Refund, RefundCause, Restitution, TransferReversal
from callastar.payments.operations import disputes, execute
from callastar.payments.operations.chase import chase_money, chase_refunds
from callastar.payments.operations.disputes import settle_won_dispute
from callastar.payments.operations.recording import lock_payment
from callastar.payments.operations.refunds import request_refund
from callastar.providers.stripe import gateway, money
from callastar.providers.stripe.client import call
from tests.jobs import empty_queue, run_jobs
from tests.money_world import (
    Paid,
    assert_ledger_equals_stripe,
    assert_money_is_conserved,
    pay_for_call,
    settle_events,
)

pytestmark = pytest.mark.django_db(transaction=True)


class Killed(BaseException):
    """The process died here."""


@dataclass(frozen=True)
class Move:
    """Something that was claimed and waits to be made at Stripe."""

    paid: Paid
    request: str
    asked: tuple[Any, str]  # what makes it at Stripe
    recorder: tuple[Any, str]  # the last that is written down, in one transaction with all of it
    go_on: Callable[[datetime], Any]
    status: Callable[[], str]
    made: Callable[[], int]


def refund_move(sandbox, creator) -> Move:
    paid = pay_for_call(sandbox, creator)
    with transaction.atomic():
        refund = request_refund(payment=lock_payment(paid.payment_id), amount=4000, cause=RefundCause.ADMIN)
    empty_queue()
    return Move(
        paid,
        "POST /v1/refunds",
        (gateway, "create_refund"),
        (Payment, "save"),
        lambda now: execute.execute_refund(refund_id=refund.pk, now=now),
        lambda: Refund.objects.get().status,
        lambda: len(call(lambda c: c.v1.refunds.list({"charge": paid.charge_id})).data),
    )


def _disputed(sandbox, creator) -> Paid:
    paid = pay_for_call(sandbox, creator)
    pay_for_call(sandbox, creator, price=30000)
    sandbox.control("POST", "disputes", {"charge": paid.charge_id})
    return paid


def reversal_move(sandbox, creator) -> Move:
    paid = _disputed(sandbox, creator)
    execute.sync_charge(charge_id=paid.charge_id, now=clock.now())
    empty_queue()
    reversal = TransferReversal.objects.get()
    return Move(
        paid,
        "POST /v1/transfers/*/reversals",
        (money, "create_reversal"),
        (Payment, "save"),
        lambda now: execute.execute_reversal(reversal_id=reversal.pk, now=now),
        lambda: TransferReversal.objects.get().status,
        lambda: len(call(lambda c: c.v1.transfers.reversals.list(paid.payment.transfer_id)).data),
    )


def restitution_move(sandbox, creator) -> Move:
    paid = _disputed(sandbox, creator)
    settle_events(sandbox)
    dispute = paid.payment.disputes.get()
    sandbox.control("POST", f"disputes/{dispute.stripe_dispute_id}/close", {"status": "won"})
    execute.sync_charge(charge_id=paid.charge_id, now=clock.now())
    settle_won_dispute(dispute_id=dispute.pk, now=clock.now())
    empty_queue()
    return Move(
        paid,
        "POST /v1/transfers",
        (money, "create_transfer"),
        (disputes, "post_restitution"),
        lambda now: execute.execute_restitution(restitution_id=Restitution.objects.get().pk, now=now),
        lambda: Restitution.objects.get().status,
        lambda: sum(
            1
            for each in call(lambda c: c.v1.transfers.list({"limit": 100})).data
            if not each.source_transaction
        ),
    )


MOVES = pytest.mark.parametrize("make", [refund_move, reversal_move, restitution_move])


def check(move: Move, creator) -> None:
    assert (move.status(), move.made()) == ("SUCCEEDED", 1)
    assert run_jobs() == []
    assert move.made() == 1
    assert_ledger_equals_stripe([creator])
    assert_money_is_conserved([creator])


@MOVES
@pytest.mark.parametrize("kind", ["500", "429", "drop_before", "drop_after", "timeout"])
def test_it_is_made_once_whatever_stripe_answers(settings, at_stripe, creator, make, kind):
    """PW-1, PW-2: temporary troubles are raised for the job to try again."""
    settings.PROVIDER_TIMEOUT_SECONDS = 1
    move = make(at_stripe, creator)
    at_stripe.control("POST", "faults", {"match": move.request, "kind": kind, "times": 4})
    with pytest.raises(ProviderError) as raised:
        move.go_on(clock.now())
    assert raised.value.is_temporary
    assert move.status() == "PENDING"
    for _ in range(3):
        with suppress(ProviderError):
            move.go_on(clock.now())
    check(move, creator)


@MOVES
@pytest.mark.parametrize("moment", ["before", "during", "after"])
def test_it_is_made_once_whenever_the_process_dies(monkeypatch, at_stripe, creator, make, moment):
    """PW-1: killed before, during or after the call, and run again by the job that looks for what is left."""
    move = make(at_stripe, creator)
    module, name = move.asked
    ask = getattr(module, name)

    def die(*_: Any, **arguments: Any) -> None:
        if moment == "during":
            ask(**arguments)
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(*(move.recorder if moment == "after" else (module, name)), die)
        with pytest.raises(Killed):
            move.go_on(clock.now())
    assert move.status() == "PENDING"
    with clock.shifted(timedelta(minutes=2)):
        counts = [chase_refunds(now=clock.now()), chase_money(now=clock.now())]
    assert [count["failed"] for count in counts] == [0, 0]
    check(move, creator)


@MOVES
def test_it_is_given_up_after_a_day(at_stripe, creator, admin, make):
    """PO-7, PW-2: nothing retries for ever; a named state, and admins are told why."""
    move = make(at_stripe, creator)
    at_stripe.control("POST", "faults", {"match": move.request, "kind": "drop_before", "times": 3})
    with pytest.raises(ProviderError):
        move.go_on(clock.now())
    at_stripe.control("DELETE", "faults")
    move.go_on(clock.now() + timedelta(days=1))
    assert (move.status(), move.made()) == ("FAILED", 0)
    if make is reversal_move:
        assert [(debt.amount, debt.cause) for debt in Debt.objects.all()] == [(8180, "DISPUTE")]
    else:
        told = Notification.objects.get(type=NotificationType.TRANSFER_FAILED, recipient=admin)
        assert "day" in told.params["reason"]
    move.go_on(clock.now() + timedelta(days=1))
    assert move.made() == 0


@pytest.mark.parametrize("make", [refund_move, reversal_move])
def test_what_was_never_asked_for_is_asked_for_however_old_it_is(at_stripe, creator, make):
    """PO-7: the day counts from when Stripe was first asked, not from when it was promised."""
    move = make(at_stripe, creator)
    move.go_on(clock.now() + timedelta(days=3))
    check(move, creator)


@MOVES
def test_what_was_made_and_never_heard_of_is_found_after_a_day(at_stripe, creator, make):
    """PW-1: the key is too old to ask again with; Stripe is looked through instead."""
    move = make(at_stripe, creator)
    at_stripe.control("POST", "faults", {"match": move.request, "kind": "drop_after", "times": 3})
    with pytest.raises(ProviderError):
        move.go_on(clock.now())
    at_stripe.control("DELETE", "faults")
    move.go_on(clock.now() + timedelta(days=1))
    check(move, creator)

"""One payout, whoever hurries: threads with connections of their own (PO-2, PO-3, PO-4, PW-1)."""

from datetime import timedelta
from threading import Barrier

import pytest

from callastar.audit.operations import SYSTEM
from callastar.core import clock
from callastar.core.errors import ProviderError, Refusal
from callastar.payments.operations.money import sync_charge
from callastar.payouts.models import Payout, PayoutAuditLog, PayoutPolicy, PayoutStatus
from callastar.payouts.operations.decide import approve_payout, cancel_payout, reject_payout
from callastar.payouts.operations.plan import request_payout, run_due_payouts
from callastar.payouts.operations.send import send_payout
from callastar.payouts.operations.settle import sync_payout
from callastar.payouts.operations.transitions import note_creation
from tests.concurrency.test_reserve_race import AT_ONCE, all_at_once
from tests.factories import make_admin, make_creator
from tests.integration.payouts.payout_world import (
    SHARE,
    Times,
    assert_no_payment_is_paid_twice,
    at_stripe_payouts,
    due,
    earned_calls,
    history,
    indebted,
    items,
    mails_of,
    set_policy,
)
from tests.jobs import run_jobs
from tests.money_world import assert_ledger_equals_stripe
from tests.stripe_people import make_onboarded_creator

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def creator(at_stripe, transactional_db):
    return make_onboarded_creator(at_stripe)


@pytest.fixture
def times(settings, at_stripe):
    settings.PAYOUT_HOLDING = timedelta(0)
    moved = Times(at_stripe)
    yield moved
    moved.end()


def outcome(act) -> str:
    try:
        return str(act())
    except Refusal as refusal:
        return str(refusal.code)
    except ProviderError as error:
        return "again" if error.is_temporary else error.code


def test_two_runs_at_once_plan_once(times, creator):
    """PO-3: of all workers that run process-payouts, one plans, and one payout is made."""
    earned_calls(times, creator, 10000, 10000)
    due(creator)
    planned = all_at_once(lambda: str(run_due_payouts(now=clock.now())["planned"]) for _ in range(AT_ONCE))
    assert planned == {"1": 1, "0": AT_ONCE - 1}
    payout = Payout.objects.get()
    sent = all_at_once(
        lambda: outcome(lambda: send_payout(payout_id=payout.pk, now=clock.now()).status)
        for _ in range(AT_ONCE)
    )
    assert set(sent) <= {"PROCESSING", "again"}
    assert run_jobs() == []
    payout.refresh_from_db()
    assert [each.amount for each in at_stripe_payouts(creator)] == [2 * SHARE]
    assert (history(payout), sum(items(payout).values())) == (["APPROVED", "PROCESSING"], 2 * SHARE)
    assert_no_payment_is_paid_twice()
    assert_ledger_equals_stripe([creator])


def test_a_debt_is_deducted_once(times, creator):
    """RE-3: eight workers that send the same payout take what is owed once."""
    indebted(times, creator, 10000, 10000)
    due(creator)
    run_due_payouts(now=clock.now())
    payout = Payout.objects.get(status="APPROVED")
    all_at_once(
        lambda: outcome(lambda: send_payout(payout_id=payout.pk, now=clock.now()).status)
        for _ in range(AT_ONCE)
    )
    assert run_jobs() == []
    payout.refresh_from_db()
    assert (payout.status, payout.amount) == ("PROCESSING", 2 * SHARE - 1636)
    assert len(at_stripe_payouts(creator)) == 2
    assert_ledger_equals_stripe([creator])


@pytest.mark.parametrize("turn", range(3))
def test_one_decision_wins(times, creator, turn):
    """PO-4: of two admins who approve, one who rejects and the creator who cancels, one decides."""
    earned_calls(times, creator, 10000)
    payout, admin = request_payout(creator=creator, currency="EUR", now=clock.now()), make_admin()
    user = creator.user
    acts = [
        lambda: approve_payout(payout_id=payout.pk, admin=admin, now=clock.now()).status,
        lambda: cancel_payout(payout_id=payout.pk, user=user, now=clock.now()).status,
        lambda: reject_payout(payout_id=payout.pk, admin=admin, reason="no", now=clock.now()).status,
        lambda: approve_payout(payout_id=payout.pk, admin=admin, now=clock.now()).status,
    ] * (AT_ONCE // 4)
    answers = all_at_once(lambda act=act: outcome(act) for act in acts)
    assert answers.pop("payout_decided") == AT_ONCE - 1
    (decided,) = answers
    payout.refresh_from_db()
    assert (payout.status, history(payout)) == (decided, ["REQUESTED", decided])
    told = {
        "APPROVED": ["payout_requested", "payout_approved"],
        "REJECTED": ["payout_requested", "payout_rejected"],
    }
    assert mails_of(user) == told.get(decided, ["payout_requested"])
    assert run_jobs() == []
    assert len(at_stripe_payouts(creator)) == (decided == "APPROVED")


def test_asking_many_times_asks_once(times, creator):
    """PO-4: one request, the others read that it is under way."""
    earned_calls(times, creator, 10000)
    set_policy(creator)
    answers = all_at_once(
        lambda: outcome(lambda: request_payout(creator=creator, currency="EUR", now=clock.now()).status)
        for _ in range(AT_ONCE)
    )
    assert answers == {"REQUESTED": 1, "payout_in_progress": AT_ONCE - 1}


def test_news_of_payouts_and_of_charges_at_once(times, creator):
    """PW-1: what writes a charge down and what writes a payout down wait for each other in one order: no deadlock."""
    calls = earned_calls(times, creator, 10000, 10000, 10000)
    due(creator)
    run_due_payouts(now=clock.now())
    assert run_jobs() == []
    payout = Payout.objects.get()
    times.sandbox.control("POST", f"payouts/{payout.stripe_payout_id}/pay")
    for call in calls:
        times.sandbox.control("POST", "disputes", {"charge": call.charge_id})
    acts = [lambda: sync_payout(payout_id=payout.pk, now=clock.now()).status] * AT_ONCE
    acts += [
        lambda call=call: bool(sync_charge(charge_id=call.charge_id, now=clock.now(), with_disputes=True))
        for call in calls * 4
    ]
    answers = all_at_once(lambda act=act: outcome(act) for act in acts[::2] + acts[1::2])
    assert answers == {"PAID": AT_ONCE, "True": 12}
    assert run_jobs() == []
    assert history(payout) == ["APPROVED", "PROCESSING", "PAID"]
    assert_ledger_equals_stripe([creator])


def test_the_race_is_lost_without_the_lock(transactional_db):
    """PO-3, the control: reading that it is due, and then planning, plans several times."""
    creator, together = make_creator(), Barrier(AT_ONCE)
    now = clock.now()
    PayoutPolicy.objects.create(creator=creator, next_payout_at=now)

    def read_then_plan() -> str:
        policy = PayoutPolicy.objects.get(pk=creator.pk)
        together.wait(10)
        if policy.next_payout_at > now:
            return "lost"
        PayoutPolicy.objects.filter(pk=creator.pk).update(next_payout_at=now + timedelta(days=1))
        payout = Payout(
            creator=creator, currency="EUR", amount=1, status=PayoutStatus.REJECTED, trigger="SCHEDULE"
        )
        note_creation(payout=payout, actor=SYSTEM, now=now)
        return "planned"

    assert all_at_once(read_then_plan for _ in range(AT_ONCE))["planned"] > 1
    assert PayoutAuditLog.objects.count() > 1

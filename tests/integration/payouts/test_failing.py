"""Payouts that fail: PO-5, PO-6, PO-7, PW-2."""

from datetime import timedelta

import pytest

from callastar.audit.models import LogEntry
from callastar.audit.operations import Actor
from callastar.core import clock
from callastar.creators.models import Creator
from callastar.payouts.models import Payout, PayoutPolicy
from callastar.payouts.operations.chase import chase_payouts
from callastar.payouts.operations.plan import run_due_payouts
from callastar.payouts.operations.policy import unblock_payouts
from callastar.providers.stripe.client import call as ask_stripe
from callastar.providers.stripe.client import options
from tests.integration.payouts.payout_world import (
    SHARE,
    arrive,
    at_stripe_payouts,
    due,
    earned_calls,
    fault,
    hear,
    history,
    mails_of,
    pay_out,
    payout_events,
    payout_of_payment,
    replace_bank,
    run_schedule,
    told,
    totals,
)
from tests.jobs import run_jobs
from tests.money_world import assert_ledger_equals_stripe

pytestmark = pytest.mark.django_db(transaction=True)

GOOD = "DE89370400440532013000"
A_DAY = timedelta(days=1, minutes=1)
IBANS = {
    "no_account": "DE62370400440532013001",
    "account_closed": "DE89370400440532013002",
    "insufficient_funds": "DE89370400440532013003",
    "debit_not_authorized": "DE89370400440532013004",
    "invalid_currency": "DE89370400440532013005",
}


def policy(creator) -> PayoutPolicy:
    return PayoutPolicy.objects.get(pk=creator.pk)


@pytest.mark.parametrize("code", ["no_account", "account_closed", "debit_not_authorized", "invalid_currency"])
def test_a_bank_account_that_must_be_fixed(times, creator, admin, code):
    """PO-5: creator and admins read Stripe's reason; nothing is tried until there is another one, then it is."""
    (call,) = earned_calls(times, creator, 10000)
    replace_bank(times.sandbox, creator, IBANS[code])
    payout = arrive(times, pay_out(creator))
    assert (payout.status, payout.failure_code, history(payout)[-1]) == ("FAILED", code, "FAILED")
    assert payout.failure_message
    assert payout_of_payment(call) == (None, "", False)
    assert (totals(creator).earned, totals(creator).in_payout) == (SHARE, 0)
    assert_ledger_equals_stripe([creator])
    assert mails_of(creator.user) == ["payout_failed"]
    assert told(creator.user)[-1] == ("PAYOUT_FAILED", "fix_bank")
    assert mails_of(admin) == ["payout_failed_admin"]
    assert told(admin)[-1] == ("PAYOUT_FAILED", "admin")
    assert (policy(creator).failed_bank_account, policy(creator).retry_at) == (payout.bank_account, None)

    for _ in range(3):
        times.forward(timedelta(days=7))
        due(creator)
        assert run_schedule() == []
        assert policy(creator).last_obstacles == ["bank_account_must_be_fixed"]
    replace_bank(times.sandbox, creator, GOOD)
    (again,) = run_schedule()
    assert (again.trigger, arrive(times, again).status) == ("RETRY", "PAID")
    assert (policy(creator).failed_bank_account, policy(creator).retry_at) == ("", None)
    assert_ledger_equals_stripe([creator])


def test_three_failures_in_a_row_block(times, creator, admin):
    """PO-5, PO-7: tried again after 1 and 2 days, then it waits for an admin; let go, it is counted anew."""
    (call,) = earned_calls(times, creator, 10000)
    replace_bank(times.sandbox, creator, IBANS["insufficient_funds"])
    payout = arrive(times, pay_out(creator))
    for failures, days in ((1, 1), (2, 2)):
        assert payout.status == "FAILED"
        assert policy(creator).failures_in_a_row == failures
        due(creator)
        assert run_schedule() == [], "not before its time, not even by the schedule"
        times.forward(timedelta(days=days, minutes=-5))
        assert run_schedule() == []
        times.forward(timedelta(minutes=6))
        (again,) = run_schedule()
        assert again.trigger == "RETRY"
        payout = arrive(times, again)
    assert (policy(creator).blocked_reason, policy(creator).retry_at) == ("failures", None)
    assert told(creator.user)[-1] == ("PAYOUT_FAILED", "blocked")
    assert told(admin)[-1] == ("PAYOUT_FAILED", "admin_blocked")
    assert [each.failure_code for each in at_stripe_payouts(creator)] == ["insufficient_funds"] * 3
    replace_bank(times.sandbox, creator, GOOD)
    for _ in range(3):
        times.forward(timedelta(days=7))
        assert run_schedule() == []
    assert policy(creator).last_obstacles == ["blocked"]
    assert payout_of_payment(call) == (None, "", False)

    unblock_payouts(creator_id=creator.pk, actor=Actor.of(admin), now=clock.now())
    assert (policy(creator).blocked_reason, policy(creator).failures_in_a_row) == ("", 0)
    times.go_to(policy(creator).next_payout_at)
    (paid,) = run_schedule()
    assert arrive(times, paid).status == "PAID"
    assert_ledger_equals_stripe([creator])


def test_a_success_ends_the_row(times, creator):
    """PO-5: only failures in a row count."""
    earned_calls(times, creator, 10000)
    replace_bank(times.sandbox, creator, IBANS["insufficient_funds"])
    arrive(times, pay_out(creator))
    replace_bank(times.sandbox, creator, GOOD)
    times.forward(A_DAY)
    (paid,) = run_schedule()
    assert arrive(times, paid).status == "PAID"
    replace_bank(times.sandbox, creator, IBANS["insufficient_funds"])
    earned_calls(times, creator, 10000)
    assert arrive(times, pay_out(creator)).status == "FAILED"
    assert policy(creator).failures_in_a_row == 1


def test_paid_is_taken_back_later(times, creator, admin):
    """PO-5: the journal takes both entries back, the payment can be paid out again; if it goes on, it is blocked."""
    (call,) = earned_calls(times, creator, 10000)
    payout = arrive(times, pay_out(creator))
    for failures in (1, 2, 3):
        assert payout.status == "PAID"
        path = f"payouts/{payout.stripe_payout_id}/fail"
        times.sandbox.control("POST", path, {"failure_code": "could_not_process"})
        times.forward(timedelta(hours=13))
        assert chase_payouts(now=clock.now())["failed"] == 0
        payout.refresh_from_db()
        assert (payout.status, history(payout)[-2:]) == ("FAILED", ["PAID", "FAILED"])
        assert payout_of_payment(call) == (None, "", False)
        assert (totals(creator).earned, totals(creator).paid, totals(creator).in_payout) == (SHARE, 0, 0)
        assert_ledger_equals_stripe([creator])
        assert policy(creator).failures_in_a_row == failures
        times.forward(timedelta(days=2 ** (failures - 1), minutes=1))
        again = run_schedule()
        if again:
            payout = arrive(times, again[0])
    assert (again, policy(creator).blocked_reason) == ([], "failures")
    assert mails_of(creator.user).count("payout_failed") == 3


def test_cancelled_at_stripe(times, creator):
    """PO-4: what Stripe cancelled is payable again, and says so."""
    (call,) = earned_calls(times, creator, 10000)
    payout = pay_out(creator)
    request = options(account=creator.stripe_account_id)
    ask_stripe(lambda c: c.v1.payouts.cancel(payout.stripe_payout_id, {}, request))
    hear(payout_events(creator))
    payout.refresh_from_db()
    assert (payout.status, payout.reason) == ("CANCELED", "cancelled at Stripe")
    assert payout_of_payment(call) == (None, "", False)
    assert totals(creator).earned == SHARE
    assert policy(creator).failures_in_a_row == 0
    assert told(creator.user)[-1] == ("PAYOUT_FAILED", "canceled")
    assert_ledger_equals_stripe([creator])
    due(creator)
    assert run_schedule() == [], "the next day, not at once"
    times.forward(A_DAY)
    (again,) = run_schedule()
    assert (again.trigger, arrive(times, again).status) == ("RETRY", "PAID")


def test_stripe_has_stopped_an_accounts_payouts(times, creator):
    """PO-6: known, it is an obstacle; not known yet, Stripe's refusal is the reason, and nothing has left."""
    (call,) = earned_calls(times, creator, 10000)
    times.sandbox.control("POST", f"accounts/{creator.stripe_account_id}/restrict")
    payout = pay_out(creator)
    assert (payout.status, payout.failure_code) == ("FAILED", "payouts_not_allowed")
    assert payout_of_payment(call) == (None, "", False)
    Creator.objects.filter(pk=creator.pk).update(payouts_enabled=False)
    times.forward(A_DAY)
    assert run_schedule() == []
    assert policy(creator).last_obstacles == ["payouts_disabled"]
    assert Payout.objects.count() == 1
    assert_ledger_equals_stripe([creator])


def test_a_creator_who_has_disconnected(times, creator, admin):
    """PW-2, PO-7: Stripe says no for good, before anything could be asked: one named state, told, and no more tries."""
    earned_calls(times, creator, 10000)
    times.sandbox.control("POST", f"accounts/{creator.stripe_account_id}/deauthorize")
    payout = pay_out(creator)
    assert (payout.status, history(payout)) == ("FAILED", ["APPROVED", "FAILED"])
    assert payout.failure_code
    assert mails_of(admin) == ["payout_failed_admin"]
    times.forward(timedelta(hours=1))
    assert chase_payouts(now=clock.now()) == {"asked": 0, "failed": 0}


def test_stripe_cannot_be_asked_for_a_day(times, creator):
    """PO-7: an approved payout of which nothing has left is given up, says why, and is tried again the next day."""
    earned_calls(times, creator, 10000)
    due(creator)
    with fault(times.sandbox, "GET /v1/balance", "500", 5000):
        run_due_payouts(now=clock.now())
        assert run_jobs() == ["payouts.send_payout"]
        payout = Payout.objects.get()
        assert payout.status == "APPROVED"
        times.forward(timedelta(hours=22))
        assert chase_payouts(now=clock.now()) == {"asked": 1, "failed": 1}
        assert LogEntry.objects.get(type="PAYOUT_DELAYED").level == "WARNING"
        times.forward(timedelta(hours=2))
        assert chase_payouts(now=clock.now()) == {"asked": 1, "failed": 0}
    payout.refresh_from_db()
    assert payout.status == "FAILED"
    assert "for a day" in payout.failure_message
    times.forward(A_DAY)
    (again,) = run_schedule()
    assert arrive(times, again).status == "PAID"

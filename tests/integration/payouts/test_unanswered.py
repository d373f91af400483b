"""Payouts of accounts that are no longer connected: Stripe does not say how they stand (PO-7, WH-4)."""

from datetime import timedelta

import pytest

from callastar.audit.models import LogEntry
from callastar.core import clock
from callastar.core.ids import new_id
from callastar.ledger import queries as ledger
from callastar.ledger.models import Entry
from callastar.payouts.models import Payout
from callastar.payouts.operations.chase import chase_payouts
from callastar.payouts.operations.decide import end_by_hand
from callastar.payouts.refusals import (
    PayoutDecidedError,
    PayoutNotFoundError,
    ReasonMissingError,
    StripeAnswersError,
)
from tests.integration.payouts.payout_world import (
    SHARE,
    arrive,
    earned_calls,
    history,
    pay_out,
    payout_of_payment,
    told,
    totals,
)

pytestmark = pytest.mark.django_db(transaction=True)


def disconnect(times, creator) -> None:
    times.sandbox.control("POST", f"accounts/{creator.stripe_account_id}/deauthorize")


def asked(times, after: timedelta) -> int:
    times.forward(after)
    counts = chase_payouts(now=clock.now())
    assert counts["failed"] == 0
    return counts["asked"]


def unanswered(times, creator) -> Payout:
    payout = pay_out(creator)
    disconnect(times, creator)
    assert asked(times, timedelta(minutes=11)) == 1
    payout.refresh_from_db()
    assert payout.unanswered_since
    return payout


def end(payout, outcome, admin, note="The bank's statement of 3 May") -> Payout:
    return end_by_hand(payout_id=payout.pk, outcome=outcome, note=note, admin=admin, now=clock.now())


def test_it_is_asked_ever_less_and_told_once(times, creator, admin):
    """PO-7: hourly for a day, then daily; admins are told once, and nothing of the payout changes."""
    earned_calls(times, creator, 10000)
    payout = unanswered(times, creator)
    since = payout.unanswered_since
    assert asked(times, timedelta(minutes=55)) == 0
    assert asked(times, timedelta(minutes=6)) == 1
    assert asked(times, timedelta(hours=22)) == 1
    assert asked(times, timedelta(hours=23)) == 0
    assert asked(times, timedelta(hours=2)) == 1
    payout.refresh_from_db()
    assert (payout.status, payout.unanswered_since) == ("PROCESSING", since)
    assert told(admin).count(("SYSTEM", "payout_unanswered")) == 1
    assert LogEntry.objects.filter(type="PAYOUT_UNANSWERED").count() == 1


def test_paid_ones_are_not_asked_for_all_the_time(times, creator, admin):
    """PO-7: they may still come back, but nobody has to look."""
    earned_calls(times, creator, 10000)
    assert arrive(times, pay_out(creator)).status == "PAID"
    disconnect(times, creator)
    assert asked(times, timedelta(hours=13)) == 1
    assert asked(times, timedelta(minutes=20)) == 0
    assert told(admin) == []


@pytest.mark.parametrize(("outcome", "status"), [("paid", "PAID"), ("failed", "FAILED")])
def test_an_admin_notes_how_it_ended(times, creator, admin, outcome, status):
    """PO-7: the same entries as by Stripe's news, with who noted it and why."""
    (call,) = earned_calls(times, creator, 10000)
    payout = unanswered(times, creator)
    payout = end(payout, outcome, admin)
    assert history(payout) == ["APPROVED", "PROCESSING", status]
    last = payout.audit.last()
    assert (last.actor_id, last.reason) == (admin.pk, "The bank's statement of 3 May")
    noted = LogEntry.objects.get(type="PAYOUT_ENDED_BY_HAND")
    assert (noted.actor_id, noted.metadata["note"]) == (admin.pk, "The bank's statement of 3 May")
    keys = set(Entry.objects.filter(payout_id=payout.pk).values_list("key", flat=True))
    end_key = {"paid": "payout_paid", "failed": "payout_failure"}[outcome]
    assert keys == {f"payout:{payout.stripe_payout_id}", f"{end_key}:{payout.stripe_payout_id}"}
    now = totals(creator)
    if outcome == "paid":
        assert (now.paid, now.in_payout, now.earned) == (SHARE, 0, 0)
        assert payout_of_payment(call) == (payout.pk, "PAID", True)
    else:
        assert (now.paid, now.in_payout, now.earned) == (0, 0, SHARE)
        assert payout_of_payment(call) == (None, "", False)
    assert ledger.unbalanced_entries() == []
    with pytest.raises(PayoutDecidedError):
        end(payout, outcome, admin)


def test_what_cannot_be_noted(times, creator, admin):
    """PO-7: without a note, of one that Stripe still speaks of, of one that is not there: nothing changes."""
    earned_calls(times, creator, 10000)
    payout = pay_out(creator)
    with pytest.raises(StripeAnswersError):
        end(payout, "paid", admin)
    with pytest.raises(ReasonMissingError):
        end(payout, "failed", admin, note="  ")
    with pytest.raises(PayoutNotFoundError):
        end_by_hand(payout_id=new_id(), outcome="paid", note="x", admin=admin, now=clock.now())
    payout.refresh_from_db()
    assert (payout.status, totals(creator).in_payout) == ("PROCESSING", SHARE)

"""Payouts that wait for an admin: PO-1, PO-2, PO-4."""

import pytest

from callastar.audit.operations import Actor
from callastar.core import clock
from callastar.core.ids import new_id
from callastar.notifications.models import Notification
from callastar.payouts.models import BlockReason, Frequency, Payout, PayoutAuditLog, PayoutPolicy
from callastar.payouts.operations.decide import approve_payout, cancel_payout, reject_payout
from callastar.payouts.operations.plan import request_payout
from callastar.payouts.operations.policy import block_payouts, unblock_payouts
from callastar.payouts.refusals import (
    PayoutDecidedError,
    PayoutNotFoundError,
    PayoutObstacleError,
    ReasonMissingError,
)
from tests.factories import make_creator, make_user
from tests.integration.payouts.payout_world import (
    SHARE,
    arrive,
    at_stripe_payouts,
    due,
    earned_calls,
    history,
    items,
    mails_of,
    pay_out,
    run_schedule,
    set_policy,
    told,
)
from tests.jobs import run_jobs
from tests.money_world import assert_ledger_equals_stripe, drain

pytestmark = pytest.mark.django_db(transaction=True)


def ask(creator, currency="EUR") -> Payout:
    return request_payout(creator=creator, currency=currency, now=clock.now())


def approve(payout, admin) -> Payout:
    found = approve_payout(payout_id=payout.pk, admin=admin, now=clock.now())
    assert run_jobs() == []
    found.refresh_from_db()
    return found


def assert_nothing_changed(payout) -> None:
    status, entries = payout.status, payout.audit.count()
    payout.refresh_from_db()
    assert (payout.status, payout.audit.count()) == (status, entries)
    assert run_jobs() == []


def test_the_platform_wants_to_see_a_creators_payouts(times, creator, admin):
    """PO-1, PO-4: nothing leaves before an admin agrees; admins and creator are told of each step."""
    (call,) = earned_calls(times, creator, 10000)
    set_policy(creator, requires_approval=True)
    payout = pay_out(creator)
    assert (payout.status, payout.trigger, payout.amount) == ("REQUESTED", "SCHEDULE", SHARE)
    assert payout.requested_at
    assert at_stripe_payouts(creator) == []
    assert mails_of(admin) == ["payout_requested_admin"]
    assert told(admin) == [("PAYOUT_REQUEST", "")]
    due(creator)
    assert run_schedule() == [], "one at a time"

    payout = approve(payout, admin)
    assert (payout.status, payout.approved_by) == ("PROCESSING", admin)
    assert len(at_stripe_payouts(creator)) == 1
    payout = arrive(times, payout)
    assert history(payout) == ["REQUESTED", "APPROVED", "PROCESSING", "PAID"]
    assert [each.actor_id for each in payout.audit.order_by("at", "id")][1] == admin.pk
    assert mails_of(creator.user) == ["payout_requested", "payout_approved", "payout_paid"]
    assert {("PAYOUT_APPROVED", ""), ("PAYOUT_COMPLETED", "")} <= set(told(creator.user))
    assert items(payout) == {call.payment_id: SHARE}
    assert_ledger_equals_stripe([creator])
    for decide in (lambda: approve(payout, admin), lambda: cancel(payout, creator.user)):
        with pytest.raises(PayoutDecidedError):
            decide()
        assert_nothing_changed(payout)


def cancel(payout, user) -> Payout:
    return cancel_payout(payout_id=payout.pk, user=user, now=clock.now())


def test_who_asks_by_hand_waits_for_an_admin(times, creator, admin):
    """PO-1, PO-4: MANUAL is never run by the schedule; a rejection has its reason, and the creator may ask again."""
    set_policy(creator, frequency=Frequency.MANUAL, next_payout_at=None)
    with pytest.raises(PayoutObstacleError) as nothing:
        ask(creator)
    assert nothing.value.code == "nothing_payable"
    earned_calls(times, creator, 10000)
    assert run_schedule() == []
    payout = ask(creator)
    assert (payout.status, payout.trigger) == ("REQUESTED", "REQUEST")
    assert PayoutAuditLog.objects.get().actor_id == creator.user_id
    with pytest.raises(PayoutObstacleError) as twice:
        ask(creator)
    assert (twice.value.code, Payout.objects.count()) == ("payout_in_progress", 1)

    with pytest.raises(ReasonMissingError):
        reject_payout(payout_id=payout.pk, admin=admin, reason="  ", now=clock.now())
    assert_nothing_changed(payout)
    reject_payout(payout_id=payout.pk, admin=admin, reason=" Please call us. ", now=clock.now())
    payout.refresh_from_db()
    assert (payout.status, payout.reason) == ("REJECTED", "Please call us.")
    assert payout.rejected_at
    assert mails_of(creator.user) == ["payout_requested", "payout_rejected"]
    assert told(creator.user)[-1] == ("PAYOUT_FAILED", "rejected")
    with pytest.raises(PayoutDecidedError):
        approve(payout, admin)

    again = ask(creator)
    assert cancel(again, creator.user).status == "CANCELED"
    assert again.audit.last().actor_id == creator.user_id
    with pytest.raises(PayoutDecidedError):
        reject_payout(payout_id=again.pk, admin=admin, reason="no", now=clock.now())
    assert arrive(times, approve(ask(creator), admin)).status == "PAID"


def test_the_platform_may_let_creators_have_what_they_ask_for(settings, times, creator):
    """PO-1: the platform's setting."""
    settings.PAYOUT_MANUAL_NEEDS_APPROVAL = False
    set_policy(creator, frequency=Frequency.MANUAL, next_payout_at=None)
    earned_calls(times, creator, 10000)
    payout = ask(creator)
    assert run_jobs() == []
    assert history(arrive(times, payout)) == ["APPROVED", "PROCESSING", "PAID"]


def test_large_payouts_wait(settings, times, creator, admin):
    """PO-1: above an amount, exactly at it they leave."""
    settings.PAYOUT_APPROVAL_ABOVE = SHARE
    earned_calls(times, creator, 10000)
    assert arrive(times, pay_out(creator)).status == "PAID"
    earned_calls(times, creator, 10100)
    assert pay_out(creator).status == "REQUESTED"


def test_it_is_computed_again_when_it_is_approved(times, creator, admin):
    """PO-2: what was refunded in between does not leave."""
    first, second = earned_calls(times, creator, 10000, 10000)
    payout = ask(creator)
    assert payout.amount == 2 * SHARE
    first.refund(10000)
    payout = approve(payout, admin)
    assert (payout.amount, items(payout)) == (SHARE, {second.payment_id: SHARE})
    arrive(times, payout)
    assert_ledger_equals_stripe([creator])


@pytest.mark.parametrize(
    ("refund", "reason"),
    [(10000, "nothing is payable any more"), (9500, "what is payable now is below the minimum")],
)
def test_too_little_is_left_when_it_is_approved(times, creator, admin, refund, reason):
    """PO-2: it ends as CANCELED with its reason, and nothing is sent."""
    (call,) = earned_calls(times, creator, 10000)
    payout = ask(creator)
    call.refund(refund)
    payout = approve(payout, admin)
    assert (payout.status, payout.reason) == ("CANCELED", reason)
    assert history(payout) == ["REQUESTED", "CANCELED"]
    assert told(creator.user)[-1] == ("PAYOUT_FAILED", "canceled")
    assert PayoutPolicy.objects.get().retry_at is None, "who asked may ask again"
    assert at_stripe_payouts(creator) == []


def test_what_was_approved_and_is_not_made_is_told(times, creator, admin):
    """PO-4, PO-7: the creator and the admins read that nothing leaves after all, and why."""
    earned_calls(times, creator, 10000)
    payout = ask(creator)
    drain(creator)
    payout = approve(payout, admin)
    assert (payout.status, payout.reason) == ("CANCELED", "Stripe has too little: 0 available")
    assert told(creator.user)[-1] == ("PAYOUT_FAILED", "canceled")
    assert ("PAYOUT_FAILED", "admin_canceled") in told(admin)
    for person in (creator.user, admin):
        row = Notification.objects.get(recipient=person, type="PAYOUT_FAILED")
        assert row.params["reason_code"] == "little_at_stripe"


def test_nothing_is_approved_against_a_block(times, creator, admin):
    """PO-2, PO-6: the obstacle is named, the payout waits on."""
    earned_calls(times, creator, 10000)
    payout = ask(creator)
    block_payouts(creator_id=creator.pk, reason=BlockReason.REVIEW, note="One moment", actor=Actor.of(admin))
    with pytest.raises(PayoutObstacleError) as refused:
        approve(payout, admin)
    assert refused.value.code == "blocked"
    assert_nothing_changed(payout)
    unblock_payouts(creator_id=creator.pk, actor=Actor.of(admin), now=clock.now())
    assert approve(payout, admin).status == "PROCESSING"


def test_payouts_that_are_not_there_or_somebody_elses(times, creator, admin):
    """PO-4: unknown and foreign ones are the same 404, and nothing changes."""
    earned_calls(times, creator, 10000)
    payout, other = ask(creator), make_creator()
    unknown = new_id()
    for decide in (
        lambda: approve_payout(payout_id=unknown, admin=admin, now=clock.now()),
        lambda: reject_payout(payout_id=unknown, admin=admin, reason="no", now=clock.now()),
        lambda: cancel_payout(payout_id=unknown, user=creator.user, now=clock.now()),
        lambda: cancel(payout, other.user),
        lambda: cancel(payout, make_user()),
    ):
        with pytest.raises(PayoutNotFoundError) as refused:
            decide()
        assert refused.value.status == 404
    assert_nothing_changed(payout)

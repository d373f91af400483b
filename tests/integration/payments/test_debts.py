"""Debts of creators: from the own transfer, by hand, above the threshold (RE-2, RE-3)."""

from datetime import timedelta

import pytest
from django.db import transaction

from callastar.audit.operations import Actor
from callastar.core import clock
from callastar.core.errors import Refusal
from callastar.ledger.models import Account
from callastar.ledger.queries import account_total
from callastar.mail.models import EmailLog
from callastar.notifications.models import Notification, NotificationType
from callastar.payments.models import Debt, DebtSettlement, Dispute, SettlementMethod, TransferReversal
from callastar.payments.operations.chase import chase_money
from callastar.payments.operations.debts import open_debt, open_debts, settle_manually
from callastar.payments.operations.execute import execute_reversal, recover_debts
from callastar.payments.operations.recording import lock_payment
from callastar.payments.operations.reversals import claim_for_debt
from tests.jobs import run_jobs
from tests.money_world import (
    assert_ledger_equals_stripe,
    assert_money_is_conserved,
    drain,
    pay_for_call,
    settle_events,
)

pytestmark = pytest.mark.django_db(transaction=True)


def indebted(sandbox, creator, *amounts):
    """Calls that were refunded in full after their money had left the account, one after the other."""
    paid = [pay_for_call(sandbox, creator, price=amount) for amount in amounts]
    gone = sum(each.payment.creator_amount for each in paid)
    drain(creator, amount=gone)
    for each in paid:
        each.refund(each.payment.amount)
    return paid, gone


def test_it_is_taken_from_its_own_transfer_once_the_account_has_money_again(at_stripe, creator):
    """RE-3: oldest first, by reversal, as much as there is, not more."""
    _, gone = indebted(at_stripe, creator, 10000, 5000)
    first, second = Debt.objects.order_by("created_at")
    assert (first.amount, second.amount) == (8180, 4075)
    pay_for_call(at_stripe, creator, price=12000)  # 12000 - 1800 - 378
    assert recover_debts(creator_id=creator.pk, now=clock.now()) == 2
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.status, first.reconciled_by, second.settled_amount) == (
        "SETTLED",
        "TRANSFER_REVERSAL",
        9822 - 8180,
    )
    assert open_debt(creator.pk, "EUR") == second.remaining == 4075 - (9822 - 8180)
    assert_ledger_equals_stripe([creator], gone={creator.pk: gone})
    assert_money_is_conserved([creator], gone=gone)
    told = Notification.objects.filter(type=NotificationType.DEBT_DEDUCTED, recipient=creator.user)
    assert told.count() == EmailLog.objects.filter(template="debt_deducted").count() == 2
    assert recover_debts(creator_id=creator.pk, now=clock.now()) == 0, "the account is empty"


def test_a_job_that_was_lost_is_made_up_for(at_stripe, creator):
    """RE-3, PW-1: what is owed is tried again, once an hour, while its own payment has something in the account."""
    _, gone = indebted(at_stripe, creator, 10000)
    debt = Debt.objects.get()
    for minutes, asked in ((0, 0), (2, 1), (61, 0), (63, 1)):
        with clock.shifted(timedelta(minutes=minutes)):
            assert chase_money(now=clock.now()) == {"asked": asked, "failed": 0}, minutes
    debt.refresh_from_db()
    assert (debt.settled_amount, TransferReversal.objects.count()) == (0, 0), "the account is empty"
    pay_for_call(at_stripe, creator, price=12000)
    with clock.shifted(timedelta(minutes=130)):
        chase_money(now=clock.now())
    debt.refresh_from_db()
    assert (debt.status, debt.reconciled_by) == ("SETTLED", "TRANSFER_REVERSAL")
    with clock.shifted(timedelta(minutes=200)):
        assert chase_money(now=clock.now())["asked"] == 0
    assert_ledger_equals_stripe([creator], gone={creator.pk: gone})
    assert_money_is_conserved([creator], gone=gone)


@pytest.mark.parametrize("lost", [None, "drop_before", "drop_after"])
def test_it_is_taken_from_two_transfers_when_none_has_it_all(at_stripe, creator, lost):
    """RE-3, RE-4: what a won dispute gave back came with a transfer of its own; each gives what it has, once."""
    paid = pay_for_call(at_stripe, creator)
    pay_for_call(at_stripe, creator, price=20000)
    found = at_stripe.control("POST", "disputes", {"charge": paid.charge_id, "amount": 5000})["id"]
    settle_events(at_stripe)
    at_stripe.control("POST", f"disputes/{found}/close", {"status": "won"})
    settle_events(at_stripe)
    share = Dispute.objects.get().share
    if lost:
        fault = {"match": "POST /v1/transfers/*/reversals", "kind": lost, "times": 4}
        at_stripe.control("POST", "faults", fault)
    assert paid.refund(10000).status == "SUCCEEDED"
    with clock.shifted(timedelta(minutes=2)):
        chase_money(now=clock.now())
    debt = Debt.objects.get()
    assert (debt.amount, debt.status, debt.settled_amount) == (8180, "SETTLED", 8180)
    taken = debt.reversals.values_list("amount", "status", "source_transfer").order_by("-amount")
    assert [(amount, status) for amount, status, _ in taken] == [
        (10000 - share, "SUCCEEDED"),
        (8180 - (10000 - share), "SUCCEEDED"),
    ]
    assert len({source for _, _, source in taken}) == 2
    assert "EARNINGS" not in paid.sums()
    assert_ledger_equals_stripe([creator])
    assert_money_is_conserved([creator])


def test_it_is_settled_by_hand(at_stripe, creator, admin):
    """RE-3: in parts, with a note; never more than is owed; refusals change nothing."""
    _, gone = indebted(at_stripe, creator, 10000)
    debt, actor, now = Debt.objects.get(), Actor.of(admin), clock.now()
    for amount, note, code in ((8181, "x", "settlement_too_large"), (0, "x", "settlement_too_large"),
                               (-1, "x", "settlement_too_large"), (1, "  ", "note_missing")):  # fmt: skip
        with pytest.raises(Refusal, match=code):
            settle_manually(debt_id=debt.pk, amount=amount, note=note, actor=actor, now=now)
    assert not DebtSettlement.objects.exists()
    settle_manually(debt_id=debt.pk, amount=8000, note="bank transfer", actor=actor, now=now)
    assert open_debt(creator.pk, "EUR") == 180
    settle_manually(debt_id=debt.pk, amount=180, note="forgiven", actor=actor, now=now)
    debt.refresh_from_db()
    assert (debt.status, debt.reconciled_by, debt.settled_at) == ("SETTLED", "MANUAL", now)
    assert [(each.note, each.actor_id) for each in DebtSettlement.objects.order_by("amount")] == [
        ("forgiven", admin.pk),
        ("bank transfer", admin.pk),
    ]
    assert account_total(Account.SETTLED_OUTSIDE, "EUR") == 8180
    assert_money_is_conserved([creator], gone=gone)


def test_what_is_being_taken_cannot_be_settled_by_hand_as_well(at_stripe, creator, admin):
    """RE-3: nothing is settled twice."""
    indebted(at_stripe, creator, 10000)
    debt, other = Debt.objects.get(), pay_for_call(at_stripe, creator)
    with transaction.atomic():
        claim = claim_for_debt(
            debt=debt, payment=lock_payment(other.payment_id), amount=8000,
            method=SettlementMethod.PAYOUT_DEDUCTION, now=clock.now(),
        )  # fmt: skip
    assert [left for _, left in open_debts(creator.pk, "EUR")] == [180]
    with pytest.raises(Refusal, match="settlement_too_large"):
        settle_manually(debt_id=debt.pk, amount=181, note="x", actor=Actor.of(admin), now=clock.now())
    execute_reversal(reversal_id=claim.pk, now=clock.now())
    debt.refresh_from_db()
    assert (debt.settled_amount, debt.reconciled_by) == (8000, "PAYOUT_DEDUCTION")


def test_above_the_threshold_people_are_told_once(settings, at_stripe, creator, admin):
    """RE-3: exactly at it nobody is."""
    settings.DEBT_THRESHOLD = 8180
    indebted(at_stripe, creator, 10000)
    kind = NotificationType.DEBT_THRESHOLD_EXCEEDED
    assert not Notification.objects.filter(type=kind).exists()
    indebted(at_stripe, creator, 1000)
    indebted(at_stripe, creator, 1000)
    assert run_jobs() == []
    told = Notification.objects.filter(type=kind).values_list("recipient", flat=True)
    assert sorted(told, key=str) == sorted([creator.user_id, admin.pk], key=str)
    mails = EmailLog.objects.filter(template__startswith="debt_threshold").values_list("template", "to")
    assert sorted(mails) == [
        ("debt_threshold_exceeded", creator.user.email),
        ("debt_threshold_exceeded_admin", admin.email),
    ]

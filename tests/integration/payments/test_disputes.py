"""Disputes at Stripe's sandbox, from the bank's question to its decision (RE-4, LE-1, LE-2)."""

from datetime import timedelta

import pytest
from django.db import transaction

from callastar.audit.operations import SYSTEM, Actor
from callastar.core import clock
from callastar.core.errors import ProviderError, ProviderTrouble, Refusal
from callastar.ledger.models import Account
from callastar.ledger.queries import account_total
from callastar.mail.models import EmailLog
from callastar.notifications.models import Notification, NotificationType
from callastar.payments.models import (
    Debt,
    Dispute,
    Refund,
    RefundCause,
    Restitution,
    SettlementMethod,
    TransferReversal,
)
from callastar.payments.operations.chase import chase_money
from callastar.payments.operations.debts import settle_manually
from callastar.payments.operations.disputes import (
    fail_restitution,
    retry_restitution,
    save_evidence,
    submit_evidence,
)
from callastar.payments.operations.execute import execute_reversal
from callastar.payments.operations.money import sync_charge
from callastar.payments.operations.recording import lock_payment
from callastar.payments.operations.refunds import request_refund
from callastar.payments.operations.reversals import claim_for_debt
from callastar.providers.stripe import disputes as at_the_bank
from callastar.providers.stripe import gateway
from callastar.providers.stripe.client import call
from callastar.webhooks.operations.inbox import store_stripe_event
from tests.jobs import OUTSIDE, empty_queue, run_jobs
from tests.money_world import (
    assert_ledger_equals_stripe,
    assert_money_is_conserved,
    canonical,
    drain,
    pay_for_call,
    settle_events,
)

pytestmark = pytest.mark.django_db(transaction=True)


def dispute(sandbox, paid, **body) -> str:
    """The fan's bank takes the money back, and the news come; the dispute's id at Stripe."""
    found = sandbox.control("POST", "disputes", {"charge": paid.charge_id, **body})["id"]
    settle_events(sandbox)
    return found


def decide(sandbox, dispute_id, status, **settling) -> Dispute:
    sandbox.control("POST", f"disputes/{dispute_id}/close", {"status": status})
    settle_events(sandbox, **settling)
    return Dispute.objects.get(stripe_dispute_id=dispute_id)


def mails() -> list[tuple[str, str]]:
    return sorted(EmailLog.objects.filter(template__startswith="dispute").values_list("template", "to"))


def agree(creator, gone=0) -> None:
    assert_ledger_equals_stripe([creator], gone={creator.pk: gone})
    assert_money_is_conserved([creator], gone=gone)


def test_a_dispute_freezes_the_payment_and_takes_the_creators_share(at_stripe, creator, admin):
    """RE-4: from the own transfer; creator and admins are told; no refund meanwhile."""
    paid = pay_for_call(at_stripe, creator)
    dispute(at_stripe, paid)
    found = Dispute.objects.get()
    assert (found.amount, found.share, found.status) == (10000, 8180, "needs_response")
    assert found.evidence_due_by is not None
    assert paid.payment.status == "DISPUTED"
    assert list(TransferReversal.objects.values_list("amount", "purpose", "status")) == [
        (8180, "DISPUTE", "SUCCEEDED")
    ]
    sums = paid.sums()
    assert (sums["DISPUTE_RESERVE"], sums["DISPUTED"], sums.get("EARNINGS", 0)) == (-8180, 10000, 0)
    agree(creator)
    assert mails() == [("dispute_opened", creator.user.email), ("dispute_opened_admin", admin.email)]
    with pytest.raises(Refusal, match="payment_disputed"), transaction.atomic():
        request_refund(payment=lock_payment(paid.payment_id), amount=1, cause=RefundCause.ADMIN)
    assert not Refund.objects.exists()


@pytest.mark.parametrize("gone", [0, 8180])
def test_a_dispute_that_is_won_gives_everything_back(at_stripe, creator, gone):
    """RE-4: the share is transferred back, or the debt cancelled; afterwards the payment can be refunded."""
    paid = pay_for_call(at_stripe, creator)
    pay_for_call(at_stripe, creator, price=20000)  # the platform has something to give back with
    if gone:
        drain(creator)
        gone = 8180 + 16_390
    found = dispute(at_stripe, paid)
    agree(creator, gone)
    assert [debt.amount for debt in Debt.objects.all()] == ([8180] if gone else [])
    won = decide(at_stripe, found, "won")
    assert (won.status, won.closed_at is not None, paid.payment.status) == ("won", True, "SUCCEEDED")
    assert paid.sums()["EARNINGS"] == -8180
    assert {"DISPUTE_RESERVE", "DISPUTED", "DEBT"}.isdisjoint(paid.sums())
    agree(creator, gone)
    assert ("dispute_closed", creator.user.email) in mails()
    with clock.shifted(timedelta(minutes=5)):
        assert chase_money(now=clock.now())["asked"] == 0, "what is settled is not asked about for ever"
    assert paid.refund(10000).status == "SUCCEEDED"
    agree(creator, gone)
    assert paid.payment.status == "REFUNDED"


def test_a_refund_after_a_won_dispute_owes_nothing_that_is_in_the_account(at_stripe, creator):
    """RE-3, RE-4: what was transferred back can be taken again, from that transfer."""
    paid = pay_for_call(at_stripe, creator)
    pay_for_call(at_stripe, creator, price=20000)
    decide(at_stripe, dispute(at_stripe, paid), "won")
    assert paid.refund(10000).status == "SUCCEEDED"
    assert [(debt.amount, debt.status) for debt in Debt.objects.all()] == [(8180, "SETTLED")]
    assert "EARNINGS" not in paid.sums()
    agree(creator)
    before = canonical()
    settle_events(at_stripe, times=2, order="shuffled")
    assert canonical() == before


@pytest.mark.parametrize("payer", ["platform", "creator"])
def test_a_dispute_that_is_lost(settings, at_stripe, creator, payer):
    """RE-4: the fan keeps the money; the fee is the platform's unless set otherwise."""
    settings.DISPUTE_FEE_PAYER = payer
    paid = pay_for_call(at_stripe, creator)
    found = dispute(at_stripe, paid)
    decide(at_stripe, found, "lost", times=2, order="shuffled")
    sums = paid.sums()
    assert {"EARNINGS", "COMMISSION", "PROCESSING_FEES", "DISPUTE_RESERVE", "DISPUTED"}.isdisjoint(sums)
    assert (paid.payment.status, paid.payment.refunded_amount) == ("DISPUTED", 0)
    fees = list(Debt.objects.values_list("cause", "status"))
    assert fees == ([("DISPUTE_FEE", "OPEN")] if payer == "creator" else [])
    agree(creator)
    assert ("dispute_closed", creator.user.email) in mails()
    with pytest.raises(Refusal, match="refund_too_large"), transaction.atomic():
        request_refund(payment=lock_payment(paid.payment_id), amount=1, cause=RefundCause.ADMIN)


def test_a_partial_dispute_after_a_partial_refund(at_stripe, creator):
    """RE-4, RE-1: the share is that of a refund on top of the refund; what is left can be refunded after a loss."""
    paid = pay_for_call(at_stripe, creator)
    paid.refund(3333)
    found = dispute(at_stripe, paid, amount=2000)
    # 53.33 of 100.00 gives 9.71 of the fee back, 33.33 gave 6.07: 2000 - 364
    assert Dispute.objects.get().share == 1636
    agree(creator)
    decide(at_stripe, found, "lost")
    assert paid.payment.status == "PARTIALLY_REFUNDED"
    assert paid.sums()["EARNINGS"] == -(8180 - (5333 - 971))
    agree(creator)
    with pytest.raises(Refusal, match="refund_too_large"), transaction.atomic():
        request_refund(payment=lock_payment(paid.payment_id), amount=4668, cause=RefundCause.ADMIN)


def test_an_inquiry_takes_no_money_until_it_becomes_a_dispute(at_stripe, creator):
    """RE-4: frozen all the same; it can be answered by a refund."""
    paid = pay_for_call(at_stripe, creator)
    found = dispute(at_stripe, paid, status="warning_needs_response")
    assert (Dispute.objects.get().share, paid.payment.status) == (None, "DISPUTED")
    assert paid.sums()["EARNINGS"] == -8180
    assert paid.refund(2500).status == "SUCCEEDED"
    agree(creator)
    at_stripe.control("POST", f"disputes/{found}/escalate")
    settle_events(at_stripe)
    agree(creator)
    row = Dispute.objects.get()
    assert (row.status, row.share) == ("needs_response", 6135)
    with pytest.raises(Refusal, match="payment_disputed"), transaction.atomic():
        request_refund(payment=lock_payment(paid.payment_id), amount=1, cause=RefundCause.ADMIN)


def test_an_inquiry_that_is_closed(at_stripe, creator):
    """RE-4: nothing was taken, nothing comes back."""
    paid = pay_for_call(at_stripe, creator)
    found = dispute(at_stripe, paid, status="warning_needs_response")
    assert decide(at_stripe, found, "won").status == "warning_closed"
    assert paid.payment.status == "SUCCEEDED"
    assert not Restitution.objects.exists()
    agree(creator)


def test_won_after_part_of_its_debt_was_settled_from_another_payment(at_stripe, creator):
    """RE-4, RE-3: each payment gets back what was taken from it."""
    paid, other = pay_for_call(at_stripe, creator), pay_for_call(at_stripe, creator, price=20000)
    drain(creator, amount=8180 + 16390)
    found = dispute(at_stripe, paid)
    third = pay_for_call(at_stripe, creator, price=5000)
    debt = Debt.objects.get()
    with transaction.atomic():
        claim = claim_for_debt(
            debt=debt,
            payment=lock_payment(third.payment_id),
            amount=3000,
            method=SettlementMethod.PAYOUT_DEDUCTION,
            now=clock.now(),
        )
    execute_reversal(reversal_id=claim.pk, now=clock.now())
    settle_manually(debt_id=debt.pk, amount=180, note="paid in cash", actor=SYSTEM, now=clock.now())
    earned = third.sums()["EARNINGS"] - 3000
    decide(at_stripe, found, "won")
    assert Restitution.objects.get().amount == 3180
    assert third.sums()["EARNINGS"] == earned
    debt.refresh_from_db()
    assert (debt.status, debt.settled_amount) == ("CANCELLED", 3180)
    assert other.sums()["EARNINGS"] == -16390
    agree(creator, 8180 + 16390)


@pytest.mark.parametrize(("forgiven", "cash"), [(180, 1000), (8000, 180), (8180, 0)])
@pytest.mark.parametrize("job_is_lost", [False, True])
def test_what_was_forgiven_is_not_given_back(at_stripe, creator, admin, forgiven, cash, job_is_lost):
    """RE-4, RE-3: only what a creator paid for a dispute comes back to them when it is won."""
    paid = pay_for_call(at_stripe, creator)
    pay_for_call(at_stripe, creator, price=20000)
    gone = 8180 + 16_390
    drain(creator)
    found = dispute(at_stripe, paid)
    debt, actor = Debt.objects.get(), Actor.of(admin)
    settle_manually(
        debt_id=debt.pk, amount=forgiven, note="forgiven", actor=actor, now=clock.now(), forgiven=True
    )
    if cash:
        settle_manually(debt_id=debt.pk, amount=cash, note="cash", actor=actor, now=clock.now())
    agree(creator, gone)
    at_stripe.control("POST", f"disputes/{found}/close", {"status": "won"})
    sync_charge(charge_id=paid.charge_id, now=clock.now())
    if job_is_lost:
        empty_queue()
        with clock.shifted(timedelta(minutes=2)):
            assert chase_money(now=clock.now())["failed"] == 0
    assert run_jobs() == []
    debt.refresh_from_db()
    assert debt.status == "CANCELLED"
    assert [row.amount for row in Restitution.objects.all()] == ([cash] if cash else [])
    assert {"DISPUTE_RESERVE", "DISPUTED", "DEBT"}.isdisjoint(paid.sums())
    assert account_total(Account.SETTLED_OUTSIDE, "EUR") == cash
    agree(creator, gone)
    with clock.shifted(timedelta(hours=2)):
        assert chase_money(now=clock.now())["asked"] == 0


def test_an_open_dispute_is_asked_about_every_six_hours(at_stripe, creator):
    """WH-3: also when its news are lost; by the same clock as everything else."""
    paid = pay_for_call(at_stripe, creator)
    dispute(at_stripe, paid)
    for hours, asked in ((5, 0), (7, 1), (12, 0), (14, 1)):
        with clock.shifted(timedelta(hours=hours)):
            assert chase_money(now=clock.now())["asked"] == asked, hours


def test_every_failure_of_a_restitution_is_told(at_stripe, creator, admin):
    """PO-7: the second one as well, after an admin has tried again."""
    paid = pay_for_call(at_stripe, creator)
    found = dispute(at_stripe, paid)
    at_stripe.control("POST", f"disputes/{found}/close", {"status": "won"})
    sync_charge(charge_id=paid.charge_id, now=clock.now())
    assert run_jobs(but=(*OUTSIDE, "payments.execute_restitution")) == []
    row = Restitution.objects.get()
    for _ in range(2):
        fail_restitution(restitution_id=row.pk, reason="account closed", now=clock.now())
        fail_restitution(restitution_id=row.pk, reason="account closed", now=clock.now())
        retry_restitution(restitution_id=row.pk, actor=Actor.of(admin), now=clock.now())
    assert Notification.objects.filter(type=NotificationType.TRANSFER_FAILED, recipient=admin).count() == 2


def test_evidence_that_stripe_refuses(monkeypatch, at_stripe, creator, admin):
    """RE-4: the admin sees what Stripe has against it, and can send other evidence."""
    paid = pay_for_call(at_stripe, creator)
    dispute(at_stripe, paid)
    row, evidence = Dispute.objects.get(), {"uncategorized_text": "100% true"}
    for code, expected in (
        ("", "evidence_refused"),
        ("parameter_invalid", "evidence_refused"),
        ("dispute_already_closed", "dispute_not_open"),
    ):
        error = ProviderError("stripe", ProviderTrouble.PERMANENT, code, "Too long by 100%.")

        def refuse(error: ProviderError = error, **_: object) -> None:
            raise error

        with monkeypatch.context() as patch:
            patch.setattr(at_the_bank, "submit_evidence", refuse)
            with pytest.raises(Refusal, match=expected) as refused:
                submit_evidence(dispute_id=row.pk, evidence=evidence, actor=Actor.of(admin), now=clock.now())
        assert ("Too long by 100%." in refused.value.detail) == (expected == "evidence_refused")
        row.refresh_from_db()
        assert row.evidence_submitted_at is None
    submit_evidence(dispute_id=row.pk, evidence=evidence, actor=Actor.of(admin), now=clock.now())
    row.refresh_from_db()
    assert row.evidence_submitted_at is not None


def test_a_platform_that_cannot_give_back_yet(at_stripe, creator, admin):
    """RE-4, PO-7: it is tried again until the balance reaches; after a day an admin is told, and can try again."""
    paid = pay_for_call(at_stripe, creator)
    found = dispute(at_stripe, paid)
    at_stripe.control("POST", "balance", {"account": None, "currency": "eur", "amount": -9000})
    at_stripe.control("POST", f"disputes/{found}/close", {"status": "won"})
    paid_jobs = _settle_expecting_failure(at_stripe)
    assert paid_jobs == ["payments.execute_restitution"]
    restitution = Restitution.objects.get()
    assert (restitution.status, restitution.tries > 1) == ("PENDING", True)
    at_stripe.control("POST", "balance", {"account": None, "currency": "eur", "amount": 9000})
    with clock.shifted(timedelta(minutes=5)):
        assert chase_money(now=clock.now())["failed"] == 0
    restitution.refresh_from_db()
    assert restitution.status == "SUCCEEDED"
    assert paid.sums()["EARNINGS"] == -8180
    agree(creator)


def _settle_expecting_failure(sandbox) -> list[str]:
    for event in reversed(list(gateway.events_since(since=clock.now() - timedelta(days=1)))):
        store_stripe_event(event=event, now=clock.now())
    return run_jobs()


@pytest.mark.parametrize(("text", "status"), [("winning_evidence", "won"), ("losing_evidence", "lost")])
def test_evidence_goes_to_the_bank(at_stripe, creator, admin, text, status):
    """RE-4: once; sent twice it is the same; what was sent cannot be changed."""
    paid = pay_for_call(at_stripe, creator)
    dispute(at_stripe, paid)
    row, evidence = Dispute.objects.get(), {"uncategorized_text": text}
    save_evidence(dispute_id=row.pk, evidence={"uncategorized_text": "draft"}, actor=Actor.of(admin))
    for _ in range(2):
        sent = submit_evidence(dispute_id=row.pk, evidence=evidence, actor=Actor.of(admin), now=clock.now())
        assert (sent.evidence, sent.evidence_submitted_at is not None) == (evidence, True)
    with pytest.raises(Refusal, match="dispute_not_open"):
        submit_evidence(
            dispute_id=row.pk, evidence={"uncategorized_text": "x"}, actor=Actor.of(admin), now=clock.now()
        )
    row.refresh_from_db()
    assert row.evidence == evidence
    settle_events(at_stripe)
    row.refresh_from_db()
    assert row.status == "under_review"
    at_stripe.control("POST", "clock", {"advance": 11})
    for _ in range(100):
        if call(lambda c: c.v1.disputes.retrieve(row.stripe_dispute_id)).status == status:
            break
    settle_events(at_stripe)
    row.refresh_from_db()
    assert row.status == status
    agree(creator)


def test_a_dispute_that_nobody_answers_is_lost(at_stripe, creator, admin):
    """RE-4: its deadline has passed; evidence is refused."""
    paid = pay_for_call(at_stripe, creator)
    found = dispute(at_stripe, paid)
    decide(at_stripe, found, "lost")
    row = Dispute.objects.get()
    for act in (save_evidence, submit_evidence):
        more = {"now": clock.now()} if act is submit_evidence else {}
        with pytest.raises(Refusal, match="dispute_not_open"):
            act(dispute_id=row.pk, evidence={"uncategorized_text": "x"}, actor=Actor.of(admin), **more)
    row.refresh_from_db()
    assert (row.evidence, row.evidence_submitted_at) == ({}, None)


@pytest.mark.parametrize("status", ["won", "lost"])
def test_a_dispute_heard_of_only_when_it_is_over(at_stripe, creator, status):
    """WH-3, RE-4: the same money as if it had been told step by step; nobody is asked for evidence."""
    paid = pay_for_call(at_stripe, creator)
    found = at_stripe.control("POST", "disputes", {"charge": paid.charge_id})["id"]
    decide(at_stripe, found, status, order="shuffled", times=2)
    assert paid.sums().get("EARNINGS", 0) == (-8180 if status == "won" else 0)
    agree(creator)
    assert mails() == [("dispute_closed", creator.user.email)]

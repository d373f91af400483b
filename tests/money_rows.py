"""Money in states that somebody must look at: rows as the product leaves them, without asking Stripe for them."""

from datetime import timedelta
from uuid import uuid4

from django.db import transaction
from django.db.models import Model

from callastar.audit.operations import SYSTEM
from callastar.core import clock
from callastar.creators.models import Creator
from callastar.ledger.models import Account, Difference, Entry, EntryKind, ReconciliationRun, RunStatus
from callastar.ledger.operations import About, Posting, post
from callastar.payments.models import (
    Debt,
    DebtCause,
    Dispute,
    DisputeStatus,
    MoveStatus,
    Payment,
    Refund,
    RefundCause,
    RefundStatus,
    Restitution,
    ReversalPurpose,
    SettlementMethod,
    TransferReversal,
)
from callastar.payouts.models import Payout, PayoutPolicy, PayoutStatus, PayoutTrigger
from callastar.payouts.operations.policy import policy_of
from callastar.payouts.operations.transitions import note_creation
from callastar.webhooks.models import EventStatus, WebhookEvent


def earned(payment: Payment) -> Entry:
    """What the payment earned its creator, in the journal."""
    lines = [
        Posting(Account.FAN_FUNDS, payment.creator_amount),
        Posting(Account.EARNINGS, -payment.creator_amount),
    ]
    with transaction.atomic():
        entry = post(
            key=f"transfer:{payment.pk}",
            kind=EntryKind.TRANSFER,
            currency=payment.currency,
            lines=lines,
            now=clock.now(),
            about=About(payment.creator_id, payment.pk, payment.booking_id),
            reference=f"tr_{payment.pk.hex[:20]}",
        )
    assert entry
    return entry


def released(payment: Payment, *, ago: timedelta = timedelta(days=1)) -> Payment:
    """The call is over and the holding time has passed."""
    payment.call_settled_at = payment.payout_release_date = clock.now() - ago
    payment.save()
    return payment


def policy(creator: Creator) -> PayoutPolicy:
    """How the creator is paid."""
    return policy_of(creator, now=clock.now())


def waiting_payout(creator: Creator, *, amount: int = 4000, currency: str = "EUR") -> Payout:
    """Asked for, and not decided."""
    policy(creator)
    payout = Payout(
        creator=creator,
        currency=currency,
        amount=amount,
        status=PayoutStatus.REQUESTED,
        trigger=PayoutTrigger.REQUEST,
        stripe_account=creator.stripe_account_id,
    )
    note_creation(payout=payout, actor=SYSTEM, now=clock.now())
    return payout


def failed_refund(payment: Payment, *, amount: int = 1000, cause: str = RefundCause.ADMIN) -> Refund:
    """Never made at Stripe."""
    return Refund.objects.create(
        payment=payment,
        amount=amount,
        cause=cause,
        status=RefundStatus.FAILED,
        failure_reason="resource_missing",
    )


def open_dispute(payment: Payment, *, share: int = 0) -> Dispute:
    """Waits for an answer."""
    return Dispute.objects.create(
        payment=payment,
        stripe_dispute_id=f"dp_{uuid4().hex}",
        amount=payment.amount,
        status=DisputeStatus.NEEDS_RESPONSE,
        reason="fraudulent",
        share=share,
        evidence_due_by=clock.now() + timedelta(days=9),
        opened_at=clock.now(),
    )


def open_debt(payment: Payment, *, amount: int = 2500) -> Debt:
    """Owed for a refund that the platform paid, in rows and journal."""
    debt = Debt.objects.create(
        creator_id=payment.creator_id,
        payment=payment,
        cause=DebtCause.REFUND,
        amount=amount,
        currency=payment.currency,
    )
    with transaction.atomic():
        post(
            key=f"debt:{debt.pk}",
            kind=EntryKind.DEBT_MADE,
            currency=payment.currency,
            lines=[Posting(Account.DEBT, amount), Posting(Account.FAN_FUNDS, -amount)],
            now=clock.now(),
            about=About(payment.creator_id, payment.pk, payment.booking_id),
        )
    return debt


def failed_reversal(debt: Debt) -> TransferReversal:
    """Stripe did not take it back."""
    return TransferReversal.objects.create(
        payment=debt.payment,
        purpose=ReversalPurpose.DEBT,
        debt=debt,
        method=SettlementMethod.TRANSFER_REVERSAL,
        amount=debt.amount,
        status=MoveStatus.FAILED,
        failure_reason="balance_insufficient",
    )


def failed_restitution(dispute: Dispute) -> Restitution:
    """The creator has not got it back."""
    return Restitution.objects.create(
        dispute=dispute, amount=dispute.amount, status=MoveStatus.FAILED, failure_reason="account_invalid"
    )


def different_run() -> ReconciliationRun:
    """A comparison with Stripe that found something."""
    run = ReconciliationRun.objects.create(
        status=RunStatus.DIFFERENT, ended_at=clock.now(), compared={"charges": 3}
    )
    Difference.objects.create(run=run, kind="charge", stripe_id="ch_1", ours=100, theirs=None, currency="EUR")
    return run


def parked_event() -> WebhookEvent:
    """An event of a refund that Stripe does not know: it never works."""
    stripe_id = f"re_{uuid4().hex[:12]}"
    return WebhookEvent.objects.create(
        provider="stripe",
        event_id=f"evt_{uuid4().hex[:12]}",
        type="refund.updated",
        payload={"type": "refund.updated", "data": {"object": {"id": stripe_id}}},
        occurred_at=clock.now(),
        status=EventStatus.PARKED,
        attempts=1,
        error=f"ProviderError: No such refund: '{stripe_id}'",
    )


def everything(payment: Payment) -> list[Model]:
    """One of each, around a payment that was made; what the back office has pages for."""
    entry, payout = earned(payment), waiting_payout(Creator.objects.get(pk=payment.creator_id))
    debt, dispute = open_debt(payment), open_dispute(payment)
    return [
        payout,
        PayoutPolicy.objects.get(pk=payout.creator_id),
        payment,
        failed_refund(payment),
        dispute,
        failed_restitution(dispute),
        debt,
        failed_reversal(debt),
        entry,
        different_run(),
        parked_event(),
    ]

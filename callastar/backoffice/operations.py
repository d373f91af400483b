"""What admins decide about money: the decisions of the apps below, held against what the admin was shown."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from procrastinate.exceptions import AlreadyEnqueued

from callastar.accounts.models import User
from callastar.audit.operations import Actor, record
from callastar.backoffice.queries import foreseen
from callastar.backoffice.refusals import (
    ChangedMeanwhileError,
    ComparisonWaitsError,
    MoveNotFailedError,
    NoChargeError,
    NothingToRecoverError,
    RefundNotRetriedError,
)
from callastar.core.errors import ProviderError
from callastar.core.queue import defer
from callastar.payments.models import (
    Debt,
    DebtStatus,
    Dispute,
    MoveStatus,
    Payment,
    Refund,
    RefundCause,
    Restitution,
)
from callastar.payments.operations import disputes
from callastar.payments.operations.debts import lock_debt, settle_manually
from callastar.payments.operations.money import sync_charge
from callastar.payments.operations.names import RECOVER_DEBTS
from callastar.payments.operations.recording import lock_payment
from callastar.payments.operations.refunds import refundable, request_refund
from callastar.payments.queries import again_mark, is_unmade
from callastar.payments.refusals import DisputeNotOpenError, NoteMissingError
from callastar.payouts.models import Payout
from callastar.payouts.operations.decide import approve_payout
from callastar.payouts.operations.transitions import lock_payout

RECONCILE = "reconcile-ledger"


def approve(*, payout_id: UUID, expected: int, admin: User, now: datetime) -> Payout:
    """Agree to a payout of `expected` minor units.

    Raises `ChangedMeanwhileError` if it would be another amount now, and what `approve_payout` raises.
    """
    with transaction.atomic():
        _, payout = lock_payout(payout_id)
        if payout.status == "REQUESTED" and foreseen(payout=payout, now=now).amount != expected:
            raise ChangedMeanwhileError
        return approve_payout(payout_id=payout_id, admin=admin, now=now)


def refund(*, payment_id: UUID, amount: int, left: int, reason: str, admin: User) -> Refund:
    """Give `amount` (minor units) back, of the `left` that the admin saw: the same form sent twice refunds once.

    Raises `NoteMissingError`, `ChangedMeanwhileError`, and what `request_refund` raises.
    """
    if not reason.strip():
        raise NoteMissingError
    with transaction.atomic():
        payment = lock_payment(payment_id)
        if refundable(payment) != left:
            raise ChangedMeanwhileError
        return request_refund(
            payment=payment,
            amount=amount,
            cause=RefundCause.ADMIN,
            actor=Actor.of(admin),
            reason=reason.strip(),
        )


def retry_refund(*, refund_id: UUID, admin: User) -> Refund:
    """Ask again, once, for a refund that failed without being made: a new one of the same amount and cause.

    One for a late payment is unique by its cause: its second try is the admin's. Raises `RefundNotRetriedError`, and
    what `request_refund` raises.
    """
    with transaction.atomic():
        payment = lock_payment(Refund.objects.values_list("payment_id", flat=True).get(pk=refund_id))
        failed = Refund.objects.select_for_update().get(pk=refund_id)
        if not is_unmade(failed):
            raise RefundNotRetriedError
        cause = RefundCause.ADMIN if failed.cause == RefundCause.LATE_PAYMENT else RefundCause(failed.cause)
        return request_refund(
            payment=payment,
            amount=failed.amount,
            cause=cause,
            actor=Actor.of(admin),
            reason=f"{again_mark(failed)} {failed.reason}".strip(),
        )


def settle(
    *,
    debt_id: UUID,
    amount: int,
    remaining: int,
    note: str,
    admin: User,
    now: datetime,
    forgiven: bool = False,
) -> Debt:
    """Record that `amount` (minor units) of the `remaining` that the admin saw came back otherwise, or is `forgiven`.

    Raises `ChangedMeanwhileError`, and what `settle_manually` raises.
    """
    with transaction.atomic():
        if lock_debt(debt_id).remaining != remaining:
            raise ChangedMeanwhileError
        return settle_manually(
            debt_id=debt_id, amount=amount, note=note, actor=Actor.of(admin), now=now, forgiven=forgiven
        )


def recover(*, debt_id: UUID, admin: User) -> None:
    """Have what a creator owes taken back now, by a job. Raises `NothingToRecoverError`."""
    with transaction.atomic():
        debt = Debt.objects.get(pk=debt_id)
        if debt.status != DebtStatus.OPEN:
            raise NothingToRecoverError
        defer(RECOVER_DEBTS, creator_id=debt.creator_id, from_all=True)
        record(
            type="DEBT_RECOVERY_ASKED",
            message="An admin has what is owed taken back now",
            actor=Actor.of(admin),
            creator=debt.creator_id,
            debt=debt.pk,
        )


def ask_stripe(*, payment_id: UUID, admin: User, now: datetime) -> Payment:
    """Write down what Stripe says of a payment's charge now. Raises `NoChargeError`, `ProviderError`."""
    payment = Payment.objects.get(pk=payment_id)
    if not payment.charge_id:
        raise NoChargeError
    found = sync_charge(charge_id=payment.charge_id, now=now) or payment
    record(
        type="CHARGE_ASKED_AGAIN",
        message="An admin asked Stripe for a charge",
        actor=Actor.of(admin),
        booking=payment.booking_id,
        before=f"{payment.status} {payment.refunded_amount}",
        after=f"{found.status} {found.refunded_amount}",
    )
    return found


def send_evidence(*, dispute_id: UUID, admin: User, now: datetime) -> Dispute:
    """Send the evidence that was kept to the bank, for good, and see what Stripe makes of it.

    Raises `DisputeNotOpenError`, `PaymentUnavailableError`.
    """
    dispute = Dispute.objects.select_related("payment").get(pk=dispute_id)
    if not dispute.evidence:
        raise DisputeNotOpenError
    sent = disputes.submit_evidence(
        dispute_id=dispute_id, evidence=dispute.evidence, actor=Actor.of(admin), now=now
    )
    try:
        sync_charge(charge_id=dispute.payment.charge_id, now=now)
    except ProviderError:
        return sent  # it is sent; Stripe's event tells the rest
    sent.refresh_from_db()
    return sent


def retry_restitution(*, restitution_id: UUID, admin: User, now: datetime) -> None:
    """Try a transfer back to a creator again. Raises `MoveNotFailedError`."""
    with transaction.atomic():
        restitution = Restitution.objects.select_for_update().get(pk=restitution_id)
        if restitution.status != MoveStatus.FAILED:
            raise MoveNotFailedError
        disputes.retry_restitution(restitution_id=restitution_id, actor=Actor.of(admin), now=now)


def reconcile_now(*, admin: User, now: datetime) -> None:
    """Have the journal compared with Stripe now, by its job. Raises `ComparisonWaitsError` if one waits already."""
    try:
        with transaction.atomic():
            record(
                type="RECONCILIATION_ASKED",
                message="An admin has the journal compared with Stripe now",
                actor=Actor.of(admin),
            )
            defer(RECONCILE, timestamp=int(now.timestamp()), admin=str(admin.pk))
    except AlreadyEnqueued as error:
        raise ComparisonWaitsError from error

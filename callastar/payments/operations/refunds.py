"""Refunds: claimed on our row first, made at Stripe by a job, recorded as Stripe reports them."""

from uuid import UUID

from django.db import transaction

from callastar.audit.models import Level
from callastar.audit.operations import SYSTEM, Actor, record
from callastar.core.errors import ProviderError
from callastar.core.queue import defer
from callastar.payments.models import Payment, Refund, RefundCause, RefundStatus
from callastar.payments.operations.recording import count_refunds, lock_payment
from callastar.payments.refusals import RefundTooLargeError
from callastar.payments.rules import refund_status
from callastar.providers.stripe import gateway
from callastar.providers.stripe.types import RefundSnapshot

EXECUTE = "payments.execute_refund"
TELL = "bookings.tell_refunded"
_ENDED = (RefundStatus.FAILED, RefundStatus.CANCELED)


def request_full_refund(
    *, payment: Payment, cause: RefundCause, received: int | None = None, actor: Actor = SYSTEM
) -> Refund | None:
    """Give back all that has not been given back yet; None if nothing is left. `payment` is locked by the caller.

    `received` (minor units) says what Stripe took where it is not the payment's amount. The row and its job are part
    of the caller's transaction.
    """
    whole = payment.amount if received is None else received
    promised = sum(refund.amount for refund in payment.refunds.exclude(status__in=_ENDED))
    if promised >= whole:
        return None
    refund = Refund.objects.create(
        payment=payment,
        amount=whole - promised,
        cause=cause,
        actor_kind=actor.kind,
        actor_id=actor.id,
    )
    defer(EXECUTE, refund_id=str(refund.pk))
    record(
        type="REFUND_REQUESTED",
        message=f"Refund of {refund.amount} {payment.currency} requested ({cause})",
        actor=actor,
        booking=payment.booking_id,
        refund=refund.pk,
    )
    return refund


def execute_refund(*, refund_id: UUID) -> Refund:
    """Make the refund at Stripe, exactly once, and record it.

    Raises temporary `ProviderError`s for the job to retry; a permanent one ends as `FAILED`.
    """
    refund = Refund.objects.select_related("payment").get(pk=refund_id)
    if refund.status != RefundStatus.PENDING:
        return refund
    try:
        snapshot = _at_stripe(refund)
    except ProviderError as error:
        if error.is_temporary:
            raise
        return fail_refund(refund_id=refund_id, reason=error.code or error.message)
    return record_refund(snapshot=snapshot) or refund


def _at_stripe(refund: Refund) -> RefundSnapshot:
    if refund.stripe_refund_id:
        return gateway.get_refund(refund_id=refund.stripe_refund_id)
    return gateway.create_refund(
        intent_id=refund.payment.intent_id,
        amount=refund.amount,
        metadata={"refund": str(refund.pk), "booking": str(refund.payment.booking_id)},
        idempotency_key=f"refund-{refund.pk}",
    )


def fail_refund(*, refund_id: UUID, reason: str) -> Refund:
    """Give a refund up that is not made: it waits for somebody to look."""
    with transaction.atomic():
        refund = Refund.objects.select_for_update().get(pk=refund_id)
        if refund.status == RefundStatus.PENDING and not refund.stripe_refund_id:
            refund.status, refund.failure_reason = RefundStatus.FAILED, reason[:120]
            refund.save()
            record(
                type="REFUND_FAILED",
                level=Level.CRITICAL,
                message=f"A refund is not made at Stripe, somebody must look: {reason}",
                refund=refund.pk,
            )
        return refund


def sync_refund(*, stripe_refund_id: str) -> Refund | None:
    """Fetch a refund again and record it."""
    return record_refund(snapshot=gateway.get_refund(refund_id=stripe_refund_id))


def sync_refunds_of_charge(*, charge_id: str) -> list[Refund]:
    """Fetch all refunds of a charge again and record them, also those made at Stripe by hand."""
    found = (record_refund(snapshot=snapshot) for snapshot in gateway.refunds_of_charge(charge_id=charge_id))
    return [refund for refund in found if refund is not None]


def record_refund(*, snapshot: RefundSnapshot) -> Refund | None:
    """Write down what Stripe says of a refund and what the payment has become; None if the payment is not ours."""
    payment_id = (
        Payment.objects.filter(intent_id=snapshot.payment_intent).values_list("pk", flat=True).first()
    )
    if payment_id is None or not snapshot.payment_intent:
        return None
    with transaction.atomic():
        payment = lock_payment(payment_id)
        refund = _row_of(payment, snapshot)
        before = refund.status
        told = refund_status(snapshot.status)
        if told != RefundStatus.PENDING or not refund.stripe_refund_id:
            refund.status = (
                told  # what has ended is not pending again: that was asked before and is told late
            )
        refund.stripe_refund_id = snapshot.id
        refund.failure_reason = snapshot.failure_reason[:120]
        refund.save()
        if payment.paid_at is not None:  # else counted when the news of the payment comes
            count_refunds(payment)
            payment.save(update_fields=["status", "refunded_amount", "updated_at"])
        if refund.status != before:
            _log(refund, payment)
        if refund.status == RefundStatus.SUCCEEDED:
            defer(TELL, refund_id=str(refund.pk))
    return refund


def _row_of(payment: Payment, snapshot: RefundSnapshot) -> Refund:
    ours = payment.refunds.filter(stripe_refund_id=snapshot.id).first()
    if ours is None and (key := snapshot.metadata.get("refund")):
        ours = payment.refunds.filter(pk=key, stripe_refund_id="").first()
    return ours or Refund(payment=payment, amount=snapshot.amount, cause=RefundCause.PROVIDER)


def _log(refund: Refund, payment: Payment) -> None:
    failed = refund.status in _ENDED
    record(
        type=f"REFUND_{refund.status}",
        level=Level.CRITICAL if failed else Level.INFO,
        message=f"Refund of {refund.amount} {payment.currency}: {refund.status}",
        booking=payment.booking_id,
        refund=refund.pk,
        stripe_refund=refund.stripe_refund_id,
    )


def request_refund(
    *, payment: Payment, amount: int, cause: RefundCause, actor: Actor = SYSTEM, reason: str = ""
) -> Refund:
    """Give back `amount` (minor units, above 0) of a payment that the caller has locked.

    The row and its job are part of the caller's transaction. Raises `RefundTooLargeError` for more than what is left
    when refunds that succeeded or are under way are taken off.
    """
    if amount <= 0:
        raise ValueError(f"a refund of {amount}")
    promised = sum(refund.amount for refund in payment.refunds.exclude(status__in=_ENDED))
    if payment.paid_at is None or amount > payment.amount - promised:
        raise RefundTooLargeError
    refund = Refund.objects.create(
        payment=payment,
        amount=amount,
        cause=cause,
        reason=reason[:300],
        actor_kind=actor.kind,
        actor_id=actor.id,
    )
    defer(EXECUTE, refund_id=str(refund.pk))
    record(
        type="REFUND_REQUESTED",
        message=f"Refund of {amount} {payment.currency} requested ({cause})",
        actor=actor,
        booking=payment.booking_id,
        refund=refund.pk,
    )
    return refund

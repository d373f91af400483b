"""Refunds: claimed on our row first, made at Stripe by a job, written down as Stripe reports them."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from callastar.audit.models import Level
from callastar.audit.operations import SYSTEM, Actor, record
from callastar.core.queue import defer
from callastar.ledger.models import Account
from callastar.ledger.queries import payment_sums
from callastar.payments.models import (
    DisputeStatus,
    MoveStatus,
    Payment,
    Refund,
    RefundCause,
    RefundStatus,
)
from callastar.payments.operations import telling
from callastar.payments.operations.names import EXECUTE_REFUND
from callastar.payments.refusals import PaymentDisputedError, RefundTooLargeError
from callastar.payments.rules import later_refund_status, refund_status
from callastar.providers.stripe.types import RefundSnapshot

TELL = "bookings.tell_refunded"
_ENDED = (RefundStatus.FAILED, RefundStatus.CANCELED)
# The money is at the fan's bank. While a bank only asks (`warning_…`), a refund is a good answer.
_AT_THE_BANK = (DisputeStatus.NEEDS_RESPONSE, DisputeStatus.UNDER_REVIEW)


def request_full_refund(
    *, payment: Payment, cause: RefundCause, received: int | None = None, actor: Actor = SYSTEM
) -> Refund | None:
    """Give back all that has not been given back yet; None if nothing is left. `payment` is locked by the caller.

    `received` (minor units) says what Stripe took where it is not the payment's amount. The row and its job are part
    of the caller's transaction.
    """
    whole = payment.amount if received is None else received
    left = whole - _promised(payment)
    return _insert(payment, left, cause, actor, "") if left > 0 else None


def request_refund(
    *, payment: Payment, amount: int, cause: RefundCause, actor: Actor = SYSTEM, reason: str = ""
) -> Refund:
    """Give back `amount` (minor units, above 0) of a payment that the caller has locked.

    The row and its job are part of the caller's transaction. Raises `RefundTooLargeError` for more than what is left
    when what was given back, is under way or was taken by a dispute is taken off, and `PaymentDisputedError` while the
    fan's bank decides.
    """
    if amount <= 0:
        raise ValueError(f"a refund of {amount}")
    if is_at_the_bank(payment):
        raise PaymentDisputedError
    if payment.paid_at is None or amount > refundable(payment):
        raise RefundTooLargeError
    return _insert(payment, amount, cause, actor, reason)


def is_at_the_bank(payment: Payment) -> bool:
    """Whether the fan's bank has the money until it decides; not while it only asks."""
    return payment.disputes.filter(status__in=_AT_THE_BANK).exists()


def refundable(payment: Payment) -> int:
    """What is left to give back, in minor units."""
    return max(0, payment.amount - _promised(payment))


def _promised(payment: Payment) -> int:
    refunds = sum(payment.refunds.exclude(status__in=_ENDED).values_list("amount", flat=True))
    taken = payment.disputes.filter(status__in=(*_AT_THE_BANK, DisputeStatus.LOST), share__isnull=False)
    return refunds + sum(taken.values_list("amount", flat=True))


def _insert(payment: Payment, amount: int, cause: RefundCause, actor: Actor, reason: str) -> Refund:
    refund = Refund.objects.create(
        payment=payment,
        amount=amount,
        cause=cause,
        reason=reason[:300],
        from_platform=_is_out_of_step(payment),
        actor_kind=actor.kind,
        actor_id=actor.id,
    )
    defer(EXECUTE_REFUND, refund_id=str(refund.pk))
    record(
        type="REFUND_REQUESTED",
        message=f"Refund of {amount} {payment.currency} requested ({cause})",
        actor=actor,
        booking=payment.booking_id,
        refund=refund.pk,
    )
    return refund


def _is_out_of_step(payment: Payment) -> bool:
    """Whether the transfer was used otherwise: Stripe would take back another part than the refund's own.

    That is so once a debt or a dispute took from it, once the platform paid a refund itself, and when a refund that was
    taken back from the creator did not reach the fan and is made again.
    """
    came_back = payment.refunds.filter(status__in=_ENDED).exclude(stripe_refund_id="").exists()
    return (
        payment.reversals.exclude(status=MoveStatus.FAILED).exists()
        or payment.refunds.filter(from_platform=True).exclude(status__in=_ENDED).exists()
        or (came_back and payment_sums(payment.pk).get(Account.FAN_FUNDS, 0) < 0)
    )


def fail_refund(*, refund_id: UUID, reason: str, now: datetime) -> Refund:
    """Give a refund up that is not made: it waits for somebody to look, and admins are told."""
    with transaction.atomic():
        refund = Refund.objects.select_for_update(of=("self",)).select_related("payment").get(pk=refund_id)
        if refund.status == RefundStatus.PENDING and not refund.stripe_refund_id:
            refund.status, refund.failure_reason = RefundStatus.FAILED, reason[:120]
            refund.save()
            record(
                type="REFUND_FAILED",
                level=Level.CRITICAL,
                message=f"A refund is not made at Stripe, somebody must look: {reason}",
                refund=refund.pk,
            )
            _tell_admins(refund, now)
        return refund


def note_asked(*, refund_id: UUID, now: datetime) -> None:
    """Stripe is about to be asked to make it, or what became of it: committed before it is."""
    mine = Refund.objects.filter(pk=refund_id)
    mine.filter(first_asked_at=None, stripe_refund_id="").update(first_asked_at=now)
    mine.update(asked_at=now)


def note_unknown(*, refund_id: UUID, reason: str, now: datetime) -> Refund:
    """Stripe does not answer for a refund that it had made: admins are told, once; it stays as it is."""
    with transaction.atomic():
        refund = Refund.objects.select_for_update(of=("self",)).select_related("payment").get(pk=refund_id)
        if refund.status == RefundStatus.PENDING and refund.refused_at is None:
            refund.refused_at, refund.failure_reason = now, reason[:120]
            refund.save()
            _tell_admins(refund, now, attempt="unknown")
        return refund


def pay_it_ourselves(*, refund_id: UUID, reason: str) -> None:
    """The creator's account cannot give it back: the fan is refunded all the same, from the platform's balance."""
    with transaction.atomic():
        refund = Refund.objects.select_for_update().get(pk=refund_id)
        if refund.status == RefundStatus.PENDING and not refund.stripe_refund_id and not refund.from_platform:
            refund.from_platform = True
            refund.save(update_fields=["from_platform", "updated_at"])
            record(
                type="REFUND_FROM_PLATFORM",
                level=Level.WARNING,
                message=f"The creator's account cannot give a refund back, the platform pays it: {reason}",
                refund=refund.pk,
            )


def record_refund(*, payment: Payment, snapshot: RefundSnapshot, has_transfer: bool, now: datetime) -> Refund:
    """Write down what Stripe says of a refund of a locked payment, also of one that was made at Stripe by hand."""
    refund = _row_of(payment, snapshot)
    before = refund.status if not refund._state.adding else ""
    told = refund_status(snapshot.status)
    # Of one that was given up here and is at Stripe after all, Stripe knows better.
    refund.status = later_refund_status(refund.status, told) if refund.stripe_refund_id else told
    refund.stripe_refund_id, refund.refused_at = snapshot.id, None
    if refund.status not in _ENDED or snapshot.failure_reason:
        refund.failure_reason = snapshot.failure_reason[:120]
    refund.from_platform = refund.from_platform or (has_transfer and not snapshot.transfer_reversal)
    refund.save()
    if refund.status != before:
        _log(refund, payment)
        if refund.status == RefundStatus.SUCCEEDED:
            defer(TELL, refund_id=str(refund.pk))
        elif refund.status in _ENDED:
            _tell_admins(refund, now, attempt=snapshot.id)  # it may have been given up here before
    return refund


def _tell_admins(refund: Refund, now: datetime, *, attempt: str = "") -> None:
    reason = refund.failure_reason or refund.get_status_display()
    telling.move_failed(
        refund.payment, what="refund", key=str(refund.pk), attempt=attempt, reason=str(reason), now=now
    )


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

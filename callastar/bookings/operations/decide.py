"""An admin decides what became of a call and what its fan gets back: that is final."""

from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction

from callastar.accounts.models import User
from callastar.audit.models import Level
from callastar.audit.operations import Actor, record
from callastar.bookings import outcome_telling
from callastar.bookings.models import Booking, BookingStatus, Outcome
from callastar.bookings.operations.settle import lock_rows
from callastar.bookings.refusals import OutcomeChangedError, OutcomeDecidedError, OutcomeNotKnownError
from callastar.live.operations import publish_booking
from callastar.payments.models import Payment, RefundCause
from callastar.payments.operations.refunds import refundable, request_refund
from callastar.payments.refusals import NoteMissingError

LONGEST_REASON = 2000  # characters


def decide_outcome(
    *,
    booking_id: UUID,
    admin: User,
    outcome: Outcome,
    refund: int,
    reason: str,
    now: datetime,
    expected_outcome: str | None = None,
    expected_left: int | None = None,
) -> Booking:
    """Set the outcome, give `refund` (minor units, 0 for nothing) back and let the rest be paid out in its time.

    Answers every open contest with `reason`, which both sides read. `expected_outcome` and `expected_left` (minor
    units that could be given back) are what the admin was shown. Raises `OutcomeNotKnownError` before the booking is
    completed, `OutcomeDecidedError` once the outcome is final, `OutcomeChangedError` if something else was expected,
    `NoteMissingError` without a reason, and what `request_refund` raises; nothing has changed then.
    """
    said = reason.strip()[:LONGEST_REASON]
    if not said:
        raise NoteMissingError
    with transaction.atomic(durable=True):
        _offer, booking, payment = lock_rows(booking_id)
        if booking.status != BookingStatus.COMPLETED:
            raise OutcomeNotKnownError
        if booking.outcome_final_at is not None:
            raise OutcomeDecidedError
        if expected_outcome is not None and expected_outcome != booking.outcome:
            raise OutcomeChangedError
        if expected_left is not None and expected_left != refundable(payment):
            raise OutcomeChangedError
        actor, before = Actor.of(admin), booking.outcome
        if refund:
            request_refund(
                payment=payment, amount=refund, cause=RefundCause.OUTCOME, actor=actor, reason=said
            )
        _decide(booking, outcome, admin, now)
        _let_out(booking, payment, now)
        open_contests = booking.contests.filter(decided_at=None)
        answered = open_contests.update(decided_at=now, decided_by=admin.pk, answer=said)
        record(
            type="OUTCOME_DECIDED",
            level=Level.WARNING,
            message=f"An admin decided about a call: {before or 'not judged'} → {outcome}, {refund} given back",
            actor=actor,
            booking=booking.pk,
            before=before,
            after=outcome.value,
            refund=refund,
            currency=payment.currency,
            contests=answered,
            reason=said,
        )
        outcome_telling.decided(booking=booking, payment=payment, reason=said, now=now)
        publish_booking(booking_id=booking.pk, status=booking.status)
    return booking


def _decide(booking: Booking, outcome: Outcome, admin: User, now: datetime) -> None:
    booking.outcome, booking.outcome_by = outcome, admin.pk
    booking.outcome_at = booking.outcome_final_at = now
    booking.refund_due_at = None
    booking.save(update_fields=["outcome", "outcome_by", "outcome_at", "outcome_final_at", "refund_due_at"])


def _let_out(booking: Booking, payment: Payment, now: datetime) -> None:
    """What stays the creator's may leave after the holding time: nobody can object any more."""
    if payment.call_settled_at is None:
        payment.call_settled_at = now
        payment.payout_release_date = max(booking.ends_at + settings.PAYOUT_HOLDING, now)
        payment.save(update_fields=["call_settled_at", "payout_release_date", "updated_at"])
